import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.market.exact_pool import UNIT
from model.chain.market.pool import Pool, spot_price
from model.chain.market.trade import buy, fee_rao, inject_around_buy, sell
from model.units import U16_MAX

TRADES = {"buy": buy, "sell": sell}


@st.composite
def orders(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 6))
    pool = Pool(
        tao_rao=rng.integers(10**5, 10**15, n),
        alpha_rao=rng.integers(10**5, 10**15, n),
        quote_weight=rng.uniform(0.05, 0.95, n),
    )
    amount = (10 ** rng.uniform(0, 16, n)).astype(np.int64) * (rng.random(n) < 0.9)
    limit = spot_price(pool) * rng.uniform(0.5, 2, n)
    return pool, amount, limit, int(rng.integers(0, 10_000))


@pytest.mark.parametrize("side", TRADES)
@given(order=orders())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_reserves_and_order_move_by_exactly_what_was_traded(side, order):
    pool, amount, limit, rate = order
    trade = TRADES[side](pool, amount, fee_rate_u16=rate, limit_price=limit)
    tao, alpha = trade.pool.tao_rao - pool.tao_rao, trade.pool.alpha_rao - pool.alpha_rao
    moved_in, moved_out = (tao, alpha) if side == "buy" else (alpha, tao)
    assert (moved_in == trade.input_rao).all()
    assert (moved_out == -trade.output_rao).all()
    assert (trade.input_rao + trade.fee_rao + trade.refund_rao == amount).all()
    assert (trade.refund_rao >= 0).all()
    assert ((trade.output_rao > 0) == trade.accepted).all()


@pytest.mark.parametrize("side", TRADES)
@given(order=orders())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_no_trade_passes_its_limit(side, order):
    pool, amount, limit, rate = order
    trade = TRADES[side](pool, amount, fee_rate_u16=rate, limit_price=limit)
    price, start = spot_price(trade.pool), spot_price(pool)
    # one rao of output kept back by rounding may move the price of a small pool a little
    slack = 1 + 2 / np.minimum(trade.pool.tao_rao, trade.pool.alpha_rao)
    if side == "buy":
        assert (price <= np.maximum(limit * slack, start)).all()
    else:
        assert (price * slack >= np.minimum(limit, start)).all()


@given(orders())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_subnets_do_not_see_each_other(order):
    pool, amount, limit, rate = order
    together = buy(pool, amount, fee_rate_u16=rate, limit_price=limit)
    for subnet in range(len(amount)):
        here = slice(subnet, subnet + 1)
        alone = buy(
            Pool(
                tao_rao=pool.tao_rao[here],
                alpha_rao=pool.alpha_rao[here],
                quote_weight=pool.quote_weight[here],
            ),
            amount[here],
            fee_rate_u16=rate,
            limit_price=limit[here],
        )
        assert alone.output_rao == together.output_rao[here]


@given(orders())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_buying_and_selling_again_never_pays(order):
    pool, amount, _, rate = order
    bought = buy(pool, amount, fee_rate_u16=rate)
    back = sell(bought.pool, bought.output_rao, fee_rate_u16=rate)
    # float64 knows a reserve of 10^15 rao to an eighth; the chain's own rounding is one rao
    assert (back.output_rao <= bought.input_rao + 1).all()


def test_a_round_trip_without_fee_returns_what_was_paid(pool_of):
    pool, tao = pool_of(10_000 * 10**9, 100_000 * 10**9), np.array([100 * 10**9])
    bought = buy(pool, tao, fee_rate_u16=0)
    assert bought.output_rao[0] == 990_099_009_900
    back = sell(bought.pool, bought.output_rao, fee_rate_u16=0)
    assert 0 <= tao[0] - back.output_rao[0] <= 1


def round_trip_tao(tau, dt, fee_share):
    """TAO back after buying for dt in a pool of tau (equal weights) and selling: alpha cancels."""
    paid = dt * (1 - fee_share)
    bought = paid / (tau + paid)
    sold = bought * (1 - fee_share)
    return (tau + paid) * sold / (1 - bought + sold)


def test_a_round_trip_with_fee_costs_about_twice_the_fee(pool_of):
    assert round_trip_tao(10_000, 100, 0.0005) == pytest.approx(99.900519, abs=1e-6)
    pool, tao = pool_of(10_000 * 10**9, 100_000 * 10**9), np.array([100 * 10**9])
    bought = buy(pool, tao)
    back = sell(bought.pool, bought.output_rao)
    assert back.output_rao[0] / 1e9 == pytest.approx(round_trip_tao(10_000, 100, 33 / U16_MAX), abs=3e-9)


def test_orders_at_the_wrong_side_of_their_limit_move_nothing(pool_of):
    pool, amount = pool_of([10**9] * 2, [10**9] * 2), np.array([10**6] * 2)
    assert buy(pool, amount, limit_price=np.array([1.0, 1.1])).accepted.tolist() == [False, True]
    assert sell(pool, amount, limit_price=np.array([1.0, 0.9])).accepted.tolist() == [False, True]


def test_at_the_limit_the_fee_is_that_of_the_part_traded(pool_of):
    trade = buy(pool_of(10**12, 10**12), np.array([10**12]), fee_rate_u16=655, limit_price=1.21)
    assert trade.input_rao[0] == pytest.approx(10**11, abs=2)
    assert trade.fee_rao[0] == trade.input_rao[0] * 655 // (U16_MAX - 655)
    assert spot_price(trade.pool)[0] == pytest.approx(1.21, rel=1e-9)


def test_too_small_a_reserve_refuses_orders(pool_of):
    pool = pool_of([10**6, 10**6 - 1], [10**6, 10**6 - 1])
    assert buy(pool, np.array([1000, 1000])).accepted.tolist() == [True, False]
    assert sell(pool, np.array([1000, 1000])).accepted.tolist() == [True, False]


def test_an_order_too_small_to_buy_anything_is_refused(pool_of):
    trade = sell(pool_of(10**6, 10**12), np.array([100]))
    assert not trade.accepted[0]
    assert trade.refund_rao[0] == 100


@given(st.integers(0, 21 * 10**15), st.integers(0, U16_MAX - 1))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_the_fee_is_exact_for_any_amount(amount, rate):
    assert fee_rao(np.array([amount]), rate)[0] == amount * rate // U16_MAX


def test_swaps_reproduce_the_chain(golden, pool_of):
    for vector in golden("swap.json", "swap"):
        given_, expected = vector["inputs"], vector["expected"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        trade = TRADES[given_["side"]](
            pool,
            np.array([given_["amount_in"]]),
            fee_rate_u16=given_["fee_rate_u16"],
            limit_price=given_["limit_price"],
        )
        # the chain's own tolerance is 1 rao; ours are equal
        assert trade.output_rao[0] == expected["amount_out"], vector["id"]
        assert trade.input_rao[0] == expected["reserve_in_delta"]
        assert -trade.output_rao[0] == expected["reserve_out_delta"]
        rises = spot_price(trade.pool)[0] > spot_price(pool)[0]
        assert rises == (expected["price_moves"] == "up")


def test_an_edge_swap_has_an_output_as_on_the_chain(golden, pool_of):
    for vector in golden("swap.json", "swap_positive_output"):
        given_ = vector["inputs"]
        pool = pool_of(given_["tao_reserve"], given_["alpha_reserve"], given_["quote_weight_1e18"] / UNIT)
        trade = TRADES[given_["side"]](pool, np.array([given_["amount_in"]]), min_reserve_rao=0)
        assert trade.output_rao[0] > vector["expected"]["amount_out_above"]


def test_inputs_are_accepted_up_to_a_thousand_reserves_as_on_the_chain(golden, pool_of):
    for vector in golden("swap.json", "swap_input_accepted"):
        given_ = vector["inputs"]
        rate = {"fee_rate_u16": 0} if given_["drop_fees"] else {}
        trade = TRADES[given_["side"]](
            pool_of(given_["tao_reserve"], given_["alpha_reserve"]),
            np.array([given_["amount_in"]]),
            min_reserve_rao=0,
            limit_price=1e-12 if given_["side"] == "sell" else 1e12,
            **rate,
        )
        assert trade.accepted[0] == vector["expected"], vector["id"]


def test_the_chain_buys_at_the_weights_that_follow_the_injection(pool_of):
    pool = pool_of(10**12, 10**13)
    one, two = np.array([10**9]), np.array([2 * 10**9])
    trade, accepted = inject_around_buy(pool, one, 5 * one, two)
    assert accepted.all()
    # the first bit of TAO pays P (1 + dx/x) / (1 + dy/y), a little less than the spot price P = 0.1
    first = 0.1 * (1 + 5e9 / 1e13) / (1 + 1e9 / 1e12)
    assert trade.output_rao[0] == pytest.approx(2e9 / first / (1 + 2e-3), rel=1e-5)
    assert trade.pool.tao_rao[0] == 10**12 + 3 * 10**9
    assert trade.pool.alpha_rao[0] == 10**13 + 5 * 10**9 - trade.output_rao[0]


def test_steady_buys_and_sales_pin_the_price_at_their_ratio(pool_of):
    # b = 0.2 TAO and f = 1 alpha in per block, k = 9e7: p* = b/f, half-life ln 2 sqrt(k / (b f)) / 2
    alpha, tao, k = 10_000, 9_000, 9e7
    pool, blocks = pool_of(tao * 10**9, alpha * 10**9), 30_000
    bought, sold = np.array([200_000_000 * 100]), np.array([10**9 * 100])
    tao_star, rate = np.sqrt(0.2 * k), np.sqrt(0.2 / k)
    start = np.arctanh(tao_star / tao)  # above the limit the path is the coth, whose inverse is this
    for _ in range(blocks // 100):
        pool = buy(pool, bought, fee_rate_u16=0).pool
        pool = sell(pool, sold, fee_rate_u16=0).pool
    expected = tao_star / np.tanh(rate * blocks + start)
    assert pool.tao_rao[0] / 1e9 == pytest.approx(expected, rel=2e-2)
    assert np.log(2) / (2 * rate) == pytest.approx(7352, abs=1)
    for _ in range(1000):
        pool = buy(pool, bought, fee_rate_u16=0).pool
        pool = sell(pool, sold, fee_rate_u16=0).pool
    assert spot_price(pool)[0] == pytest.approx(0.2, rel=1e-2)


def test_the_tao_reserve_climbs_along_a_tanh(pool_of):
    k, blocks, step = 9e7, 10_000, 10
    tao_star, rate = np.sqrt(0.2 * k), np.sqrt(0.2 / k)
    pool = pool_of(10**12, int(k / 1000) * 10**9)
    start = np.arctanh(1000 / tao_star)
    for _ in range(blocks // step):
        pool = buy(pool, np.array([200_000_000 * step]), fee_rate_u16=0).pool
        pool = sell(pool, np.array([10**9 * step]), fee_rate_u16=0).pool
    assert_allclose(pool.tao_rao / 1e9, tao_star * np.tanh(rate * blocks + start), rtol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tao_rao": np.array([-1])}, "an order must be >= 0"),
        ({"fee_rate_u16": U16_MAX}, "fee_rate_u16 must lie in"),
        ({"limit_price": 0.0}, "limit_price must be > 0"),
    ],
)
def test_impossible_orders_are_refused(pool_of, arguments, message):
    with pytest.raises(ValueError, match=message):
        buy(pool_of(10**9, 10**9), **({"tao_rao": np.array([1])} | arguments))
