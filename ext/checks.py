"""Checks of arrays before a kernel sees them: each raises ValueError with the array, the rule and the value."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext import _checks

__all__ = ["LARGEST", "check_range", "check_shape", "float_array", "int_array"]

LARGEST = 1e300  # a sum of a few thousand such numbers is still finite


def float_array(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """`value` as a C-contiguous float64 array; the same array if it is one already.

    Raises
    ------
    ValueError
        If its elements are not real numbers.
    """
    array = np.asarray(value)
    if not np.can_cast(array.dtype, np.float64, "same_kind"):
        raise ValueError(f"{name} must hold real numbers, holds {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def int_array(name: str, value: ArrayLike) -> NDArray[np.int64]:
    """`value` as a C-contiguous int64 array; the same array if it is one already.

    Raises
    ------
    ValueError
        If its elements are not integers that int64 can hold.
    """
    array = np.asarray(value)
    if not np.can_cast(array.dtype, np.int64, "safe"):
        raise ValueError(f"{name} must hold integers, holds {array.dtype}")
    return np.ascontiguousarray(array, np.int64)


def check_shape(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless `array` has exactly this shape."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, has {array.shape}")


def check_range(name: str, array: NDArray[np.float64], low: float = 0.0, high: float = LARGEST) -> None:
    """Raise ValueError unless every value of the C-contiguous `array` is finite and lies in [low, high]."""
    first = _checks.first_outside(array.reshape(-1), low, high)
    if first >= 0:
        index = ", ".join(str(i) for i in np.unravel_index(first, array.shape))
        raise ValueError(f"{name} must be finite and lie in [{low}, {high}], {name}[{index}] is {array.flat[first]}")
