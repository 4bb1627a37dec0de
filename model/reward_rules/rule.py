"""The reward rule of a subnet: a score and a pay shape, put together."""

import numpy as np
from numpy.typing import NDArray

from model.reward_rules.pay.proportional import Proportional
from model.reward_rules.pay_shape import Pay
from model.reward_rules.score import Measurement, Score
from model.units import BoolArray, FloatArray


def honest_weight(
    score: Score,
    pay: Pay,
    claimed: FloatArray,
    capability_weight: FloatArray,
    noise_sigma: FloatArray,
    key: int,
    validator: NDArray[np.integer],
    caught: BoolArray,
    threads: int = 1,
    first_uid: int = 0,
) -> FloatArray:
    """Weight rows that honest validators submit: what they read, scored and paid by the rule.

    Parameters
    ----------
    score : Score
        Entry of `SCORES`.
    pay : Pay
        Entry of `PAYS`.
    claimed, capability_weight, noise_sigma, key, validator, threads, first_uid
        What is measured, by whom and how exactly: see `Measurement`.
    caught : ndarray of bool, (subnet, uid)
        Uids caught lying or excluded; they score zero with everyone.

    Returns
    -------
    ndarray, (subnet, validator, uid)
        Rows that sum to 1; zeros where nobody scores.

    Raises
    ------
    ValueError
        If an array has the wrong shape or a value outside its range.
    """
    if caught.shape != claimed.shape[:2]:
        raise ValueError(f"caught {caught.shape} does not fit claimed {claimed.shape}")
    measurement = Measurement(
        claimed=np.where(caught[..., None], 0.0, claimed) if caught.any() else claimed,
        capability_weight=capability_weight,
        noise_sigma=noise_sigma,
        key=key,
        validator=validator,
        threads=threads,
        first_uid=first_uid,
    )
    if isinstance(pay, Proportional):
        return score.proportional_weight(measurement, pay.decisiveness)
    return pay.weight(score.score(measurement))


def claimed_score(score: Score, claimed: FloatArray, capability_weight: FloatArray) -> FloatArray:
    """Scores (subnet, uid) of what miners claim to have done, read without noise.

    Parameters
    ----------
    score : Score
        Entry of `SCORES`.
    claimed : ndarray, (subnet, uid, capability)
        Claims of output, >= 0.
    capability_weight : ndarray, (subnet, capability)
        a_l >= 0 of the reward rule.
    """
    exact = Measurement(
        claimed=claimed,
        capability_weight=capability_weight,
        noise_sigma=np.zeros(capability_weight.shape),
        key=0,
        validator=np.zeros(1, np.int64),
    )
    return score.score(exact)[:, 0]


def pay_curve(pay: Pay, rival_score: FloatArray, own_score: FloatArray) -> FloatArray:
    """Share of the pot that a miner earns with each of `own_score` against fixed rivals.

    Parameters
    ----------
    pay : Pay
        Entry of `PAYS` with one value per parameter.
    rival_score : ndarray, (rival,)
        Scores of the others, >= 0.
    own_score : ndarray, (point,)
        Scores to try, >= 0.

    Returns
    -------
    ndarray, (point,)
        Shares in [0, 1].
    """
    score = np.empty((1, len(own_score), len(rival_score) + 1))
    score[..., :-1] = rival_score
    score[0, :, -1] = own_score
    return pay.weight(score)[0, :, -1]
