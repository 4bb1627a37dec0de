"""Named random streams: the same name gives the same draws, and no two names share them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.world.randomness import CohortDraws, poisson_by_place, stream, stream_key, uniform_by_person

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


def cohort(person, subnet=(0, 1, 2), member=(0, 1, 1)):
    return CohortDraws(7, np.array(person, np.uint64), np.array(member), np.array(subnet))


@pytest.mark.parametrize("law", ["uniform", "normal"])
@pytest.mark.parametrize("size", [(), (3,), (2, 3)])
def test_who_somebody_is_and_where_says_what_it_draws_and_nothing_else_does(law, size):
    drawn = getattr(cohort([10, 20]), law)("first", size)
    assert drawn.shape == (3, *size)
    # The same people in another order, among others.
    among = getattr(cohort([5, 20, 10], subnet=(2, 9, 0, 1), member=(1, 0, 2, 1)), law)("first", size)
    assert (among[[2, 3, 0]] == drawn).all()
    assert len(np.unique([drawn, getattr(cohort([10, 20]), law)("second", size)])) == 2 * drawn.size
    longer = getattr(cohort([10, 20]), law)("first", (*size[:-1], size[-1] + 4) if size else (4,))
    assert (longer[..., : size[-1]] == drawn).all() if size else (longer[..., 0] == drawn).all()


def test_a_member_draws_once_whatever_it_holds():
    draws = cohort([10, 20])
    once = draws.uniform("action", per="member")
    assert once.shape == (2,)
    assert (once == cohort([10, 20], subnet=(4,), member=(1,)).uniform("action", per="member")).all()
    with pytest.raises(ValueError, match='per must be "slot" or "member", is \'row\''):
        draws.uniform("action", per="row")


def test_draws_by_person_follow_their_laws():
    many = CohortDraws(3, np.arange(40_000, dtype=np.uint64), np.arange(40_000))
    assert many.uniform("u").mean() == pytest.approx(1 / 2, abs=4 / (12 * 40_000) ** 0.5)
    assert many.normal("z").std() == pytest.approx(1, abs=0.015)
    count = np.bincount(many.integers("k", 5))
    assert count == pytest.approx(np.full(5, 8000), abs=4 * 80)
    assert np.abs(np.corrcoef(many.normal("z", (3,)).T) - np.eye(3)).max() < 0.02
    exits = uniform_by_person(many.person_key, 9)
    assert abs(np.corrcoef(exits, many.uniform("u"))[0, 1]) < 0.02


def test_one_place_more_leaves_the_others_counts_alone():
    for mean in (0.7, 900.0):
        count = poisson_by_place(mean, 4000, 12)
        assert (poisson_by_place(mean, 4001, 12)[:-1] == count).all()
        assert abs(count.mean() - mean) < 4 * (mean / 4000) ** 0.5
