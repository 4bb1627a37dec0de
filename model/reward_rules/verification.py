"""Audits: who is caught claiming more than was done."""

import numpy as np
from numpy.typing import ArrayLike

from ext.noise import uniform
from ext.readings import per_subnet
from model.units import BoolArray, FloatArray


def audit(claimed: FloatArray, output: FloatArray, audit_rate: ArrayLike, detection: ArrayLike, key: int) -> BoolArray:
    """Miners caught lying in this epoch.

    A uid is audited with probability `audit_rate`, and an audit finds a lie with probability `detection`;
    whoever claims no more than was done is never caught. The draw of a uid depends on nobody else.

    Parameters
    ----------
    claimed, output : ndarray, (subnet, uid, capability)
        What the miners say and what they did, in units of output.
    audit_rate, detection : float or array_like, (subnet,)
        Probabilities in [0, 1].
    key : int
        64-bit key of the epoch's audits.

    Returns
    -------
    ndarray of bool, (subnet, uid)

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
    caught_share = np.ones(len(claimed))
    for name, value in (("audit_rate", audit_rate), ("detection", detection)):
        probability = per_subnet(name, value, len(claimed))
        if not ((probability >= 0) & (probability <= 1)).all():
            raise ValueError(f"{name} must lie in [0, 1], is {value!r}")
        caught_share *= probability
    lies = (claimed > output).any(axis=-1)
    return np.asarray(lies & (uniform(key, claimed.shape[:2]) < caught_share[:, None]))
