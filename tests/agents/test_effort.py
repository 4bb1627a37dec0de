"""Money into hardware."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.effort import spend_to_resource


@settings(deadline=None, derandomize=True)
@given(
    arrays(float, 3, elements=st.floats(0, 1e6)),
    arrays(float, (3, 2), elements=st.floats(0, 10)),
    arrays(float, (3, 2), elements=st.floats(1e-3, 1e3)),
)
def test_all_the_money_is_spent_in_the_proportions_of_the_mix(spend_tao, mix, unit_cost_tao):
    cost_tao = spend_to_resource(spend_tao, mix, unit_cost_tao) * unit_cost_tao
    some = mix.sum(axis=1) > 0
    assert cost_tao.sum(axis=1) == pytest.approx(spend_tao * some, rel=1e-9)
    assert cost_tao * mix.sum(axis=1, keepdims=True) == pytest.approx(spend_tao[:, None] * mix, rel=1e-9, abs=1e-300)


def test_a_mix_of_nothing_rents_nothing():
    assert spend_to_resource(np.ones(1), np.zeros((1, 2)), np.ones((1, 2))).tolist() == [[0, 0]]


def test_half_the_price_rents_twice_as_much():
    resource = spend_to_resource(np.array([12.0]), np.array([[1.0, 2.0]]), np.array([[2.0, 1.0]]))
    assert resource.tolist() == [[2.0, 8.0]]
