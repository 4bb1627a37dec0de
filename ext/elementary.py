"""Exponentials, logarithms and powers with the same bits on every processor.

The C library's functions and NumPy's use fused products and vector code where the processor has them, and round
otherwise than without. Whatever ends up in a table takes its elementary functions from here, where only additions,
products and quotients are used, which IEEE 754 rounds alike everywhere.

Each function takes a number, NumPy's among them, or an array of any shape, and gives a float or a float64 array;
what is not real (complex numbers, texts, objects) is a TypeError. Edge cases (0, infinity, NaN, subnormal numbers) are
those of C, ISO C99 annex F.9; NumPy's are the same, but that it takes a single exponent of 1/2 for a square root and
gives -0 and NaN for the powers of -0 and -infinity. No warning is ever raised. Largest errors, in units in the last
place of the result: exp 1, expm1 2, log 2, log1p 2, tanh 2.5, power 1.

Source: Dekker 1971, "A floating-point technique for extending the available precision"; Muller 2016, "Elementary
functions", chapters 3 and 11.
"""

from collections.abc import Callable
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext import _elementary

FloatArray = NDArray[np.float64]
Number = float | int | np.floating | np.integer


@overload
def exp(x: Number) -> float: ...
@overload
def exp(x: FloatArray) -> FloatArray: ...
def exp(x: ArrayLike) -> float | FloatArray:
    """e^x."""
    return _each(_elementary.exp, _elementary.exp_of, x)


@overload
def expm1(x: Number) -> float: ...
@overload
def expm1(x: FloatArray) -> FloatArray: ...
def expm1(x: ArrayLike) -> float | FloatArray:
    """e^x - 1, without loss near 0."""
    return _each(_elementary.expm1, _elementary.expm1_of, x)


@overload
def log(x: Number) -> float: ...
@overload
def log(x: FloatArray) -> FloatArray: ...
def log(x: ArrayLike) -> float | FloatArray:
    """ln x; -infinity at 0, NaN below."""
    return _each(_elementary.log, _elementary.log_of, x)


@overload
def log1p(x: Number) -> float: ...
@overload
def log1p(x: FloatArray) -> FloatArray: ...
def log1p(x: ArrayLike) -> float | FloatArray:
    """ln(1 + x), without loss near 0; -infinity at -1, NaN below."""
    return _each(_elementary.log1p, _elementary.log1p_of, x)


@overload
def tanh(x: Number) -> float: ...
@overload
def tanh(x: FloatArray) -> FloatArray: ...
def tanh(x: ArrayLike) -> float | FloatArray:
    """Hyperbolic tangent."""
    return _each(_elementary.tanh, _elementary.tanh_of, x)


@overload
def power(x: Number, exponent: Number) -> float: ...
@overload
def power(x: FloatArray, exponent: NDArray[Any] | Number) -> FloatArray: ...
@overload
def power(x: Number, exponent: NDArray[Any]) -> FloatArray: ...
def power(x: ArrayLike, exponent: ArrayLike) -> float | FloatArray:
    """x^exponent, the two broadcast against each other; 0^0 is 1, and NaN is x < 0 to no whole number.

    Exponents 1 and 2 give x and x * x, rounded once, and so does any power that a float holds exactly.
    """
    if isinstance(x, Number) and isinstance(exponent, Number):
        return _elementary.power_of(float(x), float(exponent))
    base, index = _real("x", x), _real("exponent", exponent)
    if base.shape != index.shape:
        base, index = np.broadcast_arrays(base, index)
    out = np.empty(base.shape)
    if out.size:
        flat = np.ascontiguousarray(base).reshape(-1), np.ascontiguousarray(index).reshape(-1)
        _elementary.power(*flat, out.reshape(-1))
    return out


def _each(
    kernel: Callable[[FloatArray, FloatArray], None], of_one: Callable[[float], float], x: ArrayLike
) -> float | FloatArray:
    if isinstance(x, Number):
        return of_one(float(x))
    array = _real("x", x)
    out = np.empty(array.shape)
    if out.size:
        kernel(array.reshape(-1), out.reshape(-1))
    return out


def _real(name: str, x: ArrayLike) -> FloatArray:
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real, is {array.dtype}")
    return array.astype(np.float64, "C", copy=False)
