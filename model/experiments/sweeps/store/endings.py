"""How the runs of a sweep end, and what they leave on record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

OK, FAILED, TIMEOUT, DIED = ENDS = ("ok", "failed", "timeout", "died")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one run ended.

    status : ok, failed, timeout or died
    error, traceback : of a run that did not end well; the error is one line
    outcome, series : numbers and texts by column, and arrays of one number per epoch; of a run that ended well
    seconds : how long it took
    worker : process that played it
    """

    status: str
    error: str = ""
    traceback: str = ""
    epochs_played: int = 0
    outcome: Mapping[str, float | int | str] = field(default_factory=dict)
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    seconds: float = 0.0
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Result of one run as the ledger or a part holds it."""

    key: str
    epochs_played: int
    outcome: dict[str, Any]
    series: dict[str, list[Any]]


def packed(series: Mapping[str, np.ndarray]) -> bytes | None:
    """Series as bytes, as the ledger holds them; None for none."""
    if not series:
        return None
    sink = pa.BufferOutputStream()
    table = pa.table({name: pa.array(values) for name, values in series.items()})
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def unpacked(held: bytes | None) -> dict[str, list[Any]]:
    """Series by column from what `packed` gave."""
    return dict(pa.ipc.open_stream(held).read_all().to_pydict()) if held else {}
