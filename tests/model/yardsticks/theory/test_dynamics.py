"""Learning paths: the differential equations and fixed points themselves, then the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory import dynamics
from model.yardsticks.theory.contests import symmetric_contest

PRIZE = (50, 30, 15, 5)


def test_replicator_path_after_five():
    share = dynamics.replicator_path(5, (0.1, 0.2, 0.3, 0.4), PRIZE, 256)
    assert share == pytest.approx([0.443268, 0.285817, 0.171275, 0.099641], abs=1e-6)


def test_replicator_path_solves_its_equation():
    share, prize = np.array([0.1, 0.2, 0.3, 0.4]), np.array(PRIZE, dtype=float)
    for _ in range(50_000):
        payoff = prize / (256 * share)
        share = share + 1e-4 * share * (payoff - share @ payoff)
    assert share == pytest.approx(dynamics.replicator_path(5, (0.1, 0.2, 0.3, 0.4), PRIZE, 256), abs=1e-5)


@pytest.mark.parametrize(
    ("temperature", "share"),
    [
        (0.01, (0.494347, 0.300396, 0.152845, 0.052412)),
        (0.1, (0.451008, 0.298987, 0.173575, 0.076430)),
        (0.5, (0.357549, 0.278335, 0.209689, 0.154426)),
        (2.0, (0.289795, 0.259336, 0.234430, 0.216439)),
    ],
)
def test_quantal_response_of_four_subnets(temperature, share):
    assert dynamics.logit_equilibrium(PRIZE, 256, temperature) == pytest.approx(share, abs=1e-6)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=8), st.floats(0.01, 100))
def test_quantal_response_answers_itself(prize, temperature):
    share = dynamics.logit_equilibrium(prize, 64, temperature)
    payoff = np.array(prize) / (64 * share * temperature)
    answer = np.exp(payoff - payoff.max())
    np.testing.assert_allclose(answer / answer.sum(), share, atol=1e-7)


def test_hot_agents_spread_evenly_and_cold_ones_follow_the_prizes():
    assert dynamics.logit_equilibrium(PRIZE, 256, 1e6) == pytest.approx([0.25] * 4, abs=1e-5)
    assert dynamics.logit_equilibrium(PRIZE, 256, 1e-5) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=1e-4)


@pytest.mark.parametrize(("factor", "settles"), [(0.97, True), (1.03, False)])
def test_gradient_play_settles_below_its_largest_step(factor, settles):
    step = dynamics.largest_gradient_step(1000, 10, 1.3)
    assert step == pytest.approx(106.5089, abs=1e-4)
    rest = symmetric_contest(1000, 10, 1.3).effort
    effort = np.full(10, rest * 1.0001)
    for _ in range(200):
        total = effort.sum()
        effort = effort + factor * step * (1000 * (total - effort) / total**2 - 1.3)
    assert (abs(effort - rest).max() < 1e-4 * rest) == settles


def test_regret_bounds():
    assert dynamics.hedge_regret_bound(20_000, 10) == pytest.approx(151.74, abs=1e-2)
    assert dynamics.exp3_regret_bound(20_000, 10) == pytest.approx(1784.75, abs=1e-2)


def test_hedge_at_its_step_keeps_its_bound():
    n_rounds, n_choices = 2000, 10
    payoff = np.random.default_rng(11).random((n_rounds, n_choices)) * np.linspace(0.5, 1, n_choices)
    earned, total = 0.0, np.zeros(n_choices)
    for row in payoff:
        weight = np.exp(dynamics.hedge_step(n_rounds, n_choices) * (total - total.max()))
        earned += row @ weight / weight.sum()
        total += row
    assert total.max() - earned <= dynamics.hedge_regret_bound(n_rounds, n_choices)
