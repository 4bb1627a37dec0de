"""Outcomes: one number of a run's epochs, and when a run may stop."""

import math

import numpy as np
import pytest

from model.experiments.sweeps.spec.outcomes import Outcome, Stop

VALUES = np.array([4.0, np.nan, 1.0, 3.0])


@pytest.mark.parametrize(
    ("over", "last_epochs", "number"),
    [
        ("last", 0, 3.0),
        ("mean", 0, 8 / 3),
        ("mean", 2, 2.0),
        ("mean", 3, 2.0),
        ("min", 0, 1.0),
        ("max", 0, 4.0),
        ("max", 2, 3.0),
        ("sum", 0, 8.0),
        ("sum", 99, 8.0),
    ],
)
def test_epochs_become_one_number_and_those_without_a_value_are_left_out(over, last_epochs, number):
    assert Outcome(measure="x", over=over, last_epochs=last_epochs).number(VALUES) == number


def test_a_measure_without_any_value_has_no_number():
    nothing = np.array([np.nan, np.nan])
    assert all(math.isnan(Outcome(measure="x", over=over).number(nothing)) for over in ("last", "mean", "max", "sum"))


def test_counts_stay_whole_numbers():
    counts = np.array([5, 2])
    assert [type(Outcome(measure="x", over=over).number(counts)) for over in ("last", "min", "mean")] == [
        int,
        int,
        float,
    ]


@pytest.mark.parametrize(
    ("outcome", "column"),
    [
        ({}, "x"),
        ({"over": "mean"}, "x_mean"),
        ({"over": "series"}, "x"),
        ({"table": "subnets", "across": "hhi"}, "x_hhi"),
        (
            {"table": "capabilities", "across": "sum", "where": {"capability": "quality"}, "over": "max"},
            "quality_x_sum_max",
        ),
        ({"over": "mean", "name": "own"}, "own"),
    ],
)
def test_an_outcome_is_called_after_what_it_is(outcome, column):
    assert Outcome(measure="x", **outcome).column == column


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"measure": ""}, "outcomes.measure must name a column"),
        ({"over": "median"}, "outcome 'x': over must be one of last, mean, min, max, sum, series, is 'median'"),
        ({"table": "uids"}, "table must be one of epochs, subnets"),
        ({"last_epochs": -1, "over": "mean"}, "last_epochs must be in"),
        ({"last_epochs": 2}, "last_epochs goes with mean, min, max or sum, is 2"),
        ({"across": "sum"}, "across and where need a table other than epochs"),
        ({"table": "subnets"}, "across must be one of sum, mean"),
    ],
)
def test_an_outcome_that_means_nothing_is_refused(fields, sentence):
    with pytest.raises(ValueError) as caught:
        Outcome(**{"measure": "x"} | fields)
    assert sentence in str(caught.value)


def test_a_run_may_stop_once_the_limit_was_passed_long_enough():
    low = Stop(measure="x", below=2.0, for_epochs=2)
    assert not low.holds(np.array([1.0]))
    assert not low.holds(np.array([1.0, 1.0, 2.0]))
    assert low.holds(np.array([5.0, 1.0, 1.9]))
    assert Stop(measure="x", above=2.0).holds(np.array([3.0]))
    assert not Stop(measure="x", above=2.0).holds(np.array([np.nan]))


@pytest.mark.parametrize("limits", [{}, {"above": 1.0, "below": 0.0}, {"above": math.nan}])
def test_a_stop_needs_one_limit(limits):
    with pytest.raises(ValueError, match="must have one limit, above or below"):
        Stop(measure="x", **limits)


@pytest.mark.parametrize("name", [" ", "a\x00", "a\nb", "a" * 101])
def test_a_column_has_a_name_that_can_be_read(name):
    with pytest.raises(ValueError, match=r"^outcome 'users_value': name must be 1 to 100 printable characters, is "):
        Outcome(measure="users_value", name=name)
