"""What every column of every table means, its unit and type, and in which order columns are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from model.bounds import one_of

EVERY_TABLE = "*"
# Of a column's cells; a missing one is empty in each.
WHOLE, NUMBER, TEXT, TRUTH, ANY = TYPES = ("whole number", "number", "text", "truth", "any")
TYPE_OF_UNIT = {
    **dict.fromkeys(("index", "count", "epochs", "blocks"), WHOLE),
    **dict.fromkeys(("name", "text", "path", "date"), TEXT),
    "true or false": TRUTH,
    **dict.fromkeys(("as the field", "as the factor"), ANY),
}
NO_KEYS: Mapping[str, Sequence[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One line of the data dictionary.

    unit : TAO, share, blocks, count, name, ...
    type : of its cells, one of `TYPES`; that of the unit when empty, a number for units of no other
    table : that has it
    """

    name: str
    unit: str
    meaning: str
    table: str = EVERY_TABLE
    type: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "unit", "meaning", "table"):
            if not getattr(self, field).strip():
                raise ValueError(f"{field} of a column must say something, is empty in {self}")
        object.__setattr__(self, "type", self.type or TYPE_OF_UNIT.get(self.unit, NUMBER))
        one_of(f"type of column {self.name!r}", self.type, TYPES)


class DataDictionary:
    """What each column of each table means; it also fixes the order in which columns are written, and their types.

    Parameters
    ----------
    *columns : Column
        In the order of writing. A line for one table goes before a line for every table of the same name.
    keys : mapping of table name to columns
        Columns that together tell the rows of a table apart.

    Raises
    ------
    ValueError
        If a table has two lines for one column.
    """

    def __init__(self, *columns: Column, keys: Mapping[str, Sequence[str]] = NO_KEYS) -> None:
        self.keys = dict(keys)
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
        """Columns of `frame` in the dictionary's order, each of its type whatever cells it happens to have.

        Raises
        ------
        ValueError
            If a column is not documented, occurs twice, or has cells of another type.
        """
        names = list(frame.columns)
        if len(set(names)) != len(names):
            raise ValueError(f"columns of table {table!r} must differ, are {', '.join(map(str, names))}")
        typed = {name: _typed(frame[name], self.line(table, str(name)).type) for name in names}
        return pd.DataFrame(
            {name: typed[name] for name in sorted(names, key=lambda name: self._rank[str(name)])}, index=frame.index
        )

    def describe(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Dictionary of these tables: one row per column, in order of writing."""
        rows = []
        for table, frame in tables.items():
            for name in self.arrange(table, frame.iloc[:0]).columns:
                found = self.line(table, name)
                key = "yes" if name in self.keys.get(table, ()) else ""
                rows.append(
                    {"table": table, "column": name, "unit": found.unit, "type": found.type, "key": key,
                     "meaning": found.meaning}
                )  # fmt: skip
        return pd.DataFrame(rows, columns=["table", "column", "unit", "type", "key", "meaning"])


def _typed(column: pd.Series, type_: str) -> pd.Series:
    """The column with cells of that type; whole numbers are nullable where some are missing."""
    kind = getattr(column.dtype, "kind", "O")
    try:
        if type_ == WHOLE and kind not in "iu":
            return column.astype("float64").astype("Int64")
        if type_ == NUMBER and kind != "f":
            return column.astype("float64")
    except (TypeError, ValueError) as error:
        raise ValueError(f"cells of column {column.name!r} must be of type {type_}, one is not: {error}") from error
    return column
