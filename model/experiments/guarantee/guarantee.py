"""The consensus guarantee: how much honest utility keeps an honest side's stake from eroding, whatever a cabal votes.

Two sides hold all stake and all miners. Honest validators put `honest_weight` on honest miners, cabal validators
`cabal_weight` on cabal miners. One epoch of consensus from empty bonds says which share of the emission the honest
side earns; it is retained if that is at least its share of the stake.

Source: subtensor 14bc6f9, docs/consensus.md and pallets/subtensor/src/tests/consensus.rs (map_consensus_guarantees).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ext.consensus import NOTHING_MASKED, WHERE_POSITIVE, EpochBuffers, epoch_buffers, run_epoch
from model.bounds import within
from model.units import U16_MAX, FloatArray, IntArray
from model.world.randomness import stream

N_VALIDATORS = 64
N_SERVERS = 448
STAKE_SPREAD = 0.3  # standard deviation of a stake, in units of its mean
EDGES = ("at", "above")
EDGE_SHARE = 1e-9  # more than the kernel takes for a tie (2^-40), less than the chain's 64 truncations (1.5e-8)
PENALTY_STEPS = 65_534  # the chain's test cuts the penalty to multiples of 1/65535 below 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the guarantee depends on. Defaults: the baseline of the published maps.

    weight_noise : standard deviation of a validator's weight on a server, in units of its mean
    kappa : stake share that must support a weight
    edge : whether stake of exactly kappa is support ("at") or only more than it ("above"). On the chain it is none:
        each share is cut to 2^-32, so that the sum of several falls short of the kappa that they make up
    bonds_penalty : how much of a weight above consensus is taken away before bonding
    dividend_share : share of the emission paid for validating; incentive is the rest
    clip : whether weights above consensus are clipped; without it there is no guarantee
    """

    weight_noise: float = 0.4
    kappa: float = 32767 / 65535
    edge: str = "above"
    bonds_penalty: float = 1.0
    dividend_share: float = 0.5
    clip: bool = True

    def __post_init__(self) -> None:
        within("weight noise sigma", self.weight_noise, 0, 10)
        within("kappa", self.kappa, 0, 1, above=True)
        if self.edge not in EDGES:
            raise ValueError(f"edge must be one of {', '.join(EDGES)}, is {self.edge!r}")
        within("bonds penalty beta", self.bonds_penalty, 0, 1)
        within("dividend share xi", self.dividend_share, 0, 1)

    @property
    def support_share(self) -> float:
        """Stake share at which the kernel, where a tie is support, draws this edge."""
        return min(self.kappa + EDGE_SHARE, 1.0) if self.edge == "above" else self.kappa


BASELINE = Conditions()


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


def sides(conditions: Conditions, honest_stake_share: float, seed: int) -> Sides:
    """Stakes and weights of a draw before the sides' self-weights scale them.

    The same standard normals serve all stake shares and conditions of a seed: lines are compared on the same noise.
    """
    n_validators = min(max(int(N_VALIDATORS * honest_stake_share), 1), N_VALIDATORS - 1)
    n_servers = min(max(int(N_SERVERS * honest_stake_share), 1), N_SERVERS - 1)
    stake = stream(seed, "guarantee", "stake").standard_normal(N_VALIDATORS)
    weight = stream(seed, "guarantee", "weight").standard_normal((N_VALIDATORS, N_SERVERS))
    total = (honest_stake_share, 1.0 - honest_stake_share)
    return Sides(
        stake_share=_sums_by_side(1.0 + STAKE_SPREAD * stake, n_validators, total),
        weight=_sums_by_side(1.0 + conditions.weight_noise * weight, n_servers, (1.0, 1.0)),
        n_validators=n_validators,
        n_servers=n_servers,
    )


class Room(NamedTuple):
    """Arrays for K epochs, used again and again: taking new ones costs more than the epochs. Made by `room`."""

    weight: FloatArray
    stake: FloatArray
    bond: FloatArray
    validator_uid: IntArray
    buffers: EpochBuffers


def room(drawn: Sides, n_points: int) -> Room:
    """Room for epochs of `n_points` pairs of self-weights, with stakes as drawn, empty bonds and no weights."""
    shape = (n_points, N_VALIDATORS, N_VALIDATORS + N_SERVERS)
    stake = np.zeros((n_points, N_VALIDATORS + N_SERVERS))
    stake[:, :N_VALIDATORS] = drawn.stake_share
    uid = np.tile(np.arange(N_VALIDATORS), (n_points, 1))
    return Room(np.zeros(shape), stake, np.zeros(shape), uid, epoch_buffers(*shape))


def vote(drawn: Sides, honest_weight: FloatArray, cabal_weight: FloatArray, weight: FloatArray) -> None:
    """Fill `weight` with what the chain stores of every validator's vote, for K pairs of self-weights.

    A validator floors its weights to 1/65535; the chain then raises the row so that its largest is 65535.

    Parameters
    ----------
    honest_weight, cabal_weight : (K,)
        Self-weights in [0, 1].
    weight : (K, N_VALIDATORS, N_VALIDATORS + N_SERVERS)
        Servers' columns become whole numbers from 0 to 65535; the validators' are left alone.
    """
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
    np.rint(server, out=server)


def honest_shares(
    conditions: Conditions, drawn: Sides, honest_weight: FloatArray, cabal_weight: FloatArray, memory: Room
) -> HonestShares:
    """What the honest side earns in one epoch from empty bonds, for K pairs of self-weights; arrays (K,).

    If nobody earns incentive, all emission follows stake, as on the chain.
    """
    weight, stake, bond, uid, buffers = memory
    vote(drawn, honest_weight, cabal_weight, weight)
    epoch = run_epoch(
        weight, stake, bond, uid, NOTHING_MASKED, WHERE_POSITIVE, buffers,
        kappa=conditions.support_share, bonds_penalty=int(conditions.bonds_penalty * PENALTY_STEPS) / U16_MAX,
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


def _sums_by_side(draw: FloatArray, n_honest: int, total: tuple[float, float]) -> FloatArray:
    """`draw` without its negatives, each side of the last axis scaled to its `total`; honest ones come first."""
    positive = np.maximum(draw, 0.0)
    scaled = []
    for side, amount in zip((positive[..., :n_honest], positive[..., n_honest:]), total, strict=True):
        sum_of_side = side.sum(axis=-1, keepdims=True)
        scaled.append(side * amount / np.where(sum_of_side > 0.0, sum_of_side, 1.0))
    return np.concatenate(scaled, axis=-1)
