import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ext.checks import check_range, check_shape, float_array, int_array


@given(
    n=st.integers(1, 5000),
    at=st.floats(0, 1, exclude_max=True),
    bad=st.sampled_from([np.nan, np.inf, -np.inf, -1e-9, 1.0 + 1e-9]),
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_a_single_bad_value_is_found_wherever_it_is(n, at, bad):
    array = np.linspace(0.0, 1.0, n)
    index = int(at * n)
    array[index] = bad
    with pytest.raises(ValueError, match=rf"^share must be finite and lie in \[0.0, 1.0\], share\[{index}\] is"):
        check_range("share", array, 0.0, 1.0)


def test_the_first_of_several_bad_values_is_named_with_its_index():
    array = np.zeros((3, 4, 5))
    array[1, 2, 3] = -2.0
    array[2, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"weight\[1, 2, 3\] is -2.0"):
        check_range("weight", array)


def test_the_ends_of_the_range_and_negative_zero_are_inside():
    check_range("share", np.array([0.0, -0.0, 1.0]), 0.0, 1.0)
    check_range("share", np.empty(0), 0.0, 1.0)


def test_a_shape_error_names_both_shapes():
    with pytest.raises(ValueError, match=r"stake must have shape \(2, 3\), has \(3, 2\)"):
        check_shape("stake", np.zeros((3, 2)), (2, 3))


@pytest.mark.parametrize("value", [["a"], [1j], [None], [{}]])
def test_only_real_numbers_become_floats(value):
    with pytest.raises(ValueError, match="stake must hold real numbers"):
        float_array("stake", value)


@pytest.mark.parametrize("value", [[0.5], ["a"], np.array([1], np.uint64)])
def test_only_integers_become_integers(value):
    with pytest.raises(ValueError, match="uid must hold integers"):
        int_array("uid", value)


def test_a_fitting_array_is_not_copied():
    array = np.zeros((4, 4))
    assert float_array("stake", array) is array
    assert float_array("stake", array.T.astype(np.int32)).flags.c_contiguous
