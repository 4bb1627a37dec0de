"""The planner of owned stocks: its bound holds, it never loses on the way, and hand-made cases."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from model.yardsticks.best_spending import Wants, best_spending, log_seat_yield, yields
from model.yardsticks.best_stock import best_for_stock
from model.yardsticks.value import users_value

networks = st.fixed_dictionaries(
    {
        "weight": arrays(np.float64, (3, 2), elements=st.floats(0.05, 1)),
        "work": st.floats(0.2, 1),
        "exponent": arrays(np.float64, (3,), elements=st.floats(0.2, 1)),
        "subnet_weight": arrays(np.float64, (3,), elements=st.floats(0.1, 10)),
        "stock": arrays(np.float64, (4, 2), elements=st.floats(0, 10)),
        "part": arrays(np.float64, (3, 4, 2), elements=st.floats(0.001, 1)),
    }
)


def want_of(net):
    weight = net["weight"] / net["weight"].sum(axis=1, keepdims=True) * net["work"]
    return Wants(capability_weight=weight, subnet_weight=net["subnet_weight"], exponent=net["exponent"])


def worth_of(part, want):
    return users_value(part, want.capability_weight, want.subnet_weight, want.exponent)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(networks)
def test_no_use_of_the_same_stocks_is_worth_more_than_the_bound(net):
    want = want_of(net)
    plan = best_for_stock(net["stock"], np.zeros((3, 4)), want.capability_weight, want)
    other = net["part"] / net["part"].sum(axis=0) * net["stock"]
    assert worth_of(other, want) <= plan.bound * (1 + 1e-9)
    assert plan.value == pytest.approx(worth_of(plan.allocation, want))
    assert plan.allocation.sum(axis=0) == pytest.approx(net["stock"])


@settings(deadline=None, derandomize=True, max_examples=50)
@given(networks)
def test_the_search_ends_near_its_bound_and_above_an_even_spread(net):
    want = want_of(net)
    plan = best_for_stock(net["stock"], np.zeros((3, 4)), want.capability_weight, want)
    assert plan.bound - plan.value <= 1e-4 * plan.value
    assert plan.value >= worth_of(np.broadcast_to(net["stock"] / 3, (3, 4, 2)), want) * (1 - 1e-12)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(networks)
def test_money_that_stays_with_its_miner_is_worth_no_more_than_money_that_moves(net):
    want = want_of(net)
    cost, money = np.ones((4, 2)), net["stock"].sum(axis=1, keepdims=True)
    work = want.capability_weight.sum(axis=1, keepdims=True)
    stays = best_for_stock(money, log_seat_yield(cost, cost, want), work, want)
    moves = best_spending(float(money.sum()), yields(cost, cost, want))
    hardware = best_for_stock(net["stock"], np.zeros((3, 4)), want.capability_weight, want)
    assert hardware.value <= stays.bound * (1 + 1e-9)
    assert stays.value <= moves.bound * (1 + 1e-9)


@pytest.mark.parametrize(("work", "exponent"), [(0.8, 0.6), (1.0, 0.5), (1.0, 1.0)])
def test_a_general_optimiser_finds_nothing_better(work, exponent):
    rng = np.random.default_rng(8)
    weight = rng.random((3, 2))
    weight *= work / weight.sum(axis=1, keepdims=True)
    want = Wants(capability_weight=weight, subnet_weight=rng.random(3) + 0.5, exponent=np.full(3, exponent))
    stock = rng.random((4, 2)) * 5

    def loss(logit):
        part = np.exp(logit.reshape(3, 4, 2))
        return -worth_of(part / part.sum(axis=0) * stock, want)

    found = max(-minimize(loss, rng.standard_normal(24), method="L-BFGS-B").fun for _ in range(2))
    plan = best_for_stock(stock, np.zeros((3, 4)), weight, want)
    assert plan.value == pytest.approx(found, rel=1e-4)
    assert found <= plan.bound * (1 + 1e-9)


def test_one_stock_of_one_kind_is_shared_by_water_filling():
    want = Wants(capability_weight=np.ones((4, 1)), subnet_weight=np.array([4.0, 3, 2, 1]), exponent=np.full(4, 0.7))
    plan = best_for_stock(np.ones((1, 1)), np.zeros((4, 1)), want.capability_weight, want, 1e-12)
    assert plan.allocation[:, 0, 0] == pytest.approx([0.670082, 0.256842, 0.066481, 0.006596], abs=5e-6)


def test_specialists_go_where_they_are_needed():
    # Two subnets, each of which wants one capability; one miner has each.
    want = Wants(capability_weight=np.eye(2), subnet_weight=np.array([1.0, 3.0]), exponent=np.ones(2))
    plan = best_for_stock(np.diag([5.0, 7.0]), np.zeros((2, 2)), np.eye(2), want)
    assert plan.value == pytest.approx(5 + 3 * 7, rel=1e-6)
    assert plan.bound == pytest.approx(26, rel=1e-6)


def test_empty_stocks_are_worth_nothing():
    want = Wants(capability_weight=np.full((2, 2), 0.5), subnet_weight=np.ones(2), exponent=np.ones(2))
    plan = best_for_stock(np.zeros((3, 2)), np.zeros((2, 3)), want.capability_weight, want)
    assert (plan.value, plan.bound) == (0, 0)
    assert not plan.allocation.any()


def test_rising_returns_leave_the_plan_without_a_bound():
    want = Wants(capability_weight=np.full((2, 1), 1.5), subnet_weight=np.array([1.0, 2.0]), exponent=np.ones(2))
    plan = best_for_stock(np.full((1, 1), 4.0), np.zeros((2, 1)), want.capability_weight, want)
    assert plan.value == pytest.approx(2 * 8)
    assert plan.bound == math.inf
