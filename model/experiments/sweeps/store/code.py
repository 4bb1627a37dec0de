"""Which code plays a sweep: runs of different code may not compare."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.bounds import shown
from model.experiments.sweeps.store.ledger import StoreError
from model.records.provenance import git_commit, machine, versions


def code_here(plugins: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """What plays the runs: versions of the packages, machine, commit of the checkout, and files with strategies."""
    return {
        "versions": versions(),
        "machine": machine(),
        "git_commit": git_commit(),
        "plugins": [dict(plugin) for plugin in plugins],
    }


def check_code(folder: Path, then: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Pass if the sweep in `folder` was begun with this very code; otherwise a StoreError that names a difference.

    The machine may be another: runs are the same on all.
    """
    if difference := code_difference(then, here):
        raise StoreError(
            f"{folder} was begun with other code, {difference}: runs of both may not compare; "
            "go on with --accept-version, or name another folder"
        )


def code_difference(then: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """First thing in which two answers of `code_here` differ, in words; empty if there is none."""
    before, now = ({**code["versions"], **code} for code in (then, here))
    for name in now:
        if name not in ("versions", "machine") and before.get(name) != now[name]:
            return f"{name} {shown(before.get(name))} there and {shown(now[name])} here"
    return ""
