"""Measures of concentration are over those who could hold the thing, and say over how many."""

import numpy as np
import pytest

from model.economy import Economy
from model.records.columns import AMOUNTS, MEASURES, concentration_name, holders_name

SMALL = {"subnets__count": 2, "subnets__n_validators": 3, "subnets__n_miners": 6, "market__price_tao_per_alpha": 0.02}
ROOT = {"validators__root_stake_tao": 5_000.0}


def measured(*amounts, holder="participant", epochs=3, **values):
    """Every measure of these amounts after some epochs, and over how many it is."""
    economy = Economy("speed-or-quality", **SMALL | values)
    for _ in range(epochs):
        economy.step()
    names = [concentration_name(amount, measure, holder) for amount in amounts for measure in MEASURES]
    names += [holders_name(amount, holder) for amount in amounts]
    return [economy.records.epochs.last(name)[0] for name in names]


@pytest.mark.parametrize("n_waiting", [20, 200])
def test_who_waits_for_a_uid_changes_no_measure_of_rewards_stakes_and_spending(n_waiting):
    amounts = ("reward", "stake", "spend")
    np.testing.assert_array_equal(measured(*amounts, registration__n_waiting=n_waiting), measured(*amounts))


def test_nominators_without_stake_change_no_measure():
    idle = {"nominators__count": 50, "nominators__stake_alpha": 0.0}
    np.testing.assert_array_equal(measured(*AMOUNTS, **idle), measured(*AMOUNTS))


def test_nominators_with_stake_and_owners_count_among_those_who_are_paid():
    assert [measured("reward", nominators__count=n)[-1] for n in (0, 5)] == [17, 22]


@pytest.mark.parametrize("claim", ["swap", "keep"])
@pytest.mark.parametrize("cut_share", [0.0, 0.18])
def test_hotkeys_and_participants_agree_where_each_has_one(claim, cut_share):
    alone = {"subnets__count": 1, "chain__owner_cut_share": cut_share, "validators__root_claim": claim} | ROOT
    amounts = ("reward", "stake", "spend")
    by_hotkey, by_participant = (measured(*amounts, holder=holder, **alone) for holder in ("hotkey", "participant"))
    np.testing.assert_allclose(by_hotkey, by_participant, rtol=1e-12)
    assert by_participant[-3:] == [10, 3, 6]


def test_who_waits_with_a_purse_has_wealth():
    assert measured("wealth", registration__n_waiting=4)[-1] == measured("wealth")[-1] + 4
