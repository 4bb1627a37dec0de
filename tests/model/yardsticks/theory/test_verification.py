"""Audits: thresholds at which a lie stops paying, and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory import verification

amounts = st.floats(0.1, 100)


@settings(deadline=None, derandomize=True)
@given(amounts, st.floats(0.1, 1), amounts)
def test_at_the_threshold_a_lie_earns_nothing(gain, detection, fine):
    found = detection * verification.deterring_audit_rate(gain, detection, fine, confiscated=True)
    assert gain * (1 - found) - fine * found == pytest.approx(0, abs=1e-9)
    found = detection * verification.deterring_audit_rate(gain, detection, fine, confiscated=False)
    assert gain - fine * found == pytest.approx(0, abs=1e-9)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.001, 0.9), st.floats(0.01, 0.999))
def test_one_check_less_would_not_find_enough(cheating, confidence):
    n_checks = verification.spot_checks(cheating, confidence)
    assert verification.found_share(n_checks, cheating) >= confidence - 1e-12
    assert verification.found_share(n_checks - 1, cheating) < confidence + 1e-12


@settings(deadline=None, derandomize=True)
@given(amounts, amounts, amounts, amounts)
def test_inspection_game_leaves_both_indifferent(gain, fine, audit_cost, damage):
    audit_cost, damage = sorted((audit_cost, damage))
    game = verification.inspection_game(gain, fine, audit_cost, damage)
    assert gain * (1 - game.audit_rate) == pytest.approx(fine * game.audit_rate)
    assert game.cheat_rate * damage == pytest.approx(audit_cost)


def test_one_shot_thresholds():
    assert verification.deterring_audit_rate(4, 0.8, 11, confiscated=True) == pytest.approx(1 / 3)
    assert verification.deterring_audit_rate(4, 0.8, 11, confiscated=False) == pytest.approx(0.454545, abs=1e-6)


def test_spot_checks_for_one_lie_in_twenty():
    assert verification.spot_checks(0.05, 0.95) == 59
    assert verification.found_share(59, 0.05) == pytest.approx(0.951505, abs=1e-6)
    assert verification.found_share_without_replacement(59, 50, 1000) == pytest.approx(0.955849, abs=1e-6)
    assert verification.spot_checks(1.0, 0.95) == 1


def test_cheap_reentry_multiplies_the_audit_bill():
    removed = verification.deterring_audit_rate_repeated(5, 1, 0.99)
    assert removed == pytest.approx(0.050505, abs=1e-6)
    assert verification.deterring_audit_rate_reentry(5, 20) == 0.25


def test_a_higher_fine_lowers_audits_and_not_cheating():
    game, harsher = (verification.inspection_game(4, fine, 0.3, 2) for fine in (11, 22))
    assert game == pytest.approx((0.266667, 0.15), abs=1e-6)
    assert harsher.audit_rate < game.audit_rate
    assert harsher.cheat_rate == game.cheat_rate


def test_nobody_cheating_is_refused():
    with pytest.raises(ValueError, match="cheating_share must be in"):
        verification.spot_checks(0.0, 0.95)


def test_ends_of_ranges_have_an_answer_or_a_sentence():
    assert verification.deterring_audit_rate(0, 0.8, 11, confiscated=False) == 0
    assert verification.deterring_audit_rate(0, 0, 0, confiscated=True) == 0
    assert verification.deterring_audit_rate(4, 0.8, 0, confiscated=False) == np.inf
    assert verification.deterring_audit_rate(4, 0, 11, confiscated=True) == np.inf
    assert verification.deterring_audit_rate_repeated(5, 0, 0.99) == np.inf
    assert verification.deterring_audit_rate_repeated(5, 1, 1) == 0
    assert verification.deterring_audit_rate_reentry(5, 0) == np.inf
    assert verification.spot_checks(0.05, 0) == 0
    with pytest.raises(ValueError, match=r"confidence_share must be in \[0, 1\), is 1"):
        verification.spot_checks(0.05, 1)
    with pytest.raises(ValueError, match="gain must be > 0, is 0"):
        verification.inspection_game(0, 11, 0.3, 2)


def test_nobody_audits_where_an_audit_costs_more_than_a_lie():
    assert verification.inspection_game(4, 11, 10, 2) == (0.0, 1.0)
    assert verification.inspection_game(4, 11, 2, 2).cheat_rate == 1
