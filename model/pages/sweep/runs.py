"""The sweeps of this machine: their folders, and the processes of their own that play them.

All lie side by side in one folder, `data/runs` below the one that the server was started in, unless the environment
variable SANDBOX_RUNS names another. Sweeps that the command line put there are among them; nothing outside can be
opened.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model import CHECKOUT
from model.bounds import shown
from model.experiments.battery.battery import default_workers
from model.experiments.lock import holder
from model.experiments.sweeps.spec import spec_file
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store import parts
from model.experiments.sweeps.store.folder import LEDGER_FILE, LOCK_FILE, ask_to_cancel, is_store
from model.experiments.sweeps.store.ledger import RUNNING, StoreError
from model.experiments.sweeps.store.status import CANCELLED, FINISHED, STOPPED, Status
from model.experiments.sweeps.store.store import Store
from model.pages.limits import MOST_RUNNING, MOST_SWEEPS, check_sweep
from model.scenario import scenario_file

ROOT_VARIABLE, RUNS = "SANDBOX_RUNS", "data/runs"
ASKED_FOLDER, SPEC_FILE, SAID_FILE = ".asked", "spec.toml", "said.txt"  # what a process is given, and what it says
NICENESS = 5  # pages go first
LAST_WORDS_BYTES = 4_000
STARTING, FAILED = "starting", "failed"
NAME = re.compile(r"[a-z0-9-]{1,60}")

_started: dict[Path, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is to be seen of a sweep from outside.

    state : starting, running, finished, cancelled, stopped, or failed before anything was on record
    status : how far it is; None before anything is on record
    trouble : why its process gave up, as it said itself; empty if it didn't
    """

    state: str
    status: Status | None
    trouble: str

    @property
    def busy(self) -> bool:
        """Whether a process is at work on it."""
        return self.state in (STARTING, RUNNING)


def root() -> Path:
    """Folder of all sweeps."""
    return Path(os.environ.get(ROOT_VARIABLE) or RUNS).absolute()


def shown_folder(name: str) -> str:
    """Folder of a sweep as it is typed in the folder that the server was started in."""
    folder = root() / name
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def names() -> list[str]:
    """Sweeps that are on record or about to be, the one that changed last first."""
    held = {folder.name: (folder / LEDGER_FILE).stat().st_mtime_ns for folder in _folders()}
    begun = [folder.name for folder, process in _started.items() if folder.parent == root() and process.poll() is None]
    newest = sorted(held, key=lambda name: held[name], reverse=True)
    return list(dict.fromkeys([*(name for name in begun if name not in held), *newest]))[:MOST_SWEEPS]


def folder_of(name: str) -> Path:
    """Folder of the sweep of this name, which may come from a stranger.

    Raises
    ------
    ValueError
        If there is no such sweep, or its folder leads out of the folder of all sweeps.
    """
    if name not in names():
        raise ValueError(f"no sweep {shown(name)} in the folder of sweeps")
    folder = root() / name
    entries = [folder, *folder.glob("*"), *folder.glob(f"{parts.FOLDER}/*")]
    if linked := next((entry for entry in entries if entry.is_symlink()), None):
        raise ValueError(f"the sweep {name} cannot be opened: {linked.name} is a link, which may lead anywhere")
    return folder


@contextmanager
def _named_from_root() -> Iterator[None]:
    """Errors inside name files from the folder of all sweeps on, and not where that lies on this machine."""
    try:
        yield
    except StoreError as error:
        raise StoreError(str(error).replace(f"{root()}{os.sep}", "")) from error


@contextmanager
def opened(name: str) -> Iterator[Store]:
    """The sweep of this name, to be read."""
    with _named_from_root(), Store.open(folder_of(name), read_only=True) as store:
        yield store


def free_name(wanted: str) -> str:
    """Name like this one that no sweep has yet."""
    stem = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:50] or "sweep"
    taken = {entry.name for place in (root(), root() / ASKED_FOLDER) if place.is_dir() for entry in place.iterdir()}
    numbers = range(2, len(taken) + 3)
    return next(name for name in (stem, *(f"{stem}-{number}" for number in numbers)) if name not in taken)


def start(spec: Spec, name: str) -> None:
    """Have a process of its own play the sweep in a new folder of that name.

    Raises
    ------
    ValueError
        If the name is not one or is taken, too many sweeps run, or nothing can be written.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"name must be 1 to 60 lower-case letters, digits and hyphens, is {shown(name)}")
    if (root() / name).exists():
        raise ValueError(f"name must be new, there is a sweep {name!r} already")
    if (n_kept := len(names())) >= MOST_SWEEPS:
        raise ValueError(
            f"sweeps in the folder {shown_folder('')} must be < {MOST_SWEEPS}, are {n_kept}: take some out"
        )
    check_own(spec)
    _launch(spec, name)


def resume(name: str) -> None:
    """Have a process of its own go on with the sweep.

    Raises
    ------
    ValueError
        If it can't be opened, too many sweeps run, or nothing can be written.
    """
    if look(name).busy:
        raise ValueError(f"the sweep {name} is running already")
    with opened(name) as store:
        spec = store.spec
    check_own(spec)
    _launch(spec, name, "--resume")


@_named_from_root()
def cancel(name: str) -> None:
    """Ask whoever plays the sweep to stop; all runs that have ended stay on record."""
    folder = folder_of(name)
    if is_store(folder):
        ask_to_cancel(folder)
    process = _started.get(folder)
    if process and process.poll() is None:  # one that has not begun yet does not look at files
        process.send_signal(signal.SIGTERM)


@_named_from_root()
def look(name: str) -> Look:
    """What is to be seen of a sweep now; reading it never disturbs who plays it.

    Raises
    ------
    ValueError
        If it can't be opened.
    """
    process = _started.get(root() / name)
    folder = root() / name if process else folder_of(name)
    code = process.poll() if process else None
    alive = process is not None and code is None
    if not is_store(folder):
        cancelled = code == -signal.SIGTERM
        state = STARTING if alive else CANCELLED if cancelled else FAILED
        return Look(state=state, status=None, trouble="" if alive or cancelled else _last_words(name, code))
    with opened(name) as store:
        status = store.status()
    if alive and status.state not in (RUNNING, FINISHED):
        return Look(state=STARTING, status=status, trouble="")
    if status.state == STOPPED and code == -signal.SIGTERM:
        return Look(state=CANCELLED, status=status, trouble="")
    trouble = _last_words(name, code) if status.state == STOPPED else ""
    return Look(state=status.state, status=status, trouble=trouble)


def check_own(spec: Spec) -> None:
    """Pass if the sweep's scenario comes with the sandbox, as a path could name any file, and it is not too large."""
    if spec.scenario not in scenario_file.shipped():
        known = ", ".join(scenario_file.shipped())
        raise ValueError(
            f"scenario must be one that comes with the sandbox ({known}), is {shown(spec.scenario)}; play a sweep of "
            "another by the command sandbox sweep"
        )
    check_sweep(spec)


def _launch(spec: Spec, name: str, *options: str) -> None:
    if (n_running := _n_running()) >= MOST_RUNNING:
        raise ValueError(f"{n_running} sweeps are running already: wait until one has ended, or cancel one")
    asked = root() / ASKED_FOLDER / name
    # Relative to where it starts: what is on record then names no folder of this machine.
    command = [sys.executable, "-m", "model.cli", "sweep", SPEC_FILE, "--out", f"../../{name}"]
    command += ["--workers", str(default_workers()), *options]
    try:
        asked.mkdir(parents=True, exist_ok=bool(options))
        (asked / SPEC_FILE).write_text(spec_file.dumps(spec), "utf-8")
        _started[root() / name] = _begin(command, asked)
    except FileExistsError:
        raise ValueError(f"name must be new, somebody has just asked for a sweep {name!r}") from None
    except OSError as error:
        raise ValueError(f"the sweep {name} can't be started: {error.strerror or error}") from error


def _begin(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Process of its own in that folder, which goes on when this one ends; what it says goes to a file there."""
    with (folder / SAID_FILE).open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    os.setpriority(os.PRIO_PGRP, process.pid, NICENESS)
    return process


def _n_running() -> int:
    locked = {folder for folder in _folders() if holder(folder / LOCK_FILE)}
    return len(locked | {folder for folder, process in _started.items() if process.poll() is None})


def _folders() -> Iterator[Path]:
    """Folders of sweeps that are on record."""
    for folder in root().iterdir() if root().is_dir() else ():
        hidden = folder.name.startswith(".") or folder.is_symlink() or not folder.name.isprintable()
        if not hidden and (folder / LEDGER_FILE).is_file():
            yield folder


def _last_words(name: str, code: int | None) -> str:
    """Why the process of a sweep gave up, as it said itself; empty if it did not say."""
    try:
        said = (root() / ASKED_FOLDER / name / SAID_FILE).read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace")
    except OSError:
        said = ""
    words = [line.removeprefix("sandbox: ") for line in said.splitlines() if line.startswith("sandbox: ")]
    if words:
        return words[-1].replace("../../", "")
    return f"its process was ended by signal {-code}" if code is not None and code < 0 else ""
