import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.emission.issuance import (
    Minted,
    alpha_block_emission_rao,
    block_emission_rao,
    mint,
    mint_alpha,
)
from model.units import BLOCKS_PER_DAY, RAO_PER_TAO, SUPPLY_CAP_RAO

issuances = st.integers(0, SUPPLY_CAP_RAO + 10**15)


def start_of_halving(k: int) -> int:
    """First whole rao at which halving k has happened, by the definition cap (1 - 2^-k)."""
    return -(-SUPPLY_CAP_RAO * (2**k - 1) // 2**k)


def by_the_block(issuance_rao: int, blocks: int) -> Minted:
    total_rao, last_rao, halvings = 0, None, []
    for block in range(blocks):
        gain_rao = block_emission_rao(issuance_rao + total_rao)
        if last_rao is not None and gain_rao < last_rao:
            halvings.append(block)
        total_rao, last_rao = total_rao + gain_rao, gain_rao
    return Minted(total_rao=total_rao, halving_block=tuple(halvings))


@pytest.mark.parametrize("k", range(1, 31))
def test_emission_halves_at_the_first_rao_of_the_threshold_and_not_before(k):
    assert block_emission_rao(start_of_halving(k)) == RAO_PER_TAO // 2**k
    assert block_emission_rao(start_of_halving(k) - 1) == RAO_PER_TAO // 2 ** (k - 1)


def test_emission_is_one_tao_at_zero_and_nothing_at_or_above_the_cap():
    assert block_emission_rao(0) == RAO_PER_TAO
    assert block_emission_rao(SUPPLY_CAP_RAO) == 0
    assert block_emission_rao(SUPPLY_CAP_RAO + 1) == 0


@given(issuances, issuances)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_emission_never_rises_with_issuance(first, second):
    low, high = sorted((first, second))
    assert block_emission_rao(low) >= block_emission_rao(high)


@given(st.lists(issuances, min_size=1, max_size=8))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_each_alpha_follows_the_curve_of_tao_on_its_own_issuance(issuance):
    expected = [block_emission_rao(each) for each in issuance]
    assert alpha_block_emission_rao(np.array(issuance)).tolist() == expected


@pytest.mark.parametrize(
    ("days", "issued_tao"), [(2000, 12_450_000), (3000, 15_900_000), (3652.5, 17_074_500), (7305, 20_346_750)]
)
def test_issuance_after_years_of_blocks_is_exact(days, issued_tao):
    assert mint(0, int(days * BLOCKS_PER_DAY)).total_rao == issued_tao * RAO_PER_TAO


def test_without_recycling_each_of_the_first_intervals_lasts_1458_and_a_third_days():
    halving = mint(0, 60_000_000).halving_block
    lengths = np.diff((0, *halving)) / BLOCKS_PER_DAY
    assert lengths == pytest.approx(1458.3333333, abs=1e-6)


def test_recycling_a_tenth_stretches_the_interval_by_a_ninth_and_leaves_the_threshold():
    issuance_rao, blocks = 0, 0
    while block_emission_rao(issuance_rao) == RAO_PER_TAO:
        issuance_rao += mint(issuance_rao, 2400).total_rao * 9 // 10
        blocks += 2400
    assert blocks / BLOCKS_PER_DAY == pytest.approx(1620.37, abs=0.4)


@given(st.integers(1, 29), st.integers(-5, 5), st.integers(0, 40))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_minting_in_jumps_equals_minting_block_by_block(k, offset, blocks):
    start = start_of_halving(k) - offset * (RAO_PER_TAO >> k) - offset
    assert mint(start, blocks) == by_the_block(start, blocks)


@given(issuances, st.integers(0, 10**9), st.integers(0, 10**9))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_minting_twice_equals_minting_once(issuance, first, second):
    start = mint(issuance, first).total_rao
    assert start + mint(issuance + start, second).total_rao == mint(issuance, first + second).total_rao


@given(st.integers(0, SUPPLY_CAP_RAO), st.integers(0, 10**12))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_minting_never_passes_the_cap(issuance, blocks):
    assert issuance + mint(issuance, blocks).total_rao <= SUPPLY_CAP_RAO


@given(st.lists(issuances, min_size=1, max_size=6), st.integers(0, 10**8))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_alpha_of_many_subnets_is_minted_as_tao_of_each_alone(issuance, blocks):
    expected = [mint(each, blocks).total_rao for each in issuance]
    assert mint_alpha(np.array(issuance), blocks).tolist() == expected


def test_minting_leaves_its_input_alone():
    issuance = np.array([5, 6])
    mint_alpha(issuance, 10)
    assert issuance.tolist() == [5, 6]


@pytest.mark.parametrize(("issuance", "blocks"), [(-1, 1), (0, -1)])
def test_negative_issuance_or_blocks_are_refused(issuance, blocks):
    with pytest.raises(ValueError, match="must be >= 0, is -1"):
        mint(issuance, blocks)


def test_block_emission_reproduces_the_chain(golden):
    for vector in golden("coinbase.json", "block_emission"):
        assert block_emission_rao(vector["inputs"]["issuance"]) == vector["expected"], vector["id"]
