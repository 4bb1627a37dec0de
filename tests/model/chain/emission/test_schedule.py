import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.emission.schedule import (
    admit_epochs,
    blocks_until_next_auto_epoch,
    first_last_epoch_block,
    should_run_epoch,
)


def run(n_subnets, tempo, blocks, max_epochs_per_block=2):
    """Blocks at which each subnet's epoch runs, all registered in block 0 with the same phase."""
    last, trigger = np.zeros(n_subnets, dtype=np.int64), np.zeros(n_subnets, dtype=np.int64)
    tempos = np.full(n_subnets, tempo)
    ran = [[] for _ in range(n_subnets)]
    for block in range(1, blocks + 1):
        due = should_run_epoch(block, tempos, last, block - last, trigger)
        admitted = admit_epochs(block, due, trigger, max_epochs_per_block)
        trigger, last = admitted.trigger_block, np.where(admitted.runs, block, last)
        for netuid in np.flatnonzero(admitted.runs):
            ran[netuid].append(block)
    return ran


def test_blocks_until_the_next_epoch_reproduce_the_chain(golden):
    for vector in golden("schedule.json", "blocks_until_next_auto_epoch"):
        given_ = vector["inputs"]
        seen = blocks_until_next_auto_epoch(given_["last_epoch_block"], given_["tempo"], given_["block"])
        assert seen == vector["expected"], vector["id"]


@given(st.integers(0, 10**6), st.integers(1, 50_400), st.integers(0, 10**5))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_an_epoch_is_due_exactly_when_no_blocks_are_left(last, tempo, passed):
    block = last + passed
    due = should_run_epoch(block, np.array([tempo]), np.array([last]), np.array([0]), np.array([0]))
    assert due[0] == (blocks_until_next_auto_epoch(last, tempo, block) == 0)


def test_the_period_is_the_tempo():
    assert run(1, 360, 1100) == [[360, 720, 1080]]


def test_two_epochs_run_per_block_and_the_others_shift_for_good():
    assert run(5, 10, 21) == [[10, 20], [10, 20], [11, 21], [11, 21], [12]]


def test_a_dormant_subnet_is_never_due():
    due = should_run_epoch(10**6, np.array([0]), np.array([0]), np.array([10**6]), np.array([5]))
    assert not due[0]


def test_a_trigger_and_a_very_long_wait_make_an_epoch_due():
    tempo, last = np.array([60_000] * 3), np.array([90_000] * 3)
    due = should_run_epoch(100_000, tempo, last, np.array([10, 10, 50_401]), np.array([100_000, 100_001, 0]))
    assert due.tolist() == [True, False, True]


def test_a_trigger_is_cleared_by_its_epoch_and_kept_until_then():
    admitted = admit_epochs(7, np.array([True, False]), np.array([7, 9]))
    assert admitted.trigger_block.tolist() == [0, 9]


def test_new_subnets_start_in_phases_by_netuid():
    assert first_last_epoch_block(1000, np.array([3, 363]), np.array([360, 360])).tolist() == [997, 997]


def test_negative_blocks_are_refused():
    with pytest.raises(ValueError, match="must be >= 0"):
        blocks_until_next_auto_epoch(0, -1, 5)
    with pytest.raises(ValueError, match="max_epochs_per_block must be >= 1"):
        admit_epochs(1, np.array([True]), np.array([0]), 0)
