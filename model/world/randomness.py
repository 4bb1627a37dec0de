"""Named random streams: one generator for each purpose, so that changing one part leaves the others' draws alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from ext.noise import LARGEST_POISSON_MEAN, KeyArray, normals_of, poisson_of, split_key, uniform, uniforms_of
from model.scenario.design import CAPABILITIES
from model.units import FloatArray, IntArray


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


@dataclass(frozen=True, slots=True)
class CohortDraws:
    """Draws of a cohort, of which each is a function of who it is for, the subnet, the name and its own index alone.

    So nobody's draws depend on who else is in the cohort, on its order, or on how many others draw.

    key : of what the cohort is asked and of the epoch
    person_key (member,) : who each member is
    slot_member (slot,) : which member holds the slot
    slot_subnet (slot,) : where; None where a slot is a person and not a place
    """

    key: int
    person_key: KeyArray
    slot_member: IntArray
    slot_subnet: IntArray | None = None

    def uniform(self, name: str, size: tuple[int, ...] = (), *, per: str = "slot") -> FloatArray:
        """Uniform draws in (0, 1), (slot, *size), or (member, *size) per "member"."""
        return uniforms_of(self._bits(name, size, per))

    def normal(self, name: str, size: tuple[int, ...] = (), *, per: str = "slot") -> FloatArray:
        """Normal draws of mean 0 and standard deviation 1, (slot, *size), or (member, *size) per "member"."""
        return normals_of(self._bits(name, size, per))

    def integers(self, name: str, high: int, size: tuple[int, ...] = (), *, per: str = "slot") -> IntArray:
        """Whole numbers in [0, high), all as likely, (slot, *size), or (member, *size) per "member"."""
        return np.minimum((self.uniform(name, size, per=per) * high).astype(np.int64), high - 1)

    def _bits(self, name: str, size: tuple[int, ...], per: str) -> KeyArray:
        if per not in ("slot", "member"):
            raise ValueError(f'per must be "slot" or "member", is {per!r}')
        key = split_key(stream_key(self.key, name), self.person_key)
        if per == "slot":
            key = key[self.slot_member]
            if self.slot_subnet is not None:
                key = split_key(key, self.slot_subnet)
        for length in size or (1,):
            key = split_key(key[..., np.newaxis], np.arange(length))
        return key if size else key[..., 0]


_OWN = {name: place for place, name in enumerate(CAPABILITIES)}


def capability_order(names: Sequence[str]) -> IntArray:
    """Positions of the capabilities in the order in which chance counts them, whatever order they are written in.

    Those that come with the sandbox are the first, the others follow by name: `array[..., order]` goes to the draws,
    and `drawn[..., np.argsort(order)]` comes back.
    """
    return np.array(sorted(range(len(names)), key=lambda at: (_OWN.get(names[at], len(_OWN)), names[at])))


def uniform_by_person(person_key: KeyArray, key: int) -> FloatArray:
    """A uniform draw in (0, 1) for each person, (person,), from the stream with this key."""
    return uniforms_of(split_key(split_key(key, person_key), np.zeros(1, np.int64)))


def poisson_by_place(mean: float, n_places: int, key: int) -> IntArray:
    """A count of this mean for each place, (place,); one place more leaves the others' counts alone."""
    parts = int(mean // LARGEST_POISSON_MEAN) + 1  # a sum of Poisson draws is one of the sum of their means
    draw = uniform(key, (n_places, parts))
    return poisson_of(draw, mean / parts).sum(axis=1)


def stream(seed: int, *name: str | int) -> Stream:
    """Random generator of the stream called `name` under `seed`; the same call gives the same draws."""
    return Stream(np.random.PCG64(np.random.SeedSequence(stream_key(seed, *name))))
