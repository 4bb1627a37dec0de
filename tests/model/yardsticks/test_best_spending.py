"""The planner of money: optimality, closed forms and brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from model.yardsticks.best_spending import (
    Wants,
    best_spending,
    is_exact,
    misreading_efficiency,
    spending_by_seat,
    worth_in_place,
    yields,
)
from model.yardsticks.theory.allocation import best_spend_share, misreading_share
from model.yardsticks.value import users_value

VALUE = np.array([4.0, 3.0, 2.0, 1.0])
ALONE = np.ones((1, 1))


def wants(capability_weight, subnet_weight, exponent):
    return Wants(
        capability_weight=np.asarray(capability_weight, dtype=float),
        subnet_weight=np.asarray(subnet_weight, dtype=float),
        exponent=np.asarray(exponent, dtype=float),
    )


def one_miner(degree, value=VALUE):
    """A subnet's worth is value T^degree, whoever works there."""
    return wants(np.ones((len(value), 1)), value, np.full(len(value), degree))


def worth_of(spend, cost, productivity, want):
    """Users' value of spending (subnet, miner, capability)."""
    return users_value(spend / cost * productivity, want.capability_weight, want.subnet_weight, want.exponent)


networks = st.fixed_dictionaries(
    {
        "weight": arrays(np.float64, (3, 2), elements=st.floats(0.05, 1)),
        "work": st.floats(0.2, 1.4),
        "exponent": arrays(np.float64, (3,), elements=st.floats(0.2, 1)),
        "subnet_weight": arrays(np.float64, (3,), elements=st.floats(0.1, 10)),
        "cost": arrays(np.float64, (4, 2), elements=st.floats(0.1, 10)),
        "productivity": arrays(np.float64, (4, 2), elements=st.floats(0.1, 10)),
        "total": st.floats(0.1, 1000),
        "part": arrays(np.float64, (3, 4, 2), elements=st.floats(0.001, 1)),
    }
)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(networks)
def test_no_spending_of_the_same_money_is_worth_more_than_the_bound(net):
    weight = net["weight"] / net["weight"].sum(axis=1, keepdims=True) * net["work"]
    want = wants(weight, net["subnet_weight"], net["exponent"])
    subnets = yields(net["cost"], net["productivity"], want)
    plan = best_spending(net["total"], subnets)
    spend = net["part"] / net["part"].sum() * net["total"]
    assert worth_of(spend, net["cost"], net["productivity"], want) <= plan.bound * (1 + 1e-9)
    assert plan.value <= plan.bound * (1 + 1e-9)
    if (subnets.degree <= 1).all():
        assert plan.value == plan.bound


@settings(deadline=None, derandomize=True, max_examples=50)
@given(networks)
def test_the_plan_is_worth_what_it_says_and_spends_the_money(net):
    weight = net["weight"] / net["weight"].sum(axis=1, keepdims=True) * net["work"]
    want = wants(weight, net["subnet_weight"], net["exponent"])
    subnets = yields(net["cost"], net["productivity"], want)
    plan = best_spending(net["total"], subnets)
    by_seat = spending_by_seat(plan, subnets)
    split = weight / weight.sum(axis=1, keepdims=True)
    spend = by_seat[:, :, np.newaxis] * split[:, np.newaxis, :]
    assert spend.sum() == pytest.approx(net["total"], rel=1e-9)
    assert worth_of(spend, net["cost"], net["productivity"], want) == pytest.approx(plan.value, rel=1e-9)


@pytest.mark.parametrize("work", [0.6, 1.0])
def test_a_general_optimiser_finds_nothing_better(work):
    rng = np.random.default_rng(1)
    weight = rng.random((3, 2))
    weight *= work / weight.sum(axis=1, keepdims=True)
    want = wants(weight, rng.random(3) + 0.5, rng.uniform(0.4, 0.9, 3))
    cost, productivity = rng.uniform(0.5, 2, (3, 2)), rng.uniform(0.5, 2, (3, 2))

    def loss(logit):
        part = np.exp(logit - logit.max()).reshape(3, 3, 2)
        return -math.log(worth_of(5.0 * part / part.sum(), cost, productivity, want))

    found = max(math.exp(-minimize(loss, rng.standard_normal(18), method="L-BFGS-B").fun) for _ in range(2))
    best = best_spending(5.0, yields(cost, productivity, want)).value
    assert best == pytest.approx(found, rel=1e-3)
    assert found <= best * (1 + 1e-9)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.05, 0.95), st.floats(0.01, 1e4))
def test_money_is_shared_by_values_to_the_power_of_one_over_one_less_degree(degree, total):
    plan = best_spending(total, yields(ALONE, ALONE, one_miner(degree)))
    assert plan.allocation / total == pytest.approx(best_spend_share(VALUE, degree), abs=1e-9)


@pytest.mark.parametrize(
    ("share", "efficiency"),
    [
        (np.ones(4) / 4, 0.912871),
        (VALUE / 10, 0.982915),
        (VALUE**2 / 30, 1.0),
        (np.array([1.0, 0, 0, 0]), 0.730297),
        (VALUE[::-1] / 10, 0.791359),
    ],
)
def test_efficiency_of_shares_under_square_roots(share, efficiency):
    want = one_miner(0.5)
    best = best_spending(7.0, yields(ALONE, ALONE, want)).value
    delivered = worth_of((7 * share)[:, np.newaxis, np.newaxis], 1.0, 1.0, want)
    assert delivered / best == pytest.approx(efficiency, abs=1e-6)


def test_shares_under_slowly_falling_returns():
    plan = best_spending(1.0, yields(ALONE, ALONE, one_miner(0.7)))
    assert plan.allocation == pytest.approx([0.670082, 0.256842, 0.066481, 0.006596], abs=1e-6)


def test_constant_returns_send_all_money_to_the_best_miner_of_the_best_subnet():
    want = wants([[0.5, 0.5], [0.5, 0.5]], [1.0, 2.0], [1.0, 1.0])
    productivity = np.array([[1.0, 1.0], [4.0, 1.0], [1.0, 2.0]])
    subnets = yields(np.ones((3, 2)), productivity, want)
    plan = best_spending(10.0, subnets)
    assert spending_by_seat(plan, subnets).tolist() == [[0, 0, 0], [0, 10, 0]]
    assert plan.value == pytest.approx(2 * 5 * math.sqrt(4))


def test_a_subnet_of_constant_returns_takes_what_others_leave():
    want = wants(np.ones((2, 1)), [4.0, 1.0], [0.5, 1.0])
    # 4 sqrt(T) is worth 1 at the margin at T = 4.
    plan = best_spending(10.0, yields(ALONE, ALONE, want))
    assert plan.allocation == pytest.approx([4, 6])
    assert best_spending(3.0, yields(ALONE, ALONE, want)).allocation == pytest.approx([3, 0])


def test_one_subnet_of_rising_returns_takes_all_or_its_part():
    want = wants([[2.0], [2.0], [1.0]], [1.0, 1.5, 4.0], [1.0, 1.0, 0.5])
    plan = best_spending(10.0, yields(ALONE, ALONE, want))
    grid = np.linspace(0, 10, 100_001)
    best = (1.5 * grid**2 + 4 * np.sqrt(10 - grid)).max()
    assert plan.allocation[0] == 0
    assert plan.value == pytest.approx(best, rel=1e-4)
    assert plan.value < plan.bound < 1.1 * plan.value


def test_where_all_returns_rise_one_subnet_takes_everything_and_no_split_does_better():
    want = wants([[2.0], [1.5], [1.0]], [1.0, 4.0, 9.0], [1.0, 1.0, 1.0])
    subnets = yields(ALONE, ALONE, want)
    for total_tao, best in ((10.0, 4 * 10**1.5), (30.0, 30.0**2)):
        plan = best_spending(total_tao, subnets)
        assert plan.value == plan.bound == pytest.approx(best)
        split = np.random.default_rng(3).dirichlet(np.full(3, 0.3), 2000) * total_tao
        assert (split**subnets.degree @ subnets.scale).max() <= best * (1 + 1e-12)


@pytest.mark.parametrize(
    ("degree", "exact"),
    [((0.5, 1.0, 0.7), True), ((1.0, 1.4, 2.0), True), ((0.5, 1.4, 1.0), False)],
)
def test_the_best_is_certain_unless_rising_and_falling_returns_meet(degree, exact):
    want = wants(np.array(degree)[:, np.newaxis], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    assert is_exact(yields(ALONE, ALONE, want)) == exact


def test_a_miner_that_lacks_what_users_need_gets_nothing():
    want = wants([[0.5, 0.4]], [1.0], [1.0])
    subnets = yields(np.ones((2, 2)), np.array([[9.0, 0.0], [1.0, 1.0]]), want)
    assert subnets.seat_share.tolist() == [[0, 1]]
    nobody = yields(np.ones((1, 2)), np.array([[9.0, 0.0]]), want)
    assert best_spending(5.0, nobody) == ([0.0], 0.0, 0.0)


def test_no_money_is_worth_nothing():
    assert best_spending(0.0, yields(ALONE, ALONE, one_miner(0.5))).value == 0


@pytest.mark.parametrize(("degree", "sigma"), [(0.5, 0.25), (0.5, 0.5), (0.5, 1.0), (0.3, 0.5), (0.7, 0.4)])
def test_misreading_many_subnets_costs_what_the_limit_says(degree, sigma):
    many = yields(ALONE, ALONE, one_miner(degree, np.tile(VALUE, 500)))
    efficiency = misreading_efficiency(10.0, many, sigma, 4, 60)
    assert efficiency.mean() == pytest.approx(misreading_share(sigma, degree), abs=0.004)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.floats(0, 2), st.integers(0, 100))
def test_misreading_never_gains(sigma, key):
    efficiency = misreading_efficiency(10.0, yields(ALONE, ALONE, one_miner(0.5)), sigma, key, 5)
    assert (efficiency <= 1 + 1e-12).all()


def test_reading_without_error_is_the_planner_and_few_subnets_are_hard_to_confuse():
    few = yields(ALONE, ALONE, one_miner(0.5))
    assert misreading_efficiency(10.0, few, 0.0, 1, 3) == pytest.approx(np.ones(3))
    assert misreading_efficiency(10.0, few, 1.0, 1, 500).mean() > misreading_share(1.0) + 0.15


seats = st.fixed_dictionaries(
    {
        "weight": arrays(np.float64, (2, 2), elements=st.floats(0.05, 1)),
        "work": st.floats(0.3, 2),
        "cost_exponent": st.floats(1, 3),
        "exponent": st.floats(0.3, 1.5),
        "cost": arrays(np.float64, (2, 2, 2), elements=st.floats(0.2, 5)),
        "productivity": arrays(np.float64, (2, 2, 2), elements=st.floats(0.2, 5)),
        "held": arrays(np.bool_, (2, 2)),
        "spend": arrays(np.float64, (2, 2), elements=st.floats(0, 10)),
        "split": arrays(np.float64, (2, 2), elements=st.floats(0, 1)),
    }
)


def seated(world):
    """What users value, what money is worth, and users' value of a split of the seats' spending."""
    weight = world["weight"] / world["weight"].sum(axis=1, keepdims=True) * world["work"]
    want = wants(weight, [1.0, 2.0], [world["exponent"]] * 2)
    g, productivity = world["cost_exponent"], world["productivity"] * world["held"][:, :, np.newaxis]
    subnets = yields(world["cost"], productivity, want, g)

    def delivered(spend, split):
        money = spend[..., np.newaxis] * np.stack([split, 1 - split], axis=-1)
        output = productivity * (g * money / world["cost"]) ** (1 / g)
        return users_value(output, want.capability_weight, want.subnet_weight, want.exponent)

    return want, subnets, delivered


@settings(deadline=None, derandomize=True, max_examples=200)
@given(seats)
def test_value_is_at_most_the_best_mix_which_is_at_most_the_plan_of_the_seats(world):
    want, subnets, delivered = seated(world)
    spend = world["spend"] * world["held"]
    in_place = worth_in_place(spend, subnets, want)
    assert delivered(spend, world["split"]) <= in_place * (1 + 1e-9)
    assert in_place <= best_spending(spend.sum(), subnets).bound * (1 + 1e-9)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(seats)
def test_a_grid_of_splits_finds_the_best_mix_and_nothing_better(world):
    want, subnets, delivered = seated(world)
    spend = world["spend"] * world["held"]
    in_place = worth_in_place(spend, subnets, want)
    best = want.capability_weight[:, :1] / world["work"] * np.ones((2, 2))
    assert delivered(spend, best) == pytest.approx(in_place, rel=1e-12)
    # Seats of a subnet have one best split, whatever they are good at.
    grid = np.linspace(0, 1, 41)
    found = max(delivered(spend, np.array([[a, a], [b, b]])) for a in grid for b in grid)
    assert found <= in_place * (1 + 1e-9)
    assert found == pytest.approx(in_place, rel=5e-3)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(seats, st.floats(0.1, 20))
def test_a_grid_of_spending_finds_the_plan_of_three_seats_and_nothing_better(world, total):
    world = world | {"held": np.array([[True, True], [True, False]])}
    want, subnets, _ = seated(world)
    plan = best_spending(total, subnets)
    n = 80
    a, b = (index.ravel() for index in np.mgrid[0 : n + 1, 0 : n + 1])
    a, b = a[a + b <= n] / n, b[a + b <= n] / n
    spent = [np.array([[x, y], [1 - x - y, 0]]).clip(0) * total for x, y in zip(a, b, strict=True)]
    found = max(worth_in_place(spend, subnets, want) for spend in spent)
    assert found <= plan.bound * (1 + 1e-9)
    if is_exact(subnets):
        assert plan.bound == plan.value
        assert found == pytest.approx(plan.value, rel=2e-2)


@pytest.mark.parametrize("cost_exponent", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("exponent", [0.5, 1.0])
def test_equal_seats_in_equal_subnets_that_spend_alike_are_the_plan(cost_exponent, exponent):
    want = wants(np.full((3, 2), 0.5), np.ones(3), np.full(3, exponent))
    subnets = yields(np.full((3, 4, 2), 2.0), np.ones((3, 4, 2)), want, cost_exponent)
    spend = np.full((3, 4), 7.0)
    in_place = worth_in_place(spend, subnets, want)
    assert in_place == pytest.approx(best_spending(spend.sum(), subnets).value, rel=1e-12)


def test_a_seat_of_another_subnet_is_of_no_use():
    # The better seat is in the subnet that users do not value.
    want = wants(np.ones((2, 1)), [1.0, 0.0], np.ones(2))
    subnets = yields(np.ones((2, 1, 1)), np.array([[[1.0]], [[9.0]]]), want)
    plan = best_spending(3.0, subnets)
    assert plan.value == pytest.approx(3)
    assert spending_by_seat(plan, subnets).tolist() == [[3], [0]]
