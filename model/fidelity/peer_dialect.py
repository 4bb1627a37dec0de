"""The epoch as two public PyTorch simulators write it: what they share, and where their versions differ.

Both may work on square matrices over validators and servers. They divide each row of weights by its sum plus
1e-6, take as consensus the largest weight that kappa of the stake supports, rescale it to sum 1 and cut it to
multiples of 1/65535, and divide dividends by their sum plus 1e-6. Their bonds come in four kinds.

Source: bactensor/yuma-simulation 2b976fd5 and bactensor/interactive-yuma-simulator 6d7726e7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ext.fixed_point import U16_MAX

FloatArray = NDArray[np.float64]

EPSILON = 1e-6
FULL_BOND = 2.0**64  # the largest u64 as a float64, in which 2C counts bonds


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How a version of a peer moves bonds.

    Attributes
    ----------
    bonds : `share` of a server bought with stake, `capacity` filled up to the stake, `relative` to 1
    epsilon : what is added to the sums by which shares are divided
    memory : whether old bonds count at all
    normalises : whether bonds are divided by their column's sum before and after the moving average
    late : whether the weights of the epoch before are judged
    resets : whether it takes part in the reset of a server's bonds that a case may define
    penalised : whether the bond penalty acts on bonds
    """

    bonds: Literal["share", "capacity", "relative"]
    epsilon: float = 0.0
    memory: bool = True
    normalises: bool = False
    late: bool = False
    resets: bool = False
    penalised: bool = True


_CAPACITY = Version(bonds="capacity", resets=True)
_RELATIVE = Version(bonds="relative", resets=True)
_LATE = Version(bonds="share", late=True)
_LEGACY = Version(bonds="share", epsilon=EPSILON, memory=False, normalises=True)
_UNPENALISED = Version(bonds="relative", resets=True, penalised=False)
VERSIONS: dict[tuple[str, str], Version] = {
    ("interactive", "Yuma 1 (legacy yuma)"): _LEGACY,
    ("interactive", "Yuma 2 (subtensor)"): Version(bonds="share", epsilon=EPSILON, normalises=True),
    ("interactive", "Yuma 2A (paper)"): Version(bonds="share", epsilon=EPSILON),
    ("interactive", "Yuma 2B (Adrian-Fish)"): _LATE,
    ("interactive", "Yuma 2C (Rhef+reset)"): _CAPACITY,
    ("interactive", "Yuma 3 (Rhef+relative bonds)"): _RELATIVE,
    ("interactive", "Yuma 3 (Rhef+relative bonds) - liquid alpha on"): _RELATIVE,
    ("yuma_simulation", "Yuma 1"): _LEGACY,
    ("yuma_simulation", "Yuma 2 (subtensor)"): Version(bonds="share"),
    ("yuma_simulation", "Yuma 2B (Adrian-Fish)"): _LATE,
    ("yuma_simulation", "Yuma 2C (Rhef+reset)"): _CAPACITY,
    ("yuma_simulation", "Yuma 3 (Rhef+relative bonds)"): _UNPENALISED,
    ("yuma_simulation", "Yuma 3 (Rhef+relative bonds) - liquid alpha on"): _UNPENALISED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What one epoch hands to the next; `started` is false before the first."""

    started: bool
    bond: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What a peer reports of an epoch, over everything its matrices hold."""

    consensus: FloatArray
    incentive: FloatArray
    validator_trust: FloatArray
    bond: FloatArray
    dividend: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """What bonds are made of in one epoch; `live` marks where liquid alpha is worked out."""

    weight: FloatArray
    bonding: FloatArray  # weights after the penalty
    stake: FloatArray
    consensus: FloatArray
    incentive: FloatArray
    live: NDArray[np.bool_]


def run_epoch(
    version: Version,
    parameter: Mapping[str, Any],
    raw: tuple[FloatArray, FloatArray],
    live: NDArray[np.bool_],
    state: State,
) -> tuple[Epoch, State]:
    """Return a peer's epoch and the state it leaves.

    Parameters
    ----------
    version : Version
    parameter : mapping
        The hyper-parameters of the run.
    raw : weights (row, column) and stakes (row,), not normalised
    live : (row, column) bool
        Which pairs are a validator and a server.
    state : State
    """
    weight = raw[0] / (raw[0].sum(axis=1, keepdims=True) + EPSILON)
    stake = raw[1] / raw[1].sum()
    consensus = supported_weight(weight, stake, parameter["kappa"])
    consensus = np.trunc(consensus / consensus.sum() * U16_MAX) / U16_MAX
    judged = state.weight if version.late and state.started else weight
    clipped = np.minimum(judged, consensus)
    penalty = parameter["bond_penalty"] if version.penalised else 0.0
    market = _Market(
        weight=weight,
        bonding=(1 - penalty) * judged + penalty * clipped,
        stake=stake,
        consensus=consensus,
        incentive=_incentive(stake @ clipped, winner_takes_all=parameter["winner_takes_all"]),
        live=live,
    )
    bond, dividend = _BONDS[version.bonds](version, parameter, market, state)
    result = Epoch(
        consensus=consensus,
        incentive=market.incentive,
        validator_trust=_over(clipped.sum(axis=1), weight.sum(axis=1)),
        bond=bond,
        dividend=dividend / (dividend.sum() + EPSILON),
    )
    return result, State(started=True, bond=bond, weight=weight)


def supported_weight(weight: FloatArray, stake: FloatArray, kappa: float) -> FloatArray:
    """Return for each column the largest weight that at least kappa of the stake gives or exceeds."""
    order = np.argsort(-weight, axis=0, kind="stable")
    enough = np.cumsum(stake[order], axis=0) >= kappa
    return np.take_along_axis(weight, order, axis=0)[enough.argmax(axis=0), np.arange(weight.shape[1])]


def _incentive(rank: FloatArray, *, winner_takes_all: bool) -> FloatArray:
    """Return the shares of rank, or of equal winners; the latter over all columns when every rank is 0."""
    if not winner_takes_all:
        return _over(rank, rank.sum())
    winner = rank == rank.max()
    return winner / winner.sum()


def _share_bonds(
    version: Version, parameter: Mapping[str, Any], market: _Market, state: State
) -> tuple[FloatArray, FloatArray]:
    bought = market.stake[:, None] * market.bonding
    bond = _over(bought, bought.sum(axis=0) + version.epsilon)
    alpha = 1 - parameter["bond_moving_avg"] if version.memory else 1.0
    if state.started:
        old = state.bond / (state.bond.sum(axis=0) + version.epsilon) if version.normalises else state.bond
        bond = alpha * bond + (1 - alpha) * old
    if version.normalises:
        bond = bond / (bond.sum(axis=0) + version.epsilon)
    return bond, bond @ market.incentive


def _capacity_bonds(
    version: Version, parameter: Mapping[str, Any], market: _Market, state: State
) -> tuple[FloatArray, FloatArray]:
    capacity = market.stake[:, None] * FULL_BOND
    room = np.maximum(capacity - state.bond, 0.0)
    purchase = np.minimum(parameter["capacity_alpha"] * capacity, room) * market.weight
    bond = np.minimum((1 - parameter["decay_rate"]) * state.bond + purchase, capacity)
    return bond, bond / (bond.sum(axis=0) + EPSILON) @ market.incentive


def _relative_bonds(
    version: Version, parameter: Mapping[str, Any], market: _Market, state: State
) -> tuple[FloatArray, FloatArray]:
    alpha: FloatArray | float = 1 - parameter["bond_moving_avg"]
    if parameter["liquid_alpha"] and state.started:
        alpha = _liquid_alpha(parameter, market, state.bond)
    kept = state.bond * (1 - alpha)
    bond = np.minimum(kept + np.minimum(alpha * market.bonding, np.maximum(1 - kept, 0.0)), 1.0)
    return bond, market.stake * (bond / (bond.sum(axis=0) + EPSILON) @ market.incentive)


def _liquid_alpha(parameter: Mapping[str, Any], market: _Market, bond: FloatArray) -> FloatArray:
    """Return the speed of each bond, from weights before clipping; 0 where no validator meets a server."""
    low, high = parameter["alpha_low"], parameter["alpha_high"]
    buying = market.weight >= bond
    gap = np.clip(np.where(buying, market.weight - market.consensus, bond - market.weight), 0.0, 1.0)
    rise = (high - low) / (1 + np.exp(-parameter["alpha_sigmoid_steepness"] * (gap - 0.5)))
    return np.where(market.live, np.clip(low + rise, low, high), 0.0)


def _over(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return the quotient, 0 where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(numerator / denominator)


_BONDS = {"share": _share_bonds, "capacity": _capacity_bonds, "relative": _relative_bonds}
