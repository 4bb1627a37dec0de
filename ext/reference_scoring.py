"""The draws, scores and weights of `ext.noise`, `ext.scoring` and `ext.pay` in plain NumPy: the oracle.

Every formula stands here as in the text, on whole (subnet, validator, uid, capability) arrays.
"""

import numpy as np
from numpy.typing import NDArray

from ext.noise import LAYERS, split_key

FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.uint64]


def uniform_of(bits: KeyArray) -> FloatArray:
    """Uniforms in (0, 1) with 52 bits and a half."""
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def normal_of(bits: KeyArray) -> FloatArray:
    """Standard normals of 64-bit hashes, by the ziggurat, all draws side by side until each is accepted."""
    bits = bits.copy()
    z = np.empty(bits.shape)
    waiting = np.ones(bits.shape, bool)
    while waiting.any():
        width, accept, outer, inner = np.moveaxis(LAYERS[bits & np.uint64(255)], -1, 0)
        place = (bits.view(np.int64) >> 11) + 0.5
        x = place * width
        inside = waiting & (np.abs(place) < accept)
        z[inside] = x[inside]
        waiting &= ~inside
        tail = waiting & (bits & np.uint64(255) == 0)
        z[tail] = np.copysign(_tail(bits[tail]), place[tail])
        waiting &= ~tail
        bits[waiting] = _next(bits[waiting])
        under = waiting & (outer + uniform_of(bits) * (inner - outer) < np.exp(-0.5 * x * x))
        z[under] = x[under]
        waiting &= ~under
        bits[waiting] = _next(bits[waiting])
    return z


def reading(claimed: FloatArray, noise_sigma: FloatArray, key: int, validator: NDArray[np.integer]) -> FloatArray:
    """Readings claimed * max(0, 1 + sigma z), (subnet, validator, uid, capability)."""
    n_subnets, n_uids, n_capabilities = claimed.shape
    of_validator = split_key(split_key(key, np.arange(n_subnets))[:, None], validator)
    of_capability = split_key(of_validator[:, :, None], np.arange(n_capabilities))
    bits = split_key(of_capability[:, :, None, :], np.arange(n_uids)[:, None])
    z = normal_of(bits)
    return claimed[:, None] * np.maximum(0.0, 1.0 + noise_sigma[:, None, None, :] * z)


def linear_score(m: FloatArray, capability_weight: FloatArray) -> FloatArray:
    """sum_l a_l m_l of readings (subnet, validator, uid, capability)."""
    return np.asarray((capability_weight[:, None, None] * m).sum(axis=-1))


def cobb_douglas_score(m: FloatArray, capability_weight: FloatArray) -> FloatArray:
    """prod_l m_l^a_l with 0^0 = 1."""
    return np.asarray((m ** capability_weight[:, None, None]).prod(axis=-1))


def ces_score(m: FloatArray, capability_weight: FloatArray, substitution_exponent: FloatArray) -> FloatArray:
    """(sum_l a_l m_l^rho)^(1/rho); zero where rho < 0 and a weighted reading is zero."""
    rho = np.broadcast_to(substitution_exponent, len(m))[:, None, None]
    weight = np.broadcast_to(capability_weight[:, None, None], m.shape)
    with np.errstate(divide="ignore"):
        power = np.multiply(weight, m ** rho[..., None], where=weight > 0, out=np.zeros(m.shape))
        return np.asarray(power.sum(axis=-1) ** (1.0 / rho))


def proportional_weight(score: FloatArray, decisiveness: FloatArray) -> FloatArray:
    """s^r / sum s^r, zeros where every score is zero."""
    best = score.max(axis=-1, keepdims=True, initial=0.0)
    power = (score / np.where(best > 0, best, 1.0)) ** np.broadcast_to(decisiveness, len(score))[:, None, None]
    total = power.sum(axis=-1, keepdims=True)
    return np.asarray(power / np.where(total > 0, total, 1.0))


def _next(bits: KeyArray) -> KeyArray:
    return split_key(bits, np.zeros(1, np.int64))


def _tail(bits: KeyArray) -> FloatArray:
    start = LAYERS[0, 3]
    beyond = np.zeros(bits.shape)
    waiting = np.ones(bits.shape, bool)
    while waiting.any():
        bits = _next(bits)
        step = -np.log(uniform_of(bits)) / start
        bits = _next(bits)
        accepted = waiting & (-2.0 * np.log(uniform_of(bits)) > step * step)
        beyond[accepted] = step[accepted]
        waiting &= ~accepted
    return np.asarray(start + beyond)
