"""Users' value against hand-made networks, and the ratios built on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.yardsticks import value

outputs = arrays(np.float64, (2, 3, 2), elements=st.floats(0.01, 100))
ONE_EACH = np.array([[1.0, 0.0], [0.0, 1.0]])


@settings(deadline=None, derandomize=True)
@given(outputs, st.floats(0.1, 10), st.floats(0.2, 1.5))
def test_value_is_homogeneous_in_output_to_the_degree_of_weights_times_exponent(output, factor, exponent):
    capability_weight = np.array([[0.7, 0.3], [0.2, 0.4]])
    exponents = np.full(2, exponent)
    before = value.value_by_subnet(output, capability_weight, np.ones(2), exponents)
    after = value.value_by_subnet(output * factor, capability_weight, np.ones(2), exponents)
    np.testing.assert_allclose(after, before * factor ** (capability_weight.sum(axis=1) * exponent), rtol=1e-9)


@settings(deadline=None, derandomize=True)
@given(outputs, st.permutations(range(3)))
def test_value_does_not_depend_on_who_did_the_work(output, order):
    arguments = (np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([2.0, 1.0]), np.array([1.0, 0.5]))
    assert value.users_value(output[:, order], *arguments) == pytest.approx(value.users_value(output, *arguments))


def test_hand_made_network_of_two_subnets():
    output = np.array([[[4.0, 9.0], [1.0, 1.0]], [[0.0, 5.0], [0.0, 11.0]]])
    capability_weight = np.array([[0.5, 0.5], [0.0, 1.0]])
    by_subnet = value.value_by_subnet(output, capability_weight, np.array([3.0, 10.0]), np.array([1.0, 0.5]))
    np.testing.assert_allclose(by_subnet, [3 * (6 + 1), 10 * 4])
    assert value.users_value(output, capability_weight, np.array([3.0, 10.0]), np.array([1.0, 0.5])) == pytest.approx(
        61
    )


def test_work_that_lacks_a_capability_users_need_is_worth_nothing():
    output = np.array([[[100.0, 0.0], [50.0, 0.0]]])
    assert value.users_value(output, np.array([[0.9, 0.1]]), np.ones(1), np.ones(1)) == 0


def test_a_subnet_without_miners_delivers_nothing():
    assert value.users_value(np.zeros((2, 0, 2)), ONE_EACH, np.ones(2), np.ones(2)) == 0
    assert value.users_value(np.zeros((2, 5, 2)), ONE_EACH, np.ones(2), np.ones(2)) == 0


def test_shapes_that_do_not_fit_are_named():
    output = np.ones((2, 3, 2))
    with pytest.raises(ValueError, match=r"capability_weight \(1, 2\) does not fit output \(2, 3, 2\)"):
        value.users_value(output, np.ones((1, 2)), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match=r"must be \(2,\)"):
        value.users_value(output, ONE_EACH, np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="at least one capability of every subnet"):
        value.users_value(output, np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2), np.ones(2))


def test_efficiency_is_delivered_over_possible_and_undefined_when_nothing_is_possible():
    assert value.efficiency_share(30.0, 40.0) == 0.75
    assert np.isnan(value.efficiency_share(0.0, 0.0))


def test_symmetric_contest_dissipates_all_but_one_nth_of_its_rent():
    # Tullock contest, n miners with r = 1: each spends V (n-1) / n^2.
    n, prize_tao = 10, 1000.0
    assert value.rent_dissipation(np.full(n, prize_tao * (n - 1) / n**2), prize_tao) == pytest.approx((n - 1) / n)


def test_dissipation_without_a_prize_is_undefined():
    assert np.isnan(value.rent_dissipation([1.0, 2.0], [0.0, 0.0]))
