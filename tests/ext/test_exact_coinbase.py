"""Block emission by the chain's own logarithm, and powered shares."""

import pytest

from ext.exact_coinbase import block_emission_rao, power_shares
from ext.fixed_point import I32F32, U64F64

CAP = 21 * 10**15


@pytest.mark.parametrize("halving", range(1, 12))
def test_emission_halves_when_issuance_reaches_its_threshold(halving):
    threshold = CAP - CAP // 2**halving
    assert block_emission_rao(threshold) == 10**9 >> halving
    assert block_emission_rao(threshold - 10**10) == 10**9 >> (halving - 1)


def test_emission_ends_at_the_cap_and_issuance_is_not_negative():
    assert block_emission_rao(CAP) == 0
    with pytest.raises(ValueError, match=">= 0"):
        block_emission_rao(-1)


def test_powered_shares_sum_to_one_and_follow_the_power():
    value = [U64F64.from_int(part) for part in (2, 3, 5)]
    share = [I32F32.to_float(part) for part in power_shares(value, I32F32.from_float(1.6))]
    wanted = [part**1.6 / (2**1.6 + 3**1.6 + 5**1.6) for part in (2, 3, 5)]
    assert share == pytest.approx(wanted, rel=1e-6)
    assert power_shares([0, 0], I32F32.one) == [0, 0]
