"""Who comes and who goes before an epoch: newcomers buy the uids of the weakest miners, and subnets replace subnets.

The blocks since the last epoch are taken together: whoever registered in them has its place in the whole epoch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model import subnet_turnover, trading
from model.ledger import Ledger
from model.market.registration import bumped_burn_rao, decayed_burn_rao, uid_to_replace
from model.population import Population, seat
from model.randomness import stream
from model.rules import Rules
from model.state import State
from model.units import BLOCKS_PER_DAY, BoolArray, FloatArray, IntArray, to_rao

BLOCKS_PER_YEAR = 365 * BLOCKS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Who came before an epoch and what it cost.

    registrations (subnet,) : uids that newcomers bought
    price_tao (subnet,) : of a uid afterwards
    paid_tao (participant,) : for uids
    founded (subnet,) : whether a new subnet took the place of an old one
    """

    registrations: IntArray
    price_tao: FloatArray
    paid_tao: FloatArray
    founded: BoolArray


def nobody_came(population: Population, state: State) -> Turnover:
    """The turnover before there was any."""
    n_subnets = len(state.price_ema)
    return Turnover(
        registrations=np.zeros(n_subnets, dtype=np.int64),
        price_tao=state.burn_price_rao / 1e9,
        paid_tao=np.zeros(population.n_participants),
        founded=np.zeros(n_subnets, dtype=bool),
    )


def turn_over(
    population: Population, state: State, rules: Rules, ledger: Ledger, epoch: int, seed: int
) -> tuple[Population, Turnover]:
    """Population and turnover after the newcomers whom chance brings before `epoch`; none before the first."""
    given = rules.scenario.registration
    n_subnets = len(state.price_ema)
    founded = np.zeros(n_subnets, dtype=bool)
    subnets_per_epoch = given.newcomer_subnets_per_year * rules.scenario.chain.tempo_blocks / BLOCKS_PER_YEAR
    if subnets_per_epoch > 0 and epoch > 0 and stream(seed, "registration", "subnet", epoch).poisson(subnets_per_epoch):
        replaced = subnet_turnover.replace_weakest(state, rules, population, ledger)
        founded[replaced] = replaced != subnet_turnover.NO_SUBNET
    arrival = np.zeros(n_subnets, dtype=np.int64)
    rng = stream(seed, "registration", "miner", epoch)
    if given.newcomers > 0 and epoch > 0:
        arrival = rng.poisson(given.newcomers, n_subnets)
    seated, registrations, paid_rao = register(population, state, rules, ledger, arrival, rng)
    return seated, Turnover(
        registrations=registrations,
        price_tao=state.burn_price_rao / 1e9,
        paid_tao=paid_rao / 1e9,
        founded=founded,
    )


def register(
    population: Population, state: State, rules: Rules, ledger: Ledger, arrival: IntArray, rng: Generator
) -> tuple[Population, IntArray, IntArray]:
    """Let newcomers from the bench buy uids; the blocks of an epoch pass meanwhile, and prices fall with them.

    A subnet's registrations are evenly spread over these blocks. Nobody registers for whom there is no price, uid or
    money: an arrival is then lost.

    Parameters
    ----------
    arrival : (subnet,) int64
        Participants who try to register.
    rng : Generator
        Draws who of the bench they are.

    Returns
    -------
    population : Population
        With the uids in their new hands.
    registrations : (subnet,) int64
    paid_rao : (participant,) int64
        TAO for uids.
    """
    given, tempo_blocks = rules.scenario.registration, rules.scenario.chain.tempo_blocks
    limits = {"min_burn_rao": to_rao(given.min_price_tao), "max_burn_rao": to_rao(given.max_price_tao)}
    holder, fresh = population.holder.copy(), np.zeros(population.holder.shape, dtype=bool)
    registrations, paid_rao = np.zeros_like(arrival), np.zeros_like(state.purse_rao)
    n_rounds = max(int(arrival.max(initial=0)), 1)
    for turn in range(n_rounds):
        blocks = tempo_blocks * (turn + 1) // n_rounds - tempo_blocks * turn // n_rounds
        state.burn_price_rao = decayed_burn_rao(state.burn_price_rao, blocks, given.price_half_life_blocks, **limits)
        wanted = np.flatnonzero(arrival * (turn + 1) // n_rounds > arrival * turn // n_rounds)
        if not len(wanted):
            continue
        subnet, newcomer = _newcomers(population, rules, holder, wanted, rng)
        place, price_rao = _pay(state, rules, ledger, subnet, newcomer)
        subnet, uid, newcomer = place
        _leave(state, rules, subnet, uid, holder[subnet, uid])
        holder[subnet, uid], fresh[subnet, uid] = newcomer, True
        state.registered_block[subnet, uid] = state.block + 1
        state.emission_rao[subnet, uid] = 0
        registrations[subnet] += 1
        np.add.at(paid_rao, newcomer, price_rao)
        state.burn_price_rao[subnet] = bumped_burn_rao(state.burn_price_rao[subnet], given.price_growth, **limits)
    if not fresh.any():
        return population, registrations, paid_rao
    _forget(state, fresh)
    return seat(population, holder), registrations, paid_rao


def _newcomers(
    population: Population, rules: Rules, holder: IntArray, wanted: IntArray, rng: Generator
) -> tuple[IntArray, IntArray]:
    """Subnets that somebody from the bench enters, among those in `wanted`, and who it is.

    Where miners have one uid in all, the bench is one for the whole network; where they have one in every subnet, a
    subnet's bench is whoever has none there.
    """
    miner = population.numbers("miner")
    if rules.scenario.miners.presence == "one_subnet":
        bench = rng.permutation(miner[~np.isin(miner, holder)])[: len(wanted)]
        return rng.permutation(wanted)[: len(bench)], bench
    waits = np.ones((len(wanted), population.n_participants), dtype=bool)
    waits[np.arange(len(wanted))[:, np.newaxis], holder[wanted]] = False
    lot = np.where(waits[:, miner], rng.random((len(wanted), len(miner))), -1.0)
    some = lot.max(axis=1) >= 0
    return wanted[some], miner[lot.argmax(axis=1)[some]]


def _weakest_uid(state: State, rules: Rules, subnet: IntArray) -> IntArray:
    """Uid that a newcomer gets in each of the subnets, -1 if none; validators keep theirs."""
    n_validators = state.validator_alpha_rao.shape[1]
    registered_block = state.registered_block[subnet]
    immune = state.block + 1 - registered_block < rules.scenario.registration.immunity_blocks
    immortal = np.broadcast_to(np.arange(immune.shape[1]) < n_validators, immune.shape)
    return uid_to_replace(state.emission_rao[subnet], registered_block, immune, immortal, np.ones_like(immune))


def _pay(state: State, rules: Rules, ledger: Ledger, subnet: IntArray, newcomer: IntArray) -> tuple[IntArray, IntArray]:
    """Take the price from the purses of those who find a uid and have the money; at most one newcomer a subnet.

    Returns their subnets, uids and numbers, (3, newcomer), and what each paid, (newcomer,).
    """
    place = np.stack([subnet, _weakest_uid(state, rules, subnet), newcomer])
    place = place[:, place[1] >= 0]
    price_rao = state.burn_price_rao[place[0]]
    owed_rao = np.zeros_like(state.purse_rao)
    np.add.at(owed_rao, place[2], price_rao)
    can_pay = owed_rao[place[2]] <= state.purse_rao[place[2]]
    place, order_rao = place[:, can_pay], np.zeros_like(state.burn_price_rao)
    order_rao[place[0]] = price_rao[can_pay]
    spent_rao, recycled_rao = trading.buy_and_recycle(state, rules, order_rao)
    ledger.returned_alpha = ledger.returned_alpha + recycled_rao
    place = place[:, spent_rao[place[0]] > 0]
    np.subtract.at(state.purse_rao, place[2], spent_rao[place[0]])
    return place, spent_rao[place[0]]


def _leave(state: State, rules: Rules, subnet: IntArray, uid: IntArray, evicted: IntArray) -> None:
    """Sell the alpha of those who lose their uids; what finds no buyer goes to the world outside."""
    offered_rao = np.zeros((len(state.price_ema), 1), dtype=np.int64)
    offered_rao[subnet, 0] = state.miner_alpha_rao[subnet, uid]
    if not offered_rao.any():
        return
    state.miner_alpha_rao[subnet, uid] = 0
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, rules.scenario.market.fee_share)
    np.add.at(state.purse_rao, evicted, proceeds_rao[subnet, 0])
    state.outside_alpha_rao = state.outside_alpha_rao + kept_rao[:, 0]


def _forget(state: State, fresh: BoolArray) -> None:
    """Clear what the last holders of the fresh uids did.

    The epoch itself drops the bonds on them, by their block; strategies tell by slot whom their memory is about.
    """
    state.excluded_until = np.where(fresh, 0, state.excluded_until)
    state.resource = np.where(fresh[:, :, np.newaxis], 0.0, state.resource)
    for name in ("consensus", "incentive_share", "dividend_share", "score", "earned_tao"):
        setattr(state, name, np.where(fresh, 0.0, getattr(state, name)))
