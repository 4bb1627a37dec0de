"""What a sweep asks: the base scenario, what varies and how, how often, and what is kept of each run."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.bounds import one_of, shown, text, within
from model.experiments.sweeps.spec.factors import Factor, canonical, check_path, frozen, in_one_form
from model.experiments.sweeps.spec.lead import LEAD
from model.experiments.sweeps.spec.outcomes import LONGEST_RUN_EPOCHS, Outcome, Stop
from model.scenario.frozen_map import FrozenMap
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import flat, to_tree

GRID, ZIP, LIST, ONE_AT_A_TIME = "grid", "zip", "list", "one_at_a_time"
RANDOM, LATIN_HYPERCUBE, SOBOL, MORRIS = "random", "latin_hypercube", "sobol", "morris"
SAMPLED = (RANDOM, LATIN_HYPERCUBE, SOBOL, MORRIS)  # designs that draw `n_points` from the space of the factors
DESIGN_NAMES = (GRID, ZIP, LIST, ONE_AT_A_TIME, *SAMPLED)
LARGEST_SWEEP = 10_000_000  # runs
LONGEST_PATH = 1_000  # characters
LONGEST_QUESTION = 10_000
INTERVENTION = "intervention."  # of factors that vary a change on the way
NO_VALUES: FrozenMap[Any] = FrozenMap()
HEADLINE = tuple(
    Outcome(measure=name)
    for name in (
        "users_value",
        "mix_efficiency_share",
        "efficiency_share",
        "rent_dissipation_share",
        "honest_share",
        "reward_gini_participant",
        "reward_hhi_participant",
        "reward_nakamoto_participant",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A sweep.

    name, question : what it is called, and what it is meant to answer
    scenario : name of a scenario that comes with the sandbox, or path of a .toml file
    values : fields of the scenario that differ from it in all runs, by dotted path; a table there replaces the field
    intervention : changes on the way, in all runs: each an epoch and values by dotted path. A factor varies them as
        "intervention.0.epoch" and "intervention.0.values.reward.audit_rate"
    factors : fields that vary; derived from the points in the design "list"
    points : combinations of values by dotted path, for the design "list"; all name the same fields
    design : how factors are combined; see `designs`
    n_points : drawn by the designs random, latin_hypercube, sobol (base points, a power of two) and morris (walks)
    levels : values taken of a range by grid, zip, one_at_a_time and morris
    second_order : let sobol tell interactions of two factors apart, for almost twice the runs
    replicates : runs of each combination; those of one replicate share their seed
    seed : of the sweep, from which the design and the replicates' seeds are drawn
    epochs : of each run; 0 keeps the scenario's own
    outcomes : what is kept of each run
    stop : a run ends early as soon as one of these holds
    """

    name: str = "sweep"
    question: str = ""
    scenario: str = "speed-or-quality"
    values: FrozenMap[Any] = NO_VALUES
    intervention: tuple[FrozenMap[Any], ...] = ()
    factors: tuple[Factor, ...] = ()
    points: tuple[FrozenMap[Any], ...] = ()
    design: str = GRID
    n_points: int = 0
    levels: int = 4
    second_order: bool = False
    replicates: int = 1
    seed: int = 1
    epochs: int = 0
    outcomes: tuple[Outcome, ...] = HEADLINE
    stop: tuple[Stop, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _settings("values", self.values))
        object.__setattr__(self, "intervention", tuple(map(_intervention, self.intervention)))
        object.__setattr__(self, "points", tuple(_settings("points", point) for point in self.points))
        for name in ("factors", "outcomes", "stop"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("n_points", "levels", "second_order", "replicates", "seed", "epochs"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        if not self.name.strip() or len(self.name) > 100 or not self.name.isprintable():
            raise ValueError(f"name must be 1 to 100 printable characters, is {shown(self.name)}")
        if not self.scenario or len(self.scenario) > LONGEST_PATH or not self.scenario.isprintable():
            rule = f"must be a name or a path of 1 to {LONGEST_PATH} printable characters"
            raise ValueError(f"scenario {rule}, is {shown(self.scenario)}")
        text("question", self.question, LONGEST_QUESTION, empty=True)
        one_of("design", self.design, DESIGN_NAMES)
        within("levels", self.levels, 2, 1000)
        within("replicates", self.replicates, 1, LARGEST_SWEEP)
        within("seed", self.seed, 0, 2**63 - 1)
        within("epochs", self.epochs, 0, LONGEST_RUN_EPOCHS)
        if self.design == LIST:
            object.__setattr__(self, "factors", self._factors_of_points())
        elif self.points:
            raise ValueError(f"points need design {LIST!r}, is {self.design!r}")
        self._check_outcomes()
        self._check_factors()
        self.interventions_at({})
        self._check_design()
        if self.n_runs > LARGEST_SWEEP:
            raise ValueError(f"a sweep must have <= {LARGEST_SWEEP:,} runs, has {self.n_runs:,}")

    @property
    def n_combinations(self) -> int:
        """Combinations of factor values in the design."""
        n_levels = [len(factor.levels(self.levels)) for factor in self.factors]
        return {
            GRID: math.prod(n_levels),
            ZIP: n_levels[0] if n_levels else 1,
            LIST: len(self.points),
            ONE_AT_A_TIME: 1 + sum(n - 1 for n in n_levels),
        }.get(self.design, self.n_points * self.block)

    @property
    def block(self) -> int:
        """Neighbouring combinations that the design makes of one drawn point; 1 where each stands alone."""
        n_factors = len(self.factors)
        return {SOBOL: (2 if self.second_order else 1) * n_factors + 2, MORRIS: n_factors + 1}.get(self.design, 1)

    @property
    def n_runs(self) -> int:
        """Runs in all."""
        return self.n_combinations * self.replicates

    def interventions_at(self, point: Mapping[str, Any]) -> tuple[Intervention, ...]:
        """Changes on the way at a point, whose factors may vary them.

        Raises
        ------
        ValueError
            If a factor names no intervention of the spec, or a change breaks a rule.
        """
        epochs = [one["epoch"] for one in self.intervention]
        values = [dict(one["values"]) for one in self.intervention]
        for path in (*(factor.path for factor in self.factors), *point):
            if not path.startswith(INTERVENTION):
                continue
            number, _, field = path.removeprefix(INTERVENTION).partition(".")
            varied = field.removeprefix("values.")
            if not number.isdecimal() or int(number) >= len(epochs) or (field != "epoch" and varied == field):
                rule = f"must be {INTERVENTION}N.epoch or {INTERVENTION}N.values.PATH, N below {len(epochs)}"
                raise ValueError(f"factors {rule}, is {shown(path)}")
            if path not in point:
                continue
            if field == "epoch":
                epochs[int(number)] = point[path]
            else:
                values[int(number)][varied] = point[path]
        return tuple(Intervention(epoch=epoch, values=held) for epoch, held in zip(epochs, values, strict=True))

    def to_tree(self) -> dict[str, Any]:
        """The whole spec as plain tables, lists, numbers and texts; `spec_file.spec_of` gives an equal spec back."""
        tree: dict[str, Any] = to_tree(self)
        tree["factors"] = {} if self.design == LIST else {one.path: _factor_tree(one) for one in self.factors}
        tree["stop"] = [
            {name: value for name, value in one.items() if value not in (math.inf, -math.inf)} for one in tree["stop"]
        ]
        return tree

    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of everything the spec says."""
        text = json.dumps(in_one_form(self.to_tree()), sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _factors_of_points(self) -> tuple[Factor, ...]:
        if not self.points:
            raise ValueError(f"points must name at least one combination for design {LIST!r}, is empty")
        derived: dict[str, dict[str, Any]] = {path: {} for path in self.points[0]}
        for number, point in enumerate(self.points):
            if set(point) != set(derived):
                raise ValueError(f"points must all name {', '.join(derived)}; point {number} names {', '.join(point)}")
            for path, value in point.items():
                derived[path].setdefault(canonical(path, value), value)
        factors = tuple(Factor(path=path, values=tuple(values.values())) for path, values in derived.items())
        if self.factors and self.factors != factors:
            raise ValueError(f"factors must not be given for design {LIST!r}: the points name them")
        return factors

    def _check_factors(self) -> None:
        paths = [factor.path for factor in self.factors]
        for path in paths:
            if paths.count(path) > 1 or path in self.values:
                raise ValueError(f"factors and values must name each field once, name {path!r} twice")
            for other in [*paths, *self.values]:
                if other.startswith(f"{path}."):
                    raise ValueError(f"factors and values must not overlap: {other!r} lies within {path!r}")
        if not self.factors and self.design != GRID:
            raise ValueError(f"factors must name at least one field for design {self.design!r}, is empty")

    def _check_design(self) -> None:
        if self.design in SAMPLED:
            within(f"n_points, for design {self.design!r},", self.n_points, 1, LARGEST_SWEEP)
        elif self.n_points:
            raise ValueError(f"n_points goes with {', '.join(SAMPLED)}, is {self.n_points} for design {self.design!r}")
        if self.design in (SOBOL, MORRIS):
            for factor in self.factors:
                if factor.values:
                    raise ValueError(f"design {self.design!r} needs ranges, factors.{factor.path!r} has values")
        if self.design == SOBOL and self.n_points & (self.n_points - 1):
            raise ValueError(f"n_points must be a power of two for design {SOBOL!r}, is {self.n_points}")
        if self.design == MORRIS and self.levels % 2:
            raise ValueError(f"levels must be even for design {MORRIS!r}, is {self.levels}")
        if self.second_order and self.design != SOBOL:
            raise ValueError(f"second_order goes with design {SOBOL!r}, is true for {self.design!r}")
        if self.design == ZIP and len({len(one.levels(self.levels)) for one in self.factors}) > 1:
            lengths = ", ".join(f"{one.path!r} has {len(one.levels(self.levels))}" for one in self.factors)
            raise ValueError(f"factors must have equally many values for design {ZIP!r}: {lengths}")

    def _check_outcomes(self) -> None:
        if not self.outcomes:
            raise ValueError("outcomes must name at least one measure, is empty")
        columns = [outcome.column for outcome in self.outcomes]
        taken = {column.name: "a column of every sweep" for column in LEAD}
        taken |= {factor.path: "a factor" for factor in self.factors}
        for column in columns:
            if columns.count(column) > 1:
                raise ValueError(f"outcomes must have different names, two are called {column!r}")
            if column in taken:
                raise ValueError(
                    f"outcomes must not be called as {taken[column]} is, one is called {column!r}; name it"
                )


def _intervention(given: Mapping[str, Any]) -> FrozenMap[Any]:
    if not isinstance(given, Mapping) or set(given) != {"epoch", "values"} or not isinstance(given["values"], Mapping):
        raise ValueError(f"intervention must be tables with epoch and values, one is {shown(given)}")
    return FrozenMap({"epoch": given["epoch"], "values": _settings("intervention.values", given["values"])})


def _settings(where: str, values: Mapping[str, Any]) -> FrozenMap[Any]:
    """Values by dotted path, checked; a table at a dotted path is a value, any other names fields further down."""
    found: dict[str, Any] = {}
    for path, value in to_tree(values).items():
        _refuse_empty(where, path, value)
        found |= {path: value} if "." in path else flat({path: value})
    for path, value in found.items():
        check_path(path, where)
        canonical(f"{where}.{path!r}", value)
    return FrozenMap({path: frozen(value) for path, value in found.items()})


def _refuse_empty(where: str, path: str, value: Any) -> None:
    """Refuse an empty table among tables of fields: it could mean nothing, or an empty value."""
    if "." in path or not isinstance(value, dict):
        return
    if not value:
        raise ValueError(f"{where}.{path} names no field; an empty table that is a value has its dotted path in quotes")
    for name, part in value.items():
        _refuse_empty(f"{where}.{path}", name, part)


def _factor_tree(factor: Factor) -> dict[str, Any]:
    """What the factor says, without its path and the half that it does not use."""
    used = ("values", "kind") if factor.values else ("low", "high", "scale", "whole", "kind")
    return {name: value for name, value in to_tree(factor).items() if name in used}
