"""The turn-over before an epoch: miners leave, a new subnet takes the weakest's place, newcomers buy uids.

The blocks since the last epoch are taken together: whoever registered in them has its place in the whole epoch.
"""

from dataclasses import dataclass

import numpy as np

from model.epoch import miner_turnover, reentry, subnet_turnover
from model.units import BLOCKS_PER_DAY, BoolArray, FloatArray, IntArray
from model.world.ledger import Ledger
from model.world.population import Population
from model.world.randomness import poisson_by_place, stream, stream_key
from model.world.rules import Rules
from model.world.state import State

BLOCKS_PER_YEAR = 365 * BLOCKS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Who came and went before an epoch and what it cost.

    exits (subnet,) : uids that miners gave up
    registrations (subnet,) : uids that newcomers bought
    reentries (subnet,) : exclusions that miners bought themselves out of
    price_tao (subnet,) : of a uid afterwards
    registration_tao, reentry_tao (participant,) : paid for uids and for re-entry
    hardware_sold_tao (participant,) : got by who was left without a uid
    unsold_tao (participant,) : worth of alpha that was lost with a uid since nobody bought it
    founded (subnet,) : whether a new subnet took the place of an old one
    """

    exits: IntArray
    registrations: IntArray
    reentries: IntArray
    price_tao: FloatArray
    registration_tao: FloatArray
    reentry_tao: FloatArray
    hardware_sold_tao: FloatArray
    unsold_tao: FloatArray
    founded: BoolArray

    @property
    def gain_tao(self) -> FloatArray:
        """What it brought each participant less what it cost, (participant,)."""
        return self.hardware_sold_tao - self.registration_tao - self.reentry_tao - self.unsold_tao


def nobody_came(population: Population, state: State) -> Turnover:
    """The turnover before there was any."""
    n_subnets, nothing_tao = len(state.price_ema), np.zeros(population.n_participants)
    return Turnover(
        exits=np.zeros(n_subnets, dtype=np.int64),
        registrations=np.zeros(n_subnets, dtype=np.int64),
        reentries=np.zeros(n_subnets, dtype=np.int64),
        price_tao=state.burn_price_rao / 1e9,
        registration_tao=nothing_tao,
        reentry_tao=nothing_tao,
        hardware_sold_tao=nothing_tao,
        unsold_tao=nothing_tao,
        founded=np.zeros(n_subnets, dtype=bool),
    )


def turn_over(
    population: Population, state: State, rules: Rules, ledger: Ledger, epoch: int, seed: int
) -> tuple[Population, Turnover]:
    """Population and turnover after those who leave, and the newcomers whom chance brings before `epoch`.

    Nobody leaves or comes before the first.
    """
    given = rules.scenario.registration
    n_subnets, first = len(state.price_ema), population
    exits, sold_rao = np.zeros(n_subnets, dtype=np.int64), np.zeros_like(state.purse_rao)
    unsold_tao = np.zeros(population.n_participants)
    if epoch > 0:
        leaver = miner_turnover.leavers(state, rules, population, epoch, seed)
        population, exits, unsold_tao = miner_turnover.leave(population, state, rules, leaver)
        sold_rao = miner_turnover.sell_hardware(_without_uid(first, population), state, rules)
    founded = np.zeros(n_subnets, dtype=bool)
    subnets_per_epoch = given.newcomer_subnets_per_year * rules.scenario.chain.tempo_blocks / BLOCKS_PER_YEAR
    if subnets_per_epoch > 0 and epoch > 0 and stream(seed, "registration", "subnet", epoch).poisson(subnets_per_epoch):
        replaced = subnet_turnover.replace_weakest(state, rules, population, ledger)
        founded[replaced] = replaced != subnet_turnover.NO_SUBNET
    arrival = np.zeros(n_subnets, dtype=np.int64)
    if given.newcomers > 0 and epoch > 0:
        arrival = poisson_by_place(given.newcomers, n_subnets, stream_key(seed, "registration", "arrival", epoch))
    key = stream_key(seed, "registration", "miner", epoch)
    seated, registrations, paid = miner_turnover.register(population, state, rules, ledger, arrival, key)
    # Who was pushed out of its last uid sells its hardware as who left.
    sold_rao = sold_rao + miner_turnover.sell_hardware(_without_uid(population, seated), state, rules)
    excluded = state.excluded_until > epoch
    reentries, fees_rao = np.zeros(n_subnets, dtype=np.int64), np.zeros_like(state.purse_rao)
    if excluded.any():
        reentries, fees_rao = reentry.reenter(seated, state, rules, ledger, excluded)
    return seated, Turnover(
        exits=exits,
        registrations=registrations,
        reentries=reentries,
        price_tao=state.burn_price_rao / 1e9,
        registration_tao=paid.price_rao / 1e9,
        reentry_tao=fees_rao / 1e9,
        hardware_sold_tao=sold_rao / 1e9,
        unsold_tao=unsold_tao + paid.unsold_tao,
        founded=founded,
    )


def _without_uid(before: Population, after: Population) -> BoolArray:
    """Who held miners' uids before and holds none after, (participant,)."""
    if before is after:
        return np.zeros(before.n_participants, dtype=bool)
    return (before.n_miner_uids() > 0) & (after.n_miner_uids() == 0)
