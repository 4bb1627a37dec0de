"""A parameter outside its range or of another kind is answered with its name, the rule and the value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.parameters import NAMES_A_CAPABILITY, ONE_PER_SUBNET, Bounds, Capability, PerSubnet, fitted
from agents.registry import Registry

Half = Annotated[float, Bounds(0, 1, above=True)]
Count = Annotated[int, Bounds(1, 10)]
Many = Annotated[PerSubnet, Bounds(0, 5)]


def test_the_ends_of_a_range_belong_to_it_unless_told():
    assert fitted("tau of logit", Annotated[float, Bounds(0, 1)], 0) == 0
    assert fitted("tau of logit", Half, 1) == 1
    with pytest.raises(ValueError, match=r"^tau of logit must lie in \(0, 1\], is 0$"):
        fitted("tau of logit", Half, 0)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), True, "0.5", None, [0.5], {}])
def test_what_lies_outside_or_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^tau of logit must lie in \(0, 1\], is "):
        fitted("tau of logit", Half, value)


@pytest.mark.parametrize("value", [0, 11, 2.5, True, "2", 1e300, float("inf")])
def test_a_count_is_a_whole_number_in_its_range(value):
    with pytest.raises(ValueError, match=r"^levels of hedge must be a whole number in \[1, 10\], is "):
        fitted("levels of hedge", Count, value)


def test_a_whole_number_may_be_written_as_a_float_and_a_float_as_a_whole_number():
    count, share = fitted("levels", Count, 2.0), fitted("tau", Half, 1)
    assert (count, type(count), share, type(share)) == (2, int, 1.0, float)
    assert fitted("tier_size", tuple[int, ...], [8.0, 8]) == (8, 8)


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (Count, 10**40, "x must be at most 2**63, is a whole number of 133 bits"),
        (bool, "False", "x must be true or false, is 'False'"),
        (bool, 1, "x must be true or false, is 1"),
        (str, 1.0, "x must be a text, is 1.0"),
        (float, float("-inf"), "x must be finite, is -inf"),
        (Many, "a", "x must be a number or a list of numbers in [0, 5], is 'a'"),
        (Many, [[1.0]], "x must be a number or a list of numbers in [0, 5], is [[1.0]]"),
        (Many, [1.0, 6.0], "x must be a number or a list of numbers in [0, 5], is [1.0, 6.0]"),
        (tuple[int, ...], [1.5], "x must be a list of whole numbers, is [1.5]"),
        (tuple[str, float], ["a"], "x must be a list of numbers, is ['a']"),
        (Literal["a", "b"], "c", "x must be one of 'a', 'b', is 'c'"),
        (float | None, "a", "x must be a number or nothing, is 'a'"),
        (Half | None, 2.0, "x must be a number in (0, 1] or nothing, is 2.0"),
        (tuple[Half, ...], [0.5, 2.0], "x must be a list, is [0.5, 2.0]"),
        (Annotated[float | None, Bounds(0, 1)], 2.0, "x must be a number or nothing in [0, 1], is 2.0"),
        (Mapping[str, float], 3, "x must be Mapping, is 3"),
    ],
)
def test_each_kind_has_a_sentence_of_its_own(kind, value, sentence):
    with pytest.raises(ValueError) as raised:
        fitted("x", kind, value)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Literal["a", "b"], "b"), (float | None, None), (Annotated[float | None, Bounds(0, 1)], None),
     (Mapping[str, float], {"a": 1}), (Any, "a"), (tuple[str, ...], ("a",))],
)  # fmt: skip
def test_what_fits_its_kind_stays_as_it_is(kind, value):
    assert fitted("x", kind, value) == value


@given(st.sampled_from([np.float64, np.float32, np.int64, np.uint8]), st.integers(1, 5))
def test_values_of_numpy_are_taken_as_those_of_python(kind, number):
    value = fitted("x", Many, kind(number))
    assert (value, type(value)) == (number, float)
    assert fitted("x", Many, np.array([number, 1], kind)) == (number, 1.0)
    assert fitted("x", Count, kind(number)) == number
    assert fitted("x", bool, np.bool_(True)) is True


@pytest.fixture
def fruit():
    registry = Registry("fruit", variants=True)

    @registry.register("apple")
    @dataclass(frozen=True)
    class Apple:
        weight: Many
        colour: Capability = "red"
        ripe: bool = False
        seeds: list[int] = field(default_factory=list)

    return registry


def test_whoever_builds_an_entry_has_its_parameters_checked(fruit):
    apple = fruit.get("apple")
    assert apple([1, 2]).weight == (1.0, 2.0)
    sentence = r"^weight of apple must be a number or a list of numbers in \[0, 5\], is 9$"
    for build in (lambda: apple(weight=9), lambda: apple(9), lambda: fruit.build("apple", {"weight": 9}),
                  lambda: replace(apple(1), weight=9)):  # fmt: skip
        with pytest.raises(ValueError, match=sentence):
            build()
    with pytest.raises(TypeError):
        apple(1, weight=1)


def test_an_entry_says_which_of_its_parameters_mean_what(fruit):
    assert fruit.marked("apple", ONE_PER_SUBNET) == ("weight",)
    assert fruit.marked("apple", NAMES_A_CAPABILITY) == ("colour",)


def test_a_variant_stands_for_its_entry(fruit):
    assert fruit.get("apple-of_the-2nd") is fruit.get("apple")
    assert fruit.build("apple-late", {"weight": 2}) == fruit.build("apple", {"weight": 2})


@pytest.mark.parametrize(
    "name", ["apple-", "apple-a b", "apple-é", "apple-" + "a" * 41, "pear-late", "-late", "apple-\n", 3]
)
def test_a_name_that_is_no_variant_of_an_entry_is_refused(fruit, name):
    with pytest.raises(ValueError, match=r"^(no fruit |fruit must be a name)"):
        fruit.get(name)


def test_no_entry_may_look_like_a_variant(fruit):
    with pytest.raises(ValueError, match=r"^fruit 'apple-late' must have no hyphen in its name"):
        fruit.register("apple-late")(dataclass(frozen=True)(type("Late", (), {})))
