"""Vectors and sparse matrices of raw 32.32 numbers: what present zeros, missing pairs and ties do."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from ext import fixed_vectors as fv
from ext.fixed_point import I32F32

ONE = I32F32.one
fast = settings(deadline=None, derandomize=True)
shares = st.lists(st.integers(0, ONE), min_size=1, max_size=12)


@fast
@given(shares)
def test_normalised_vectors_miss_one_by_less_than_a_unit_per_entry(vector):
    total = sum(fv.normalise(vector))
    assert total == 0 if not any(vector) else ONE - len(vector) < total <= ONE


@fast
@given(shares, st.integers(0, 15))
def test_top_k_keeps_k_entries_none_smaller_than_a_dropped_one(vector, k):
    kept = fv.top_k(vector, k)
    assert sum(kept) == min(k, len(vector))
    inside = [value for value, keep in zip(vector, kept, strict=True) if keep]
    outside = [value for value, keep in zip(vector, kept, strict=True) if not keep]
    assert not inside or not outside or min(inside) >= max(outside)


def test_among_equals_the_higher_index_stays():
    assert fv.top_k([7, 7, 7, 7], 2) == [False, False, True, True]


@fast
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 5)), min_size=1, max_size=10), st.randoms())
def test_a_median_does_not_depend_on_the_order_of_voters(votes, draw):
    minority = sum(stake for stake, _ in votes) // 2
    shuffled = votes[:]
    random.Random(draw.random()).shuffle(shuffled)
    found = [
        fv.weighted_median([stake for stake, _ in order], [score for _, score in order], minority)
        for order in (votes, shuffled)
    ]
    assert found[0] == found[1]


def test_an_exact_half_takes_the_higher_score_and_nobody_scores_zero():
    assert fv.weighted_median([ONE // 2, ONE // 2], [3, 9], ONE // 2) == 9
    assert fv.weighted_median([], [], 0) == 0
    assert fv.weighted_median_columns([0, 0], [[(0, ONE)], [(0, ONE)]], 2, ONE // 2) == [0, 0]


def test_a_missing_pair_votes_zero():
    rows = [[(0, 8)], []]
    assert fv.weighted_median_columns([ONE, ONE * 3], rows, 1, ONE // 2) == [0]
    assert fv.weighted_median_columns([ONE * 3, ONE], rows, 1, ONE // 2) == [8]


def test_clipping_keeps_a_listed_zero_and_drops_what_it_cuts_to_zero():
    assert fv.clip_columns([[(0, 0), (1, 5)], [(0, 4), (1, 2)]], [0, 3]) == [[(0, 0), (1, 3)], [(1, 2)]]


def test_a_bond_without_a_weight_is_lost_only_where_each_pair_has_its_own_speed():
    new, old, alpha = [[(0, ONE)]], [[(0, ONE), (1, ONE)]], ONE // 4
    assert fv.ema(new, old, alpha, 2) == [[(0, ONE), (1, ONE - alpha)]]
    assert fv.ema_each(new, old, [[alpha, alpha]]) == [[(0, ONE)]]
    assert fv.ema_each([[(0, ONE), (1, 0)]], old, [[alpha, alpha]]) == [[(0, ONE), (1, ONE - alpha)]]


def test_interpolation_ends_in_the_two_matrices_themselves_and_lists_no_zeros_between():
    first, second = [[(0, 0), (1, ONE)]], [[(1, 0)]]
    assert fv.interpolate(first, second, 2, 0) == first
    assert fv.interpolate(first, second, 2, ONE) == second
    assert fv.interpolate(first, second, 2, ONE // 2) == [[(1, ONE // 2)]]


def test_columns_and_rows_without_a_sum_stay_as_they_are():
    rows = [[(0, 0), (1, 2)], [(0, 0), (1, 6)], []]
    assert fv.normalise_columns(rows, 2) == [[(0, 0), (1, ONE // 4)], [(0, 0), (1, 3 * ONE // 4)], []]
    assert fv.normalise_rows([[(0, 0)], []]) == [[(0, 0)], []]
    assert fv.max_upscale_columns(rows, 2) == [[(0, 0), (1, ONE // 3)], [(0, 0), (1, ONE)], []]


def test_sums_that_do_not_fit_into_64_bits_have_no_answer():
    assert fv.sum_u64([2**64 - 1]) == 2**64 - 1
    assert fv.sum_u64([2**64 - 1, 1]) is None


def test_a_row_with_a_third_for_each_of_three_passes_a_limit_of_a_third_and_no_lower_one():
    assert fv.is_max_limited([65_535] * 3, 21_845)
    assert not fv.is_max_limited([65_535] * 3, 21_844)


@fast
@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=8))
def test_upscaled_rows_have_their_maximum_at_65535_unless_all_is_zero(vector):
    upscaled = fv.max_upscale_to_u16(vector)
    assert max(upscaled) == (65_535 if any(vector) else 0)


def test_what_lies_beyond_a_mask_is_masked_and_no_mask_leaves_a_vector_as_it_is():
    assert fv.mask_vector([], [3, 4]) == [3, 4]
    assert fv.mask_vector([False], [3, 4]) == [3, 0]
    assert fv.mask_vector([True, False, True], [3, 4]) == [0, 4]
    assert fv.mask_rows([False], [[(0, 1)], [(1, 2)]]) == [[(0, 1)], []]


def test_a_product_beyond_the_range_is_nothing_and_the_longer_vector_is_cut():
    large = I32F32.from_int(50_000)
    assert fv.multiply([large, I32F32.one], [large, I32F32.one, I32F32.one]) == [0, I32F32.one]
    assert fv.scale_rows([[(0, 7)], [(0, 8)]], [I32F32.one]) == [[(0, 7)]]
