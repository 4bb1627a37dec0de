"""Random draws that are a function of a key and an index, so that nobody's draw depends on who else draws.

A generator hands out numbers in the order in which they are asked for: one validator more, and everybody
after it reads other noise. Here entry [i, j, ...] of an array of draws is a hash of the key and of the index,
so a longer axis, a second thread or another order of work leaves every draw as it was.

Source: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators") as hash, nested
once per index; ziggurat with 256 layers (Marsaglia, Tsang 2000, "The ziggurat method for generating random
variables") with separate bits for layer and place (Doornik 2005, "An improved ziggurat method").
"""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ext import _noise
from ext.elementary import exp, log

FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TAIL_START = 3.6541528853610088  # where 256 layers of equal area close at the top of the bell
_TAIL_AREA = 3.2339576466332124e-04  # under the bell beyond it: sqrt(pi / 2) erfc(start / sqrt 2)
LARGEST_POISSON_MEAN = 700
_PLACES = 2.0**52  # a place in a layer is a signed 53-bit integer


def ziggurat_layers() -> FloatArray:
    """Table of the 256 layers under exp(-x^2/2), all of the same area.

    Returns
    -------
    ndarray, (256, 4)
        Row by row from the base up: width of the layer per unit of place; largest place that is accepted at
        once; height of the bell at the layer's outer and at its inner edge. The base has no wedge but the
        tail: its last two entries are 0 and the start of the tail.
    """

    def bell(x: float) -> float:
        return exp(-0.5 * x * x)

    area = _TAIL_START * bell(_TAIL_START) + _TAIL_AREA
    edge = [area / bell(_TAIL_START), _TAIL_START]
    while len(edge) < 256:
        edge.append(math.sqrt(-2.0 * log(area / edge[-1] + bell(edge[-1]))))
    edge.append(0.0)
    layer = np.array(
        [(outer / _PLACES, inner / outer * _PLACES, bell(outer), bell(inner)) for outer, inner in pairwise(edge)]
    )
    layer[0, 2:] = 0.0, _TAIL_START
    return layer


LAYERS = ziggurat_layers()
LAYERS.setflags(write=False)


def split_key(key: int | KeyArray, index: NDArray[np.integer]) -> KeyArray:
    """Keys of the sub-streams `index` of each key in `key`.

    Parameters
    ----------
    key : int or ndarray of uint64
        64-bit key or keys; broadcasts against `index`.
    index : ndarray of int
        Numbers of the sub-streams, >= 0.

    Returns
    -------
    ndarray of uint64, broadcast shape of both
    """
    with np.errstate(over="ignore"):
        x = np.asarray(key, np.uint64) + _GOLDEN * (index.astype(np.uint64) + np.uint64(1))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def counted_from(key: KeyArray, first: int) -> KeyArray:
    """Keys whose draw number `first` + i is draw number i of `key`; those before `first` are other draws.

    Parameters
    ----------
    key : ndarray of uint64
        Keys of rows of draws.
    first : int
        Index that gets draw number 0.
    """
    with np.errstate(over="ignore"):
        return np.asarray(key - _GOLDEN * np.uint64(first))


def standard_normal(key: int, shape: tuple[int, ...]) -> FloatArray:
    """Normal draws of mean 0 and standard deviation 1, each a function of `key` and of its own index.

    Parameters
    ----------
    key : int
        64-bit key of the stream, in [0, 2^64).
    shape : tuple of int
        Shape of the result, at least one axis. A longer axis appends draws and changes none.

    Returns
    -------
    ndarray, `shape`

    Raises
    ------
    ValueError
        If the key does not fit 64 bits or the shape is no shape.
    """
    row_key, counter, out = _rows(key, shape)
    scratch = np.empty(len(counter), np.uint64), np.empty(len(counter) + 1, np.int64)
    if out.size:
        _noise.normal_rows(row_key, counter, LAYERS, *scratch, out)
    return out.reshape(shape)


def uniform(key: int, shape: tuple[int, ...]) -> FloatArray:
    """Uniform draws in the open interval (0, 1), each a function of `key` and of its own index.

    Parameters, errors and behaviour are those of `standard_normal`.
    """
    row_key, counter, out = _rows(key, shape)
    if out.size:
        _noise.uniform_rows(row_key, counter, np.empty(len(counter), np.uint64), out)
    return out.reshape(shape)


def normals_of(bits: KeyArray) -> FloatArray:
    """Standard normal draws made of random 64-bit words, one of each; the shape of `bits`.

    For a generator's own words, `Generator.bit_generator.random_raw`: its `standard_normal` takes the C library's
    logarithm in the tail.
    """
    words = np.ascontiguousarray(bits, np.uint64).reshape(-1)
    out = np.empty(words.shape)
    if out.size:
        _noise.normals_of_bits(words, LAYERS, np.empty(len(words) + 1, np.int64), out)
    return out.reshape(np.shape(bits))


def uniforms_of(bits: KeyArray) -> FloatArray:
    """Uniform draws in (0, 1) made of random 64-bit words, one of each; the shape of `bits`.

    The draw number i of `uniform` under a key is that of the word `split_key(key, i)`.
    """
    return np.asarray(((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)


def poisson_of(uniform: FloatArray, mean: float) -> NDArray[np.int64]:
    """Poisson draws by inversion: the smallest count whose distribution function exceeds each of `uniform`.

    Parameters
    ----------
    uniform : ndarray
        In [0, 1).
    mean : float
        In [0, 700], where e^-mean is a normal number.

    Returns
    -------
    ndarray of int64, the shape of `uniform`

    Raises
    ------
    ValueError
        If the mean lies outside its range.

    Source: Devroye 1986, "Non-uniform random variate generation", X.3.
    """
    if not 0 <= mean <= LARGEST_POISSON_MEAN:
        raise ValueError(f"mean must lie in [0, {LARGEST_POISSON_MEAN}], is {mean!r}")
    count = np.zeros(np.shape(uniform), np.int64)
    term = exp(-mean)
    below, n = term, 0
    # Beyond the mean the terms fall: once one no longer adds anything, no uniform is left above.
    while n <= mean or below + term > below:
        above = uniform >= below
        if not above.any():
            break
        n += 1
        count[above] = n
        term *= mean / n
        below += term
    return count


def checked_key(key: int) -> int:
    """`key`, if it is a whole number in [0, 2^64).

    Raises
    ------
    ValueError
        If it is not.
    """
    if not isinstance(key, int | np.integer) or not 0 <= key < 2**64:
        raise ValueError(f"key must be a whole number in [0, 2**64), is {key!r}")
    return int(key)


def _rows(key: int, shape: tuple[int, ...]) -> tuple[KeyArray, NDArray[np.int64], FloatArray]:
    if len(shape) == 0 or any(length < 0 for length in shape):
        raise ValueError(f"shape must have at least one axis and no negative length, is {shape}")
    row_key: KeyArray = np.array(checked_key(key), np.uint64)
    for length in shape[:-1]:
        row_key = split_key(row_key[..., None], np.arange(length))
    row_key = np.ascontiguousarray(row_key).reshape(-1)
    return row_key, np.arange(shape[-1]), np.empty((len(row_key), shape[-1]))
