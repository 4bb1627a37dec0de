import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.inheritance import (
    NO_RELATIONS,
    Relations,
    inherited_stake_rao,
    share_with_parents,
)


def relations(*pairs, same_owner=False):
    parent, child, proportion = zip(*pairs, strict=True)
    return Relations(
        parent=np.array(parent),
        child=np.array(child),
        proportion_share=np.array(proportion, dtype=float),
        same_owner=np.full(len(pairs), same_owner),
    )


@st.composite
def worlds(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 8))
    pairs = [(p, c) for p in range(n) for c in range(n) if p != c and rng.random() < 0.3] or [(0, 1)]
    parent, child = map(np.array, zip(*pairs, strict=True))
    links = Relations(
        parent=parent,
        child=child,
        proportion_share=rng.random(len(pairs)) / n,
        same_owner=rng.random(len(pairs)) < 0.5,
    )
    return links, rng.integers(0, 10**15, n), rng.integers(0, 10**15, n), rng.random(n)


@given(worlds())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_lending_moves_stake_but_makes_none(world):
    links, stake, _, _ = world
    assert abs(int(inherited_stake_rao(stake, links).sum()) - int(stake.sum())) <= 2 * len(stake)


def test_a_parent_that_lends_all_counts_nothing_and_its_child_both():
    assert inherited_stake_rao(np.array([100, 7, 5]), relations((0, 1, 1.0))).tolist() == [0, 107, 5]


def test_inheritance_is_one_level_deep():
    chain = relations((0, 1, 1.0), (1, 2, 1.0))
    assert inherited_stake_rao(np.array([100, 10, 1]), chain).tolist() == [0, 100, 11]


def test_without_relations_stake_is_unchanged_to_the_rao_even_beyond_float_precision():
    stake = np.array([[20 * 10**15 + 1, 3], [0, 5]])
    assert (inherited_stake_rao(stake, NO_RELATIONS) == stake).all()


def test_relations_reach_across_a_subnet_axis_by_flat_index():
    stake = np.array([[8, 0], [8, 0]])
    assert inherited_stake_rao(stake, relations((2, 3, 0.5))).tolist() == [[8, 0], [4, 4]]


@given(worlds(), st.floats(0, 0.18), st.floats(0, 0.5))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_received_and_burned_are_the_dividends(world, take, burn):
    links, alpha, root, dividend = world
    shared = share_with_parents(dividend, alpha, root, links, childkey_take_share=take, childkey_burn_share=burn)
    assert (shared.received.sum() + shared.burned.sum()) == pytest.approx(dividend.sum())
    assert (shared.received >= 0).all()


def test_parent_and_child_divide_by_contributed_stake():
    # the child keeps 40 of its own, the parent lends 60: 40 % and 60 % of 1
    shared = share_with_parents(np.array([0.0, 1.0]), np.array([120, 40]), np.zeros(2), relations((0, 1, 0.5)))
    assert_allclose(shared.received, [0.6, 0.4])


def test_childkey_take_and_burn_come_off_a_strangers_part_only():
    arguments = (np.array([0.0, 1.0]), np.array([120, 40]), np.zeros(2))
    settings_ = {"childkey_take_share": 0.1, "childkey_burn_share": 0.2}
    stranger = share_with_parents(*arguments, relations((0, 1, 0.5)), **settings_)
    assert_allclose(stranger.received, [0.6 * 0.7, 0.4 + 0.06])
    assert_allclose(stranger.burned, [0, 0.12])
    family = share_with_parents(*arguments, relations((0, 1, 0.5), same_owner=True), **settings_)
    assert_allclose(family.received, [0.6, 0.4])
    assert not family.burned.any()


def test_a_dividend_without_any_contributed_stake_stays_with_its_hotkey():
    shared = share_with_parents(np.array([0.0, 1.0]), np.zeros(2), np.zeros(2), relations((0, 1, 0.5)))
    assert shared.received.tolist() == [0, 1]


def test_without_relations_everybody_keeps_its_dividend():
    shared = share_with_parents(np.array([0.3, 0.7]), np.ones(2), np.ones(2), NO_RELATIONS)
    assert shared.received.tolist() == [0.3, 0.7]
    assert shared.burned.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (((0, 0, 0.5),), "parent must differ from child"),
        (((0, 1, 1.5),), r"must lie in \[0, 1\]"),
        (((0, 1, 0.6), (0, 2, 0.6)), "sum to at most 1"),
    ],
)
def test_impossible_relations_are_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        relations(*pairs)
