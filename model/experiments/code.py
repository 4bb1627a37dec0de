"""Which code plays: runs of different code may not compare."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.bounds import shown
from model.records.provenance import git_commit, machine, sources_sha256, versions


def code_here(plugins: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """What plays the runs: versions of the packages, machine, the code itself and its commit, files with strategies."""
    return {
        "versions": versions(),
        "machine": machine(),
        "sources_sha256": sources_sha256(),
        "git_commit": git_commit(),
        "plugins": [dict(plugin) for plugin in plugins],
    }


def code_difference(then: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """First thing in which two answers of `code_here` differ, in words; empty if there is none.

    The source files decide, not the commit: that changes with any file. It speaks for a sweep from before there was
    `sources_sha256`, if git was there both times. A file with strategies may have another name.
    """
    before, now = ({**code["versions"], **code} for code in (then, here))
    passed = {"versions", "machine", "git_commit" if before.get("sources_sha256") else "sources_sha256"}
    for name in now:
        there, this = before.get(name), now[name]
        same = _sha256(there) == _sha256(this) if name == "plugins" else there == this
        if same or name in passed or (name == "git_commit" and None in (there, this)):
            continue
        return f"{name} {shown(there)} there and {shown(this)} here"
    return ""


def _sha256(plugins: Sequence[Mapping[str, str]] | None) -> list[str]:
    return sorted(plugin["sha256"] for plugin in plugins or ())
