"""Whether the packages of common names that are found are this project's own."""

import importlib

PROJECT = "subnet-sandbox"  # model/__init__.py may be the other project's
NAMES = ("model", "agents", "ext")


def check() -> None:
    """Pass if all packages belong to this project: another project's may have been put over them or in front of them.

    Raises
    ------
    ImportError
        If one does not; the sentence says where it lies.
    """
    for name in NAMES:
        package = importlib.import_module(name)
        if getattr(package, "PROJECT", None) != PROJECT:
            raise ImportError(
                f"the package {name} at {next(iter(package.__path__), None)} is another project's and hides the one of "
                f"{PROJECT}: install {PROJECT} in an environment of its own, and take other folders off PYTHONPATH"
            )
