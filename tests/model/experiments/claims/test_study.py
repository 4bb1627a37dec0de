"""Cases and verdicts: an interval inside what is claimed holds, outside it fails, across a border it is undecided."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.experiments.claims import CLAIMS, scale, study
from model.experiments.claims.study import FAILS, HOLDS, UNDECIDED, Measure, finding, play, verdict
from model.experiments.many import How

number = st.floats(-100, 100)


@settings(deadline=None, derandomize=True)
@given(number, st.floats(0, 50), number, st.floats(0.01, 50))
def test_exactly_one_verdict_fits_an_interval(low, width, claimed_low, claimed_width):
    high, claimed_high = low + width, claimed_low + claimed_width
    said = verdict(low, high, (claimed_low, claimed_high))
    inside, outside = claimed_low <= low and high <= claimed_high, high < claimed_low or low > claimed_high
    if inside:
        assert said == HOLDS
    elif not outside:
        # Within rounding of a border what lies across it counts as inside.
        assert said == UNDECIDED or min(abs(low - claimed_low), abs(high - claimed_high)) < 1e-6
    else:
        assert said in (FAILS, HOLDS)
        assert said == FAILS or min(abs(low - claimed_high), abs(high - claimed_low)) < 1e-6


def test_an_interval_is_students_and_a_single_value_has_none():
    what = Measure(quantity="x", unit="TAO", of=np.size, theory=2.0, claimed=(0.0, math.inf))
    row = finding("a", "s", "t", what, np.array([1.0, 2.0, 3.0]))
    # 4.303 is Student's t of two degrees of freedom.
    assert (row["low"], row["high"]) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), rel=1e-4)
    assert (row["sd"], row["verdict"]) == (1.0, UNDECIDED)
    alone = finding("a", "s", "t", what, np.array([1.0]))
    assert (alone["low"], alone["high"], alone["verdict"]) == (1.0, 1.0, HOLDS)
    assert math.isnan(alone["sd"])
    assert math.isnan(alone["claimed_high"])


def test_seeds_must_be_two_or_more_and_differ():
    for seeds in ([], [1], [2, 2]):
        with pytest.raises(ValueError, match="seeds must be two or more different numbers, are"):
            play([], seeds)


def test_a_broken_setting_is_told_with_the_name_of_its_case():
    case = replace(scale.cases()[0], settings={"epochs": 0})
    with pytest.raises(ValueError, match=r"claim a, reward over the firm's budget, reward 40 TAO.*: epochs must be"):
        play([case], [1, 2])


def test_a_case_is_run_with_every_seed_and_known_without_error_where_all_agree():
    found = play(scale.cases((40.0,), ()), [1, 2])
    assert set(found["seeds"]) == {2}
    alike = found["sd"] <= 1e-9 * found["mean"].abs()
    assert (found["low"] == found["high"]).equals(alike)


@pytest.mark.slow
def test_two_workers_find_what_one_finds():
    cases = scale.cases((40.0,), (), n_miners=6)
    assert play(cases, [1, 2], How(n_workers=2)).equals(play(cases, [1, 2]))


def test_what_a_run_varies_is_a_parameter_of_the_claim():
    answer = CLAIMS["a"].study([1, 2], prizes_tao=(90.0,), open_costs_tao=(), n_miners=10)
    capacity = answer.findings.iloc[0]
    assert capacity["theory"] == pytest.approx(90 * 9 / 20)
    assert capacity["mean"] == pytest.approx(40.5, rel=1e-3)
    assert capacity["verdict"] == HOLDS
    assert set(answer.findings["study"]) == {
        "reward over the firm's budget", "reward cut during the run", "600,000 times",
    }  # fmt: skip


def test_every_default_case_states_what_is_claimed():
    cases = [case for claim in CLAIMS.values() for case in claim.cases()]
    assert all(one.claimed[0] < one.claimed[1] for case in cases for one in case.measures)
    assert all(case.claim == letter for letter, claim in CLAIMS.items() for case in claim.cases())
    assert len(study.DEFAULT_SEEDS) >= 5
