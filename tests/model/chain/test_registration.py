import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.registration import (
    BURN_INCREASE_MULT,
    bumped_burn_rao,
    burn_factor_q32,
    decayed_burn_rao,
    immortal_uid,
    uid_to_replace,
)

TAO = 10**9


def one(value):
    return np.array([value])


@pytest.mark.parametrize(
    ("half_life", "factor"), [(1, 2147483648), (100, 4265299790), (360, 4286705684), (7200, 4294553838)]
)
def test_the_factor_of_a_block_is_the_chains(half_life, factor):
    assert burn_factor_q32(half_life) == factor


@given(st.integers(0, 100 * TAO), st.integers(1, 36_100))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_block_of_decay_is_exact_in_whole_numbers(burn, half_life):
    expected = max(burn * burn_factor_q32(half_life) >> 32, 500_000)
    assert decayed_burn_rao(one(burn), 1, half_life)[0] == expected


@given(st.integers(0, 200 * TAO), st.integers(1, 400), st.sampled_from([10, 360, 7200]))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_many_blocks_at_once_stay_within_the_stated_rao_above_single_ones(burn, blocks, half_life):
    single = one(burn)
    for _ in range(blocks):
        single = decayed_burn_rao(single, 1, half_life)
    above = int(decayed_burn_rao(one(burn), blocks, half_life)[0] - single[0])
    assert 0 <= above <= 1 / (1 - burn_factor_q32(half_life) / 2**32) + 1


def test_the_price_halves_in_a_half_life():
    assert decayed_burn_rao(one(TAO), 360)[0] == pytest.approx(TAO / 2, abs=520)


def test_the_price_stays_between_minimum_and_maximum():
    assert decayed_burn_rao(np.array([0, 10**6, 10**12]), 1000).tolist() == [
        500_000,
        500_000,
        pytest.approx(100 * TAO * 2 ** (-1000 / 360), rel=0.01),
    ]
    assert bumped_burn_rao(np.array([TAO, 99 * TAO])).tolist() == [1_260_000_000, 100 * TAO]


def test_without_blocks_the_price_is_unchanged():
    assert decayed_burn_rao(one(3), 0).tolist() == [3]


def test_three_registrations_per_half_life_keep_the_price_where_it_is():
    assert np.log(2) / np.log(BURN_INCREASE_MULT) == pytest.approx(3.0, abs=0.001)
    price = one(TAO)
    for _ in range(30):
        price = bumped_burn_rao(decayed_burn_rao(price, 120))
    assert price[0] == pytest.approx(TAO, rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: burn_factor_q32(0), "half_life_blocks must be >= 1"),
        (lambda: decayed_burn_rao(one(-1), 1), "must be >= 0"),
        (lambda: decayed_burn_rao(one(1), -1), "must be >= 0"),
        (lambda: decayed_burn_rao(one(1), 1, min_burn_rao=2, max_burn_rao=1), "min_burn_rao must be <="),
        (lambda: bumped_burn_rao(one(1), 0.9), "increase_mult must be >= 1"),
    ],
)
def test_impossible_prices_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class Subnet:
    """Twelve mortal neurons out of their immunity; the fields may be changed before asking."""

    def __init__(self, n_uids=12):
        self.emission = np.arange(n_uids)[::-1].copy()
        self.registered = np.arange(n_uids)
        self.immune = np.zeros(n_uids, dtype=bool)
        self.immortal = np.zeros(n_uids, dtype=bool)
        self.occupied = np.ones(n_uids, dtype=bool)

    def replaces(self):
        arrays = (self.emission, self.registered, self.immune, self.immortal, self.occupied)
        return int(uid_to_replace(*(array[None] for array in arrays))[0])


def test_a_free_place_is_taken_first():
    subnet = Subnet()
    subnet.occupied[[4, 7]] = False
    assert subnet.replaces() == 4


def test_the_lowest_emission_goes_then_the_earliest_registered_then_the_lowest_uid():
    subnet = Subnet()
    assert subnet.replaces() == 11
    subnet.emission[:] = 5
    subnet.registered[:] = 9
    subnet.registered[[6, 3]] = 2
    assert subnet.replaces() == 3
    subnet.registered[:] = 2
    assert subnet.replaces() == 0


def test_the_immune_are_spared_while_more_than_ten_are_not():
    subnet = Subnet()
    subnet.immune[11] = True
    assert subnet.replaces() == 10


def test_with_ten_exposed_or_fewer_the_weakest_immune_goes():
    subnet = Subnet()
    subnet.immune[[2, 3]] = True
    assert subnet.replaces() == 3


def test_immortal_keys_neither_go_nor_count():
    subnet = Subnet()
    subnet.immortal[11] = True
    assert subnet.replaces() == 10
    subnet.immortal[10] = True
    assert subnet.replaces() == -1


def test_subnets_are_searched_side_by_side():
    first, second = Subnet(), Subnet()
    second.emission = second.emission[::-1]
    fields = ("emission", "registered", "immune", "immortal", "occupied")
    both = [np.stack([getattr(first, name), getattr(second, name)]) for name in fields]
    assert uid_to_replace(*both).tolist() == [11, 0]


def test_the_owner_hotkey_is_immortal_before_the_owners_oldest_keys():
    owner_key = np.array([[True, True, False, True]])
    owner_hotkey = np.array([[False, False, False, True]])
    registered = np.array([[7, 3, 1, 9]])
    assert immortal_uid(owner_key, owner_hotkey, registered).tolist() == [[False, False, False, True]]
    two = immortal_uid(owner_key, owner_hotkey, registered, 2)
    assert two.tolist() == [[False, True, False, True]]


def test_without_keys_of_the_owner_nobody_is_immortal():
    none = np.zeros((1, 3), dtype=bool)
    assert not immortal_uid(none, none, np.arange(3)[None]).any()
