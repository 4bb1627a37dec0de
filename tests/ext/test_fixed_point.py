"""Fixed-point numbers against exact fractions, and the library's transcendental functions."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ext import fixed_point as fp
from ext.fixed_point import I32F32, I64F64, I96F32, U64F64, U96F32

FORMATS = [I32F32, I64F64, I96F32, U64F64, U96F32]
raw32 = st.integers(I32F32.lowest, I32F32.highest)
fast = settings(deadline=None, derandomize=True)


def value(raw, number=I32F32):
    return Fraction(raw, number.one)


@fast
@given(raw32, raw32)
def test_a_product_is_the_floor_of_the_exact_product_within_the_range(left, right):
    exact = math.floor(value(left) * value(right) * I32F32.one)
    assert I32F32.multiply(left, right) == min(I32F32.highest, max(I32F32.lowest, exact))


@fast
@given(raw32, raw32.filter(bool))
def test_a_quotient_is_cut_toward_zero(numerator, denominator):
    exact = int(value(numerator) / value(denominator) * I32F32.one)
    assert I32F32.divide(numerator, denominator) == min(I32F32.highest, max(I32F32.lowest, exact))


@pytest.mark.parametrize("number", FORMATS)
def test_a_division_by_zero_gives_zero(number):
    assert number.divide(number.one, 0) == 0


@fast
@given(st.integers(I64F64.lowest, I64F64.highest))
def test_a_narrower_format_keeps_the_floor_or_the_end_of_its_range(raw):
    exact = math.floor(value(raw, I64F64) * I32F32.one)
    assert I64F64.convert(raw, I32F32) == min(I32F32.highest, max(I32F32.lowest, exact))


@fast
@given(raw32)
def test_a_wider_format_loses_nothing(raw):
    assert I64F64.convert(I32F32.convert(raw, I64F64), I32F32) == raw


@fast
@given(raw32)
def test_integers_are_floors_without_a_sign_and_roundings_go_away_from_zero(raw):
    exact = value(raw)
    assert I32F32.to_int(raw) == max(0, math.floor(exact))
    assert I32F32.nearest_int(raw) == int(exact + Fraction(1, 2) * (1 if exact >= 0 else -1))


def test_unsigned_formats_begin_at_zero_and_signed_ones_reach_one_step_further_down():
    assert (U64F64.lowest, U96F32.saturate(-5)) == (0, 0)
    assert (I32F32.lowest, I32F32.highest) == (-(2**63), 2**63 - 1)


def test_a_format_needs_bits_on_either_side_of_the_point():
    with pytest.raises(ValueError, match="at least one bit"):
        fp.Format(integer_bits=0, fraction_bits=32, signed=True)


@fast
@given(st.integers(0, 65_535))
def test_u16_shares_come_back_or_lose_one_unit(share):
    assert fp.proportion_to_u16(fp.proportion_from_u16(share)) in (share, max(0, share - 1))


@fast
@given(st.floats(-5.0, 5.0))
def test_exp_is_within_a_part_in_ten_million_up_to_five(exponent):
    found = I32F32.to_float(fp.exp(I32F32.from_float(exponent)))
    assert found == pytest.approx(math.exp(exponent), rel=1e-7, abs=2.0**-31)


def test_exp_of_one_is_the_constant_with_23_fractional_bits():
    assert fp.exp(I32F32.one) == 22_802_600 << 9
    assert fp.exp(I32F32.one + 1) > fp.exp(I32F32.one)


def test_exp_twenty_misses_eight_parts_in_a_thousand_and_minus_twenty_keeps_three_bits():
    limit = 20 << 32
    assert 1 - I32F32.to_float(fp.exp(limit)) / math.exp(20) == pytest.approx(8e-3, rel=0.1)
    assert fp.exp(-limit) == 8


def test_exp_beyond_the_format_is_an_error_unless_the_exponent_is_clamped():
    with pytest.raises(OverflowError, match="leaves the fixed-point range"):
        fp.exp(25 << 32)
    assert fp.exp_clamped(25 << 32) == fp.exp(20 << 32)
    assert fp.exp_clamped(I32F32.lowest) == fp.exp(-20 << 32)


def test_log2_of_powers_of_two_is_exact_on_both_sides_of_one():
    for power in range(-30, 31):
        raw = I32F32.one << power if power >= 0 else I32F32.one >> -power
        assert fp.log2(raw) == power << 32


@fast
@given(st.floats(1e-3, 1e6))
def test_ln_is_within_the_resolution_of_its_constant(number):
    found = I32F32.to_float(fp.ln(I32F32.from_float(number)))
    assert found == pytest.approx(math.log(number), rel=2e-7, abs=1e-6)


def test_a_logarithm_of_zero_is_refused():
    with pytest.raises(ValueError, match="positive"):
        fp.log2(0)


def test_powers_of_zero_and_with_exponents_zero_and_one_take_no_series():
    third = I32F32.divide(1 << 32, 3 << 32)
    assert fp.power(0, third) == 0
    assert fp.power(third, 0) == I32F32.one
    assert fp.power(third, I32F32.one) == third
    assert I32F32.to_float(fp.power(third, I32F32.from_float(1.5))) == pytest.approx(3**-1.5, rel=1e-6)


@fast
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_sigmoid_mirrored_at_its_middle_adds_up_to_one(raw, steepness):
    half = I32F32.one // 2
    both = fp.sigmoid(raw, steepness << 32, half) + fp.sigmoid(I32F32.one - raw, steepness << 32, half)
    assert both == pytest.approx(I32F32.one, rel=1e-8)
