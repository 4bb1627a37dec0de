"""Paired differences: the arithmetic of pairs, intervals, and of how many seeds are enough."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.experiments.comparison.paired import differences, pair_differences, seeds_until_clear
from model.experiments.intervals import LARGEST_NEED, always_valid_quantile

amounts = st.lists(st.floats(-100, 100).map(lambda number: round(number, 3)), min_size=2, max_size=12)


def runs(a: list[float], b: list[float]) -> pd.DataFrame:
    """Table of runs of one measure; NaN for a run without a number."""
    rows = [
        {"side": side, "seed": seed, "users_value": value}
        for seed, pair in enumerate(zip(a, b, strict=True))
        for side, value in zip("AB", pair, strict=True)
    ]
    return pd.DataFrame(rows)


def only(a: list[float], b: list[float]) -> dict[str, float]:
    return differences(runs(a, b), ["users_value"]).iloc[0].to_dict()


def test_the_interval_is_that_of_the_pairs_at_any_number_of_seeds() -> None:
    a, b = [3.0, 5.0, 4.0, 8.0], [4.0, 5.5, 4.25, 10.0]
    row, half = only(a, b), always_valid_quantile(np.array(4)) * stats.sem([1.0, 0.5, 0.25, 2.0])
    assert (row["low"], row["high"]) == pytest.approx((0.9375 - half, 0.9375 + half))
    assert half > 1.5 * stats.ttest_rel(b, a).confidence_interval(0.95).high - 0.9375
    assert row["difference"] == pytest.approx(0.9375)
    assert row["sd"] == pytest.approx(np.std([1.0, 0.5, 0.25, 2.0], ddof=1))
    assert (row["a_mean"], row["b_mean"], row["seeds"]) == (5.0, 5.9375, 4)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(amounts)
def test_a_side_against_itself_differs_by_exactly_nothing(values: list[float]) -> None:
    row = only(values, values)
    assert (row["difference"], row["low"], row["high"], row["sd"]) == (0.0, 0.0, 0.0, 0.0)
    assert not row["clear"]
    assert math.isnan(row["seeds_needed"])


def test_a_measure_that_is_the_same_while_others_differ_has_no_interval() -> None:
    table = runs([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).assign(spend_tao=[1.0, 2.0, 3.0, 5.0, 4.0, 9.0])
    row = differences(table, ["users_value"]).iloc[0]
    assert (row["difference"], row["clear"]) == (0.0, False)
    assert math.isnan(row["low"])


@pytest.mark.parametrize(("n", "clear"), [(5, False), (6, True)])
def test_seeds_that_agree_to_the_last_digit_are_clear_when_there_are_enough(n: int, clear: bool) -> None:
    row = only([1.0 + seed for seed in range(n)], [1.25 + seed for seed in range(n)])
    assert (row["difference"], row["clear"]) == (0.25, clear)
    assert math.isnan(row["low"])


def test_counts_that_agree_may_differ_next_time() -> None:
    table = runs([4.0] * 8, [5.0] * 8).rename(columns={"users_value": "reward_nakamoto_participant"})
    row = differences(table, ["reward_nakamoto_participant"]).iloc[0]
    assert row["low"] < 0.9 < row["difference"] == 1.0
    few = differences(table[table["seed"] < 6], ["reward_nakamoto_participant"]).iloc[0]
    assert few["low"] < 0
    assert not few["clear"]


@settings(deadline=None, derandomize=True, max_examples=30)
@given(amounts, amounts)
def test_exchanging_the_sides_turns_the_difference_round(a: list[float], b: list[float]) -> None:
    n = min(len(a), len(b))
    there, back = only(a[:n], b[:n]), only(b[:n], a[:n])
    assert there["difference"] == pytest.approx(-back["difference"], abs=1e-12)
    assert there["low"] == pytest.approx(-back["high"], abs=1e-9, nan_ok=True)


def test_what_both_sides_share_cancels() -> None:
    luck = [10.0, -30.0, 55.0, 7.0]
    row = only(luck, [one + 2.0 for one in luck])
    assert (row["difference"], row["sd"], row["seeds_needed"]) == (2.0, 0.0, 6.0)


def test_a_seed_without_a_number_on_one_side_is_left_out() -> None:
    row = only([1.0, math.nan, 3.0], [2.0, 5.0, 5.0])
    assert (row["seeds"], row["a_mean"], row["difference"]) == (2, 2.0, 1.5)


def test_without_any_pair_there_is_no_number() -> None:
    row = only([math.nan], [1.0])
    assert row["seeds"] == 0
    assert all(math.isnan(row[name]) for name in ("difference", "low", "sd", "seeds_needed"))


def test_one_seed_has_a_difference_and_no_interval() -> None:
    row = only([1.0], [3.0])
    assert row["difference"] == 2.0
    assert all(math.isnan(row[name]) for name in ("low", "high", "sd", "seeds_needed"))


def test_rounding_is_no_difference() -> None:
    row = only([1000.0, 1001.0], [1000.0 + 1e-10, 1001.0])
    assert (row["difference"], row["sd"]) == (0.0, 0.0)


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(ValueError, match="no measure 'luck'"):
        differences(runs([1.0], [2.0]), ["luck"])


@pytest.mark.parametrize(("mean", "sd"), [(1.0, 1.0), (0.1, 1.0), (-3.0, 2.0), (0.5, 4.0)])
def test_the_seeds_needed_have_the_power_stated_and_one_fewer_has_not(mean: float, sd: float) -> None:
    n = int(seeds_until_clear(mean, sd))

    def power(seeds: int) -> float:
        quantile = float(always_valid_quantile(np.array(seeds)))
        return float(stats.nct.sf(quantile, seeds - 1, abs(mean) * math.sqrt(seeds) / sd))

    assert power(n) == pytest.approx(0.8, abs=0.02) or power(n - 1) < 0.8 <= power(n)


def test_a_difference_far_below_the_noise_has_no_number_of_seeds() -> None:
    assert math.isnan(seeds_until_clear(1.0, 2.0 * math.sqrt(LARGEST_NEED)))
    assert math.isnan(seeds_until_clear(1.0, math.nan))


def test_differences_by_seed_stand_under_their_measure() -> None:
    table = pair_differences(runs([1.0, 2.0], [4.0, 6.0]), ["users_value"])
    assert table.to_dict("list") == {"measure": ["users_value"] * 2, "difference": [3.0, 4.0]}
