"""Paired differences between two sides that were run under the same seeds, and how many seeds make them clear."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from model.experiments.intervals import mean_interval
from model.experiments.sweeps.analysis.analysis import runs_needed
from model.records.data_dictionary import Column, DataDictionary

SIDES = ("A", "B")
MEASURES = (
    "reward_gini_owner",
    "reward_hhi_owner",
    "reward_nakamoto_owner",
    "honest_share",
    "users_value",
    "spend_tao",
)
ROUNDING_SHARE = 1e-9  # of the larger value: the order of a sum may change so much, so it is no difference

DIFFERENCE_DICTIONARY = DataDictionary(
    Column(name="measure", unit="name", meaning="column of the epochs table, in the last epoch"),
    Column(name="a_mean", unit="as the measure", meaning="mean over seeds on side A"),
    Column(name="b_mean", unit="as the measure", meaning="mean over the same seeds on side B"),
    Column(name="difference", unit="as the measure", meaning="mean over seeds of B minus A"),
    Column(name="low", unit="as the measure", meaning="lower end of the difference's 95 % interval by Student's t"),
    Column(name="high", unit="as the measure", meaning="upper end of it; both are empty for one seed"),
    Column(name="sd", unit="as the measure", meaning="standard deviation of the difference between seeds"),
    Column(name="seeds", unit="count", meaning="seeds with a number on both sides"),
    Column(
        name="seeds_needed", unit="count",
        meaning="least number of seeds whose interval would exclude 0 with this difference and sd; empty if none would",
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
    rows = []
    for measure in measures:
        a, b = _pairs(runs, measure)
        gained = _gained(a, b)
        mean, low, high = mean_interval(gained) if len(a) else (math.nan,) * 3
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
                "seeds_needed": seeds_until_clear(mean, sd),
            }
        )
    return pd.DataFrame(rows, columns=[column.name for column in DIFFERENCE_DICTIONARY.columns])


def pair_differences(runs: pd.DataFrame, measures: Sequence[str] = MEASURES) -> pd.DataFrame:
    """B minus A of each measure, seed by seed: columns measure and difference."""
    found = {measure: _pairs(runs, measure) for measure in measures}
    return pd.DataFrame(
        {
            "measure": np.repeat(np.array(measures, dtype=object), [len(a) for a, _ in found.values()]),
            "difference": np.concatenate([_gained(a, b) for a, b in found.values()] or [np.empty(0)]),
        }
    )


def seeds_until_clear(mean: float, sd: float) -> float:
    """Least number of seeds, >= 2, at which the 95 % interval of this mean and sd excludes 0; NaN if there is none.

    The rule: t(n - 1) sd / sqrt(n) is down to |mean|. The spread seen so far is itself rough below about ten seeds.
    """
    if not mean:
        return math.nan
    needed = float(runs_needed(np.array([sd]), np.array([abs(mean)]))[0])
    return needed if math.isfinite(needed) else math.nan


def _gained(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """B minus A, 0 where that is rounding."""
    return np.where(np.abs(b - a) > ROUNDING_SHARE * np.maximum(np.abs(a), np.abs(b)), b - a, 0.0)


def _pairs(runs: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of both sides, seed by seed, where both have one."""
    if runs.empty:
        return np.empty(0), np.empty(0)
    if measure not in runs.columns:
        raise ValueError(f"no measure {measure!r} in the table of runs")
    by_side = runs.pivot(index="seed", columns="side", values=measure).reindex(columns=list(SIDES))
    value = by_side.to_numpy(dtype=np.float64)
    value = value[np.isfinite(value).all(axis=1)]
    return value[:, 0], value[:, 1]
