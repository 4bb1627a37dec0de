import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.flow import FLOW_SMOOTHING, flow_ema_tao


def test_the_half_life_is_216_000_blocks():
    assert flow_ema_tao(np.array([1.0]), np.array([0.0]), 216_000) == pytest.approx(0.5, abs=1e-6)


@given(st.floats(-10, 10), st.floats(-10, 10), st.integers(0, 60), st.floats(1e-6, 1.0))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_many_blocks_of_one_flow_equal_as_many_single_ones(ema, flow, blocks, smoothing):
    single = np.array([ema])
    for _ in range(blocks):
        single = (1 - smoothing) * single + smoothing * flow
    assert_allclose(flow_ema_tao(np.array([ema]), np.array([flow]), blocks, smoothing), single, rtol=1e-12, atol=1e-12)


def test_a_single_block_moves_by_the_smoothing_factor():
    assert flow_ema_tao(np.array([0.0]), np.array([1.0])) == pytest.approx(FLOW_SMOOTHING, rel=1e-12)


@pytest.mark.parametrize(("blocks", "smoothing"), [(-1, 0.5), (1, 0.0), (1, 1.5)])
def test_impossible_smoothing_is_refused(blocks, smoothing):
    with pytest.raises(ValueError, match="must"):
        flow_ema_tao(np.zeros(1), np.zeros(1), blocks, smoothing)
