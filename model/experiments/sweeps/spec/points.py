"""The runs of a sweep, one by one: which values, which seed, and in which order they are best done."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from model.experiments.sweeps.spec.designs import combinations, interleaving
from model.experiments.sweeps.spec.factors import in_one_form
from model.experiments.sweeps.spec.spec import Spec
from model.units import IntArray
from model.world.randomness import stream_key

SEED_BITS = 48  # 15 digits: a spreadsheet shows such a seed as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run of a sweep, without the scenario: that goes to a worker once, inside the task.

    number : replicate * number of combinations + combination
    combination : place in the design
    replicate : from 0; all combinations of one replicate share their seed
    seed : of the run
    values : of the factors, by dotted path
    """

    number: int
    combination: int
    replicate: int
    seed: int
    values: Mapping[str, Any]


class Points(Sequence[Point]):
    """All runs of a sweep by number; each is made when it is asked for."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._combination = combinations(spec)

    def __len__(self) -> int:
        return len(self._combination) * self._spec.replicates

    @overload
    def __getitem__(self, number: int) -> Point: ...

    @overload
    def __getitem__(self, number: slice) -> list[Point]: ...

    def __getitem__(self, number: int | slice) -> Point | list[Point]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"a sweep of {len(self)} runs has no run {number}")
        number %= len(self)
        replicate, combination = divmod(number, len(self._combination))
        return Point(
            number=number,
            combination=combination,
            replicate=replicate,
            seed=seed_of(self._spec.seed, replicate),
            values=self._combination[combination],
        )

    def __iter__(self) -> Iterator[Point]:
        return (self[number] for number in range(len(self)))


def points(spec: Spec) -> Points:
    """All runs of a sweep, by number."""
    return Points(spec)


def order(spec: Spec) -> IntArray:
    """Numbers of all runs in the order of doing them, (run,).

    Replicate after replicate, and within each the design's interleaving: an interrupted sweep is then a balanced
    sample. In a grid, among the runs done so far, the counts of any two values of a factor differ by at most one.
    """
    within = interleaving(spec)
    replicate = np.arange(spec.replicates, dtype=np.int64) * len(within)
    return (replicate[:, np.newaxis] + within).ravel()


def seed_of(sweep_seed: int, replicate: int) -> int:
    """Seed of all runs of a replicate, so that combinations are compared on the same noise; below 2**48."""
    return stream_key(sweep_seed, "replicate", replicate) >> (64 - SEED_BITS)


def key_of(point: Point) -> str:
    """SHA-256 of what makes the run: values, replicate and seed, whatever its number in the sweep.

    Combinations of equal values share it, as they share their outcomes.
    """
    made_of = [in_one_form(point.values), point.replicate, point.seed]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, allow_nan=False).encode()).hexdigest()
