"""Alpha changes hands at the pool or at the desk, and not a rao is lost on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world import trading
from model.world.population import found
from model.world.rules import Rules
from model.world.state import begin

SMALL = {"subnets.count": 2, "subnets.n_validators": 1, "subnets.n_miners": 2, "market.outstanding_alpha": 0.0}


def market(kind, **values):
    """State and rules of two subnets that trade on a market of this kind."""
    given = {f"market.{name}": value for name, value in values.items()}
    scenario = with_values(Scenario(), SMALL | {"market.kind": kind} | given)
    return begin(scenario, found(scenario, 1), 1), Rules.of(scenario)


def rao(*amounts):
    return np.array(amounts, dtype=np.int64)


def held(state, proceeds_rao=0, kept_rao=0):
    """TAO, and alpha of each subnet, in accounts and in the hands of the sellers."""
    tao = state.tao_held_rao() + int(np.sum(proceeds_rao))
    return tao, (state.alpha_held_rao() + np.sum(kept_rao, axis=-1)).tolist()


@pytest.mark.parametrize("kind", ["pool", "fixed_price"])
@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    offered=st.lists(st.integers(0, 2 * 10**16), min_size=6, max_size=6),
    price=st.sampled_from([1e-5, 0.02, 0.37, 1.0, 1e6]),
    reserve=st.sampled_from([0.001, 10.0, 20_000.0]),
    fee=st.sampled_from([0.0, 33 / 65_535, 0.1]),
)
def test_a_sale_moves_tokens_and_makes_none(kind, offered, price, reserve, fee):
    if kind == "pool":
        price, reserve = max(price, 0.02), min(reserve, 10.0)
    state, rules = market(kind, price_tao_per_alpha=price, tao_reserve_tao=reserve)
    offered_rao = np.array(offered, dtype=np.int64).reshape(2, 3)
    tao, alpha = held(state)
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, fee)
    assert (proceeds_rao >= 0).all()
    assert ((kept_rao >= 0) & (kept_rao <= offered_rao)).all()
    assert held(state, proceeds_rao, kept_rao) == (tao, (alpha + offered_rao.sum(axis=1)).tolist())
    assert min(state.outside_tao_rao, *state.tao_reserve_rao, *state.alpha_reserve_rao) >= 0
    fair_rao = (offered_rao - kept_rao) * price
    assert (proceeds_rao <= fair_rao * (1 + 1e-9) + price + 1).all()


def test_the_desk_pays_its_price_from_the_reserve():
    state, rules = market("fixed_price", price_tao_per_alpha=[0.5, 2.0], tao_reserve_tao=10.0)
    offered_rao = rao([4, 10**9], [0, 3 * 10**9])
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, offered_rao, 0.1)
    assert proceeds_rao.tolist() == [[2, 5 * 10**8], [0, 6 * 10**9]]
    assert not kept_rao.any()
    assert state.tao_reserve_rao.tolist() == [10**10 - 2 - 5 * 10**8, 4 * 10**9]
    assert trading.price(state, rules).tolist() == [0.5, 2.0]


def test_the_world_outside_steps_in_when_the_reserve_is_empty():
    state, rules = market("fixed_price", price_tao_per_alpha=1.0, tao_reserve_tao=1.0)
    outside_rao = state.outside_tao_rao
    proceeds_rao, _ = trading.sell_for_tao(state, rules, rao([3 * 10**9], [0]), 0.0)
    assert proceeds_rao.tolist() == [[3 * 10**9], [0]]
    assert state.tao_reserve_rao.tolist() == [0, 10**9]
    assert outside_rao - state.outside_tao_rao == 2 * 10**9


def test_alpha_that_nobody_can_pay_for_is_given_back():
    state, rules = market("fixed_price", price_tao_per_alpha=1.0, tao_reserve_tao=1.0)
    state.outside_tao_rao, state.burned_tao_rao = 0, state.outside_tao_rao
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, rao([10**9, 3 * 10**9], [0, 0]), 0.0)
    assert proceeds_rao.tolist() == [[25 * 10**7, 75 * 10**7], [0, 0]]
    assert kept_rao.tolist() == [[75 * 10**7, 225 * 10**7], [0, 0]]


def test_more_than_all_tao_is_never_paid():
    state, rules = market("fixed_price", price_tao_per_alpha=1e6, tao_reserve_tao=1.0)
    supply = state.tao_held_rao()
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, np.full((2, 3), 10**16), 0.0)
    assert 0 < proceeds_rao.sum() <= supply
    # What was sold was sold at the price.
    assert proceeds_rao.sum() == pytest.approx((6 * 10**16 - kept_rao.sum()) * 1e6, rel=1e-3)


def test_the_pool_pays_the_constant_product_less_its_fee():
    state, rules = market("pool", price_tao_per_alpha=0.1, tao_reserve_tao=10_000.0)
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, rao([10**11, 0], [0, 0]), 0.0)
    assert proceeds_rao[0, 0] / 1e9 == pytest.approx(10_000 * 100 / 100_100, abs=1e-9)  # to the rao
    assert not kept_rao.any()
    state, rules = market("pool", price_tao_per_alpha=0.1, tao_reserve_tao=10_000.0)
    with_fee_rao, _ = trading.sell_for_tao(state, rules, rao([10**11, 0], [0, 0]), 0.01)
    assert with_fee_rao.sum() / proceeds_rao.sum() == pytest.approx(0.99, abs=1e-3)


def test_sellers_in_one_order_get_one_price():
    state, rules = market("pool", price_tao_per_alpha=0.1, tao_reserve_tao=100.0)
    proceeds_rao, _ = trading.sell_for_tao(state, rules, rao([10**11, 3 * 10**11], [0, 0]), 0.0)
    assert proceeds_rao[0, 1] / proceeds_rao[0, 0] == pytest.approx(3, rel=1e-9)


def test_demand_from_outside_lifts_the_price_and_is_limited_by_its_money():
    state, rules = market("pool", price_tao_per_alpha=0.1, tao_reserve_tao=1_000.0)
    tao, alpha = held(state)
    trading.buy_from_outside(state, rules, np.array([100.0, 0.0]))
    price = trading.price(state, rules)
    assert price == pytest.approx([0.1 * 1.1**2, 0.1], rel=1e-3)
    assert held(state) == (tao, alpha)
    state.burned_tao_rao, state.outside_tao_rao = state.outside_tao_rao - 10**9, 10**9
    trading.buy_from_outside(state, rules, np.array([1e30, 3e30]))
    assert 0 <= state.outside_tao_rao < 2 * 10**7
    assert held(state) == (tao, alpha)
