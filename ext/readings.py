"""Readings of the miners' output: whose they are, what noise they carry, and that the numbers make sense.

Validator v reads of uid i and capability l the number m = claimed * max(0, 1 + sigma_l * z) with z a standard
normal that is a function of (key, subnet, validator, uid - first uid, capability) alone (`ext.noise`). Nobody's reading
depends on who else is there, and none on the number of threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext.checks import check_range, check_shape, float_array, int_array
from ext.elementary import log
from ext.noise import LAYERS, checked_key, counted_from, split_key

FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.uint64]


def checked_readings(
    claimed: ArrayLike,
    capability_weight: ArrayLike,
    noise_sigma: ArrayLike,
    key: int,
    validator: ArrayLike,
    first_uid: int,
) -> tuple[FloatArray, FloatArray, FloatArray, KeyArray]:
    """Claimed output, capability weights, noise of the capabilities that count, and a key per row of draws.

    Returns
    -------
    claimed : ndarray, (subnet, uid, capability)
    capability_weight : ndarray, (subnet, capability)
    noise_sigma : ndarray, (subnet, capability)
        Zero where the capability has no weight, as nobody reads it.
    row_key : ndarray of uint64, (subnet, validator, capability)

    Raises
    ------
    ValueError
        If an array has the wrong shape or a value outside its range.
    """
    claimed, weight, sigma = (
        float_array("claimed", claimed),
        float_array("capability_weight", capability_weight),
        float_array("noise_sigma", noise_sigma),
    )
    if claimed.ndim != 3:
        raise ValueError(f"claimed must have the axes (subnet, uid, capability), has shape {claimed.shape}")
    n_subnets, _, n_capabilities = claimed.shape
    check_shape("capability_weight", weight, (n_subnets, n_capabilities))
    check_shape("noise_sigma", sigma, (n_subnets, n_capabilities))
    for name, array in (("claimed", claimed), ("capability_weight", weight), ("noise_sigma", sigma)):
        check_range(name, array)
    silent = ~weight.any(axis=1)
    if silent.any():
        subnet = int(np.flatnonzero(silent)[0])
        raise ValueError(f"capability_weight must have an entry above zero in each subnet, subnet {subnet} has none")
    sigma = np.where(weight > 0, sigma, 0.0)
    row_key = _row_key(key, int_array("validator", validator), n_subnets, n_capabilities)
    return claimed, weight, sigma, counted_from(row_key, first_uid)


def by_subnet(kernel: Callable[..., None], arrays: tuple[NDArray[Any], ...], threads: int) -> FloatArray:
    """What `kernel` writes for each (subnet, validator, uid), the subnets shared out to threads.

    Parameters
    ----------
    kernel : callable
        Takes the arrays, the ziggurat, two scratch arrays and the result.
    arrays : tuple of ndarray
        First axis subnet in each; last axis uid in the first; the row keys last.
    threads : int
        Threads that share the subnets, >= 1.

    Raises
    ------
    ValueError
        If there is not at least one thread.
    """
    if threads < 1:
        raise ValueError(f"threads must be >= 1, is {threads}")
    n_subnets, n_validators, n_capabilities = arrays[-1].shape
    n_uids = arrays[0].shape[-1]
    result = np.empty((n_subnets, n_validators, n_uids))
    if result.size == 0:
        return result

    def run(first: int, last: int) -> None:
        whole, packed = np.empty((3, n_uids + 1), np.int64), np.empty((2 + n_capabilities, n_uids))
        kernel(*(array[first:last] for array in arrays), LAYERS, whole, packed, result[first:last])

    if threads == 1:
        run(0, n_subnets)
        return result
    border = np.linspace(0, n_subnets, min(threads, n_subnets) + 1).astype(int).tolist()
    with ThreadPoolExecutor(len(border) - 1) as pool:
        list(pool.map(run, border[:-1], border[1:]))
    return result


def log_product(claimed: FloatArray, exponent: FloatArray) -> FloatArray:
    """ln prod_l claimed_l^exponent_l, (subnet, uid), with 0^0 = 1; -inf where the product is zero."""
    log_claimed = log(claimed)
    power = exponent[:, None, :]
    term = np.multiply(log_claimed, power, where=power > 0, out=np.zeros(log_claimed.shape))
    return np.asarray(term.sum(axis=2))


def flags(present: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The same truth values as bytes that a kernel can read."""
    return np.ascontiguousarray(present).view(np.uint8)


def per_subnet(name: str, value: ArrayLike, n_subnets: int) -> FloatArray:
    """`value` as one finite float per subnet; a scalar holds for all.

    Raises
    ------
    ValueError
        If the length is neither 1 nor the number of subnets, or a value is not finite.
    """
    array = np.asarray(value, np.float64)
    if array.shape not in ((), (n_subnets,)):
        raise ValueError(f"{name} must be one number or one for each of {n_subnets} subnets, has shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, is {value!r}")
    return np.ascontiguousarray(np.broadcast_to(array, (n_subnets,)))


def _row_key(key: int, validator: NDArray[np.int64], n_subnets: int, n_capabilities: int) -> KeyArray:
    if validator.ndim != 1 and not (validator.ndim == 2 and len(validator) == n_subnets):
        raise ValueError(f"validator must have shape (n,) or ({n_subnets}, n), has {validator.shape}")
    if (validator < 0).any():
        raise ValueError(f"validator must be >= 0, has {validator.min()}")
    of_subnet = split_key(checked_key(key), np.arange(n_subnets))
    of_validator = split_key(of_subnet[:, None], validator)
    return split_key(of_validator[:, :, None], np.arange(n_capabilities))
