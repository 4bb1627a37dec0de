import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.apportion import apportion_rao
from model.chain.emission.coinbase import (
    OWNER_CUT_SHARE,
    TAO_WEIGHT,
    alpha_split,
    root_proportion,
    root_sell_flag,
    subnet_terms,
)
from model.chain.market.pool import Pool, inject
from model.units import RAO_PER_TAO, U16_MAX

amounts = st.floats(0, 1e15)
shares = st.floats(0, 1)


def one(value):
    return np.array([value], dtype=float)


@given(amounts, st.floats(0, 1e3), amounts, shares)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_injection_and_excess_are_the_emission_and_alpha_keeps_to_its_cap(tao, price, alpha, proportion):
    terms = subnet_terms(one(tao), one(price), one(alpha), one(proportion))
    assert terms.tao_in + terms.excess_tao == pytest.approx(tao)
    assert (terms.excess_tao >= 0).all()
    assert terms.alpha_in <= proportion * alpha
    assert terms.alpha_in * price <= tao * (1 + 1e-12)


def test_below_the_cap_all_tao_is_injected_at_the_spot_price():
    terms = subnet_terms(one(100), one(0.5), one(1000), one(0.5))
    assert (terms.tao_in, terms.alpha_in, terms.excess_tao) == (100, 200, 0)


def test_without_a_price_all_tao_is_injected_and_no_alpha():
    terms = subnet_terms(one(100), one(0), one(1000), one(0.5))
    assert (terms.tao_in, terms.alpha_in, terms.excess_tao) == (100, 0, 0)


def test_terms_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "subnet_terms"):
        given_ = vector["inputs"]
        terms = subnet_terms(
            one(given_["tao_emission"]),
            one(given_["price"]),
            one(given_["alpha_emission"]),
            one(given_["root_proportion"]),
        )
        seen = {"alpha_out": given_["alpha_emission"], "alpha_in": terms.alpha_in[0]}
        seen |= {"tao_in": terms.tao_in[0], "excess_tao": terms.excess_tao[0]}
        for name, value in vector["expected"].items():
            assert seen[name] == pytest.approx(value, abs=vector["tol"]), (vector["id"], name)


def test_reserves_after_a_block_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "coinbase_reserves"):
        given_ = vector["inputs"]
        n = len(given_["moving_price"])
        price = np.ones(n) if given_["mechanism"] == 0 else np.divide(*map(np.array, _reserves(given_)))
        share = np.asarray(given_["moving_price"]) / np.sum(given_["moving_price"])
        tao_rao, _ = apportion_rao(given_["block_emission"], share)
        terms = subnet_terms(
            tao_rao, price, np.full(n, given_["alpha_emission"]), np.full(n, given_["root_proportion"])
        )
        tao_reserve, alpha_reserve = map(np.array, _reserves(given_))
        pool = Pool(tao_rao=tao_reserve, alpha_rao=alpha_reserve, quote_weight=np.full(n, 0.5))
        grown, _ = inject(pool, terms.tao_in.astype(np.int64), terms.alpha_in.astype(np.int64))
        assert_allclose(grown.alpha_rao, vector["expected"]["alpha_reserve"], atol=vector["tol"], rtol=0)


def _reserves(given_):
    return given_["tao_reserve"], given_["alpha_reserve"]


@given(st.integers(0, 10**16), st.integers(0, 10**16), st.integers(1, 1000))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_root_proportion_depends_on_the_ratio_of_stake_to_issuance(root, issuance, factor):
    small = root_proportion(root, np.array([issuance]))
    assert 0 <= small[0] <= 1
    assert root_proportion(root * factor, np.array([issuance * factor])) == pytest.approx(small, rel=1e-12)


def test_root_proportion_is_zero_where_nothing_is_staked_or_issued():
    assert root_proportion(0, np.array([0])).tolist() == [0]


@pytest.mark.parametrize(("issuance_alpha", "expected"), [(1e5, 0.74), (1e6, 0.225), (2e6, 0.127), (4e6, 0.068)])
def test_root_proportion_falls_as_a_subnet_ages(issuance_alpha, expected):
    issuance_rao = np.array([int(issuance_alpha) * RAO_PER_TAO])
    assert root_proportion(5_500_000 * RAO_PER_TAO, issuance_rao) == pytest.approx(expected, abs=0.005)


def test_root_proportion_reproduces_the_chain(golden):
    for vector in golden("coinbase.json", "root_proportion"):
        given_ = vector["inputs"]
        seen = root_proportion(given_["root_tao"], np.array([given_["alpha_issuance"]]), given_["tao_weight"])
        assert seen[0] == pytest.approx(vector["expected"], abs=vector["tol"])


def test_tao_weight_and_owner_cut_are_the_chains_ratios():
    assert pytest.approx(0.052676974387, abs=1e-12) == TAO_WEIGHT
    assert pytest.approx(0.179995422, abs=1e-9) == OWNER_CUT_SHARE


def test_root_dividends_are_sold_only_while_eligible_prices_sum_to_more_than_one():
    price = np.array([0.5, 0.5, 0.1])
    assert root_sell_flag(price, np.array([True, True, True]))
    assert not root_sell_flag(price, np.array([True, True, False]))


@given(st.integers(0, 10**15), shares, shares, st.booleans())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_every_minted_rao_of_alpha_is_in_a_pot_recycled_or_dust(alpha, proportion, cut, sells):
    split = alpha_split(np.array([alpha]), one(proportion), owner_cut_share=cut, root_sells=sells)
    pots = split.owner_rao + split.server_rao + split.validator_rao + split.root_rao
    assert pots + split.recycled_rao + split.dust_rao == alpha
    assert 0 <= split.dust_rao[0] <= 4
    assert (split.server_rao >= split.validator_rao + split.root_rao).all()


def test_default_split_is_18_41_41():
    split = alpha_split(np.array([10**9]), one(0.0))
    assert split.owner_rao[0] / 1e9 == pytest.approx(0.18, abs=1e-5)
    assert split.server_rao[0] / 1e9 == pytest.approx(0.41, abs=1e-5)
    assert split.validator_rao[0] / 1e9 == pytest.approx(0.41, abs=1e-5)


def test_without_root_sales_the_same_root_part_is_recycled():
    selling = alpha_split(np.array([10**9]), one(0.3))
    holding = alpha_split(np.array([10**9]), one(0.3), root_sells=False)
    assert holding.root_rao.tolist() == [0]
    assert holding.recycled_rao == selling.root_rao
    assert holding.validator_rao == selling.validator_rao


def test_splits_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "alpha_split"):
        given_ = vector["inputs"]
        split = alpha_split(
            np.array([given_["alpha_out"]]),
            one(given_["root_proportion"]),
            owner_cut_share=given_["owner_cut_u16"] / U16_MAX,
        )
        for name, value in vector["expected"].items():
            assert getattr(split, f"{name}_rao")[0] == pytest.approx(value, abs=vector["tol"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: subnet_terms(one(-1), one(1), one(1), one(1)), "tao_emission_rao must be >= 0"),
        (lambda: subnet_terms(one(1), one(np.nan), one(1), one(1)), "price_tao_per_alpha must be >= 0"),
        (lambda: alpha_split(np.array([1]), one(1.5)), r"root_proportion must lie in \[0, 1\]"),
        (lambda: alpha_split(np.array([1]), one(1), owner_cut_share=-0.1), "owner_cut_share must lie"),
        (lambda: root_proportion(-1, np.array([1])), "root_tao_rao must be >= 0"),
    ],
)
def test_impossible_amounts_and_shares_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
