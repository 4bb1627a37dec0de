"""The central planner of an economy: what its means could have been worth to users, and how far the run fell short.

Three planners, each with less freedom than the one before: all spending may go to any miner; each miner's spending
stays its own; each miner's hardware stays its own. `model.best_spending` and `model.best_stock` say when each is exact.
"""

import math

import numpy as np

from model import best_spending, best_stock, value
from model.best_spending import Plan, Wants, Yields
from model.measures import by_owner
from model.population import Population
from model.rules import Rules
from model.units import FloatArray


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
    miner = population.numbers("miner")
    return best_spending.yields(population.own_unit_cost_tao[miner], population.own_productivity[miner], wants(rules))


def worth_of_money(rules: Rules, population: Population) -> Yields:
    """`money_yields` without who spends it, miner_share (subnet, 0); small however many miners there are.

    Subnets that users value alike are worked out once.
    """
    want, miner = wants(rules), population.numbers("miner")
    table = np.column_stack([want.capability_weight, want.subnet_weight, want.exponent])
    kind, kind_of = np.unique(table, axis=0, return_inverse=True)
    valued = Wants(capability_weight=kind[:, :-2], subnet_weight=kind[:, -2], exponent=kind[:, -1])
    of_kind = best_spending.yields(population.own_unit_cost_tao[miner], population.own_productivity[miner], valued)
    kind_of = kind_of.ravel()
    return Yields(of_kind.scale[kind_of], of_kind.degree[kind_of], np.empty((len(kind_of), 0)))


def plan_of_miners_money(spend_tao: FloatArray, rules: Rules, population: Population) -> Plan:
    """Best use of what each miner spent, on any subnets and capabilities; allocation (subnet, miner, 1) in TAO.

    Parameters
    ----------
    spend_tao : float array (subnet, uid, capability)
        Spending of an epoch. Miners who spent nothing are left out of the plan.
    """
    stock = by_owner(spend_tao.sum(axis=2), population.holder, population.n_participants)[:, np.newaxis]
    working = np.flatnonzero(stock[:, 0] > 0)
    want = wants(rules)
    log_yield = best_spending.log_slot_yield(
        population.own_unit_cost_tao[working], population.own_productivity[working], want
    )
    work = want.capability_weight.sum(axis=1, keepdims=True)
    return best_stock.best_for_stock(stock[working], log_yield, work, want)


def plan_of_hardware(resource: FloatArray, rules: Rules, population: Population) -> Plan:
    """Best subnets for each miner's hardware as it is; allocation (subnet, miner, capability) in units.

    Parameters
    ----------
    resource : float array (subnet, uid, capability)
        Hardware at work in an epoch. Miners without any are left out of the plan.
    """
    n_people = population.n_participants
    stock = np.stack([by_owner(of_one, population.holder, n_people) for of_one in np.moveaxis(resource, 2, 0)], axis=1)
    working = np.flatnonzero(stock.sum(axis=1) > 0)
    want = wants(rules)
    with np.errstate(divide="ignore"):
        log_productivity = np.log(population.own_productivity[working])
    log_yield = np.zeros((len(want.exponent), len(working)))
    for capability, weight in enumerate(want.capability_weight.T):
        log_yield[weight > 0] += weight[weight > 0, np.newaxis] * log_productivity[:, capability]
    return best_stock.best_for_stock(stock[working], log_yield, want.capability_weight, want)


def yardsticks(spend_tao: float, pot_tao: float, delivered: float, yields: Yields) -> dict[str, float]:
    """Yardsticks of an epoch by column name, against the planner of all money; NaN where there is nothing to compare.

    Price of anarchy, the planner's value over the one delivered, is of interest once the miners have settled.

    Parameters
    ----------
    spend_tao, pot_tao : float
        What all miners spent, and what they were paid.
    delivered : float
        Users' value of the epoch.
    yields : Yields
        `worth_of_money` under the epoch's rules. Without an exact answer to it all but dissipation is NaN.
    """
    best = best_spending.best_spending(spend_tao, yields).value if best_spending.is_exact(yields) else math.nan
    return {
        "planner_value": best,
        "efficiency_share": value.efficiency_share(delivered, best),
        "price_of_anarchy_ratio": value.efficiency_share(best, delivered),
        "rent_dissipation_share": value.rent_dissipation(spend_tao, pot_tao),
    }
