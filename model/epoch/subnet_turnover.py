"""One subnet takes the place of another: the weakest is dissolved, its holders are paid, a new one starts there.

The network is full all the time, so that a new subnet needs an old one's netuid. Its miners and validators keep
their uids, as if all of them registered anew; what they had staked is paid out, and a part of it staked again.
"""

import numpy as np

from model.chain.emission.issuance import block_emission_rao
from model.chain.market.pool import EQUAL_WEIGHT
from model.chain.subnet_registration import (
    NO_SUBNET,
    dissolution_payout_rao,
    founding_pool,
    lock_cost_rao,
    median_price,
    subnet_to_prune,
)
from model.units import IntArray, to_rao
from model.world import trading
from model.world.ledger import Ledger
from model.world.population import Population
from model.world.rules import Rules
from model.world.staking import MIN_STAKE_RAO
from model.world.state import State

__all__ = ["NO_SUBNET", "dissolve", "found", "lock_price_rao", "replace_weakest"]


def lock_price_rao(state: State, rules: Rules) -> int:
    """TAO that a new subnet costs now."""
    given = rules.scenario.registration
    return lock_cost_rao(
        state.last_lock_rao,
        state.block - state.last_lock_block,
        block_emission_rao(state.issuance_rao),
        min_lock_rao=to_rao(given.min_lock_tao),
        reduction_interval_blocks=given.lock_interval_blocks,
    )


def replace_weakest(state: State, rules: Rules, population: Population, ledger: Ledger) -> int:
    """Subnet that a newcomer has taken over, -1 if it could not.

    It comes with the lock price from the world outside, and goes away if the last one came too recently, every subnet
    is immune, or there is not so much money outside.
    """
    given = rules.scenario.registration
    subnet = subnet_to_prune(state.price_ema, state.founded_block, state.block, given.subnet_immunity_blocks)
    lock_rao = lock_price_rao(state, rules)
    too_soon = state.block - state.last_lock_block < given.subnet_rate_limit_blocks
    if too_soon or subnet == NO_SUBNET or lock_rao > state.outside_tao_rao:
        return NO_SUBNET
    staker, payout_rao = dissolve(state, population, subnet, ledger)
    found(state, rules, subnet, lock_rao, ledger)
    _restake(state, rules, subnet, staker, payout_rao)
    return subnet


def dissolve(state: State, population: Population, subnet: int, ledger: Ledger) -> tuple[IntArray, IntArray]:
    """Pay a subnet's TAO reserve to the holders of its alpha and take all of that alpha out of issuance.

    The protocol's part is recycled: for the alpha of chain buys and, if the subnet was founded during the run, for
    the alpha in the pool. Burned alpha claims nothing. The owner leaves with its purse to the world outside.

    Returns
    -------
    staker : (staker,) int64
        Participants with stake there: validators, then nominators.
    payout_rao : (staker,) int64
        TAO that went into their purses.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/remove_stake.rs; CHAIN 2.9.
    """
    founded_here = state.founded_block[subnet] > 0
    protocol_rao = state.protocol_alpha_rao[subnet] + founded_here * state.alpha_reserve_rao[subnet]
    staker = np.concatenate([population.numbers("validator"), population.numbers("nominator")])
    staked_rao = np.concatenate([state.validator_alpha_rao[subnet], state.nominated_alpha_rao[:, subnet]])
    single_rao = np.array([state.owner_alpha_rao[subnet], state.outside_alpha_rao[subnet]])
    claim_rao = np.concatenate([staked_rao, state.miner_alpha_rao[subnet], single_rao, [protocol_rao]])
    reserve_rao = int(state.tao_reserve_rao[subnet])
    paid_rao = dissolution_payout_rao(reserve_rao, claim_rao)
    to_staker, to_miner, to_single = np.split(paid_rao[:-1], [len(staker), len(claim_rao) - 3])
    np.add.at(state.purse_rao, staker, to_staker)
    np.add.at(state.purse_rao, population.holder[subnet], to_miner)
    owner = population.numbers("owner")[subnet]
    state.outside_tao_rao += int(to_single.sum() + state.purse_rao[owner])
    state.purse_rao[owner] = 0
    recycled_rao = reserve_rao - int(paid_rao[:-1].sum())
    state.issuance_rao -= recycled_rao
    ledger.returned_tao += recycled_rao
    ledger.returned_alpha[subnet] += state.alpha_issuance_rao[subnet]
    _empty(state, subnet)
    return staker, to_staker


def found(state: State, rules: Rules, subnet: int, lock_rao: int, ledger: Ledger) -> None:
    """Start a subnet in an empty place: the lock as TAO reserve, alpha so that the price is the others' median.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/subnet.rs; CHAIN 2.9.
    """
    given = rules.scenario.registration
    others = np.delete(trading.price(state, rules), subnet)
    pool = founding_pool(np.array([lock_rao]), median_price(others), to_rao(given.min_lock_tao))
    state.outside_tao_rao -= int(pool.tao_rao[0])
    state.tao_reserve_rao[subnet] = pool.tao_rao[0]
    state.alpha_reserve_rao[subnet] = state.alpha_issuance_rao[subnet] = pool.alpha_rao[0]
    ledger.founded_alpha[subnet] += pool.alpha_rao[0]
    state.last_lock_rao, state.last_lock_block = lock_rao, state.block
    state.founded_block[subnet] = state.block
    state.registered_block[subnet] = state.block + 1
    state.burn_price_rao[subnet] = to_rao(given.price_tao)
    state.permit[subnet] = np.arange(state.permit.shape[1]) < state.validator_alpha_rao.shape[1]


def _empty(state: State, subnet: int) -> None:
    """Set all that belonged to the subnet to nothing, money and memory of consensus alike."""
    state.nominated_alpha_rao[:, subnet] = 0
    for name in (
        *("tao_reserve_rao", "alpha_issuance_rao", "alpha_reserve_rao", "owner_alpha_rao", "protocol_alpha_rao"),
        *("burned_alpha_rao", "outside_alpha_rao", "miner_alpha_rao", "validator_alpha_rao", "emission_rao"),
        *("user_flow_rao", "protocol_flow_rao", "user_flow_ema_tao", "protocol_flow_ema_tao", "price_ema"),
        *("miner_burned_share", "bond", "consensus", "incentive_share", "dividend_share", "yield_share"),
        *("excluded_until", "caught", "promised_pot_share", "paid_pot_share"),
    ):
        emptied = getattr(state, name).copy()
        emptied[subnet] = 0
        setattr(state, name, emptied)
    state.quote_weight = state.quote_weight.copy()
    state.quote_weight[subnet] = EQUAL_WEIGHT


def _restake(state: State, rules: Rules, subnet: int, staker: IntArray, payout_rao: IntArray) -> None:
    """Let stakers buy into the new subnet with a part of what the old one paid them."""
    n_validators = state.validator_alpha_rao.shape[1]
    spent_rao = np.floor(payout_rao * rules.scenario.registration.restake_share).astype(np.int64)
    spent_rao[spent_rao < MIN_STAKE_RAO] = 0
    offered_rao = np.zeros((len(state.price_ema), len(staker)), dtype=np.int64)
    offered_rao[subnet] = spent_rao
    bought_rao, kept_rao = trading.buy_with_tao(state, rules, offered_rao, rules.scenario.market.fee_share)
    np.subtract.at(state.purse_rao, staker, spent_rao - kept_rao[subnet])
    state.validator_alpha_rao[subnet] += bought_rao[subnet, :n_validators]
    state.nominated_alpha_rao[:, subnet] += bought_rao[subnet, n_validators:]
