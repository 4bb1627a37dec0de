import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.apportion import in_proportion
from model.chain.emission.coinbase import alpha_split
from model.chain.emission.payout import (
    delegate_take,
    dividend_distribution,
    dividend_parts,
    epoch_pay,
    withhold_from_owner,
)


@st.composite
def epochs(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    minted = rng.integers(0, 360 * 10**9, n)
    split = alpha_split(minted, rng.random(n), root_sells=draw(st.booleans()))
    dead = rng.random((2, n, 1)) < 0.25
    incentive = in_proportion(np.where(dead[0], 0, rng.random((n, m))))
    dividend = in_proportion(np.where(dead[1], 0, rng.random((n, m))))
    parts = dividend_parts(dividend, rng.integers(0, 10**15, (n, m)), rng.integers(0, 10**15, (n, m)))
    return split, incentive, dividend, parts


def pay(server, validator, root, incentive, dividend, alpha=1.0, root_stake=0.0):
    incentive, dividend = np.array([incentive], dtype=float), np.array([dividend], dtype=float)
    parts = dividend_parts(dividend, np.full(dividend.shape, alpha), np.full(dividend.shape, root_stake))
    pots = (np.array([server]), np.array([validator]), np.array([root]))
    return epoch_pay(*pots, incentive, dividend, parts)


@given(epochs())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_pots_are_paid_or_unowned_to_the_rao_and_never_overdrawn(epoch):
    split, incentive, dividend, parts = epoch
    result = epoch_pay(split.server_rao, split.validator_rao, split.root_rao, incentive, dividend, parts)
    paid = sum(each.sum(axis=1) for each in (result.incentive_rao, result.alpha_dividend_rao, result.root_dividend_rao))
    assert (paid + result.unowned_rao == split.server_rao + split.validator_rao + split.root_rao).all()
    assert (result.unowned_rao >= 0).all()


def test_miners_and_validators_get_half_each_while_both_earned_something():
    result = pay(500, 400, 100, [0.25, 0.75], [1, 0], alpha=0.0, root_stake=1.0)
    assert result.incentive_rao.tolist() == [[125, 375]]
    assert result.root_dividend_rao.tolist() == [[100, 0]]


def test_without_miners_pay_validators_get_the_server_pot_too():
    result = pay(500, 500, 0, [0, 0], [0.5, 0.5])
    assert result.alpha_dividend_rao.tolist() == [[500, 500]]
    assert result.unowned_rao.tolist() == [0]


def test_without_dividends_miners_get_all_pots_and_those_of_validators_are_lost():
    result = pay(500, 400, 100, [0.5, 0.5], [0, 0])
    assert result.incentive_rao.tolist() == [[500, 500]]
    assert not result.alpha_dividend_rao.any()
    assert result.unowned_rao.tolist() == [0]


def test_without_anybody_all_pots_are_unowned():
    assert pay(500, 400, 100, [0, 0], [0, 0]).unowned_rao.tolist() == [1000]


def test_while_root_does_not_sell_a_quarter_of_its_proportion_belongs_to_nobody():
    minted, proportion = 10**12, 0.4
    split = alpha_split(np.array([minted]), np.array([proportion]), owner_cut_share=0.0, root_sells=False)
    result = pay(int(split.server_rao[0]), int(split.validator_rao[0]), int(split.root_rao[0]), [1, 0], [0, 1])
    assert result.unowned_rao[0] == pytest.approx(minted * proportion / 4, abs=4)


def test_dividends_part_by_alpha_and_weighted_root_stake():
    alpha, root = dividend_parts(np.array([[1.0, 1.0]]), np.array([[3, 0]]), np.array([[4, 0]]), 0.25)
    assert_allclose(alpha, [[0.75, 1.0]])
    assert_allclose(root, [[0.25, 0.0]])


def test_distributions_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "dividend_distribution"):
        given_ = vector["inputs"]
        alpha, root = map(np.array, zip(*given_["stake_alpha_root"], strict=True))
        parts = dividend_parts(np.array([given_["dividends"]]), alpha[None], root[None], given_["tao_weight"])
        pots = (np.array([given_["pending_validator_alpha"]]), np.array([given_["pending_root_alpha"]]))
        paid = dividend_distribution(*pots, *parts)
        for name, amount in zip(("sum_alpha", "sum_root"), paid, strict=True):
            # the chain's own tolerance is 1000 rao; ours is rounding to rao
            assert 0 <= vector["expected"][name] - amount.sum() <= 2


def test_epoch_totals_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "dividends_incentives_totals"):
        given_, expected = vector["inputs"], vector["expected"]
        pots = (given_["incentive"], given_["dividend"], 0)
        earned = [[float(given_["incentive"] > 0)], [float(given_["dividend"] > 0)]]
        result = pay(*pots, *earned)
        if "total" in expected:
            total = result.incentive_rao.sum() + result.alpha_dividend_rao.sum()
            assert total == pytest.approx(expected["total"], abs=vector["tol"])
        else:
            assert result.incentive_rao.sum() == expected["incentive"]
            assert result.alpha_dividend_rao.sum() == expected["dividend"]


def test_pay_of_the_owners_keys_is_withheld_and_counted():
    held = withhold_from_owner(
        np.array([[10, 30], [0, 0], [5, 5]]), np.array([[True, False], [True, True], [True, True]])
    )
    assert held.paid_rao.tolist() == [[0, 30], [0, 0], [0, 0]]
    assert held.withheld_rao.tolist() == [10, 0, 10]
    assert held.miner_burned_share.tolist() == [0.25, 0, 1]


@given(st.integers(0, 10**15), st.floats(0, 1))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_take_and_rest_are_the_dividend(dividend, take):
    take_rao, rest_rao = delegate_take(np.array([dividend]), np.array([take]))
    assert take_rao + rest_rao == dividend
    assert 0 <= take_rao[0] <= dividend


def test_a_take_above_one_is_refused():
    with pytest.raises(ValueError, match=r"take_share must lie in \[0, 1\]"):
        delegate_take(np.array([1]), np.array([1.1]))
