"""Golden pool vectors (schema chain-swap/1), answered by `model.chain.market` in float64 or in whole rao."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from model.chain.market import exact_pool, pool
from model.chain.market.exact_pool import UNIT, ExactPool
from model.fidelity.answers import VALUE, Answer, Function, Inputs
from model.fidelity.answers import judge as judge_answers
from model.fidelity.entries import whole_number
from model.fidelity.files import Document
from model.fidelity.report import Finding
from model.fidelity.swap_orders import (
    accepted,
    given_pool,
    given_whole_pool,
    positive_output,
    swap,
    swap_exact,
    whole_pool,
)

SWAP = "swap"
COMPONENTS = (SWAP,)


def judge(document: Document, file: str, exact: bool) -> Iterator[Finding]:
    """Yield a verdict for each vector of a file, or why there is none."""
    yield from judge_answers(document, file, exact, _FUNCTIONS)


def _exponents(given: Inputs) -> Answer:
    weight = given["quote_weight_1e18"] / UNIT
    reserve, delta = np.array([given["reserve_in"]]), np.array([given["delta_in"]])
    sold, bought = (
        float(pool.paid_share(reserve, delta, np.array([ratio]))[0])
        for ratio in ((1 - weight) / weight, weight / (1 - weight))
    )
    return _exponent_answer(1 - sold, 1 - bought, given["reserve_out"] * sold, given["reserve_out"] * bought)


def _exponents_exact(given: Inputs) -> Answer:
    both = whole_pool(given["reserve_in"], given["reserve_in"], given["quote_weight_1e18"])
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
    return {VALUE: float(pool.spot_price(given_pool(given))[0])}


def _price_exact(given: Inputs) -> Answer:
    return {VALUE: _nearest_price(given_whole_pool(given))}


def _nearest_price(pool: ExactPool) -> float:
    """Return the float64 nearest to a pool's price, which 10^-18 would cut short where TAO is scarce."""
    below = pool.quote_weight_e18 * pool.alpha_rao
    return pool.base_weight_e18 * pool.tao_rao / below if below else 0.0


def _mul_round(given: Inputs) -> Answer:
    return {VALUE: exact_pool.weight_mul_round(given["weight_1e18"], given["value"])}


def _needed(given: Inputs) -> Answer:
    return {VALUE: int(pool.alpha_needed_for_tao(given_pool(given), np.array([given["tao_out"]]))[0])}


def _needed_exact(given: Inputs) -> Answer:
    return {VALUE: exact_pool.alpha_needed_for_tao(given_whole_pool(given), given["tao_out"])}


def _valid(given: Inputs) -> Answer:
    """Whether a weight is in range: in whole parts of 10^18, of which float64 cannot tell a hundred apart."""
    return {VALUE: exact_pool.weight_valid(whole_number("quote_weight_1e18", given["quote_weight_1e18"]))}


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
        whole = whole_pool(given["reserve_out"], sale["reserve_in"], sale["quote_weight_1e18"])
        outputs.append(UNIT - exact_pool.exponent_sell_e18(whole, sale["delta_in"]))
    return _ordered(*outputs)


def _ordered(first: float, second: float) -> Answer:
    """Return the sentence of the files when it holds, what is the case when not."""
    return {VALUE: _ORDER if first > second > 0 else f"first output {first!r}, second output {second!r}"}


def _output(given: Inputs) -> Answer:
    whole, delta = given_pool(given), np.array([given["delta_in"]])
    return {
        "sell_alpha_tao_out": int(pool.sell_output(whole, delta)[0]),
        "buy_alpha_out": int(pool.buy_output(whole, delta)[0]),
    }


def _output_exact(given: Inputs) -> Answer:
    whole, delta = given_whole_pool(given), given["delta_in"]
    return {
        "sell_alpha_tao_out": exact_pool.sell(whole, delta, 0).output_rao,
        "buy_alpha_out": exact_pool.buy(whole, delta, 0).output_rao,
    }


def _init(given: Inputs) -> Answer:
    tao, alpha = np.array([given["tao_reserve"]]), np.array([given["alpha_reserve"]])
    priced = given["price"] is not None
    whole = pool.pool_at_price(tao, alpha, np.array([given["price"]])) if priced else given_pool(given)
    weight_e18 = int(whole.quote_weight[0] * UNIT)
    return {"price": float(pool.spot_price(whole)[0]), "quote_weight_1e18": weight_e18}


def _add(given: Inputs) -> Answer:
    grown, _ = pool.inject(given_pool(given), np.array([given["tao_delta"]]), np.array([given["alpha_delta"]]))
    return {"price": float(pool.spot_price(grown)[0]), "quote_weight": float(grown.quote_weight[0])}


def _add_exact(given: Inputs) -> Answer:
    before = given_whole_pool(given)
    grown = exact_pool.inject(before, given["tao_delta"], given["alpha_delta"]) or before
    return {"price": _nearest_price(grown), "quote_weight": grown.quote_weight_e18 / UNIT}


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
    "weight_valid": Function(component=SWAP, needs=("quote_weight_1e18",), float64=_valid),
    "sell_output_ordering": Function(
        component=SWAP, needs=("reserve_out", "first", "second"), float64=_ordering, exact=_ordering_exact
    ),
    "swap_output": Function(component=SWAP, needs=(*_POOL, "delta_in"), float64=_output, exact=_output_exact),
    "pool_init": Function(component=SWAP, needs=(*_RESERVES, "price"), may=("quote_weight_1e18",), float64=_init),
    "swap": Function(
        component=SWAP,
        needs=(*_POOL, "side", "amount_in", "fee_rate_u16", "limit_price"),
        float64=swap,
        exact=swap_exact,
    ),
    "swap_positive_output": Function(
        component=SWAP,
        needs=(*_RESERVES, "side", "amount_in", "limit"),
        may=("quote_weight_1e18", "fee_rate_u16"),
        float64=positive_output,
    ),
    "swap_input_accepted": Function(
        component=SWAP,
        needs=(*_RESERVES, "side", "amount_in"),
        may=("quote_weight_1e18", "drop_fees", "fee_rate_u16"),
        float64=accepted,
    ),
    "pool_add_liquidity": Function(
        component=SWAP, needs=(*_POOL, "tao_delta", "alpha_delta"), float64=_add, exact=_add_exact
    ),
}
