"""How long an epoch of the whole economy takes, with all phases and default recording; and what a run weighs."""

import subprocess
import sys

import pytest

from model.economy import Economy
from model.experiments.runs.run import run
from model.scenario.scenario_file import find, with_values

KIB_PER_MIB = 1024


def stepped(scenario):
    """Economy past its first epochs, in which everybody starts."""
    economy = Economy(scenario)
    for _ in range(5):
        economy.step()
    return economy


@pytest.mark.parametrize(
    ("name", "limit_ms"), [("speed-or-quality", 5.0), ("full-network", 100.0)], ids=lambda value: str(value)
)
def test_one_epoch_of_the_economy(benchmark, name, limit_ms):
    economy = stepped(name)
    benchmark.extra_info |= {"figure": f"Economy.step(), {name}", "limit_ms": limit_ms}
    benchmark.pedantic(economy.step, rounds=40 if limit_ms > 50 else 200)
    assert economy.epoch > 40


@pytest.mark.parametrize("n_subnets", [16, 32, 64, 128])
def test_epoch_by_number_of_subnets(benchmark, n_subnets):
    economy = stepped(
        with_values(find("full-network"), {"subnets.count": n_subnets, "validators.root_stake_tao": 10_000.0})
    )
    benchmark.extra_info |= {"line": "Economy.step() by subnets", "size": n_subnets}
    benchmark.pedantic(economy.step, rounds=15)


@pytest.mark.parametrize("n_epochs", [50, 100, 200, 400])
def test_run_by_number_of_epochs(benchmark, n_epochs):
    scenario = with_values(find("speed-or-quality"), {"epochs": n_epochs})
    benchmark.extra_info |= {"line": "run by epochs", "size": n_epochs}
    benchmark.pedantic(run, args=(scenario,), rounds=2)


@pytest.mark.parametrize("n_epochs", [100, 1000])
def test_memory_of_the_full_network(benchmark, n_epochs):
    program = (
        "from pathlib import Path; from model.experiments.runs.run import run; "
        "from model.scenario.scenario_file import find, with_values; "
        f"run(with_values(find('full-network'), {{'epochs': {n_epochs}}})); "
        # Not getrusage: what that calls the peak may be the one of the process that started this one.
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )

    def peak_mib():
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return int(answer.stdout) / KIB_PER_MIB

    peak = benchmark.pedantic(peak_mib, rounds=1)
    benchmark.extra_info |= {
        "figure": f"full-network, {n_epochs} epochs, peak memory",
        "peak_mib": peak,
        "limit_mib": 1024,
    }
    assert 0 < peak < 4096
