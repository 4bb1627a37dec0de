import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.market.exact_pool import UNIT
from model.chain.market.pool import (
    Pool,
    alpha_needed_for_tao,
    buy_input_to_price,
    buy_output,
    inject,
    paid_share,
    pool_at_price,
    sell_input_to_price,
    sell_output,
    spot_price,
    weight_valid,
)

reserves = st.integers(10**6, 21 * 10**15)
weights = st.floats(0.02, 0.98)


def one(value):
    return np.array([value])


@given(reserves, reserves, weights, st.floats(0, 0.1), st.floats(0, 0.1))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_injection_keeps_the_price_whatever_is_added(tao, alpha, weight, tao_part, alpha_part):
    pool = Pool(tao_rao=one(tao), alpha_rao=one(alpha), quote_weight=one(weight))
    grown, accepted = inject(pool, one(int(tao * tao_part)), one(int(alpha * alpha_part)))
    assert accepted.all()
    assert_allclose(spot_price(grown), spot_price(pool), rtol=1e-12)


def test_an_injection_that_would_tilt_the_weights_too_far_is_refused(pool_of):
    pool = pool_of([10**9, 10**9], [10**9, 10**9], [0.5, 0.5])
    grown, accepted = inject(pool, np.array([200 * 10**9, 10]), np.array([0, 10]))
    assert accepted.tolist() == [False, True]
    assert grown.tao_rao.tolist() == [10**9, 10**9 + 10]
    assert grown.quote_weight[0] == 0.5


def test_an_empty_pool_that_is_filled_starts_with_equal_weights(pool_of):
    grown, _ = inject(pool_of(0, 0, 0.3), one(5), one(10))
    assert grown.quote_weight.tolist() == [0.5]
    assert spot_price(grown).tolist() == [0.5]


@given(reserves, reserves, weights, st.floats(1.001, 100))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_trading_the_amount_to_a_price_leads_there(tao, alpha, weight, factor):
    price = spot_price(Pool(tao_rao=one(tao), alpha_rao=one(alpha), quote_weight=one(weight)))
    up = buy_input_to_price(one(tao), one(weight), price, price * factor)
    after = (tao + up) / (alpha * (1 - paid_share(one(tao), up, weight / (1 - weight))))
    assert_allclose((1 - weight) / weight * after, price * factor, rtol=1e-9)
    down = sell_input_to_price(one(alpha), one(weight), price, price / factor)
    after = (tao * (1 - paid_share(one(alpha), down, (1 - weight) / weight))) / (alpha + down)
    assert_allclose((1 - weight) / weight * after, price / factor, rtol=1e-9)


def test_equal_weights_are_the_textbook_constant_product(pool_of):
    pool, tao = pool_of(10_000 * 10**9, 100_000 * 10**9), 100 * 10**9
    assert buy_output(pool, one(tao))[0] / 1e9 == pytest.approx(990.099010, abs=1e-6)
    after = pool_of(pool.tao_rao + tao, pool.alpha_rao - int(buy_output(pool, one(tao))[0]))
    assert spot_price(after)[0] == pytest.approx(0.102010, abs=1e-9)


def test_a_tao_weight_of_six_tenths_pays_more_alpha(pool_of):
    pool = pool_of(10_000 * 10**9, 100_000 * 10**9, 0.6)
    assert buy_output(pool, one(100 * 10**9))[0] / 1e9 == pytest.approx(1481.466316, abs=1e-6)


def test_a_pool_at_a_price_has_that_price_and_refuses_impossible_ones():
    assert_allclose(spot_price(pool_at_price(one(10**9), one(4 * 10**9), one(1.0))), 1.0)
    with pytest.raises(ValueError, match="quote_weight must lie"):
        pool_at_price(one(10**9), one(10**9), one(1000.0))


def test_exponents_reproduce_the_chain(golden):
    for vector in golden("swap.json", "pool_exponent"):
        given_, expected = vector["inputs"], vector["expected"]
        weight = given_["quote_weight_1e18"] / UNIT
        reserve, delta, out = (one(given_[name]) for name in ("reserve_in", "delta_in", "reserve_out"))
        sold = paid_share(reserve, delta, (1 - weight) / weight)[0]
        bought = paid_share(reserve, delta, weight / (1 - weight))[0]
        if "exponents_at_most" in expected:
            assert min(sold, bought) >= 1 - expected["exponents_at_most"]
            continue
        seen = {"exp_base_quote": 1 - sold, "exp_quote_base": 1 - bought}
        seen |= {"out_base_quote": sold * out[0], "out_quote_base": bought * out[0]}
        for name, value in expected.items():
            tolerance = max(vector["tol"].get(name, 1e-15), 1e-15)
            assert seen[name] == pytest.approx(value, abs=tolerance, rel=0), (vector["id"], name)


def test_amounts_to_a_price_reproduce_the_chain(golden):
    for vector in golden("swap.json", "delta_in_to_price"):
        given_ = vector["inputs"]
        to_price = buy_input_to_price if given_["side"] == "buy" else sell_input_to_price
        amount = to_price(
            one(given_["reserve_in"]),
            one(given_["quote_weight_1e18"] / UNIT),
            one(given_["price"]),
            one(given_["target_price"]),
        )
        assert int(amount[0]) == vector["expected"]


def test_prices_reproduce_the_chain(golden, pool_of):
    for vector in golden("swap.json", "pool_price"):
        given_ = vector["inputs"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        assert spot_price(pool)[0] == pytest.approx(vector["expected"], abs=vector["tol"], rel=1e-15)


def test_alpha_needed_reproduces_the_chain(golden, pool_of):
    for vector in golden("swap.json", "alpha_needed_for_tao"):
        given_ = vector["inputs"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        assert alpha_needed_for_tao(pool, one(given_["tao_out"]))[0] == vector["expected"]


def test_valid_weights_reproduce_the_chain(golden):
    for vector in golden("swap.json", "weight_valid"):
        assert weight_valid(vector["inputs"]["quote_weight_1e18"] / UNIT) == vector["expected"]


def test_tiny_sales_keep_the_order_of_the_chain(golden, pool_of):
    for vector in golden("swap.json", "sell_output_ordering"):
        given_ = vector["inputs"]
        first, second = (
            sell_output(
                pool_of(given_["reserve_out"], order["reserve_in"], order["quote_weight_1e18"] / UNIT),
                one(order["delta_in"]),
            )[0]
            for order in (given_["first"], given_["second"])
        )
        assert first > second > 0


def test_outputs_reproduce_the_chain(golden, pool_of):
    for vector in golden("swap.json", "swap_output"):
        given_ = vector["inputs"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        delta = one(given_["delta_in"])
        # Ours before rounding down, the chain's after it, and a last bit more or less is no error of either.
        sold, bought = float(sell_output(pool, delta)[0]), float(buy_output(pool, delta)[0])
        bit = 1e-12
        assert 0 <= sold * (1 + bit) - vector["expected"]["sell_alpha_tao_out"] < 1 + 2 * bit * sold, vector
        assert 0 <= bought * (1 + bit) - vector["expected"]["buy_alpha_out"] < 1 + 2 * bit * bought, vector


def test_initial_pools_reproduce_the_chain(golden, pool_of):
    for vector in golden("swap.json", "pool_init"):
        given_, expected = vector["inputs"], vector["expected"]
        if given_["price"] is None:
            pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"])
        else:
            pool = pool_at_price(one(given_["tao_reserve"]), one(given_["alpha_reserve"]), one(given_["price"]))
        assert spot_price(pool)[0] == pytest.approx(expected["price"], abs=vector["tol"])
        assert pool.quote_weight[0] * UNIT == pytest.approx(expected["quote_weight_1e18"], rel=1e-15)


def test_weights_after_injections_reproduce_the_chain(golden, pool_of):
    for vector in golden("swap.json", "pool_add_liquidity"):
        given_, expected = vector["inputs"], vector["expected"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        grown, _ = inject(pool, one(given_["tao_delta"]), one(given_["alpha_delta"]))
        # the chain's tolerance is 1e-12 relative
        assert_allclose(grown.quote_weight, expected["quote_weight"], rtol=1e-15)
        assert_allclose(spot_price(grown), expected["price"], rtol=1e-15)


@pytest.mark.parametrize(
    ("tao", "alpha", "weight", "message"),
    [
        ([-1], [1], [0.5], "tao_rao must be int64 and >= 0"),
        ([1], [1], [0.001], "quote_weight must lie in"),
        ([1], [1], [np.nan], "quote_weight must lie in"),
        ([1], [1, 2], [0.5], "do not fit tao_rao"),
    ],
)
def test_impossible_pools_are_refused(tao, alpha, weight, message):
    with pytest.raises(ValueError, match=message):
        Pool(tao_rao=np.array(tao), alpha_rao=np.array(alpha), quote_weight=np.array(weight))


def test_more_tao_than_the_reserve_is_refused(pool_of):
    with pytest.raises(ValueError, match="tao_out_rao must be below the reserve"):
        alpha_needed_for_tao(pool_of(100, 100), one(100))
