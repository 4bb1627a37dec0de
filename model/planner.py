"""The central planner of an economy: what its means could have been worth to users, and how far the run fell short.

Three planners, each with less freedom than the one before: all spending may go to any miner; each miner's spending
stays its own; each miner's hardware stays its own. `model.best_spending` and `model.best_stock` say when each is exact.
"""

import numpy as np
import pandas as pd

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

    It changes with the rules only, as abilities stay with their owners.
    """
    miner = population.numbers("miner")
    return best_spending.yields(population.own_unit_cost_tao[miner], population.own_productivity[miner], wants(rules))


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


def yardsticks(epochs: pd.DataFrame, subnets: pd.DataFrame, yields: Yields) -> pd.DataFrame:
    """Efficiency, price of anarchy and rent dissipation of each epoch of a run, against the planner of all money.

    Parameters
    ----------
    epochs, subnets : DataFrame
        Tables of those names that the run recorded.
    yields : Yields
        `money_yields` under the rules of the run.

    Returns
    -------
    DataFrame
        epoch, planner_value, efficiency_share, price_of_anarchy_ratio (planner's value over the one delivered, of
        interest once the miners have settled) and rent_dissipation_share; NaN where there is nothing to compare.
    """
    best = [best_spending.best_spending(spent, yields).value for spent in epochs["spend_tao"]]
    delivered = epochs["users_value"]
    by_epoch = subnets.groupby("epoch")[["spend_tao", "miner_pot_tao"]].sum().reindex(epochs["epoch"])
    return pd.DataFrame(
        {
            "epoch": epochs["epoch"].to_numpy(),
            "planner_value": best,
            "efficiency_share": [value.efficiency_share(*pair) for pair in zip(delivered, best, strict=True)],
            "price_of_anarchy_ratio": [value.efficiency_share(*pair) for pair in zip(best, delivered, strict=True)],
            "rent_dissipation_share": [
                value.rent_dissipation(*pair)
                for pair in zip(by_epoch["spend_tao"], by_epoch["miner_pot_tao"], strict=True)
            ],
        }
    )
