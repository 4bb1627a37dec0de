"""Staking by hand: add, remove and move stake at the pool's price, with the chain's minimum and a limit on the price.

Each function moves rao between accounts of the state at once, or refuses and moves nothing.
"""

from dataclasses import dataclass

import numpy as np

from model.chain.market import trade
from model.units import U16_MAX, IntArray
from model.world import trading
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State

MIN_STAKE_RAO = 2_000_000  # subtensor 14bc6f9, runtime/src/lib.rs: 0.002 TAO


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeAccount:
    """A participant's stake in a subnet: a validator's own, or what a nominator has with a validator.

    participant : number among all
    number : among those of its role
    """

    role: str
    participant: int
    number: int
    subnet: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What came of an order, in rao; an order that was refused moved nothing and says why.

    tao_rao : paid for stake with its fee, or received
    alpha_rao : credited, or taken off
    """

    tao_rao: int = 0
    alpha_rao: int = 0
    refusal: str = ""


def stake_account(population: Population, participant: int, subnet: int) -> StakeAccount:
    """Account in which `participant` holds stake of `subnet`.

    Raises
    ------
    ValueError
        If it is neither a validator nor a nominator, or there is no such subnet.
    """
    role = population.role[participant]
    if role not in ("validator", "nominator"):
        raise ValueError(f"participant {participant} must be a validator or a nominator, is a {role}")
    if not 0 <= subnet < len(population.holder):
        raise ValueError(f"subnet must lie in [0, {len(population.holder)}), is {subnet}")
    number = participant - int(population.numbers(role)[0])
    return StakeAccount(role=role, participant=participant, number=number, subnet=subnet)


def add_stake(
    state: State, rules: Rules, account: StakeAccount, tao_rao: int, limit_price: float = trade.MAX_PRICE
) -> Fill:
    """Buy alpha with TAO from the purse and stake it, up to a price.

    Refused if the purse is too small, the amount is below the minimum and its fee, or nothing can be bought.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/add_stake.rs; CHAIN 5.5.
    """
    fee_rao = trade.fee_rao(np.array(MIN_STAKE_RAO), round(rules.scenario.market.fee_share * U16_MAX))
    if tao_rao > state.purse_rao[account.participant]:
        return Fill(refusal=f"purse holds {state.purse_rao[account.participant]} rao, the order is {tao_rao}")
    if tao_rao < MIN_STAKE_RAO + fee_rao:
        return Fill(refusal=f"order must be >= {MIN_STAKE_RAO + fee_rao} rao, is {tao_rao}")
    offered_rao = _only(state, account.subnet, tao_rao)
    bought_rao, kept_rao = trading.buy_with_tao(state, rules, offered_rao, rules.scenario.market.fee_share, limit_price)
    alpha_rao = int(bought_rao[account.subnet, 0])
    if alpha_rao == 0:
        return Fill(refusal="no alpha is sold at or below the limit")
    paid_rao = tao_rao - int(kept_rao[account.subnet, 0])
    state.purse_rao[account.participant] -= paid_rao
    _credit(state, account, alpha_rao)
    return Fill(tao_rao=paid_rao, alpha_rao=alpha_rao)


def remove_stake(
    state: State, rules: Rules, account: StakeAccount, alpha_rao: int, limit_price: float = trade.MIN_PRICE
) -> Fill:
    """Sell staked alpha, down to a price, for TAO into the purse.

    Refused if there is less stake, or the proceeds are below the minimum while something stays.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/remove_stake.rs; CHAIN 5.5.
    """
    staked_rao = stake_rao(state, account)
    if not 0 < alpha_rao <= staked_rao:
        return Fill(refusal=f"order must lie in (0, {staked_rao}] rao, is {alpha_rao}")
    offered_rao = _only(state, account.subnet, alpha_rao)
    quoted_rao = int(trading.sale_quote(state, rules, offered_rao[:, 0], limit_price)[account.subnet])
    if quoted_rao == 0 or (alpha_rao < staked_rao and quoted_rao < MIN_STAKE_RAO):
        return Fill(refusal=f"proceeds must be >= {MIN_STAKE_RAO} rao, or > 0 for all of the stake, are {quoted_rao}")
    proceeds_rao, kept_rao = trading.sell_for_tao(
        state, rules, offered_rao, rules.scenario.market.fee_share, limit_price=limit_price
    )
    sold_rao = alpha_rao - int(kept_rao[account.subnet, 0])
    _credit(state, account, -sold_rao)
    state.purse_rao[account.participant] += proceeds_rao[account.subnet, 0]
    return Fill(tao_rao=int(proceeds_rao[account.subnet, 0]), alpha_rao=sold_rao)


def move_stake(
    state: State, rules: Rules, origin: StakeAccount, destination: StakeAccount, alpha_rao: int
) -> tuple[Fill, Fill]:
    """Move stake to another subnet: sold here with a fee, bought there without; both orders, or none.

    Raises
    ------
    ValueError
        If both accounts are in one subnet or belong to different participants.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/move_stake.rs; CHAIN 5.4, 5.5.
    """
    if origin.participant != destination.participant or origin.subnet == destination.subnet:
        raise ValueError(f"stake must move between two subnets of one participant, not {origin} to {destination}")
    offered_rao = _only(state, origin.subnet, alpha_rao)
    quoted_rao = int(trading.sale_quote(state, rules, offered_rao[:, 0], trade.MIN_PRICE)[origin.subnet])
    order_rao = _only(state, destination.subnet, quoted_rao)
    available_rao = trading.purchase_quote(state, rules, order_rao[:, 0])[destination.subnet]
    if quoted_rao < MIN_STAKE_RAO or available_rao == 0:
        refusal = f"worth moved must be >= {MIN_STAKE_RAO} rao and find alpha, is {quoted_rao}"
        return Fill(refusal=refusal), Fill(refusal=refusal)
    sold = remove_stake(state, rules, origin, alpha_rao)
    if sold.refusal:
        return sold, Fill(refusal=sold.refusal)
    offered_rao = _only(state, destination.subnet, sold.tao_rao)
    bought_rao, kept_rao = trading.buy_with_tao(state, rules, offered_rao, 0.0)
    paid_rao = sold.tao_rao - int(kept_rao[destination.subnet, 0])
    state.purse_rao[destination.participant] -= paid_rao
    _credit(state, destination, int(bought_rao[destination.subnet, 0]))
    return sold, Fill(tao_rao=paid_rao, alpha_rao=int(bought_rao[destination.subnet, 0]))


def stake_rao(state: State, account: StakeAccount) -> int:
    """Alpha in the account."""
    return int(_slot(state, account))


def _slot(state: State, account: StakeAccount) -> IntArray:
    """The account's cell in its array of the state, for reading and writing in place."""
    if account.role == "validator":
        return state.validator_alpha_rao[account.subnet, account.number : account.number + 1].reshape(())
    return state.nominated_alpha_rao[account.number, account.subnet : account.subnet + 1].reshape(())


def _credit(state: State, account: StakeAccount, alpha_rao: int) -> None:
    _slot(state, account)[()] += alpha_rao


def _only(state: State, subnet: int, amount_rao: int) -> IntArray:
    """One order in one subnet, as the column of orders that the market takes."""
    order_rao = np.zeros((len(state.price_ema), 1), dtype=np.int64)
    order_rao[subnet, 0] = amount_rao
    return order_rao
