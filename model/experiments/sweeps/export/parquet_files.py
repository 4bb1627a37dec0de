"""Tables as Parquet files in pieces of bytes, whose columns carry their unit and meaning."""

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.records.data_dictionary import DataDictionary


def parquet_chunks(
    name: str, frame: pd.DataFrame, pieces: Iterable[pd.DataFrame], dictionary: DataDictionary
) -> Iterator[bytes]:
    """Bytes of a Parquet file, piece by piece, with unit and meaning as metadata of each column.

    Parameters
    ----------
    frame : table
        It tells the columns' kinds.
    """
    mixed = [str(column) for column in frame if _is_mixed(frame[column])]
    schema = _schema(name, _of_one_kind(frame, mixed), dictionary)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for piece in pieces:
            writer.write_table(pa.Table.from_pandas(_of_one_kind(piece, mixed), schema, preserve_index=False))
            yield sink.fetch()
    yield sink.fetch()


def _schema(name: str, frame: pd.DataFrame, dictionary: DataDictionary) -> pa.Schema:
    fields = []
    for field in pa.Schema.from_pandas(frame, preserve_index=False):
        line = dictionary.line(name, field.name)
        fields.append(field.with_metadata({"unit": line.unit, "meaning": line.meaning}))
    return pa.schema(fields)


def _is_mixed(column: pd.Series) -> bool:
    """Whether it has texts and numbers."""
    if column.dtype != object:
        return False
    kinds = {type(value) for value in column if not (value is None or value != value)}
    return len(kinds) > 1 and str in kinds


def _of_one_kind(frame: pd.DataFrame, mixed: Sequence[str]) -> pd.DataFrame:
    """The table, with the numbers of mixed columns as texts."""
    texts = {
        name: frame[name].map(lambda value: value if isinstance(value, str) or value is None else repr(value))
        for name in mixed
    }
    return frame.assign(**texts)


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
