"""A frozen map is a mapping, never changes, and hashes as it compares."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scenario.frozen_map import FrozenMap

ITEMS = st.dictionaries(st.text(max_size=3), st.integers(), max_size=5)


@settings(deadline=None, derandomize=True)
@given(ITEMS)
def test_it_equals_the_mapping_it_was_made_of_whatever_the_order(items):
    backwards = FrozenMap(dict(reversed(items.items())))
    assert FrozenMap(items) == items
    assert FrozenMap(items) == backwards
    assert hash(FrozenMap(items)) == hash(backwards)


def test_it_keeps_the_order_given():
    assert list(FrozenMap({"b": 1, "a": 2})) == ["b", "a"]


def test_it_does_not_change_when_the_mapping_it_was_made_of_does():
    items = {"speed": 0.4}
    frozen = FrozenMap(items)
    items["speed"] = 0.9
    assert frozen == {"speed": 0.4}


def test_it_has_no_way_to_be_changed():
    with pytest.raises(TypeError):
        FrozenMap({"speed": 0.4})["speed"] = 0.9


def test_it_comes_back_from_a_pickle():
    frozen = FrozenMap({"speed": (0.4, 0.5)})
    assert pickle.loads(pickle.dumps(frozen)) == frozen
