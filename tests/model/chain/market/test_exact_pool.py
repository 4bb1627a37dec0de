import mpmath
import numpy as np
import pytest

from model.chain.market import exact_pool, trade
from model.chain.market.exact_pool import UNIT, ExactPool, power_e18
from model.chain.market.pool import Pool, inject

THIRD_OF_WEIGHT = 4 * UNIT // 10


def exact_of(given_):
    return ExactPool(
        tao_rao=given_["tao_reserve"],
        alpha_rao=given_["alpha_reserve"],
        quote_weight_e18=given_["quote_weight_1e18"],
    )


def test_a_third_of_a_full_pool_pays_as_the_chains_own_example():
    # y = x = 21e15 rao, sell 7e15 at weights 0.6 and 0.4: (3/4)^1.5
    pool = ExactPool(tao_rao=21 * 10**15, alpha_rao=21 * 10**15, quote_weight_e18=THIRD_OF_WEIGHT)
    assert exact_pool.exponent_sell_e18(pool, 7 * 10**15) == 649_519_052_838_328_985


@pytest.mark.parametrize(
    ("ratio", "exponent", "power"),
    [((1, 4), (1, 2), 500_000_000_000_000_000), ((8, 27), (2, 3), 4 * UNIT // 9)],
)
def test_whole_powers_do_not_fall_one_unit_short(ratio, exponent, power):
    assert power_e18(*ratio, exponent) == power


def test_exponents_reproduce_the_chain(golden):
    for vector in golden("swap.json", "pool_exponent"):
        given_, expected = vector["inputs"], vector["expected"]
        weight = given_["quote_weight_1e18"]
        pool = ExactPool(tao_rao=given_["reserve_in"], alpha_rao=given_["reserve_in"], quote_weight_e18=weight)
        sold = exact_pool.exponent_sell_e18(pool, given_["delta_in"])
        bought = exact_pool.exponent_buy_e18(pool, given_["delta_in"])
        if "exponents_at_most" in expected:
            assert max(sold, bought) <= expected["exponents_at_most"] * UNIT
            continue
        out = given_["reserve_out"]
        seen = {"exp_base_quote": sold / UNIT, "exp_quote_base": bought / UNIT}
        seen |= {"out_base_quote": out * (UNIT - sold) / UNIT, "out_quote_base": out * (UNIT - bought) / UNIT}
        for name, value in expected.items():
            tolerance = max(vector["tol"].get(name, 1e-15), 1e-15)
            assert seen[name] == pytest.approx(value, abs=tolerance, rel=0), (vector["id"], name)


def test_rounded_products_reproduce_the_chain(golden):
    for vector in golden("swap.json", "weight_mul_round"):
        given_ = vector["inputs"]
        assert exact_pool.weight_mul_round(given_["weight_1e18"], given_["value"]) == vector["expected"]


def test_valid_weights_reproduce_the_chain(golden):
    for vector in golden("swap.json", "weight_valid"):
        assert exact_pool.weight_valid(vector["inputs"]["quote_weight_1e18"]) == vector["expected"]


def test_prices_reproduce_the_chain(golden):
    for vector in golden("swap.json", "pool_price"):
        price = exact_pool.price_e18(exact_of(vector["inputs"])) / UNIT
        assert price == pytest.approx(vector["expected"], abs=max(vector["tol"], 1e-15))


def test_amounts_to_a_price_reproduce_the_chain(golden):
    for vector in golden("swap.json", "delta_in_to_price"):
        given_ = vector["inputs"]
        base = UNIT - given_["quote_weight_1e18"]
        old, new = (round(given_[name] * 10**9) for name in ("price", "target_price"))
        weight, ratio = (base, (new, old)) if given_["side"] == "buy" else (UNIT - base, (old, new))
        assert exact_pool.input_to_price_ratio(given_["reserve_in"], weight, ratio) == vector["expected"]


def test_alpha_needed_reproduces_the_chain(golden):
    for vector in golden("swap.json", "alpha_needed_for_tao"):
        given_ = vector["inputs"]
        assert exact_pool.alpha_needed_for_tao(exact_of(given_), given_["tao_out"]) == vector["expected"]


def test_outputs_and_swaps_reproduce_the_chain(golden):
    for vector in golden("swap.json", "swap_output"):
        pool, delta = exact_of(vector["inputs"]), vector["inputs"]["delta_in"]
        assert exact_pool.sell(pool, delta, 0).output_rao == vector["expected"]["sell_alpha_tao_out"]
        assert exact_pool.buy(pool, delta, 0).output_rao == vector["expected"]["buy_alpha_out"]
    for vector in golden("swap.json", "swap"):
        given_ = vector["inputs"]
        done = getattr(exact_pool, given_["side"])(exact_of(given_), given_["amount_in"], given_["fee_rate_u16"])
        assert done.output_rao == vector["expected"]["amount_out"]
        assert done.input_rao == vector["expected"]["reserve_in_delta"]


def test_weights_after_injections_reproduce_the_chain(golden):
    for vector in golden("swap.json", "pool_add_liquidity"):
        given_, expected = vector["inputs"], vector["expected"]
        grown = exact_pool.inject(exact_of(given_), given_["tao_delta"], given_["alpha_delta"])
        assert grown.quote_weight_e18 / UNIT == pytest.approx(expected["quote_weight"], rel=1e-15)
        # the weight is a whole number of 10^-18, so the price is kept to a few of them
        assert exact_pool.price_e18(grown) / UNIT == pytest.approx(expected["price"], abs=4e-18, rel=4e-16)


def test_an_injection_that_would_tilt_the_weights_too_far_is_refused():
    assert exact_pool.inject(ExactPool(tao_rao=10**9, alpha_rao=10**9), 200 * 10**9, 0) is None


@pytest.mark.parametrize("reserves", [(10**12, 0), (0, 10**12), (0, 0)])
@pytest.mark.parametrize("added", [(0, 0), (5, 0), (0, 7), (5, 7)])
@pytest.mark.parametrize("weight", [UNIT // 2, 3 * UNIT // 10])
def test_the_first_unit_of_liquidity_is_taken_and_gives_the_price(reserves, added, weight):
    before = ExactPool(tao_rao=reserves[0], alpha_rao=reserves[1], quote_weight_e18=weight)
    grown = exact_pool.inject(before, *added)
    assert (grown.tao_rao, grown.alpha_rao) == (reserves[0] + added[0], reserves[1] + added[1])
    missing_comes = (not reserves[1] and reserves[0] and added[1]) or (not reserves[0] and reserves[1] and added[0])
    assert grown.quote_weight_e18 == (weight if missing_comes else UNIT // 2)
    if grown.tao_rao and grown.alpha_rao:
        assert exact_pool.price_e18(grown) > 0


def test_an_empty_pool_has_no_price_and_starts_with_equal_weights():
    empty = ExactPool(tao_rao=0, alpha_rao=0, quote_weight_e18=UNIT // 3)
    assert exact_pool.price_e18(empty) == 0
    assert exact_pool.exponent_buy_e18(empty, 0) == 0
    assert exact_pool.inject(empty, 5, 10).quote_weight_e18 == UNIT // 2


def session(n_orders):
    """Kind and amounts of mixed orders for a pool of about 10^13 TAO-rao and 10^14 alpha-rao."""
    rng = np.random.default_rng(20260630)
    for _ in range(n_orders):
        kind = rng.choice(["buy", "sell", "inject"], p=[0.4, 0.4, 0.2])
        size = 10 ** rng.uniform(3, 11.5)
        yield str(kind), int(size), int(size * rng.uniform(5, 15))


def test_a_mixed_session_stays_within_a_rao_of_sixty_digit_arithmetic():
    """Each order is computed from the same reserves in 60 digits, in whole rao and in float64."""
    exact = ExactPool(tao_rao=10**13, alpha_rao=10**14)
    worst_exact = worst_float = 0
    with mpmath.workdps(60):
        for kind, tao, alpha in session(400):
            floating = Pool(
                tao_rao=np.array([exact.tao_rao]),
                alpha_rao=np.array([exact.alpha_rao]),
                quote_weight=np.array([exact.quote_weight_e18 / UNIT]),
            )
            w2 = mpmath.mpf(exact.quote_weight_e18) / UNIT
            w1, y, x = 1 - w2, mpmath.mpf(exact.tao_rao), mpmath.mpf(exact.alpha_rao)
            if kind == "inject":
                grown, _ = inject(floating, np.array([tao]), np.array([alpha]))
                q1, q2 = w1 * y * (x + alpha), w2 * x * (y + tao)
                exact = exact_pool.inject(exact, tao, alpha)
                assert abs(exact.quote_weight_e18 - q2 / (q1 + q2) * UNIT) <= 1
                assert abs(mpmath.mpf(float(grown.quote_weight[0])) - q2 / (q1 + q2)) < 1e-15
                continue
            if kind == "buy":
                true = x * (1 - (y / (y + tao - tao * 33 // 65535)) ** (w2 / w1))
                done, float_done = exact_pool.buy(exact, tao), trade.buy(floating, np.array([tao]))
            else:
                true = y * (1 - (x / (x + alpha - alpha * 33 // 65535)) ** (w1 / w2))
                done, float_done = exact_pool.sell(exact, alpha), trade.sell(floating, np.array([alpha]))
            worst_exact = max(worst_exact, abs(done.output_rao - int(mpmath.floor(true))))
            worst_float = max(worst_float, abs(int(float_done.output_rao[0]) - int(mpmath.floor(true))))
            exact = done.pool
    assert worst_exact == 0
    assert worst_float <= 1


def test_float_pool_and_exact_pool_drift_apart_by_less_than_a_thousandth_of_a_millionth():
    exact = ExactPool(tao_rao=10**13, alpha_rao=10**14)
    floating = Pool(tao_rao=np.array([10**13]), alpha_rao=np.array([10**14]), quote_weight=np.array([0.5]))
    for kind, tao, alpha in session(400):
        if kind == "inject":
            exact = exact_pool.inject(exact, tao, alpha)
            floating, _ = inject(floating, np.array([tao]), np.array([alpha]))
        else:
            amount = tao if kind == "buy" else alpha
            exact = getattr(exact_pool, kind)(exact, amount).pool
            floating = getattr(trade, kind)(floating, np.array([amount])).pool
    assert abs(int(floating.tao_rao[0]) / exact.tao_rao - 1) < 1e-12
    assert abs(int(floating.alpha_rao[0]) / exact.alpha_rao - 1) < 1e-12


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ExactPool(tao_rao=-1, alpha_rao=1), "must be >= 0"),
        (lambda: ExactPool(tao_rao=1, alpha_rao=1, quote_weight_e18=10), "must leave both weights"),
        (
            lambda: exact_pool.alpha_needed_for_tao(ExactPool(tao_rao=5, alpha_rao=5), 5),
            r"must lie in 0\.\.4",
        ),
    ],
)
def test_impossible_pools_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
