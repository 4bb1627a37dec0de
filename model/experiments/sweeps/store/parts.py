"""Results in columns: Parquet files of many runs each, which appear whole or not at all.

A part has a line for each run: its key, the epochs it played, its outcome and its series, column by column. It never
changes once it is written: the ledger has its SHA-256, and whoever reads it checks that first.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.experiments.sweeps.store.endings import Filed
from model.experiments.sweeps.store.ledger import StoreError
from model.records.export import write_whole

FOLDER = "parts"
GROUPS = OUTCOME, SERIES = ("outcome", "series")


def part_path(folder: Path, number: int) -> Path:
    """File of part `number` of the sweep in `folder`."""
    return folder / FOLDER / f"part-{number:06d}.parquet"


def write_part(path: Path, results: Sequence[Filed]) -> str:
    """SHA-256 of the part at `path`, which is on the disk under its name once this returns."""
    sink = pa.BufferOutputStream()
    pq.write_table(_table(results), sink, compression="zstd", write_page_checksum=True)
    content = sink.getvalue()
    write_whole(path, [content])
    return hashlib.sha256(content).hexdigest()


def remove_orphans(folder: Path, known: Iterable[int]) -> None:
    """Remove what a killed process left behind: files in the folder of parts that are no known part."""
    kept = {part_path(folder, number) for number in known}
    for path in (folder / FOLDER).glob("part-*"):
        if path not in kept:
            path.unlink()


def found_sha256(path: Path) -> str:
    """SHA-256 of the file as it lies there; empty if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lost_parts(folder: Path, sha256: Mapping[int, str]) -> list[int]:
    """Numbers of the parts that are missing or have not the bytes they were written with."""
    return [number for number, due in sha256.items() if found_sha256(part_path(folder, number)) != due]


def check_parts(folder: Path, sha256: Mapping[int, str]) -> None:
    """Pass if all parts are there, to the byte as they were written; otherwise a StoreError that names those."""
    if lost := lost_parts(folder, sha256):
        raise _lost(folder, lost)


def read_part(folder: Path, number: int, sha256: str, groups: Sequence[str] = GROUPS) -> pa.Table:
    """Keys of a part with its outcomes, its series or both.

    Raises
    ------
    StoreError
        If it is missing, has not the bytes it was written with, or is no Parquet.
    """
    path = part_path(folder, number)
    if not path.is_file():
        raise _lost(folder, [number])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"part {path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _lost(folder, [number])
    try:
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        return file.read(columns=["key", *(group for group in groups if group in file.schema_arrow.names)])
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"part {path} cannot be read: {str(error).splitlines()[0]}") from error


def read_outcomes(folder: Path, sha256: Mapping[int, str], held: Sequence[Filed]) -> pd.DataFrame:
    """One row for each key, in no particular order: key and outcome, from the parts and the results still held."""
    frames = [outcomes_of(read_part(folder, number, due, [OUTCOME])) for number, due in sha256.items()]
    if held:
        frames.append(outcomes_of(_table(held)))
    if not frames:
        return pd.DataFrame({"key": pd.Series(dtype=object)})
    return pd.concat(frames, ignore_index=True).drop_duplicates("key")


def outcomes_of(part: pa.Table) -> pd.DataFrame:
    """Keys and outcomes of a part, a row for each run."""
    columns = {name: column.to_pandas() for name, column in _children(part, OUTCOME)}
    return pd.DataFrame({"key": part.column("key").to_pandas()} | columns)


def read_series(
    folder: Path, sha256: Mapping[int, str], held: Sequence[Filed]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Key and series of each run that left some, one part after another, and then those of the results still held."""
    for number, due in sha256.items():
        part = read_part(folder, number, due, [SERIES])
        columns = _children(part, SERIES)
        for row, key in enumerate(part.column("key").to_pylist()):
            kept = {name: column[row].values for name, column in columns}
            yield key, {name: _numbers(values.to_numpy()) for name, values in kept.items() if values is not None}
    for result in held:
        yield result.key, {name: _numbers(values) for name, values in result.series.items()}


def _lost(folder: Path, numbers: Sequence[int]) -> StoreError:
    names = ", ".join(part_path(folder, number).name for number in numbers)
    return StoreError(
        f"{names} of {folder / FOLDER} is missing or was changed: put back a copy, "
        "or play its runs again with sandbox sweep --resume --replay-lost"
    )


def _numbers(values: Any) -> np.ndarray:
    return np.asarray(values) if len(values) else np.empty(0)


def _children(table: pa.Table, group: str) -> list[tuple[str, pa.ChunkedArray]]:
    if group not in table.column_names:
        return []
    names = [field.name for field in table.schema.field(group).type]
    return list(zip(names, table.column(group).flatten(), strict=True))


def _table(results: Sequence[Filed]) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "key": pa.array([result.key for result in results], pa.string()),
        "epochs_played": pa.array([result.epochs_played for result in results], pa.int64()),
    }
    for group in GROUPS:
        rows = [getattr(result, group) for result in results]
        names = sorted({name for row in rows for name in row})
        if names:
            children = [_column([row.get(name) for row in rows]) for name in names]
            columns[group] = pa.StructArray.from_arrays(children, names)
    return pa.table(columns)


def _column(values: list[Any]) -> pa.Array:
    """Column of numbers, or of texts; whole numbers among others are floats, numbers among texts are texts."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    if str in kinds and len(kinds) > 1:
        values = [value if value is None or isinstance(value, str) else repr(value) for value in values]
    return pa.array(values)
