"""The observe phase: measures of the epoch become rows. It reads the world and changes nothing."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from model.chain.registration import NOBODY
from model.epoch.adapt import Account
from model.epoch.decide import Effort
from model.epoch.holdings import Holdings, concentration, holdings
from model.epoch.pay import Payout
from model.epoch.produce import Output
from model.epoch.turn_over import Turnover
from model.records import measures
from model.records.columns import CONCENTRATION, MEASURES, concentration_name
from model.records.records import Records, share_of
from model.units import FloatArray, IntArray
from model.world import hardware, trading
from model.world.ledger import Ledger
from model.world.population import Population, of_strategy
from model.world.rules import Rules
from model.world.state import State
from model.yardsticks import planner
from model.yardsticks.best_spending import Yields


class World(Protocol):
    """What observation reads of an economy."""

    state: State
    rules: Rules
    population: Population
    groups: "Groups"
    records: Records
    turnover: Turnover
    yields: Yields

    @property
    def epoch(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Participants by role and strategy, the rows of the table of strategies.

    role, strategy, participants (group,) ; group (participant,) : the participant's row
    """

    role: np.ndarray
    strategy: np.ndarray
    participants: IntArray
    group: IntArray


def groups(population: Population) -> Groups:
    """Groups of a population, in the order of its participants."""
    pairs = list(zip(population.role, population.strategy, strict=True))
    rows = list(dict.fromkeys(pairs))
    position = {pair: index for index, pair in enumerate(rows)}
    group = np.array([position[pair] for pair in pairs])
    return Groups(
        role=np.array([role for role, _ in rows], dtype=object),
        strategy=np.array([strategy for _, strategy in rows], dtype=object),
        participants=np.bincount(group, minlength=len(rows)),
        group=group,
    )


def observe(
    economy: World,
    effort: Effort,
    output: Output,
    payout: Payout,
    account: Account,
    ledger: Ledger,
) -> Holdings:
    """Add the epoch's rows to the records; what everybody has after it."""
    state, epoch, records = economy.state, economy.epoch, economy.records
    price = trading.price(state, economy.rules)
    held = holdings(state, economy.population, account, price)
    worth = output.users_value
    records.subnets.append(epoch, _subnet_rows(economy, output, payout, account, worth, price) | _arrivals(economy))
    records.capabilities.append(epoch, _capability_rows(economy, effort, output, account))
    records.strategies.append(epoch, _strategy_rows(economy, account, held))
    network = _network_row(economy, output, account, ledger, float(worth.sum()))
    network |= {name: values.sum().item() for name, values in _arrivals(economy).items() if name != REGISTRATION_PRICE}
    network |= _yardsticks(economy, effort, account, network["users_value"])
    network |= _miners_row(economy.population, account) | _cartel_row(economy, payout, account, price)
    network |= concentration(economy.population, held)
    records.epochs.append(epoch, network)
    return held


def latest(economy: World, name: str) -> float:
    """Value of column `name` of the epochs table in the last epoch."""
    return economy.records.epochs.last(name)[0].item()


REGISTRATION_PRICE = "registration_price_tao"
VACANT = "vacant"  # role and strategy of a uid that nobody holds

REPORTERS = {
    name: partial(latest, name=name)
    for name in (
        "issuance_tao",
        "spend_tao",
        "users_value",
        "mix_efficiency_share",
        "selection_efficiency_share",
        "efficiency_share",
        "rent_dissipation_share",
        "honest_share",
        "cartel_emission_share",
        *(concentration_name(amount, measure, holder) for amount, holder in CONCENTRATION for measure in MEASURES),
    )
}


def uid_table(economy: World) -> pd.DataFrame:
    """Every uid of every subnet after the last epoch: who holds it, what it earned, what it has."""
    state, population = economy.state, economy.population
    n_subnets, n_uids = state.score.shape
    n_validators = state.validator_alpha_rao.shape[1]
    stake_alpha = np.zeros((n_subnets, n_uids))
    stake_alpha[:, :n_validators] = state.staked_alpha_rao() / 1e9
    holder = population.holder.ravel()
    seated = ~population.vacant.ravel() & (holder != NOBODY)
    return pd.DataFrame(
        {
            "epoch": economy.epoch - 1,
            "subnet": np.repeat(np.arange(n_subnets), n_uids),
            "uid": np.tile(np.arange(n_uids), n_subnets),
            "participant": pd.Series(holder, dtype="Int64").where(seated),
            "role": np.where(seated, population.role[holder], VACANT),
            "strategy": np.where(seated, population.strategy[holder], VACANT),
            "incentive_share": state.incentive_share.ravel(),
            "dividend_share": state.dividend_share.ravel(),
            "stake_alpha": stake_alpha.ravel(),
            "resource_units": state.resource.sum(axis=2).ravel(),
            "earned_tao": state.earned_tao.ravel(),
        }
    )


def _subnet_rows(
    economy: World, output: Output, payout: Payout, account: Account, worth: FloatArray, price: FloatArray
) -> dict[str, FloatArray | IntArray]:
    state = economy.state
    n_validators = state.validator_alpha_rao.shape[1]
    n_miners = economy.population.n_seated(economy.rules.scenario.subnets.n_miners)
    incentive = payout.incentive_rao[:, n_validators:]
    return {
        "emission_share": payout.emission_share,
        "tao_in_tao": payout.tao_in_tao_rao / 1e9,
        "chain_buy_tao": payout.chain_buy_tao_rao / 1e9,
        "price_tao_per_alpha": price,
        "price_ema_tao_per_alpha": state.price_ema,
        "tao_reserve_tao": state.tao_reserve_rao / 1e9,
        "alpha_reserve_alpha": state.alpha_reserve_rao / 1e9,
        "alpha_issuance_alpha": state.alpha_issuance_rao / 1e9,
        "miner_pot_tao": account.earned_tao[:, n_validators:].sum(axis=1),
        "spend_tao": account.spend_tao.sum(axis=(1, 2)),
        "users_value": worth,
        "audits": output.audited.sum(axis=1),
        "lied": output.lied.sum(axis=1),
        "miners": n_miners,
        "incentive_gini": measures.gini(incentive, n_miners),
        "incentive_hhi": measures.hhi(incentive),
    }


def _arrivals(economy: World) -> dict[str, FloatArray | IntArray]:
    """Who came and went before the epoch, by subnet."""
    turnover = economy.turnover
    return {
        "exits": turnover.exits,
        "registrations": turnover.registrations,
        "reentries": turnover.reentries,
        REGISTRATION_PRICE: turnover.price_tao,
        "founded": turnover.founded.astype(np.int64),
    }


def _capability_rows(economy: World, effort: Effort, output: Output, account: Account) -> dict[str, FloatArray]:
    spend_tao = account.spend_tao.sum(axis=1)
    owned = np.zeros_like(spend_tao)
    if economy.rules.scenario.miners.hardware == "owned":
        owned = hardware.stock_by_uid(economy.state, economy.population).sum(axis=1)
    return {
        "hardware_units": owned.ravel(),
        "resource_units": effort.resource.sum(axis=1).ravel(),
        "output_units": output.produced.sum(axis=1).ravel(),
        "spend_tao": spend_tao.ravel(),
        "spend_share": share_of(spend_tao, spend_tao.sum(axis=1, keepdims=True)).ravel(),
    }


def _strategy_rows(economy: World, account: Account, held: Holdings) -> dict[str, FloatArray | IntArray]:
    population, of_group = economy.population, economy.groups
    n_groups = len(of_group.role)

    def total(amount: FloatArray) -> FloatArray:
        return measures.total_by(amount, of_group.group, n_groups)

    turnover = economy.turnover
    earned_tao = total(account.income_tao)
    return {
        "participants": of_group.participants,
        "earned_tao": earned_tao,
        "earned_share": share_of(earned_tao, np.array(earned_tao.sum())),
        "side_payment_tao": total(account.side_payment_tao),
        "hardware_sold_tao": total(turnover.hardware_sold_tao),
        "spend_tao": total(held.participant["spend"]),
        "hardware_cost_tao": total(account.hardware_cost_tao),
        "identity_cost_tao": total(account.identity_cost_tao),
        "audit_cost_tao": total(account.audit_cost_tao),
        "fine_tao": total(measures.total_by(account.fine_tao, population.holder, population.n_participants)),
        "registration_tao": total(turnover.registration_tao),
        "reentry_tao": total(turnover.reentry_tao),
        "unsold_tao": total(turnover.unsold_tao),
        "profit_tao": total(account.profit_tao),
        "wealth_tao": total(held.participant["wealth"]),
    }


def _network_row(economy: World, output: Output, account: Account, ledger: Ledger, worth: float) -> dict[str, float]:
    state, turnover = economy.state, economy.turnover
    return {
        "block": state.block,
        "issuance_tao": state.issuance_rao / 1e9,
        "minted_tao": ledger.minted_tao / 1e9,
        "halving_block": math.nan if ledger.halving_block is None else float(ledger.halving_block),
        "pooled_tao": ledger.pooled_tao / 1e9,
        "recycled_tao": ledger.recycled_tao / 1e9,
        "returned_tao": ledger.returned_tao / 1e9,
        "burned_tao": (state.burned_tao_rao - ledger.opening_burned_tao) / 1e9,
        "spend_tao": float(account.spend_tao.sum()),
        "moved_spend_share": account.moved_spend_share,
        "hardware_cost_tao": float(account.hardware_cost_tao.sum()),
        "hardware_sold_tao": float(turnover.hardware_sold_tao.sum()),
        "identity_cost_tao": float(account.identity_cost_tao.sum()),
        "fine_tao": float(account.fine_tao.sum()),
        "registration_tao": float(turnover.registration_tao.sum()),
        "reentry_tao": float(turnover.reentry_tao.sum()),
        "unsold_tao": float(turnover.unsold_tao.sum()),
        "users_value": worth,
        "audits": int(output.audited.sum()),
        "audit_cost_tao": float(account.audit_cost_tao.sum()),
        "lied": int(output.lied.sum()),
        "caught": int(output.caught.sum()),
    }


def _yardsticks(economy: World, effort: Effort, account: Account, delivered: float) -> dict[str, float]:
    """The epoch against planners of its spending, or of its hardware, before rounding to rao."""
    rules, people = economy.rules, economy.population
    spend_tao = planner.spent_by_seat(effort.resource, rules, people)
    pot_tao = float(planner.at_seats(account.earned_tao, rules).sum())
    if rules.scenario.miners.hardware == "owned":
        best = planner.best_of_hardware(economy.state.worked, delivered, rules, people)
        in_place = best
    else:
        in_place, best = planner.best_of_money(spend_tao, economy.yields, rules)
    return planner.yardsticks(float(spend_tao.sum()), pot_tao, delivered, in_place, best)


def _miners_row(population: Population, account: Account) -> dict[str, float]:
    """What the epoch left miners with, what of their costs their purses paid, and what of their pay the honest got."""
    miner = population.role == "miner"
    loss_tao = np.maximum(-account.profit_tao[miner], 0.0)
    cost_tao = np.maximum(account.income_tao[miner] - account.profit_tao[miner], 0.0)
    honest = miner & of_strategy(population.strategy, "honest")
    return {
        "miner_profit_tao": float(account.profit_tao[miner].sum()),
        "paid_from_purse_share": _ratio(loss_tao.sum(), cost_tao.sum()),
        "honest_share": _ratio(account.income_tao[honest].sum(), account.income_tao[miner].sum()),
    }


def _cartel_row(economy: World, payout: Payout, account: Account, price: FloatArray) -> dict[str, float]:
    """What the cartel took of miners' pay, validators' pay and both."""
    population = economy.population
    inside = population.cartel[population.holder]
    n_validators = economy.state.validator_alpha_rao.shape[1]
    mined = payout.incentive_rao * price[:, np.newaxis]
    validated = np.zeros_like(mined)
    validated[:, :n_validators] = (payout.dividend_own_rao + payout.dividend_nominated_rao) * price[:, np.newaxis]
    validated[:, :n_validators] += account.root_earned_tao * 1e9
    return {
        "cartel_incentive_share": _ratio(mined[inside].sum(), mined.sum()),
        "cartel_dividend_share": _ratio(validated[inside].sum(), validated.sum()),
        "cartel_emission_share": _ratio(mined[inside].sum() + validated[inside].sum(), mined.sum() + validated.sum()),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
