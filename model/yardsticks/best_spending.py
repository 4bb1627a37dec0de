"""The planner who moves money: the same spending on the seats, subnets and capabilities that users value most.

Users' value is U = sum_k v_k (sum_i prod_l q[k,i,l]^b[k,l])^e_k. At a seat money splits as b_l / sum b, whatever the
seat is good at. In a subnet with sum b < 1 seats share it by their yields to the power 1 / (1 - sum b); with sum b >= 1
the best one gets it all. A subnet's worth is then scale T^d of its money T, with d = e sum b, and one multiplier shares
money among subnets.

Exact where every d <= 1, and where every d >= 1: all money then goes to one subnet. Of rising and falling returns side
by side the value is the best one found, and the bound takes the chord of the rising ones from nothing to all the
money, which lies above their worth in between. `worth_in_place`, of money that stays at its seat, is always exact.

Source: CLOSED_FORMS 4.1 for U; first-order conditions of concave programs (Boyd & Vandenberghe, 2004, section 5.5).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from ext import elementary
from model.units import FloatArray
from model.world.randomness import stream

LINEAR = 1e-12  # degrees this near to 1 are 1
RISING_STEPS = 512  # amounts of money tried on a subnet of rising returns
TINY = 1e-290


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What users value; the arrays of `model.yardsticks.value.value_by_subnet`.

    capability_weight (subnet, capability), subnet_weight, exponent (subnet,)
    """

    capability_weight: FloatArray
    subnet_weight: FloatArray
    exponent: FloatArray


class Yields(NamedTuple):
    """Subnets as a planner of money sees them: spending T on subnet k is worth scale T^degree, (subnet,).

    work (subnet,) : degree in money of a seat's aggregate, sum b over the cost's exponent
    seat_yield (subnet, seat) : the aggregate that a seat gives at best for its first TAO, for T that times T^work
    seat_share (subnet, seat) : who spends the subnet's money
    """

    scale: FloatArray
    degree: FloatArray
    work: FloatArray
    seat_yield: FloatArray
    seat_share: FloatArray


class Plan(NamedTuple):
    """An allocation, what it is worth, and a bound on what any is worth; they agree where the plan is exact."""

    allocation: FloatArray
    value: float
    bound: float


def yields(unit_cost_tao: FloatArray, productivity: FloatArray, wants: Wants, cost_exponent: float = 1.0) -> Yields:
    """What money is worth in each subnet when it is spent in the best way there.

    Parameters
    ----------
    unit_cost_tao, productivity : float array (subnet, seat, capability), or (seat, capability) alike in every subnet
        Cost > 0 and output >= 0 of a unit of hardware; a seat that nobody holds puts out nothing.
    wants : Wants
        What users value.
    cost_exponent : float
        g >= 1 of the cost c x^g / g: money's exponents are then those of work over g.
    """
    log_yield = log_seat_yield(unit_cost_tao, productivity, wants, cost_exponent)
    work = wants.capability_weight.sum(axis=1) / cost_exponent
    best = log_yield.max(axis=1, initial=-np.inf)
    able = np.isfinite(best)
    relative = np.full(log_yield.shape, -np.inf)
    relative[able] = log_yield[able] - best[able, np.newaxis]
    falling = work < 1 - LINEAR
    pull = np.zeros(log_yield.shape)
    pull[falling] = elementary.exp(relative[falling] / (1 - work[falling, np.newaxis]))
    corner = np.flatnonzero(~falling & able)
    pull[corner, relative[corner].argmax(axis=1)] = 1.0
    total = pull.sum(axis=1)
    gain = np.where(falling, elementary.power(np.maximum(total, TINY), np.maximum(1 - work, 0.0)), 1.0)
    share = np.divide(pull, total[:, np.newaxis], out=np.zeros_like(pull), where=total[:, np.newaxis] > 0)
    return Yields(
        scale=wants.subnet_weight * elementary.power(elementary.exp(best) * gain, wants.exponent),
        degree=wants.exponent * work,
        work=work,
        seat_yield=elementary.exp(log_yield),
        seat_share=share,
    )


def log_seat_yield(
    unit_cost_tao: FloatArray, productivity: FloatArray, wants: Wants, cost_exponent: float = 1.0
) -> FloatArray:
    """Logarithm of a seat's aggregate prod q^b in a subnet when one TAO is spent there, (subnet, seat).

    It spends b_l / sum b of it on each capability; minus infinity for a seat that can't do what users need.
    """
    weight = wants.capability_weight
    total = weight.sum(axis=1, keepdims=True)
    log_output = elementary.log(productivity) - elementary.log(unit_cost_tao / cost_exponent) / cost_exponent
    log_output = np.broadcast_to(log_output, (len(weight), *log_output.shape[-2:]))
    log_split = elementary.log(np.where(weight > 0, weight / total, 1.0)) / cost_exponent
    result = np.zeros(log_output.shape[:2])
    for capability in range(weight.shape[1]):
        needed = weight[:, capability] > 0
        of_capability = log_output[needed, :, capability] + log_split[needed, capability, np.newaxis]
        result[needed] += weight[needed, capability, np.newaxis] * of_capability
    return result


def worth_in_place(spend_tao: FloatArray, subnets: Yields, wants: Wants) -> float:
    """What users get at best when every seat spends what it does, only on other capabilities.

    Parameters
    ----------
    spend_tao : float array (subnet, seat)
        Spending of each seat, >= 0.
    subnets : Yields
        What money is worth at these seats.
    wants : Wants
        What users value.
    """
    linear = (np.abs(subnets.work - 1) <= LINEAR).all()
    returned = spend_tao if linear else elementary.power(spend_tao, subnets.work[:, np.newaxis])
    aggregate = (subnets.seat_yield * returned).sum(axis=1)
    return float((wants.subnet_weight * elementary.power(aggregate, wants.exponent)).sum())


def is_exact(subnets: Yields) -> bool:
    """Whether `best_spending` finds the best for certain, and fast: no returns rise, or no returns fall."""
    degree = subnets.degree[subnets.scale > 0]
    return not (degree > 1 + LINEAR).any() or not (degree < 1 - LINEAR).any()


def best_spending(total_tao: float, subnets: Yields) -> Plan:
    """Spending on each subnet, (subnet,), TAO, when all money may go anywhere.

    Parameters
    ----------
    total_tao : float
        S, all money, >= 0.
    subnets : Yields
        What money is worth where; `spending_by_seat` says who spends it.
    """
    scale, degree = subnets.scale, subnets.degree
    rises = degree > 1 + LINEAR
    if (rises & (scale > 0)).any() and is_exact(subnets):
        # A sum of worths that are all convex is largest in a corner.
        spend = np.zeros(len(scale))
        spend[int(np.argmax(scale * elementary.power(total_tao, degree)))] = total_tao
        return Plan(spend, _worth(spend, subnets), _worth(spend, subnets))
    others = np.where(rises, 0.0, scale)
    spend = _water_fill(total_tao, others, degree)
    best = Plan(spend, _worth(spend, subnets), _worth(spend, subnets))
    if not (rises & (scale > 0)).any() or total_tao <= 0:
        return best
    # Of several subnets with rising returns only one is worth while: any two do better put together.
    for subnet in np.flatnonzero(rises & (scale > 0)):
        tried = _spend_with_rising(total_tao, int(subnet), others, subnets)
        best = max(best, Plan(tried, _worth(tried, subnets), 0.0), key=lambda plan: plan.value)
    chord = np.where(rises, scale * elementary.power(total_tao, degree - 1), scale)
    bounded = subnets._replace(scale=chord, degree=np.minimum(degree, 1.0))
    bound = _worth(_water_fill(total_tao, bounded.scale, bounded.degree), bounded)
    return best._replace(bound=max(bound, best.value))


def _spend_with_rising(total_tao: float, subnet: int, others: FloatArray, subnets: Yields) -> FloatArray:
    """Best spending found when part of the money goes to a subnet of rising returns and the rest is water-filled."""

    def spend(part_tao: float) -> FloatArray:
        tried = _water_fill(total_tao - part_tao, others, subnets.degree)
        tried[subnet] += part_tao
        return tried

    grid = np.linspace(0, total_tao, RISING_STEPS + 1)
    place = int(np.argmax([_worth(spend(part), subnets) for part in grid]))
    near = (grid[max(place - 1, 0)], grid[min(place + 1, RISING_STEPS)])
    refined = minimize_scalar(lambda part: -_worth(spend(part), subnets), bounds=near, method="bounded")
    return max((spend(float(grid[place])), spend(float(refined.x))), key=lambda tried: _worth(tried, subnets))


def spending_by_seat(plan: Plan, subnets: Yields) -> FloatArray:
    """Spending of each seat in each subnet under a plan of money, (subnet, seat), TAO."""
    return plan.allocation[:, np.newaxis] * subnets.seat_share


def misreading_efficiency(total_tao: float, subnets: Yields, sigma: float, key: int, n_draws: int) -> FloatArray:
    """Efficiency of planners of money who misread each subnet's value by a log-normal error, (draw,).

    Parameters
    ----------
    total_tao : float
        All money, > 0.
    subnets : Yields
        What money is really worth where.
    sigma : float
        Standard deviation of the error's logarithm, >= 0.
    key : int
        Seed of the errors.
    n_draws : int
        Number of planners.
    """
    best = best_spending(total_tao, subnets).value
    error = elementary.exp(sigma * stream(key, "planner", "misreads").standard_normal((n_draws, len(subnets.scale))))
    worth = [
        _worth(best_spending(total_tao, subnets._replace(scale=subnets.scale * read)).allocation, subnets)
        for read in error
    ]
    return np.array(worth) / best if best > 0 else np.full(n_draws, np.nan)


def _worth(spend: FloatArray, subnets: Yields) -> float:
    return float((subnets.scale * elementary.power(spend, subnets.degree) * (spend > 0)).sum())


def _water_fill(total_tao: float, scale: FloatArray, degree: FloatArray) -> FloatArray:
    """Spending that equalises marginal worth, degree scale T^(degree-1), over subnets of degree <= 1, (subnet,)."""
    spend = np.zeros(len(scale))
    worthy = np.flatnonzero((scale > 0) & (degree > 0))
    if not worthy.size or total_tao <= 0:
        return spend
    log_slope = elementary.log(scale[worthy]) + elementary.log(degree[worthy])
    falling = degree[worthy] < 1 - LINEAR
    power = 1 / (1 - degree[worthy][falling])
    floor = log_slope[~falling].max(initial=-np.inf)

    def spent(log_multiplier: float) -> FloatArray:
        # Beyond the money there is, how much more is asked does not matter.
        return elementary.exp(np.minimum((log_slope[falling] - log_multiplier) * power, elementary.log(total_tao) + 1))

    part = np.zeros(worthy.size)
    if falling.any():
        # With the multiplier at the top no subnet of falling returns takes more than its share of the money.
        each = elementary.log(total_tao)
        low = float((log_slope[falling] - each / power).max())
        high = float((log_slope[falling] - (each - elementary.log(falling.sum())) / power).max())
        if floor > -np.inf and spent(floor).sum() <= total_tao:
            part[falling] = spent(floor)
        else:
            multiplier = brentq(lambda m: spent(m).sum() - total_tao, low - 1e-9, high + 1e-9, xtol=1e-14, rtol=1e-14)
            part[falling] = spent(multiplier)
            part *= total_tao / part.sum()
    if floor > -np.inf:
        part[int(np.flatnonzero(~falling & (log_slope == floor))[0])] += max(total_tao - part.sum(), 0.0)
    spend[worthy] = part
    return spend
