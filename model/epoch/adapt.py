"""The adapt phase: everyone settles up. Alpha is sold, hardware and fines are paid, the world outside buys."""

from dataclasses import dataclass

import numpy as np

from agents.effort import cost_tao
from ext import elementary
from model.epoch import outside_option
from model.epoch.decide import Effort
from model.epoch.pay import Payout
from model.epoch.produce import Output, scores
from model.epoch.selling import sell_to_go_on, sold_dividend_share
from model.epoch.side_payments import side_payments_rao
from model.records.measures import by_owner
from model.units import FloatArray, IntArray, to_tao
from model.world import hardware, trading
from model.world.maths import MATHS
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the epoch cost and earned, in TAO.

    spend_tao (subnet, uid, capability) : on renting hardware, or on running one's own
    hardware_cost_tao, identity_cost_tao (participant,) : for hardware bought, and for miners' uids
    fine_tao (subnet, uid)
    earned_tao (subnet, uid) : worth of miners' incentive and validators' own dividends at the price before sales
    nominator_earned_tao (nominator,), owner_earned_tao (subnet,), root_earned_tao (validator,)
    audit_cost_tao (validator,)
    side_payment_tao (participant,) : got from the cartel's pool less what was put in
    burned_tao : fines, trading fees and what identities cost
    """

    spend_tao: FloatArray
    hardware_cost_tao: FloatArray
    identity_cost_tao: FloatArray
    fine_tao: FloatArray
    earned_tao: FloatArray
    nominator_earned_tao: FloatArray
    owner_earned_tao: FloatArray
    root_earned_tao: FloatArray
    audit_cost_tao: FloatArray
    side_payment_tao: FloatArray
    burned_tao: float


def adapt(
    effort: Effort, output: Output, payout: Payout, state: State, rules: Rules, population: Population
) -> Account:
    """Settle the epoch between the participants, the market and the world outside; the epoch's account."""
    burned_before_rao = state.burned_tao_rao
    n_validators = state.validator_alpha_rao.shape[1]
    price = trading.price(state, rules)
    earned_rao = payout.incentive_rao.copy()
    earned_rao[:, :n_validators] += payout.dividend_own_rao
    earned_tao = earned_rao / 1e9 * price[:, np.newaxis]
    spend_rao = _pay_hardware(effort, state, rules, population)
    fine_rao = _pay_fines(output, state, rules, population)
    _pay_audits(output, state, population)
    _sell_earnings(payout, state, rules, population)
    sell_to_go_on(spend_rao.sum(axis=2), state, rules, population)
    side_rao = side_payments_rao(earned_tao, state, rules, population, price)
    state.purse_rao = state.purse_rao + side_rao
    paid_tao = (spend_rao.sum(axis=2) + fine_rao) / 1e9
    identity_rao, hardware_rao = _stay_in_business(effort.wanted, earned_tao, paid_tao, state, rules, population)
    trading.buy_from_outside(state, rules, _demand_tao(payout, rules))
    state.resource = effort.resource
    state.score = scores(output, rules)
    state.earned_tao = earned_tao
    state.emission_rao = earned_rao
    return Account(
        spend_tao=spend_rao / 1e9,
        hardware_cost_tao=hardware_rao / 1e9,
        identity_cost_tao=identity_rao / 1e9,
        fine_tao=fine_rao / 1e9,
        earned_tao=earned_tao,
        nominator_earned_tao=(payout.nominated_rao / 1e9 * price).sum(axis=1),
        owner_earned_tao=payout.owner_rao / 1e9 * price,
        root_earned_tao=payout.root_tao_rao / 1e9,
        audit_cost_tao=output.audit_bill_rao / 1e9,
        side_payment_tao=side_rao / 1e9,
        burned_tao=(state.burned_tao_rao - burned_before_rao) / 1e9,
    )


def _pay_hardware(effort: Effort, state: State, rules: Rules, population: Population) -> IntArray:
    """Rent or running cost for the epoch, from each miner's purse to the world outside; (subnet, uid, capability)."""
    cost = cost_tao(effort.resource, population.unit_cost_tao, rules.scenario.miners.cost_exponent, MATHS)
    spend_rao = np.floor(cost * 1e9).astype(np.int64)
    _charge(state, population, spend_rao.sum(axis=2))
    state.outside_tao_rao += int(spend_rao.sum())
    return spend_rao


def _stay_in_business(
    wanted: FloatArray, earned_tao: FloatArray, paid_tao: FloatArray, state: State, rules: Rules, population: Population
) -> tuple[IntArray, IntArray]:
    """What each participant paid for its uids, and for hardware of its own out of what was left, (participant,).

    earned_tao and paid_tao, (subnet, uid), are pay and costs of the epoch.
    """
    identity_rao = outside_option.charge_identities(state, rules, population)
    miners = rules.scenario.miners
    if miners.hardware == "rented" and not outside_option.is_open(rules):
        return identity_rao, np.zeros_like(identity_rao)
    cost_tao_of = by_owner(paid_tao, population.holder, population.n_participants)
    earned_tao_of = by_owner(earned_tao, population.holder, population.n_participants)
    net_tao = earned_tao_of - cost_tao_of - identity_rao / 1e9
    outside_option.take_stock(earned_tao, paid_tao, net_tao, state, rules, population)
    if miners.hardware == "rented":
        return identity_rao, np.zeros_like(identity_rao)
    return identity_rao, _invest(wanted, net_tao, population.budget_tao - cost_tao_of, state, rules)


def _invest(wanted: FloatArray, profit_tao: FloatArray, budget_tao: FloatArray, state: State, rules: Rules) -> IntArray:
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


def _pay_audits(output: Output, state: State, population: Population) -> None:
    """Validators' bills for audits, from their purses to the world outside."""
    if output.audit_bill_rao.any():
        owed_rao = np.zeros_like(state.purse_rao)
        owed_rao[population.numbers("validator")] = output.audit_bill_rao
        state.purse_rao = state.purse_rao - owed_rao
        state.outside_tao_rao += int(owed_rao.sum())


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
