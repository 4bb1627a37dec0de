"""What people sell beyond what the scenario says: as much as the coming epoch's audits and work cost them."""

import math

import numpy as np

from model.epoch.pay import Payout
from model.epoch.produce import auditors
from model.records.measures import total_by
from model.units import FloatArray, IntArray, to_rao
from model.world import trading
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State

SPREADS = 3.0  # standard deviations above their mean for which audits are provided for: all but one epoch in 700


def sold_dividend_share(payout: Payout, state: State, rules: Rules, population: Population) -> FloatArray:
    """Share of its own dividends that each validator sells, (validator,).

    It is what is not reinvested, and where audits cost something at least what the coming epoch's would cost, at
    the present rates, beyond what lies in the purses of those who audit. They bear that in proportion to their
    dividends, each up to its budget.
    """
    validators = rules.scenario.validators
    sold_share = np.full(payout.dividend_own_rao.shape[1], 1 - validators.reinvest_share)
    cost_rao = to_rao(validators.audit_cost_tao)
    if not cost_rao or not rules.audit_rate.any():
        return sold_share
    audits = auditors(rules, population)
    n_miners = population.n_seated(rules.scenario.subnets.n_miners)
    variance = (n_miners * rules.audit_rate * (1 - rules.audit_rate)).sum()
    most = math.ceil((n_miners * rules.audit_rate).sum() + SPREADS * math.sqrt(variance))
    purse_rao = state.purse_rao[population.numbers("validator")]
    budget_rao = to_rao(validators.audit_budget_tao)
    lacking_rao = max(most * cost_rao - np.where(audits, np.minimum(purse_rao, budget_rao), 0).sum(), 0.0)
    earned_rao = (payout.dividend_own_rao * trading.price(state, rules)[:, np.newaxis]).sum(axis=0)
    earned_rao = np.where(audits, earned_rao * (1 - rules.scenario.market.fee_share), 0.0)
    if earned_rao.sum() <= 0:
        return sold_share
    room_rao = np.maximum(budget_rao - purse_rao, 0)
    wanted_rao = np.minimum(lacking_rao * (earned_rao / earned_rao.sum()), room_rao)
    kept_back = np.divide(wanted_rao, earned_rao, out=np.zeros_like(earned_rao), where=earned_rao > 0)
    return np.maximum(sold_share, np.minimum(kept_back, 1.0))


def sell_to_go_on(spend_rao: IntArray, state: State, rules: Rules, population: Population) -> None:
    """Let miners whose purse would not last for another epoch like this one sell alpha until it does, or all of it.

    Parameters
    ----------
    spend_rao : (subnet, uid)
        What each spent in the epoch.
    """
    if not state.miner_alpha_rao.any():
        return
    lacking_tao = total_by(spend_rao / 1e9, population.holder, population.n_participants) - state.purse_rao / 1e9
    price = trading.price(state, rules)
    fee_share = rules.scenario.market.fee_share
    brings_tao = state.miner_alpha_rao / 1e9 * price[:, np.newaxis] * (1 - fee_share)
    all_tao = total_by(brings_tao, population.holder, population.n_participants)
    sells = (lacking_tao > 0) & (all_tao > 0)
    if not sells.any():
        return
    part = np.divide(lacking_tao, all_tao, out=np.zeros_like(all_tao), where=sells)
    offered_rao = np.floor(state.miner_alpha_rao * np.minimum(part, 1.0)[population.holder]).astype(np.int64)
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, fee_share)
    state.miner_alpha_rao = state.miner_alpha_rao - offered_rao + kept_rao
    state.purse_rao = state.purse_rao.copy()
    np.add.at(state.purse_rao, population.holder.ravel(), proceeds_rao.ravel())
