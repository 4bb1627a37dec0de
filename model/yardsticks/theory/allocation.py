"""Where resources go when there are many subnets, how many enter, and how that compares with a scheduler's choice.

Source: proportional contests with budgets (folklore); Hart, Int. J. of Game Theory 36 (2008), for winner-take-all on
many fronts; Rosenthal, Int. J. of Game Theory 2 (1973), for congestion. The rest is derived.
"""

import heapq
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ext import elementary
from model.units import FloatArray, IntArray


class ContestSpending(NamedTuple):
    """Hardware of each miner in each subnet, and each subnet's share of all spending and of all hardware."""

    resource: FloatArray
    spend_share: FloatArray
    capacity_share: FloatArray


class LottoWeakSide(NamedTuple):
    """What the side with less wins of all value, and how often it leaves a front alone."""

    value_share: float
    abandon_share: float


def budget_allocation(budget: ArrayLike, prize: ArrayLike) -> FloatArray:
    """Proportional contests for several prizes with fixed budgets: B_i p_k / P for everybody, (miner, subnet)."""
    prizes = np.asarray(prize, dtype=np.float64)
    return np.asarray(budget, dtype=np.float64)[:, np.newaxis] * (prizes / prizes.sum())


def contest_spending(prize: ArrayLike, decisiveness: ArrayLike, unit_cost: ArrayLike, n_miners: int) -> ContestSpending:
    """Contests of decisiveness r_k among n equals without budgets: x_k = r_k p_k (n-1) / (n^2 c_k).

    Spending follows r_k p_k; hardware follows r_k p_k / c_k, so its mix need not follow the rewards.

    Parameters
    ----------
    prize, decisiveness, unit_cost : array (subnet,)
    """
    pull = np.asarray(decisiveness, dtype=np.float64) * np.asarray(prize, dtype=np.float64)
    resource = pull * (n_miners - 1) / (n_miners * n_miners * np.asarray(unit_cost, dtype=np.float64))
    return ContestSpending(resource=resource, spend_share=pull / pull.sum(), capacity_share=resource / resource.sum())


def lotto_weak_side(budget_weak: float, budget_strong: float) -> LottoWeakSide:
    """General Lotto on many fronts with budgets A <= B: the weak side wins A / (2 B) and abandons 1 - A / B of them."""
    ratio = budget_weak / budget_strong
    return LottoWeakSide(value_share=ratio / 2, abandon_share=1 - ratio)


def contest_entrants(prize: float, entry_fee: float) -> int:
    """Number of equals who enter a Tullock contest of r = 1 at a fee: the largest n with V / n^2 >= F."""
    return math.isqrt(math.floor(prize / entry_fee))


def equal_split_entrants(prize: float, entry_fee: float) -> int:
    """Number who enter when the prize is split equally: the largest n with V / n >= F."""
    return math.floor(prize / entry_fee)


def congestion_equilibrium(prize: ArrayLike, n_agents: int) -> IntArray:
    """Agents in each subnet when each gets p_k / n_k and none gains by moving, (subnet,); ties go to the lower subnet.

    Each agent in turn takes the best place that is left, which maximises the potential sum p_k H(n_k).
    """
    prizes = [float(value) for value in np.asarray(prize)]
    count = np.zeros(len(prizes), dtype=np.int64)
    places = [(-value, subnet) for subnet, value in enumerate(prizes)]
    heapq.heapify(places)
    for _ in range(n_agents):
        subnet = places[0][1]
        count[subnet] += 1
        heapq.heapreplace(places, (-prizes[subnet] / (count[subnet] + 1), subnet))
    return count


def best_spend_share(value_weight: ArrayLike, degree: float = 0.5) -> FloatArray:
    """Shares of spending that maximise sum v_k s_k^d: proportional to v^(1 / (1-d)), (subnet,).

    Parameters
    ----------
    degree : float
        d in (0, 1): how fast a subnet's worth grows with what is spent on it.
    """
    weight = np.asarray(value_weight, dtype=np.float64)
    pull = elementary.power(weight / weight.max(), 1 / (1 - degree))
    return pull / pull.sum()


def alignment_share(value_weight: ArrayLike, spend_share: ArrayLike, degree: float = 0.5) -> float:
    """Value of spending by these shares over the best: for d = 1/2 the cosine between v and the square roots of s."""
    weight = np.asarray(value_weight, dtype=np.float64)
    best = (weight * elementary.power(best_spend_share(weight, degree), degree)).sum()
    return float((weight * elementary.power(np.asarray(spend_share, dtype=np.float64), degree)).sum() / best)


def misreading_share(sigma: float, degree: float = 0.5) -> float:
    """Efficiency of a planner who misreads values by a log-normal error, in the limit of many subnets.

    exp(-sigma^2 d / (2 (1-d))): exp(-sigma^2 / 2) at d = 1/2. With few subnets it is higher: there is less to confuse.

    Parameters
    ----------
    sigma : float
        Standard deviation of the error's logarithm, >= 0.
    degree : float
        d in (0, 1), the same for all subnets.
    """
    return elementary.exp(-(sigma * sigma) * degree / (2 * (1 - degree)))


def open_capacity(prize: float, n_miners: int, unit_cost: float) -> float:
    """Hardware of an open network in which n equals compete for the prize: V (n-1) / (n c)."""
    return prize * (n_miners - 1) / (n_miners * unit_cost)


def break_even_prize(n_miners: int, cost_open: float, cost_central: float) -> float:
    """Prize per unit of a central firm's budget from which the open network is larger: (c_o / c_c) n / (n-1)."""
    return cost_open / cost_central * n_miners / (n_miners - 1)


def compute_ratio(hash_per_second: float, flop_per_hash: float, flop_per_second: float) -> float:
    """A hash rate over a computing speed at a stated worth of one hash: the answer is the conversion's."""
    return hash_per_second * flop_per_hash / flop_per_second


def hash_rate(difficulty: float, block_seconds: float = 600.0) -> float:
    """Hashes per second that a proof-of-work difficulty stands for: D 2^32 / block time."""
    return difficulty * 2**32 / block_seconds


def elasticity(before: float, after: float, cause_before: float, cause_after: float) -> float:
    """Elasticity between two observations: ln(after / before) over the same of the cause."""
    return elementary.log(after / before) / elementary.log(cause_after / cause_before)
