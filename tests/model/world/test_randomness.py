"""Named random streams: the same name gives the same draws, and no two names share them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.world.randomness import stream, stream_key

BASELINE = 17942344962973565912  # of the key of (1, "audit", 7)
NAMES = st.tuples(st.integers(0, 2**63 - 1), st.lists(st.text(max_size=4) | st.integers(0, 99), max_size=4))


@settings(deadline=None, derandomize=True)
@given(NAMES, NAMES)
def test_keys_are_equal_exactly_when_the_names_are(one, other):
    same = one == other and [type(part) for part in one[1]] == [type(part) for part in other[1]]
    assert (stream_key(one[0], *one[1]) == stream_key(other[0], *other[1])) == same


def test_parts_of_a_name_do_not_run_into_each_other():
    keys = {
        stream_key(1, "miner", 12),
        stream_key(1, "miner1", 2),
        stream_key(11, "miner", 2),
        stream_key(1, "miner12"),
    }
    assert len(keys) == 4


def test_a_key_fits_64_bits_and_never_changes():
    assert 0 <= stream_key(0) < 2**64
    assert stream_key(1, "audit", 7) == BASELINE


def test_the_same_call_gives_the_same_draws():
    assert stream(3, "vote", 1).random(5).tolist() == stream(3, "vote", 1).random(5).tolist()


def test_streams_of_following_epochs_are_unrelated():
    draws = np.array([stream(3, "vote", epoch).standard_normal(500) for epoch in range(40)])
    correlation = np.corrcoef(draws) - np.eye(40)
    assert np.abs(correlation).max() < 0.25
    assert abs(draws.mean()) < 0.03
