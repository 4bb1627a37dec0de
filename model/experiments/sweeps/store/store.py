"""The folder of a sweep: everything it was asked, every run as it ended, and nothing that a kill could take away.

`ledger.sqlite` has what was asked, how far each run is, and results until they are filed away in `parts/`, in columns
and a thousand runs to a file. `spec.toml` says what was asked, for people; `lock` holds who writes to the folder, and
`cancel` is the wish that it stops.
"""

import json
import math
import os
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pandas as pd

from model.experiments.code import code_here
from model.experiments.lock import Lock, holder
from model.experiments.sweeps.spec.points import Point, key_of, order, points
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store import filing, parts, tables
from model.experiments.sweeps.store.endings import OK, Ended
from model.experiments.sweeps.store.extension import check_common, no_extension
from model.experiments.sweeps.store.folder import (
    CANCEL_FILE,
    LEDGER_FILE,
    LOCK_FILE,
    check_code,
    check_empty,
    is_store,
    locked,
    on_record,
    sound,
    store_errors,
    write_spec,
)
from model.experiments.sweeps.store.ledger import PENDING, Ledger, StoreError
from model.experiments.sweeps.store.series import Series
from model.experiments.sweeps.store.status import RATE_SECONDS, Status, status_of

PART_RUNS = 1_000


class Store:
    """A sweep's folder, opened by `create` or `open`; a context manager that closes it.

    Its methods raise StoreError if the folder's files are missing or damaged, or the disk is full.
    """

    def __init__(self, folder: Path, ledger: Ledger, lock: Lock | None) -> None:
        self.folder = folder
        self._ledger = ledger
        self._lock = lock
        self._facts, self.spec = on_record(folder, ledger)
        self._n_held = ledger.n_held()

    @classmethod
    def create(
        cls,
        folder: Path,
        spec: Spec,
        *,
        command: str = "",
        scenario: str = "",
        plugins: Sequence[Mapping[str, str]] = (),
    ) -> Self:
        """Store of a new sweep in a new or empty folder, locked for this process.

        Parameters
        ----------
        command : str
            Command line that asked for it.
        scenario : str
            The base scenario as TOML.
        plugins : sequence of mapping
            Name and SHA-256 of each file that brought strategies.

        Raises
        ------
        StoreError
            If the folder holds anything, is in use or can't be written.
        """
        check_empty(folder)
        with store_errors(folder):
            (folder / parts.FOLDER).mkdir(parents=True, exist_ok=True)
            lock = locked(folder)
            try:
                check_empty(folder)  # somebody may have been quicker
                ledger = Ledger(folder / LEDGER_FILE, read_only=False)
                facts = {
                    "command": command,
                    "scenario": scenario,
                    "code": json.dumps(code_here(plugins)),
                    **_spoken(spec),
                }
                with ledger.transaction():
                    ledger.found(facts, _rows(spec))
                write_spec(folder, spec)
                return cls(folder, ledger, lock)
            except BaseException:
                lock.release()
                raise

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        read_only: bool = False,
        accept_version: bool = False,
        replay_lost: bool = False,
        plugins: Sequence[Mapping[str, str]] = (),
    ) -> Self:
        """Store of the sweep in `folder`; to go on with it, or read-only while another process may be writing.

        Parameters
        ----------
        accept_version : bool
            Go on although the code is not the one that the sweep began with.
        replay_lost : bool
            Play the runs again whose results lay in parts that are missing or damaged.
        plugins : sequence of mapping
            As in `create`.

        Raises
        ------
        StoreError
            If there is no sweep, it is damaged, in use by another process, or was begun with other code.
        """
        if not is_store(folder):
            raise StoreError(f"{folder} holds no sweep")
        if read_only:
            with store_errors(folder):
                return cls(folder, sound(folder, read_only=True), None)
        with store_errors(folder):
            lock = locked(folder)
            try:
                store = cls(folder, sound(folder, read_only=False), lock)
                here = code_here(plugins)
                if not accept_version:
                    check_code(folder, store.code, here)
                filing.take_up(folder, store._ledger, replay_lost)
                store._played_by(here)
                return store
            except BaseException:
                lock.release()
                raise

    def close(self) -> None:
        self._ledger.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def command(self) -> str:
        """Command line that the sweep began with."""
        return self._facts["command"]

    @property
    def scenario(self) -> str:
        """The base scenario as TOML; empty if the sweep was begun without."""
        return self._facts["scenario"]

    @property
    def code(self) -> dict[str, Any]:
        """Versions, commit and plug-ins of the code that plays it, as `code_here` gives them."""
        return dict(json.loads(self._facts["code"]))

    def status(self) -> Status:
        """How far the sweep is."""
        with store_errors(self.folder):
            counts = self._ledger.counts()
            shorter = self._ledger.n_shorter(self._epochs()) if self.spec.stop else 0
            started, how = self._ledger.last_session()
            pid = os.getpid() if self._lock else holder(self.folder / LOCK_FILE)
            since = max(started, time.time() - RATE_SECONDS)
            rate = self._ledger.ended_since(since) / max(time.time() - since, 1e-3) if pid else math.nan
        return status_of(self.spec.name, counts, shorter, how, pid, rate)

    def runs(self) -> pd.DataFrame:
        """One row for each run that has ended, by number: how it ended, its factors' values and its outcomes.

        Columns run, combination, replicate, seed, status (ok, failed, timeout or died), error, epochs_played, the
        factors by path, the outcomes. The same runs give the same table, however and wherever they were played.
        """
        with store_errors(self.folder), self._ledger.snapshot():
            outcomes = parts.read_outcomes(self.folder, self._ledger.parts(), self._ledger.held())
            return tables.runs_table(self.spec, list(self._ledger.ended()), outcomes)

    def series(self) -> Series:
        """Outcomes kept epoch by epoch of the runs that have ended, to be read as they are needed."""
        with store_errors(self.folder), self._ledger.snapshot():
            return Series(
                spec=self.spec,
                runs=[(row[0], row[1]) for row in self._ledger.ended()],
                folder=self.folder,
                sha256=self._ledger.parts(),
                held=self._ledger.held(),
            )

    def failures(self) -> pd.DataFrame:
        """One row for each run that did not end well, with its error, its traceback and how often it was tried."""
        with store_errors(self.folder):
            return tables.failures_table(self._ledger.failures())

    def extend(self, spec: Spec, scenario: str = "") -> int:
        """Number of runs that `spec` adds to the sweep; those it shares with it are kept, whatever their number.

        Raises
        ------
        StoreError
            If `spec` is no extension: it must keep every run, and what all runs have in common.
        """
        check_common(self.folder, self.spec, spec)
        if scenario != self.scenario:
            raise StoreError(f"{self.folder} was begun with another {spec.scenario}: the scenario has changed since")
        n_before = self.spec.n_runs
        if spec.digest() != self.spec.digest():
            with store_errors(self.folder), self._ledger.transaction():
                if n_dropped := self._ledger.replace_runs(_rows(spec)):
                    raise no_extension(self.folder, self.spec, spec, n_dropped)
                self._ledger.set_facts(_spoken(spec))
            self.spec = spec
            write_spec(self.folder, spec)
        return spec.n_runs - n_before

    def pending(self) -> Iterator[Point]:
        """Runs that are still to be played, in the order that keeps what is done a balanced sample."""
        table = points(self.spec)
        for number in map(int, order(self.spec)):
            if self._ledger.state(number) == PENDING:
                yield table[number]

    def begin(self) -> None:
        """A session begins: an old wish to stop no longer counts."""
        with store_errors(self.folder):
            (self.folder / CANCEL_FILE).unlink(missing_ok=True)
            self._ledger.begin_session(os.getpid(), time.time())

    def record(self, ended: Mapping[str, Ended], started: Sequence[str]) -> None:
        """Put down, by key, which runs have ended and which are about to start: on record when this returns."""
        with store_errors(self.folder):
            now = time.time()
            with self._ledger.transaction():
                self._ledger.end(ended, now)
                self._ledger.start(started, now)
            self._n_held += sum(run.status == OK for run in ended.values())
            if self._n_held >= PART_RUNS:
                self._file_away()

    def finish(self, how: str) -> None:
        """The session ends: runs in flight are pending again, and all results are filed away."""
        with store_errors(self.folder):
            with self._ledger.transaction():
                self._ledger.put_back()
                self._ledger.end_session(how, time.time())
            self._file_away()
            (self.folder / CANCEL_FILE).unlink(missing_ok=True)

    def cancel_wanted(self) -> bool:
        """Whether somebody asked it to stop."""
        return (self.folder / CANCEL_FILE).exists()

    def _epochs(self) -> int:
        """Epochs that a run has unless a rule ends it; 0 if the task is no economy and the spec names none."""
        return self.spec.epochs or int(tomllib.loads(self.scenario).get("epochs", 0))

    def _file_away(self) -> None:
        filing.file_away(self.folder, self._ledger, PART_RUNS)
        self._n_held = 0

    def _played_by(self, code: Mapping[str, Any]) -> None:
        self._facts["code"] = json.dumps(code)
        self._ledger.set_facts({"code": self._facts["code"]})


def _rows(spec: Spec) -> Iterator[tuple[int, str, int, int, int]]:
    for point in points(spec):
        yield point.number, key_of(point), point.combination, point.replicate, point.seed


def _spoken(spec: Spec) -> dict[str, str]:
    return {"spec": json.dumps(spec.to_tree()), "digest": spec.digest()}
