"""Who stays and who comes: what an identity costs, who leaves because it earns too little, where entry is worth it."""

import numpy as np

from model import hardware
from model.population import Population
from model.randomness import stream
from model.rules import Rules
from model.state import State
from model.units import BoolArray, FloatArray, IntArray, to_rao


def charge_identities(state: State, rules: Rules, population: Population) -> IntArray:
    """Burn what miners' uids cost for an epoch; what each participant paid, as far as it could, (participant,), rao."""
    fee_rao = to_rao(rules.scenario.registration.identity_cost_tao)
    if not fee_rao:
        return np.zeros_like(state.purse_rao)
    paid_rao = np.minimum(population.n_miner_uids() * fee_rao, state.purse_rao)
    state.purse_rao = state.purse_rao - paid_rao
    state.burned_tao_rao += int(paid_rao.sum())
    return paid_rao


def is_open(rules: Rules) -> bool:
    """Whether miners come or go by what they earn."""
    return rules.scenario.miners.exit_window_epochs > 0 or rules.scenario.registration.entry == "profitable"


def take_stock(
    earned_tao: FloatArray,
    paid_tao: FloatArray,
    net_tao: FloatArray,
    state: State,
    rules: Rules,
    population: Population,
) -> None:
    """Note who earned less than its outside option, and what miners are left with where there are so many of them.

    Parameters
    ----------
    earned_tao, paid_tao : (subnet, uid)
        Pay and costs of the epoch, without those of identities.
    net_tao : (participant,)
        What the epoch left each with, before it bought hardware.
    """
    miners = rules.scenario.miners
    if miners.exit_window_epochs:
        stays_below = (net_tao < miners.outside_option_tao) & (population.n_miner_uids() > 0)
        state.below_epochs = np.where(stays_below, state.below_epochs + 1, 0)
    if rules.scenario.registration.entry == "profitable":
        first = rules.scenario.subnets.n_validators
        pot_tao = earned_tao[:, first:].sum(axis=1)
        cost_tao = paid_tao[:, first:].sum(axis=1)
        if miners.hardware == "owned":
            cost_tao = cost_tao + hardware.stock_by_uid(state, population).sum(axis=1) @ hardware.wear_tao(rules)
        n_miners = n_seated(population, rules)
        paid = np.flatnonzero((pot_tao > 0) & (n_miners > 0))
        left_share = 1 - cost_tao[paid] / pot_tao[paid]
        state.crowd_profit_share[paid, n_miners[paid]] = left_share / n_miners[paid]


def leavers(state: State, rules: Rules, population: Population, epoch: int, seed: int) -> BoolArray:
    """Who leaves before `epoch`, (participant,): the broke, and by chance those whose window is over."""
    miners = rules.scenario.miners
    leaves = state.purse_rao < to_rao(miners.broke_below_tao)
    if miners.exit_window_epochs:
        tired = state.below_epochs >= miners.exit_window_epochs
        if tired.any():
            leaves |= tired & (stream(seed, "miner", "exit", epoch).random(len(tired)) < miners.exit_share)
    return leaves & (population.n_miner_uids() > 0) if leaves.any() else leaves


def worth_entering(state: State, rules: Rules, vacant: BoolArray) -> BoolArray:
    """Where a newcomer can expect to be left with more than it costs to be there, (subnet,); always True by default.

    Where nobody is, anybody has the pot for itself.

    Parameters
    ----------
    vacant : (subnet, uid)
        Uids that nobody holds.
    """
    scenario, n_subnets = rules.scenario, len(vacant)
    if scenario.registration.entry == "always":
        return np.ones(n_subnets, dtype=bool)
    n_free = vacant.sum(axis=1)
    n_now = scenario.subnets.n_miners - n_free
    subnet, n_then = np.arange(n_subnets), n_now + (n_free > 0)
    seen, today = state.crowd_profit_share[subnet, n_then], state.crowd_profit_share[subnet, n_now]
    share = np.where(np.isnan(seen), today, seen)
    expected_tao = share * state.earned_tao[:, scenario.subnets.n_validators :].sum(axis=1)
    per_epoch_tao = scenario.registration.identity_cost_tao + scenario.miners.outside_option_tao
    price_tao = state.burn_price_rao / 1e9 / scenario.registration.payback_epochs
    return (expected_tao > per_epoch_tao + price_tao) | (n_now == 0)


def n_seated(population: Population, rules: Rules) -> IntArray:
    """Miners' uids that somebody holds, (subnet,)."""
    return rules.scenario.subnets.n_miners - population.vacant.sum(axis=1)
