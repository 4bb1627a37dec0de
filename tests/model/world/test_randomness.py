"""Named random streams: the same name gives the same draws, and no two names share them."""

import numpy as np
import pytest
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


def test_normal_draws_have_the_shape_asked_for_and_follow_one_another():
    rng, again = stream(4, "shape"), stream(4, "shape")
    assert isinstance(rng.standard_normal(), float)
    assert rng.standard_normal((2, 3)).shape == (2, 3)
    assert rng.normal([1.0, 100.0], 1e-9) == pytest.approx([1.0, 100.0])
    flat = [again.standard_normal() for _ in range(7)]
    assert stream(4, "shape").standard_normal(7).tolist() == flat


def test_counts_have_the_mean_and_the_variance_of_a_poisson_law():
    for mean in (0.3, 40.0, 1000.0):
        count = stream(5, "count", str(mean)).poisson(mean, 20_000)
        assert abs(count.mean() - mean) < 4 * (mean / 20_000) ** 0.5
        assert count.var() == pytest.approx(mean, rel=0.05)
    assert isinstance(stream(5, "one").poisson(2.0), int)


def test_streams_of_following_epochs_are_unrelated():
    draws = np.array([stream(3, "vote", epoch).standard_normal(500) for epoch in range(40)])
    correlation = np.corrcoef(draws) - np.eye(40)
    assert np.abs(correlation).max() < 0.25
    assert abs(draws.mean()) < 0.03
