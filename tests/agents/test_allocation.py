"""Sums, shares and draws within a miner's slots."""

from dataclasses import replace

import numpy as np
import pytest

from agents import allocation
from model.epoch.asking import draws_for


@pytest.fixture
def view(lone_miner):
    """Two miners in three subnets, slots in no order."""
    seen = lone_miner([9.0, 6.0, 3.0])
    order = np.array([0, 1, 2, 0, 1, 2])
    names = (
        "unit_cost_tao",
        "productivity",
        "resource",
        "score",
        "rival_power",
        "rival_score",
        "earned_tao",
        "paid_ratio",
    )
    by_slot = {name: getattr(seen, name)[order] for name in names}
    return replace(
        seen,
        slot_subnet=np.array([0, 1, 0, 2, 1, 2]),
        slot_miner=np.array([1, 0, 0, 1, 1, 0]),
        budget_tao=np.array([2.0, 8.0]),
        **by_slot,
    )


def test_sums_and_highest_run_over_the_slots_of_a_miner(view):
    amount = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    assert allocation.within_miner(view, amount).tolist() == [25, 38, 38, 25, 25, 38]
    assert allocation.highest_within_miner(view, amount).tolist() == [16, 32, 32, 16, 16, 32]


def test_a_purse_is_the_smaller_of_budget_and_wish(view):
    assert allocation.purse_tao(view, 0.25).tolist() == [4.5, 2.0, 2.0, 4.5, 4.5, 2.0]


def test_shares_of_spending_sum_to_one_and_start_as_told(view):
    first = np.array([1.0, 1.0, 3.0, 2.0, 1.0, 0.0])
    assert allocation.spend_share_by_slot(view, first) == pytest.approx([0.25, 0.25, 0.75, 0.5, 0.25, 0.0])
    spent = replace(view, resource=np.array([[2.0], [0.0], [0.0], [6.0], [0.0], [0.0]]))
    assert allocation.spend_share_by_slot(spent, first) == pytest.approx([0.25, 0.25, 0.75, 0.75, 0.0, 0.0])
    assert allocation.spend_share_by_slot(view, np.zeros(6)) == pytest.approx(1 / 3)


def test_a_softmax_survives_weights_that_no_float_could_hold_as_powers(view):
    log_weight = 1e5 + np.log(np.array([1.0, 1.0, 3.0, 2.0, 1.0, 4.0]))[:, np.newaxis]
    share = allocation.softmax_within_miner(view, log_weight)[:, 0]
    assert share == pytest.approx([1 / 4, 1 / 8, 3 / 8, 2 / 4, 1 / 4, 4 / 8])


def test_each_miner_draws_one_action_as_often_as_its_share_says(view):
    share = np.array([[0.1, 0.1], [0.0, 0.3], [0.2, 0.0], [0.3, 0.3], [0.1, 0.1], [0.25, 0.25]])
    people = np.arange(2, dtype=np.uint64)
    draws = np.array([allocation.drawn(view, share, draws_for(view, people, key)) for key in range(4000)])
    assert allocation.within_miner(view, draws[0].sum(axis=1)).tolist() == [1] * 6
    assert (draws.sum(axis=(1, 2)) == 2).all()
    assert draws.mean(axis=0) == pytest.approx(share, abs=0.03)
    assert not draws[:, share == 0].any()


def test_what_was_noted_is_found_where_the_slot_is_known(view):
    first = np.full((6, 2), 9.0)
    assert allocation.remembered(view, "worth", first) is first
    noted = np.arange(12.0).reshape(6, 2)
    known = np.array([True, False, True, True, False, True])
    kept = replace(view, memory={"worth": np.where(known[:, np.newaxis], noted, 0.0)}, known=known)
    found = allocation.remembered(kept, "worth", first)
    assert (found[known] == noted[known]).all()
    assert (found[~known] == 9).all()


def test_gains_run_from_all_spent_to_the_largest_pot_for_free(view):
    gain = allocation.gain_share(view, np.array([-2.0, 9.0, 0.0, 3.5, 3.5, 3.5]), np.full(6, 2.0))
    assert gain == pytest.approx([0, 1, 2 / 11, 0.5, 0.5, 0.5])
