"""The adapt phase: everyone settles up. Alpha is sold, hardware and fines are paid, the world outside buys."""

import math
from dataclasses import dataclass

import numpy as np

from agents.effort import cost_tao
from ext import elementary
from model.epoch import outside_option
from model.epoch.decide import Effort
from model.epoch.pay import Payout
from model.epoch.produce import Output, scores
from model.epoch.promises import note_payments
from model.epoch.selling import sell_to_go_on, sold_dividend_share
from model.epoch.side_payments import side_payments_rao
from model.epoch.turn_over import Turnover
from model.records.measures import total_by
from model.units import FloatArray, IntArray, to_tao
from model.world import hardware, trading
from model.world.maths import MATHS
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the epoch, and the turn-over before it, cost and earned, in TAO.

    spend_tao (subnet, uid, capability) : on renting hardware, or on running one's own
    moved_spend_share : of what was spent in this epoch and the one before, that moved between seats and capabilities;
        NaN where nothing was spent in the one before
    fine_tao, earned_tao (subnet, uid) : earned is miners' incentive and validators' own dividends at the price before
        sales
    owner_earned_tao (subnet,)
    root_earned_tao (subnet, validator) : root dividends, sold for TAO or kept as alpha
    income_tao (participant,) : all that the epoch paid
    hardware_cost_tao, identity_cost_tao, audit_cost_tao (participant,) : for hardware bought, miners' uids, and audits
    side_payment_tao (participant,) : got from the cartel's pool less what was put in
    profit_tao (participant,) : what the epoch left each with; at a fixed price its wealth grew by it
    """

    spend_tao: FloatArray
    moved_spend_share: float
    fine_tao: FloatArray
    earned_tao: FloatArray
    owner_earned_tao: FloatArray
    root_earned_tao: FloatArray
    income_tao: FloatArray
    hardware_cost_tao: FloatArray
    identity_cost_tao: FloatArray
    audit_cost_tao: FloatArray
    side_payment_tao: FloatArray
    profit_tao: FloatArray


def adapt(
    effort: Effort,
    output: Output,
    payout: Payout,
    turnover: Turnover,
    state: State,
    rules: Rules,
    population: Population,
) -> Account:
    """Settle the epoch between the participants, the market and the world outside; the epoch's account."""
    n_validators = state.validator_alpha_rao.shape[1]
    price = trading.price(state, rules)
    earned_rao = payout.incentive_rao.copy()
    earned_rao[:, :n_validators] += payout.dividend_own_rao
    earned_tao = earned_rao / 1e9 * price[:, np.newaxis]
    root_tao = payout.root_tao_rao / 1e9 + payout.root_alpha_rao / 1e9 * price[:, np.newaxis]
    income_tao = _income_tao(earned_tao, root_tao, payout, population, price)
    spend_rao = _pay_hardware(effort, state, rules, population)
    fine_rao = _pay_fines(output, state, rules, population)
    audit_rao = _pay_audits(output, state, population)
    _sell_earnings(payout, state, rules, population)
    sell_to_go_on(spend_rao.sum(axis=2), state, rules, population)
    side_rao = side_payments_rao(earned_tao, state, rules, population, price)
    state.purse_rao = state.purse_rao + side_rao
    identity_rao = outside_option.charge_identities(state, rules, population)
    paid_tao = (spend_rao.sum(axis=2) + fine_rao) / 1e9
    if rules.scenario.registration.entry == "profitable":
        outside_option.note_crowd(earned_tao, paid_tao, state, rules, population)
    work_tao = total_by(paid_tao, population.holder, population.n_participants)
    other_rao = side_rao - audit_rao - identity_rao
    # The one profit of each participant: what is left of it to buy hardware, to stay or leave by, and to report.
    profit_tao = income_tao - work_tao + other_rao / 1e9 + turnover.gain_tao
    hardware_rao = np.zeros_like(state.purse_rao)
    if rules.scenario.miners.hardware == "owned":
        hardware_rao = _invest(effort.wanted, profit_tao, population.budget_tao - work_tao, state, rules)
        profit_tao = profit_tao - hardware_rao / 1e9
    outside_option.note_who_is_below(profit_tao, state, rules, population)
    trading.buy_from_outside(state, rules, _demand_tao(payout, rules))
    moved_spend_share = _moved_share(state.spend_rao, spend_rao)
    state.resource, state.spend_rao = effort.resource, spend_rao
    state.score = scores(output, rules)
    note_payments(payout, state, rules)
    state.earned_tao = earned_tao
    state.emission_rao = earned_rao
    return Account(
        spend_tao=spend_rao / 1e9,
        moved_spend_share=moved_spend_share,
        fine_tao=fine_rao / 1e9,
        earned_tao=earned_tao,
        owner_earned_tao=payout.owner_rao / 1e9 * price,
        root_earned_tao=root_tao,
        income_tao=income_tao,
        hardware_cost_tao=hardware_rao / 1e9,
        identity_cost_tao=identity_rao / 1e9,
        audit_cost_tao=audit_rao / 1e9,
        side_payment_tao=side_rao / 1e9,
        profit_tao=profit_tao,
    )


def _moved_share(before: IntArray, now: IntArray) -> float:
    """What separates two epochs' spending, as a share of both together, in [0, 1]; NaN if there was none before.

    Source: Bray, Curtis, Ecological Monographs 27 (1957): their dissimilarity.
    """
    if not before.any():
        return math.nan
    return int(np.abs(now - before).sum()) / int(now.sum() + before.sum())


def _income_tao(
    earned_tao: FloatArray, root_tao: FloatArray, payout: Payout, population: Population, price: FloatArray
) -> FloatArray:
    """What the epoch paid each participant, (participant,).

    Parameters
    ----------
    earned_tao : (subnet, uid)
        Miners' incentive and validators' own dividends.
    root_tao : (subnet, validator)
    """
    income_tao = total_by(earned_tao, population.holder, population.n_participants)
    income_tao[population.numbers("owner")] += payout.owner_rao / 1e9 * price
    income_tao[population.numbers("nominator")] += (payout.nominated_rao / 1e9 * price).sum(axis=1)
    income_tao[population.numbers("validator")] += root_tao.sum(axis=0)
    return income_tao


def _pay_hardware(effort: Effort, state: State, rules: Rules, population: Population) -> IntArray:
    """Rent or running cost for the epoch, from each miner's purse to the world outside; (subnet, uid, capability)."""
    cost = cost_tao(effort.resource, population.unit_cost_tao, rules.scenario.miners.cost_exponent, MATHS)
    spend_rao = np.floor(cost * 1e9).astype(np.int64)
    _charge(state, population, spend_rao.sum(axis=2))
    state.outside_tao_rao += int(spend_rao.sum())
    return spend_rao


def _invest(wanted: FloatArray, profit_tao: FloatArray, budget_tao: FloatArray, state: State, rules: Rules) -> IntArray:
    """Wear hardware out for an epoch and buy what is missing; what each participant paid to the world outside, in rao.

    Parameters
    ----------
    wanted : (participant, capability)
        Units that each would own.
    profit_tao : (participant,)
        Of the epoch, before what is bought here.
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
    price = hardware.price_tao(rules)
    asked_tao = (missing * price).sum(axis=1)
    cut = np.divide(funds_tao, asked_tao, out=np.ones_like(asked_tao), where=asked_tao > funds_tao)
    paid_rao = np.minimum(np.floor(asked_tao * cut * 1e9).astype(np.int64), state.purse_rao)
    state.worked, state.hardware = state.hardware, kept + missing * cut[:, np.newaxis]
    state.purse_rao = state.purse_rao - paid_rao
    state.outside_tao_rao += int(paid_rao.sum())
    return paid_rao


def _pay_fines(output: Output, state: State, rules: Rules, population: Population) -> IntArray:
    """Fines of those caught, burned; nobody pays more than is left in the purse. (subnet, uid)."""
    fine_rao = np.where(output.caught, round(rules.scenario.reward.fine_tao * 1e9), 0).astype(np.int64)
    if fine_rao.any():
        owed = np.bincount(population.holder.ravel(), fine_rao.ravel(), population.n_participants)
        can_pay = np.divide(state.purse_rao, owed, out=np.ones(len(owed)), where=owed > state.purse_rao)
        fine_rao = np.floor(fine_rao * can_pay[population.holder]).astype(np.int64)
        _charge(state, population, fine_rao)
        state.burned_tao_rao += int(fine_rao.sum())
    return fine_rao


def _pay_audits(output: Output, state: State, population: Population) -> IntArray:
    """Validators' bills for audits, from their purses to the world outside; what each paid, (participant,)."""
    owed_rao = np.zeros_like(state.purse_rao)
    owed_rao[population.numbers("validator")] = output.audit_bill_rao
    state.purse_rao = state.purse_rao - owed_rao
    state.outside_tao_rao += int(owed_rao.sum())
    return owed_rao


def _charge(state: State, population: Population, amount_rao: IntArray) -> None:
    """Take (subnet, uid) amounts from the purses of those who hold the uids."""
    owed_rao = np.zeros_like(state.purse_rao)
    np.add.at(owed_rao, population.holder.ravel(), amount_rao.ravel())
    state.purse_rao = state.purse_rao - owed_rao


def _sell_earnings(payout: Payout, state: State, rules: Rules, population: Population) -> None:
    """Miners sell their share of what they earned, validators what they do not keep as stake; to their purses."""
    scenario = rules.scenario
    n_validators = state.validator_alpha_rao.shape[1]
    offered_rao = np.floor(payout.incentive_rao * scenario.miners.sell_share).astype(np.int64)
    sold_share = sold_dividend_share(payout, state, rules, population)
    sold_own_rao = np.floor(payout.dividend_own_rao * sold_share).astype(np.int64)
    state.miner_alpha_rao -= offered_rao
    state.validator_alpha_rao -= sold_own_rao
    offered_rao[:, :n_validators] += sold_own_rao
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, scenario.market.fee_share)
    state.miner_alpha_rao[:, n_validators:] += kept_rao[:, n_validators:]
    state.validator_alpha_rao += kept_rao[:, :n_validators]
    _charge(state, population, -proceeds_rao)


def _demand_tao(payout: Payout, rules: Rules) -> FloatArray:
    """What the world outside spends on each alpha: demand times (share over equal share) ** elasticity."""
    relative = payout.emission_share * len(payout.emission_share)
    return rules.demand_tao * elementary.power(relative, rules.scenario.market.demand_elasticity)
