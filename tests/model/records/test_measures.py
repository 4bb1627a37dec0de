"""Concentration measures against their definitions, the table of edge cases, and known distributions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.records import measures
from model.world.randomness import stream

exact = settings(deadline=None, derandomize=True, max_examples=60)

amounts = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e6, allow_subnormal=False)).filter(
    lambda amount: amount.sum() > 1e-6
)

EVERY_MEASURE = [
    measures.gini,
    measures.gini_unbiased,
    measures.hhi,
    measures.effective_number,
    measures.nakamoto,
    measures.theil,
    lambda amount: measures.top_share(amount, 2),
]


def mean_difference_gini(amount):
    """Gini by its definition: mean absolute difference of all pairs over twice the mean."""
    return np.abs(amount[:, None] - amount[None, :]).mean() / (2 * amount.mean())


# Theorems


@exact
@given(amounts)
def test_gini_is_half_the_relative_mean_difference(amount):
    assert measures.gini(amount) == pytest.approx(mean_difference_gini(amount), abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 10, 256])
def test_one_holder_of_everything_reaches_each_upper_bound(n):
    amount = np.zeros(n)
    amount[n // 2] = 3.0
    assert measures.gini(amount) == pytest.approx((n - 1) / n)
    assert measures.gini_unbiased(amount) == pytest.approx(1.0)
    assert measures.theil(amount) == pytest.approx(math.log(n))
    assert measures.hhi(amount) == 1.0
    assert measures.effective_number(amount) == 1.0
    assert measures.nakamoto(amount) == 1


@pytest.mark.parametrize("n", [1, 2, 3, 7, 256])
def test_equal_holders_have_no_inequality_and_an_effective_number_of_n(n):
    amount = np.full(n, 0.1)
    assert measures.gini(amount) == pytest.approx(0.0, abs=1e-15)
    assert measures.theil(amount) == pytest.approx(0.0, abs=1e-15)
    assert measures.effective_number(amount) == pytest.approx(n)
    assert measures.nakamoto(amount) == n // 2 + 1


@exact
@given(amounts, st.floats(1e-3, 1e3))
def test_scale_changes_nothing(amount, factor):
    for measure in EVERY_MEASURE:
        assert measure(amount * factor) == pytest.approx(measure(amount), rel=1e-9, abs=1e-12, nan_ok=True)


@exact
@given(amounts, st.randoms(use_true_random=False))
def test_order_changes_nothing(amount, shuffler):
    order = list(range(amount.size))
    shuffler.shuffle(order)
    for measure in EVERY_MEASURE:
        assert measure(amount[order]) == pytest.approx(measure(amount), rel=1e-12, abs=1e-12, nan_ok=True)


@exact
@given(amounts, st.integers(2, 5))
def test_copying_the_population_keeps_gini_and_theil_and_divides_hhi(amount, copies):
    copied = np.tile(amount, copies)
    assert measures.gini(copied) == pytest.approx(measures.gini(amount), abs=1e-12)
    assert measures.theil(copied) == pytest.approx(measures.theil(amount), abs=1e-12)
    assert measures.hhi(copied) == pytest.approx(measures.hhi(amount) / copies)


@exact
@given(amounts, st.integers(1, 20))
def test_holders_of_nothing_raise_gini_and_leave_hhi_and_nakamoto_alone(amount, n_more):
    more = np.concatenate([amount, np.zeros(n_more)])
    assert measures.gini(more) > measures.gini(amount)
    assert measures.hhi(more) == pytest.approx(measures.hhi(amount))
    assert measures.nakamoto(more) == measures.nakamoto(amount)
    assert measures.top_share(more, 1) == pytest.approx(measures.top_share(amount, 1))


@exact
@given(amounts, st.integers(0, 20))
def test_empty_slots_outside_the_stated_population_change_nothing(amount, n_empty):
    padded = np.concatenate([np.zeros(n_empty), amount])
    assert measures.gini(padded, amount.size) == pytest.approx(measures.gini(amount), abs=1e-12)
    assert measures.theil(padded, amount.size) == pytest.approx(measures.theil(amount), abs=1e-12)


@exact
@given(amounts, st.integers(0, 20))
def test_a_population_beyond_the_slots_counts_as_holders_of_nothing(amount, n_more):
    padded = np.concatenate([np.zeros(n_more), amount])
    assert measures.gini(amount, amount.size + n_more) == pytest.approx(measures.gini(padded), abs=1e-12)
    assert measures.theil(amount, amount.size + n_more) == pytest.approx(measures.theil(padded), abs=1e-12)


@exact
@given(amounts, st.floats(0, 0.95))
def test_nakamoto_holders_exceed_the_threshold_and_one_fewer_does_not(amount, threshold_share):
    k = int(measures.nakamoto(amount, threshold_share))
    descending = np.sort(amount)[::-1] / amount.sum()
    assert descending[:k].sum() > threshold_share - 1e-9
    assert descending[: k - 1].sum() <= threshold_share + 1e-9


@exact
@given(amounts, st.randoms(use_true_random=False), st.integers(1, 5))
def test_theil_is_the_sum_of_its_parts_and_neither_is_negative(amount, chooser, n_groups):
    group = np.array([chooser.randrange(n_groups) for _ in amount])
    split = measures.theil_split(amount, group, n_groups)
    assert split.within + split.between == pytest.approx(split.total, abs=1e-11)
    assert split.total == pytest.approx(measures.theil(amount), abs=1e-12)
    assert split.within >= 0
    assert split.between >= 0


@exact
@given(amounts)
def test_theil_is_all_within_one_group_and_all_between_groups_of_one(amount):
    assert measures.theil_split(amount, np.zeros(amount.size, int), 1).between == pytest.approx(0, abs=1e-12)
    assert measures.theil_split(amount, np.arange(amount.size), amount.size).within == pytest.approx(0, abs=1e-12)


def test_theil_within_is_the_mean_of_the_groups_weighted_by_what_they_have():
    amount, group = np.array([1.0, 3.0, 2.0, 2.0, 8.0]), np.array([0, 0, 1, 1, 1])
    split = measures.theil_split(amount, group, 3)
    assert split.within == pytest.approx(4 / 16 * measures.theil(amount[:2]) + 12 / 16 * measures.theil(amount[2:]))
    assert split.between == pytest.approx(
        4 / 16 * math.log((4 / 16) / (2 / 5)) + 12 / 16 * math.log((12 / 16) / (3 / 5))
    )


@exact
@given(amounts)
def test_twice_the_area_above_the_lorenz_curve_is_gini(amount):
    holder_share, amount_share = measures.lorenz(amount)
    area = ((amount_share[1:] + amount_share[:-1]) / 2 * np.diff(holder_share)).sum()
    assert 1 - 2 * area == pytest.approx(measures.gini(amount), abs=1e-12)


@exact
@given(amounts)
def test_lorenz_curve_is_convex_from_zero_to_one(amount):
    holder_share, amount_share = measures.lorenz(amount)
    assert (holder_share[0], amount_share[0], holder_share[-1], amount_share[-1]) == (0, 0, 1, 1)
    assert (np.diff(amount_share, 2) >= -1e-12).all()


@exact
@given(arrays(np.float64, (4, 6), elements=st.floats(0, 1e6, allow_subnormal=False)))
def test_each_row_is_measured_as_if_alone(amount):
    for measure in EVERY_MEASURE:
        alone = [measure(row) for row in amount]
        np.testing.assert_allclose(measure(amount), alone, rtol=1e-12)


@exact
@given(amounts, st.integers(2, 6))
def test_splitting_a_purse_over_sybils_hides_nothing_by_participant(amount, n_parts):
    split = np.concatenate([np.full(n_parts, amount[0] / n_parts), amount[1:]])
    holder = np.concatenate([np.zeros(n_parts, int), np.arange(1, amount.size)])
    by_participant = measures.total_by(split, holder, amount.size)
    np.testing.assert_allclose(by_participant, amount, rtol=1e-12)
    assert measures.nakamoto(by_participant) == measures.nakamoto(by_participant[::-1])
    assert measures.hhi(split) <= measures.hhi(by_participant) + 1e-12


# Hand-made cases


@pytest.mark.parametrize(
    ("amount", "gini", "hhi", "nakamoto", "theil"),
    [
        ([1, 2, 3, 4, 10], 0.4, 0.325, 2, 0.276364),
        ([1, 1, 1, 1], 0.0, 0.25, 3, 0.0),
        ([0, 0, 0, 1], 0.75, 1.0, 1, 1.386294),
        ([5, 5], 0.0, 0.5, 2, 0.0),
        ([50, 25, 25], 0.166667, 0.375, 2, 0.058892),
        ([3, 1], 0.25, 0.625, 1, 0.130812),
        ([7], 0.0, 1.0, 1, 0.0),
    ],
)
def test_worked_table(amount, gini, hhi, nakamoto, theil):
    assert measures.gini(amount) == pytest.approx(gini, abs=1e-6)
    assert measures.hhi(amount) == pytest.approx(hhi, abs=1e-12)
    assert measures.effective_number(amount) == pytest.approx(1 / hhi)
    assert measures.nakamoto(amount) == nakamoto
    assert measures.theil(amount) == pytest.approx(theil, abs=1e-6)


def test_unbiased_gini_of_the_worked_case_is_a_half():
    assert measures.gini_unbiased([1, 2, 3, 4, 10]) == pytest.approx(0.5)


def test_all_zero_is_equal_and_has_no_shares():
    nothing = np.zeros(4)
    assert measures.gini(nothing) == 0
    assert measures.gini_unbiased(nothing) == 0
    assert measures.theil(nothing) == 0
    assert measures.nakamoto(nothing) == 0
    assert np.isnan(measures.hhi(nothing))
    assert np.isnan(measures.effective_number(nothing))
    assert np.isnan(measures.top_share(nothing, 1))
    assert np.isnan(measures.share(nothing)).all()
    assert measures.theil_split(nothing, [0, 0, 1, 1], 2) == (0, 0, 0)
    np.testing.assert_array_equal(*measures.lorenz(nothing))


def test_an_empty_population_has_no_inequality_to_state():
    empty = np.zeros(0)
    for measure in (
        measures.gini,
        measures.gini_unbiased,
        measures.hhi,
        measures.effective_number,
        measures.theil,
    ):
        assert np.isnan(measure(empty))
    assert np.isnan(measures.top_share(empty, 3))
    assert np.isnan(measures.theil_split(empty, np.zeros(0, int), 2)).all()
    assert np.isnan(measures.lorenz(empty)).all()
    assert measures.share(empty).shape == (0,)
    assert measures.nakamoto(empty) == 0


def test_an_empty_row_of_the_network_does_not_touch_the_others():
    amount = np.array([[0.0, 0.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    population = np.array([0, 2, 3])
    np.testing.assert_allclose(measures.gini(amount, population), [np.nan, 0.25, 0.0])
    np.testing.assert_allclose(measures.theil(amount, population), [np.nan, 0.130812, 0.0], atol=1e-6)
    np.testing.assert_array_equal(measures.nakamoto(amount), [0, 1, 0])
    np.testing.assert_allclose(measures.hhi(amount), [np.nan, 0.625, np.nan])


def test_a_network_without_subnets_has_no_rows():
    assert measures.gini(np.zeros((0, 5))).shape == (0,)
    assert measures.nakamoto(np.zeros((0, 5))).shape == (0,)


def test_one_holder_alone_has_no_unbiased_estimate():
    assert np.isnan(measures.gini_unbiased([7.0]))


@pytest.mark.parametrize("amount", [[1.0, -1e-9], [1.0, np.nan], [np.inf, 1.0]])
def test_negative_and_unbounded_amounts_are_refused(amount):
    for measure in (*EVERY_MEASURE, measures.share, measures.lorenz):
        with pytest.raises(ValueError, match="finite and >= 0"):
            measure(amount)
    with pytest.raises(ValueError, match="finite and >= 0"):
        measures.theil_split(amount, [0, 1], 2)


def test_a_tie_with_the_threshold_is_not_a_majority():
    pools_percent = [28.3, 21.7, 15.2, 12.1, 10.2, 12.5]
    assert measures.nakamoto(pools_percent) == 3
    assert measures.nakamoto([1.0, 1.0, 1.0], threshold_share=1 / 3) == 2
    assert measures.nakamoto([34.0, 33.0, 33.0], threshold_share=1 / 3) == 1


def test_published_root_validators_and_mining_pools():
    # In per cent, the rest in small ones: Mentat Minds, 19 June 2024; mempool.space, about September 2024.
    root = np.array([25, 13.5, 11, 9, 6.5] + [35 / 50] * 50)
    assert measures.nakamoto(root) == 4
    assert measures.top_share(root, 5) == pytest.approx(0.65)
    pools = np.array([31.38, 23.28, 13.56, 10.2] + [21.58 / 40] * 40)
    assert measures.nakamoto(pools) == 2
    assert measures.hhi(pools) == pytest.approx(0.1815, abs=0.002)


def test_more_top_holders_than_holders_have_everything():
    assert measures.top_share([3.0, 1.0], 5) == pytest.approx(1.0)
    assert measures.top_share([[5.0, 3.0, 2.0], [0.0, 1.0, 0.0]], 1) == pytest.approx([0.5, 1.0])


def test_amounts_near_the_limits_of_floats_keep_their_shares():
    for unit in (1e308, 1e-308):
        assert measures.gini([0.75 * unit, 0.25 * unit]) == pytest.approx(0.25)
        assert measures.hhi([0.75 * unit, 0.25 * unit]) == pytest.approx(0.625)


def test_owners_without_hotkeys_appear_with_nothing():
    amount, holder = np.array([[1.0, 2.0], [4.0, 8.0]]), np.array([[0, 2], [2, 0]])
    np.testing.assert_array_equal(measures.total_by(amount, holder, 4), [9.0, 0.0, 6.0, 0.0])
    np.testing.assert_array_equal(measures.total_by([], np.zeros(0, int), 2), [0.0, 0.0])


def test_wrong_calls_name_the_rule_and_the_value():
    with pytest.raises(ValueError, match=r"group must lie in \[0, 2\), spans -1 to 1"):
        measures.total_by([1.0, 2.0], [-1, 1], 2)
    with pytest.raises(ValueError, match=r"group \(1,\) does not fit amount \(2,\)"):
        measures.total_by([1.0, 2.0], [0], 2)
    with pytest.raises(ValueError, match=r"threshold_share must lie in \[0, 1\), is 1"):
        measures.nakamoto([1.0], 1)
    with pytest.raises(ValueError, match="n_top must be at least 1, is 0"):
        measures.top_share([1.0], 0)
    with pytest.raises(ValueError, match="n_holders must cover all positive amounts, is 1"):
        measures.gini([1.0, 2.0], 1)
    with pytest.raises(ValueError, match="axis of holders"):
        measures.gini(3.0)


def test_measuring_leaves_the_amounts_as_they_were():
    amount = np.array([[3.0, 1.0, 2.0]])
    for measure in (*EVERY_MEASURE, measures.share):
        measure(amount)
    np.testing.assert_array_equal(amount, [[3.0, 1.0, 2.0]])


# Estimators on known distributions

N_DRAWS = 200_000


def test_gini_of_uniform_draws_is_a_third():
    draw = stream(36, "gini", "uniform").random(N_DRAWS)
    assert measures.gini(draw) == pytest.approx(1 / 3, abs=0.002)


def test_gini_of_exponential_draws_is_a_half():
    draw = stream(36, "gini", "exponential").exponential(size=N_DRAWS)
    assert measures.gini(draw) == pytest.approx(1 / 2, abs=0.003)


@pytest.mark.parametrize("sd", [0.5, 1.0])
def test_gini_of_log_normal_draws_is_erf_of_half_the_deviation(sd):
    draw = stream(36, "gini", "log-normal").lognormal(sigma=sd, size=N_DRAWS)
    assert measures.gini(draw) == pytest.approx(math.erf(sd / 2), abs=0.005)


def test_gini_and_top_share_of_pareto_draws_follow_the_tail_exponent():
    tail = 3.0
    draw = 1 + stream(36, "gini", "pareto").pareto(tail, N_DRAWS)
    assert measures.gini(draw) == pytest.approx(1 / (2 * tail - 1), abs=0.005)
    for top in (0.01, 0.1, 0.5):
        expected = top ** (1 - 1 / tail)
        assert measures.top_share(draw, int(top * N_DRAWS)) == pytest.approx(expected, abs=0.005)


def test_heavy_tails_bias_the_sampled_gini_downwards():
    draw = 1 + stream(36, "gini", "heavy tail").pareto(1.5, (200, 256))
    assert measures.gini(draw).mean() < 0.5 - 0.02


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e6)))
def test_measures_read_off_one_sorting_are_the_single_measures(amount):
    together = measures.concentration(amount, 3)
    single = (measures.gini(amount), measures.hhi(amount), measures.nakamoto(amount), measures.top_share(amount, 3))
    np.testing.assert_allclose(np.array(together), np.array(single), rtol=1e-12, atol=1e-12)
