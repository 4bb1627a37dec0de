"""Whether an export says what the sweep's folder has on record: every cell of every file."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from model.experiments.sweeps.columns import columns
from model.experiments.sweeps.evidence import ABSENT, Finding, same_bits
from model.experiments.sweeps.exports import CSV, PARQUET, Recorded, files, manifest_of
from model.export import MANIFEST_FILE, csv_chunks, stated

MOST_FINDINGS = 20  # named for each file; more say no more
ROW_NAMES = ("table", "column", "run", "combination", "epoch", "outcome")


def check_export(held: Recorded, folder: Path) -> list[Finding]:
    """Every cell of the export in `folder` that is not on record so, up to `MOST_FINDINGS` for each file.

    An export that was made when the sweep had other runs is one finding.
    """
    if stale := _stale(held, folder):
        return [stale]
    form = PARQUET if any(folder.glob("*.parquet")) else CSV
    findings: list[Finding] = []
    for name, chunks in stated(files(held, form), manifest_of(held, form)):
        due = b"".join(chunks)
        path, shown = folder / name, f"{folder.name}/{name}"
        if path.is_file():
            findings += islice(_told(shown, _differences(path, due)), MOST_FINDINGS)
        else:
            findings.append(Finding(file=shown, where="", column="", stored=ABSENT, recomputed=f"{len(due)} bytes"))
    return findings


def check_runs_file(held: Recorded, path: Path) -> list[Finding]:
    """The same for the table of runs that a sweep leaves in its own folder.

    Where runs are still to be played, the file may be of an earlier moment and lack some.
    """
    due = b"".join(csv_chunks(columns(held.spec).arrange("runs", held.runs)))
    under_way = len(held.runs) < held.spec.n_runs
    differences = (one for one in _differences(path, due) if not (under_way and one[2] is None))
    return list(islice(_told(path.name, differences), MOST_FINDINGS))


def is_export(folder: Path) -> bool:
    """Whether an export lies in `folder`."""
    return (folder / MANIFEST_FILE).is_file()


def _stale(held: Recorded, folder: Path) -> Finding | None:
    """That the export is of another state of the sweep, by what its manifest says."""
    due = json.loads(manifest_of(held, CSV).to_json({}))
    try:
        found = json.loads((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None  # it is compared line by line
    for name in ("spec_digest", "runs_by_status"):
        if isinstance(found, dict) and found.get(name) != due[name]:
            there, here = (json.dumps(of.get(name)) for of in (found, due))
            return Finding(
                file=f"{folder.name}/{MANIFEST_FILE}",
                where="",
                column=name,
                stored=there,
                recomputed=f"{here}: export again",
            )
    return None


Difference = tuple[str, str, Any, Any]  # row, column, stored, recomputed


def _differences(path: Path, due: bytes) -> Iterator[Difference]:
    found = path.read_bytes()
    if found != due:
        yield from {".csv": _csv_cells, ".parquet": _parquet_cells}.get(path.suffix, _lines)(found, due)


def _told(file: str, differences: Iterable[Difference]) -> Iterator[Finding]:
    for where, column, stored, recomputed in differences:
        texts = [ABSENT if value is None else str(value) or "an empty cell" for value in (stored, recomputed)]
        yield Finding(file=file, where=where, column=column, stored=texts[0], recomputed=texts[1])


def _csv_cells(found: bytes, due: bytes) -> Iterator[Difference]:
    try:
        tables = [list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline=""))) for data in (found, due)]
    except csv.Error as error:
        yield "", "", f"no CSV ({error})", "CSV"
        return
    heading = tables[1][0]
    if not tables[0] or tables[0][0] != heading:
        yield "", "heading", ",".join(tables[0][0]) if tables[0] else None, ",".join(heading)
        return
    there: dict[str, list[str]] = {}
    for row in tables[0][1:]:
        name = _row_name(dict(zip(heading, row, strict=False)))
        if name in there:
            yield name, "", "a second row", None
        there.setdefault(name, row)
    for row in tables[1][1:]:
        name = _row_name(dict(zip(heading, row, strict=True)))
        yield from _row_differences(name, there.pop(name, None), row, heading)
    for name, extra in there.items():
        yield name, "", f"a row of {len(extra)}", None


def _row_differences(where: str, stored: list[str] | None, row: list[str], heading: list[str]) -> Iterator[Difference]:
    if stored is None or len(stored) != len(row):
        yield where, "", stored and f"a row of {len(stored)}", f"a row of {len(row)}"
        return
    for name, there, due in zip(heading, stored, row, strict=True):
        if there != due:
            yield where, name, there, due


def _parquet_cells(found: bytes, due: bytes) -> Iterator[Difference]:
    """Cells that differ; other bytes with the same cells, as another version of the library writes, do not count."""
    try:
        there = pq.read_table(io.BytesIO(found))
    except (OSError, pa.ArrowException) as error:
        yield "", "", f"no Parquet ({str(error).splitlines()[0]})", "Parquet"
        return
    whole = pq.read_table(io.BytesIO(due))
    if there.column_names != whole.column_names or there.num_rows != whole.num_rows:
        yield "", "shape", f"{there.num_rows} x {there.column_names}", f"{whole.num_rows} x {whole.column_names}"
        return
    names = [name for name in ROW_NAMES if name in whole.column_names]
    for name in whole.column_names:
        if there.schema.field(name).metadata != whole.schema.field(name).metadata:
            yield "", f"{name}, metadata", there.schema.field(name).metadata, whole.schema.field(name).metadata
        cells = zip(there.column(name).to_pylist(), whole.column(name).to_pylist(), strict=True)
        for row, (stored, value) in enumerate(cells):
            if not same_bits(stored, value):
                yield _row_name({of: whole.column(of)[row].as_py() for of in names}), name, stored, value


def _lines(found: bytes, due: bytes) -> Iterator[Difference]:
    lines = [data.decode("utf-8", "replace").splitlines() for data in (found, due)]
    for number, (stored, line) in enumerate(zip_longest(*lines), 1):
        if stored != line:
            yield f"line {number}", "", stored and stored.strip(), line and line.strip()


def _row_name(row: dict[str, Any]) -> str:
    named = {name: row[name] for name in ROW_NAMES if name in row}
    if "run" in named:
        named.pop("combination", None)
    return ", ".join(f"{name} {value}" for name, value in named.items())
