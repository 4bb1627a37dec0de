"""The owner's part of the vote: withheld whether or not anybody works, and the same at the ends of its range."""

import numpy as np
import pytest

from model.economy import Economy

HALVES = {"subnets__count": 2, "market__price_tao_per_alpha": 0.02, "reward__measurement_noise": 0.0}


def played(burn_share, epochs=12, **values):
    economy = Economy("speed-or-quality", owners__burn_share=burn_share, **HALVES | values)
    for _ in range(epochs):
        economy.step()
    return economy


def paid(economy, role):
    """What the last epoch paid a role."""
    table = economy.records.strategies
    return table.last("earned_tao")[table.label["role"] == role].sum()


@pytest.mark.parametrize("kind", ["fixed_price", "pool"])
def test_a_subnets_emission_goes_to_nothing_with_its_burn_and_stays_there(kind):
    burns = (0.0, 0.5, 0.9, 0.99, 0.999999, 1.0)
    runs = [played([burn, 0.0], emission__rule="price_burn", market__kind=kind) for burn in burns]
    share = [run.records.subnets.last("emission_share")[0] for run in runs]
    assert share == pytest.approx([(1 - burn) / (2 - burn) for burn in burns], rel=3e-3, abs=1e-9)
    assert [run.state.miner_burned_share[0] for run in runs] == pytest.approx(burns, abs=1e-8)


def test_validators_get_the_same_whatever_is_burned():
    validators = [paid(played(burn), "validator") for burn in (0.0, 0.5, 0.999999, 1.0)]
    assert validators == pytest.approx([validators[0]] * 4, rel=1e-6)
    assert paid(played(1.0), "miner") == 0


@pytest.mark.parametrize("burn_share", [0.0, 1e-6, 0.5, 1 - 1e-6, 1.0])
def test_where_nobody_scores_the_owner_has_its_part_of_the_vote_and_validators_the_rest(burn_share):
    idle, works = played(burn_share, 3, miners__purse_tao=0.0), played(burn_share, 3)
    assert idle.state.miner_burned_share == pytest.approx([burn_share] * 2, abs=1e-12)
    assert not idle.state.incentive_share.any()
    pot = paid(works, "validator")  # miners' pot is as large
    assert paid(idle, "validator") == pytest.approx((2 - burn_share) * pot, rel=1e-6)
    burned = idle.state.burned_alpha_rao / 1e9
    assert burned == pytest.approx(3 * burn_share * pot / 0.02 / 2, rel=1e-6, abs=1e-6)


def test_what_is_recycled_where_nobody_scores_leaves_issuance():
    burned, recycled = (played(0.5, 3, miners__purse_tao=0.0, owners__recycle=recycle) for recycle in (False, True))
    gone = burned.state.alpha_issuance_rao - recycled.state.alpha_issuance_rao
    assert (gone > 0).all()
    np.testing.assert_allclose(gone, burned.state.burned_alpha_rao - recycled.state.burned_alpha_rao)


def test_where_no_stake_counts_nobody_votes_for_the_owner_either():
    economy = played(1.0, 2, validators__stake_alpha=0.0)
    assert not economy.state.miner_burned_share.any()
