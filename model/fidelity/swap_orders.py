"""Pools out of golden files, and the orders placed on them: fee, price limit, refusal."""

from __future__ import annotations

import numpy as np

from model.chain.market import exact_pool, pool, trade
from model.chain.market.exact_pool import UNIT, ExactPool
from model.chain.market.pool import Pool
from model.fidelity.answers import VALUE, Answer, Inputs, UnanswerableError
from model.fidelity.entries import whole_number

NO_MINIMUM_RAO = 1  # the chain's pool tests run without a minimum reserve
HALF_E18 = UNIT // 2


def float_pool(tao: int, alpha: int, quote_weight_e18: int) -> Pool:
    """Return one pool as the float64 market holds it; ValueError for weights that float64 takes for the limit's."""
    exact = whole_pool(tao, alpha, quote_weight_e18)
    return Pool(
        tao_rao=np.array([exact.tao_rao], np.int64),
        alpha_rao=np.array([exact.alpha_rao], np.int64),
        quote_weight=np.array([exact.quote_weight_e18 / UNIT]),
    )


def whole_pool(tao: int, alpha: int, quote_weight_e18: int) -> ExactPool:
    """Return one pool in whole rao."""
    return ExactPool(
        tao_rao=whole_number("tao_reserve", tao),
        alpha_rao=whole_number("alpha_reserve", alpha),
        quote_weight_e18=whole_number("quote_weight_1e18", quote_weight_e18),
    )


def given_pool(given: Inputs) -> Pool:
    """Return the pool of a vector in float64; without a stated weight both coins weigh the same."""
    return float_pool(given["tao_reserve"], given["alpha_reserve"], given.get("quote_weight_1e18", HALF_E18))


def given_whole_pool(given: Inputs) -> ExactPool:
    """Return the pool of a vector in whole rao."""
    return whole_pool(given["tao_reserve"], given["alpha_reserve"], given.get("quote_weight_1e18", HALF_E18))


def swap(given: Inputs) -> Answer:
    """Return what an order comes to."""
    whole = given_pool(given)
    done = _order(given, whole)
    moved = float(pool.spot_price(done.pool)[0] - pool.spot_price(whole)[0])
    return _swap_answer(int(done.input_rao[0]), int(done.output_rao[0]), moved)


def swap_exact(given: Inputs) -> Answer:
    """Return what an order comes to in whole rao, where no price limit stops it."""
    whole = given_whole_pool(given)
    bought = given["side"] == "buy"
    done = (exact_pool.buy if bought else exact_pool.sell)(whole, given["amount_in"], given["fee_rate_u16"])
    price, limit = exact_pool.price_e18(done.pool) / UNIT, given["limit_price"]
    if (price > limit) if bought else (price < limit):
        raise UnanswerableError("the price limit stops this order, and the exact pool knows no limits")
    moved = exact_pool.price_e18(done.pool) - exact_pool.price_e18(whole)
    return _swap_answer(done.input_rao, done.output_rao, moved)


def _swap_answer(input_rao: int, output_rao: int, moved: float) -> Answer:
    return {
        "amount_out": output_rao,
        "reserve_in_delta": input_rao,
        "reserve_out_delta": -output_rao,
        "price_moves": "up" if moved > 0 else "down" if moved < 0 else "not",
    }


def _order(given: Inputs, whole: Pool) -> trade.Trade:
    """Return the order on a pool without a minimum reserve; without a stated limit the chain's own applies."""
    bought = given["side"] == "buy"
    free = given.get("drop_fees", False)
    fee = 0 if free else given.get("fee_rate_u16", trade.FEE_RATE_U16)
    limit = given.get("limit_price", trade.MAX_PRICE if bought else trade.MIN_PRICE)
    return (trade.buy if bought else trade.sell)(
        whole,
        np.array([given["amount_in"]], np.int64),
        fee_rate_u16=fee,
        limit_price=limit,
        min_reserve_rao=NO_MINIMUM_RAO,
    )


def positive_output(given: Inputs) -> Answer:
    """Return what an order at the chain's own price limit brings."""
    if given["limit"] not in ("minimum price", "maximum price"):
        raise UnanswerableError(f"no limit {given['limit']!r} is known here")
    return {"amount_out": int(_order(given, given_pool(given)).output_rao[0])}


def accepted(given: Inputs) -> Answer:
    """Return whether an order is taken."""
    return {VALUE: bool(_order(given, given_pool(given)).accepted[0])}
