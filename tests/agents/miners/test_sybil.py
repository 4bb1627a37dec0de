"""The sybil: what splitting one miner over many uids is worth, and who sees through it."""

import pytest

from model.records.columns import concentration_name


def played(contest, identities, n_epochs=1, **world):
    """Economy in which half of ten uids are one miner split over `identities` uids, or as many as fit."""
    economy = contest({"sybil": 0.5, "honest": 0.5}, 10, 100.0, world={"miners__identities": identities} | world)
    for _ in range(n_epochs):
        economy.step()
    return economy


@pytest.mark.parametrize(("decisiveness", "factor"), [(0.5, 2.236068), (1.0, 1.0), (2.0, 0.2)])
def test_splitting_multiplies_the_odds_by_the_power_of_the_theorem(contest, seats, decisiveness, factor):
    economy = played(contest, 5, reward__pay_parameters={"decisiveness": decisiveness})
    sybil = economy.state.incentive_share[0, 1:][seats(economy, "sybil")].sum()
    assert 5 ** (1 - decisiveness) == pytest.approx(factor, abs=1e-6)
    # Without the split it would be one miner like each of the five others.
    assert sybil / (1 - sybil) == pytest.approx(factor * 1 / 5, rel=1e-6)


def test_where_each_uid_is_paid_alike_it_earns_five_shares_for_the_work_of_one(contest, seats):
    economy = played(contest, 5, reward__pay="equal")
    share, hardware = economy.state.incentive_share[0, 1:], economy.state.resource[0, 1:].sum(axis=1)
    sybil, (honest, *_) = seats(economy, "sybil"), seats(economy, "honest")
    assert share[sybil].sum() == pytest.approx(0.5)
    assert hardware[sybil].sum() == pytest.approx(hardware[honest])


def test_inequality_by_hotkey_lies_and_by_participant_does_not(contest):
    last = played(contest, 5).records.epochs.last
    assert last(concentration_name("spend", "gini", "participant"))[0] == pytest.approx(0, abs=1e-9)
    assert last(concentration_name("spend", "gini", "hotkey"))[0] == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize(("identities", "holders"), [(1, 10), (2, 8), (5, 6), (4096, 6)])
def test_a_mix_counts_uids_and_an_owner_holds_as_many_as_stated(contest, identities, holders):
    economy = played(contest, identities)
    holder = economy.population.holder[0, 1:]
    assert len(set(holder.tolist())) == holders
    assert (economy.population.strategy[holder] == "sybil").sum() == 5
    assert sorted(set(holder.tolist())) == economy.population.numbers("miner").tolist()


@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
def test_owners_of_several_uids_keep_the_numbers_of_their_first(contest, seats, presence):
    factor = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    economy = played(contest, 3, miners__cost_factor=factor, miners__presence=presence)
    cost = economy.population.unit_cost_tao[0, 1:, 0]
    assert seats(economy, "sybil").tolist() == [5, 6, 7, 8, 9]
    assert cost.tolist() == [1, 2, 3, 4, 5, 6, 6, 6, 9, 9]
