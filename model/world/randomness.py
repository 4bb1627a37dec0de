"""Named random streams: one generator for each purpose, so that changing one part leaves the others' draws alone."""

import hashlib
from typing import Any

import numpy as np
from numpy.random import Generator

from ext.noise import LARGEST_POISSON_MEAN, normals_of, poisson_of


def stream_key(seed: int, *name: str | int) -> int:
    """64-bit key of the stream called `name` under `seed`.

    The key is a digest of the whole name, not of its parts one by one, so ("miner", 12) and ("miner1", 2) differ.
    Kernels that draw by themselves (`ext.scoring`) take the key; everyone else takes `stream`.

    Parameters
    ----------
    seed : int
        Seed of the run, >= 0.
    name : str or int
        Purpose, epoch, cohort: whatever tells this stream from all others.
    """
    text = repr((seed, *name)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


class Stream(Generator):
    """A generator whose normal and Poisson draws have the same bits on every processor.

    NumPy's take the C library's logarithms and exponentials. Its uniforms, integers and permutations need none and
    are used as they are; of its other laws nothing is promised.
    """

    def standard_normal(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """Normal draws of mean 0 and standard deviation 1: a number, or an array of shape `size`."""
        shape = () if size is None else size
        drawn = normals_of(self.bit_generator.random_raw(int(np.prod(shape)))).reshape(shape)
        return float(drawn) if size is None else drawn

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Normal draws of mean `loc` and standard deviation `scale`, which broadcast to `size`."""
        if size is None and np.ndim(loc) + np.ndim(scale):
            size = np.broadcast_shapes(np.shape(loc), np.shape(scale))
        return loc + scale * self.standard_normal(size)

    def poisson(self, lam: Any = 1.0, size: Any = None) -> Any:
        """Counts of mean `lam`, one number: a count, or an array of shape `size`."""
        parts = int(lam // LARGEST_POISSON_MEAN) + 1  # a sum of Poisson draws is one of the sum of their means
        shape = () if size is None else size
        each = [poisson_of(np.asarray(self.random(shape)), lam / parts) for _ in range(parts)]
        return int(sum(each)) if size is None else sum(each)


def stream(seed: int, *name: str | int) -> Stream:
    """Random generator of the stream called `name` under `seed`; the same call gives the same draws."""
    return Stream(np.random.PCG64(np.random.SeedSequence(stream_key(seed, *name))))
