"""Contests for one prize: what rational contestants spend, win and keep.

Source: Tullock, Efficient rent seeking (1980); Arnosti & Weinberg, Management Science 68(7), 2022; Hillman & Riley,
Economics & Politics 1 (1989); Baye, Kovenock & de Vries, Economic Theory 8 (1996); Lazear & Rosen, JPE 89 (1981).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ext import elementary
from model.units import FloatArray


class SymmetricContest(NamedTuple):
    """Equilibrium among equals: effort and profit of each, total spending over the prize, whether it exists."""

    effort: float
    profit: float
    dissipation_share: float
    exists: bool


class Oligopoly(NamedTuple):
    """Equilibrium among unequals: cost above which nobody is active, total effort, and each one's share and profit."""

    critical_cost: float
    total_effort: float
    share: FloatArray
    profit: FloatArray


class AllPayPair(NamedTuple):
    """Two bidders who both pay, the stronger first; the weak one stays out with probability `abstain_share`."""

    expected_effort: tuple[float, float]
    payoff: tuple[float, float]
    win_share: tuple[float, float]
    abstain_share: float


class AllPayField(NamedTuple):
    """Equal bidders who all pay: expected effort of each, of all together, and of the best."""

    effort: float
    total_effort: float
    best_effort: float


def symmetric_contest(
    prize: float, n_miners: int, unit_cost: float = 1.0, decisiveness: float = 1.0
) -> SymmetricContest:
    """Tullock contest x^r / sum x^r among equals: x = r V (n-1) / (n^2 c), spending r (n-1) / n of the prize.

    Parameters
    ----------
    prize : float
        V, in the unit of the costs.
    n_miners : int
        n, >= 2.
    unit_cost : float
        c, of a unit of effort.
    decisiveness : float
        r; beyond n / (n-1) profit is negative, and there is no pure equilibrium.
    """
    _at_least_two(n_miners)
    spend = decisiveness * prize * (n_miners - 1) / (n_miners * n_miners)
    return SymmetricContest(
        effort=spend / unit_cost,
        profit=prize / n_miners - spend,
        dissipation_share=decisiveness * (n_miners - 1) / n_miners,
        exists=decisiveness <= n_miners / (n_miners - 1),
    )


def best_response(prize: float, rival_effort: ArrayLike, unit_cost: ArrayLike = 1.0) -> FloatArray:
    """Effort of highest profit against rivals' total effort in a Tullock contest of r = 1: sqrt(V X / c) - X, or 0."""
    rivals = np.asarray(rival_effort, dtype=np.float64)
    return np.maximum(np.sqrt(prize * rivals / np.asarray(unit_cost)) - rivals, 0.0)


def oligopoly(prize: float, unit_cost: ArrayLike) -> Oligopoly:
    """Tullock contest of r = 1 with unequal linear costs: shares max(1 - c_i / c*, 0), profits V s_i^2.

    c* makes the shares sum to 1. Total profit over the prize is therefore the HHI of the shares, and entry of
    anybody with c >= c* changes nothing.

    Parameters
    ----------
    prize : float
        V, in the unit of the costs.
    unit_cost : array (miner,)
        c > 0, of at least two miners.
    """
    cost = np.asarray(unit_cost, dtype=np.float64)
    _at_least_two(cost.size)
    cheapest = np.sort(cost)
    # Of the m cheapest, the last is active while its cost lies below the c* that they make together.
    candidate = np.cumsum(cheapest)[1:] / np.arange(1, cost.size)
    n_active = 1 + np.count_nonzero(cheapest[1:] < candidate)
    critical = float(candidate[n_active - 2])
    share = np.maximum(1 - cost / critical, 0.0)
    return Oligopoly(critical_cost=critical, total_effort=prize / critical, share=share, profit=prize * share * share)


def convex_contest(prize: float, n_miners: int, unit_cost: float, power: float) -> SymmetricContest:
    """Tullock contest of r = 1 among equals with cost c x^g / g: x = (V (n-1) / (c n^2))^(1/g).

    Parameters
    ----------
    power : float
        g, >= 1: the more convex, the less of the prize is spent.
    """
    _at_least_two(n_miners)
    dissipation = (n_miners - 1) / (n_miners * power)
    return SymmetricContest(
        effort=elementary.power(prize * (n_miners - 1) / (unit_cost * n_miners * n_miners), 1 / power),
        profit=prize * (1 - dissipation) / n_miners,
        dissipation_share=dissipation,
        exists=True,
    )


def quadratic_oligopoly(prize: float, unit_cost: ArrayLike) -> Oligopoly:
    """Tullock contest of r = 1 with unequal costs c_i x^2 / 2: shares V / (V + c_i X^2); nobody ever leaves.

    Parameters
    ----------
    prize : float
        V, in the unit of the costs.
    unit_cost : array (miner,)
        c > 0, of at least two miners.

    Returns
    -------
    Oligopoly
        Its critical cost is infinite.
    """
    cost = np.asarray(unit_cost, dtype=np.float64)
    _at_least_two(cost.size)
    # In z = X^2 / V the shares 1 / (1 + c z) fall from 1 each; (n-1) / c of the equals brackets the root.
    root = brentq(
        lambda z: (1 / (1 + cost * z)).sum() - 1,
        (cost.size - 1) / cost.max() * (1 - 1e-9),
        (cost.size - 1) / cost.min() * (1 + 1e-9),
        xtol=1e-300,
        rtol=1e-14,
    )
    share = 1 / (1 + cost * root)
    total = math.sqrt(prize * root)
    profit = prize * share - cost * np.square(share * total) / 2
    return Oligopoly(critical_cost=math.inf, total_effort=total, share=share, profit=profit)


def all_pay_pair(value_strong: float, value_weak: float) -> AllPayPair:
    """Winner takes all, two bidders who value the prize differently: the mixed equilibrium.

    Raises
    ------
    ValueError
        If the second values the prize more than the first.
    """
    if not value_strong >= value_weak > 0:
        raise ValueError(f"values must be > 0, the larger one first, are {value_strong!r} and {value_weak!r}")
    weak_wins = value_weak / (2 * value_strong)
    return AllPayPair(
        expected_effort=(value_weak / 2, value_weak * value_weak / (2 * value_strong)),
        payoff=(value_strong - value_weak, 0.0),
        win_share=(1 - weak_wins, weak_wins),
        abstain_share=1 - value_weak / value_strong,
    )


def all_pay_field(prize: float, n_miners: int) -> AllPayField:
    """Winner takes all among n equals, symmetric equilibrium: the whole prize is spent, most of it by losers.

    With three or more there are other equilibria; only the total is the same in all of them.
    """
    _at_least_two(n_miners)
    return AllPayField(effort=prize / n_miners, total_effort=prize, best_effort=n_miners * prize / (2 * n_miners - 1))


def tournament_effort(prize_gap: float, unit_cost: float, noise_sd: float) -> float:
    """Effort of each of two in a tournament of output e + noise and cost c e^2 / 2: gap / (2 c sd sqrt(pi)).

    Noise is a tax on effort. Only where noise is large enough is this an equilibrium.
    """
    return prize_gap / (2 * unit_cost * noise_sd * math.sqrt(math.pi))


def softmax_contest(prize: float, n_miners: int, temperature: float, unit_cost: float) -> SymmetricContest:
    """Shares exp(x / temperature) over their sum, cost c x^2 / 2, among equals: x = V (n-1) / (n^2 temperature c).

    A softmax of log effort is a Tullock contest of decisiveness 1 / temperature: `symmetric_contest`.
    """
    _at_least_two(n_miners)
    effort = prize * (n_miners - 1) / (n_miners * n_miners * temperature * unit_cost)
    cost = unit_cost * effort * effort / 2
    return SymmetricContest(
        effort=effort,
        profit=prize / n_miners - cost,
        dissipation_share=n_miners * cost / prize,
        exists=prize / n_miners >= cost,
    )


def _at_least_two(n_miners: int) -> None:
    if n_miners < 2:
        raise ValueError(f"a contest must have at least 2 miners, has {n_miners}")
