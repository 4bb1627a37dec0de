"""The folder of a run: it appears whole when a short run ends, and grows with a longer one.

While a run is under way its folder holds the tables so far and a checkpoint, from which it goes on after a stop or a
kill. The checkpoint says how long each table was and what was in it: what was written after that is cut off. A folder
without a checkpoint is finished.
"""

import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from model.economy import Economy
from model.epoch import observe
from model.experiments.code import code_difference, code_here
from model.experiments.lock import Lock, holder
from model.experiments.runs import checkpoint
from model.experiments.runs.run import INTERVENTIONS_FILE, SCENARIO_FILE, Plugins, export, inputs_of, manifest_of
from model.experiments.runs.same_run import Asked, check_same
from model.files import read_file
from model.records.columns import DICTIONARY
from model.records.export import (
    DICTIONARY_TABLE,
    MANIFEST_FILE,
    UNFINISHED,
    arranged_tables,
    check_out,
    csv_chunks,
    csv_files,
    stated,
    write_folder,
    write_whole,
)
from model.records.growing_table import GrowingTable, read_columns
from model.records.records import Records, Series

CHECKPOINT_FILE, LOCK_FILE, UIDS_TABLE = "checkpoint", "lock", "uids"
TABLE_FILES = {f"{table.name}.csv" for table in fields(Records) if table.type is Series}
# Beside the tables that grow; written anew at each stop, the manifest last.
REST = (MANIFEST_FILE, f"{UIDS_TABLE}.csv", f"{DICTIONARY_TABLE}.csv", SCENARIO_FILE, INTERVENTIONS_FILE)
FOLDER = "folder"  # the checkpoint's facts of the folder, beside those of the economy
LARGEST_CHECKPOINT_BYTES = 2**32  # four tables of the largest network's weights take half of it
# A write that takes longer makes the next one so many times rarer: writing takes a twentieth of a run's time at most.
QUICK_SECONDS = 0.1


class WritingError(RuntimeError):
    """A run can't be written any further; the sentence says what is safe."""


class RunFolder:
    """Folder of one run; a context manager that lets go of it.

    Parameters
    ----------
    out : Path
        Folder to write.
    command : str
        Command line that asked for the run.
    plugins : iterable of mapping
        Name and SHA-256 of each file that brought strategies.
    """

    every_seconds = 2.0  # of play between two times of writing, at least

    def __init__(self, out: Path, command: str, plugins: Plugins = ()) -> None:
        self.out = out.resolve()
        self.n_safe = 0  # epochs that a kill leaves
        self._command, self._plugins = command, tuple(plugins)
        self._code = code_here(self._plugins)  # before play: files may change on the way
        self._due = time.monotonic() + self.every_seconds
        self._table: dict[str, GrowingTable] = {}
        self._n_written = 0
        self._lock: Lock | None = None

    @classmethod
    def begin(cls, out: Path, command: str, plugins: Plugins = ()) -> Self:
        """Folder of a new run.

        Raises
        ------
        ValueError
            If `out` holds anything or can't be written.
        """
        if is_unfinished(out):
            raise ValueError(f"{out} holds an unfinished run: go on with it by --resume, or name another folder")
        check_out(out)
        return cls(out, command, plugins)

    @classmethod
    def resume(cls, out: Path, plugins: Plugins = (), asked: Asked | None = None) -> tuple[Self, Economy]:
        """Folder of a run that was stopped or killed, and its economy after the last epoch that is safe.

        Parameters
        ----------
        asked : pair, optional
            Scenario and interventions that the run must be of.

        Raises
        ------
        ValueError
            If there is no such run, it is under way, was begun with other code, or is damaged; nothing was changed.
        WritingError
            If it can't be written.
        """
        if not is_unfinished(out):
            raise ValueError(f"--resume must name a run that was stopped or killed, {out} holds none")
        folder = cls(out, "", plugins)
        folder._lock = _locked(folder.out)
        try:
            return folder, folder._take_up(asked)
        except BaseException:
            folder.close()
            raise

    def check(self, economy: Economy) -> None:
        """Pass if the folder will be able to state what `economy` is going to play; ask before the first epoch.

        Raises
        ------
        ValueError
            If the command, the scenario or an intervention holds what a manifest cannot.
        """
        changes = tuple({"epoch": one.epoch, "values": dict(one.values)} for one in economy.interventions)
        replace(manifest_of(economy, self._command, self._plugins), interventions=changes).check()

    def keep_up(self, economy: Economy) -> None:
        """Write what was played since the last time, if it is time for that.

        Raises
        ------
        WritingError
            If it can't be written.
        """
        begun = time.monotonic()
        if begun < self._due or not economy.running:
            return
        with self._telling():
            self._write_checkpoint(economy)
        ended = time.monotonic()
        self._due = ended + self.every_seconds * max(1.0, (ended - begun) / QUICK_SECONDS)

    def finish(self, economy: Economy, *, broken: bool = False) -> Path:
        """Write all that is left, and the manifest; the checkpoint stays if there are epochs left to play.

        Parameters
        ----------
        broken : bool
            An epoch broke off: the run can't go on.

        Raises
        ------
        WritingError
            If it can't be written.
        """
        goes_on = economy.running and not broken
        with self._telling():
            if self._lock is None and not goes_on:
                return export(economy, self.out, self._command, self._plugins, broken=broken)
            if goes_on:
                self._write_checkpoint(economy)
            else:
                self._append(economy)
            manifest = manifest_of(economy, self._command, self._plugins, broken=broken)
            for name, chunks in stated(self._files(economy), manifest):
                if name in self._table:
                    for _ in chunks:
                        """It is on the disk already, and read to be stated."""
                else:
                    write_whole(self.out / name, chunks)
            if not goes_on:
                (self.out / CHECKPOINT_FILE).unlink()
        return self.out

    def close(self) -> None:
        """Let others have the folder; once is enough."""
        if self._lock:
            (self.out / LOCK_FILE).unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_checkpoint(self, economy: Economy) -> None:
        """Have all that was played on the disk, and then the checkpoint of it."""
        if self._lock is None:
            write_folder(self.out, self._first_files(economy))
            self._lock = _locked(self.out)
        else:
            self._append(economy)
            write_whole(self.out / CHECKPOINT_FILE, self._checkpoint(economy))
        self._note_safe(economy.epoch)

    def _note_safe(self, n_epochs: int) -> None:
        self._n_written = self.n_safe = n_epochs
        for table in self._table.values():
            table.n_safe_bytes = table.n_bytes

    def _first_files(self, economy: Economy) -> Iterator[tuple[str, Iterable[bytes]]]:
        for table, frame in economy.records.between(0, economy.epoch).items():
            name = f"{table}.csv"
            self._table[name] = GrowingTable(self.out / name)
            yield name, self._table[name].counted(csv_chunks(DICTIONARY.arrange(table, frame)))
        yield CHECKPOINT_FILE, self._checkpoint(economy)

    def _append(self, economy: Economy) -> None:
        """Add what was played since the last time to the tables: to all of them, or it is cut off again."""
        try:
            for table, frame in economy.records.between(self._n_written, economy.epoch).items():
                _, *rows = csv_chunks(DICTIONARY.arrange(table, frame))
                self._table[f"{table}.csv"].append(rows)
        except BaseException:
            with suppress(OSError):
                self._cut_back()
            raise
        self._n_written = economy.epoch

    def _checkpoint(self, economy: Economy) -> list[bytes]:
        facts = {
            "command": self._command,
            "code": self._code,
            "files": {name: {"n_bytes": table.n_bytes, "sha256": table.sha256} for name, table in self._table.items()},
        }
        return checkpoint.packed(checkpoint.save(economy) | {FOLDER: np.array(json.dumps(facts))})

    def _files(self, economy: Economy) -> Iterator[tuple[str, Iterable[bytes]]]:
        """All files but the manifest; those that grew as they lie there."""
        tables = economy.records.between(economy.epoch - 1, economy.epoch)
        tables[UIDS_TABLE] = observe.uid_table(economy)
        for name, chunks in csv_files(arranged_tables(tables, DICTIONARY), inputs_of(economy)):
            yield name, self._table[name].content() if name in self._table else chunks

    def _take_up(self, asked: Asked | None) -> Economy:
        """Economy of the checkpoint, with the folder cut back to it."""
        data = read_file(self.out / CHECKPOINT_FILE, str(self.out / CHECKPOINT_FILE), LARGEST_CHECKPOINT_BYTES)
        try:
            arrays = checkpoint.unpacked(data)
            facts = json.loads(arrays.pop(FOLDER).item())
        except (ValueError, KeyError) as error:
            raise _damaged(self.out, CHECKPOINT_FILE) from error
        try:
            if difference := code_difference(facts["code"], self._code):
                raise ValueError(f"{self.out} was begun with other code, {difference}: begin anew in another folder")
            self._command, self._plugins = facts["command"], tuple(facts["code"]["plugins"])
            content = self._safe_contents(facts["files"])
            columns = checkpoint.columns(arrays)
            tables = {table: read_columns(content[f"{table}.csv"], kinds) for table, kinds in columns.items()}
            economy = checkpoint.restore(arrays, tables)
        except (KeyError, TypeError) as error:
            raise _damaged(self.out, CHECKPOINT_FILE) from error
        if asked:
            check_same(self.out, economy, *asked)
        self._note_safe(economy.epoch)
        with self._telling():
            for name in (*REST, *(f"{name}{UNFINISHED}" for name in (*REST, CHECKPOINT_FILE))):
                (self.out / name).unlink(missing_ok=True)
            self._cut_back()
        return economy

    def _safe_contents(self, due: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
        """What each table held when the checkpoint was made, by file; whoever wrote that, no other file is touched."""
        if set(due) != TABLE_FILES:
            raise _damaged(self.out, CHECKPOINT_FILE)
        return {name: self._safe_content(name, due[name]["n_bytes"], due[name]["sha256"]) for name in due}

    def _safe_content(self, name: str, n_bytes: int, sha256: str) -> bytes:
        """What the table held when the checkpoint was made."""
        if type(n_bytes) is not int or n_bytes < 0:
            raise _damaged(self.out, CHECKPOINT_FILE)
        table = self._table[name] = GrowingTable(self.out / name)
        with suppress(OSError):
            held = table.path.lstat()  # a link would lead out of the folder
            if stat.S_ISREG(held.st_mode) and n_bytes <= held.st_size:
                with table.path.open("rb") as file:
                    content = b"".join(table.counted([file.read(n_bytes)]))
                if table.sha256 == sha256:
                    return content
        raise _damaged(self.out, name)

    def _cut_back(self) -> None:
        """Take from the tables what was written after the last checkpoint."""
        for table in self._table.values():
            os.truncate(table.path, table.n_safe_bytes)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What goes wrong with the disk inside becomes a WritingError."""
        try:
            yield
        except (OSError, ValueError) as error:
            cause = error.__cause__ or error  # a refused folder says what the disk said
            reason = (cause.strerror or str(cause)) if isinstance(cause, OSError) else str(error)
            safe = f"the first {self.n_safe:,} epochs are safe: mend it and go on by --resume"
            raise WritingError(
                f"{self.out} cannot be written: {reason}; {safe if self.n_safe else 'nothing was written'}"
            ) from error


def is_unfinished(out: Path) -> bool:
    """Whether `out` holds a run that has epochs left to play."""
    return os.path.isfile(out / CHECKPOINT_FILE)  # False for a name that is too long


def _locked(out: Path) -> Lock:
    try:
        return Lock(out / LOCK_FILE)
    except BlockingIOError as error:
        raise ValueError(f"{out} is being written by process {holder(out / LOCK_FILE)}") from error
    except OSError as error:
        raise ValueError(f"--out must name a folder that can be written, is {out}: {error.strerror}") from error


def _damaged(out: Path, name: str) -> ValueError:
    return ValueError(
        f"{name} of {out} is missing or was changed, so the run can't go on: begin anew in another folder"
    )
