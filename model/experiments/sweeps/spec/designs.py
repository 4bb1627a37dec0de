"""Designs: which combinations of factor values a sweep tries, and in which order they are best done.

A design depends on the spec alone: the same spec gives the same combinations in any process. With a larger `n_points`
random, sobol and morris keep the combinations they had and add to them; latin_hypercube draws anew, as its strata
depend on how many points there are.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from model.experiments.sweeps.spec.spec import (
    GRID,
    LATIN_HYPERCUBE,
    LIST,
    ONE_AT_A_TIME,
    RANDOM,
    SAMPLED,
    SOBOL,
    ZIP,
    Spec,
)
from model.units import FloatArray, IntArray
from model.world.randomness import stream, stream_key

SALIB_SEED_BITS = 32  # NumPy's old generator takes no longer seed
GOLDEN_SHARE = (math.sqrt(5) - 1) / 2


class Combinations(Sequence[Mapping[str, Any]]):
    """Combinations of factor values, each made when it is asked for.

    Parameters
    ----------
    count : int
        How many there are.
    at : callable
        From the number of a combination to its values by dotted path.
    """

    def __init__(self, count: int, at: Callable[[int], Mapping[str, Any]]) -> None:
        self._count = count
        self._at = at

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, combination: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, combination: slice) -> list[Mapping[str, Any]]: ...

    def __getitem__(self, combination: int | slice) -> Mapping[str, Any] | list[Mapping[str, Any]]:
        if isinstance(combination, slice):
            return [self._at(one) for one in range(*combination.indices(self._count))]
        return self._at(range(self._count)[combination])


def grid(spec: Spec) -> Combinations:
    """Every value of each factor with every value of all others, the last factor changing fastest."""
    levels = [factor.levels(spec.levels) for factor in spec.factors]

    def at(combination: int) -> dict[str, Any]:
        values = []
        for held in reversed(levels):
            combination, level = divmod(combination, len(held))
            values.append(held[level])
        return dict(zip(_paths(spec), reversed(values), strict=True))

    return Combinations(spec.n_combinations, at)


def zipped(spec: Spec) -> Combinations:
    """The first values of all factors together, then the second ones, and so on: factors that move together."""
    levels = [factor.levels(spec.levels) for factor in spec.factors]
    return Combinations(
        spec.n_combinations,
        lambda combination: dict(zip(_paths(spec), (held[combination] for held in levels), strict=True)),
    )


def listed(spec: Spec) -> Combinations:
    """The combinations that the spec names one by one."""
    return Combinations(spec.n_combinations, lambda combination: dict(spec.points[combination]))


def one_at_a_time(spec: Spec) -> Combinations:
    """The first values of all factors, then each factor's other values while the others stay at their first."""
    levels = [factor.levels(spec.levels) for factor in spec.factors]
    base = {factor.path: held[0] for factor, held in zip(spec.factors, levels, strict=True)}
    moves: list[dict[str, Any]] = [{}]
    moves += [{path: value} for path, held in zip(_paths(spec), levels, strict=True) for value in held[1:]]
    return Combinations(spec.n_combinations, lambda combination: {**base, **moves[combination]})


def sampled(spec: Spec) -> Combinations:
    """What `unit_sample` draws, as values of the factors."""
    sample = unit_sample(spec)
    return Combinations(
        len(sample),
        lambda combination: {
            factor.path: factor.at(share)
            for factor, share in zip(spec.factors, sample[combination].tolist(), strict=True)
        },
    )


DESIGNS: Mapping[str, Callable[[Spec], Combinations]] = {
    GRID: grid,
    ZIP: zipped,
    LIST: listed,
    ONE_AT_A_TIME: one_at_a_time,
} | dict.fromkeys(SAMPLED, sampled)


def combinations(spec: Spec) -> Combinations:
    """All combinations of the spec's design; their numbers are the column `combination` of the sweep's tables."""
    return DESIGNS[spec.design](spec)


def unit_sample(spec: Spec) -> FloatArray:
    """Where a sampled design lies in the factors' unit cube, (combination, factor), in [0, 1].

    Source
    ------
    Owen-scrambled Sobol points in Saltelli's scheme and the walks of Morris as SALib draws them; Latin hypercube as
    `scipy.stats.qmc` does.
    """
    shape = (spec.n_points, len(spec.factors))
    if spec.design == RANDOM:
        return stream(spec.seed, "design", RANDOM).random(shape)
    # These libraries take seconds to import, which workers and other designs are spared.
    if spec.design == LATIN_HYPERCUBE:
        from scipy.stats import qmc

        return qmc.LatinHypercube(shape[1], rng=stream(spec.seed, "design", LATIN_HYPERCUBE)).random(shape[0])
    from SALib.sample import morris, sobol

    key = stream_key(spec.seed, "design", spec.design) >> (64 - SALIB_SEED_BITS)
    problem = salib_problem(spec)
    if spec.design == SOBOL:
        return sobol.sample(problem, spec.n_points, calc_second_order=spec.second_order, seed=key)
    walks: FloatArray = morris.sample(problem, spec.n_points, num_levels=spec.levels, seed=key)
    return walks


def salib_problem(spec: Spec) -> dict[str, Any]:
    """The factors as SALib names them, on the unit cube of `unit_sample`.

    Indices are the same on any scale; an elementary effect is then the change over a factor's whole range.
    """
    return {"num_vars": len(spec.factors), "names": _paths(spec), "bounds": [[0.0, 1.0]] * len(spec.factors)}


def interleaving(spec: Spec) -> IntArray:
    """All combinations in the order of doing them, so that the first few are a fair picture of all, (combination,).

    In a grid the counts of any two values of a factor never differ by more than one. The sampled designs have such an
    order of their own, and keep it. The others go round by the golden section.
    """
    if spec.design == GRID and spec.factors:
        return _balanced([len(factor.levels(spec.levels)) for factor in spec.factors])
    in_turn = np.arange(spec.n_combinations, dtype=np.int64)
    return in_turn if spec.design in SAMPLED else in_turn * _golden_step(len(in_turn)) % len(in_turn)


def _balanced(n_levels: list[int]) -> IntArray:
    """Numbers of the cells of a grid of this shape, each once, (cell,).

    Steps along the diagonal (1, 1, ..., 1) come round after the least common multiple of the sizes, having met every
    value of every factor equally often; then the next diagonal begins.
    """
    n_cells = math.prod(n_levels)
    position = np.arange(n_cells, dtype=np.int64)
    period = math.lcm(*n_levels)
    n_diagonals = n_cells // period
    diagonal = position // period * _golden_step(n_diagonals) % n_diagonals
    cell, joint = np.zeros_like(position), 1
    for size in n_levels:
        # With those before it, this factor makes as many separate rounds as the two periods have in common.
        n_offsets = math.gcd(joint, size)
        joint = math.lcm(joint, size)
        diagonal, offset = np.divmod(diagonal, n_offsets)
        # Neighbouring steps take values that lie far apart.
        cell = cell * size + (position + offset) * _golden_step(size) % size
    return cell


def _golden_step(count: int) -> int:
    """Step near the golden section of `count` that meets all of them before it comes back."""
    step = max(round(count * GOLDEN_SHARE), 1)
    while math.gcd(step, count) > 1:
        step += 1
    return step


def _paths(spec: Spec) -> list[str]:
    return [factor.path for factor in spec.factors]
