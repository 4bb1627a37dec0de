"""Named random streams: one generator for each purpose, so that changing one part leaves the others' draws alone."""

import hashlib

import numpy as np
from numpy.random import Generator


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


def stream(seed: int, *name: str | int) -> Generator:
    """Random generator of the stream called `name` under `seed`; the same call gives the same draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(stream_key(seed, *name))))
