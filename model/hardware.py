"""What hardware costs those who own it: what of it they use, what they would own, what they buy and sell, and its wear.

Owned hardware is used at its running cost and bought at its full cost, which adds the wear. So a miner uses more than
it would buy: between the two answers its stock decides. That is what makes hardware sunk.
"""

import numpy as np

from agents.effort import cost_tao
from agents.observation import MinerView
from model.emission.apportion import apportion_rao, in_proportion
from model.population import Population
from model.rules import Rules
from model.state import State
from model.units import BoolArray, FloatArray, IntArray, to_tao

ROUNDING = 1e-14  # taken off a cut by a power, so that what is left never costs a hair more than the money


def price_tao(rules: Rules) -> FloatArray:
    """Price of a unit of each capability, (capability,)."""
    price, names = rules.scenario.miners.hardware_price_tao, rules.scenario.capabilities
    return np.array([float(price if isinstance(price, int | float) else price[name]) for name in names])


def wear_tao(rules: Rules) -> FloatArray:
    """What a unit loses in an epoch at the price of a new one, (capability,)."""
    return price_tao(rules) * rules.scenario.miners.depreciation_share


def affordable(resource: FloatArray, view: MinerView) -> FloatArray:
    """The hardware asked for, each miner's cut pro rata to what its budget pays; (slot, capability).

    With cost exponent g, cost goes with the cut to the power g.
    """
    exponent = view.public.cost_exponent
    with np.errstate(over="ignore"):
        cost = cost_tao(resource, view.unit_cost_tao, exponent).sum(axis=1)
        asked_tao = np.bincount(view.slot_miner, cost, len(view.budget_tao))
    over = asked_tao > view.budget_tao
    cut = np.divide(view.budget_tao, asked_tao, out=np.ones_like(asked_tao), where=over)
    if exponent != 1:
        cut = np.where(over, cut ** (1 / exponent) * (1 - ROUNDING), 1.0)
    return resource * cut[view.slot_miner][:, np.newaxis]


def by_miner(resource: FloatArray, slot_miner: IntArray, n_miners: int) -> FloatArray:
    """Sum over each miner's slots, (miner, capability)."""
    return np.stack([np.bincount(slot_miner, of_one, n_miners) for of_one in resource.T], axis=1)


def between(running: FloatArray, full: FloatArray, stock: FloatArray, slot_miner: IntArray) -> FloatArray:
    """What miners use in view of what they own, (slot, capability), if they have it.

    It is what they would use at running cost where they own as much, what they would buy at full cost where they own
    no more than that, and all that they own in between.

    Parameters
    ----------
    running, full : (slot, capability)
        What they ask for at running cost and at full cost.
    stock : (miner, capability)
    slot_miner : (slot,)
    """
    least, most = by_miner(full, slot_miner, len(stock)), by_miner(running, slot_miner, len(stock))
    part = np.divide(stock - least, most - least, out=np.zeros_like(stock), where=most > least)
    return full + np.clip(part, 0.0, 1.0)[slot_miner] * (running - full)


def within_stock(asked: FloatArray, stock: FloatArray, slot_miner: IntArray) -> FloatArray:
    """The hardware asked for, each miner's cut pro rata to what it owns of a capability; (slot, capability)."""
    total = by_miner(asked, slot_miner, len(stock))
    cut = np.divide(stock, total, out=np.ones_like(stock), where=total > stock)
    return asked * cut[slot_miner]


def invest(wanted: FloatArray, profit_tao: FloatArray, budget_tao: FloatArray, state: State, rules: Rules) -> IntArray:
    """Wear hardware out for an epoch and buy what is missing; what each participant paid to the world outside, in rao.

    Parameters
    ----------
    wanted : (participant, capability)
        Units that each would own.
    profit_tao : (participant,)
        Of the epoch.
    budget_tao : (participant,)
        What is left of the epoch's; below 0 it is nothing.
    """
    miners = rules.scenario.miners
    kept = state.hardware * (1 - miners.depreciation_share)
    missing = np.maximum(wanted - kept, 0.0)
    funds_tao = np.minimum(to_tao(state.purse_rao), np.maximum(budget_tao, 0.0))
    if miners.reinvest == "profit":
        from_profit = miners.reinvest_share * np.maximum(profit_tao, 0.0)
        funds_tao = np.where(state.hardware.any(axis=1), np.minimum(funds_tao, from_profit), funds_tao)
    price = price_tao(rules)
    asked_tao = missing @ price
    cut = np.divide(funds_tao, asked_tao, out=np.ones_like(asked_tao), where=asked_tao > funds_tao)
    paid_rao = np.minimum(np.floor(asked_tao * cut * 1e9).astype(np.int64), state.purse_rao)
    state.worked, state.hardware = state.hardware, kept + missing * cut[:, np.newaxis]
    state.purse_rao = state.purse_rao - paid_rao
    state.outside_tao_rao += int(paid_rao.sum())
    return paid_rao


def sell(leaver: BoolArray, state: State, rules: Rules) -> None:
    """Sell the hardware of those who leave to the world outside, as far as that has the TAO; 0 of the price keeps it.

    Parameters
    ----------
    leaver : (participant,)
    """
    resale_share = rules.scenario.miners.hardware_resale_share
    if rules.scenario.miners.hardware == "rented" or not resale_share:
        return
    worth_tao = np.where(leaver, state.hardware @ price_tao(rules), 0.0) * resale_share
    paid_rao = min(int(worth_tao.sum() * 1e9), state.outside_tao_rao)
    got_rao, _ = apportion_rao(np.array(paid_rao), in_proportion(worth_tao))
    state.purse_rao = state.purse_rao + got_rao
    state.outside_tao_rao -= int(got_rao.sum())
    state.hardware[leaver] = 0.0


def stock_by_uid(state: State, population: Population) -> FloatArray:
    """Hardware behind each uid, (subnet, uid, capability): an equal part of its holder's for each of its uids."""
    each = state.hardware / np.maximum(population.n_miner_uids(), 1)[:, np.newaxis]
    return np.where(population.vacant[:, :, np.newaxis], 0.0, each[population.holder])
