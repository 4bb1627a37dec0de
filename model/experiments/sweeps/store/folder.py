"""The files of a sweep's folder, and the one sentence when they can't be used."""

import errno
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from model.bounds import error_text
from model.experiments.code import code_difference
from model.experiments.lock import Lock, holder
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.spec.spec_file import spec_of
from model.experiments.sweeps.store import parts
from model.experiments.sweeps.store.ledger import SCHEMA_VERSION, Ledger, StoreError

LEDGER_FILE, LOCK_FILE, CANCEL_FILE, SPEC_FILE = "ledger.sqlite", "lock", "cancel", "spec.toml"
# What a process leaves that was killed before its sweep was on record.
UNBORN = {LEDGER_FILE, f"{LEDGER_FILE}-wal", f"{LEDGER_FILE}-shm", LOCK_FILE, parts.FOLDER}


@contextmanager
def store_errors(folder: Path) -> Iterator[None]:
    """Errors of the disk and of SQLite inside become a StoreError: one sentence that says what is safe."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise _full(folder) from error
        raise StoreError(f"{error.filename or folder} cannot be used: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:
        if "no such" in str(error):  # table or column
            raise _damaged(folder, str(error)) from error
        if "full" in str(error) or "disk I/O" in str(error):
            raise _full(folder) from error
        raise StoreError(f"{folder / LEDGER_FILE} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(folder, str(error)) from error


def check_code(folder: Path, then: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Pass if the sweep in `folder` was begun with this very code; otherwise a StoreError that names a difference.

    The machine may be another: runs are the same on all.
    """
    if difference := code_difference(then, here):
        raise StoreError(
            f"{folder} was begun with other code, {difference}: runs of both may not compare; "
            "go on with --accept-version, or name another folder"
        )


def is_store(folder: Path) -> bool:
    """Whether a sweep is on record in `folder`, sound or damaged."""
    path = folder / LEDGER_FILE
    with store_errors(folder):
        if not path.is_file() or not path.stat().st_size:
            return False
        try:
            ledger = Ledger(path, read_only=True)
        except sqlite3.OperationalError:
            return True
        try:
            return ledger.version() > 0
        except sqlite3.DatabaseError:
            return True
        finally:
            ledger.close()


def check_empty(folder: Path) -> None:
    """Pass if a new sweep may begin in `folder`; otherwise a StoreError."""
    with store_errors(folder):
        if folder.exists() and not folder.is_dir():
            raise StoreError(f"--out must name a folder, is the file {folder}")
        held = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    if is_store(folder):
        raise StoreError(f"{folder} holds a sweep already: go on with it by --resume, or name another folder")
    if not held <= UNBORN:
        raise StoreError(f"--out must name a new or empty folder, is {folder}, which holds {len(held)} entries")


def locked(folder: Path) -> Lock:
    """Lock of `folder`, held by this process; a StoreError that names the process if another one has it."""
    try:
        return Lock(folder / LOCK_FILE)
    except BlockingIOError as error:
        pid = holder(folder / LOCK_FILE)
        raise StoreError(
            f"{folder} is in use by process {pid}: wait for it, or stop it with sandbox cancel {folder}"
        ) from error


def sound(folder: Path, *, read_only: bool) -> Ledger:
    """Ledger of the sweep in `folder`, checked from end to end if it is to be written to."""
    ledger = Ledger(folder / LEDGER_FILE, read_only=read_only)
    try:
        if (version := ledger.version()) != SCHEMA_VERSION:
            raise StoreError(
                f"{folder} holds a sweep of another version of the sandbox: its ledger has version {version}, "
                f"this one reads {SCHEMA_VERSION}; nothing was changed, the version that began it can go on with it"
            )
        if not read_only and (damage := ledger.damage()):
            raise _damaged(folder, damage)
    except BaseException:
        ledger.close()
        raise
    return ledger


def on_record(folder: Path, ledger: Ledger) -> tuple[dict[str, str], Spec]:
    """Facts and spec of the sweep in `folder`; a StoreError if they make no sense, or the runs are not of that spec."""
    with ledger.snapshot():
        facts, numbers = ledger.facts(), ledger.numbers()
    try:
        spec = spec_of(json.loads(facts["spec"]))
        for name in ("code", "command", "digest", "scenario"):
            facts[name]
        json.loads(facts["code"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _damaged(folder, f"what it says of the sweep makes no sense: {error_text(error)}") from error
    if numbers != (spec.n_runs, spec.n_runs - 1):
        raise _damaged(folder, f"its spec has {spec.n_runs:,} runs, it has {numbers[0]:,} up to number {numbers[1]:,}")
    return facts, spec


def write_spec(folder: Path, spec: Spec) -> None:
    """Write what the sweep asks, for people; the ledger has it for the machine."""
    written = folder / f"{SPEC_FILE}.tmp"
    written.write_text(tomli_w.dumps(spec.to_tree()), "utf-8")
    os.replace(written, folder / SPEC_FILE)


def ask_to_cancel(folder: Path) -> bool:
    """Whether a process runs the sweep in `folder` and was asked to stop."""
    if not is_store(folder):
        raise StoreError(f"{folder} holds no sweep")
    with store_errors(folder):
        if not holder(folder / LOCK_FILE):
            return False
        (folder / CANCEL_FILE).touch()
        return True


def _full(folder: Path) -> StoreError:
    return StoreError(f"the disk of {folder} is full; all runs on record are safe: make room and go on by --resume")


def _damaged(folder: Path, how: str) -> StoreError:
    return StoreError(
        f"{folder / LEDGER_FILE} is damaged ({' '.join(how.split())}); nothing was changed: put back a copy of it, "
        f"or name another folder. Runs filed in {folder / parts.FOLDER} can still be read as Parquet"
    )
