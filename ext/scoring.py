"""Scores that validators give: one number per uid, made of its readings (`ext.readings`)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext import _scoring
from ext.elementary import log, power
from ext.readings import FloatArray, by_subnet, checked_readings, flags, log_product, per_subnet

_SUBSTITUTION_BOUNDS = (
    -8.0,
    1.0,
)  # beyond -8 the worst capability decides alone, to within rounding of the powers
_SUBSTITUTION_LEAST = 0.05  # nearer to zero the rule is Cobb-Douglas, and 1/rho leaves the range of floats


def linear_score(
    claimed: FloatArray,
    capability_weight: FloatArray,
    noise_sigma: FloatArray,
    key: int,
    validator: NDArray[np.integer],
    threads: int = 1,
    first_uid: int = 0,
) -> FloatArray:
    """Scores sum_l a_l m_l that each validator gives each uid.

    Parameters
    ----------
    claimed : ndarray, (subnet, uid, capability)
        Output as the miners claim it, in units of output, >= 0.
    capability_weight : ndarray, (subnet, capability)
        a_l >= 0; at least one per subnet above zero.
    noise_sigma : ndarray, (subnet, capability)
        Standard deviation of a reading as a share of the output, >= 0.
    key : int
        64-bit key of the epoch's readings.
    validator : ndarray of int, (validator,) or (subnet, validator)
        Numbers of the validators that measure; a number always reads the same noise.
    threads : int
        Threads that share the subnets, >= 1. The result is the same with any number.
    first_uid : int
        Uid that reads draw number 0, the next one number 1: with it, seats in front of the miners do not matter.

    Returns
    -------
    ndarray, (subnet, validator, uid)
        Scores >= 0. Without noise all validators of a subnet agree.

    Raises
    ------
    ValueError
        If an array has the wrong shape or a value outside its range.
    """
    claimed, weight, sigma, row_key = checked_readings(
        claimed, capability_weight, noise_sigma, key, validator, first_uid
    )
    worth = np.ascontiguousarray(np.swapaxes(claimed * weight[:, None, :], 1, 2))
    return by_subnet(_scoring.linear_score, (worth, flags((worth > 0).max(axis=1)), sigma, row_key), threads)


def cobb_douglas_score(
    claimed: FloatArray,
    capability_weight: FloatArray,
    noise_sigma: FloatArray,
    key: int,
    validator: NDArray[np.integer],
    threads: int = 1,
    first_uid: int = 0,
) -> FloatArray:
    """Scores prod_l m_l^a_l that each validator gives each uid.

    A capability of weight zero is left out (0^0 = 1); a zero reading in any other makes the score zero.
    Parameters, result and errors are those of `linear_score`.
    """
    claimed, weight, sigma, row_key = checked_readings(
        claimed, capability_weight, noise_sigma, key, validator, first_uid
    )
    log_worth = log_product(claimed, weight)
    arrays = (log_worth, flags(log_worth > -np.inf), weight, sigma, row_key)
    return by_subnet(_scoring.cobb_douglas_score, arrays, threads)


def ces_score(
    claimed: FloatArray,
    capability_weight: FloatArray,
    noise_sigma: FloatArray,
    key: int,
    validator: NDArray[np.integer],
    substitution_exponent: ArrayLike,
    threads: int = 1,
    first_uid: int = 0,
) -> FloatArray:
    """Scores (sum_l a_l m_l^rho)^(1/rho) that each validator gives each uid.

    The elasticity of substitution is 1 / (1 - rho). With rho < 0 a zero reading in a weighted capability
    makes the score zero. Parameters, result and errors are those of `linear_score`, and besides:

    Parameters
    ----------
    substitution_exponent : float or array_like, (subnet,)
        rho in [-8, -0.05] or [0.05, 1]; 1 is the linear score, towards 0 lies Cobb-Douglas.
    """
    claimed, weight, sigma, row_key = checked_readings(
        claimed, capability_weight, noise_sigma, key, validator, first_uid
    )
    rho = per_subnet("substitution_exponent", substitution_exponent, len(claimed))
    check_substitution_exponent(rho)
    unit = np.max(claimed, axis=(1, 2), initial=0.0)
    unit = np.where(unit > 0, unit, 1.0)
    scored = weight[:, None, :] > 0
    with np.errstate(invalid="ignore"):
        worth = np.where(scored, weight[:, None, :] * power(claimed / unit[:, None, None], rho[:, None, None]), 0.0)
    whole = np.where(rho[:, None] < 0, ((claimed > 0) | ~scored).all(axis=2), ((claimed > 0) & scored).any(axis=2))
    worth = np.ascontiguousarray(np.swapaxes(worth, 1, 2))
    arrays = (worth, flags(whole), rho, log(unit), sigma, row_key)
    return by_subnet(_scoring.ces_score, arrays, threads)


def check_substitution_exponent(substitution_exponent: FloatArray) -> None:
    """Raise ValueError unless every rho lies in [-8, -0.05] or [0.05, 1]."""
    low, high = _SUBSTITUTION_BOUNDS
    size = np.abs(substitution_exponent)
    right = (substitution_exponent >= low) & (substitution_exponent <= high) & (size >= _SUBSTITUTION_LEAST)
    if not right.all():
        raise ValueError(
            f"substitution_exponent must lie in [{low:g}, {high:g}], at least {_SUBSTITUTION_LEAST} from 0, "
            f"has {substitution_exponent[~right].flat[0]}"
        )
