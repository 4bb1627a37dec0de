"""What holds for the tests of every folder."""

import signal

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are drawn says how busy the machine is, not whether the code is right.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# What a shell starts in the background is deaf to interrupts, and so is what that starts: tests that interrupt would
# wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in this same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser's tests in one process, where they share a server and a browser."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
