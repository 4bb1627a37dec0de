"""The observe phase: measures of the epoch become rows. It reads the world and changes nothing."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from model import measures, planner, trading, value
from model.adapt import Account
from model.best_spending import Yields
from model.cohorts import Effort, Output
from model.columns import CONCENTRATION, MEASURES, TOP_HOLDERS, concentration_name
from model.ledger import Ledger
from model.pay import Payout
from model.population import Population
from model.records import Records, share_of
from model.registration import Turnover
from model.rules import Rules
from model.state import State
from model.units import FloatArray, IntArray


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The epoch's amounts in TAO, by hotkey (subnet, uid) and by owner (participant,)."""

    hotkey: dict[str, FloatArray]
    owner: dict[str, FloatArray]


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
    held = holdings(economy, account, price)
    worth = value.value_by_subnet(
        output.produced,
        economy.rules.value_weight,
        economy.rules.value_subnet_weight,
        economy.rules.value_exponent,
    )
    records.subnets.append(epoch, _subnet_rows(state, output, payout, account, worth, price) | _arrivals(economy))
    records.capabilities.append(epoch, _capability_rows(effort, output, account))
    records.strategies.append(epoch, _strategy_rows(economy, payout, account, held))
    network = _network_row(state, output, account, ledger, float(worth.sum()))
    network |= {name: values.sum().item() for name, values in _arrivals(economy).items() if name != REGISTRATION_PRICE}
    network |= _yardsticks(economy, effort, account, network["users_value"])
    network |= _cartel_row(economy, payout, held, price) | concentration(economy.population, held)
    records.epochs.append(epoch, network)
    return held


def holdings(economy: World, account: Account, price: FloatArray) -> Holdings:
    """Rewards, stakes, spending and wealth, by hotkey and by owner."""
    state, population = economy.state, economy.population
    n_validators = state.validator_alpha_rao.shape[1]
    n_people = population.n_participants
    stake_alpha = np.zeros(state.score.shape)
    stake_alpha[:, :n_validators] = state.staked_alpha_rao() / 1e9
    hotkey = {
        "reward": account.earned_tao,
        "stake": stake_alpha * price[:, np.newaxis],
        "spend": account.spend_tao.sum(axis=2),
    }
    hotkey["stake"][0, :n_validators] += state.root_stake_rao / 1e9
    owner = {
        name: measures.by_owner(amount, population.holder, n_people)
        for name, amount in hotkey.items()
        if name != "stake"
    }
    owner["reward"][population.numbers("owner")] += account.owner_earned_tao
    owner["reward"][population.numbers("nominator")] += account.nominator_earned_tao
    owner["reward"][population.numbers("validator")] += account.root_earned_tao
    owner["stake"] = _stake_by_owner(state, population, price)
    owner["wealth"] = wealth_tao(state, population, price)
    return Holdings(hotkey=hotkey, owner=owner)


def wealth_tao(state: State, population: Population, price: FloatArray) -> FloatArray:
    """Purse, alpha and root stake of each participant, (participant,)."""
    mined_tao = state.miner_alpha_rao / 1e9 * price[:, np.newaxis]
    wealth = (
        state.purse_rao / 1e9
        + _stake_by_owner(state, population, price)
        + measures.by_owner(mined_tao, population.holder, population.n_participants)
    )
    wealth[population.numbers("owner")] += state.owner_alpha_rao / 1e9 * price
    return wealth


def concentration(population: Population, held: Holdings) -> dict[str, float]:
    """Every concentration measure of the epoch by column name; over those whose role can hold the amount."""
    roles = {
        "reward": population.role != "",
        "stake": np.isin(population.role, ("validator", "nominator")),
        "spend": population.role == "miner",
        "wealth": population.role != "",
    }
    row: dict[str, float] = {}
    for amount, holder in CONCENTRATION:
        if holder == "owner":
            held_tao = held.owner[amount][roles[amount]]
        else:
            can_hold = roles[amount][population.holder]
            held_tao = held.hotkey[amount][can_hold]
        measured = measures.concentration(held_tao, TOP_HOLDERS)
        for measure, value_of in zip(MEASURES, measured, strict=True):
            row[concentration_name(amount, measure, holder)] = value_of.item()
    return row


def latest(economy: World, name: str) -> float:
    """Value of column `name` of the epochs table in the last epoch."""
    return economy.records.epochs.last(name)[0].item()


REGISTRATION_PRICE = "registration_price_tao"

REPORTERS = {
    name: partial(latest, name=name)
    for name in (
        "issuance_tao",
        "spend_tao",
        "users_value",
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
    return pd.DataFrame(
        {
            "epoch": economy.epoch - 1,
            "subnet": np.repeat(np.arange(n_subnets), n_uids),
            "uid": np.tile(np.arange(n_uids), n_subnets),
            "owner": holder,
            "role": population.role[holder],
            "strategy": population.strategy[holder],
            "incentive_share": state.incentive_share.ravel(),
            "dividend_share": state.dividend_share.ravel(),
            "stake_alpha": stake_alpha.ravel(),
            "resource_units": state.resource.sum(axis=2).ravel(),
            "earned_tao": state.earned_tao.ravel(),
        }
    )


def _stake_by_owner(state: State, population: Population, price: FloatArray) -> FloatArray:
    stake = np.zeros(population.n_participants)
    stake[population.numbers("validator")] = price @ (state.validator_alpha_rao / 1e9) + state.root_stake_rao / 1e9
    stake[population.numbers("nominator")] = (state.nominated_alpha_rao / 1e9) @ price
    return stake


def _subnet_rows(
    state: State, output: Output, payout: Payout, account: Account, worth: FloatArray, price: FloatArray
) -> dict[str, FloatArray]:
    n_validators = state.validator_alpha_rao.shape[1]
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
        "incentive_gini": measures.gini(incentive),
        "incentive_hhi": measures.hhi(incentive),
    }


def _arrivals(economy: World) -> dict[str, FloatArray | IntArray]:
    """Who came before the epoch, by subnet."""
    turnover = economy.turnover
    return {
        "registrations": turnover.registrations,
        REGISTRATION_PRICE: turnover.price_tao,
        "founded": turnover.founded.astype(np.int64),
    }


def _capability_rows(effort: Effort, output: Output, account: Account) -> dict[str, FloatArray]:
    spend_tao = account.spend_tao.sum(axis=1)
    return {
        "resource_units": effort.resource.sum(axis=1).ravel(),
        "output_units": output.produced.sum(axis=1).ravel(),
        "spend_tao": spend_tao.ravel(),
        "spend_share": share_of(spend_tao, spend_tao.sum(axis=1, keepdims=True)).ravel(),
    }


def _strategy_rows(
    economy: World, payout: Payout, account: Account, held: Holdings
) -> dict[str, FloatArray | IntArray]:
    population, of_group = economy.population, economy.groups
    n_groups = len(of_group.role)

    def total(amount: FloatArray) -> FloatArray:
        return measures.by_owner(amount, of_group.group, n_groups)

    fine_tao = measures.by_owner(account.fine_tao, population.holder, population.n_participants)
    earned_tao, spend_tao = total(held.owner["reward"]), total(held.owner["spend"])
    return {
        "participants": of_group.participants,
        "earned_tao": earned_tao,
        "earned_share": share_of(earned_tao, np.array(earned_tao.sum())),
        "spend_tao": spend_tao,
        "profit_tao": earned_tao - spend_tao - total(fine_tao) - total(economy.turnover.paid_tao),
        "wealth_tao": total(held.owner["wealth"]),
    }


def _network_row(state: State, output: Output, account: Account, ledger: Ledger, worth: float) -> dict[str, float]:
    return {
        "block": state.block,
        "issuance_tao": state.issuance_rao / 1e9,
        "minted_tao": ledger.minted_tao / 1e9,
        "halving_block": ledger.halving_block,
        "pooled_tao": ledger.pooled_tao / 1e9,
        "recycled_tao": ledger.recycled_tao / 1e9,
        "returned_tao": ledger.returned_tao / 1e9,
        "burned_tao": account.burned_tao,
        "spend_tao": float(account.spend_tao.sum()),
        "users_value": worth,
        "caught": int(output.caught.sum()),
    }


def _yardsticks(economy: World, effort: Effort, account: Account, delivered: float) -> dict[str, float]:
    """The epoch against a planner of its spending, before rounding to rao: value delivered is never rounded."""
    spend_tao = float((effort.resource * economy.population.unit_cost_tao).sum())
    n_validators = economy.state.validator_alpha_rao.shape[1]
    pot_tao = float(account.earned_tao[:, n_validators:].sum())
    return planner.yardsticks(spend_tao, pot_tao, delivered, economy.yields)


def _cartel_row(economy: World, payout: Payout, held: Holdings, price: FloatArray) -> dict[str, float]:
    """What the cartel took of miners' pay, validators' pay and both, and what honest participants earned."""
    population = economy.population
    inside = population.cartel[population.holder]
    n_validators = economy.state.validator_alpha_rao.shape[1]
    mined = payout.incentive_rao * price[:, np.newaxis]
    validated = np.zeros_like(mined)
    validated[:, :n_validators] = (payout.dividend_own_rao + payout.dividend_nominated_rao) * price[:, np.newaxis]
    honest = held.owner["reward"][population.strategy == "honest"].sum()
    return {
        "honest_share": _ratio(honest, held.owner["reward"].sum()),
        "cartel_incentive_share": _ratio(mined[inside].sum(), mined.sum()),
        "cartel_dividend_share": _ratio(validated[inside].sum(), validated.sum()),
        "cartel_emission_share": _ratio(mined[inside].sum() + validated[inside].sum(), mined.sum() + validated.sum()),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
