"""A sweep as files: wide, long and summary tables, series, what every column means, and what it takes to run it again.

All of it is a function of what the sweep's folder has on record: equal sweeps give equal bytes, however they were run.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.bounds import one_of
from model.experiments.sweeps.analysis.analysis import combination_means, counts, factor_names, outcome_names
from model.experiments.sweeps.export.parquet_files import parquet_chunks
from model.experiments.sweeps.spec.columns import OWN_UNIT, columns
from model.experiments.sweeps.spec.points import seed_of
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.spec.spec_file import dumps
from model.experiments.sweeps.store.endings import OK
from model.experiments.sweeps.store.series import Series
from model.experiments.sweeps.store.store import Store
from model.records.data_dictionary import Column, DataDictionary
from model.records.export import CHUNK_ROWS, DICTIONARY_TABLE, arranged_tables, csv_chunks, write_files

FORMATS = CSV, PARQUET = ("csv", "parquet")
SPEC_FILE, SCENARIO_FILE = "spec.toml", "scenario.toml"
OF_OUTCOME = "as the outcome"
LONG, SUMMARY = "outcomes", "summary"
RUN_AND_EPOCH = ("run", "epoch")  # that every series has
STATISTICS = (
    ("value", OF_OUTCOME, "the outcome of this run"),
    ("runs", "count", "runs of the combination that ended well and have the outcome"),
    ("left_out", "count", "other runs of the combination, which are in no mean"),
    ("mean", OF_OUTCOME, "mean over the replicates"),
    ("sd", OF_OUTCOME, "sample standard deviation over the replicates; empty below two"),
    ("low", OF_OUTCOME, "lower end of the 95 % interval of the mean by Student's t; empty below two replicates"),
    ("high", OF_OUTCOME, "upper end of it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a sweep's folder has on record.

    runs, series : as `Store.runs` and `Store.series`; the series are read when they are written or compared
    scenario : the base scenario as TOML; empty if the task is no economy
    code : versions, commit and plug-ins that played the runs
    """

    spec: Spec
    runs: pd.DataFrame
    series: Series
    scenario: str
    code: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepManifest:
    """What it takes to compute an export again. It holds no time of day, and nothing of the machine."""

    recorded: Recorded
    command: str

    def to_json(self, file_sha256: Mapping[str, str], /) -> bytes:
        """Text of `manifest.json`: sweep, seeds, counts, versions, commit, and the SHA-256 of each file beside it."""
        spec, runs = self.recorded.spec, self.recorded.runs
        played = sorted(set(runs["replicate"].tolist()))
        facts = {
            "sweep_name": spec.name,
            "question": spec.question,
            "spec_digest": spec.digest(),
            "sweep_seed": spec.seed,
            "run_seeds": {str(replicate): seed_of(spec.seed, replicate) for replicate in played},
            "runs_planned": spec.n_runs,
            "runs_by_status": counts(runs),
            "command": f"sandbox sweep {SPEC_FILE} --out DIR; {self.command}",
            "code": dict(self.recorded.code),
            "files": {name: {"sha256": file_sha256[name]} for name in sorted(file_sha256)},
        }
        return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()


def recorded(store: Store) -> Recorded:
    """What this store has on record; raises StoreError as the store does."""
    return Recorded(spec=store.spec, runs=store.runs(), series=store.series(), scenario=store.scenario, code=store.code)


def export(held: Recorded, out: Path, form: str = CSV, *, overwrite: bool = False) -> Path:
    """Folder with the sweep's tables, data dictionary, spec, scenario and manifest; it appears whole or not at all.

    Parameters
    ----------
    form : {"csv", "parquet"}
        Of the tables; in Parquet each column carries its unit and meaning as metadata.
    overwrite : bool
        Replace an earlier export of ours at `out`.

    Raises
    ------
    ValueError
        If no run has ended, the form is another, or `out` cannot be written.
    """
    one_of("--format", form, FORMATS)
    if held.runs.empty:
        raise ValueError("nothing to export: no run of the sweep has ended yet")
    return write_files(out, files(held, form), manifest_of(held, form), overwrite=overwrite)


def manifest_of(held: Recorded, form: str) -> SweepManifest:
    """Manifest of an export in this form."""
    return SweepManifest(recorded=held, command=f"sandbox export DIR --format {form}")


def files(held: Recorded, form: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Name and bytes, in pieces, of each file of an export but its manifest; each is to be taken before the next."""
    with held.series.in_order() as ordered:
        found = tables(held)
        if len(ordered.head().columns) > len(RUN_AND_EPOCH):
            found["series"] = ordered.head()
        dictionary = dictionary_of(held, ordered.head())
        for name, frame in arranged_tables(found, dictionary).items():
            of_series = (dictionary.arrange(name, piece) for piece in ordered.pieces(CHUNK_ROWS))
            pieces = of_series if name == "series" else _pieces(frame)
            if form == PARQUET and name != DICTIONARY_TABLE:
                yield f"{name}.parquet", parquet_chunks(name, frame, pieces, dictionary)
            else:
                yield f"{name}.csv", _csv_chunks(frame, pieces)
    yield SPEC_FILE, [dumps(held.spec).encode()]
    if held.scenario:
        yield SCENARIO_FILE, [held.scenario.encode()]


def tables(held: Recorded) -> dict[str, pd.DataFrame]:
    """Tables of runs by name: runs (a row a run), outcomes (a row a run and outcome), and summary (means)."""
    names = [name for name in outcome_names(held.spec) if _is_number(held.runs[name])]
    return {"runs": held.runs, LONG: _long(held, names), SUMMARY: _summary(held, names)}


def dictionary_of(held: Recorded, series: pd.DataFrame) -> DataDictionary:
    """Data dictionary of all tables of an export; a task that is no economy may measure more than it was asked for."""
    asked = columns(held.spec)
    known = {column.name for column in asked.columns}
    others = (name for name in dict.fromkeys([*held.runs, *series]) if name not in known)
    statistics = (
        Column(name=name, unit=unit, meaning=meaning, table=table)
        for name, unit, meaning in STATISTICS
        for table in (LONG, SUMMARY)
    )
    return DataDictionary(
        *asked.columns,
        *(Column(name=name, unit=OWN_UNIT, meaning=f"{name} as the task measures it") for name in others),
        Column(name="outcome", unit="name", meaning="column of the table of runs", table=LONG),
        Column(name="outcome", unit="name", meaning="column of the table of runs", table=SUMMARY),
        Column(name="unit", unit="name", meaning="unit of the outcome", table=LONG),
        Column(name="unit", unit="name", meaning="unit of the outcome", table=SUMMARY),
        *statistics,
        keys=asked.keys,
    )


def unit_of(spec: Spec, name: str) -> str:
    """Unit of a factor or an outcome."""
    unit = columns(spec).line("runs", name).unit
    return "own unit" if unit == OWN_UNIT else unit


def _long(held: Recorded, names: list[str]) -> pd.DataFrame:
    """One row for each run that ended well and outcome."""
    good = held.runs[held.runs["status"] == OK]
    lead = good[["run", "combination", "replicate", "seed"]]
    parts = [lead.assign(outcome=name, unit=unit_of(held.spec, name), value=good[name].astype(float)) for name in names]
    empty = lead.iloc[:0].assign(outcome="", unit="", value=0.0)
    whole = pd.concat(parts or [empty])
    return whole.sort_values("run", kind="stable", ignore_index=True)


def _summary(held: Recorded, names: list[str]) -> pd.DataFrame:
    """One row for each combination and outcome: mean, interval, and runs behind them, even if none ended well."""
    lead = ["combination", *factor_names(held.spec)]
    statistics = [name for name, _, _ in STATISTICS[1:]]
    tried = held.runs.drop_duplicates("combination")[lead]
    n_tried = held.runs.groupby("combination").size()
    parts = [tried.iloc[:0].assign(outcome="", unit="")]
    for name in names:
        rows = tried
        if ((held.runs["status"] == OK) & np.isfinite(held.runs[name].astype(float))).any():
            means = combination_means(held.runs, held.spec, name)[["combination", *statistics]]
            rows = tried.merge(means, on="combination", how="left")
        rows = rows.reindex(columns=[*lead, *statistics]).fillna({"runs": 0})
        left_out = rows["combination"].map(n_tried) - rows["runs"]
        parts.append(rows.assign(outcome=name, unit=unit_of(held.spec, name), left_out=left_out))
    whole = pd.concat(parts, ignore_index=True).reindex(columns=[*lead, "outcome", "unit", *statistics])
    return whole.sort_values("combination", kind="stable", ignore_index=True)


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column)) or bool(column.isna().all())


def _pieces(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The table in pieces of `CHUNK_ROWS` rows."""
    return (frame.iloc[start : start + CHUNK_ROWS] for start in range(0, len(frame), CHUNK_ROWS))


def _csv_chunks(head: pd.DataFrame, pieces: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Bytes of a CSV, piece by piece."""
    yield from csv_chunks(head.iloc[:0])
    for piece in pieces:
        yield from islice(csv_chunks(piece), 1, None)
