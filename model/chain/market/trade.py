"""Orders on the pools: fee, price limit, refusal, settlement; all subnets at once."""

from dataclasses import dataclass

import numpy as np

from model.chain.market.pool import (
    Pool,
    buy_input_to_price,
    buy_output,
    inject_weight,
    sell_input_to_price,
    sell_output,
    spot_price,
)
from model.units import U16_MAX, BoolArray, FloatArray, IntArray

FEE_RATE_U16 = 33  # runtime/src/lib.rs: 33/65535 of the input, 0.0504 %
MAX_PRICE = 1e6  # TAO per alpha: limit of orders that state none
MIN_PRICE = 1e-6
MIN_RESERVE_RAO = 10**6
MAX_INPUT_OVER_RESERVE = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trade:
    """What an order on each pool came to; an order that was refused moved nothing.

    Attributes
    ----------
    pool : Pool
        After the trade.
    accepted : (subnet,) bool
        Something was traded.
    input_rao : (subnet,) int64
        What went into the pool; it does not hold the fee.
    output_rao : (subnet,) int64
        What came out of it.
    fee_rao : (subnet,) int64
        Taken from the order, in the coin of the input, and kept out of the pool.
    refund_rao : (subnet,) int64
        What of the order was left: all of it if refused, the rest if the limit stopped it.
    """

    pool: Pool
    accepted: BoolArray
    input_rao: IntArray
    output_rao: IntArray
    fee_rao: IntArray
    refund_rao: IntArray


def fee_rao(amount_rao: IntArray, fee_rate_u16: int = FEE_RATE_U16) -> IntArray:
    """Fee on an order of `amount_rao`, floor(amount x rate / 65535), exact and without overflow."""
    whole, rest = np.divmod(amount_rao, U16_MAX)
    return whole * fee_rate_u16 + rest * fee_rate_u16 // U16_MAX


def buy(
    pool: Pool,
    tao_rao: IntArray,
    *,
    fee_rate_u16: int = FEE_RATE_U16,
    limit_price: FloatArray | float = MAX_PRICE,
    min_reserve_rao: int = MIN_RESERVE_RAO,
) -> Trade:
    """Trade that buys alpha with TAO, up to a price.

    An order is refused when the alpha reserve is below the minimum, the input is more than 1000 times the TAO
    reserve, the price is not below the limit to begin with, or nothing would come out. Where the limit stops
    it, only the part up to the limit is traded and the fee is that of this part.

    Parameters
    ----------
    pool : Pool
    tao_rao : (subnet,) int64
        Orders with their fee, >= 0; 0 is no order.
    fee_rate_u16 : int
        Parts of 65535 of the input, 0..65534; 0 for the chain's own buys.
    limit_price : float, or (subnet,) float64
        Highest price at which to go on, TAO per alpha, > 0.
    min_reserve_rao : int
        Smallest alpha reserve that is traded on.

    Returns
    -------
    Trade

    Raises
    ------
    ValueError
        If an order is negative, or the fee rate or limit out of range.

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/swap_step.rs and impls.rs.
    """
    limit = _checked_limit(limit_price, pool)
    price = spot_price(pool)
    to_limit = buy_input_to_price(pool.tao_rao, pool.quote_weight, price, limit)
    order = _filled(tao_rao, to_limit, fee_rate_u16)
    output = np.floor(buy_output(pool, order.input_rao)).astype(np.int64)
    accepted = (
        (price < limit)
        & (pool.alpha_rao >= min_reserve_rao)
        & _input_accepted(order.net_rao, pool.tao_rao)
        & (order.input_rao > 0)
        & (output > 0)
    )
    return _settled(pool, order, np.where(accepted, output, 0), accepted, bought=True)


def sell(
    pool: Pool,
    alpha_rao: IntArray,
    *,
    fee_rate_u16: int = FEE_RATE_U16,
    limit_price: FloatArray | float = MIN_PRICE,
    min_reserve_rao: int = MIN_RESERVE_RAO,
) -> Trade:
    """Trade that sells alpha for TAO, down to a price; refused and stopped as in `buy`, the coins exchanged.

    Parameters
    ----------
    pool : Pool
    alpha_rao : (subnet,) int64
        Orders with their fee, >= 0; 0 is no order.
    fee_rate_u16 : int
        Parts of 65535 of the input, 0..65534; 0 for root claims.
    limit_price : float, or (subnet,) float64
        Lowest price at which to go on, TAO per alpha, > 0.
    min_reserve_rao : int
        Smallest TAO reserve that is traded on.

    Returns
    -------
    Trade

    Raises
    ------
    ValueError
        If an order is negative, or the fee rate or limit out of range.

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/swap_step.rs and impls.rs.
    """
    limit = _checked_limit(limit_price, pool)
    price = spot_price(pool)
    to_limit = sell_input_to_price(pool.alpha_rao, pool.quote_weight, price, limit)
    order = _filled(alpha_rao, to_limit, fee_rate_u16)
    output = np.floor(sell_output(pool, order.input_rao)).astype(np.int64)
    accepted = (
        (price > limit)
        & (pool.tao_rao >= min_reserve_rao)
        & _input_accepted(order.net_rao, pool.alpha_rao)
        & (order.input_rao > 0)
        & (output > 0)
    )
    return _settled(pool, order, np.where(accepted, output, 0), accepted, bought=False)


def inject_around_buy(
    pool: Pool, tao_in_rao: IntArray, alpha_in_rao: IntArray, excess_tao_rao: IntArray
) -> tuple[Trade, BoolArray]:
    """The chain buy with the excess, at the weights that follow the injection, then the injection.

    Returns
    -------
    trade : Trade
        The fee-less purchase; its `pool` holds the injected amounts as well. Excess that the pool refuses is
        in `refund_rao`.
    accepted : (subnet,) bool
        Where the injection was taken.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (inject_and_maybe_swap).
    """
    weight, accepted = inject_weight(pool, tao_in_rao, alpha_in_rao)
    weighted = Pool(tao_rao=pool.tao_rao, alpha_rao=pool.alpha_rao, quote_weight=weight)
    bought = buy(weighted, excess_tao_rao, fee_rate_u16=0)
    grown = Pool(
        tao_rao=bought.pool.tao_rao + np.where(accepted, tao_in_rao, 0),
        alpha_rao=bought.pool.alpha_rao + np.where(accepted, alpha_in_rao, 0),
        quote_weight=weight,
    )
    trade = Trade(
        pool=grown,
        accepted=bought.accepted,
        input_rao=bought.input_rao,
        output_rao=bought.output_rao,
        fee_rao=bought.fee_rao,
        refund_rao=bought.refund_rao,
    )
    return trade, accepted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Order:
    gross_rao: IntArray
    net_rao: IntArray  # whole order less its fee
    input_rao: IntArray  # the part of it up to the limit
    fee_rao: IntArray  # on that part


def _filled(amount_rao: IntArray, to_limit: FloatArray, fee_rate_u16: int) -> _Order:
    if np.any(np.asarray(amount_rao) < 0):
        raise ValueError(f"an order must be >= 0 rao, is {np.min(amount_rao)}")
    if not 0 <= fee_rate_u16 < U16_MAX:
        raise ValueError(f"fee_rate_u16 must lie in 0..65534, is {fee_rate_u16}")
    whole_fee = fee_rao(np.asarray(amount_rao), fee_rate_u16)
    net = amount_rao - whole_fee
    # `to_limit` may be infinite or not a number where there is no price: such orders are refused anyway.
    part = np.floor(np.fmin(to_limit, net.astype(np.float64))).astype(np.int64)
    stopped = part < net
    part = np.minimum(part, net)
    part_fee = np.floor(part * (fee_rate_u16 / (U16_MAX - fee_rate_u16))).astype(np.int64)
    return _Order(
        gross_rao=np.asarray(amount_rao),
        net_rao=net,
        input_rao=part,
        fee_rao=np.where(stopped, np.minimum(part_fee, whole_fee), whole_fee),
    )


def _input_accepted(net_rao: IntArray, reserve_rao: IntArray) -> BoolArray:
    return -(-net_rao // MAX_INPUT_OVER_RESERVE) <= reserve_rao


def _checked_limit(limit_price: FloatArray | float, pool: Pool) -> FloatArray:
    limit = np.broadcast_to(np.asarray(limit_price, dtype=np.float64), pool.tao_rao.shape)
    if not np.all(limit > 0):
        raise ValueError(f"limit_price must be > 0, is {limit}")
    return limit


def _settled(pool: Pool, order: _Order, output_rao: IntArray, accepted: BoolArray, *, bought: bool) -> Trade:
    input_rao = np.where(accepted, order.input_rao, 0)
    paid_fee_rao = np.where(accepted, order.fee_rao, 0)
    tao_change, alpha_change = (input_rao, -output_rao) if bought else (-output_rao, input_rao)
    return Trade(
        pool=Pool(
            tao_rao=pool.tao_rao + tao_change,
            alpha_rao=pool.alpha_rao + alpha_change,
            quote_weight=pool.quote_weight,
        ),
        accepted=accepted,
        input_rao=input_rao,
        output_rao=output_rao,
        fee_rao=paid_fee_rao,
        refund_rao=order.gross_rao - input_rao - paid_fee_rao,
    )
