"""What every column of every table means, in which unit, and in which order columns are written."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

EVERY_TABLE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One line of the data dictionary."""

    name: str
    unit: str  # TAO, share, blocks, count, name, ...
    meaning: str
    table: str = EVERY_TABLE

    def __post_init__(self) -> None:
        for field in ("name", "unit", "meaning", "table"):
            if not getattr(self, field).strip():
                raise ValueError(f"{field} of a column must say something, is empty in {self}")


class DataDictionary:
    """What each column of each table means; it also fixes the order in which columns are written.

    Parameters
    ----------
    *columns : Column
        In the order of writing. A line for one table goes before a line for every table of the same name.

    Raises
    ------
    ValueError
        If a table has two lines for one column.
    """

    def __init__(self, *columns: Column) -> None:
        self._line: dict[tuple[str, str], Column] = {}
        self._rank: dict[str, int] = {}
        for column in columns:
            key = (column.table, column.name)
            if key in self._line:
                raise ValueError(f"column {column.name!r} of table {column.table!r} is documented twice")
            self._line[key] = column
            self._rank.setdefault(column.name, len(self._rank))

    @property
    def columns(self) -> tuple[Column, ...]:
        """All lines, in the order they were given."""
        return tuple(self._line.values())

    def line(self, table: str, name: str) -> Column:
        """Line of column `name` in `table`.

        Raises
        ------
        ValueError
            If the column is not documented.
        """
        found = self._line.get((table, name)) or self._line.get((EVERY_TABLE, name))
        if found is None:
            raise ValueError(f"column {name!r} of table {table!r} has no line in the data dictionary")
        return found

    def arrange(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Columns of `frame` in the dictionary's order.

        Raises
        ------
        ValueError
            If a column is not documented, or occurs twice.
        """
        names = list(frame.columns)
        if len(set(names)) != len(names):
            raise ValueError(f"columns of table {table!r} must differ, are {', '.join(map(str, names))}")
        for name in names:
            self.line(table, str(name))
        return frame[sorted(names, key=lambda name: self._rank[str(name)])]

    def describe(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Dictionary of these tables: one row per column, in order of writing."""
        rows = []
        for table, frame in tables.items():
            for name in self.arrange(table, frame).columns:
                found = self.line(table, name)
                rows.append({"table": table, "column": name, "unit": found.unit, "meaning": found.meaning})
        return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
