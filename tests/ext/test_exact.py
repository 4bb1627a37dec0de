"""The fixed-point epoch: what must hold of any epoch, two validators by hand, and the chain's own numbers."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ext.chain_state import EpochRule, SubnetSnapshot, alpha_refusal
from ext.exact import exact_epoch, stake_share
from ext.fixed_point import I32F32

ONE = I32F32.one
TAO = 10**9
fast = settings(deadline=None, derandomize=True, max_examples=40)


def subnet(weight, stake, **changes):
    n_uids = len(stake)
    parts = {
        "block": 1_000,
        "emission_rao": TAO,
        "stake_rao": stake,
        "last_update_block": [999] * n_uids,
        "registered_block": [1] * n_uids,
        "weight_u16": [weight.get(uid, []) for uid in range(n_uids)],
        "bond_u16": [[] for _ in range(n_uids)],
        "permit": [held > 0 for held in stake],
    }
    return SubnetSnapshot(**{**parts, **changes})


@st.composite
def snapshots(draw):
    n_validators, n_miners = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    n_uids = n_validators + n_miners
    stake = [draw(st.integers(1, 10**16)) for _ in range(n_validators)] + [0] * n_miners
    weight = {
        uid: [(target, draw(st.integers(0, 65_535))) for target in range(n_validators, n_uids)]
        for uid in range(n_validators)
    }
    bond = [
        [(target, draw(st.integers(0, 65_535))) for target in range(n_validators, n_uids)] if held else []
        for held in stake
    ]
    return subnet(weight, stake, bond_u16=bond)


rules = st.builds(
    EpochRule,
    yuma3=st.booleans(),
    liquid_alpha=st.booleans(),
    bonds_penalty_u16=st.sampled_from([0, 30_000, 65_535]),
    kappa_u16=st.integers(0, 65_535),
)


@fast
@given(snapshots(), rules)
def test_emission_never_exceeds_the_pot_and_misses_less_than_it_rounds(snapshot, rule):
    result = exact_epoch(snapshot, rule)
    dust = snapshot.emission_rao - sum(result.emission_rao)
    assert 0 <= dust <= 3 * len(snapshot.stake_rao)


@fast
@given(snapshots(), rules)
def test_renaming_miners_renames_their_incentives(snapshot, rule):
    n_uids = len(snapshot.stake_rao)
    n_validators = sum(held > 0 for held in snapshot.stake_rao)
    mirror = [*range(n_validators), *reversed(range(n_validators, n_uids))]
    turned = replace(
        snapshot,
        weight_u16=[sorted((mirror[uid], value) for uid, value in row) for row in snapshot.weight_u16],
        bond_u16=[sorted((mirror[uid], value) for uid, value in row) for row in snapshot.bond_u16],
    )
    plain, other = exact_epoch(snapshot, rule), exact_epoch(turned, rule)
    assert [other.incentive[mirror[uid]] for uid in range(n_uids)] == plain.incentive
    assert [other.consensus[mirror[uid]] for uid in range(n_uids)] == plain.consensus


@fast
@given(snapshots(), rules)
def test_bonds_stay_within_u16_and_belong_to_uids_with_a_permit(snapshot, rule):
    result = exact_epoch(snapshot, rule)
    for row, permitted in zip(result.bond_u16, result.permit, strict=True):
        assert permitted or not row
        assert all(0 < value <= 65_535 for _, value in row)


def test_a_single_validator_is_the_consensus_and_earns_every_dividend():
    result = exact_epoch(subnet({0: [(1, 65_535), (2, 65_535)]}, [TAO, 0, 0]), EpochRule())
    assert result.consensus[1:] == [ONE // 2, ONE // 2]
    assert result.u16("dividend") == [65_535, 0, 0]
    assert result.emission_rao == [TAO // 2, TAO // 4, TAO // 4]


def test_the_smaller_of_two_validators_is_clipped_to_what_the_larger_supports():
    result = exact_epoch(subnet({0: [(2, 65_535)], 1: [(3, 65_535)]}, [60, 40, 0, 0]), EpochRule())
    assert result.u16("consensus") == [0, 0, 65_535, 0]
    assert result.u16("validator_trust") == [65_535, 0, 0, 0]
    assert result.u16("incentive") == [0, 0, 65_535, 0]
    assert result.u16("dividend") == [65_535, 0, 0, 0]


def test_without_weights_validators_share_the_emission_by_stake():
    result = exact_epoch(subnet({}, [3, 1, 0]), EpochRule())
    assert result.emission_rao == [3 * TAO // 4, TAO // 4, 0]
    assert result.server_emission_rao == [0, 0, 0]


def test_the_owner_needs_no_permit_no_threshold_and_may_weight_itself():
    lonely = subnet({0: [(0, 65_535)], 1: [(1, 65_535)]}, [5, 500], permit=[False, True], owner_uid=0)
    result = exact_epoch(lonely, EpochRule(stake_threshold_rao=10, max_allowed_validators=1))
    assert result.permit == [True, True]
    assert result.stake_share[0] > 0
    assert result.validator_trust[1] == 0


def test_a_weight_set_in_the_block_of_registration_does_not_count_and_one_set_later_does():
    weight, stake = {0: [(1, 65_535), (2, 65_535)]}, [TAO, 0, 0]
    late = subnet(weight, stake, registered_block=[1, 999, 998])
    assert exact_epoch(late, EpochRule()).u16("incentive") == [0, 0, 65_535]


def test_a_pending_commit_older_than_the_target_masks_it_only_under_commit_reveal():
    weight, stake = {0: [(1, 65_535), (2, 65_535)]}, [TAO, 0, 0]
    pending = subnet(weight, stake, registered_block=[1, 50, 40], commit_block=[40, 2**62, 2**62])
    assert exact_epoch(pending, EpochRule()).u16("incentive") == [0, 0, 65_535]
    assert exact_epoch(pending, EpochRule(commit_reveal=False)).u16("incentive") == [0, 32_767, 32_767]


def test_shares_of_stake_below_two_to_the_minus_32_vanish():
    assert stake_share([1, 21 * 10**15 - 1])[0] == 0
    assert stake_share([0, 0]) == [0, 0]


def test_snapshots_and_rules_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="permit must have 2 entries"):
        subnet({}, [1, 1], permit=[True])
    with pytest.raises(ValueError, match=r"weight_u16\[0\]"):
        subnet({0: [(5, 1)]}, [1, 1])
    with pytest.raises(ValueError, match="owner_uid"):
        subnet({}, [1, 1], owner_uid=2)
    with pytest.raises(ValueError, match="kappa_u16"):
        EpochRule(kappa_u16=65_536)


def test_liquid_alpha_limits_are_refused_in_the_chains_words():
    assert alpha_refusal(1_638, 58_982) is None
    assert alpha_refusal(1_638, 1_637) == "AlphaHighTooLow"
    assert alpha_refusal(1_637, 58_982) == "AlphaLowOutOfRange"
    assert alpha_refusal(1_638, 58_982, liquid_alpha=False) == "LiquidAlphaDisabled"


def test_six_epochs_of_the_chains_own_bond_test_come_out_to_the_rao():
    """Source: subtensor 14bc6f9, pallets/subtensor/src/tests/epoch.rs (test_bonds), as in CHAIN A1."""
    everyone = [(4, 16_383), (5, 32_767), (6, 49_149), (7, 65_535)]
    alone = {uid: [(uid, 65_535)] for uid in range(3)}
    changes = [{}, {0: alone[0]}, {1: alone[1]}, {2: alone[2]}, {2: [(7, 65_535)]}, {}]
    wanted = [
        ([49999998, 99999999, 150000000, 200000001, 49998779, 100000610, 149996337, 200004272], 16_383),
        ([44998351, 101110561, 151667215, 202223870, 49998779, 100000610, 149996337, 200004272], 14_582),
        ([40496805, 90999783, 157929636, 210573773, 49998779, 100000610, 149996337, 200004272], 12_603),
        ([99999999, 199999999, 299999999, 399999999, 0, 0, 0, 0], 12_602),
        ([36443733, 81898628, 163565493, 218092144, 0, 0, 0, 500000000], 12_601),
        ([32799427, 73706612, 168638129, 224855830, 0, 0, 0, 500000000], 12_600),
    ]
    rule = EpochRule(yuma3=False, max_allowed_validators=8, commit_reveal=False)
    weight = dict.fromkeys(range(4), everyone)
    state = subnet(weight, [1, 2, 3, 4, 0, 0, 0, 0], permit=[True] * 8)
    for change, (emission_rao, bond_u16) in zip(changes, wanted, strict=True):
        weight.update(change)
        result = exact_epoch(replace(state, weight_u16=[weight.get(uid, []) for uid in range(8)]), rule)
        assert result.emission_rao == emission_rao
        assert dict(result.bond_u16[0])[4] == bond_u16
        state = replace(state, bond_u16=result.bond_u16)
