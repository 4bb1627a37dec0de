"""Audits: who is caught claiming more than was done."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ext.noise import uniform
from ext.readings import per_subnet
from model.units import BoolArray, FloatArray


class Audits(NamedTuple):
    """Who was audited, who claimed more than was done, and who of them was caught; all (subnet, uid)."""

    audited: BoolArray
    lied: BoolArray
    caught: BoolArray


def audit(
    claimed: FloatArray,
    output: FloatArray,
    audit_rate: ArrayLike,
    detection: ArrayLike,
    key: int,
    most: float = math.inf,
    vacant: BoolArray | bool = False,
) -> Audits:
    """Audits of an epoch and the lies that they find.

    A uid is audited with probability `audit_rate`, and an audit finds a lie with probability `detection`;
    whoever claims no more than was done is never caught. The draw of a uid depends on nobody else. Where more would be
    audited than can be paid for, all subnets' rates fall in proportion until it is enough.

    Parameters
    ----------
    claimed, output : ndarray, (subnet, uid, capability)
        What the miners say and what they did, in units of output.
    audit_rate, detection : float or array_like, (subnet,)
        Probabilities in [0, 1].
    key : int
        64-bit key of the epoch's audits.
    most : float
        Largest number of audits, >= 0.
    vacant : ndarray of bool, (subnet, uid), or False
        Uids that nobody holds; they are not audited.

    Raises
    ------
    ValueError
        If the shapes differ or a probability lies outside [0, 1].

    Source: Becker 1968, "Crime and punishment: an economic approach" (detection as a probability).
    """
    if claimed.shape != output.shape or claimed.ndim != 3:
        raise ValueError(
            f"claimed {claimed.shape} and output {output.shape} must share the axes (subnet, uid, capability)"
        )
    rate, found_share = (
        _probability(name, value, len(claimed))
        for name, value in (("audit_rate", audit_rate), ("detection", detection))
    )
    lied = np.asarray((claimed > output).any(axis=-1))
    if not rate.any():
        nobody = np.zeros_like(lied)
        return Audits(audited=nobody, lied=lied, caught=nobody)
    draw = uniform(key, claimed.shape[:2])
    audited = (draw < rate) & ~np.asarray(vacant)
    if np.count_nonzero(audited) > most:
        in_turn = np.divide(draw, rate, out=np.full_like(draw, np.inf), where=audited)
        first_unpaid = np.sort(in_turn, axis=None)[int(most)]
        audited, rate = in_turn < first_unpaid, rate * first_unpaid
    return Audits(audited=audited, lied=lied, caught=audited & lied & (draw < rate * found_share))


def _probability(name: str, value: ArrayLike, n_subnets: int) -> FloatArray:
    """Probability of each subnet, (subnet, 1)."""
    probability = per_subnet(name, value, n_subnets)
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError(f"{name} must lie in [0, 1], is {value!r}")
    return np.asarray(probability)[:, np.newaxis]
