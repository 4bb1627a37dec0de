"""What alpha is worth and how it changes hands: the pool or the fixed-price desk, applied to the state's accounts.

At a fixed price (the textbook setting) a subnet's TAO reserve buys any alpha offered, and the world outside steps in
when the reserve is empty. Trading fees go to block authors, who belong to the world outside.
"""

from dataclasses import dataclass

import numpy as np

from model.chain.emission.apportion import apportion_rao, in_proportion
from model.chain.emission.coinbase import subnet_terms
from model.chain.emission.issuance import mint_alpha
from model.chain.market import trade
from model.chain.market.pool import Pool, spot_price
from model.units import SUPPLY_CAP_RAO, U16_MAX, BoolArray, FloatArray, IntArray
from model.world.rules import Rules
from model.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """Where an epoch's TAO went in each subnet, in rao; all (subnet,).

    tao_in, alpha_in : into the reserves; buy_tao : spent on chain buys; unspent_tao : rounding and refusals
    """

    tao_in_rao: IntArray
    alpha_in_rao: IntArray
    buy_tao_rao: IntArray
    unspent_tao_rao: IntArray


def price(state: State, rules: Rules) -> FloatArray:
    """TAO per alpha of each subnet, (subnet,)."""
    return spot_price(_pool(state)) if _pooled(rules) else rules.fixed_price


def inject(state: State, rules: Rules, tao_rao: IntArray, root_proportion: FloatArray) -> Injection:
    """Put each subnet's TAO into its pool, what is above the injection cap as a chain buy of alpha nobody owns.

    At a fixed price all of it goes into the reserve.
    """
    nothing = np.zeros_like(tao_rao)
    if not _pooled(rules):
        state.tao_reserve_rao = state.tao_reserve_rao + tao_rao
        state.protocol_flow_rao = state.protocol_flow_rao + tao_rao
        return Injection(tao_in_rao=tao_rao, alpha_in_rao=nothing, buy_tao_rao=nothing, unspent_tao_rao=nothing)
    pool = _pool(state)
    alpha_emission_rao = mint_alpha(state.alpha_issuance_rao, rules.scenario.chain.tempo_blocks)
    terms = subnet_terms(tao_rao, spot_price(pool), alpha_emission_rao, root_proportion)
    tao_in_rao, alpha_in_rao, excess_rao = (
        np.floor(part).astype(np.int64) for part in (terms.tao_in, terms.alpha_in, terms.excess_tao)
    )
    bought, accepted = trade.inject_around_buy(pool, tao_in_rao, alpha_in_rao, excess_rao)
    _settle(state, bought.pool)
    state.protocol_alpha_rao = state.protocol_alpha_rao + bought.output_rao
    tao_in_rao = np.where(accepted, tao_in_rao, 0)
    state.protocol_flow_rao = state.protocol_flow_rao + tao_in_rao + bought.input_rao
    return Injection(
        tao_in_rao=tao_in_rao,
        alpha_in_rao=np.where(accepted, alpha_in_rao, 0),
        buy_tao_rao=bought.input_rao,
        unspent_tao_rao=tao_rao - tao_in_rao - bought.input_rao,
    )


def sell_for_tao(
    state: State,
    rules: Rules,
    offered_rao: IntArray,
    fee_share: float,
    *,
    by_protocol: bool = False,
    limit_price: float = trade.MIN_PRICE,
) -> tuple[IntArray, IntArray]:
    """Sell what each holder offers, all of a subnet's offers in one order at one price.

    Parameters
    ----------
    offered_rao : (subnet, holder)
        Alpha that the caller has taken from its accounts, >= 0.
    fee_share : float
        Of the alpha sold.
    by_protocol : bool
        Count the sale as the protocol's flow, not as users': claims of root dividends.
    limit_price : float
        TAO per alpha at which selling stops, > 0; at a fixed price below it nothing is sold.

    Returns
    -------
    proceeds_rao : (subnet, holder)
        TAO, to be credited by the caller.
    kept_rao : (subnet, holder)
        Alpha that found no buyer, to be given back by the caller.
    """
    reserve_rao = state.tao_reserve_rao
    if _pooled(rules):
        answer = _sell_to_pool(state, offered_rao, round(fee_share * U16_MAX), limit_price)
    else:
        refused = _below(rules, limit_price)[:, np.newaxis]
        proceeds_rao, kept_rao = _sell_at_desk(state, rules, np.where(refused, 0, offered_rao))
        answer = proceeds_rao, np.where(refused, offered_rao, kept_rao)
    drained_rao = reserve_rao - state.tao_reserve_rao
    if by_protocol:
        state.protocol_flow_rao = state.protocol_flow_rao - drained_rao
    else:
        state.user_flow_rao = state.user_flow_rao - drained_rao
    return answer


def sale_quote(state: State, rules: Rules, offered_rao: IntArray, limit_price: float) -> IntArray:
    """TAO that a sale of `offered_rao` alpha (subnet,) would bring now, after the fee, (subnet,)."""
    if _pooled(rules):
        fee_rate_u16 = _fee_rate_u16(rules)
        return trade.sell(_pool(state), offered_rao, fee_rate_u16=fee_rate_u16, limit_price=limit_price).output_rao
    return np.floor(offered_rao * rules.fixed_price * ~_below(rules, limit_price)).astype(np.int64)


def purchase_quote(state: State, rules: Rules, order_rao: IntArray) -> IntArray:
    """Alpha that `order_rao` TAO (subnet,) would buy now without a fee, (subnet,)."""
    if _pooled(rules):
        return trade.buy(_pool(state), order_rao, fee_rate_u16=0).output_rao
    return np.minimum(order_rao / rules.fixed_price, state.outside_alpha_rao).astype(np.int64)


def buy_with_tao(
    state: State, rules: Rules, offered_rao: IntArray, fee_share: float, limit_price: float = trade.MAX_PRICE
) -> tuple[IntArray, IntArray]:
    """Spend what each buyer offers on alpha, all of a subnet's offers in one order at one price.

    At a fixed price the world outside sells, as far as it has alpha.

    Parameters
    ----------
    offered_rao : (subnet, buyer)
        TAO that the caller has taken from its accounts, >= 0.
    fee_share : float
        Of the TAO spent.
    limit_price : float
        TAO per alpha at which buying stops, > 0; at a fixed price above it nothing is bought.

    Returns
    -------
    bought_rao : (subnet, buyer)
        Alpha, to be credited by the caller.
    kept_rao : (subnet, buyer)
        TAO that found no seller, to be given back by the caller.
    """
    if not _pooled(rules):
        return _buy_at_desk(state, rules, offered_rao, limit_price)
    total_rao = offered_rao.sum(axis=1)
    bought = trade.buy(_pool(state), total_rao, fee_rate_u16=round(fee_share * U16_MAX), limit_price=limit_price)
    _settle(state, bought.pool)
    part = in_proportion(offered_rao.astype(float))
    bought_rao, alpha_dust_rao = apportion_rao(bought.output_rao, part)
    kept_rao, tao_dust_rao = apportion_rao(bought.refund_rao, part)
    state.outside_tao_rao += int(bought.fee_rao.sum() + tao_dust_rao.sum())
    state.outside_alpha_rao = state.outside_alpha_rao + alpha_dust_rao
    state.user_flow_rao = state.user_flow_rao + bought.input_rao
    return bought_rao, kept_rao


def buy_and_recycle(state: State, rules: Rules, order_rao: IntArray) -> tuple[IntArray, IntArray]:
    """Buy alpha for `order_rao` TAO (subnet,) and take it out of issuance: the payment for a uid.

    The fee stays with the subnet where nobody can spend it, so it counts as burned. At a fixed price the TAO goes
    into the reserve and no alpha is recycled.

    Returns
    -------
    spent_rao : (subnet,)
        TAO that the buyers paid, fee included; 0 where the order was refused.
    recycled_rao : (subnet,)
        Alpha that left issuance.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/registration.rs; CHAIN 6.2.
    """
    if not _pooled(rules):
        state.tao_reserve_rao = state.tao_reserve_rao + order_rao
        state.user_flow_rao = state.user_flow_rao + order_rao
        return order_rao, np.zeros_like(order_rao)
    bought = trade.buy(_pool(state), order_rao, fee_rate_u16=_fee_rate_u16(rules))
    _settle(state, bought.pool)
    state.burned_tao_rao += int(bought.fee_rao.sum())
    state.user_flow_rao = state.user_flow_rao + bought.input_rao
    state.alpha_issuance_rao = state.alpha_issuance_rao - bought.output_rao
    return bought.input_rao + bought.fee_rao, bought.output_rao


def buy_from_outside(state: State, rules: Rules, demand_tao: FloatArray) -> None:
    """The world outside buys alpha for `demand_tao` (subnet,) on the pools, as far as it has TAO."""
    if not demand_tao.any():
        return
    if demand_tao.sum() * 1e9 > state.outside_tao_rao:
        demand_rao, _ = apportion_rao(np.array(state.outside_tao_rao), in_proportion(demand_tao))
    else:
        demand_rao = np.floor(demand_tao * 1e9).astype(np.int64)
    bought = trade.buy(_pool(state), demand_rao, fee_rate_u16=_fee_rate_u16(rules))
    _settle(state, bought.pool)
    state.outside_tao_rao -= int(bought.input_rao.sum())
    state.user_flow_rao = state.user_flow_rao + bought.input_rao
    state.outside_alpha_rao = state.outside_alpha_rao + bought.output_rao


def _sell_to_pool(
    state: State, offered_rao: IntArray, fee_rate_u16: int, limit_price: float
) -> tuple[IntArray, IntArray]:
    total_rao = offered_rao.sum(axis=1)
    sold = trade.sell(_pool(state), total_rao, fee_rate_u16=fee_rate_u16, limit_price=limit_price)
    fee = trade.sell(sold.pool, sold.fee_rao, fee_rate_u16=0)
    _settle(state, fee.pool)
    part = in_proportion(offered_rao.astype(float))
    proceeds_rao, tao_dust_rao = apportion_rao(sold.output_rao, part)
    kept_rao, alpha_dust_rao = apportion_rao(sold.refund_rao, part)
    state.outside_tao_rao += int(fee.output_rao.sum() + tao_dust_rao.sum())
    state.outside_alpha_rao = state.outside_alpha_rao + fee.refund_rao + alpha_dust_rao
    return proceeds_rao, kept_rao


def _sell_at_desk(state: State, rules: Rules, offered_rao: IntArray) -> tuple[IntArray, IntArray]:
    worth_rao = offered_rao * rules.fixed_price[:, np.newaxis]
    # Nobody can ask for more than all TAO there is; in any ordinary case the factor is exactly 1.
    wanted_rao = np.floor(worth_rao * min(1.0, SUPPLY_CAP_RAO / max(worth_rao.sum(), 1.0))).astype(np.int64)
    from_reserve_rao = np.minimum(wanted_rao.sum(axis=1), state.tao_reserve_rao)
    short_rao = wanted_rao.sum(axis=1) - from_reserve_rao
    from_outside_rao = short_rao
    if short_rao.sum() > state.outside_tao_rao:
        from_outside_rao, _ = apportion_rao(np.array(state.outside_tao_rao), in_proportion(short_rao.astype(float)))
    funds_rao = from_reserve_rao + from_outside_rao
    proceeds_rao, sold_rao = wanted_rao, offered_rao
    if (funds_rao < wanted_rao.sum(axis=1)).any():
        proceeds_rao, dust_rao = apportion_rao(funds_rao, in_proportion(wanted_rao.astype(float)))
        from_outside_rao = from_outside_rao - np.minimum(dust_rao, from_outside_rao)
        from_reserve_rao = proceeds_rao.sum(axis=1) - from_outside_rao
        paid = np.divide(proceeds_rao, worth_rao, out=np.ones(worth_rao.shape), where=worth_rao > 0)
        sold_rao = np.minimum(np.floor(offered_rao * paid).astype(np.int64), offered_rao)
    state.tao_reserve_rao = state.tao_reserve_rao - from_reserve_rao
    state.outside_tao_rao -= int(from_outside_rao.sum())
    state.outside_alpha_rao = state.outside_alpha_rao + sold_rao.sum(axis=1)
    return proceeds_rao, offered_rao - sold_rao


def _buy_at_desk(state: State, rules: Rules, offered_rao: IntArray, limit_price: float) -> tuple[IntArray, IntArray]:
    price = rules.fixed_price[:, np.newaxis]
    wanted_rao = np.where(price <= limit_price, offered_rao / price, 0.0)
    sold_rao = np.minimum(wanted_rao.sum(axis=1), state.outside_alpha_rao).astype(np.int64)
    bought_rao, _ = apportion_rao(sold_rao, in_proportion(wanted_rao))
    paid_rao = np.minimum(np.ceil(bought_rao * price).astype(np.int64), offered_rao)
    state.outside_alpha_rao = state.outside_alpha_rao - bought_rao.sum(axis=1)
    state.outside_tao_rao += int(paid_rao.sum())
    return bought_rao, offered_rao - paid_rao


def _below(rules: Rules, limit_price: float) -> BoolArray:
    """Where the fixed price is below a stated limit; the market's own lowest limit is none."""
    return (rules.fixed_price < limit_price) & (limit_price > trade.MIN_PRICE)


def _pooled(rules: Rules) -> bool:
    return rules.scenario.market.kind == "pool"


def _pool(state: State) -> Pool:
    return Pool(tao_rao=state.tao_reserve_rao, alpha_rao=state.alpha_reserve_rao, quote_weight=state.quote_weight)


def _settle(state: State, pool: Pool) -> None:
    state.tao_reserve_rao = pool.tao_rao
    state.alpha_reserve_rao = pool.alpha_rao
    state.quote_weight = pool.quote_weight


def _fee_rate_u16(rules: Rules) -> int:
    return round(rules.scenario.market.fee_share * U16_MAX)
