"""What each factor does: means by its values, by pairs of factors, and standardized regression coefficients."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ext import elementary
from model.bounds import no_such
from model.experiments.sweeps.analysis.analysis import sample
from model.experiments.sweeps.analysis.means import Means, Sample, matrix_product, means_by_point, means_by_replicate
from model.experiments.sweeps.spec.factors import LOG
from model.experiments.sweeps.spec.spec import SAMPLED, Spec
from model.units import BoolArray, FloatArray

MOST_LEVELS = 12  # a factor with more different values is shown in bins
N_BINS = 5
WHOLE_BELOW = 1e16  # whole numbers from here on are written with their exponent
PAIRED, UNPAIRED, SAMPLED_POINTS = "paired", "unpaired", "sampled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Values of a factor, or bins of them.

    code : level of each combination, (combination,)
    name : (level,)
    at : place of each level on an axis, (level,); NaN for names
    """

    code: NDArray[np.int64]
    name: list[str]
    at: FloatArray


def levels_of(values: pd.Series, most: int = MOST_LEVELS, n_bins: int = N_BINS) -> Levels:
    """Levels of a factor: its different values if they are few or not numbers, otherwise bins with equally many."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if not numeric:
        code, names = pd.factorize(values.astype(str), sort=True)
        return Levels(code=code.astype(np.int64), name=list(map(str, names)), at=np.full(len(names), np.nan))
    column = values.to_numpy(dtype=np.float64)
    different, code = np.unique(column, return_inverse=True)
    if len(different) <= most:
        return Levels(code=code.astype(np.int64), name=list(map(level_name, different.tolist())), at=different)
    edges = np.unique(np.quantile(column, np.linspace(0, 1, n_bins + 1)))
    code = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(edges) - 2)
    _, code = np.unique(code, return_inverse=True)
    inside = [column[code == level] for level in range(code.max() + 1)]
    return Levels(
        code=code.astype(np.int64),
        name=_bin_names([(float(part.min()), float(part.max())) for part in inside]),
        at=np.array([np.median(part) for part in inside]),
    )


def level_name(value: float) -> str:
    """The shortest text that is exactly this number: 10499990, 0.1, 1e-08; no two numbers share one."""
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE_BELOW else repr(value)


def _bin_names(ends: list[tuple[float, float]]) -> list[str]:
    """Ends of each bin, in as many digits as tell all different ends apart, three at the least."""
    different = len({end for pair in ends for end in pair})
    for n_digits in range(3, 17):
        texts = [[f"{end:.{n_digits}g}" for end in pair] for pair in ends]
        if len({text for pair in texts for text in pair}) == different:
            return [f"{low} to {high}" for low, high in texts]
    return [f"{level_name(low)} to {level_name(high)}" for low, high in ends]


def main_effects(runs: pd.DataFrame, spec: Spec, outcome: str) -> pd.DataFrame:
    """Mean of the outcome at each value of each factor over the others, and how far it lies from the factor's mean.

    `basis` says what the 95 % intervals rest on. "paired": only combinations count whose other factors were run with
    every value of this one, and each seed is compared with itself. "unpaired": there are none, and the values of
    other factors differ too. "sampled": chance chose the points, and the intervals are over them and the seeds.
    Intervals of effects hold for all of the table together: in 5 % of sweeps one of them is wrong, not one in twenty.

    Returns
    -------
    frame
        Columns factor, level, at, points, runs, mean, low, high, effect, effect_low, effect_high, basis.
    """
    good = sample(runs, spec, outcome)
    levels = {str(name): levels_of(good.factors[name]) for name in good.factors}
    # Of two levels one is above by as much as the other is below: one judgement.
    n_judged = sum(len(found.name) - (len(found.name) == 2) for found in levels.values())
    tables = [_effects_of(good, spec, name, found, n_judged) for name, found in levels.items()]
    return pd.concat(tables, ignore_index=True)


def two_factor_table(runs: pd.DataFrame, spec: Spec, outcome: str, first: str, second: str) -> pd.DataFrame:
    """Mean of the outcome at each pair of values of two factors, over the others.

    Returns
    -------
    frame
        Columns first, second, first_at, second_at, points, runs, mean, low, high; pairs that no run has are left out.

    Raises
    ------
    ValueError
        If the factors are not two of the sweep's.
    """
    good = sample(runs, spec, outcome)
    names = [str(name) for name in good.factors]
    for name in (first, second):
        if name not in names:
            raise ValueError(no_such("factor", name, names, " in this sweep"))
    if first == second:
        raise ValueError(f"a table needs two factors, has {first} twice")
    one, other = levels_of(good.factors[first]), levels_of(good.factors[second])
    pairs = list(product(range(len(one.name)), range(len(other.name))))
    members = np.array([(one.code == a) & (other.code == b) for a, b in pairs])
    met = np.asarray(members.any(axis=1))
    means = _means(good, spec, _shares(members[met]))
    half = means.half_width()
    rows = pd.DataFrame(
        {
            "first": one.name[a], "second": other.name[b], "first_at": one.at[a], "second_at": other.at[b],
        }
        for (a, b), there in zip(pairs, met.tolist(), strict=True) if there
    )  # fmt: skip
    return rows.assign(
        points=members[met].sum(axis=1),
        runs=matrix_product(members[met], good.n_runs),
        mean=means.mean,
        low=means.mean - half,
        high=means.mean + half,
    )


def regression(runs: pd.DataFrame, spec: Spec, outcome: str) -> pd.DataFrame:
    """Standardized regression coefficients of the factors that are numbers, largest first, with 95 % intervals.

    Standard deviations of the outcome (its mean over replicates) per standard deviation of the factor, all others
    held fixed; factors on a logarithmic scale enter by their logarithm, those that are names by a mean each. R squared
    says how much a straight line explains: where it is low, the coefficients mislead. The intervals hold for all
    coefficients together, over points and seeds.

    Source: Saltelli et al., Global Sensitivity Analysis (2008), section 1.2.5; variances as in `means`.

    Returns
    -------
    frame
        Columns factor, coefficient, low, high, r_squared; empty where there are too few points or nothing varies.
    """
    good = sample(runs, spec, outcome)
    logarithmic = {factor.path for factor in spec.factors if factor.scale == LOG}
    names, columns, dummies = [], [], []
    for name in map(str, good.factors):
        levels = levels_of(good.factors[name], most=len(good.combination))
        if np.isnan(levels.at).any():
            dummies += [(levels.code == level).astype(float) for level in range(1, len(levels.name))]
        elif len(levels.name) > 1:
            value = levels.at[levels.code]
            names.append(name)
            columns.append(_standard(elementary.log(value) if name in logarithmic else value))
    y = good.mean
    x = np.column_stack([*columns, *dummies, np.ones(len(y))]) if names else np.empty((len(y), 0))
    free = len(y) - x.shape[1]
    if not names or free < 2 or len(y) < 2 * spec.block or not np.ptp(y) or np.linalg.matrix_rank(x) < x.shape[1]:
        return pd.DataFrame(columns=["factor", "coefficient", "low", "high", "r_squared"])
    count, scale = len(names), float(y.std(ddof=1))
    # A coefficient is a weighted sum of the means of combinations; a run moves it by how far it lies off the line.
    weight = matrix_product(_inverse(matrix_product(x.T, x)), x.T)
    line = matrix_product(x, matrix_product(weight, y))
    found = means_by_point(good, weight[:count], _chosen_together(good, spec), np.tile(line, (count, 1)))
    half = found.half_width(count) * math.sqrt((len(y) - 1) / free) / scale
    slope, left = found.mean / scale, y - line
    table = pd.DataFrame(
        {
            "factor": names,
            "coefficient": slope[:count],
            "low": slope[:count] - half[:count],
            "high": slope[:count] + half[:count],
            "r_squared": 1 - float(np.square(left).sum()) / float(np.square(y - y.mean()).sum()),
        }
    )
    return table.sort_values("coefficient", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _inverse(matrix: FloatArray) -> FloatArray:
    """Inverse by Gauss-Jordan elimination with row pivots: the same bits on every processor, unlike LAPACK's."""
    n = len(matrix)
    both = np.hstack([matrix, np.eye(n)])
    for column in range(n):
        pivot = column + int(np.argmax(np.abs(both[column:, column])))
        both[[column, pivot]] = both[[pivot, column]]
        both[column] /= both[column, column]
        others = np.arange(n) != column
        both[others] -= both[others, column, np.newaxis] * both[column]
    return both[:, n:]


def _effects_of(good: Sample, spec: Spec, name: str, levels: Levels, n_judged: int) -> pd.DataFrame:
    members = np.array([levels.code == level for level in range(len(levels.name))])
    basis = SAMPLED_POINTS
    if spec.design not in SAMPLED:
        in_blocks = _in_whole_blocks(good.factors, name, levels)
        basis = PAIRED if in_blocks.any() else UNPAIRED
        members = members & in_blocks if in_blocks.any() else members
    means = _means(good, spec, _shares(members))
    n_levels = len(levels.name)
    effects = means.contrast(np.eye(n_levels) - members.sum(axis=1) / members.sum())
    half, effect_half = means.half_width(), effects.half_width(n_judged)
    return pd.DataFrame(
        {
            "factor": name,
            "level": levels.name,
            "at": levels.at,
            "points": members.sum(axis=1),
            "runs": matrix_product(members, good.n_runs),
            "mean": means.mean,
            "low": means.mean - half,
            "high": means.mean + half,
            "effect": effects.mean,
            "effect_low": effects.mean - effect_half,
            "effect_high": effects.mean + effect_half,
            "basis": basis,
        }
    )


def _means(good: Sample, spec: Spec, weight: FloatArray) -> Means:
    if spec.design in SAMPLED:
        return means_by_point(good, weight, _chosen_together(good, spec))
    return means_by_replicate(good, weight)


def _chosen_together(good: Sample, spec: Spec) -> NDArray[np.int64]:
    """Number of the draw that each combination comes from, (combination,): its block, or all points of equal values."""
    if spec.block > 1:
        return good.combination // spec.block
    names = [str(name) for name in good.factors]
    return np.asarray(good.factors.groupby(names, sort=False, dropna=False).ngroup(), dtype=np.int64)


def _in_whole_blocks(factors: pd.DataFrame, name: str, levels: Levels) -> BoolArray:
    """Which combinations have a partner with each level of this factor and equal values of all others."""
    others = [str(other) for other in factors if other != name]
    block = factors.groupby(others, sort=False, dropna=False).ngroup().to_numpy() if others else np.zeros(len(factors))
    met = pd.DataFrame({"block": block, "level": levels.code}).drop_duplicates().groupby("block")["level"].count()
    whole = met.index[met == len(levels.name)]
    return np.isin(block, whole) & (len(levels.name) > 1 or not others)


def _shares(members: BoolArray) -> FloatArray:
    """Equal weights of the members of each row, summing to 1."""
    return members / members.sum(axis=1, keepdims=True)


def _standard(value: FloatArray) -> FloatArray:
    return (value - value.mean()) / value.std(ddof=1)
