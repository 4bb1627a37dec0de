"""Contours of the consensus guarantee: the honest utility that just retains a stake share, against each cabal weight.

The published maps draw one line for each stake share on a grid of 51 honest and 51 cabal self-weights.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.bounds import within
from model.experiments.guarantee.guarantee import (
    BASELINE,
    Conditions,
    HonestShares,
    honest_shares,
    room,
    sides,
)
from model.units import FloatArray, IntArray

HONEST_STAKE_SHARES = (0.51, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)
SELF_WEIGHT_SHARE = np.arange(51) / 50  # both axes of the map
POINTS_AT_ONCE = 3  # epochs whose arrays fit into the cache; divides 51
TIE = 1e-9  # earning exactly the stake share is retention, whatever the rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the map, where the honest side of one stake share just retains it, on one draw of the sides."""

    conditions: Conditions = BASELINE
    honest_stake_share: float = 0.6
    seed: int = 1

    def __post_init__(self) -> None:
        within("honest stake share", self.honest_stake_share, 0, 1, above=True)
        within("seed", self.seed, 0, 2**63 - 1)


class Contour(NamedTuple):
    """Honest utility that a line asks for against each cabal weight, and the map behind it if that was computed.

    required : (cabal weights,), NaN where no utility is enough
    shares : (honest weights, cabal weights), or (0, 0)
    """

    required: FloatArray
    shares: HonestShares

    @property
    def worst(self) -> float:
        """Utility that is enough whatever the cabal votes; NaN if none is."""
        return float(self.required.max())

    @property
    def worst_cabal_weight_share(self) -> float:
        """Vote of the cabal that asks for the most utility, or that no utility withstands."""
        return float(SELF_WEIGHT_SHARE[self.required.argmax()])


NO_MAP = HonestShares(*[np.empty((0, 0))] * 3)


def crossing(emission: Callable[[IntArray], FloatArray], honest_stake_share: float) -> FloatArray:
    """Smallest honest weight at which emission reaches the stake share, against each cabal weight.

    Bisects the grid for the cell in which it is reached and interpolates there. Emission may dip a little as the
    honest weight grows, but crosses the stake share once.

    Parameters
    ----------
    emission : callable
        Honest emission share (cabal weights,) at these indices of honest weights, one per cabal weight.

    Returns
    -------
    (cabal weights,)
        NaN where not even a weight of 1 is enough, 0 where none is needed.
    """
    low = np.zeros(len(SELF_WEIGHT_SHARE), np.int64)
    high = np.full_like(low, len(SELF_WEIGHT_SHARE) - 1)
    least, most = emission(low), emission(high)
    enough, needless = most >= honest_stake_share - TIE, least >= honest_stake_share - TIE
    while (high - low).max() > 1:
        middle = (low + high) // 2
        value = emission(middle)
        kept = value >= honest_stake_share - TIE
        low, least = np.where(kept, low, middle), np.where(kept, least, value)
        high, most = np.where(kept, middle, high), np.where(kept, value, most)
    rise = np.where(most > least, most - least, 1.0)
    part = np.clip((honest_stake_share - least) / rise, 0.0, 1.0)
    required = SELF_WEIGHT_SHARE[low] + part * (SELF_WEIGHT_SHARE[high] - SELF_WEIGHT_SHARE[low])
    return np.where(needless, 0.0, np.where(enough, required, np.nan))


def contour(line: Line, *, whole_map: bool = False) -> Contour:
    """Required utility of a line; with `whole_map` also the honest shares at every point of the grid."""
    drawn = sides(line.conditions, line.honest_stake_share, line.seed)
    n_points = len(SELF_WEIGHT_SHARE)
    pieces = np.arange(n_points).reshape(-1, POINTS_AT_ONCE)
    memory = room(drawn, POINTS_AT_ONCE)

    def shares(honest: IntArray) -> HonestShares:
        parts = [
            honest_shares(line.conditions, drawn, SELF_WEIGHT_SHARE[honest[at]], SELF_WEIGHT_SHARE[at], memory)
            for at in pieces
        ]
        return HonestShares(*map(np.concatenate, zip(*parts, strict=True)))

    if not whole_map:
        return Contour(crossing(lambda at: shares(at).emission, line.honest_stake_share), NO_MAP)
    columns = [shares(np.full(n_points, index)) for index in range(n_points)]
    grid = HonestShares(*map(np.stack, zip(*columns, strict=True)))
    return Contour(crossing(lambda at: grid.emission[at, np.arange(n_points)], line.honest_stake_share), grid)


def contours(
    lines: Iterable[Line], *, maps: Iterable[Line] = (), progress: Callable[[int, int], None] | None = None
) -> dict[Line, Contour]:
    """Contour of every line, with its map for those in `maps`; the same on any number of cores.

    Parameters
    ----------
    progress : callable, optional
        Called after each line with lines done and lines in all.
    """
    whole_map = dict.fromkeys(lines, False) | dict.fromkeys(maps, True)
    found: dict[Line, Contour] = {}
    # Threads are enough: the kernel and NumPy's loops leave the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for line, result in zip(
                whole_map, pool.map(lambda item: contour(item[0], whole_map=item[1]), whole_map.items()), strict=True
            ):
                found[line] = result
                if progress:
                    progress(len(found), len(whole_map))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def lines(
    conditions: Conditions, n_seeds: int, honest_stake_shares: Iterable[float] = HONEST_STAKE_SHARES
) -> list[Line]:
    """A line for every stake share on every seed from 1 to `n_seeds`; by default all lines of the published maps."""
    within("seeds", n_seeds, 1, 1000)
    return [
        Line(conditions=conditions, honest_stake_share=share, seed=seed)
        for share in honest_stake_shares
        for seed in range(1, n_seeds + 1)
    ]
