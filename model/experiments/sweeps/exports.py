"""A sweep as files: wide, long and summary tables, series, what every column means, and what it takes to run it again.

All of it is a function of what the sweep's folder has on record: equal sweeps give equal bytes, however they were run.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.bounds import one_of
from model.data_dictionary import Column, DataDictionary
from model.experiments.sweeps.analysis import combination_means, counts, factor_names, outcome_names
from model.experiments.sweeps.columns import OWN_UNIT, columns
from model.experiments.sweeps.ledger import OK
from model.experiments.sweeps.points import seed_of
from model.experiments.sweeps.spec import Spec
from model.experiments.sweeps.spec_file import dumps
from model.experiments.sweeps.store import Store
from model.export import CHUNK_ROWS, DICTIONARY_TABLE, arranged_tables, csv_chunks, write_files

FORMATS = CSV, PARQUET = ("csv", "parquet")
SPEC_FILE, SCENARIO_FILE = "spec.toml", "scenario.toml"
OF_OUTCOME = "as the outcome"
LONG, SUMMARY = "outcomes", "summary"
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

    runs, series : as `Store.runs` and `Store.series`
    scenario : the base scenario as TOML; empty if the task is no economy
    code : versions, commit and plug-ins that played the runs
    """

    spec: Spec
    runs: pd.DataFrame
    series: pd.DataFrame
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
    """Name and bytes, in pieces, of each file of an export but its manifest."""
    dictionary = dictionary_of(held)
    for name, frame in arranged_tables(tables(held), dictionary).items():
        if form == PARQUET and name != DICTIONARY_TABLE:
            yield f"{name}.parquet", _parquet_chunks(name, frame, dictionary)
        else:
            yield f"{name}.csv", csv_chunks(frame)
    yield SPEC_FILE, [dumps(held.spec).encode()]
    if held.scenario:
        yield SCENARIO_FILE, [held.scenario.encode()]


def tables(held: Recorded) -> dict[str, pd.DataFrame]:
    """Tables by name: runs (a row a run), outcomes (a row a run and outcome), summary (means), and series if any."""
    names = [name for name in outcome_names(held.spec) if name in held.runs and _is_number(held.runs[name])]
    found = {"runs": held.runs, LONG: _long(held, names), SUMMARY: _summary(held, names)}
    return found | ({"series": held.series} if len(held.series) else {})


def dictionary_of(held: Recorded) -> DataDictionary:
    """Data dictionary of all tables of an export; a task that is no economy may measure more than it was asked for."""
    asked = columns(held.spec)
    known = {column.name for column in asked.columns}
    others = (name for name in dict.fromkeys([*held.runs, *held.series]) if name not in known)
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
    """One row for each combination and outcome: mean, interval, and runs behind them."""
    lead = ["combination", *factor_names(held.spec)]
    parts = []
    for name in names:
        if ((held.runs["status"] == OK) & np.isfinite(held.runs[name].astype(float))).any():
            means = combination_means(held.runs, held.spec, name)
            parts.append(means.assign(outcome=name, unit=unit_of(held.spec, name)))
    empty = held.runs[lead].iloc[:0].assign(outcome="", unit="", **{name: 0.0 for name, _, _ in STATISTICS[1:]})
    whole = pd.concat(parts or [empty])[[*lead, "outcome", "unit", *(name for name, _, _ in STATISTICS[1:])]]
    return whole.sort_values("combination", kind="stable", ignore_index=True)


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column)) or bool(column.isna().all())


class _Sink:
    """Takes what a writer writes until it is fetched."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._length = 0
        self.closed = False

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        self._length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._length

    def flush(self) -> None:
        """What was written is held already."""

    def close(self) -> None:
        self.closed = True

    def fetch(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)


def _parquet_chunks(name: str, frame: pd.DataFrame, dictionary: DataDictionary) -> Iterator[bytes]:
    """Bytes of a Parquet file in pieces of `CHUNK_ROWS` rows, with unit and meaning as metadata of each column."""
    whole = pa.Table.from_pandas(
        pd.DataFrame({column: _of_one_kind(frame[column]) for column in frame}), preserve_index=False
    )
    fields = []
    for field in whole.schema:
        line = dictionary.line(name, field.name)
        fields.append(field.with_metadata({"unit": line.unit, "meaning": line.meaning}))
    schema = pa.schema(fields)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for start in range(0, max(len(frame), 1), CHUNK_ROWS):
            writer.write_table(whole.slice(start, CHUNK_ROWS).cast(schema))
            yield sink.fetch()
    yield sink.fetch()


def _of_one_kind(column: pd.Series) -> pd.Series:
    """The column, its numbers as texts if it has texts too."""
    if column.dtype != object:
        return column
    kinds = {type(value) for value in column if not (value is None or value != value)}
    if len(kinds) < 2 or str not in kinds:
        return column
    return column.map(lambda value: value if isinstance(value, str) or value is None else repr(value))
