"""What a sweep found: the mean of each combination, how sure it is, how it settles, and what is still missing."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from model.bounds import no_such, within
from model.experiments.intervals import runs_needed, t_half_width
from model.experiments.sweeps.analysis.means import Sample, sample_of
from model.experiments.sweeps.spec.columns import columns
from model.experiments.sweeps.spec.designs import interleaving
from model.experiments.sweeps.spec.spec import SAMPLED, Spec
from model.units import BoolArray, FloatArray

MOST_STEPS = 200
ALL, POINTS = "all", "points"  # what a running mean is of, besides single combinations


def factor_names(spec: Spec) -> list[str]:
    """Columns of the factors in the table of runs."""
    return [factor.path for factor in spec.factors]


def outcome_names(spec: Spec) -> list[str]:
    """Columns of the outcomes in the table of runs; series have a table of their own."""
    return [outcome.column for outcome in spec.outcomes if not outcome.is_series]


def sample(runs: pd.DataFrame, spec: Spec, outcome: str) -> Sample:
    """Sample of one outcome; runs that did not end well are left out and counted.

    Raises
    ------
    ValueError
        If the sweep has no such outcome, or no run has a number for it.
    """
    if outcome not in outcome_names(spec):
        raise ValueError(no_such("outcome", outcome, outcome_names(spec), " in this sweep"))
    return sample_of(runs, factor_names(spec), outcome, columns(spec).line("runs", outcome).unit)


def counts(runs: pd.DataFrame) -> dict[str, int]:
    """Number of runs by status."""
    return {str(status): int(n) for status, n in runs["status"].value_counts().sort_index().items()}


def combination_means(runs: pd.DataFrame, spec: Spec, outcome: str) -> pd.DataFrame:
    """Mean over replicates of each combination with its 95 % interval.

    Columns combination, the factors, runs, left_out, mean, sd, low, high; a combination without a good run is left
    out as a whole.
    """
    good = sample(runs, spec, outcome)
    half = t_half_width(good.n_runs, good.known_sd)
    planned = runs.groupby("combination").size().reindex(good.combination).to_numpy()
    return pd.DataFrame(
        {"combination": good.combination}
        | {name: good.factors[name] for name in good.factors}
        | {
            "runs": good.n_runs,
            "left_out": planned - good.n_runs,
            "mean": good.mean,
            "sd": good.sd,
            "low": good.mean - half,
            "high": good.mean + half,
        }
    )


def replicates_needed(
    runs: pd.DataFrame, spec: Spec, outcome: str, half_width: float, *, of_mean: bool = False
) -> pd.DataFrame:
    """Replicates that would bring the 95 % interval of each combination to `half_width`, and how many are missing.

    The same for its difference from the combination with the largest mean, taken seed by seed. Both rest on the
    spread seen so far, which is itself rough below about ten replicates.

    Parameters
    ----------
    half_width : float
        In the outcome's unit, or with `of_mean` as a share of the mean (for a difference: of the largest mean).

    Returns
    -------
    frame
        Columns combination, runs, mean, sd, needed, missing, difference, difference_sd, difference_needed,
        difference_missing; empty where fewer than two runs leave the spread unknown.
    """
    within("half_width", half_width, 0, above=True)
    good = sample(runs, spec, outcome)
    largest = int(np.argmax(good.mean))
    target = half_width * np.abs(good.mean) if of_mean else np.full(len(good.mean), half_width)
    of_difference = half_width * abs(good.mean[largest]) if of_mean else half_width
    difference = good.value - good.value[:, [largest]]
    paired = np.isfinite(difference).sum(axis=0)
    centre = np.nansum(difference, axis=0) / np.maximum(paired, 1)
    squares = np.nansum(np.square(difference - centre), axis=0)
    difference_sd = np.where(paired > 1, np.sqrt(squares / np.maximum(paired - 1, 1)), np.nan)
    difference_sd[largest] = np.nan
    needed = runs_needed(good.known_sd, target)
    difference_needed = runs_needed(difference_sd, np.full(len(target), of_difference))
    return pd.DataFrame(
        {
            "combination": good.combination,
            "runs": good.n_runs,
            "mean": good.mean,
            "sd": good.sd,
            "needed": needed,
            "missing": np.maximum(needed - good.n_runs, 0),
            "difference": np.where(paired > 0, centre, np.nan),
            "difference_sd": difference_sd,
            "difference_needed": difference_needed,
            "difference_missing": np.maximum(difference_needed - paired, 0),
        }
    )


def convergence(runs: pd.DataFrame, spec: Spec, outcome: str, combinations: Sequence[int] = ()) -> pd.DataFrame:
    """Running mean and half-width over replicates, of the mean of all combinations and of some of them.

    Only combinations that ended well in every replicate enter the mean of all, so that each step has the same ones.
    With a single replicate the mean runs over the design's draws instead, in their order, or over chosen combinations
    in the order in which they are done; those are no sample, and have no half-width.

    Returns
    -------
    frame
        Columns of, n, mean, half_width; `of` is `ALL`, `POINTS` for a single replicate, or a combination's number.
    """
    good = sample(runs, spec, outcome)
    whole = np.isfinite(good.value).all(axis=0)
    if len(good.value) == 1:
        return _running_over_points(spec, good)
    tables = [_running(ALL, good.value[:, whole].mean(axis=1))] if whole.any() else []
    for number in combinations:
        column = good.value[:, good.combination == number].ravel()
        tables.append(_running(str(number), column[np.isfinite(column)]))
    return pd.concat(tables, ignore_index=True) if tables else _running(ALL, np.empty(0))


def pareto(
    runs: pd.DataFrame, spec: Spec, first: str, second: str, *, maximise: tuple[bool, bool] = (True, True)
) -> pd.DataFrame:
    """Combinations by two outcomes, and whether no other is as good in both and better in one.

    Returns
    -------
    frame
        Columns combination, the factors, first, first_low, first_high, second, second_low, second_high, on_front;
        combinations that have both outcomes.
    """
    names = factor_names(spec)
    kept = ["combination", *names, "mean", "low", "high"]
    left = combination_means(runs, spec, first)[kept]
    right = combination_means(runs, spec, second)[["combination", "mean", "low", "high"]]
    both = left.merge(right, on="combination", suffixes=("", "_second")).rename(
        columns={
            "mean": "first", "low": "first_low", "high": "first_high",
            "mean_second": "second", "low_second": "second_low", "high_second": "second_high",
        }
    )  # fmt: skip
    sign = np.where(maximise, 1.0, -1.0)
    both["on_front"] = undominated(sign[0] * both["first"].to_numpy(), sign[1] * both["second"].to_numpy())
    return both


def undominated(first: FloatArray, second: FloatArray) -> BoolArray:
    """Which points no other point dominates, when more of both is better; equal points stand or fall together."""
    order = np.lexsort((-second, -first))
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(second[order])[:-1]])
    on_front = np.zeros(len(first), dtype=bool)
    on_front[order] = second[order] > best_before
    tied = pd.DataFrame({"first": first, "second": second, "on_front": on_front})
    return np.asarray(tied.groupby(["first", "second"])["on_front"].transform("any").to_numpy(), dtype=bool)


def _running_over_points(spec: Spec, good: Sample) -> pd.DataFrame:
    if spec.design not in SAMPLED:
        place = np.argsort(interleaving(spec), kind="stable")[good.combination]
        return _running(POINTS, good.value[0][np.argsort(place, kind="stable")]).assign(half_width=np.nan)
    _, draw = np.unique(good.combination // spec.block, return_inverse=True)
    return _running(POINTS, np.bincount(draw, good.value[0]) / np.bincount(draw))


def _running(of: str, value: FloatArray) -> pd.DataFrame:
    """Mean and half-width of the first n values, for at most `MOST_STEPS` n."""
    n = np.arange(1, len(value) + 1)
    mean = np.cumsum(value) / n
    # Welford's recurrence: squares about the running mean, without the loss of digits of the sum of squares.
    step = value - np.concatenate([[0.0], mean[:-1]])
    squares = np.cumsum(step * (value - mean)) if len(value) else value
    sd = np.sqrt(squares / np.maximum(n - 1, 1))
    half = t_half_width(n, np.where(sd > 0, sd, np.nan))
    shown = np.unique(np.linspace(0, len(value) - 1, min(len(value), MOST_STEPS)).astype(int))
    return pd.DataFrame({"of": of, "n": n[shown], "mean": mean[shown], "half_width": half[shown]})
