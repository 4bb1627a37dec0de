"""Who comes and who goes before an epoch: miners leave, newcomers buy uids, empty ones or those of the weakest miners.

A new subnet takes the place of the weakest.

The blocks since the last epoch are taken together: whoever registered in them has its place in the whole epoch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model import entry, hardware, reentry, subnet_turnover, trading
from model.ledger import Ledger
from model.market.registration import NOBODY, bumped_burn_rao, decayed_burn_rao, uid_to_replace
from model.population import Population, seat
from model.randomness import stream
from model.rules import Rules
from model.state import State
from model.units import BLOCKS_PER_DAY, BoolArray, FloatArray, IntArray, to_rao

BLOCKS_PER_YEAR = 365 * BLOCKS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Who came and went before an epoch and what it cost.

    exits (subnet,) : uids that miners gave up
    registrations (subnet,) : uids that newcomers bought
    reentries (subnet,) : exclusions that miners bought themselves out of
    price_tao (subnet,) : of a uid afterwards
    paid_tao (participant,) : for uids and re-entry
    founded (subnet,) : whether a new subnet took the place of an old one
    """

    exits: IntArray
    registrations: IntArray
    reentries: IntArray
    price_tao: FloatArray
    paid_tao: FloatArray
    founded: BoolArray


def nobody_came(population: Population, state: State) -> Turnover:
    """The turnover before there was any."""
    n_subnets = len(state.price_ema)
    return Turnover(
        exits=np.zeros(n_subnets, dtype=np.int64),
        registrations=np.zeros(n_subnets, dtype=np.int64),
        reentries=np.zeros(n_subnets, dtype=np.int64),
        price_tao=state.burn_price_rao / 1e9,
        paid_tao=np.zeros(population.n_participants),
        founded=np.zeros(n_subnets, dtype=bool),
    )


def turn_over(
    population: Population, state: State, rules: Rules, ledger: Ledger, epoch: int, seed: int
) -> tuple[Population, Turnover]:
    """Population and turnover after those who leave, and the newcomers whom chance brings before `epoch`.

    Nobody leaves or comes before the first.
    """
    given = rules.scenario.registration
    n_subnets = len(state.price_ema)
    exits = np.zeros(n_subnets, dtype=np.int64)
    if epoch > 0:
        population, exits = leave(population, state, rules, entry.leavers(state, rules, population, epoch, seed))
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
    excluded = state.excluded_until > epoch
    reentries = np.zeros(n_subnets, dtype=np.int64)
    if excluded.any():
        reentries, fees_rao = reentry.reenter(seated, state, rules, ledger, excluded)
        paid_rao += fees_rao
    return seated, Turnover(
        exits=exits,
        registrations=registrations,
        reentries=reentries,
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
    vacant = population.vacant.copy()
    registrations, paid_rao = np.zeros_like(arrival), np.zeros_like(state.purse_rao)
    n_rounds = max(int(arrival.max(initial=0)), 1)
    for turn in range(n_rounds):
        blocks = tempo_blocks * (turn + 1) // n_rounds - tempo_blocks * turn // n_rounds
        state.burn_price_rao = decayed_burn_rao(state.burn_price_rao, blocks, given.price_half_life_blocks, **limits)
        comes = arrival * (turn + 1) // n_rounds > arrival * turn // n_rounds
        if not comes.any():
            continue
        wanted = np.flatnonzero(comes & entry.worth_entering(state, rules, vacant))
        subnet, newcomer = _newcomers(population, rules, np.where(vacant, NOBODY, holder), wanted, rng)
        place, price_rao = _pay(state, rules, ledger, vacant, subnet, newcomer)
        subnet, uid, newcomer = place
        taken = np.zeros_like(fresh)
        taken[subnet, uid] = True
        _sell_alpha(state, rules, taken, holder)
        holder[subnet, uid], fresh[subnet, uid], vacant[subnet, uid] = newcomer, True, False
        state.below_epochs[newcomer] = 0
        state.registered_block[subnet, uid] = state.block + 1
        state.emission_rao[subnet, uid] = 0
        registrations[subnet] += 1
        np.add.at(paid_rao, newcomer, price_rao)
        state.burn_price_rao[subnet] = bumped_burn_rao(state.burn_price_rao[subnet], given.price_growth, **limits)
    if not fresh.any():
        return population, registrations, paid_rao
    _forget(state, fresh)
    return seat(population, holder, vacant), registrations, paid_rao


def leave(population: Population, state: State, rules: Rules, leaver: BoolArray) -> tuple[Population, IntArray]:
    """Let miners give up all their uids, sell their alpha and, where it has a resale price, their hardware.

    Parameters
    ----------
    leaver : (participant,)

    Returns
    -------
    population : Population
        With their uids vacant; they wait, and may come back.
    exits : (subnet,) int64
    """
    freed = np.zeros(population.holder.shape, dtype=bool)
    if leaver.any():
        freed = leaver[population.holder] & ~population.vacant
        _sell_alpha(state, rules, freed, population.holder)
        hardware.sell(leaver, state, rules)
        _forget(state, freed)
        state.emission_rao = np.where(freed, 0, state.emission_rao)
        state.below_epochs[leaver] = 0
        population = seat(population, population.holder, population.vacant | freed)
    return population, freed.sum(axis=1)


def _newcomers(
    population: Population, rules: Rules, holder: IntArray, wanted: IntArray, rng: Generator
) -> tuple[IntArray, IntArray]:
    """Subnets that somebody from the bench enters, among those in `wanted`, and who it is.

    Where miners have one uid in all, the bench is one for the whole network; where they have one in every subnet, a
    subnet's bench is whoever has none there. A vacant uid's holder is `NOBODY`.
    """
    miner = population.numbers("miner")
    if rules.scenario.miners.presence == "one_subnet":
        bench = rng.permutation(miner[~np.isin(miner, holder)])[: len(wanted)]
        return rng.permutation(wanted)[: len(bench)], bench
    waits = np.ones((len(wanted), population.n_participants), dtype=bool)
    row, uid = np.nonzero(holder[wanted] != NOBODY)
    waits[row, holder[wanted[row], uid]] = False
    lot = np.where(waits[:, miner], rng.random((len(wanted), len(miner))), -1.0)
    some = lot.max(axis=1) >= 0
    return wanted[some], miner[lot.argmax(axis=1)[some]]


def _uid_to_take(state: State, rules: Rules, vacant: BoolArray, subnet: IntArray) -> IntArray:
    """Uid that a newcomer gets in each of the subnets, -1 if none; validators keep theirs."""
    n_validators = state.validator_alpha_rao.shape[1]
    registered_block = state.registered_block[subnet]
    immune = state.block + 1 - registered_block < rules.scenario.registration.immunity_blocks
    immortal = np.broadcast_to(np.arange(immune.shape[1]) < n_validators, immune.shape)
    return uid_to_replace(state.emission_rao[subnet], registered_block, immune, immortal, ~vacant[subnet])


def _pay(
    state: State, rules: Rules, ledger: Ledger, vacant: BoolArray, subnet: IntArray, newcomer: IntArray
) -> tuple[IntArray, IntArray]:
    """Take the price from the purses of those who find a uid and have the money; at most one newcomer a subnet.

    Returns their subnets, uids and numbers, (3, newcomer), and what each paid, (newcomer,).
    """
    place = np.stack([subnet, _uid_to_take(state, rules, vacant, subnet), newcomer])
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


def _sell_alpha(state: State, rules: Rules, freed: BoolArray, holder: IntArray) -> None:
    """Sell the alpha of those who lose the freed uids; what finds no buyer goes to the world outside."""
    offered_rao = np.where(freed, state.miner_alpha_rao, 0)
    if not offered_rao.any():
        return
    state.miner_alpha_rao = state.miner_alpha_rao - offered_rao
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, rules.scenario.market.fee_share)
    np.add.at(state.purse_rao, holder[freed], proceeds_rao[freed])
    state.outside_alpha_rao = state.outside_alpha_rao + kept_rao.sum(axis=1)


def _forget(state: State, fresh: BoolArray) -> None:
    """Clear what the last holders of the fresh uids did.

    The epoch itself drops the bonds on them, by their block; strategies tell by slot whom their memory is about.
    """
    state.excluded_until = np.where(fresh, 0, state.excluded_until)
    state.audited, state.lied = state.audited & ~fresh, state.lied & ~fresh
    state.resource = np.where(fresh[:, :, np.newaxis], 0.0, state.resource)
    for name in ("consensus", "incentive_share", "dividend_share", "score", "earned_tao"):
        setattr(state, name, np.where(fresh, 0.0, getattr(state, name)))
