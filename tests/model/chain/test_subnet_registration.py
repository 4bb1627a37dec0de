import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.market.pool import spot_price
from model.chain.subnet_registration import (
    dissolution_payout_rao,
    founding_pool,
    lock_cost_rao,
    median_price,
    subnet_to_prune,
)

TAO = 10**9


def test_the_cost_doubles_and_falls_back_in_one_effective_interval():
    interval = 57_600 // 2  # at half a TAO per block
    assert lock_cost_rao(2000 * TAO, 0, TAO // 2) == 4000 * TAO
    assert lock_cost_rao(2000 * TAO, interval, TAO // 2) == pytest.approx(2000 * TAO, abs=interval)
    assert lock_cost_rao(2000 * TAO, 10 * interval, TAO // 2) == 1000 * TAO


def test_the_slope_is_a_whole_number_of_rao_before_it_is_multiplied():
    # 100,001 / 57,600 is 1 rao per block, not 1.736
    assert lock_cost_rao(100_001, 50_000, TAO, min_lock_rao=0) == 200_002 - 50_000


def test_the_first_registration_costs_the_last_lock_once():
    assert lock_cost_rao(1500 * TAO, 0, TAO, registered_before=False) == 1500 * TAO


def test_without_emission_the_cost_does_not_fall():
    assert lock_cost_rao(2000 * TAO, 10**7, 0) == 4000 * TAO


def test_the_cheapest_subnet_makes_room_unless_it_is_immune():
    price, registered = np.array([0.3, 0.1, 0.2]), np.array([0, 500, 100])
    assert subnet_to_prune(price, registered, 1500, immunity_blocks=1000) == 1
    assert subnet_to_prune(price, registered, 1499, immunity_blocks=1000) == 2
    assert subnet_to_prune(price, registered, 999, immunity_blocks=1000) == -1


def test_of_equally_cheap_subnets_the_earliest_goes():
    assert subnet_to_prune(np.zeros(3), np.array([5, 2, 2]), 10**7) == 1


@pytest.mark.parametrize(
    ("prices", "median"), [([0.0, 0.1, 0.3], 0.2), ([0.5, 0.1, 0.3], 0.3), ([0.0], 1.0), ([], 1.0)]
)
def test_the_median_leaves_out_subnets_without_price(prices, median):
    assert median_price(np.array(prices)) == pytest.approx(median)


def test_a_new_pool_starts_at_the_median_price_with_at_least_the_minimum():
    pool = founding_pool(np.array([500 * TAO, 3000 * TAO]), 0.02)
    assert pool.tao_rao.tolist() == [1000 * TAO, 3000 * TAO]
    assert spot_price(pool) == pytest.approx(0.02)
    assert pool.quote_weight.tolist() == [0.5, 0.5]


@given(st.integers(0, 21 * 10**15), st.lists(st.integers(0, 21 * 10**15), max_size=12))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_a_dissolved_reserve_is_paid_out_to_the_last_rao(reserve, claims):
    paid = dissolution_payout_rao(reserve, claims)
    assert int(paid.sum()) == (reserve if sum(claims) else 0)
    for claim, amount in zip(claims, paid.tolist(), strict=True):
        assert not claim or abs(amount - reserve * claim // sum(claims)) <= 1


def test_the_largest_remainder_gets_the_rao_left_over():
    # 10 by 1 : 1 : 4 is 1.67, 1.67, 6.67: both rao left go to the first two in order
    assert dissolution_payout_rao(10, [1, 1, 4]).tolist() == [2, 2, 6]
    assert dissolution_payout_rao(10, [1, 5]).tolist() == [2, 8]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lock_cost_rao(-1, 0, 1), "must be >= 0"),
        (lambda: founding_pool(np.array([1]), 0.0), "median_price must be > 0"),
        (lambda: dissolution_payout_rao(1, [-1]), "must be >= 0"),
    ],
)
def test_impossible_amounts_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
