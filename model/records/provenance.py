"""Where a table comes from: the run's inputs, the versions and the machine that computed it, the checkout's commit."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy._core import _multiarray_umath as numpy_core  # type: ignore[attr-defined]

from model import CHECKOUT
from model.bounds import shown

LIBRARIES = ("numpy", "scipy", "mesa", "pandas")
PACKAGES = (*LIBRARIES, "subnet-sandbox")
GIT_SECONDS = 10
CODE, SOURCES = ("agents", "ext", "model"), (".py", ".pyx", ".pxd", ".h")

# How what it states came to its end: all epochs were played, some were left, or the next one could not be played.
FINISHED, STOPPED, BROKEN = "finished", "stopped", "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What it takes to compute an export again. It holds no time of day: same run on the same machine, same bytes.

    On another machine `machine` alone may differ: the files beside it are the same.
    """

    scenario_name: str
    scenario_digest: str
    seed: int
    epochs: int
    command: str  # command line that made the export, or the page that offered it
    interventions: tuple[Mapping[str, Any], ...] = ()  # in the order they were applied
    plugins: tuple[Mapping[str, str], ...] = ()  # name and SHA-256 of each file of a user's own code
    status: str = FINISHED

    def to_json(self, file_sha256: Mapping[str, str]) -> bytes:
        """Text of `manifest.json`: these facts, versions, commit, and the SHA-256 of each file beside it.

        Raises
        ------
        ValueError
            As `check`.
        """
        self.check()
        facts = self._given() | {
            "versions": versions(),
            "machine": machine(),
            "git_commit": git_commit(),
            "files": {name: {"sha256": file_sha256[name]} for name in sorted(file_sha256)},
        }
        return (json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()

    def check(self) -> None:
        """Raise ValueError if a fact holds what JSON cannot say, such as an infinite number or half a character."""
        for name, fact in self._given().items():
            try:
                json.dumps(fact, ensure_ascii=False, allow_nan=False).encode()
            except (TypeError, ValueError) as error:
                rule = "must be finite numbers and texts in UTF-8"
                raise ValueError(f"{name} in the manifest {rule}, is {shown(fact)}") from error

    def _given(self) -> dict[str, Any]:
        return {
            "scenario_name": self.scenario_name,
            "scenario_digest": self.scenario_digest,
            "seed": self.seed,
            "epochs": self.epochs,
            "status": self.status,
            "interventions": [dict(intervention) for intervention in self.interventions],
            "plugins": [dict(plugin) for plugin in self.plugins],
            "command": self.command,
        }


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose arithmetic ends up in a table, by name."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def machine() -> dict[str, str]:
    """What arithmetic ran on: architecture, level of the processor, library of matrix products, and C library.

    Tables do not depend on the level, the products or the C library: `tests/same_bytes.py` compares them. Regressions
    and intervals of a sweep's analysis may, in their last digits.
    """
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "architecture": platform.machine(),
        "processor_level": _processor_level(),
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "blas_core": os.environ.get("OPENBLAS_CORETYPE", "the library's choice"),
        "c_library": " ".join(platform.libc_ver()).strip() or "unknown",
    }


def _processor_level() -> str:
    """Highest x86-64 level that NumPy finds and uses, v4 being AVX-512 and v3 AVX2; elsewhere the architecture."""
    feature = numpy_core.__cpu_features__
    if not feature.get("SSE2"):
        return platform.machine()
    if feature.get("AVX512_SKX") or feature.get("X86_V4"):
        return "x86-64-v4"
    if feature.get("AVX2") and feature.get("FMA3"):
        return "x86-64-v3"
    return "x86-64-v2" if feature.get("SSE42") else "x86-64"


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
            command,
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            start_new_session=True,  # Ctrl-C goes to all processes of a session's group
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def sources_sha256(root: Path = CHECKOUT) -> str:
    """SHA-256 over the names and the bytes of the source files of the packages below `root`: the code that plays."""
    found = (path for package in CODE for path in (root / package).rglob("*"))
    files = [path for path in found if path.suffix in SOURCES and path.is_file()]
    sha256 = hashlib.sha256()
    for path in sorted(files):
        sha256.update(f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return sha256.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
