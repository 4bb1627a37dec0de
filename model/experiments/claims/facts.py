"""Facts from outside, each with its date and its source."""

import csv
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from model import DATA_FOLDER
from model.bounds import no_such
from model.records.data_dictionary import Column
from model.scenario.scenario_file import LARGEST_FILE_BYTES

FACTS_FOLDER = DATA_FOLDER / "facts"
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One number that somebody else has published.

    fact : its name
    date : of the number, as far as known: year, year-month or year-month-day
    source : where it was read
    note : what to know before using it; may be empty
    """

    fact: str
    value: float
    unit: str
    date: str
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", self.fact):
            raise ValueError(f"fact must be lower-case words joined by underscores, is {self.fact!r}")
        if not math.isfinite(self.value):
            raise ValueError(f"value of {self.fact} must be a finite number, is {self.value!r}")
        if not DATE.fullmatch(self.date):
            raise ValueError(f"date of {self.fact} must be YYYY, YYYY-MM or YYYY-MM-DD, is {self.date!r}")
        for name in ("unit", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} of {self.fact} must be given, is empty")


COLUMNS = tuple(field.name for field in fields(Fact))
FACT_COLUMNS = (
    Column(table="facts", name="fact", unit="name", meaning="what somebody else has published"),
    Column(table="facts", name="value", unit="as said in the row", meaning="the number published"),
    Column(table="facts", name="unit", unit="name", meaning="unit of the row's numbers"),
    Column(table="facts", name="date", unit="date", meaning="of the number, as far as known"),
    Column(table="facts", name="source", unit="text", meaning="where it was read"),
    Column(table="facts", name="note", unit="text", meaning="what to know before using it"),
)


class Facts:
    """Facts by name."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._fact: dict[str, Fact] = {}
        for one in facts:
            if one.fact in self._fact:
                raise ValueError(f"a fact must be stated once, {one.fact} is stated twice")
            self._fact[one.fact] = one

    def __getitem__(self, name: str) -> float:
        """Value of a fact.

        Raises
        ------
        ValueError
            If there is no such fact.
        """
        return self.fact(name).value

    def fact(self, name: str) -> Fact:
        """The fact of this name.

        Raises
        ------
        ValueError
            If there is none.
        """
        if name not in self._fact:
            raise ValueError(no_such("fact", name, self._fact))
        return self._fact[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all facts."""
        return tuple(self._fact)

    def table(self, names: Iterable[str]) -> pd.DataFrame:
        """These facts, one row each, in this order."""
        rows = [{column: getattr(self.fact(name), column) for column in COLUMNS} for name in names]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def read_facts(folder: Path = FACTS_FOLDER) -> Facts:
    """Facts in all CSV files of a folder.

    Raises
    ------
    ValueError
        If there is no file, one can't be read, or a row breaks a rule; the sentence names file and row.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise ValueError(f"facts must lie as .csv files in {folder}, there is none")
    return Facts(fact for path in paths for fact in _facts_in(path))


def _facts_in(path: Path) -> list[Fact]:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ValueError(f"must be <= {LARGEST_FILE_BYTES} bytes, has {path.stat().st_size}")
        reader = csv.reader(io.StringIO(path.read_bytes().decode()), strict=True)
        heading = next(reader, [])
        if tuple(heading) != COLUMNS:
            raise ValueError(f"columns must be {', '.join(COLUMNS)}, are {', '.join(heading)}")
        return [_fact(row, reader.line_num) for row in reader]
    except OSError as error:
        raise ValueError(f"facts file {path} cannot be read: {error.strerror}") from error
    except (ValueError, csv.Error) as error:
        raise ValueError(f"facts file {path}: {error}") from error


def _fact(row: list[str], line: int) -> Fact:
    if len(row) != len(COLUMNS):
        raise ValueError(f"line {line} must have {len(COLUMNS)} cells, has {len(row)}")
    given = dict(zip(COLUMNS, row, strict=True))
    try:
        value = float(given.pop("value"))
    except ValueError:
        raise ValueError(f"line {line}: value must be a number, is {row[COLUMNS.index('value')]!r}") from None
    try:
        return Fact(value=value, **given)
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from error
