"""Intervals by Student's t."""

import math

import numpy as np
import pytest

from model.experiments.intervals import mean_interval, t_half_width


def test_the_interval_of_a_mean_is_students():
    mean, low, high = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    half = 3.182446 * math.sqrt(5 / 3) / 2
    assert (mean, low, high) == pytest.approx((2.5, 2.5 - half, 2.5 + half), abs=1e-6)


def test_a_single_value_has_a_mean_and_no_interval():
    mean, low, high = mean_interval(np.array([7.0]))
    assert mean == 7
    assert math.isnan(low)
    assert math.isnan(high)


def test_half_widths_of_many_means_are_those_of_each():
    half = t_half_width(np.array([1, 2, 4]), np.array([np.nan, 1.0, math.sqrt(5 / 3)]))
    assert half.tolist() == pytest.approx(
        [math.nan, 12.706205 / math.sqrt(2), 3.182446 * math.sqrt(5 / 3) / 2], nan_ok=True
    )
