"""The central planner of an economy: what its means could have been worth to users, and how far the run fell short.

Three planners, each with less freedom than the one before: all spending may go to any miner; each miner's spending
stays its own; each miner's hardware stays its own. `best_spending` and `best_stock` beside this file say when each is
exact.
"""

import math

import numpy as np

from agents.effort import cost_tao
from ext import elementary
from model.records.measures import by_owner
from model.units import FloatArray, IntArray
from model.world import hardware
from model.world.maths import MATHS
from model.world.population import Population
from model.world.rules import Rules
from model.yardsticks import best_spending, best_stock, value
from model.yardsticks.best_spending import Plan, Wants, Yields

LARGEST_STOCK = 200_000  # entries (subnet, owner, capability) up to which every epoch is held against its hardware
EPOCH_WORK = 10 * LARGEST_STOCK
EXACT = 1e-3  # by which a bound may exceed the best that was found


def wants(rules: Rules) -> Wants:
    """What users value under these rules."""
    return Wants(
        capability_weight=rules.value_weight,
        subnet_weight=rules.value_subnet_weight,
        exponent=rules.value_exponent,
    )


def money_yields(rules: Rules, population: Population) -> Yields:
    """What money is worth in each subnet with these miners, those without a uid included.

    It changes with users' value only, as abilities stay with their owners.
    """
    return _yields(wants(rules), rules, population)


def _yields(want: Wants, rules: Rules, population: Population) -> Yields:
    miner = planned_slots(rules, population)
    unit_cost_tao, productivity = _full_cost(population.own_unit_cost_tao[miner], rules), population.own_productivity
    return best_spending.yields(unit_cost_tao, productivity[miner], want, rules.scenario.miners.cost_exponent)


def _full_cost(unit_cost_tao: FloatArray, rules: Rules) -> FloatArray:
    """Cost of a unit per epoch, with its wear where hardware is owned."""
    return unit_cost_tao + hardware.wear_tao(rules) if rules.scenario.miners.hardware == "owned" else unit_cost_tao


def planned_slots(rules: Rules, population: Population) -> IntArray:
    """Whose uids in a subnet a planner of money can use, by participant, ascending.

    Every miner has one. Only where costs are convex does it matter that a sybil has more: each starts at low cost.
    """
    miner = population.numbers("miner")
    if rules.scenario.miners.cost_exponent == 1:
        return miner
    return np.repeat(miner, np.where(population.strategy[miner] == "sybil", rules.scenario.miners.identities, 1))


def worth_of_money(rules: Rules, population: Population) -> Yields:
    """`money_yields` without who spends it, miner_share (subnet, 0); small however many miners there are.

    Subnets that users value alike are worked out once.
    """
    want = wants(rules)
    table = np.column_stack([want.capability_weight, want.subnet_weight, want.exponent])
    kind, kind_of = np.unique(table, axis=0, return_inverse=True)
    valued = Wants(capability_weight=kind[:, :-2], subnet_weight=kind[:, -2], exponent=kind[:, -1])
    of_kind = _yields(valued, rules, population)
    kind_of = kind_of.ravel()
    return Yields(of_kind.scale[kind_of], of_kind.degree[kind_of], np.empty((len(kind_of), 0)))


def cost_of(resource: FloatArray, rules: Rules, population: Population) -> FloatArray:
    """What the hardware at work in an epoch costs, (subnet, uid, capability), TAO, before rounding to rao.

    It is rent, or the running and the wear of what one owns.
    """
    return cost_tao(resource, _full_cost(population.unit_cost_tao, rules), rules.scenario.miners.cost_exponent, MATHS)


def plan_of_miners_money(spend_tao: FloatArray, rules: Rules, population: Population) -> Plan:
    """Best use of what each miner spent, on any subnets and capabilities; allocation (subnet, miner, 1) in TAO.

    Parameters
    ----------
    spend_tao : float array (subnet, uid, capability)
        Spending of an epoch. Miners who spent nothing are left out of the plan.
    """
    stock = by_owner(spend_tao.sum(axis=2), population.holder, population.n_participants)[:, np.newaxis]
    working = np.flatnonzero(stock[:, 0] > 0)
    want, cost_exponent = wants(rules), rules.scenario.miners.cost_exponent
    log_yield = best_spending.log_slot_yield(
        _full_cost(population.own_unit_cost_tao[working], rules),
        population.own_productivity[working],
        want,
        cost_exponent,
    )
    work = want.capability_weight.sum(axis=1, keepdims=True) / cost_exponent
    return best_stock.best_for_stock(stock[working], log_yield, work, want)


def hardware_of(resource: FloatArray, owned: FloatArray, rules: Rules, population: Population) -> FloatArray:
    """What a planner of hardware finds with each participant, (participant, capability), in units.

    Parameters
    ----------
    resource : float array (subnet, uid, capability)
        Hardware at work in an epoch: all that there is where it is rented.
    owned : float array (participant, capability)
        What participants own, idle or not: all that there is where it is owned.
    """
    if rules.scenario.miners.hardware == "owned":
        return owned
    n_people = population.n_participants
    return np.stack([by_owner(of_one, population.holder, n_people) for of_one in np.moveaxis(resource, 2, 0)], axis=1)


def plan_of_hardware(
    stock: FloatArray, rules: Rules, population: Population, largest_work: int = best_stock.LARGEST_WORK
) -> Plan:
    """Best subnets for each miner's hardware as it is; allocation (subnet, miner, capability) in units.

    Parameters
    ----------
    stock : float array (participant, capability)
        Hardware of each participant. Those without any are left out of the plan.
    largest_work : int
        As in `model.yardsticks.best_stock.best_for_stock`.
    """
    working = np.flatnonzero(stock.sum(axis=1) > 0)
    want = wants(rules)
    log_productivity = elementary.log(population.own_productivity[working])
    log_yield = np.zeros((len(want.exponent), len(working)))
    for capability, weight in enumerate(want.capability_weight.T):
        log_yield[weight > 0] += weight[weight > 0, np.newaxis] * log_productivity[:, capability]
    return best_stock.best_for_stock(stock[working], log_yield, want.capability_weight, want, largest_work=largest_work)


def best_of_money(spend_tao: float, yields: Yields) -> float:
    """Most that users could get for this spending; NaN where no planner of all money is known to be exact."""
    return best_spending.best_spending(spend_tao, yields).value if best_spending.is_exact(yields) else math.nan


def best_of_hardware(stock: FloatArray, rules: Rules, population: Population) -> float:
    """Most that users could get from what miners own, (participant, capability), each part left with its owner.

    NaN where the answer takes longer than an epoch should, or is not known to be exact.
    """
    n_entries = int((stock.sum(axis=1) > 0).sum()) * stock.shape[1] * len(rules.value_exponent)
    if not 0 < n_entries <= LARGEST_STOCK:
        return math.nan
    plan = plan_of_hardware(stock, rules, population, EPOCH_WORK)
    return plan.value if plan.bound - plan.value <= EXACT * plan.value else math.nan


def yardsticks(spend_tao: float, pot_tao: float, delivered: float, best: float) -> dict[str, float]:
    """Yardsticks of an epoch by column name, against a planner's best; NaN where there is nothing to compare.

    Price of anarchy, the planner's value over the one delivered, is of interest once the miners have settled.

    Parameters
    ----------
    spend_tao, pot_tao : float
        What all miners spent, and what they were paid.
    delivered : float
        Users' value of the epoch.
    best : float
        `best_of_money` or `best_of_hardware` under the epoch's rules. Where it is NaN, all but dissipation is.
    """
    return {
        "planner_value": best,
        "efficiency_share": value.efficiency_share(delivered, best),
        "price_of_anarchy_ratio": value.efficiency_share(best, delivered),
        "rent_dissipation_share": value.rent_dissipation(spend_tao, pot_tao),
    }
