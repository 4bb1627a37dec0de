"""What each factor does: means by its values, by pairs of factors, and standardized regression coefficients."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ext import elementary
from model.experiments.intervals import t_quantile
from model.experiments.sweeps.analysis.analysis import sample
from model.experiments.sweeps.analysis.means import Means, Sample, matrix_product, means_by_point, means_by_replicate
from model.experiments.sweeps.spec.factors import LOG
from model.experiments.sweeps.spec.spec import SAMPLED, Spec
from model.units import BoolArray, FloatArray

MOST_LEVELS = 12  # a factor with more different values is shown in bins
N_BINS = 5
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
        return Levels(code=code.astype(np.int64), name=[f"{value:g}" for value in different], at=different)
    edges = np.unique(np.quantile(column, np.linspace(0, 1, n_bins + 1)))
    code = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(edges) - 2)
    _, code = np.unique(code, return_inverse=True)
    inside = [column[code == level] for level in range(code.max() + 1)]
    return Levels(
        code=code.astype(np.int64),
        name=[f"{part.min():.3g} to {part.max():.3g}" for part in inside],
        at=np.array([np.median(part) for part in inside]),
    )


def main_effects(runs: pd.DataFrame, spec: Spec, outcome: str) -> pd.DataFrame:
    """Mean of the outcome at each value of each factor over the others, and how far it lies from the factor's mean.

    `basis` says what the 95 % intervals rest on. "paired": only combinations count whose other factors were run with
    every value of this one, and each seed is compared with itself. "unpaired": there are none, and the values of
    other factors differ too. "sampled": chance chose the points, and the intervals are over them.

    Returns
    -------
    frame
        Columns factor, level, at, points, runs, mean, low, high, effect, effect_low, effect_high, basis.
    """
    good = sample(runs, spec, outcome)
    tables = [_effects_of(good, spec, str(name)) for name in good.factors]
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
            raise ValueError(f"no factor {name!r} in this sweep; there are {', '.join(names)}")
    if first == second:
        raise ValueError(f"a table needs two factors, has {first} twice")
    one, other = levels_of(good.factors[first]), levels_of(good.factors[second])
    pairs = list(product(range(len(one.name)), range(len(other.name))))
    members = np.array([(one.code == a) & (other.code == b) for a, b in pairs])
    met = np.asarray(members.any(axis=1))
    means = _means(good, spec, _shares(members[met]))
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
        low=means.mean - means.half_width,
        high=means.mean + means.half_width,
    )


def regression(runs: pd.DataFrame, spec: Spec, outcome: str) -> pd.DataFrame:
    """Standardized regression coefficients of the factors that are numbers, largest first, with 95 % intervals.

    Standard deviations of the outcome (its mean over replicates) per standard deviation of the factor, all others
    held fixed; factors on a logarithmic scale enter by their logarithm, those that are names by a mean each. R squared
    says how much a straight line explains: where it is low, the coefficients mislead.

    Source: Saltelli et al., Global Sensitivity Analysis (2008), section 1.2.5; variances by a design's blocks, as in
    `intervals`.

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
    y = _standard(y)
    inverse = _inverse(matrix_product(x.T, x))
    slope = matrix_product(inverse, matrix_product(x.T, y))
    left = y - matrix_product(x, slope)
    _, block = np.unique(good.combination // spec.block, return_inverse=True)
    n_blocks = int(block.max()) + 1
    spread = np.zeros((n_blocks, x.shape[1]))
    np.add.at(spread, block, matrix_product(x, inverse) * left[:, None])
    inflated = n_blocks / (n_blocks - 1) * (len(y) - 1) / free
    half = t_quantile(np.array(min(free, n_blocks - 1))) * np.sqrt(inflated * np.square(spread).sum(axis=0))
    count = len(names)
    table = pd.DataFrame(
        {
            "factor": names,
            "coefficient": slope[:count],
            "low": slope[:count] - half[:count],
            "high": slope[:count] + half[:count],
            "r_squared": 1 - float(np.square(left).sum()) / float(np.square(y).sum()),
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


def _effects_of(good: Sample, spec: Spec, name: str) -> pd.DataFrame:
    levels = levels_of(good.factors[name])
    members = np.array([levels.code == level for level in range(len(levels.name))])
    basis = SAMPLED_POINTS
    if spec.design not in SAMPLED:
        in_blocks = _in_whole_blocks(good.factors, name, levels)
        basis = PAIRED if in_blocks.any() else UNPAIRED
        members = members & in_blocks if in_blocks.any() else members
    means = _means(good, spec, _shares(members))
    n_levels = len(levels.name)
    effects = means.contrast(np.eye(n_levels) - members.sum(axis=1) / members.sum())
    return pd.DataFrame(
        {
            "factor": name,
            "level": levels.name,
            "at": levels.at,
            "points": members.sum(axis=1),
            "runs": matrix_product(members, good.n_runs),
            "mean": means.mean,
            "low": means.mean - means.half_width,
            "high": means.mean + means.half_width,
            "effect": effects.mean,
            "effect_low": effects.mean - effects.half_width,
            "effect_high": effects.mean + effects.half_width,
            "basis": basis,
        }
    )


def _means(good: Sample, spec: Spec, weight: FloatArray) -> Means:
    if spec.design in SAMPLED:
        return means_by_point(good, weight, good.combination // spec.block)
    return means_by_replicate(good, weight)


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
