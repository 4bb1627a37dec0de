"""Results in columns: Parquet files of many runs each, which appear whole or not at all.

A part has a line for each run: its key, the epochs it played, its outcome and its series, column by column.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.experiments.sweeps.ledger import Filed, StoreError

FOLDER = "parts"


def part_path(folder: Path, number: int) -> Path:
    """File of part `number` of the sweep in `folder`."""
    return folder / FOLDER / f"part-{number:06d}.parquet"


def write_part(path: Path, results: Sequence[Filed]) -> int:
    """Bytes of the part at `path`, which is on the disk under its name once this returns."""
    written = path.with_suffix(".tmp")
    with written.open("wb") as file:
        pq.write_table(_table(results), file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
    written.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return path.stat().st_size


def remove_orphans(folder: Path, known: Iterable[int]) -> None:
    """Remove what a killed process left behind: files in the folder of parts that are no known part."""
    kept = {part_path(folder, number) for number in known}
    for path in (folder / FOLDER).glob("part-*"):
        if path not in kept:
            path.unlink()


def lost_parts(folder: Path, n_bytes: dict[int, int]) -> list[int]:
    """Numbers of the parts that are missing or have not the size they were written with."""
    lost = []
    for number, size in n_bytes.items():
        path = part_path(folder, number)
        if not path.is_file() or path.stat().st_size != size:
            lost.append(number)
    return lost


def check_parts(folder: Path, n_bytes: dict[int, int]) -> None:
    """Pass if all parts are there, at the size they were written with; otherwise a StoreError."""
    if lost := lost_parts(folder, n_bytes):
        names = ", ".join(part_path(folder, number).name for number in lost)
        raise StoreError(
            f"{names} of {folder / FOLDER} is missing or was changed: put back a copy, "
            "or play its runs again with sandbox sweep --resume --replay-lost"
        )


def read_outcomes(folder: Path, parts: Iterable[int], held: Sequence[Filed]) -> pd.DataFrame:
    """One row for each key, in no particular order: key and outcome, from the parts and the results still held."""
    tables = [_read(part_path(folder, number), "outcome") for number in parts]
    if held:
        tables.append(_table(held))
    frames = [
        pd.DataFrame(
            {"key": table.column("key").to_pandas()} | {n: c.to_pandas() for n, c in _children(table, "outcome")}
        )
        for table in tables
    ]
    if not frames:
        return pd.DataFrame({"key": pd.Series(dtype=object)})
    return pd.concat(frames, ignore_index=True).drop_duplicates("key")


def read_series(folder: Path, parts: Iterable[int], held: Sequence[Filed]) -> dict[str, dict[str, list[Any]]]:
    """Series by key, from the parts and the results still held."""
    found = {}
    for number in parts:
        table = _read(part_path(folder, number), "series")
        columns = {name: column.to_pylist() for name, column in _children(table, "series")}
        for row, key in enumerate(table.column("key").to_pylist()):
            found[key] = {name: values[row] for name, values in columns.items() if values[row] is not None}
    return found | {result.key: result.series for result in held}


def _read(path: Path, group: str) -> pa.Table:
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        return file.read(columns=["key", group] if group in file.schema_arrow.names else ["key"])
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"part {path} cannot be read: {str(error).splitlines()[0]}") from error


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
    for group in ("outcome", "series"):
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
