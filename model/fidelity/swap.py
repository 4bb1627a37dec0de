"""Golden pool vectors (schema chain-swap/1), answered by `model.market` in float64 or in whole rao."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from model.fidelity.answers import VALUE, Answer, Function, Inputs, Unanswerable
from model.fidelity.answers import judge as judge_answers
from model.fidelity.files import Document
from model.fidelity.report import NotCovered, Verdict
from model.market import exact_pool, pool, trade
from model.market.exact_pool import UNIT, ExactPool
from model.market.pool import Pool

SWAP = "swap"
COMPONENTS = (SWAP,)
NO_MINIMUM_RAO = 1  # the chain's pool tests run without a minimum reserve
_HALF_E18 = UNIT // 2


def judge(document: Document, file: str, exact: bool) -> Iterator[Verdict | NotCovered]:
    """Yield a verdict for each vector of a file, or why there is none."""
    yield from judge_answers(document, file, exact, _FUNCTIONS)


def _pool(tao: int, alpha: int, quote_weight_e18: int = _HALF_E18) -> Pool:
    return Pool(
        tao_rao=np.array([tao], np.int64),
        alpha_rao=np.array([alpha], np.int64),
        quote_weight=np.array([quote_weight_e18 / UNIT]),
    )


def _exact(tao: int, alpha: int, quote_weight_e18: int = _HALF_E18) -> ExactPool:
    return ExactPool(tao_rao=tao, alpha_rao=alpha, quote_weight_e18=quote_weight_e18)


def _of(build: Any, given: Inputs) -> Any:
    return build(given["tao_reserve"], given["alpha_reserve"], given.get("quote_weight_1e18", _HALF_E18))


def _exponents(given: Inputs) -> Answer:
    weight = given["quote_weight_1e18"] / UNIT
    reserve, delta = np.array([given["reserve_in"]]), np.array([given["delta_in"]])
    sold, bought = (
        float(pool.paid_share(reserve, delta, np.array([ratio]))[0])
        for ratio in ((1 - weight) / weight, weight / (1 - weight))
    )
    return _exponent_answer(1 - sold, 1 - bought, given["reserve_out"] * sold, given["reserve_out"] * bought)


def _exponents_exact(given: Inputs) -> Answer:
    both = _exact(given["reserve_in"], given["reserve_in"], given["quote_weight_1e18"])
    sold = exact_pool.exponent_sell_e18(both, given["delta_in"])
    bought = exact_pool.exponent_buy_e18(both, given["delta_in"])
    out = [given["reserve_out"] * (UNIT - part) / UNIT for part in (sold, bought)]
    return _exponent_answer(sold / UNIT, bought / UNIT, *out)


def _exponent_answer(sold: float, bought: float, sold_out: float, bought_out: float) -> Answer:
    return {
        "exp_base_quote": sold,
        "exp_quote_base": bought,
        "exponents": (sold, bought),
        "out_base_quote": sold_out,
        "out_quote_base": bought_out,
    }


def _to_price(given: Inputs) -> Answer:
    function = {"buy": pool.buy_input_to_price, "sell": pool.sell_input_to_price}[given["side"]]
    needed = function(
        np.array([given["reserve_in"]]),
        np.array([given["quote_weight_1e18"] / UNIT]),
        np.array([given["price"]]),
        np.array([given["target_price"]]),
    )
    return {VALUE: int(needed[0])}


def _to_price_exact(given: Inputs) -> Answer:
    ratio = Fraction(repr(given["target_price"])) / Fraction(repr(given["price"]))
    weight = given["quote_weight_1e18"]
    if given["side"] == "buy":
        weight = UNIT - weight
    else:
        ratio = 1 / ratio
    parts = (ratio.numerator, ratio.denominator)
    return {VALUE: exact_pool.input_to_price_ratio(given["reserve_in"], weight, parts)}


def _price(given: Inputs) -> Answer:
    return {VALUE: float(pool.spot_price(_of(_pool, given))[0])}


def _price_exact(given: Inputs) -> Answer:
    return {VALUE: exact_pool.price_e18(_of(_exact, given)) / UNIT}


def _mul_round(given: Inputs) -> Answer:
    return {VALUE: exact_pool.weight_mul_round(given["weight_1e18"], given["value"])}


def _needed(given: Inputs) -> Answer:
    return {VALUE: int(pool.alpha_needed_for_tao(_of(_pool, given), np.array([given["tao_out"]]))[0])}


def _needed_exact(given: Inputs) -> Answer:
    return {VALUE: exact_pool.alpha_needed_for_tao(_of(_exact, given), given["tao_out"])}


def _valid(given: Inputs) -> Answer:
    return {VALUE: bool(pool.weight_valid(np.array(given["quote_weight_1e18"] / UNIT)))}


def _valid_exact(given: Inputs) -> Answer:
    return {VALUE: exact_pool.weight_valid(given["quote_weight_1e18"])}


_ORDER = "first output > second output > 0 (before rounding to rao)"


def _ordering(given: Inputs) -> Answer:
    return _ordered(
        *(
            _exponents({**given[place], "reserve_out": given["reserve_out"]})["out_base_quote"]
            for place in ("first", "second")
        )
    )


def _ordering_exact(given: Inputs) -> Answer:
    outputs = []
    for place in ("first", "second"):
        sale = given[place]
        whole = _exact(given["reserve_out"], sale["reserve_in"], sale["quote_weight_1e18"])
        outputs.append(UNIT - exact_pool.exponent_sell_e18(whole, sale["delta_in"]))
    return _ordered(*outputs)


def _ordered(first: float, second: float) -> Answer:
    """Return the sentence of the files when it holds, what is the case when not."""
    return {VALUE: _ORDER if first > second > 0 else f"first output {first!r}, second output {second!r}"}


def _output(given: Inputs) -> Answer:
    whole, delta = _of(_pool, given), np.array([given["delta_in"]])
    return {
        "sell_alpha_tao_out": int(pool.sell_output(whole, delta)[0]),
        "buy_alpha_out": int(pool.buy_output(whole, delta)[0]),
    }


def _output_exact(given: Inputs) -> Answer:
    whole, delta = _of(_exact, given), given["delta_in"]
    return {
        "sell_alpha_tao_out": exact_pool.sell(whole, delta, 0).output_rao,
        "buy_alpha_out": exact_pool.buy(whole, delta, 0).output_rao,
    }


def _init(given: Inputs) -> Answer:
    tao, alpha = np.array([given["tao_reserve"]]), np.array([given["alpha_reserve"]])
    priced = given["price"] is not None
    whole = pool.pool_at_price(tao, alpha, np.array([given["price"]])) if priced else _of(_pool, given)
    weight_e18 = int(whole.quote_weight[0] * UNIT)
    return {"price": float(pool.spot_price(whole)[0]), "quote_weight_1e18": weight_e18}


def _swap(given: Inputs) -> Answer:
    whole = _of(_pool, given)
    done = _order(given, whole)
    moved = float(pool.spot_price(done.pool)[0] - pool.spot_price(whole)[0])
    return _swap_answer(int(done.input_rao[0]), int(done.output_rao[0]), moved)


def _swap_exact(given: Inputs) -> Answer:
    whole = _of(_exact, given)
    bought = given["side"] == "buy"
    done = (exact_pool.buy if bought else exact_pool.sell)(whole, given["amount_in"], given["fee_rate_u16"])
    price, limit = exact_pool.price_e18(done.pool) / UNIT, given["limit_price"]
    if (price > limit) if bought else (price < limit):
        raise Unanswerable("the price limit stops this order, and the exact pool knows no limits")
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


def _positive_output(given: Inputs) -> Answer:
    if given["limit"] not in ("minimum price", "maximum price"):
        raise Unanswerable(f"no limit {given['limit']!r} is known here")
    return {"amount_out": int(_order(given, _of(_pool, given)).output_rao[0])}


def _accepted(given: Inputs) -> Answer:
    return {VALUE: bool(_order(given, _of(_pool, given)).accepted[0])}


def _add(given: Inputs) -> Answer:
    grown, _ = pool.inject(_of(_pool, given), np.array([given["tao_delta"]]), np.array([given["alpha_delta"]]))
    return {"price": float(pool.spot_price(grown)[0]), "quote_weight": float(grown.quote_weight[0])}


def _add_exact(given: Inputs) -> Answer:
    before = _of(_exact, given)
    grown = exact_pool.inject(before, given["tao_delta"], given["alpha_delta"]) or before
    return {"price": exact_pool.price_e18(grown) / UNIT, "quote_weight": grown.quote_weight_e18 / UNIT}


_RESERVES = ("tao_reserve", "alpha_reserve")
_POOL = (*_RESERVES, "quote_weight_1e18")
_FUNCTIONS = {
    "pool_exponent": Function(
        component=SWAP,
        needs=("quote_weight_1e18", "reserve_in", "delta_in", "reserve_out"),
        float64=_exponents,
        exact=_exponents_exact,
    ),
    "delta_in_to_price": Function(
        component=SWAP,
        needs=("side", "quote_weight_1e18", "price", "target_price", "reserve_in"),
        float64=_to_price,
        exact=_to_price_exact,
    ),
    "pool_price": Function(component=SWAP, needs=_POOL, float64=_price, exact=_price_exact),
    "weight_mul_round": Function(component=SWAP, needs=("weight_1e18", "value"), float64=_mul_round),
    "alpha_needed_for_tao": Function(component=SWAP, needs=(*_POOL, "tao_out"), float64=_needed, exact=_needed_exact),
    "weight_valid": Function(component=SWAP, needs=("quote_weight_1e18",), float64=_valid, exact=_valid_exact),
    "sell_output_ordering": Function(
        component=SWAP, needs=("reserve_out", "first", "second"), float64=_ordering, exact=_ordering_exact
    ),
    "swap_output": Function(component=SWAP, needs=(*_POOL, "delta_in"), float64=_output, exact=_output_exact),
    "pool_init": Function(component=SWAP, needs=(*_RESERVES, "price"), may=("quote_weight_1e18",), float64=_init),
    "swap": Function(
        component=SWAP,
        needs=(*_POOL, "side", "amount_in", "fee_rate_u16", "limit_price"),
        float64=_swap,
        exact=_swap_exact,
    ),
    "swap_positive_output": Function(
        component=SWAP,
        needs=(*_RESERVES, "side", "amount_in", "limit"),
        may=("quote_weight_1e18", "fee_rate_u16"),
        float64=_positive_output,
    ),
    "swap_input_accepted": Function(
        component=SWAP,
        needs=(*_RESERVES, "side", "amount_in"),
        may=("quote_weight_1e18", "drop_fees", "fee_rate_u16"),
        float64=_accepted,
    ),
    "pool_add_liquidity": Function(
        component=SWAP, needs=(*_POOL, "tao_delta", "alpha_delta"), float64=_add, exact=_add_exact
    ),
}
