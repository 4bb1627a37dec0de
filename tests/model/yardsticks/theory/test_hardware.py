"""Hardware after its reward has moved: rented at once, owned as it wears out and as profits allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory.hardware import share_in_use

SHARE = st.floats(0.05, 0.5)
WEAR = st.floats(1e-3, 1.0)
RUNNING = st.floats(0.01, 0.99)
SPEND = st.floats(0.5, 0.99)


def test_rented_hardware_has_gone_in_the_first_epoch():
    assert share_in_use(1, 0.2, 0.01, 1.0, 0.9) == 0.2


def test_owned_hardware_is_all_there_in_the_first_epoch_if_it_pays_for_its_running():
    # At a third of the full cost three times as much is asked for, 0.6 of what there was and more than is owned.
    assert share_in_use(1, 0.2, 1 / 156, 1 / 3, 0.9) == 0.5


def test_what_does_not_pay_for_its_running_stands_still_at_once():
    # 0.9 x 0.2 / 0.9 of 0.45 is in use in the one, all of 0.45 in the other.
    assert share_in_use(1, 0.2, 1 / 156, 0.9, 0.9) == pytest.approx(0.2 / 0.65)


def test_two_epochs_of_a_known_case():
    # Profit 1 - 0.9 / 3 = 0.7, wear 0.45 / 10 of either, a unit costs (2 / 3) x 10.
    grown = 0.405 + 0.7 / (20 / 3)
    assert share_in_use(2, 0.2, 0.1, 1 / 3, 0.9) == pytest.approx(0.405 / (0.405 + grown))


@settings(deadline=None, derandomize=True)
@given(SHARE, WEAR, RUNNING, SPEND, st.integers(1, 60))
def test_it_never_leaves_faster_than_it_is_rented_away(reward, wear, running, spend, epochs):
    share = share_in_use(epochs, reward, wear, running, spend)
    assert reward - 1e-12 <= share <= 0.5 + 1e-12
    assert share_in_use(epochs + 1, reward, wear, running, spend) <= share + 1e-12


@settings(deadline=None, derandomize=True)
@given(SHARE, RUNNING, SPEND)
def test_in_the_long_run_hardware_follows_its_reward_as_far_as_old_stock_has_gone(reward, running, spend):
    assert share_in_use(400, reward, 0.1, running, spend) == pytest.approx(reward, abs=1e-9)
