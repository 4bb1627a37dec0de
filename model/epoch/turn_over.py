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
        population, exits = miner_turnover.leave(
            population, state, rules, miner_turnover.leavers(state, rules, population, epoch, seed)
        )
    founded = np.zeros(n_subnets, dtype=bool)
    subnets_per_epoch = given.newcomer_subnets_per_year * rules.scenario.chain.tempo_blocks / BLOCKS_PER_YEAR
    if subnets_per_epoch > 0 and epoch > 0 and stream(seed, "registration", "subnet", epoch).poisson(subnets_per_epoch):
        replaced = subnet_turnover.replace_weakest(state, rules, population, ledger)
        founded[replaced] = replaced != subnet_turnover.NO_SUBNET
    arrival = np.zeros(n_subnets, dtype=np.int64)
    if given.newcomers > 0 and epoch > 0:
        arrival = poisson_by_place(given.newcomers, n_subnets, stream_key(seed, "registration", "arrival", epoch))
    key = stream_key(seed, "registration", "miner", epoch)
    seated, registrations, paid_rao = miner_turnover.register(population, state, rules, ledger, arrival, key)
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
