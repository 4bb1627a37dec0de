"""The consensus guarantee: how much honest utility keeps an honest side's stake from eroding, whatever a cabal votes.

Two sides hold all stake and all miners. Honest validators put `honest_weight` on honest miners, cabal validators
`cabal_weight` on cabal miners. One epoch of consensus from empty bonds says which share of the emission the honest
side earns; it is retained if that is at least its share of the stake.

Source: subtensor 14bc6f9, docs/consensus.md and pallets/subtensor/src/tests/consensus.rs (map_consensus_guarantees).
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ext.consensus import NOTHING_MASKED, WHERE_POSITIVE, epoch_buffers, run_epoch
from model.bounds import within
from model.randomness import stream
from model.units import U16_MAX, FloatArray, IntArray

N_VALIDATORS = 64
N_SERVERS = 448
STAKE_SPREAD = 0.3  # standard deviation of a stake, in units of its mean
HONEST_STAKE_SHARES = (0.51, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)
SELF_WEIGHT_SHARE = np.arange(51) / 50  # both axes of the map
PENALTY_STEPS = 65_534  # the chain's test cuts the penalty to multiples of 1/65535 below 1
TIE = 1e-9  # earning exactly the stake share is retention, whatever the rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the guarantee depends on. Defaults: the baseline of the published maps.

    weight_noise : standard deviation of a validator's weight on a server, in units of its mean
    kappa : stake share that must support a weight
    bonds_penalty : how much of a weight above consensus is taken away before bonding
    dividend_share : share of the emission paid for validating; incentive is the rest
    clip : whether weights above consensus are clipped; without it there is no guarantee
    """

    weight_noise: float = 0.4
    kappa: float = 32767 / 65535
    bonds_penalty: float = 1.0
    dividend_share: float = 0.5
    clip: bool = True

    def __post_init__(self) -> None:
        within("weight noise sigma", self.weight_noise, 0, 10)
        within("kappa", self.kappa, 0, 1, above=True)
        within("bonds penalty beta", self.bonds_penalty, 0, 1)
        within("dividend share xi", self.dividend_share, 0, 1)


BASELINE = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the map, where the honest side of one stake share just retains it, on one draw of the sides."""

    conditions: Conditions = BASELINE
    honest_stake_share: float = 0.6
    seed: int = 1

    def __post_init__(self) -> None:
        within("honest stake share", self.honest_stake_share, 0, 1, above=True)
        within("seed", self.seed, 0, 2**63 - 1)


class Sides(NamedTuple):
    """One draw of the honest side and the cabal. Honest validators and servers come first.

    stake_share : (N_VALIDATORS,), sums to the sides' stake shares
    weight : (N_VALIDATORS, N_SERVERS), a row sums to 1 on either side's servers, or to 0 if all its draws are 0
    n_validators, n_servers : honest ones among them
    """

    stake_share: FloatArray
    weight: FloatArray
    n_validators: int
    n_servers: int


class HonestShares(NamedTuple):
    """What the honest side earns of all incentive, dividend and emission; arrays of one shape."""

    incentive: FloatArray
    dividend: FloatArray
    emission: FloatArray


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


def sides(line: Line) -> Sides:
    """Stakes and weights of a line before the sides' self-weights scale them.

    The same standard normals serve all stake shares and conditions of a seed: lines are compared on the same noise.
    """
    n_validators = min(max(int(N_VALIDATORS * line.honest_stake_share), 1), N_VALIDATORS - 1)
    n_servers = min(max(int(N_SERVERS * line.honest_stake_share), 1), N_SERVERS - 1)
    stake = stream(line.seed, "guarantee", "stake").standard_normal(N_VALIDATORS)
    weight = stream(line.seed, "guarantee", "weight").standard_normal((N_VALIDATORS, N_SERVERS))
    total = (line.honest_stake_share, 1.0 - line.honest_stake_share)
    return Sides(
        stake_share=_sums_by_side(1.0 + STAKE_SPREAD * stake, n_validators, total),
        weight=_sums_by_side(1.0 + line.conditions.weight_noise * weight, n_servers, (1.0, 1.0)),
        n_validators=n_validators,
        n_servers=n_servers,
    )


def votes(drawn: Sides, honest_weight: FloatArray, cabal_weight: FloatArray) -> FloatArray:
    """Weights as the chain stores them, of every validator on every uid, for K pairs of self-weights.

    A validator floors its weights to 1/65535; the chain then raises the row so that its largest is 65535.

    Parameters
    ----------
    honest_weight, cabal_weight : (K,)
        Self-weights in [0, 1].

    Returns
    -------
    (K, N_VALIDATORS, N_VALIDATORS + N_SERVERS)
        Whole numbers from 0 to 65535; validators have no weight.
    """
    weight = np.zeros((len(honest_weight), N_VALIDATORS, N_VALIDATORS + N_SERVERS))
    honest_row, cabal_row = slice(None, drawn.n_validators), slice(drawn.n_validators, None)
    honest, cabal = slice(None, drawn.n_servers), slice(drawn.n_servers, None)
    server = weight[:, :, N_VALIDATORS:]
    for row, column, share in (
        (honest_row, honest, honest_weight),
        (honest_row, cabal, 1.0 - honest_weight),
        (cabal_row, honest, 1.0 - cabal_weight),
        (cabal_row, cabal, cabal_weight),
    ):
        np.multiply(drawn.weight[row, column], U16_MAX * share[:, None, None], out=server[:, row, column])
    np.floor(server, out=server)
    server *= U16_MAX / np.maximum(server.max(axis=2, keepdims=True), 1.0)
    return np.rint(weight, out=weight)


def honest_shares(
    line: Line, drawn: Sides, honest_weight: FloatArray, cabal_weight: FloatArray
) -> HonestShares:
    """What the honest side earns in one epoch from empty bonds, for K pairs of self-weights; arrays (K,).

    If nobody earns incentive, all emission follows stake, as on the chain.
    """
    conditions = line.conditions
    weight = votes(drawn, honest_weight, cabal_weight)
    n_points, _, n_uids = weight.shape
    stake = np.zeros((n_points, n_uids))
    stake[:, :N_VALIDATORS] = drawn.stake_share
    epoch = run_epoch(
        weight, stake, np.zeros_like(weight), np.tile(np.arange(N_VALIDATORS), (n_points, 1)),
        NOTHING_MASKED, WHERE_POSITIVE, epoch_buffers(*weight.shape),
        kappa=conditions.kappa, bonds_penalty=int(conditions.bonds_penalty * PENALTY_STEPS) / U16_MAX,
        bonds_moving_average=0.9, alpha_low=0.0, alpha_high=1.0, alpha_sigmoid_steepness=0.0, stake_threshold=0.0,
        max_validators=N_VALIDATORS, yuma3=False, liquid_alpha=False, count_heads=False, clip=conditions.clip,
        bonded=True, quantise_bonds=False,
    )  # fmt: skip
    earned = epoch.incentive.any(axis=1)
    held = epoch.active_share[:, : drawn.n_validators].sum(axis=1)
    incentive = epoch.incentive[:, N_VALIDATORS : N_VALIDATORS + drawn.n_servers].sum(axis=1)
    dividend = epoch.dividend[:, : drawn.n_validators].sum(axis=1)
    incentive, dividend = np.where(earned, incentive, held), np.where(earned, dividend, held)
    xi = conditions.dividend_share
    return HonestShares(incentive, dividend, xi * dividend + (1.0 - xi) * incentive)


def crossing(emission: Callable[[IntArray], FloatArray], honest_stake_share: float) -> FloatArray:
    """Smallest honest weight at which emission reaches the stake share, against each cabal weight.

    Bisects the grid for the cell in which it is reached and interpolates there. Emission grows with the honest
    weight, so there is one such cell.

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
    drawn = sides(line)
    if not whole_map:
        return Contour(crossing(lambda at: _at(line, drawn, at).emission, line.honest_stake_share), NO_MAP)
    columns = [_at(line, drawn, np.full(len(SELF_WEIGHT_SHARE), index)) for index in range(len(SELF_WEIGHT_SHARE))]
    shares = HonestShares(*map(np.stack, zip(*columns, strict=True)))
    every = np.arange(len(SELF_WEIGHT_SHARE))
    return Contour(crossing(lambda at: shares.emission[at, every], line.honest_stake_share), shares)


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


def lines(conditions: Conditions, n_seeds: int) -> list[Line]:
    """All lines of a map: every stake share on every seed from 1 to `n_seeds`."""
    within("seeds", n_seeds, 1, 1000)
    return [
        Line(conditions=conditions, honest_stake_share=share, seed=seed)
        for share in HONEST_STAKE_SHARES
        for seed in range(1, n_seeds + 1)
    ]


def _at(line: Line, drawn: Sides, honest: IntArray) -> HonestShares:
    """Shares at one honest weight per cabal weight, by index; in pieces that fit into the cache."""
    pieces = np.array_split(np.arange(len(honest)), 6)
    parts = [honest_shares(line, drawn, SELF_WEIGHT_SHARE[honest[at]], SELF_WEIGHT_SHARE[at]) for at in pieces]
    return HonestShares(*map(np.concatenate, zip(*parts, strict=True)))


def _sums_by_side(draw: FloatArray, n_honest: int, total: tuple[float, float]) -> FloatArray:
    """`draw` without its negatives, the first `n_honest` of the last axis summing to total[0], the others to total[1]."""
    positive = np.maximum(draw, 0.0)
    scaled = []
    for side, amount in zip((positive[..., :n_honest], positive[..., n_honest:]), total, strict=True):
        sum_of_side = side.sum(axis=-1, keepdims=True)
        scaled.append(side * amount / np.where(sum_of_side > 0.0, sum_of_side, 1.0))
    return np.concatenate(scaled, axis=-1)
