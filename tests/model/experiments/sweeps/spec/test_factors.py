"""Factors: values or a range, and the values that a range has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.experiments.sweeps.spec.factors import Factor

SHARES = st.floats(0, 1)


@given(SHARES, st.sampled_from(["linear", "log"]), st.booleans())
@settings(deadline=None, derandomize=True)
def test_every_value_of_a_range_lies_in_it(share, scale, whole):
    factor = Factor(path="a.b", low=2, high=7, scale=scale, whole=whole)
    value = factor.at(share)
    assert 2 <= value <= 7
    assert not whole or type(value) is int


def test_whole_numbers_of_a_range_are_equally_likely():
    factor = Factor(path="a", low=1, high=4, whole=True)
    drawn = [factor.at((step + 0.5) / 400) for step in range(400)]
    assert [drawn.count(value) for value in (1, 2, 3, 4)] == [100] * 4


def test_levels_go_from_end_to_end_in_equal_steps_or_ratios():
    assert Factor(path="a", low=0, high=3).levels(4) == (0, 1, 2, 3)
    assert Factor(path="a", low=1, high=1000, scale="log").levels(4) == pytest.approx((1, 10, 100, 1000))
    assert Factor(path="a", low=1, high=2, whole=True).levels(4) == (1, 2)
    assert Factor(path="a", values=("x", "y")).levels(4) == ("x", "y")


def test_lists_and_tables_are_values_too_and_never_change():
    factor = Factor(path="emission", values=([1, 2], {"rule": "equal"}))
    assert factor.values == ((1, 2), {"rule": "equal"})
    assert hash(factor) == hash(Factor(path="emission", values=((1, 2), {"rule": "equal"})))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"path": "a..b", "values": (1,)}, "factors must name fields by dotted path, names 'a..b'"),
        ({"path": "seed", "values": (1,)}, "factors must not name seed: it is a field of the sweep itself"),
        ({}, "must be a list of values to try, or have values or low and high, has none"),
        ({"low": 2.0, "high": 1.0}, "high must be > 2, is 1.0"),
        ({"low": 0.0, "high": float("inf")}, "high must be finite, is inf"),
        ({"low": float("nan"), "high": 1.0}, "low must be finite, is nan"),
        ({"low": 0.0, "high": "1"}, "high must be a number"),
        ({"low": 0.0, "high": 1.0, "scale": "log"}, "low, on a log scale, must be > 0, is 0.0"),
        ({"low": 0.5, "high": 2.0, "whole": True}, "low and high must be whole numbers, are 0.5 and 2"),
        ({"low": 1.0, "high": 2.0, "scale": "cubic"}, "scale must be one of linear, log, is 'cubic'"),
        ({"low": 1.0, "high": 2.0, "kind": "luck"}, "kind must be one of lever, uncertainty, is 'luck'"),
        ({"values": (1, 2), "low": 1.0}, "must have values, or low and high with scale and whole, has both"),
        ({"values": (1, 1.0)}, "must hold different values, has 1.0 twice"),
        ({"values": (float("nan"),)}, "must be finite numbers, texts"),
        ({"values": (object,)}, "must be finite numbers, texts"),
    ],
)
def test_a_factor_that_cannot_be_varied_is_refused(fields, sentence):
    with pytest.raises(ValueError) as caught:
        Factor(**{"path": "a.b"} | fields)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("ends", "sentence"),
    [
        ({"low": -1e308, "high": 1e308}, "factors.'a': high - low must be finite, is 1e+308 - -1e+308"),
        ({"low": 1e-300, "high": 1e300, "scale": "log"},
         "factors.'a': high / low must be finite on a log scale, is 1e+300 / 1e-300"),
    ],
)  # fmt: skip
def test_a_range_too_wide_for_numbers_is_refused(ends, sentence):
    with pytest.raises(ValueError) as raised:
        Factor(path="a", **ends)
    assert str(raised.value) == sentence


def test_levels_of_a_range_are_found_by_the_numbers_that_people_write():
    assert Factor(path="a", low=0.1, high=0.5).levels(5) == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert Factor(path="a", low=1, high=1000, scale="log").levels(4) == (1, 10, 100, 1000)


def test_levels_of_a_range_too_narrow_for_fewer_digits_keep_all_of_theirs():
    low, high = 1.0, 1.0 + 8 * 2.0**-52
    levels = Factor(path="a", low=low, high=high).levels(5)
    assert levels == tuple(low + 2 * step * 2.0**-52 for step in range(5))
