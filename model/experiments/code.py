"""Which code plays: runs of different code may not compare."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.bounds import shown
from model.records.provenance import git_commit, machine, versions


def code_here(plugins: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """What plays the runs: versions of the packages, machine, commit of the checkout, and files with strategies."""
    return {
        "versions": versions(),
        "machine": machine(),
        "git_commit": git_commit(),
        "plugins": [dict(plugin) for plugin in plugins],
    }


def code_difference(then: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """First thing in which two answers of `code_here` differ, in words; empty if there is none."""
    before, now = ({**code["versions"], **code} for code in (then, here))
    for name in now:
        if name not in ("versions", "machine") and before.get(name) != now[name]:
            return f"{name} {shown(before.get(name))} there and {shown(now[name])} here"
    return ""
