import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from model.chain.emission.apportion import apportion_rao, in_proportion

pots = st.integers(0, 21 * 10**15)
weights = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.floats(0, 1e12))


@given(weights, pots)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_paid_and_left_are_the_pot_to_the_rao(weight, pot):
    pot_rao = np.full(len(weight), pot)
    amount_rao, dust_rao = apportion_rao(pot_rao, in_proportion(weight))
    assert (amount_rao.sum(axis=1) + dust_rao == pot_rao).all()
    assert (amount_rao >= 0).all()
    assert (dust_rao >= 0).all()


@given(weights, st.integers(0, 10**15))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_dust_is_less_than_a_rao_per_holder_where_anybody_has_a_share(weight, pot):
    share = in_proportion(weight)
    _, dust_rao = apportion_rao(np.full(len(weight), pot), share)
    assert (dust_rao[share.any(axis=1)] <= share.shape[1]).all()


@given(weights, st.integers(0, 10**15), st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_permuting_holders_permutes_amounts_to_a_rao(weight, pot, random):
    order = list(range(weight.shape[1]))
    random.shuffle(order)
    pot_rao = np.full(len(weight), pot)
    straight, _ = apportion_rao(pot_rao, in_proportion(weight))
    permuted, _ = apportion_rao(pot_rao, in_proportion(weight[:, order]))
    assert np.abs(straight[:, order] - permuted).max() <= 1


@given(weights, st.floats(1e-3, 1e3))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_proportions_do_not_depend_on_the_scale(weight, scale):
    scaled = np.where(weight > 1e-290, weight, 0.0)
    assert in_proportion(scaled * scale) == pytest.approx(in_proportion(scaled), abs=1e-12)


def test_holders_get_whole_rao_and_a_row_without_shares_keeps_its_pot():
    amount_rao, dust_rao = apportion_rao(np.array([10, 10]), np.array([[1 / 3, 2 / 3], [0.0, 0.0]]))
    assert amount_rao.tolist() == [[3, 6], [0, 0]]
    assert dust_rao.tolist() == [1, 10]


def test_shares_that_round_above_one_pay_no_more_than_the_pot():
    amount_rao, dust_rao = apportion_rao(np.array([10**10]), np.array([[0.5 + 4e-10, 0.5 + 4e-10]]))
    assert amount_rao.sum() == 10**10
    assert dust_rao.tolist() == [0]


def test_one_pot_goes_without_a_subnet_axis():
    amount_rao, dust_rao = apportion_rao(7, np.array([0.5, 0.5]))
    assert amount_rao.tolist() == [3, 3]
    assert int(dust_rao) == 1


def test_huge_weights_have_proportions():
    assert in_proportion(np.array([1.5e308, 1.5e308])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("pot", "share", "message"),
    [
        ([1], [[0.7, 0.7]], "sum to at most 1"),
        ([1], [[-0.1, 0.7]], "must be >= 0"),
        ([1], [[np.nan, 0.7]], "must be >= 0"),
        ([-1], [[0.5, 0.5]], "pot_rao must be >= 0"),
        ([1, 1], [[0.5, 0.5]], "does not fit"),
    ],
)
def test_impossible_pots_and_shares_are_refused(pot, share, message):
    with pytest.raises(ValueError, match=message):
        apportion_rao(np.array(pot), np.array(share))


def test_infinite_weight_is_refused():
    with pytest.raises(ValueError, match="finite"):
        in_proportion(np.array([np.inf, 1.0]))
