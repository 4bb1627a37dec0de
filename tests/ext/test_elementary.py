"""Elementary functions: within their stated errors of the true values, exact where the true value is, and monotone."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ext import elementary

DRAW = np.random.default_rng(7)
MANY = 2_000
TRUE = {name: getattr(mpmath, name) for name in ("exp", "expm1", "log", "log1p", "tanh")}
# Units in the last place, and arguments over the whole range and where methods join.
LARGEST = {"exp": 1.0, "expm1": 2.0, "log": 2.0, "log1p": 2.0, "tanh": 2.5}
SMALL = 10.0 ** DRAW.uniform(-20, 0, MANY)
ARGUMENT = {
    "exp": np.concatenate([DRAW.uniform(-745, 709.7, MANY), DRAW.uniform(-1, 1, MANY), -SMALL, SMALL]),
    "expm1": np.concatenate([DRAW.uniform(-60, 709.7, MANY), DRAW.uniform(-1, 1, MANY), -SMALL, SMALL]),
    "log": np.concatenate([10.0 ** DRAW.uniform(-323, 308, MANY), DRAW.uniform(0.3, 3, MANY), 1 + SMALL]),
    "log1p": np.concatenate([10.0 ** DRAW.uniform(-20, 300, MANY), DRAW.uniform(-0.999, 3, MANY), -SMALL / 1.1]),
    "tanh": np.concatenate([DRAW.uniform(-25, 25, MANY), DRAW.uniform(-1, 1, MANY), SMALL]),
}
EDGES = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 1e-310, 1e308, -1e308, 710.0, -746.0]
finite = st.floats(allow_nan=False, allow_infinity=False)


def units_in_last_place(value, true):
    """Largest error of `value` against exact numbers, in spacings of floats at the true value."""
    with mpmath.workprec(200):
        return max(
            float(abs(mpmath.mpf(one) - exact) / math.ulp(float(exact)))
            for one, exact in zip(value.tolist(), true, strict=True)
            if 0 < abs(float(exact)) < math.inf
        )


@pytest.mark.parametrize("name", TRUE)
def test_errors_stay_below_those_stated(name):
    x = ARGUMENT[name]
    with mpmath.workprec(200):
        true = [TRUE[name](mpmath.mpf(one)) for one in x.tolist()]
    assert units_in_last_place(getattr(elementary, name)(x), true) <= LARGEST[name]


@pytest.mark.parametrize("size", [0.1, 10.0, 700.0])
def test_powers_are_within_one_unit_however_large_the_exponent(size):
    x = np.concatenate([10.0 ** DRAW.uniform(-3, 3, MANY), 1 + DRAW.uniform(-0.3, 0.42, MANY)])
    y = DRAW.uniform(-1, 1, len(x)) * size / np.maximum(np.abs(np.log(x)), 1e-6)
    with mpmath.workprec(200):
        true = [mpmath.mpf(a) ** mpmath.mpf(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    assert units_in_last_place(elementary.power(x, y), true) <= 1.0


@pytest.mark.parametrize("name", TRUE)
def test_edges_are_numpy_s(name):
    x = np.array(EDGES)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x)
    value = getattr(elementary, name)(x)
    np.testing.assert_array_max_ulp(value, expected, 3)
    assert np.array_equal(np.signbit(value[~np.isnan(value)]), np.signbit(expected[~np.isnan(expected)]))
    assert [getattr(elementary, name)(one) for one in EDGES] == pytest.approx(value.tolist(), rel=0, nan_ok=True)


def test_edges_of_the_power_are_numpy_s():
    special = [0.5, -0.5, 2.0, 3.0, -3.0, 1e300, -1e300, 2.0**53, 2.0**53 - 1, 4503599627370497.0, 1 - 2.0**-53]
    x, y = np.meshgrid([*EDGES, *special], [*EDGES, *special])
    with np.errstate(all="ignore"):
        expected = np.power(x, y)
    value = elementary.power(x, y)
    np.testing.assert_array_max_ulp(value, expected, 3)
    known = ~np.isnan(expected)
    assert np.array_equal(np.signbit(value[known]), np.signbit(expected[known]))


@given(st.integers(-30, 30), st.integers(0, 12))
@settings(deadline=None, derandomize=True)
def test_a_power_that_a_float_holds_is_that_float(base, exponent):
    if abs(base) ** exponent < 2**53:
        assert elementary.power(float(base), float(exponent)) == base**exponent


@given(st.floats(0, 1e300))
@settings(deadline=None, derandomize=True)
def test_first_and_second_powers_are_rounded_once(x):
    assert elementary.power(x, 1.0) == x
    assert elementary.power(x, 2.0) == x * x
    assert elementary.power(x, 0.0) == 1.0


@given(st.floats(-700, 700))
@settings(deadline=None, derandomize=True)
def test_the_logarithm_undoes_the_exponential(x):
    assert elementary.log(elementary.exp(x)) == pytest.approx(x, rel=1e-15, abs=3e-16)
    assert elementary.log1p(elementary.expm1(x / 20)) == pytest.approx(x / 20, rel=1e-14, abs=1e-300 if x > 0 else 1)


@pytest.mark.parametrize(
    ("name", "joins"),
    [
        ("exp", [k * math.log(2) / 2 for k in range(-2150, 2047, 3)]),
        ("expm1", [k * math.log(2) / 2 for k in range(-150, 2047, 3)]),
        ("log", [math.sqrt(0.5) * 2.0**k for k in range(-1074, 1024, 7)]),
        ("log1p", [-0.25, 0.25, math.sqrt(0.5) - 1, math.sqrt(2) - 1, 1.0, 2 * math.sqrt(2) - 1]),
        ("tanh", [math.log(2) / 4 * k for k in (1, 3, 5, 7, 9)]),
    ],
)
def test_where_methods_join_a_larger_argument_never_gives_much_less(name, joins):
    steps = np.arange(-50, 51)
    x = np.array(joins)[:, np.newaxis] * (1 + steps * 2.0**-50)
    x.sort(axis=1)
    value = getattr(elementary, name)(x)
    assert (np.diff(value) >= -2 * np.spacing(np.abs(value[:, 1:]))).all()


@pytest.mark.parametrize("name", TRUE)
def test_a_number_an_array_and_any_part_of_one_give_the_same_bits(name):
    function, x = getattr(elementary, name), ARGUMENT[name][:1003]
    whole = function(x)
    assert [function(one) for one in x.tolist()] == whole.tolist()
    assert function(x[::3]).tolist() == whole[::3].tolist()
    assert function(x[:990].reshape(9, 110).T).tolist() == whole[:990].reshape(9, 110).T.tolist()
    assert function(x[:0]).shape == (0,)


@pytest.mark.parametrize("number", [np.float64, np.float32, np.int64, np.uint8, float, int])
def test_a_number_of_any_library_gives_a_float(number):
    assert type(elementary.exp(number(2))) is type(elementary.power(number(2), number(3))) is float
    assert elementary.power(number(2), number(3)) == 8


@pytest.mark.parametrize("value", [1j, np.complex128(1), np.array([1 + 0j]), "2", np.array(["2"]), [None]])
def test_what_is_not_real_is_refused(value):
    with pytest.raises(TypeError, match="x must be real, is "):
        elementary.exp(value)
    with pytest.raises(TypeError, match="exponent must be real, is "):
        elementary.power(2.0, value)


def test_a_power_of_one_half_is_no_square_root_at_the_edges():
    assert [elementary.power(x, 0.5) for x in (-0.0, -math.inf)] == [0.0, math.inf]
    assert math.copysign(1, elementary.power(-0.0, 0.5)) == 1


def test_operands_of_a_power_broadcast():
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([0.0, 2.0])
    assert elementary.power(x, y).tolist() == [[1, 1], [1, 4], [1, 9]]
    assert elementary.power(x, 2).tolist() == [[1], [4], [9]]
    assert elementary.power(2.0, y).tolist() == [1, 4]
    assert elementary.power(x, np.zeros((0, 1, 2))).shape == (0, 3, 2)


@given(finite, finite)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_a_power_is_numpy_s_to_rounding(x, y):
    with np.errstate(all="ignore"):
        np.testing.assert_array_max_ulp(elementary.power(np.array(x), np.array(y)), np.power(x, y), 3)
