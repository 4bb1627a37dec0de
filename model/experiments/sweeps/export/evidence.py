"""A sweep's folder read without trust: what it has on record, where it lies, and what is wrong at first sight."""

import json
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.experiments.sweeps.export.exports import Recorded
from model.experiments.sweeps.spec.points import key_of, points
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store import parts
from model.experiments.sweeps.store.folder import LEDGER_FILE, is_store, on_record, sound, store_errors
from model.experiments.sweeps.store.ledger import StoreError
from model.experiments.sweeps.store.series import Series
from model.experiments.sweeps.store.tables import runs_table

ABSENT = "nothing"
ACROSS_VERSIONS = 1e-9  # relative difference that other libraries, which round in their own way, may make
NOTHING = 1e-12  # what is left of zero by rounding
Row = tuple[Any, ...]  # number, key, combination, replicate, seed, status, error, epochs_played


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cell that does not say what it should.

    file : name inside the sweep's folder
    where : row, such as "run 12"; empty if the whole file is meant
    column : name of the column
    stored, recomputed : what is there, and what should be
    """

    file: str
    where: str
    column: str
    stored: str
    recomputed: str

    def sentence(self) -> str:
        """What differs, in one line."""
        place = ", ".join(part for part in (self.file, self.where, self.column) if part)
        return f"{place}: stored {self.stored}, recomputed {self.recomputed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sweep's folder as it lies, read without trust.

    held : what it has on record, as far as it can be read
    rows : the runs that have ended
    outcome : by key
    file : name of the file that holds a run's results, by key
    suspects : keys of runs in parts that have changed since they were written
    findings : what is wrong without playing anything
    whole : whether every part could be read
    """

    held: Recorded
    rows: Sequence[Row]
    outcome: Mapping[str, Mapping[str, Any]]
    file: Mapping[str, str]
    suspects: frozenset[str]
    findings: tuple[Finding, ...]
    whole: bool


def read_evidence(folder: Path) -> Evidence:
    """Everything that the sweep in `folder` has on record, and where each run's results lie.

    Raises
    ------
    StoreError
        If there is no sweep, or its ledger can't be read.
    """
    if not is_store(folder):
        raise StoreError(f"{folder} holds no sweep")
    with store_errors(folder):
        ledger = sound(folder, read_only=True)
        try:
            facts, spec = on_record(folder, ledger)
            with ledger.snapshot():
                rows = list(ledger.ended())
                sha256, filed = ledger.parts(), ledger.held()
        finally:
            ledger.close()
    with store_errors(folder):
        read = _read_parts(folder, sha256)
    frames = [*read.outcomes, parts.read_outcomes(folder, {}, filed)]
    # One without rows would turn whole numbers into floats.
    outcomes = pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
    ended = [(row[0], row[1]) for row in rows]
    held = Recorded(
        spec=spec,
        runs=runs_table(spec, rows, outcomes.drop_duplicates("key")),
        series=Series(spec=spec, runs=ended, folder=folder, sha256=read.sha256, held=filed),
        scenario=facts["scenario"],
        code=json.loads(facts["code"]),
    )
    digest = facts["digest"]
    forged = [] if digest == spec.digest() else [wrong(LEDGER_FILE, "", "digest", digest, spec.digest())]
    return Evidence(
        held=held,
        rows=rows,
        outcome={
            str(key): {str(name): value for name, value in row.items()}
            for key, row in outcomes.set_index("key").to_dict("index").items()
        },
        file=read.file | {result.key: LEDGER_FILE for result in filed},
        suspects=frozenset(read.suspects),
        findings=(*forged, *read.findings, *_misplaced(spec, rows)),
        whole=read.whole,
    )


def compared(
    file: str, run: int, stored: Mapping[str, Any], recomputed: Mapping[str, Any], *, exact: bool = True
) -> Iterator[Finding]:
    """Cells of a run that differ between two rows, by column; if not `exact`, floats by more than `ACROSS_VERSIONS`."""
    for name in dict.fromkeys([*recomputed, *stored]):
        there, due = stored.get(name), recomputed.get(name)
        if not (same_bits(there, due) if exact else same_but_rounding(there, due)):
            yield wrong(file, f"run {run}", name, there, due)


def same_bits(stored: Any, recomputed: Any) -> bool:
    """Whether two cells are the same: numbers to the last bit, a missing one like NaN."""
    there, due = _as_float(stored), _as_float(recomputed)
    if there is None or due is None:
        return type(stored) is type(recomputed) and bool(stored == recomputed)
    if math.isnan(there) and math.isnan(due):
        return True
    return struct.pack("<d", there) == struct.pack("<d", due) and bool(stored == recomputed)


def same_but_rounding(stored: Any, recomputed: Any) -> bool:
    """Whether two cells are the same, or floats (texts of floats too) that differ by rounding of other libraries."""
    if same_bits(stored, recomputed):
        return True
    if any(isinstance(value, int | np.integer) or value is None for value in (stored, recomputed)):
        return False
    if all(isinstance(value, str) and value.lstrip("-").isdigit() for value in (stored, recomputed)):
        return False
    try:
        there, due = float(stored), float(recomputed)
    except ValueError:
        return False
    return math.isclose(there, due, rel_tol=ACROSS_VERSIONS, abs_tol=NOTHING)


@dataclass(slots=True, kw_only=True)
class _Parts:
    outcomes: list[pd.DataFrame]
    sha256: dict[int, str]  # of what lies there, as far as it can be read
    file: dict[str, str]
    suspects: set[str]
    findings: list[Finding]
    whole: bool = True


def _read_parts(folder: Path, sha256: Mapping[int, str]) -> _Parts:
    read = _Parts(outcomes=[], sha256={}, file={}, suspects=set(), findings=[])
    for number, due in sha256.items():
        path = parts.part_path(folder, number)
        name = str(path.relative_to(folder))
        found = parts.found_sha256(path)
        if found != due:
            read.findings.append(wrong(name, "", "SHA-256", found or None, due))
        try:
            outcomes = parts.outcomes_of(parts.read_part(folder, number, found))
        except StoreError as error:
            read.whole = False
            read.findings.append(wrong(name, "", "content", str(error), "a readable part"))
            continue
        read.outcomes.append(outcomes)
        read.sha256[number] = found
        read.file |= dict.fromkeys(outcomes["key"], name)
        if found != due:
            read.suspects |= set(outcomes["key"])
    return read


def _misplaced(spec: Spec, rows: Sequence[Row]) -> Iterator[Finding]:
    """Cells of the ledger that do not follow from the spec."""
    table = points(spec)
    for number, key, combination, replicate, seed, *_ in rows:
        point = table[number]
        stored = {"key": key, "combination": combination, "replicate": replicate, "seed": seed}
        due = {
            "key": key_of(point), "combination": point.combination, "replicate": point.replicate, "seed": point.seed,
        }  # fmt: skip
        yield from compared(LEDGER_FILE, number, stored, due)


def _as_float(value: Any) -> float | None:
    if value is None:
        return math.nan
    return float(value) if isinstance(value, int | float | np.number) else None


def wrong(file: str, where: str, column: str, stored: Any, recomputed: Any) -> Finding:
    """Finding with both values as texts."""
    return Finding(file=file, where=where, column=column, stored=_text(stored), recomputed=_text(recomputed))


def _text(value: Any) -> str:
    if value is None:
        return ABSENT
    return value if isinstance(value, str) else repr(value.item() if isinstance(value, np.generic) else value)
