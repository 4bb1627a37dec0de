"""Contests: first-order conditions and identities, then the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.records.measures import hhi
from model.yardsticks.theory import contests

costs = st.lists(st.floats(0.1, 10), min_size=2, max_size=12)
COSTS = [1, 1.1, 1.25, 1.4, 2, 3]


@settings(deadline=None, derandomize=True)
@given(costs)
def test_nobody_in_the_oligopoly_gains_by_another_effort(cost):
    ending = contests.oligopoly(1000.0, cost)
    effort = ending.share * ending.total_effort
    best = contests.best_response(1000.0, ending.total_effort - effort, cost)
    np.testing.assert_allclose(effort, best, atol=1e-6 * ending.total_effort)
    assert ending.share.sum() == pytest.approx(1)


@settings(deadline=None, derandomize=True)
@given(costs, st.floats(1, 3))
def test_entry_above_the_critical_cost_changes_nothing(cost, factor):
    before = contests.oligopoly(1000.0, cost)
    after = contests.oligopoly(1000.0, [*cost, before.critical_cost * factor])
    assert after.critical_cost == pytest.approx(before.critical_cost)
    np.testing.assert_allclose(after.share, [*before.share, 0], atol=1e-9)


@settings(deadline=None, derandomize=True)
@given(costs)
def test_total_profit_of_the_oligopoly_is_the_concentration_of_its_shares(cost):
    ending = contests.oligopoly(250.0, cost)
    assert ending.profit.sum() / 250 == pytest.approx(hhi(ending.share))


@settings(deadline=None, derandomize=True)
@given(costs)
def test_an_active_miner_bounds_every_cheaper_ones_share_from_below(cost):
    ending = contests.oligopoly(1.0, cost)
    dearest = max(c for c, share in zip(cost, ending.share, strict=True) if share > 0)
    assert (ending.share >= 1 - np.array(cost) / dearest - 1e-12).all()


@settings(deadline=None, derandomize=True)
@given(costs)
def test_convex_costs_keep_everyone_in(cost):
    ending = contests.quadratic_oligopoly(1000.0, cost)
    effort = ending.share * ending.total_effort
    marginal_revenue = 1000 * (1 - ending.share) / ending.total_effort
    np.testing.assert_allclose(marginal_revenue, np.array(cost) * effort, rtol=1e-9)
    assert (ending.share > 0).all()
    assert ending.share.sum() == pytest.approx(1, abs=1e-12)


@settings(deadline=None, derandomize=True)
@given(st.integers(2, 200), st.floats(0.1, 1000), st.floats(0.1, 10))
def test_equal_costs_make_the_oligopoly_a_symmetric_contest(n_miners, prize, cost):
    equal, general = (
        contests.symmetric_contest(prize, n_miners, cost),
        contests.oligopoly(prize, np.full(n_miners, cost)),
    )
    assert general.total_effort == pytest.approx(n_miners * equal.effort)
    assert general.profit == pytest.approx(np.full(n_miners, equal.profit))


def test_symmetric_contest_of_seven():
    whole = contests.symmetric_contest(1000, 7, 1.3)
    assert whole.effort == pytest.approx(94.1915, abs=1e-4)
    assert 1000 * whole.dissipation_share == pytest.approx(857.1429, abs=1e-4)
    assert whole.profit == pytest.approx(20.4082, abs=1e-4)
    assert contests.symmetric_contest(1000, 7, 1.3, 0.8).effort == pytest.approx(75.3532, abs=1e-4)


def test_decisiveness_beyond_the_threshold_ruins_the_contestants():
    below, beyond = (contests.symmetric_contest(1000, 7, 1.3, factor * 7 / 6) for factor in (0.999, 1.001))
    assert (below.profit, beyond.profit) == pytest.approx((0.1429, -0.1429), abs=1e-4)
    assert below.exists
    assert not beyond.exists


def test_oligopoly_of_six():
    ending = contests.oligopoly(1000, COSTS)
    assert ending.critical_cost == pytest.approx(1.583333, abs=1e-6)
    assert ending.share == pytest.approx([0.368421, 0.305263, 0.210526, 0.115789, 0, 0], abs=1e-6)
    assert ending.total_effort == pytest.approx(631.5789, abs=1e-4)
    assert ending.profit == pytest.approx([135.7341, 93.1856, 44.3213, 13.4072, 0, 0], abs=1e-4)
    assert hhi(ending.share) == pytest.approx(0.286648, abs=1e-6)


@pytest.mark.parametrize(("n_miners", "share"), [(10, 0.265306), (128, 0.205008)])
def test_one_miner_a_fifth_cheaper_holds_at_least_a_fifth(n_miners, share):
    ending = contests.oligopoly(1.0, [0.8] + [1.0] * (n_miners - 1))
    assert ending.share[0] == pytest.approx(share, abs=1e-6)


def test_convex_contest_of_seven_and_of_six_unequal_ones():
    equal = contests.convex_contest(1000, 7, 1.3, 2)
    assert equal.effort == pytest.approx(9.705232, abs=1e-6)
    assert equal.dissipation_share == pytest.approx(0.428571, abs=1e-6)
    unequal = contests.quadratic_oligopoly(1000, COSTS)
    assert unequal.total_effort == pytest.approx(59.012949, abs=1e-6)
    assert unequal.share == pytest.approx([0.223088, 0.207006, 0.186806, 0.170197, 0.125548, 0.087355], abs=1e-6)
    assert hhi(unequal.share) == pytest.approx(0.179876, abs=1e-6)


def test_convex_contest_with_linear_cost_is_the_symmetric_one():
    assert contests.convex_contest(1000, 7, 1.3, 1) == pytest.approx(contests.symmetric_contest(1000, 7, 1.3))


def test_two_bidders_who_both_pay():
    pair = contests.all_pay_pair(10, 6)
    assert sum(pair.expected_effort) == pytest.approx(4.8)
    assert pair.win_share == pytest.approx((0.7, 0.3))
    assert pair.payoff == (4, 0)
    assert pair.abstain_share == pytest.approx(0.4)
    # What the strong one keeps is what it wins less what it pays.
    assert pair.win_share[0] * 10 - pair.expected_effort[0] == pytest.approx(pair.payoff[0])
    assert pair.win_share[1] * 6 - pair.expected_effort[1] == pytest.approx(pair.payoff[1])


def test_equal_bidders_spend_the_prize_and_lose_nearly_half_of_it():
    field = contests.all_pay_field(100, 5)
    assert field == pytest.approx((20, 100, 55.5556), abs=1e-4)
    # E max of n draws of F(x) = (x/V)^(1/(n-1)).
    quantile = 100 * (np.arange(200_000) + 0.5) ** 4 / 200_000**4
    best = np.diff(((np.arange(200_001)) / 200_000) ** 5)
    assert (quantile * best).sum() == pytest.approx(field.best_effort, rel=1e-4)


def test_tournament_effort_falls_with_noise():
    assert contests.tournament_effort(10, 2, 1.5) == pytest.approx(0.940316, abs=1e-6)
    assert contests.tournament_effort(10, 2, 3.0) == pytest.approx(0.940316 / 2, abs=1e-6)


def test_softmax_contest_of_ten():
    ending = contests.softmax_contest(100, 10, 4, 3)
    assert ending.effort == pytest.approx(0.75)
    assert ending.profit == pytest.approx(9.15625)


def test_a_contest_of_one_and_a_weak_first_bidder_are_refused():
    for refused in (
        lambda: contests.symmetric_contest(1, 1),
        lambda: contests.oligopoly(1, [1.0]),
        lambda: contests.all_pay_field(1, 1),
    ):
        with pytest.raises(ValueError, match="at least 2 miners, has 1"):
            refused()
    with pytest.raises(ValueError, match="the larger one first, are 6 and 10"):
        contests.all_pay_pair(6, 10)
