"""Where a table comes from: the run's inputs, the versions that computed it, the commit of the checkout."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from model import CHECKOUT

PACKAGES = ("numpy", "mesa", "pandas", "subnet-sandbox")
GIT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What it takes to compute an export again. It holds no time of day: same run, same bytes."""

    scenario_name: str
    scenario_digest: str
    seed: int
    epochs: int
    command: str  # command line that made the export, or the page that offered it
    interventions: tuple[Mapping[str, Any], ...] = ()  # in the order they were applied
    plugins: tuple[Mapping[str, str], ...] = ()  # name and SHA-256 of each file that brought strategies

    def to_json(self, file_sha256: Mapping[str, str]) -> bytes:
        """Text of `manifest.json`: these facts, versions, commit, and the SHA-256 of each file beside it.

        Raises
        ------
        ValueError
            If an intervention holds what JSON cannot say, such as an infinite number.
        """
        facts = {
            "scenario_name": self.scenario_name,
            "scenario_digest": self.scenario_digest,
            "seed": self.seed,
            "epochs": self.epochs,
            "interventions": [dict(intervention) for intervention in self.interventions],
            "plugins": [dict(plugin) for plugin in self.plugins],
            "command": self.command,
            "versions": versions(),
            "git_commit": git_commit(),
            "files": {name: {"sha256": file_sha256[name]} for name in sorted(file_sha256)},
        }
        try:
            text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
        except TypeError as error:
            raise ValueError(f"interventions must be JSON values, are {self.interventions}") from error
        return (text + "\n").encode()


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose arithmetic ends up in a table, by name."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def git_commit(checkout: Path = CHECKOUT) -> str | None:
    """Commit of the checkout the code runs from, ending in "-dirty" when files differ; None without one.

    Only a repository whose top is the checkout counts: an installed copy may lie inside somebody else's.
    """
    if not (checkout / ".git").exists():
        return None
    command = ["git", "--no-optional-locks", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    # Variables such as GIT_DIR, set inside a hook, would point to another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        answer = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
