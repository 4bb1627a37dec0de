"""Tables as files: tidy CSV that reads back to the same bits, a data dictionary and a manifest.

Texts that a spreadsheet would run as a formula carry a leading apostrophe; missing cells are empty. A reader
of numbers gets the same bits, in pandas by `read_csv(..., engine="pyarrow")`: its own reader misses the last bit of
every third number before version 3.1, unless it is told `float_precision="round_trip"`, deprecated from 3.1 on.
"""

import errno
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from model.files import read_file
from model.records.cells import cell, text_cell
from model.records.data_dictionary import DataDictionary
from model.records.part_folder import part_folder, part_of
from model.records.provenance import Manifest

MANIFEST_FILE = "manifest.json"
DICTIONARY_TABLE = "data_dictionary"
LARGEST_MANIFEST_BYTES = 100_000_000
CHUNK_ROWS = 20_000
NO_INPUTS: Mapping[str, bytes] = {}
LONGEST_FILE = "x" * 64  # longer than the names of files in an export
UNFINISHED = ".tmp"  # at the end of the name of a file that is being written
# The zip format stores a time for each file; this is the earliest it can say.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Stated(Protocol):
    """A manifest: what it takes to compute the files again."""

    def to_json(self, file_sha256: Mapping[str, str], /) -> bytes:
        """Text of `manifest.json` with the SHA-256 of each file beside it."""


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """CSV of `frame` in UTF-8, without its index: a header, one line per row, `\\n` after each.

    Floats are written by `repr`, the shortest text that reads back to the same bits.

    Raises
    ------
    ValueError
        If a column holds other things than numbers, truth values, texts and missing values.
    """
    return b"".join(csv_chunks(frame))


def csv_chunks(frame: pd.DataFrame) -> Iterator[bytes]:
    """The bytes of `csv_bytes` in pieces of `CHUNK_ROWS` rows, so that no long table is text as a whole."""
    yield (",".join(text_cell(str(name)) for name in frame.columns) + "\n").encode()
    for start in range(0, len(frame), CHUNK_ROWS):
        piece = frame.iloc[start : start + CHUNK_ROWS]
        columns = [_cells(piece.iloc[:, position]) for position in range(piece.shape[1])]
        if len(columns) == 1:
            # Readers skip an empty line, but not an empty text.
            columns = [[cell or '""' for cell in columns[0]]]
        yield ("\n".join(map(",".join, zip(*columns, strict=True))) + "\n").encode()


def check_out(out: Path, *, overwrite: bool = False) -> None:
    """Raise unless an export may be written to `out`; ask before a long run, not after it.

    Raises
    ------
    ValueError
        If `out` is a file, has a name that is too long or not UTF-8, lies where nothing can be written, or is not
        empty and not to be overwritten.
        Only what an earlier export wrote is ever overwritten.
    """
    out = out.resolve()
    _check_name(out)
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out must name a folder, is the file {out}")
    try:
        held = {entry.name for entry in out.iterdir()} if out.exists() else set()
    except OSError as error:
        raise _unwritable(out, error) from error
    if held and not overwrite:
        raise ValueError(f"--out must name a new or empty folder, is {out}, which holds {len(held)} entries")
    if held and not held <= _exported_names(out):
        raise ValueError(f"--out must hold nothing but an earlier export to be overwritten, is {out}")
    above = next(folder for folder in out.parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise ValueError(f"--out must name a folder that can be written, is {out} below {above}")


def _check_name(out: Path) -> None:
    """Raise unless `out` can be named in a manifest, and the folder beside it and its files in their file system."""
    try:
        str(out).encode()
    except UnicodeEncodeError as error:
        plain = str(out).encode(errors="backslashreplace").decode()
        raise ValueError(f"--out must be a name in UTF-8, is {plain}") from error
    if not out.name:  # the root, which holds something
        return
    above = next(folder for folder in out.parents if os.path.exists(folder))  # False for a name that is too long
    part = part_of(out)
    for name in (*part.relative_to(above).parts, str(part / LONGEST_FILE)):
        try:
            (above / name).lstat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise ValueError(f"--out must be a name that its file system can hold, is too long: {out}") from error


def write_tables(
    out: Path,
    tables: Mapping[str, pd.DataFrame],
    dictionary: DataDictionary,
    manifest: Manifest,
    *,
    inputs: Mapping[str, bytes] = NO_INPUTS,
    overwrite: bool = False,
) -> Path:
    """Folder with one CSV per table, data dictionary and manifest; it appears whole or not at all.

    Parameters
    ----------
    out : Path
        Folder to make; missing parents are made too.
    tables : mapping of table name to frame
        Names are lower-case words joined by underscores, and become file names.
    dictionary : DataDictionary
        A line for every column, and the order of writing.
    manifest : Manifest
        The run's inputs; the files' SHA-256 is added to it.
    inputs : mapping of file name to bytes
        Files to go with the tables, such as the run's scenario.
    overwrite : bool
        Replace an earlier export of ours at `out`.

    Raises
    ------
    ValueError
        If a column is not documented, a name does not fit, or `out` cannot be written (see `check_out`).
    """
    files = csv_files(arranged_tables(tables, dictionary), inputs)
    return write_files(out, files, manifest, overwrite=overwrite)


def write_files(
    out: Path, files: Iterable[tuple[str, Iterable[bytes]]], manifest: Stated, *, overwrite: bool = False
) -> Path:
    """Folder with these files, each a name and its bytes in pieces, and their manifest; it appears whole or not at all.

    Raises
    ------
    ValueError
        If `out` cannot be written (see `check_out`).
    """
    return write_folder(out, stated(files, manifest), overwrite=overwrite)


def write_folder(out: Path, files: Iterable[tuple[str, Iterable[bytes]]], *, overwrite: bool = False) -> Path:
    """Folder with these files, each a name and its bytes in pieces, taken in order; it appears whole or not at all.

    Raises
    ------
    ValueError
        If `out` cannot be written (see `check_out`).
    """
    out = out.resolve()
    check_out(out, overwrite=overwrite)
    try:
        with part_folder(out) as part:
            old = part.with_suffix(".old")
            for name, chunks in files:
                _write(part / name, chunks)
            _sync_folder(part)
            _put_in_place(part, out, old)
            _sync_folder(out.parent)
    except OSError as error:
        raise _unwritable(out, error) from error
    shutil.rmtree(old, ignore_errors=True)
    return out


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Put a file with these bytes at `path`, on the disk under its name, in place of what was there, or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    written = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        _write(written, chunks)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
    _sync_folder(path.parent)


def zip_bytes(
    tables: Mapping[str, pd.DataFrame],
    dictionary: DataDictionary,
    manifest: Manifest,
    inputs: Mapping[str, bytes] = NO_INPUTS,
) -> bytes:
    """Zip of the files that `write_tables` writes; the same tables, manifest and inputs give the same bytes.

    Raises
    ------
    ValueError
        If a column is not documented or a name does not fit.
    """
    return zipped(csv_files(arranged_tables(tables, dictionary), inputs), manifest)


def zipped(files: Iterable[tuple[str, Iterable[bytes]]], manifest: Stated) -> bytes:
    """Zip of these files, each a name and its bytes in pieces, and their manifest; equal files give equal bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, chunks in stated(files, manifest):
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            with bundle.open(entry, "w") as file:
                file.writelines(chunks)
    return archive.getvalue()


def arranged_tables(tables: Mapping[str, pd.DataFrame], dictionary: DataDictionary) -> dict[str, pd.DataFrame]:
    """Tables in dictionary order, and the dictionary itself as the last of them.

    Raises
    ------
    ValueError
        If a column is not documented or a name does not fit.
    """
    for table in tables:
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", table) or table == DICTIONARY_TABLE:
            raise ValueError(f"a table's name must be lower-case words joined by underscores, is {table!r}")
    arranged = {table: dictionary.arrange(table, frame) for table, frame in tables.items()}
    return arranged | {DICTIONARY_TABLE: dictionary.describe(arranged)}


def csv_files(
    arranged: Mapping[str, pd.DataFrame], inputs: Mapping[str, bytes] = NO_INPUTS
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Name and bytes of the CSV of each table, and then of each file that goes with them."""
    for table, frame in arranged.items():
        yield f"{table}.csv", csv_chunks(frame)
    for name, content in inputs.items():
        yield name, [content]


def stated(files: Iterable[tuple[str, Iterable[bytes]]], manifest: Stated) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The files, to be taken in order, and last the manifest that states their SHA-256."""
    digest = {}

    def hashed(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        digest[name] = hashlib.sha256()
        for chunk in chunks:
            digest[name].update(chunk)
            yield chunk

    for name, chunks in files:
        yield name, hashed(name, chunks)
    yield MANIFEST_FILE, iter([manifest.to_json({name: sha.hexdigest() for name, sha in digest.items()})])


def _cells(column: pd.Series) -> list[str]:
    """Texts of a column's cells, escaped and quoted where needed."""
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
    if kind == "f":
        value = column.to_numpy(dtype=np.float64)
        cells = list(map(repr, value.tolist()))
        for missing in np.flatnonzero(np.isnan(value)).tolist():
            cells[missing] = ""
        return cells
    if kind in "iub":
        return list(map(repr, column.tolist()))
    values = column.astype(object).tolist()
    if all(type(value) is str for value in values):
        quoted = {text: text_cell(text) for text in set(values)}
        return [quoted[text] for text in values]
    return [cell(value, column.name) for value in values]


def _exported_names(out: Path) -> set[str]:
    """Names of the files that an earlier export wrote to `out`, by its manifest; none without one."""
    try:
        manifest = json.loads(read_file(out / MANIFEST_FILE, MANIFEST_FILE, LARGEST_MANIFEST_BYTES))
        return {MANIFEST_FILE, *manifest["files"]}
    except (RecursionError, ValueError, KeyError, TypeError):
        return set()


def _put_in_place(part: Path, out: Path, old: Path) -> None:
    """Rename `part` to `out`; what is at `out` goes to `old`, and comes back if the renaming fails."""
    if out.exists():
        out.rename(old)
    try:
        part.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on the disk, not just in its cache."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(out: Path, error: OSError) -> ValueError:
    return ValueError(f"--out must name a folder that can be written, is {out}: {error.strerror or error}")
