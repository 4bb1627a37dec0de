"""Allocation over subnets: no gain from moving, and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory import allocation

PRIZE = (50, 30, 15, 5)
VALUE = np.array([4.0, 3.0, 2.0, 1.0])
prizes = st.lists(st.floats(0.1, 100), min_size=2, max_size=6)


@settings(deadline=None, derandomize=True)
@given(prizes, st.integers(1, 60))
def test_nobody_in_congestion_gains_by_moving(prize, n_agents):
    count = allocation.congestion_equilibrium(prize, n_agents)
    assert count.sum() == n_agents
    stay = np.array([p / n for p, n in zip(prize, count, strict=True) if n])
    move = np.array(prize) / (count + 1)
    assert stay.min() >= move.max() - 1e-12


@settings(deadline=None, derandomize=True)
@given(prizes, st.integers(1, 60))
def test_no_other_split_has_a_higher_potential(prize, n_agents):
    def potential(count):
        return sum(p * (1 / np.arange(1, n + 1)).sum() for p, n in zip(prize, count, strict=True))

    count = allocation.congestion_equilibrium(prize, n_agents)
    crowded = int(np.argmax(count))
    for other in range(len(prize)):
        moved = count.copy()
        moved[crowded] -= 1
        moved[other] += 1
        assert potential(count) >= potential(moved) - 1e-9


def test_congestion_of_256_agents():
    assert allocation.congestion_equilibrium(PRIZE, 256).tolist() == [129, 77, 38, 12]


def test_budgets_are_spent_as_the_prizes_stand():
    spent = allocation.budget_allocation((10, 4, 1, 25, 2.5), PRIZE)
    assert spent.sum(axis=1) == pytest.approx([10, 4, 1, 25, 2.5])
    assert spent[3] == pytest.approx([12.5, 7.5, 3.75, 1.25])


def test_hardware_need_not_follow_the_rewards():
    ending = allocation.contest_spending(PRIZE, (1, 0.5, 1, 0.25), (1, 1, 2, 1), 8)
    assert ending.resource == pytest.approx([5.46875, 1.640625, 0.820313, 0.136719], abs=1e-6)
    assert ending.spend_share == pytest.approx([0.615385, 0.184615, 0.184615, 0.015385], abs=1e-6)
    assert ending.capacity_share == pytest.approx([0.677966, 0.203390, 0.101695, 0.016949], abs=1e-6)


def test_spending_has_elasticity_one_in_the_reward():
    before, after = (allocation.contest_spending((p, 30), (1, 1), (1, 1), 8).resource[0] for p in (50, 100))
    assert allocation.elasticity(before, after, 50, 100) == pytest.approx(1)


def test_weak_side_of_many_fronts():
    assert allocation.lotto_weak_side(6, 10) == pytest.approx((0.3, 0.4))


def test_a_contest_lets_in_few_and_an_equal_split_many():
    assert allocation.contest_entrants(1000, 7) == 11
    assert allocation.equal_split_entrants(1000, 7) == 142
    profit = [1000 / n**2 - 7 for n in (11, 12)]
    assert profit == pytest.approx([1.2645, -0.0556], abs=1e-4)


@pytest.mark.parametrize(
    ("share", "efficiency"),
    [
        (np.ones(4) / 4, 0.912871),
        (VALUE / 10, 0.982915),
        (VALUE**2 / 30, 1.0),
        (np.array([1.0, 0, 0, 0]), 0.730297),
        (VALUE[::-1] ** 2 / 30, 2 / 3),
        (VALUE[::-1] / 10, 0.791359),
    ],
)
def test_efficiency_of_reward_shares_is_a_cosine(share, efficiency):
    assert allocation.alignment_share(VALUE, share) == pytest.approx(efficiency, abs=1e-6)
    cosine = VALUE @ np.sqrt(share) / np.linalg.norm(VALUE)
    assert allocation.alignment_share(VALUE, share) == pytest.approx(cosine)


def test_slowly_falling_returns_ask_for_more_on_the_best():
    best = allocation.best_spend_share(VALUE, 0.7)
    assert best == pytest.approx([0.670082, 0.256842, 0.066481, 0.006596], abs=1e-6)
    assert allocation.alignment_share(VALUE, np.ones(4) / 4, 0.7) == pytest.approx(0.840110, abs=1e-6)
    assert allocation.alignment_share(VALUE, VALUE / 10, 0.7) == pytest.approx(0.941263, abs=1e-6)


@pytest.mark.parametrize(("sigma", "share"), [(0.25, 0.9692), (0.5, 0.8825), (1.0, 0.6065)])
def test_misreading_costs_what_the_limit_says(sigma, share):
    assert allocation.misreading_share(sigma) == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize("degree", [0.3, 0.5, 0.7])
def test_limit_of_misreading_is_that_of_log_normal_moments(degree):
    # E v' ** (d / (1-d)) / (E v' ** (1 / (1-d))) ** d, with ln v' normal.
    sigma, power = 0.6, 1 / (1 - degree)

    def moment(exponent):
        return np.exp((exponent * sigma) ** 2 / 2)

    expected = moment(degree * power) / moment(power) ** degree
    assert allocation.misreading_share(sigma, degree) == pytest.approx(expected)


def test_open_network_outscales_a_firm_from_the_break_even_prize():
    assert allocation.open_capacity(100, 50, 2) == pytest.approx(49)
    ratio = allocation.break_even_prize(50, 2, 1)
    assert ratio == pytest.approx(2.0408, abs=1e-4)
    assert allocation.open_capacity(40 * ratio, 50, 2) == pytest.approx(40)


def test_the_ratio_of_networks_is_the_conversion_constant():
    hashes = 994.7e18
    assert allocation.compute_ratio(hashes, 1, 21.05e18) == pytest.approx(47.3, abs=0.1)
    assert allocation.compute_ratio(hashes, 12_697, 21.05e18) == pytest.approx(600_000, rel=1e-3)
    assert allocation.compute_ratio(hashes, 12_697, 9.288e18) == pytest.approx(1.36e6, rel=1e-3)
    assert allocation.compute_ratio(64, 1, 0.25) == 256


@pytest.mark.parametrize(("difficulty", "exahash"), [(138.96e12, 994.7), (124.93e12, 894.3)])
def test_hash_rate_of_a_difficulty(difficulty, exahash):
    assert allocation.hash_rate(difficulty) / 1e18 == pytest.approx(exahash, abs=0.1)


def test_hash_rate_moved_little_when_the_reward_halved():
    assert allocation.elasticity(655, 580, 1, 0.5) == pytest.approx(0.175, abs=1e-3)
