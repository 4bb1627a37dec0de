"""Miners who leave, and newcomers who buy uids: empty ones, or those of the weakest."""

from typing import NamedTuple

import numpy as np

from ext.noise import split_key, uniform, uniforms_of
from model.chain.emission.apportion import apportion_rao, in_proportion
from model.chain.registration import MIN_NON_IMMUNE_UIDS, NOBODY, bumped_burn_rao, decayed_burn_rao, uid_to_replace
from model.records.measures import total_by
from model.units import BoolArray, FloatArray, IntArray, to_rao
from model.world import hardware, trading
from model.world.ledger import Ledger
from model.world.population import Population, seat
from model.world.randomness import stream_key, uniform_by_person
from model.world.rules import Rules
from model.world.state import State

LOTS = 1 << 20  # so many different ones among those who were registered in the same block


class Paid(NamedTuple):
    """What registrations cost those who came and those whom they pushed out, both (participant,).

    price_rao : TAO for uids
    unsold_tao : worth of alpha that was lost with a uid since nobody bought it
    """

    price_rao: IntArray
    unsold_tao: FloatArray


def leavers(state: State, rules: Rules, population: Population, epoch: int, seed: int) -> BoolArray:
    """Who leaves before `epoch`, (participant,): the broke, and by chance those whose window is over."""
    miners = rules.scenario.miners
    leaves = np.zeros(population.n_participants, dtype=bool)
    if miners.broke_below_tao:
        alpha_tao = state.miner_alpha_rao / 1e9 * trading.price(state, rules)[:, np.newaxis]
        has_tao = state.purse_rao / 1e9 + total_by(alpha_tao, population.holder, population.n_participants)
        leaves = has_tao < miners.broke_below_tao
    if miners.exit_window_epochs:
        tired = state.below_epochs >= miners.exit_window_epochs
        if tired.any():
            draw = uniform_by_person(population.person_key, stream_key(seed, "miner", "exit", epoch))
            leaves |= tired & (draw < miners.exit_share)
    return leaves & (population.n_miner_uids() > 0) if leaves.any() else leaves


def leave(
    population: Population, state: State, rules: Rules, leaver: BoolArray
) -> tuple[Population, IntArray, FloatArray]:
    """Let miners give up all their uids and sell their alpha.

    Parameters
    ----------
    leaver : (participant,)

    Returns
    -------
    population : Population
        With their uids vacant; they wait, and may come back.
    exits : (subnet,) int64
    unsold_tao : (participant,)
        Worth of alpha that found no buyer.
    """
    freed, unsold_tao = np.zeros(population.holder.shape, dtype=bool), np.zeros(population.n_participants)
    if leaver.any():
        freed = leaver[population.holder] & ~population.vacant
        unsold_tao = _sell_alpha(state, rules, freed, population.holder)
        _forget(state, freed)
        state.emission_rao = np.where(freed, 0, state.emission_rao)
        state.below_epochs[leaver] = 0
        population = seat(population, population.holder, population.vacant | freed)
    return population, freed.sum(axis=1), unsold_tao


def register(
    population: Population, state: State, rules: Rules, ledger: Ledger, arrival: IntArray, key: int
) -> tuple[Population, IntArray, Paid]:
    """Let newcomers from the bench buy uids; the blocks of an epoch pass meanwhile, and prices fall with them.

    A subnet's registrations are evenly spread over these blocks. Nobody registers for whom there is no price, uid or
    money: an arrival is then lost.

    Parameters
    ----------
    arrival : (subnet,) int64
        Participants who try to register.
    key : int
        64-bit key of the draws of who of the bench they are.

    Returns
    -------
    population : Population
        With the uids in their new hands.
    registrations : (subnet,) int64
    paid : Paid
    """
    given, tempo_blocks = rules.scenario.registration, rules.scenario.chain.tempo_blocks
    limits = {"min_burn_rao": to_rao(given.min_price_tao), "max_burn_rao": to_rao(given.max_price_tao)}
    holder, fresh = population.holder.copy(), np.zeros(population.holder.shape, dtype=bool)
    vacant = population.vacant.copy()
    registrations, paid_rao = np.zeros_like(arrival), np.zeros_like(state.purse_rao)
    unsold_tao = np.zeros(population.n_participants)
    n_rounds = max(int(arrival.max(initial=0)), 1)
    for turn in range(n_rounds):
        blocks = tempo_blocks * (turn + 1) // n_rounds - tempo_blocks * turn // n_rounds
        state.burn_price_rao = decayed_burn_rao(state.burn_price_rao, blocks, given.price_half_life_blocks, **limits)
        comes = arrival * (turn + 1) // n_rounds > arrival * turn // n_rounds
        if not comes.any():
            continue
        wanted = np.flatnonzero(comes & worth_entering(state, rules, vacant))
        seated = np.where(vacant, NOBODY, holder)
        subnet, newcomer = _newcomers(population, rules, seated, wanted, stream_key(key, "turn", turn))
        lot = _lots(population, holder[subnet], subnet, stream_key(key, "replaced", turn))
        place = np.stack([subnet, _uid_to_take(state, rules, vacant[subnet], subnet, lot), newcomer])
        place, price_rao = _pay(state, rules, ledger, place[:, place[1] >= 0])
        subnet, uid, newcomer = place
        taken = np.zeros_like(fresh)
        taken[subnet, uid] = True
        unsold_tao += _sell_alpha(state, rules, taken, holder)
        holder[subnet, uid], fresh[subnet, uid], vacant[subnet, uid] = newcomer, True, False
        state.below_epochs[newcomer] = 0
        state.registered_block[subnet, uid] = state.block + 1
        state.emission_rao[subnet, uid] = 0
        registrations[subnet] += 1
        np.add.at(paid_rao, newcomer, price_rao)
        state.burn_price_rao[subnet] = bumped_burn_rao(state.burn_price_rao[subnet], given.price_growth, **limits)
    if fresh.any():
        _forget(state, fresh)
        population = seat(population, holder, vacant)
    return population, registrations, Paid(price_rao=paid_rao, unsold_tao=unsold_tao)


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


def _newcomers(
    population: Population, rules: Rules, holder: IntArray, wanted: IntArray, key: int
) -> tuple[IntArray, IntArray]:
    """Subnets that somebody from the bench enters, among those in `wanted`, and who it is.

    Where miners have one uid in all, the bench is one for the whole network; where they have one in every subnet, a
    subnet's bench is whoever has none there. A vacant uid's holder is `NOBODY`. Everybody draws a lot of its own, and
    so does every subnet: one more who waits comes first or leaves the order of the others alone.
    """
    miner = population.numbers("miner")
    if rules.scenario.miners.presence == "one_subnet":
        bench = miner[~np.isin(miner, holder)]
        bench = bench[
            np.argsort(uniform_by_person(population.person_key[bench], stream_key(key, "who")), kind="stable")
        ]
        place_lot = uniform(stream_key(key, "where"), (len(holder),))[wanted]
        n_come = min(len(bench), len(wanted))
        return wanted[np.argsort(place_lot, kind="stable")][:n_come], bench[:n_come]
    waits = np.ones((len(wanted), population.n_participants), dtype=bool)
    row, uid = np.nonzero(holder[wanted] != NOBODY)
    waits[row, holder[wanted[row], uid]] = False
    of_subnet = split_key(stream_key(key, "who"), wanted)
    lot = np.where(
        waits[:, miner], uniforms_of(split_key(of_subnet[:, np.newaxis], population.person_key[miner])), -1.0
    )
    some = lot.max(axis=1) >= 0
    return wanted[some], miner[lot.argmax(axis=1)[some]]


def _lots(population: Population, holder: IntArray, subnet: IntArray, key: int) -> FloatArray:
    """A lot in (0, 1) of who holds each uid of the subnets, (chosen, uid)."""
    return uniforms_of(split_key(split_key(key, subnet)[:, np.newaxis], population.person_key[holder]))


def _uid_to_take(state: State, rules: Rules, vacant: BoolArray, subnet: IntArray, lot: FloatArray) -> IntArray:
    """Uid that a newcomer gets in each of the subnets, -1 if none; validators keep theirs.

    Of equal ones that were registered in one block the lot decides. On the chain it is the lower uid, which is chance
    there; here uids are dealt by the name of the strategy, and names must carry no weight.
    """
    n_validators = state.validator_alpha_rao.shape[1]
    registered_block = state.registered_block[subnet]
    immune = state.block + 1 - registered_block < rules.scenario.registration.immunity_blocks
    immortal = np.broadcast_to(np.arange(immune.shape[1]) < n_validators, immune.shape)
    # On the chain validators, old and not immune, are among those of whom there must be more than ten.
    least = max(MIN_NON_IMMUNE_UIDS - n_validators, 0)
    order = registered_block * LOTS + (lot * LOTS).astype(np.int64)
    return uid_to_replace(state.emission_rao[subnet], order, immune, immortal, ~vacant, least)


def _pay(state: State, rules: Rules, ledger: Ledger, place: IntArray) -> tuple[IntArray, IntArray]:
    """Take the price from the purses of those who find a uid and have the money; at most one newcomer a subnet.

    Takes and returns their subnets, uids and numbers, (3, newcomer); and what each paid, (newcomer,).
    """
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


def _sell_alpha(state: State, rules: Rules, freed: BoolArray, holder: IntArray) -> FloatArray:
    """Sell the alpha of those who lose the freed uids; what finds no buyer goes to the world outside.

    Worth in TAO of what each lost so, (participant,).
    """
    offered_rao = np.where(freed, state.miner_alpha_rao, 0)
    if not offered_rao.any():
        return np.zeros(len(state.purse_rao))
    state.miner_alpha_rao = state.miner_alpha_rao - offered_rao
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, rules.scenario.market.fee_share)
    np.add.at(state.purse_rao, holder[freed], proceeds_rao[freed])
    state.outside_alpha_rao = state.outside_alpha_rao + kept_rao.sum(axis=1)
    unsold_tao = kept_rao / 1e9 * trading.price(state, rules)[:, np.newaxis]
    return total_by(unsold_tao, holder, len(state.purse_rao))


def sell_hardware(seller: BoolArray, state: State, rules: Rules) -> IntArray:
    """Sell the hardware of some to the world outside, as far as that has the TAO; at 0 of the price they keep it.

    Parameters
    ----------
    seller : (participant,)

    Returns
    -------
    (participant,) int64
        What each got, in rao.
    """
    resale_share = rules.scenario.miners.hardware_resale_share
    if rules.scenario.miners.hardware == "rented" or not resale_share or not seller.any():
        return np.zeros_like(state.purse_rao)
    worth_tao = np.where(seller, (state.hardware * hardware.price_tao(rules)).sum(axis=1), 0.0) * resale_share
    paid_rao = min(int(worth_tao.sum() * 1e9), state.outside_tao_rao)
    got_rao, _ = apportion_rao(np.array(paid_rao), in_proportion(worth_tao))
    state.purse_rao = state.purse_rao + got_rao
    state.outside_tao_rao -= int(got_rao.sum())
    state.hardware[seller] = 0.0
    return got_rao


def _forget(state: State, fresh: BoolArray) -> None:
    """Clear what the last holders of the fresh uids did.

    The epoch itself drops the bonds on them, by their block, and so does whoever asks strategies with their memory.
    """
    state.excluded_until = np.where(fresh, 0, state.excluded_until)
    state.audited, state.caught = state.audited & ~fresh, state.caught & ~fresh
    for name in ("resource", "claimed"):
        setattr(state, name, np.where(fresh[:, :, np.newaxis], 0.0, getattr(state, name)))
    for name in (
        *("consensus", "incentive_share", "dividend_share", "score", "earned_tao"),
        *("promised_pot_share", "paid_pot_share"),
    ):
        setattr(state, name, np.where(fresh, 0.0, getattr(state, name)))
