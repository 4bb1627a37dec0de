"""Intervals of a mean, and what counts as a difference: the one home of the level of confidence and of rounding.

A 95 % interval here covers the mean in 95 % of cases also where the values are counts, where several means are judged
together (the level is shared among them, Bonferroni) and, if it is `always_valid`, where somebody looks, adds values
and looks again.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from ext import elementary
from model.units import FloatArray

CONFIDENCE_SHARE = 0.95
POWER_SHARE = 0.8  # chance that the number of values that is advised settles the matter
ROUNDING_SHARE = 1e-9  # of the largest value: the order of a sum may change so much, so it is no difference
EFFECT_VARIANCE = (
    10.0  # of effects in standard deviations, expected by `always_valid`: with paired seeds they are large
)
LARGEST_NEED = 1_000_000

Quantile = Callable[[NDArray[np.integer]], FloatArray]


def settled(values: FloatArray) -> FloatArray:
    """The values, of any shape, with those that differ by rounding alone made equal, to the smallest of them; NaN stay.

    Values next to each other are one as long as each is within `ROUNDING_SHARE` of the largest of all of the next.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    known = np.flatnonzero(np.isfinite(flat))
    if not len(known):
        return np.array(values, dtype=np.float64)
    order = known[np.argsort(flat[known], kind="stable")]
    apart = np.diff(flat[order]) > ROUNDING_SHARE * np.abs(flat[known]).max()
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    same = flat.copy()
    same[order] = np.repeat(flat[order[first]], np.diff(np.append(first, len(order))))
    return same.reshape(np.shape(values))


def t_quantile(degrees_of_freedom: NDArray[np.integer], n_judged: int = 1) -> FloatArray:
    """Upper quantile of Student's t for two-sided intervals of `n_judged` means, all of them right in 95 % of cases.

    To 12 decimals, which are the same on every processor; scipy's last digits hang on the C library's logarithm.
    """
    return np.round(stdtrit(degrees_of_freedom, 1 - (1 - CONFIDENCE_SHARE) / (2 * n_judged)), 12)


def always_valid_quantile(n: NDArray[np.integer], n_judged: int = 1) -> FloatArray:
    """What `t_quantile` becomes for somebody who may look after each of the n values; inf where no interval can hold.

    The t statistic at which the mixture of likelihood ratios over effects of variance g reaches n_judged / .05: that
    happens once or more in at most 5 % of all sequences without an effect.

    Source: Lai, Annals of Statistics 4 (1976), "On confidence sequences"; Gönen et al., The American Statistician 59
    (2005), for the ratio; Pérez-Ortiz et al., Annals of Statistics 52 (2024), for its validity at any time.
    """
    n = np.asarray(n)
    free = np.maximum(n - 1, 1)
    spread = 1 + n * EFFECT_VARIANCE
    ratio = elementary.power(np.sqrt(spread) * n_judged / (1 - CONFIDENCE_SHARE), 2 / (free + 1.0))
    possible = (ratio < spread) & (n > 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.sqrt(free * (ratio - 1) / np.where(possible, 1 - ratio / spread, 1.0))
    return np.where(possible, np.round(t, 12), np.inf)


def known_sd(sd: FloatArray, n: NDArray[np.integer], *, counts: bool) -> FloatArray:
    """Standard deviations of `n` values as far as these tell.

    Among n equal values the next may differ: of counts by one, and up to three in n of them may do so unseen, which
    adds 2 / n to the variance of counts. Of other numbers it is then unknown: NaN.
    """
    return np.sqrt(np.square(sd) + 2 / np.maximum(n, 1)) if counts else np.where(sd > 0, sd, np.nan)


def t_half_width(n: NDArray[np.integer], sd: FloatArray, n_judged: int = 1) -> FloatArray:
    """Half of the 95 % interval of a mean, of n values with this sample standard deviation; NaN below two values."""
    return np.where(n > 1, t_quantile(np.maximum(n - 1, 1), n_judged) * sd / np.sqrt(n), np.nan)


def mean_interval(
    values: FloatArray, n_judged: int = 1, *, counts: bool = False, always_valid: bool = False
) -> tuple[float, float, float]:
    """Mean of values and the ends of its 95 % interval; NaN for the ends where the values do not tell how they spread.

    Parameters
    ----------
    values : (value,)
        Already `settled`.
    n_judged : int
        Means that are judged together with it.
    counts : bool
        Whether they are counts, or differences of counts.
    always_valid : bool
        Whether somebody may look and go on.
    """
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return mean, math.nan, math.nan
    sd = known_sd(np.array(np.std(values, ddof=1)), np.array(n), counts=counts)
    quantile = always_valid_quantile(np.array(n), n_judged) if always_valid else t_quantile(np.array(n - 1), n_judged)
    half = float(quantile * sd / math.sqrt(n)) if np.isfinite(quantile) else math.nan
    return mean, mean - half, mean + half


def runs_needed(sd: FloatArray, half_width: FloatArray) -> FloatArray:
    """Least n >= 2 with t(n - 1) sd / sqrt(n) <= half_width; inf beyond `LARGEST_NEED`, NaN for an unknown sd."""
    return _least(sd, half_width, lambda n: t_quantile(n - 1))


def runs_until_clear(sd: FloatArray, difference: FloatArray, n_judged: int = 1) -> FloatArray:
    """Least n at which a difference of this size and spread is clear in `POWER_SHARE` of cases; as `runs_needed`.

    The always valid quantile q, and what it takes for t to pass it that often: t is about normal, with variance
    1 + q^2 / 2n.
    """
    beyond = round(float(ndtri(POWER_SHARE)), 12)

    def passed(n: NDArray[np.integer]) -> FloatArray:
        quantile = always_valid_quantile(n, n_judged)
        return np.asarray(quantile + beyond * np.sqrt(1 + np.square(quantile) / (2 * n)))

    return _least(sd, np.abs(difference), passed)


def _least(sd: FloatArray, size: FloatArray, quantile: Quantile) -> FloatArray:
    """Least n >= 2 with quantile(n) sd / sqrt(n) <= size."""

    def enough(n: NDArray[np.integer]) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):
            return np.asarray(quantile(n) * sd <= size * np.sqrt(n))

    low, high = np.full(len(sd), 2), np.full(len(sd), LARGEST_NEED)
    while (low < high).any():
        middle = (low + high) // 2
        there = enough(middle)
        low, high = np.where(there, low, np.minimum(middle + 1, high)), np.where(there, middle, high)
    return np.where(np.isnan(sd), np.nan, np.where(enough(low), low.astype(float), np.inf))
