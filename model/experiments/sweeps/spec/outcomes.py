"""What a sweep keeps of a run: measures of its tables, each over rows and epochs, and when a run may stop early."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from model.bounds import one_of, shown, within
from model.records.measures import effective_number, gini, hhi
from model.scenario.frozen_map import FrozenMap
from model.units import FloatArray

TABLES = ("epochs", "subnets", "capabilities", "strategies")  # of a run; the first has one row an epoch
SERIES = "series"
LONGEST_RUN_EPOCHS = 10_000_000
Label = str | int
NO_LABELS: FrozenMap[Label] = FrozenMap()

# Of an epoch's rows, (epoch, row) to (epoch,).
ACROSS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "sum": lambda held: held.sum(axis=1),
    "mean": lambda held: held.mean(axis=1),
    "min": lambda held: held.min(axis=1),
    "max": lambda held: held.max(axis=1),
    "positive": lambda held: (held > 0).sum(axis=1).astype(float),
    "hhi": hhi,
    "gini": gini,
    "effective_number": effective_number,
}
# The others keep the measure's unit.
UNIT_ACROSS = {"positive": "count", "hhi": "share", "gini": "share", "effective_number": "count"}
WHOLE_ACROSS = ("", "sum", "min", "max")  # of whole numbers they make whole numbers
LONGEST_NAME = 100  # characters
# Of a run's epochs, (epoch,) to one number; an epoch without a value, NaN, is left out.
OVER: Mapping[str, Callable[[np.ndarray], float]] = {
    "last": lambda held: held[-1].item(),
    "mean": lambda held: math.fsum(held) / len(held),
    "min": lambda held: held.min().item(),
    "max": lambda held: held.max().item(),
    "sum": math.fsum,
}
WHOLE_OVER = ("last", "min", "max", "sum", SERIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One number, or one series over epochs, that a sweep keeps of each run.

    measure : column of one of the run's tables, see `model.records.columns`
    over : which epochs make the number: the "last", or "mean", "min", "max" or "sum" over epochs; "series" keeps all
    last_epochs : how many epochs before the end count; 0 counts all
    table : of the measure; tables other than "epochs" have several rows an epoch
    where : rows that count, by label, such as {"capability": "quality"}; all when empty
    across : how an epoch's rows become one number; needed for every table but "epochs"
    name : column of the outcome in the sweep's tables; made up of the above when empty
    """

    measure: str
    over: str = "last"
    last_epochs: int = 0
    table: str = "epochs"
    where: FrozenMap[Label] = NO_LABELS
    across: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not self.measure:
            raise ValueError("outcomes.measure must name a column of a run's tables, is empty")
        here = f"outcome {self.measure!r}"
        if self.name and not (self.name.strip() and self.name.isprintable() and len(self.name) <= LONGEST_NAME):
            raise ValueError(f"{here}: name must be 1 to {LONGEST_NAME} printable characters, is {shown(self.name)}")
        one_of(f"{here}: over", self.over, (*OVER, SERIES))
        one_of(f"{here}: table", self.table, TABLES)
        within(f"{here}: last_epochs", self.last_epochs, 0, LONGEST_RUN_EPOCHS)
        if self.last_epochs and self.over in ("last", SERIES):
            raise ValueError(f"{here}: last_epochs goes with mean, min, max or sum, is {self.last_epochs}")
        if self.table == TABLES[0] and (self.across or self.where):
            raise ValueError(
                f"{here}: across and where need a table other than {TABLES[0]}, which has one row an epoch"
            )
        if self.table != TABLES[0]:
            one_of(f"{here}: across", self.across, ACROSS)

    @property
    def column(self) -> str:
        """Column of the outcome in the sweep's tables."""
        parts = (*map(str, self.where.values()), self.measure, self.across, "" if self._is_plain else self.over)
        return self.name or "_".join(part for part in parts if part)

    @property
    def is_series(self) -> bool:
        """Whether it is kept epoch by epoch."""
        return self.over == SERIES

    @property
    def _is_plain(self) -> bool:
        return self.over in ("last", SERIES)

    def number(self, held: np.ndarray) -> float:
        """One number of the measure's values, (epoch,); NaN if no epoch that counts has one."""
        if self.over == "last":
            return OVER["last"](held)
        counted = held[-self.last_epochs :] if self.last_epochs else held
        counted = counted[~np.isnan(counted)]
        return OVER[self.over](counted) if len(counted) else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A run ends early once a measure has stayed beyond a limit.

    measure : column of the epochs table
    above, below : the limit; one of the two is given, the other keeps its infinity
    for_epochs : epochs in a row, the last one included
    """

    measure: str
    above: float = math.inf
    below: float = -math.inf
    for_epochs: int = 1

    def __post_init__(self) -> None:
        if not self.measure:
            raise ValueError("stop.measure must name a column of the epochs table, is empty")
        if math.isfinite(self.above) == math.isfinite(self.below):
            raise ValueError(f"stop {self.measure!r} must have one limit, above or below, has {self._limits()}")
        within(f"stop {self.measure!r}: for_epochs", self.for_epochs, 1, LONGEST_RUN_EPOCHS)

    def _limits(self) -> str:
        return f"above {self.above:g} and below {self.below:g}"

    def holds(self, held: np.ndarray) -> bool:
        """Whether the run may stop, given the measure's values so far, (epoch,)."""
        if len(held) < self.for_epochs:
            return False
        last = held[-self.for_epochs :]
        beyond = last > self.above if math.isfinite(self.above) else last < self.below
        return bool(beyond.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of a sweep leaves.

    row : outcomes by column
    series : outcomes that are kept epoch by epoch, each (epoch,)
    epochs_played : fewer than planned if the run stopped early
    """

    row: Mapping[str, float | int | str]
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    epochs_played: int = 0
