"""Who has what: rewards, stakes, spending and wealth by hotkey and by participant, and how concentrated they are."""

from dataclasses import dataclass

import numpy as np

from model.epoch.adapt import Account
from model.records import measures
from model.records.columns import CONCENTRATION, MEASURES, TOP_HOLDERS, concentration_name, holders_name
from model.units import FloatArray
from model.world.population import Population
from model.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The epoch's amounts in TAO, by hotkey (subnet, uid) and by participant (participant,).

    owner_key_tao (subnet,) : reward of the hotkey of each subnet's owner, which has no uid
    """

    hotkey: dict[str, FloatArray]
    owner_key_tao: FloatArray
    participant: dict[str, FloatArray]


def holdings(state: State, population: Population, account: Account, price: FloatArray) -> Holdings:
    """Rewards, stakes, spending and wealth, by hotkey and by participant."""
    n_validators = state.validator_alpha_rao.shape[1]
    stake_alpha = np.zeros(state.score.shape)
    stake_alpha[:, :n_validators] = state.staked_alpha_rao() / 1e9
    hotkey = {
        "reward": account.earned_tao.copy(),
        "stake": stake_alpha * price[:, np.newaxis],
        "spend": account.spend_tao.sum(axis=2),
    }
    hotkey["stake"][0, :n_validators] += state.root_stake_rao / 1e9
    hotkey["reward"][0, :n_validators] += account.root_earned_tao.sum(axis=0)
    participant = {
        "reward": account.income_tao,
        "stake": _stake_by_participant(state, population, price),
        "spend": measures.total_by(hotkey["spend"], population.holder, population.n_participants),
        "wealth": wealth_tao(state, population, price),
    }
    return Holdings(hotkey=hotkey, owner_key_tao=account.owner_earned_tao, participant=participant)


def wealth_tao(state: State, population: Population, price: FloatArray) -> FloatArray:
    """Purse, alpha and root stake of each participant, (participant,)."""
    mined_tao = state.miner_alpha_rao / 1e9 * price[:, np.newaxis]
    wealth = (
        state.purse_rao / 1e9
        + _stake_by_participant(state, population, price)
        + measures.total_by(mined_tao, population.holder, population.n_participants)
    )
    wealth[population.numbers("owner")] += state.owner_alpha_rao / 1e9 * price
    return wealth


def concentration(population: Population, held: Holdings) -> dict[str, float]:
    """Every concentration measure of the epoch by column name, over those who could hold the amount, and how many.

    Rewards: miners and validators with a uid, subnets' owners, and nominators with stake. Stake: validators, and
    nominators who have some. Spending: miners with a uid. Wealth: who could be rewarded, miners who wait for a uid, and
    whoever has any.
    """
    paid = population.n_miner_uids() > 0
    staked = population.role == "validator"
    staked |= (population.role == "nominator") & (held.participant["stake"] > 0)
    could_hold = {"reward": paid | staked | (population.role == "owner"), "stake": staked, "spend": paid}
    could_hold["wealth"] = could_hold["reward"] | (population.role == "miner") | (held.participant["wealth"] > 0)
    row: dict[str, float] = {}
    for amount, holder in CONCENTRATION:
        if holder == "participant":
            held_tao = held.participant[amount][could_hold[amount]]
        else:
            held_tao = held.hotkey[amount][could_hold[amount][population.holder] & ~population.vacant]
            if amount == "reward":
                held_tao = np.concatenate([held_tao, held.owner_key_tao])
        row[holders_name(amount, holder)] = held_tao.size
        measured = measures.concentration(held_tao, TOP_HOLDERS)
        for measure, value_of in zip(MEASURES, measured, strict=True):
            row[concentration_name(amount, measure, holder)] = value_of.item()
    return row


def _stake_by_participant(state: State, population: Population, price: FloatArray) -> FloatArray:
    stake = np.zeros(population.n_participants)
    delegated_tao = (state.validator_alpha_rao / 1e9 * price[:, np.newaxis]).sum(axis=0)
    stake[population.numbers("validator")] = delegated_tao + state.root_stake_rao / 1e9
    stake[population.numbers("nominator")] = (state.nominated_alpha_rao / 1e9 * price).sum(axis=1)
    return stake
