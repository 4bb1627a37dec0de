"""Intervals of a mean by Student's t: the one home of the level of confidence."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from model.units import FloatArray

CONFIDENCE_SHARE = 0.95


def t_quantile(degrees_of_freedom: NDArray[np.integer]) -> FloatArray:
    """Upper quantile of Student's t that belongs to a two-sided 95 % interval.

    To 12 decimals, which are the same on every processor; scipy's last digits hang on the C library's logarithm.
    """
    return np.round(stdtrit(degrees_of_freedom, (1 + CONFIDENCE_SHARE) / 2), 12)


def t_half_width(n: NDArray[np.integer], sd: FloatArray) -> FloatArray:
    """Half of the 95 % interval of a mean, of n values with this sample standard deviation; NaN below two values."""
    return np.where(n > 1, t_quantile(np.maximum(n - 1, 1)) * sd / np.sqrt(n), np.nan)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of values and the ends of its 95 % interval; NaN for those of a single value."""
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return mean, math.nan, math.nan
    half = float(t_half_width(np.array(n), np.std(values, ddof=1)))
    return mean, mean - half, mean + half
