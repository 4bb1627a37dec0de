"""Series of a sweep, epoch by epoch: read from its parts one by one, and given out in the order of its runs."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.endings import Filed
from model.experiments.sweeps.store.folder import store_errors
from model.experiments.sweeps.store.ledger import StoreError
from model.experiments.sweeps.store.parts import read_series
from model.records.export import CHUNK_ROWS

KeptSeries = Mapping[str, np.ndarray]  # of one run, by column, each (epoch,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Where the series of a sweep's runs lie; none is in memory but those that the ledger still held.

    spec : of the sweep
    runs : number and key of each run that has ended
    folder : of the sweep
    sha256 : of its parts, by number
    held : results that are in no part yet
    """

    spec: Spec
    runs: Sequence[tuple[int, str]]
    folder: Path
    sha256: Mapping[int, str]
    held: Sequence[Filed]

    def of(self, keys: Set[str]) -> dict[str, KeptSeries]:
        """Series of these runs by key; raises StoreError as reading does."""
        with store_errors(self.folder):
            return {key: kept for key, kept in read_series(self.folder, self.sha256, self.held) if key in keys}

    @contextmanager
    def in_order(self) -> Iterator["Ordered"]:
        """Series in the order of the runs, put in order on the disk, in a file that is gone afterwards.

        Raises
        ------
        StoreError
            If a part is missing or was changed, or there is no room for the file.
        """
        numbers = defaultdict(list)
        for number, key in self.runs:
            numbers[key].append(number)
        with closing(sqlite3.connect("", isolation_level=None)) as disk:
            ordered = Ordered(disk, [outcome.column for outcome in self.spec.outcomes if outcome.is_series])
            with store_errors(self.folder):
                for key, kept in read_series(self.folder, self.sha256, self.held):
                    for number in numbers[key]:
                        ordered.take(number, kept)
            yield ordered

    def frame(self) -> pd.DataFrame:
        """One row for each epoch of each run that left series: run, epoch, and the outcomes kept epoch by epoch."""
        with self.in_order() as ordered:
            return pd.concat([ordered.head(), *ordered.pieces(n_rows=CHUNK_ROWS)], ignore_index=True)


class Ordered:
    """Series that are handed out run by run, though they came in any order.

    Parameters
    ----------
    disk : connection to a temporary database, which keeps a few pages in memory
    named : columns that the table has whatever comes, first and in this order
    """

    def __init__(self, disk: sqlite3.Connection, named: Sequence[str]) -> None:
        self._disk, self._named = disk, named
        self._kind: dict[str, np.dtype] = {}
        self._n_runs, self._n_runs_with = 0, Counter[str]()
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE series (run INTEGER, name TEXT, kind TEXT, value BLOB, PRIMARY KEY (run, name))",
        ):
            disk.execute(statement)

    def take(self, run: int, kept: KeptSeries) -> None:
        """Take the series of one run."""
        self._n_runs += bool(kept)
        self._n_runs_with.update(kept.keys())
        for name, values in kept.items():
            self._kind[name] = np.result_type(self._kind.get(name, values.dtype), values.dtype)
        try:
            self._disk.executemany(
                "INSERT OR IGNORE INTO series VALUES (?, ?, ?, ?)",
                ((run, name, values.dtype.str, values.tobytes()) for name, values in kept.items()),
            )
        except sqlite3.OperationalError as error:
            raise StoreError(f"series need room for a temporary file, to be put in order: {error}") from error

    def head(self) -> pd.DataFrame:
        """The table without its rows."""
        names = [*self._named, *sorted(set(self._kind) - set(self._named))]
        kinds = {name: self._kind_of(name) for name in names}
        whole = np.dtype(np.int64)
        return pd.DataFrame({n: np.empty(0, kind) for n, kind in {"run": whole, "epoch": whole, **kinds}.items()})

    def pieces(self, n_rows: int) -> Iterator[pd.DataFrame]:
        """The table in pieces of whole runs, each of at least so many rows but the last."""
        names = list(self.head().columns[2:])
        batch: list[tuple[int, KeptSeries]] = []
        n_held = 0
        for run, kept in self._by_run():
            batch.append((run, kept))
            n_held += _n_epochs(kept)
            if n_held >= n_rows:
                yield self._table(batch, names)
                batch, n_held = [], 0
        if batch:
            yield self._table(batch, names)

    def _kind_of(self, name: str) -> np.dtype:
        """Kind of a column; one that some run has not is of floats, for NaN."""
        missing = self._n_runs_with[name] < self._n_runs or name not in self._kind
        return np.result_type(self._kind.get(name, np.float64), np.float64) if missing else self._kind[name]

    def _by_run(self) -> Iterator[tuple[int, KeptSeries]]:
        current, kept = -1, dict[str, np.ndarray]()
        for run, name, kind, value in self._disk.execute("SELECT run, name, kind, value FROM series ORDER BY run"):
            if run != current and kept:
                yield current, kept
                kept = {}
            current, kept[name] = run, np.frombuffer(value, dtype=kind)
        if kept:
            yield current, kept

    def _table(self, batch: Sequence[tuple[int, KeptSeries]], names: Sequence[str]) -> pd.DataFrame:
        n_epochs = [_n_epochs(kept) for _, kept in batch]
        columns = {
            "run": np.repeat(np.array([run for run, _ in batch], dtype=np.int64), n_epochs),
            "epoch": np.concatenate([np.arange(n, dtype=np.int64) for n in n_epochs]),
        }
        for name in names:
            held = [kept.get(name, np.full(n, np.nan)) for (_, kept), n in zip(batch, n_epochs, strict=True)]
            columns[name] = np.concatenate(held).astype(self._kind_of(name))
        return pd.DataFrame(columns)


def _n_epochs(kept: KeptSeries) -> int:
    return max(map(len, kept.values()))
