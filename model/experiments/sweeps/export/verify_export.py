"""Whether an export says what the sweep's folder has on record: every cell of every file."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from model.experiments.sweeps.export.evidence import ABSENT, Finding, same_bits, same_but_rounding
from model.experiments.sweeps.export.exports import CSV, PARQUET, Recorded, files, manifest_of
from model.experiments.sweeps.spec.columns import columns
from model.files import read_file
from model.records.export import CHUNK_ROWS, LARGEST_MANIFEST_BYTES, MANIFEST_FILE, csv_chunks, stated

CHUNK_BYTES = 1 << 20
MOST_FINDINGS = 20  # named for each file; more say no more
ROW_NAMES = ("table", "column", "run", "combination", "epoch", "outcome")


def check_export(held: Recorded, folder: Path, *, exact: bool = True) -> list[Finding]:
    """Every cell of the export in `folder` that is not on record so, up to `MOST_FINDINGS` for each file.

    An export that was made when the sweep had other runs is one finding. If not `exact`, floats may differ as other
    libraries round, by 1e-9.
    """
    if stale := _stale(held, folder):
        return [stale]
    form = PARQUET if any(folder.glob("*.parquet")) else CSV
    findings: list[Finding] = []
    for name, chunks in stated(files(held, form), manifest_of(held, form)):
        findings += islice(_found(f"{folder.name}/{name}", _differences(folder / name, chunks, exact)), MOST_FINDINGS)
    return findings


def check_runs_file(held: Recorded, path: Path, *, exact: bool = True) -> list[Finding]:
    """The same for the table of runs that a sweep leaves in its own folder.

    Where runs are still to be played, the file may be of an earlier moment and lack some.
    """
    due = csv_chunks(columns(held.spec).arrange("runs", held.runs))
    under_way = len(held.runs) < held.spec.n_runs
    differences = (one for one in _differences(path, due, exact) if not (under_way and one[2] is None))
    return list(islice(_found(path.name, differences), MOST_FINDINGS))


def is_export(folder: Path) -> bool:
    """Whether an export lies in `folder`."""
    return (folder / MANIFEST_FILE).is_file()


def _stale(held: Recorded, folder: Path) -> Finding | None:
    """That the export is of another state of the sweep, by what its manifest says."""
    due = json.loads(manifest_of(held, CSV).to_json({}))
    try:
        found = json.loads(read_file(folder / MANIFEST_FILE, MANIFEST_FILE, LARGEST_MANIFEST_BYTES))
    except (ValueError, RecursionError):
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
Same = Callable[[Any, Any], bool]


def _differences(path: Path, due: Iterable[bytes], exact: bool) -> Iterator[Difference]:
    """What differs between a file and the bytes that it should have, which are taken to their end."""
    with TemporaryFile() as whole:
        for chunk in due:
            whole.write(chunk)
        n_bytes = whole.tell()
        whole.seek(0)
        if not path.is_file():
            yield "", "", None, f"{n_bytes} bytes"
            return
        with path.open("rb") as found:
            if not _same_bytes(found, whole):
                found.seek(0)
                whole.seek(0)
                same = same_bits if exact else same_but_rounding
                if path.suffix == ".csv":
                    yield from _csv_cells(found, whole, same)
                elif path.suffix == ".parquet":
                    yield from _parquet_cells(found, whole, same)
                else:
                    yield from _lines(found, whole)


def _same_bytes(found: BinaryIO, due: BinaryIO) -> bool:
    while chunk := due.read(CHUNK_BYTES):
        if found.read(CHUNK_BYTES) != chunk:
            return False
    return not found.read(1)


def _found(file: str, differences: Iterable[Difference]) -> Iterator[Finding]:
    for where, column, stored, recomputed in differences:
        texts = [ABSENT if value is None else str(value) or "an empty cell" for value in (stored, recomputed)]
        yield Finding(file=file, where=where, column=column, stored=texts[0], recomputed=texts[1])


def _csv_cells(found: BinaryIO, due: BinaryIO, same: Same) -> Iterator[Difference]:
    """Cells that differ, row by row in step; rows that have no partner yet wait for it."""
    there, here = (csv.reader(io.TextIOWrapper(file, "utf-8", "replace", newline="")) for file in (found, due))
    heading = next(here)
    waiting: tuple[dict[str, list[str]], ...] = {}, {}
    try:
        first = next(there, None)
        if first != heading:
            yield "", "heading", first and ",".join(first), ",".join(heading)
            return
        for rows in zip_longest(there, here):
            for side, row in enumerate(rows):
                if row is None:
                    continue
                name = _row_name(dict(zip(heading, row, strict=False)))
                if name in waiting[side]:
                    yield name, "", "a second row", None
                waiting[side].setdefault(name, row)
                if name in waiting[1 - side]:
                    stored, row = (of.pop(name) for of in waiting)
                    yield from _row_differences(name, stored, row, heading, same)
    except csv.Error as error:
        yield "", "", f"no CSV ({error})", "CSV"
        return
    for name, row in waiting[1].items():
        yield name, "", None, f"a row of {len(row)}"
    for name, row in waiting[0].items():
        yield name, "", f"a row of {len(row)}", None


def _row_differences(
    where: str, stored: list[str], row: list[str], heading: list[str], same: Same
) -> Iterator[Difference]:
    if len(stored) != len(row):
        yield where, "", f"a row of {len(stored)}", f"a row of {len(row)}"
        return
    for name, there, due in zip(heading, stored, row, strict=True):
        if not same(there, due):
            yield where, name, there, due


def _parquet_cells(found: BinaryIO, due: BinaryIO, same: Same) -> Iterator[Difference]:
    """Cells that differ; other bytes with the same cells, as another version of the library writes, do not count."""
    whole = pq.ParquetFile(due)
    heading, n_rows = whole.schema_arrow, whole.metadata.num_rows
    try:
        there = pq.ParquetFile(found)
        names = there.schema_arrow.names
        if names != heading.names or there.metadata.num_rows != n_rows:
            yield "", "shape", f"{there.metadata.num_rows} x {names}", f"{n_rows} x {heading.names}"
            return
        for name in names:
            stored, stated_due = (of.field(name).metadata for of in (there.schema_arrow, heading))
            if stored != stated_due:
                yield "", f"{name}, metadata", stored, stated_due
        for stored_row, row in zip(_parquet_rows(there), _parquet_rows(whole), strict=True):
            for name, value in row.items():
                if not same(stored_row[name], value):
                    yield _row_name(row), name, stored_row[name], value
    except (OSError, pa.ArrowException) as error:
        yield "", "", f"no Parquet ({str(error).splitlines()[0]})", "Parquet"


def _parquet_rows(file: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(batch_size=CHUNK_ROWS):
        yield from batch.to_pylist()


def _lines(found: BinaryIO, due: BinaryIO) -> Iterator[Difference]:
    lines = [io.TextIOWrapper(file, "utf-8", "replace") for file in (found, due)]
    for number, (stored, line) in enumerate(zip_longest(*lines), 1):
        if stored != line:
            yield f"line {number}", "", stored and stored.strip(), line and line.strip()


def _row_name(row: dict[str, Any]) -> str:
    named = {name: row[name] for name in ROW_NAMES if name in row}
    if "run" in named:
        named.pop("combination", None)
    return ", ".join(f"{name} {value}" for name, value in named.items())
