import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.moving_price import moving_price

OLD = np.array([10**12])


@given(st.floats(0, 2), st.floats(0, 2), st.integers(0, 10**7), st.integers(0, 100))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_many_blocks_at_one_price_equal_as_many_single_ones(price, spot, age, blocks):
    single, spots = np.array([price]), np.array([spot])
    for block in range(blocks):
        single = moving_price(single, spots, np.array([age + block]))
    many = moving_price(np.array([price]), spots, np.array([age]), blocks=blocks)
    assert_allclose(many, single, rtol=1e-12, atol=1e-15)


def test_updates_across_the_inner_chunk_join_without_a_seam():
    whole = moving_price(np.zeros(2), np.ones(2), np.array([1, 500]), blocks=9000)
    half = moving_price(np.zeros(2), np.ones(2), np.array([1, 500]), blocks=4500)
    assert_allclose(moving_price(half, np.ones(2), np.array([4501, 5000]), blocks=4500), whole, rtol=0, atol=1e-13)


def test_an_old_subnet_halves_its_distance_in_231_049_blocks():
    assert moving_price(np.zeros(1), np.ones(1), OLD, blocks=231_049) == pytest.approx(0.5, abs=1e-6)


def test_a_young_subnet_moves_slower_by_its_age_over_age_plus_halving():
    price = moving_price(np.zeros(3), np.ones(3), np.array([0, 201_600, 3 * 201_600]))
    assert_allclose(price, [0, 1.5e-6, 2.25e-6])


def test_a_spot_price_above_one_counts_as_one():
    assert moving_price(np.ones(1), np.array([7.0]), OLD, blocks=100) == 1.0


def test_moving_prices_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "moving_price"):
        given_ = vector["inputs"]
        price = np.array([given_["start_price"]])
        for _ in range(given_["updates"]):
            price = moving_price(
                price,
                np.array([given_["pool_price"]]),
                np.array([given_["blocks_since_start_call"]]),
                moving_alpha=given_["moving_alpha"],
                halving_blocks=given_["halving_blocks"],
            )
        assert price[0] == pytest.approx(vector["expected"], abs=vector["tol"])


@pytest.mark.parametrize(
    "bad", [{"blocks": -1}, {"moving_alpha": 1.5}, {"halving_blocks": 0}, {"spot_price": np.array([-1.0])}]
)
def test_impossible_parameters_are_refused(bad):
    good = {"price_ema": np.ones(1), "spot_price": np.ones(1), "blocks_since_start_call": OLD}
    with pytest.raises(ValueError, match="must be"):
        moving_price(**(good | bad))
