"""The ledger of a sweep: one SQLite file that knows how far each run is and holds results until they are filed away.

A change is on record once its transaction is through: it outlives a process that is killed right after.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from model.experiments.sweeps.store.endings import OK, Ended, Filed, packed, unpacked

PENDING, RUNNING = "pending", "running"
SCHEMA_VERSION = 2
MACHINE_ERRORS = ("MemoryError", "OSError")  # of a run that the same code may well play another time
BUSY_SECONDS = 10
COPIED = "state, attempts, part, started, finished, seconds, worker, epochs_played, error, traceback"
RUNS = """CREATE TABLE runs (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, combination INTEGER NOT NULL, replicate INTEGER NOT NULL,
    seed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0, part INTEGER,
    started REAL, finished REAL, seconds REAL, worker TEXT, epochs_played INTEGER, error TEXT, traceback TEXT)"""
BY_KEY = "CREATE INDEX runs_by_key ON runs (key)"
SCHEMA = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE sessions (number INTEGER PRIMARY KEY, pid INTEGER NOT NULL, "
    "started REAL NOT NULL, ended REAL, how TEXT)",
    "CREATE TABLE parts (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)",
    "CREATE TABLE results (key TEXT PRIMARY KEY, epochs_played INTEGER NOT NULL, outcome TEXT NOT NULL, series BLOB)",
    RUNS,
    BY_KEY,
)


class StoreError(ValueError):
    """A sweep's folder can't be used as asked; the sentence says why and what is safe."""


class Ledger:
    """The ledger at `path`, open for one process.

    Raises
    ------
    sqlite3.Error
        If it can't be read or written, or is none.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._db = _connected(path, "mode=ro" if read_only else "mode=rwc")
        if not read_only:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            return
        try:
            self.version()
        except sqlite3.OperationalError:
            # SQLite keeps notes beside a file it reads; where it can't, nobody can be writing to it either.
            self._db.close()
            self._db = _connected(path, "mode=ro&immutable=1")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside are on record together, or none is."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever another process writes meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    def version(self) -> int:
        """Version of its schema; 0 for a ledger that nothing was written to."""
        return int(self._one("PRAGMA user_version"))

    def damage(self) -> str:
        """What SQLite finds wrong with the file; empty for a sound one."""
        found = str(self._one("PRAGMA integrity_check(1)"))
        return "" if found == "ok" else found

    def found(self, facts: Mapping[str, str], runs: Iterable[Sequence[Any]]) -> None:
        """Write everything that a new sweep begins with, inside a transaction; see `replace_runs` for the runs."""
        for statement in SCHEMA:
            self._db.execute(statement)
        self.set_facts(facts)
        self._insert(runs)
        self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def set_facts(self, facts: Mapping[str, str]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def facts(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT name, value FROM facts").fetchall())

    def replace_runs(self, runs: Iterable[Sequence[Any]]) -> int:
        """Number of runs that are no longer among these, and would lose their place; inside a transaction.

        Runs are (number, key, combination, replicate, seed); those with a known key keep how far they are.
        """
        self._db.execute("DROP INDEX runs_by_key")
        self._db.execute("ALTER TABLE runs RENAME TO before")
        self._db.execute("CREATE INDEX before_by_key ON before (key)")
        self._db.execute(RUNS)
        self._db.execute(BY_KEY)
        self._insert(runs)
        self._db.execute(
            f"UPDATE runs SET ({COPIED}) = (SELECT {COPIED} FROM before WHERE before.key = runs.key) "
            "WHERE key IN (SELECT key FROM before)"
        )
        lost = int(self._one("SELECT count(*) FROM before WHERE key NOT IN (SELECT key FROM runs)"))
        self._db.execute("DROP TABLE before")
        return lost

    def numbers(self) -> tuple[int, int]:
        """How many runs there are, and the largest number of one; -1 without any."""
        n_runs, largest = self._db.execute("SELECT count(*), max(number) FROM runs WHERE number >= 0").fetchone()
        return n_runs, -1 if largest is None else largest

    def state(self, number: int) -> str:
        return str(self._one("SELECT state FROM runs WHERE number = ?", number))

    def counts(self) -> dict[str, int]:
        """Number of runs by state."""
        return dict(self._db.execute("SELECT state, count(*) FROM runs GROUP BY state").fetchall())

    def n_shorter(self, than: int) -> int:
        """Number of runs that ended well after fewer epochs than this."""
        return int(self._one("SELECT count(*) FROM runs WHERE state = 'ok' AND epochs_played < ?", than))

    def ended_since(self, moment: float) -> int:
        """Number of runs that ended after this moment, in seconds since 1970."""
        return int(self._one("SELECT count(*) FROM runs WHERE finished > ?", moment))

    def start(self, keys: Iterable[str], moment: float) -> None:
        self._db.executemany(
            "UPDATE runs SET state = 'running', attempts = attempts + 1, started = ? WHERE key = ?",
            ((moment, key) for key in keys),
        )

    def end(self, ended: Mapping[str, Ended], moment: float) -> None:
        """Put down how runs ended, by key, and hold what they gave."""
        self._db.executemany(
            # Of a run that is played again the error of before is kept with what came of it now.
            "UPDATE runs SET state = ?, finished = ?, seconds = ?, worker = ?, epochs_played = ?, traceback = "
            "CASE coalesce(error, '') WHEN '' THEN ? ELSE ? || char(10) || 'before: ' || error END, error = ? "
            "WHERE key = ?",
            (
                (
                    *(run.status, moment, run.seconds, run.worker, run.epochs_played),
                    *(run.traceback, run.traceback, run.error, key),
                )
                for key, run in ended.items()
            ),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
            (
                (key, run.epochs_played, json.dumps(dict(run.outcome)), packed(run.series))
                for key, run in ended.items()
                if run.status == OK
            ),
        )

    def put_back(self) -> None:
        """Runs in flight are pending again."""
        self._db.execute("UPDATE runs SET state = 'pending', started = NULL WHERE state = 'running'")

    def put_back_unlucky(self) -> None:
        """Runs that the machine kept from ending well are pending again: out of time or memory, killed, a full disk."""
        faults = " OR ".join(f"error LIKE '{name}%'" for name in MACHINE_ERRORS)
        self._db.execute(
            f"UPDATE runs SET state = 'pending' WHERE state IN ('timeout', 'died') OR (state = 'failed' AND ({faults}))"
        )

    def put_back_part(self, number: int) -> None:
        """Runs whose results lay in this part are pending again; inside a transaction."""
        self._db.execute("UPDATE runs SET state = 'pending', part = NULL WHERE part = ?", (number,))
        self._db.execute("DELETE FROM parts WHERE number = ?", (number,))

    def n_held(self) -> int:
        """Number of results that are not filed in a part yet."""
        return int(self._one("SELECT count(*) FROM results"))

    def held(self, most: int = -1) -> list[Filed]:
        """Results that are not filed in a part yet, the oldest first."""
        rows = self._db.execute(
            "SELECT key, epochs_played, outcome, series FROM results ORDER BY rowid LIMIT ?", (most,)
        )
        return [
            Filed(key=key, epochs_played=epochs, outcome=json.loads(outcome), series=unpacked(series))
            for key, epochs, outcome, series in rows
        ]

    def file_away(self, keys: Sequence[str], part: int, sha256: str) -> None:
        """These results now lie in a part and need not be held; inside a transaction."""
        self._db.execute("INSERT INTO parts VALUES (?, ?)", (part, sha256))
        self._db.executemany("UPDATE runs SET part = ? WHERE key = ?", ((part, key) for key in keys))
        self._db.executemany("DELETE FROM results WHERE key = ?", ((key,) for key in keys))

    def parts(self) -> dict[int, str]:
        """SHA-256 of each part, by number."""
        return dict(self._db.execute("SELECT number, sha256 FROM parts ORDER BY number").fetchall())

    def ended(self) -> Iterator[tuple[Any, ...]]:
        """Number, key, combination, replicate, seed, status, error and epochs of each run that has ended."""
        yield from self._db.execute(
            "SELECT number, key, combination, replicate, seed, state, error, epochs_played FROM runs "
            "WHERE state NOT IN ('pending', 'running') ORDER BY number"
        )

    def failures(self) -> list[tuple[Any, ...]]:
        """Number, combination, replicate, seed, status, error, traceback and attempts of runs that did not end well."""
        return self._db.execute(
            "SELECT number, combination, replicate, seed, state, error, traceback, attempts FROM runs "
            "WHERE state IN ('failed', 'timeout', 'died') ORDER BY number"
        ).fetchall()

    def begin_session(self, pid: int, moment: float) -> None:
        self._db.execute("INSERT INTO sessions (pid, started) VALUES (?, ?)", (pid, moment))

    def end_session(self, how: str, moment: float) -> None:
        self._db.execute(
            "UPDATE sessions SET ended = ?, how = ? WHERE number = (SELECT max(number) FROM sessions)", (moment, how)
        )

    def last_session(self) -> tuple[float, str]:
        """When the last session started, and how it ended; 0 without one, an empty text if it was cut off."""
        row = self._db.execute("SELECT started, how FROM sessions ORDER BY number DESC LIMIT 1").fetchone()
        return (float(row[0]), row[1] or "") if row else (0.0, "")

    def _insert(self, runs: Iterable[Sequence[Any]]) -> None:
        self._db.executemany(
            "INSERT INTO runs (number, key, combination, replicate, seed) VALUES (?, ?, ?, ?, ?)", runs
        )

    def _one(self, statement: str, *values: Any) -> Any:
        return self._db.execute(statement, values).fetchone()[0]


def _connected(path: Path, options: str) -> sqlite3.Connection:
    name = f"{path.resolve().as_uri()}?{options}"
    return sqlite3.connect(name, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
