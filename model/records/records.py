"""What a run leaves behind: one row per epoch and per thing in it, kept in arrays and handed out as tidy tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from model.units import FloatArray, IntArray

FIRST_CAPACITY = 64


@dataclass(slots=True)
class Series:
    """A table that grows by the same rows each epoch.

    Parameters
    ----------
    label : columns that are the same in every epoch, each (row,)
    """

    label: Mapping[str, np.ndarray]
    _epoch: list[int] = field(default_factory=list)
    _column: dict[str, np.ndarray] = field(default_factory=dict)

    def append(self, epoch: int, values: Mapping[str, Any]) -> None:
        """Add the rows of one epoch; each value is (row,), or one number where the table has one row an epoch."""
        position = len(self._epoch)
        for name, value in values.items():
            block = np.atleast_1d(np.asarray(value))
            held = self._column.get(name)
            if held is None:
                held = self._column[name] = np.empty((FIRST_CAPACITY, *block.shape), block.dtype)
            elif position == len(held):
                held = self._column[name] = np.concatenate([held, np.empty_like(held)])
            held[position] = block
        self._epoch.append(epoch)

    def frame(self, last: int | None = None, every: int = 1, columns: Collection[str] = ()) -> pd.DataFrame:
        """The table so far as tidy rows.

        Parameters
        ----------
        last : only so many epochs at the end
        every : of them each `every`th and the very last one
        columns : only these besides epoch and labels; all when empty
        """
        n_epochs = len(self._epoch)
        start = 0 if last is None else max(n_epochs - last, 0)
        if every == 1 or start == n_epochs:
            return self._rows(slice(start, n_epochs), self._epoch[start:], columns)
        chosen = sorted({*range(start, n_epochs, every), n_epochs - 1})
        return self._rows(chosen, [self._epoch[position] for position in chosen], columns)

    def between(self, first: int, end: int) -> pd.DataFrame:
        """Tidy rows of the epochs from the `first` on, counted from 0, and before the `end`."""
        return self._rows(slice(first, end), self._epoch[first:end])

    def refill(self, columns: Mapping[str, np.ndarray]) -> None:
        """Fill the empty table with all epochs from 0 on, each column (epoch, row) in whatever shape."""
        n_rows = self.n_rows
        self._column = {name: values.reshape(-1, n_rows) for name, values in columns.items()}
        self._epoch = list(range(len(next(iter(self._column.values()), ()))))

    def _rows(
        self, chosen: slice | list[int], held_epochs: Sequence[int], columns: Collection[str] = ()
    ) -> pd.DataFrame:
        epoch = np.array(held_epochs, dtype=np.int64)
        table: dict[str, Any] = {"epoch": np.repeat(epoch, self.n_rows)}
        for name, values in self.label.items():
            table[name] = np.tile(values, len(epoch))
        for name in columns or self._column:
            table[name] = self._column[name][chosen].reshape(-1)
        return pd.DataFrame(table)

    def last(self, name: str) -> np.ndarray:
        """Values of one column in the last epoch, (row,)."""
        return self._column[name][len(self._epoch) - 1]

    def at(self, epoch: int, name: str) -> np.ndarray:
        """Values of one column in `epoch`, (row,), for a table that has every epoch from 0 on.

        Raises
        ------
        IndexError
            If the table has no such epoch.
        """
        if not 0 <= epoch < len(self._epoch):
            raise IndexError(f"epoch must be in [0, {len(self._epoch)}), is {epoch}")
        return self._column[name][epoch]

    def history(self, name: str) -> np.ndarray:
        """Values of one column in all epochs so far, (epoch, row)."""
        return self._column[name][: len(self._epoch)]

    def cut(self, n_epochs: int) -> None:
        """Take back what was added after the first `n_epochs`."""
        del self._epoch[n_epochs:]
        if not n_epochs:
            self._column = {}

    @property
    def n_rows(self) -> int:
        """Rows of an epoch."""
        return len(next(iter(self.label.values()))) if self.label else 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that change from epoch to epoch."""
        return tuple(self._column)

    def __len__(self) -> int:
        return len(self._epoch)


@dataclass(slots=True)
class Records:
    """The tables of one run: by epoch, by subnet, by capability and by strategy.

    participant_tao : reward, spending, stake and wealth of each in the last epoch, by name, each (participant,)
    """

    epochs: Series
    subnets: Series
    capabilities: Series
    strategies: Series
    participant_tao: Mapping[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, n_subnets: int, capability: tuple[str, ...], role: np.ndarray, strategy: np.ndarray) -> "Records":
        """Empty tables for a network of this shape and these groups of participants."""
        subnet: IntArray = np.arange(n_subnets)
        return cls(
            epochs=Series({}),
            subnets=Series({"subnet": subnet}),
            capabilities=Series(
                {
                    "subnet": np.repeat(subnet, len(capability)),
                    "capability": np.tile(np.array(capability, dtype=object), n_subnets),
                }
            ),
            strategies=Series({"role": role, "strategy": strategy}),
        )

    def series(self) -> dict[str, Series]:
        """All tables as they grow, by name."""
        return {
            "epochs": self.epochs,
            "subnets": self.subnets,
            "capabilities": self.capabilities,
            "strategies": self.strategies,
        }

    def cut(self, n_epochs: int) -> None:
        """Take back what was added after the first `n_epochs`."""
        for series in self.series().values():
            series.cut(n_epochs)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables, by name."""
        return {name: series.frame() for name, series in self.series().items()}

    def between(self, first: int, end: int) -> dict[str, pd.DataFrame]:
        """All tables, by name: the epochs from the `first` on and before the `end`."""
        return {name: series.between(first, end) for name, series in self.series().items()}


def share_of(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part over whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)
