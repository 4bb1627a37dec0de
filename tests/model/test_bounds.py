"""Checks of a designer's numbers: the border itself, and the sentence beyond it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.bounds import one_of, shares, shown, whole_number, within
from model.scenario.frozen_map import FrozenMap


@settings(deadline=None, derandomize=True)
@given(st.floats() | st.integers(), st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_within_passes_finite_numbers_between_the_bounds_and_nothing_else(number, low, width):
    if low <= number <= low + width:
        within("field", number, low, low + width)
    else:
        with pytest.raises(ValueError, match=r"^field must be in "):
            within("field", number, low, low + width)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1, True, "1", None, [1.0], 10**400])
def test_within_names_field_rule_and_value_of_what_is_no_share(number):
    with pytest.raises(ValueError, match=r"^take must be .*\[0, 1\], is "):
        within("take", number, 0, 1)


def test_the_lower_bound_itself_can_be_excluded():
    within("price", 0, 0)
    with pytest.raises(ValueError, match=r"^price must be > 0, is 0$"):
        within("price", 0, 0, above=True)


def test_every_entry_of_a_table_of_lists_is_checked():
    within("weight", FrozenMap({"speed": 1.0, "quality": (0.5, 2.0)}), 0, 2)
    with pytest.raises(ValueError, match=r"^weight\.quality must be in \[0, 2\], is 3\.0$"):
        within("weight", FrozenMap({"speed": 1.0, "quality": (0.5, 3.0)}), 0, 2)


def test_shares_must_sum_to_one():
    shares("mix", [0.3, 0.7])
    with pytest.raises(ValueError, match=r"^mix must sum to 1, sums to 0\.9$"):
        shares("mix", [0.3, 0.6])
    with pytest.raises(ValueError, match=r"^mix must sum to 1, sums to 0$"):
        shares("mix", [])


def test_a_choice_that_is_none_lists_the_choices():
    with pytest.raises(ValueError, match=r"^kind must be one of pool, fixed, is 'poll' \(did you mean 'pool'\?\)$"):
        one_of("kind", "poll", ("pool", "fixed"))


@pytest.mark.parametrize("number", [5, np.int64(5), np.uint8(5)])
def test_a_whole_number_of_any_library_is_the_same_number(number):
    assert type(whole_number("seed", number)) is int
    assert whole_number("seed", number) == 5


@pytest.mark.parametrize("number", [-1, 1.0, True, "1", None, np.float64(1)])
def test_a_seed_that_is_no_whole_number_is_named(number):
    with pytest.raises(ValueError, match=r"^seed must be a whole number >= 0, is "):
        whole_number("seed", number)


def test_what_is_shown_of_a_value_is_short():
    deep = [1]
    for _ in range(10_000):
        deep = [deep]
    for value in ("x" * 10**6, deep, 10**10_000, dict.fromkeys(range(10**4))):
        assert len(shown(value)) < 200
    assert shown("miners.mix") == "'miners.mix'"
