"""Scored contests, multitask pay and Sybil arithmetic against optimality and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory import scoring

WEIGHTS = ((0.6, 0.3, 0.1), (0.9, 0.05, 0.05), (0.98, 0.01, 0.01))
shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(lambda w: np.array(w) / sum(w))


def test_spending_follows_the_score():
    ending = scoring.scored_contest(1000, 10, (0.6, 0.3, 0.1), (1, 2, 0.5))
    assert ending.spend == pytest.approx([54, 27, 9])
    assert ending.resource == pytest.approx([54, 13.5, 18])


@pytest.mark.parametrize(("scored", "share"), list(zip(WEIGHTS, (0.912547, 0.456273, 0.179737), strict=True)))
def test_goodhart_has_a_number(scored, share):
    assert scoring.scored_value_share((0.4, 0.4, 0.2), scored) == pytest.approx(share, abs=1e-6)


@settings(deadline=None, derandomize=True)
@given(shares, shares)
def test_value_of_a_wrong_score_is_that_of_its_spending(valued, scored):
    achieved, best = (np.prod(spend**valued) for spend in (scored, valued))
    assert scoring.scored_value_share(valued, scored) == pytest.approx(achieved / best)
    assert scoring.divergence(valued, scored) >= -1e-12


def test_what_is_valued_and_not_scored_costs_everything():
    assert scoring.scored_value_share((0.5, 0.5), (1.0, 0.0)) == 0
    assert scoring.scored_value_share((1.0, 0.0), (0.5, 0.5)) == pytest.approx(0.5)


def test_weights_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match=r"scored weights must sum to 1, sum to 0\.9"):
        scoring.scored_value_share((0.5, 0.5), (0.5, 0.4))


def test_pay_for_the_measured_task_is_cut_to_spare_the_other():
    paid = scoring.multitask_pay((1, 1.5), [[1, 0.5], [0.5, 1]], (0.1, np.inf), 2)
    assert paid.pay == pytest.approx([0.217391, 0], abs=1e-6)
    assert paid.effort == pytest.approx([0.289855, -0.144928], abs=1e-6)
    unrelated = scoring.multitask_pay((1, 1.5), np.eye(2), (0.1, np.inf), 2)
    assert unrelated.pay == pytest.approx([0.833333, 0], abs=1e-6)


def test_reward_on_speed_turns_negative_when_quality_suffers_more():
    assert scoring.multitask_pay((1, 2.5), [[1, 0.5], [0.5, 1]], (0.1, np.inf), 2).pay[0] < 0


def test_noisier_measurement_of_quality_lowers_the_pay_for_speed():
    pay = [scoring.multitask_pay((1, 1), [[1, 0.5], [0.5, 1]], (0.1, noise), 2).pay[0] for noise in (0.1, 1, 10)]
    assert pay[0] > pay[1] > pay[2]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=2), st.floats(0, 5))
def test_no_other_linear_pay_is_better_for_the_principal(step, risk):
    benefit, interaction, noise = np.array([1, 1.5]), np.array([[1, 0.4], [0.4, 2]]), np.array([0.3, 0.8])
    response = np.linalg.inv(interaction)

    def surplus(pay):
        effort = response @ pay
        return benefit @ effort - effort @ interaction @ effort / 2 - risk / 2 * (noise * pay**2).sum()

    best = scoring.multitask_pay(benefit, interaction, noise, risk).pay
    assert surplus(best) >= surplus(best + np.array(step)) - 1e-12


def test_splitting_effort_pays_below_decisiveness_one_only():
    assert scoring.sybil_factor(5, 0.5) == pytest.approx(2.236068, abs=1e-6)
    assert scoring.sybil_factor(5, 1) == 1
    assert scoring.sybil_factor(5, 1.5) < 1


def test_copies_against_nine_honest_uids():
    assert scoring.copies_against_honest(1000, 9, 7) == pytest.approx(26.8569, abs=1e-4)
    payoff = [scoring.copies_payoff(1000, m, 9, 7) for m in range(1, 60)]
    assert 1 + int(np.argmax(payoff)) == 27
    assert (payoff[26], payoff[0]) == pytest.approx((561, 93))


def test_four_operators_who_all_copy_burn_three_quarters():
    assert scoring.uid_race(1000, 4, 7) == pytest.approx((26.7857, 0.75), abs=1e-4)
