"""Everything that a sweep's runs say about its outcomes, as tables with a data dictionary."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from model.bounds import within
from model.experiments.sweeps.analysis import analysis, effects, sensitivity
from model.experiments.sweeps.analysis.discovery import Discovery, discover
from model.experiments.sweeps.export.exports import unit_of
from model.experiments.sweeps.spec.columns import columns
from model.experiments.sweeps.spec.spec import MORRIS, SAMPLED, SOBOL, Spec
from model.experiments.sweeps.store.endings import OK
from model.records.data_dictionary import Column, DataDictionary

N_CONVERGING = 3  # combinations whose running mean is shown, from the largest mean down


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to look for besides means and effects.

    outcomes : columns; all of the sweep's when empty
    factors : two factors whose means to cross; none when empty
    above, below : threshold beyond which a rule fails; at most one
    half_width : wanted half of the 95 % interval, in the outcome's unit; 0 asks for nothing
    of_mean : whether it is a share of the mean instead
    pareto : two outcomes to weigh against each other; none when empty
    maximise : whether more of each is better
    """

    outcomes: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    above: float | None = None
    below: float | None = None
    half_width: float = 0.0
    of_mean: bool = False
    pareto: tuple[str, ...] = ()
    maximise: tuple[bool, bool] = (True, True)

    def __post_init__(self) -> None:
        if self.above is not None and self.below is not None:
            raise ValueError(f"one of above and below must be given, are {self.above:g} and {self.below:g}")
        within("--half-width", self.half_width, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the runs say of one outcome.

    tables : by name; see `ANSWER_COLUMNS`
    unit : of the outcome
    n_left_out : runs that are in no table, because they did not end well or have no number
    alike : whether no chance is seen: no draw chose the combinations, and no two seeds differ
    discovery : the box where it lies beyond the threshold, if asked for
    notes : what could not be computed, and why; what was dropped
    """

    outcome: str
    unit: str
    n_left_out: int
    alike: bool
    tables: Mapping[str, pd.DataFrame]
    discovery: Discovery | None = None
    notes: tuple[str, ...] = field(default=())


def answer(runs: pd.DataFrame, spec: Spec, outcome: str, ask: Ask) -> Answer:
    """What the runs say of one outcome.

    Raises
    ------
    ValueError
        If there is no such outcome or factor, no run has a number for it, or the threshold parts nothing.
    """
    means, good = analysis.combination_means(runs, spec, outcome), analysis.sample(runs, spec, outcome)
    ranked = means.sort_values("mean", ascending=False, kind="stable", ignore_index=True)
    largest = ranked["combination"].head(N_CONVERGING).tolist()
    tables = {
        "means": ranked,
        "effects": effects.main_effects(runs, spec, outcome) if spec.factors else pd.DataFrame(),
        "regression": effects.regression(runs, spec, outcome) if spec.design in SAMPLED else pd.DataFrame(),
        "convergence": analysis.convergence(runs, spec, outcome, largest),
    }
    notes: list[str] = []
    if spec.design in (SOBOL, MORRIS):
        try:
            tables |= _sensitivity(runs, spec, outcome, notes)
        except ValueError as error:
            notes.append(str(error))
    if ask.half_width:
        tables["needed"] = analysis.replicates_needed(runs, spec, outcome, ask.half_width, of_mean=ask.of_mean)
    if ask.factors:
        tables["two_factors"] = effects.two_factor_table(runs, spec, outcome, *ask.factors)
    found = None
    threshold = ask.above if ask.above is not None else ask.below
    if threshold is not None:
        found = discover(runs, spec, outcome, threshold, above=ask.above is not None)
        tables |= {"boxes": found.trade_off(), "limits": found.limits()}
    return Answer(
        outcome=outcome,
        unit=unit_of(spec, outcome),
        n_left_out=good.n_left_out,
        alike=good.alike and spec.design not in SAMPLED,
        tables={name: table for name, table in tables.items() if len(table)},
        discovery=found,
        notes=tuple(notes),
    )


def answers(runs: pd.DataFrame, spec: Spec, ask: Ask) -> tuple[list[Answer], list[str]]:
    """What the runs say of each outcome that is asked for, and of which of the sweep's they say nothing, and why.

    Raises
    ------
    ValueError
        If an outcome that was asked for by name has no answer, or none has.
    """
    beyond = ask.above is not None or ask.below is not None
    if beyond and len(ask.outcomes or analysis.outcome_names(spec)) > 1:
        raise ValueError("a threshold, above or below, needs one outcome: name it with --outcome")
    if ask.outcomes:
        return [answer(runs, spec, outcome, ask) for outcome in dict.fromkeys(ask.outcomes)], []
    if not (runs["status"] == OK).any():
        raise ValueError("nothing to analyse: no run of the sweep has ended well yet")
    found, missing = [], []
    for outcome in analysis.outcome_names(spec):
        try:
            found.append(answer(runs, spec, outcome, ask))
        except ValueError as error:
            missing.append(f"{outcome}: {error}")
    if not found:
        raise ValueError(missing[0] if missing else "nothing to analyse: the sweep keeps series only")
    return found, missing


def joined(found: list[Answer], pareto: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of all outcomes by name, each row with its outcome, for files; a need without end is empty."""
    names = dict.fromkeys(name for one in found for name in one.tables)
    tables = {
        name: pd.concat(
            [one.tables[name].assign(outcome=one.outcome, unit=one.unit) for one in found if name in one.tables],
            ignore_index=True,
        )
        for name in names
    }
    if "needed" in tables:
        tables["needed"] = tables["needed"].replace(math.inf, math.nan)
    return tables | ({"pareto": pareto} if len(pareto) else {})


def _sensitivity(runs: pd.DataFrame, spec: Spec, outcome: str, notes: list[str]) -> dict[str, pd.DataFrame]:
    found = (sensitivity.sobol if spec.design == SOBOL else sensitivity.morris)(runs, spec, outcome)
    if found.n_dropped:
        notes.append(
            f"{spec.design} indices of {outcome} rest on {found.n_blocks} whole blocks of {spec.block} combinations; "
            f"{found.n_dropped} were dropped, as a run of theirs is missing or did not end well"
        )
    return {spec.design: found.table, "sobol_pairs": found.pairs}


def answer_dictionary(spec: Spec) -> DataDictionary:
    """Data dictionary of the tables of `joined`."""
    own = [Column(name=name, unit=unit, meaning=meaning, table=table) for table, name, unit, meaning in ANSWER_COLUMNS]
    asked = columns(spec).columns
    taken = {column.name for column in asked}
    shared = [Column(name=name, unit=unit, meaning=text) for name, unit, text in SHARED_COLUMNS if name not in taken]
    names_rows = [column for column in own if column.name in ROW_NAMES]
    others = [column for column in own if column.name not in ROW_NAMES]
    return DataDictionary(*shared[:N_LEAD], *asked, *names_rows, *shared[N_LEAD:], *others, keys=ANSWER_KEYS)


OF = "as the outcome"
ANSWER_COLUMNS = (
    ("effects", "level", "as the factor", "value of the factor, or bin of values with equally many combinations"),
    ("effects", "at", "as the factor", "place of the level on an axis: the value, or the median of the bin"),
    ("effects", "effect", OF, "mean at this level minus the mean over the factor's levels"),
    ("effects", "effect_low", OF, "lower end of its 95 % interval"),
    ("effects", "effect_high", OF, "upper end of it"),
    ("effects", "basis", "name", "paired: seed by seed over equal other factors; unpaired; sampled: over drawn points"),
    ("regression", "coefficient", "standard deviations", "of the outcome per standard deviation of the factor"),
    ("regression", "low", "standard deviations", "lower end of the 95 % interval of the coefficient"),
    ("regression", "high", "standard deviations", "upper end of it"),
    ("regression", "r_squared", "share", "share of the variance between combinations that the straight line explains"),
    ("convergence", "of", "name", "all or points: of all combinations; otherwise the number of one"),
    ("convergence", "n", "count", "replicates so far, or combinations where there is one replicate"),
    ("convergence", "mean", OF, "mean so far"),
    ("convergence", "half_width", OF, "half of its 95 % interval"),
    ("sobol", "first", "share", "of the variance, explained by the factor alone (S1)"),
    ("sobol", "first_half_width", "share", "half of its 95 % interval"),
    ("sobol", "total", "share", "of the variance, explained by the factor with all others (ST)"),
    ("sobol", "total_half_width", "share", "half of its 95 % interval"),
    ("sobol_pairs", "first", "path", "one factor"),
    ("sobol_pairs", "second", "path", "the other factor"),
    ("sobol_pairs", "index", "share", "of the variance, explained by the two together beyond each alone (S2)"),
    ("sobol_pairs", "half_width", "share", "half of its 95 % interval"),
    ("morris", "mu", OF, "mean elementary effect over the whole range of the factor"),
    ("morris", "mu_star", OF, "mean size of the elementary effects"),
    ("morris", "mu_star_half_width", OF, "half of its 95 % interval"),
    ("morris", "sigma", OF, "standard deviation of the elementary effects"),
    (
        "needed",
        "needed",
        "count",
        "replicates that bring the 95 % interval of the mean to the half-width; empty beyond a million",
    ),
    ("needed", "missing", "count", "how many of them are still to be run"),
    ("needed", "difference", OF, "mean difference from the combination with the largest mean, seed by seed"),
    ("needed", "difference_sd", OF, "sample standard deviation of that difference"),
    ("needed", "difference_needed", "count", "replicates that bring its 95 % interval to the half-width"),
    ("needed", "difference_missing", "count", "how many of them are still to be run"),
    ("two_factors", "first", "as the factor", "level of the first factor"),
    ("two_factors", "second", "as the factor", "level of the second factor"),
    ("two_factors", "first_at", "as the factor", "place of the first level on an axis"),
    ("two_factors", "second_at", "as the factor", "place of the second level on an axis"),
    ("boxes", "step", "count", "peels so far"),
    ("boxes", "mass_share", "share", "of all points, that lie in the box"),
    ("boxes", "coverage_share", "share", "of all failures, that lie in the box"),
    ("boxes", "density_share", "share", "of the points in the box, that fail"),
    ("boxes", "limited_factors", "count", "factors that the box limits"),
    ("boxes", "limits", "text", "the limits"),
    ("boxes", "chosen", "true or false", "the box with the best balance of coverage and density"),
    ("limits", "limit", "text", "limit of the chosen box that chance does not explain"),
    ("limits", "quasi_p", "share", "chance of so many failures in the box, had the limit been put blindly"),
    ("pareto", "first", "as the first outcome", "mean of the first outcome"),
    ("pareto", "first_low", "as the first outcome", "lower end of its 95 % interval"),
    ("pareto", "first_high", "as the first outcome", "upper end of it"),
    ("pareto", "second", "as the second outcome", "mean of the second outcome"),
    ("pareto", "second_low", "as the second outcome", "lower end of its 95 % interval"),
    ("pareto", "second_high", "as the second outcome", "upper end of it"),
    ("pareto", "on_front", "true or false", "no other combination is as good in both and better in one"),
)
ANSWER_KEYS = {
    "means": ("outcome", "combination"),
    "effects": ("outcome", "factor", "level"),
    "regression": ("outcome", "factor"),
    "convergence": ("outcome", "of", "n"),
    "sobol": ("outcome", "factor"),
    "sobol_pairs": ("outcome", "first", "second"),
    "morris": ("outcome", "factor"),
    "needed": ("outcome", "combination"),
    "two_factors": ("outcome", "first", "second"),
    "boxes": ("outcome", "step"),
    "limits": ("outcome", "limit"),
    "pareto": ("combination",),
}
N_LEAD = 3  # columns that come before the factors
ROW_NAMES = ("level", "at", "first", "second", "first_at", "second_at", "of", "n", "step", "limit")
SHARED_COLUMNS = (
    ("outcome", "name", "column of the table of runs"),
    ("unit", "name", "unit of the outcome"),
    ("factor", "path", "dotted path of the scenario's field"),
    ("points", "count", "combinations behind the row"),
    ("runs", "count", "runs behind the row that ended well"),
    ("left_out", "count", "other runs of the combination, which are in no mean"),
    ("mean", OF, "mean over the replicates"),
    ("sd", OF, "sample standard deviation over the replicates"),
    ("low", OF, "lower end of the 95 % interval of the mean"),
    ("high", OF, "upper end of it"),
)
