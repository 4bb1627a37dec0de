"""Weight rows that validators make of their scores, where a kernel is worth it: the proportional shape."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext import _pay
from ext.checks import check_range, float_array
from ext.readings import FloatArray, by_subnet, checked_readings, flags, log_product, per_subnet


def proportional_weight(score: FloatArray, decisiveness: ArrayLike) -> FloatArray:
    """Weight rows s^r / sum s^r, the success function of a Tullock contest.

    Parameters
    ----------
    score : ndarray, (subnet, validator, uid)
        Scores >= 0.
    decisiveness : float or array_like, (subnet,)
        r > 0: 1 shares in proportion, larger favours the best, smaller evens out.

    Returns
    -------
    ndarray, (subnet, validator, uid)
        Rows that sum to 1; rows of zeros where every score is zero.

    Raises
    ------
    ValueError
        If the score is not three-dimensional or a value lies outside its range.

    Source: Tullock 1980, "Efficient rent seeking".
    """
    score = float_array("score", score)
    if score.ndim != 3:
        raise ValueError(f"score must have the axes (subnet, validator, uid), has shape {score.shape}")
    check_range("score", score)
    r = np.repeat(_checked_decisiveness(decisiveness, len(score)), score.shape[1])
    weight = np.empty(score.shape)
    if weight.size:
        n_uids = score.shape[2]
        _pay.proportional_weight(score.reshape(-1, n_uids), r, weight.reshape(-1, n_uids))
    return weight


def cobb_douglas_weight(
    claimed: FloatArray,
    capability_weight: FloatArray,
    noise_sigma: FloatArray,
    key: int,
    validator: NDArray[np.integer],
    decisiveness: ArrayLike,
    threads: int = 1,
    first_uid: int = 0,
) -> FloatArray:
    """Weight rows s^r / sum s^r of the Cobb-Douglas scores s, without the scores in between.

    Equal to `proportional_weight` of `ext.scoring.cobb_douglas_score` up to rounding. Parameters, result and
    errors are those of these two.
    """
    claimed, weight, sigma, row_key = checked_readings(
        claimed, capability_weight, noise_sigma, key, validator, first_uid
    )
    exponent = weight * _checked_decisiveness(decisiveness, len(claimed))[:, None]
    log_worth = log_product(claimed, exponent)
    arrays = (log_worth, flags(log_worth > -np.inf), exponent, sigma, row_key)
    return by_subnet(_pay.cobb_douglas_weight, arrays, threads)


def _checked_decisiveness(decisiveness: ArrayLike, n_subnets: int) -> FloatArray:
    r = per_subnet("decisiveness", decisiveness, n_subnets)
    if not (r > 0).all():
        raise ValueError(f"decisiveness must be > 0, is {decisiveness!r}")
    return r
