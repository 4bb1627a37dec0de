"""A table that grows on the disk: a CSV that is written at its end, and what was in it when all was well."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

READ_BYTES = 1 << 20


class GrowingTable:
    """A file that is written at its end: its length and its SHA-256 so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_bytes = 0
        self.n_safe_bytes = 0  # that a checkpoint speaks of
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, to be written at the end of the file."""
        for chunk in chunks:
            self._sha256.update(chunk)
            self.n_bytes += len(chunk)
            yield chunk

    def append(self, chunks: Iterable[bytes]) -> None:
        """Have the chunks on the disk, at the end of the file."""
        with self.path.open("ab") as file:
            file.writelines(self.counted(chunks))
            file.flush()
            os.fsync(file.fileno())

    def content(self) -> Iterator[bytes]:
        """What is in the file, in pieces."""
        with self.path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                yield piece


def read_columns(content: bytes, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Columns of a CSV by name, each of its NumPy type; an empty cell is NaN."""
    table = pacsv.read_csv(
        pa.BufferReader(content),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(kinds),
            column_types={name: pa.from_numpy_dtype(np.dtype(kind)) for name, kind in kinds.items()},
            null_values=[""],
        ),
    )
    return {name: table.column(name).to_numpy().astype(kind, copy=False) for name, kind in kinds.items()}
