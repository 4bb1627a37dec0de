"""Parameters of scores and pay shapes that are one number, or one for each subnet."""

from typing import Any

import numpy as np

from model.units import FloatArray


def as_parameter(entry: Any, name: str) -> FloatArray:
    """Parameter `name` of a frozen entry as an array; a list in it becomes a tuple, so that the entry hashes.

    Raises
    ------
    ValueError
        If it is neither a finite number nor a non-empty row of finite numbers.
    """
    value = getattr(entry, name)
    if isinstance(value, list | np.ndarray):
        value = tuple(float(one) for one in np.asarray(value).ravel())
        object.__setattr__(entry, name, value)
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        array = np.array([np.nan])
    if array.ndim > 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a finite number or one for each subnet, is {value!r}")
    return array


def as_positive_parameter(entry: Any, name: str) -> FloatArray:
    """Parameter `name` as an array of numbers above zero; otherwise as `as_parameter`."""
    array = as_parameter(entry, name)
    if not (array > 0).all():
        raise ValueError(f"{name} must be > 0, is {getattr(entry, name)!r}")
    return array
