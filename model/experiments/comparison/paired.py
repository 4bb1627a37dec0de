"""Paired differences between two sides that were run under the same seeds, and how many seeds make them clear.

What is called clear holds for all measures together, and for whoever looks, adds seeds and looks again: at most 5 % of
comparisons of equal sides ever call anything clear.
"""

import math
from collections.abc import Sequence
from itertools import count

import numpy as np
import pandas as pd

from model.experiments.intervals import CONFIDENCE_SHARE, mean_interval, runs_until_clear, settled
from model.records.columns import DICTIONARY
from model.records.data_dictionary import Column, DataDictionary

SIDES = ("A", "B")
MEASURES = (
    "reward_gini_participant",
    "reward_hhi_participant",
    "reward_nakamoto_participant",
    "honest_share",
    "users_value",
    "spend_tao",
)

DIFFERENCE_DICTIONARY = DataDictionary(
    Column(name="measure", unit="name", meaning="column of the epochs table, in the last epoch"),
    Column(name="a_mean", unit="as the measure", meaning="mean over seeds on side A"),
    Column(name="b_mean", unit="as the measure", meaning="mean over the same seeds on side B"),
    Column(name="difference", unit="as the measure", meaning="mean over seeds of B minus A"),
    Column(
        name="low", unit="as the measure",
        meaning="lower end of the difference's 95 % interval, right for all measures together and however many seeds "
        "are looked at one after the other",
    ),
    Column(name="high", unit="as the measure", meaning="upper end of it; both are empty where the seeds do not tell"),
    Column(name="sd", unit="as the measure", meaning="standard deviation of the difference between seeds"),
    Column(name="seeds", unit="count", meaning="seeds with a number on both sides"),
    Column(name="clear", unit="true or false", meaning="the interval excludes 0, or all of enough seeds agree"),
    Column(
        name="seeds_needed", unit="count",
        meaning="seeds that would make this difference clear in 80 of 100 cases, if it and its sd are as they look; "
        "empty if none would",
    ),
)  # fmt: skip


def differences(runs: pd.DataFrame, measures: Sequence[str] = MEASURES) -> pd.DataFrame:
    """Paired differences B minus A of each measure; `DIFFERENCE_DICTIONARY` explains the columns.

    Seeds of which a side failed, or has no number for the measure, are left out of that measure.

    Parameters
    ----------
    runs : frame
        As `compare` gives it.
    measures : sequence of str
        Columns of it.

    Raises
    ------
    ValueError
        If a measure is not among the columns.
    """
    rows, same = [], _are_the_same(runs)
    for measure in measures:
        a, b = _pairs(runs, measure)
        gained = b - a
        mean, low, high = (math.nan,) * 3
        if len(a):
            counts = DICTIONARY.line("epochs", measure).unit == "count"
            mean, low, high = mean_interval(gained, len(measures), counts=counts, always_valid=True)
        if len(a) > 1 and same:
            low = high = 0.0
        sd = float(np.std(gained, ddof=1)) if len(a) > 1 else math.nan
        rows.append(
            {
                "measure": measure,
                "a_mean": math.fsum(a) / len(a) if len(a) else math.nan,
                "b_mean": math.fsum(b) / len(b) if len(b) else math.nan,
                "difference": mean,
                "low": low,
                "high": high,
                "sd": sd,
                "seeds": len(a),
                "clear": low > 0 or high < 0 or (math.isnan(low) and _agree(gained, len(measures))),
                "seeds_needed": seeds_until_clear(mean, sd, len(measures)),
            }
        )
    return pd.DataFrame(rows, columns=[column.name for column in DIFFERENCE_DICTIONARY.columns])


def pair_differences(runs: pd.DataFrame, measures: Sequence[str] = MEASURES) -> pd.DataFrame:
    """B minus A of each measure, seed by seed: columns measure and difference."""
    found = {measure: _pairs(runs, measure) for measure in measures}
    return pd.DataFrame(
        {
            "measure": np.repeat(np.array(measures, dtype=object), [len(a) for a, _ in found.values()]),
            "difference": np.concatenate([b - a for a, b in found.values()] or [np.empty(0)]),
        }
    )


def seeds_until_clear(mean: float, sd: float, n_judged: int = 1) -> float:
    """Seeds that make such a difference clear in 80 of 100 cases, among `n_judged` measures; NaN if none do.

    The spread seen so far is itself rough below about ten seeds.
    """
    if not mean:
        return math.nan
    if sd == 0:
        return next(n for n in count(2) if _enough_agree(n, n_judged))
    needed = float(runs_until_clear(np.array([sd]), np.array([mean]), n_judged)[0])
    return needed if math.isfinite(needed) else math.nan


def _are_the_same(runs: pd.DataFrame) -> bool:
    """Whether the sides agree in all that was measured under every seed: they are one world, and chance is no part."""
    if runs.empty:
        return False
    one, other = (runs[runs["side"] == side].drop(columns="side").set_index("seed").sort_index() for side in SIDES)
    return one.equals(other)


def _agree(gained: np.ndarray, n_judged: int) -> bool:
    """Whether so many seeds have the same difference to the last digit that 0 is no guess for its mean.

    Where the sides are alike each sign is as likely as the other: n alike are seen in one of 2 ** (n - 1) sequences,
    at whatever n somebody stops.
    """
    return len(gained) > 0 and bool(gained[0]) and np.ptp(gained) == 0 and _enough_agree(len(gained), n_judged)


def _enough_agree(n: int, n_judged: int) -> bool:
    return (1 - CONFIDENCE_SHARE) * (1 << (n - 1)) >= n_judged


def _pairs(runs: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of both sides, seed by seed, where both have one."""
    if runs.empty:
        return np.empty(0), np.empty(0)
    if measure not in runs.columns:
        raise ValueError(f"no measure {measure!r} in the table of runs")
    by_side = runs.pivot(index="seed", columns="side", values=measure).reindex(columns=list(SIDES))
    value = by_side.to_numpy(dtype=np.float64)
    value = settled(value[np.isfinite(value).all(axis=1)])
    return value[:, 0], value[:, 1]
