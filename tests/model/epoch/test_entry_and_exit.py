"""Who stays and who comes: identities that cost something, outside options, broke miners and free entry."""

import pickle

import numpy as np
import pytest

from model.economy import Economy
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import find, with_values

N_FIRST = 1  # first miner's uid: there is one validator


def miners(economy):
    """Miners' uids that somebody held, epoch after epoch."""
    return economy.records.subnets.frame()["miners"].to_numpy()


def free_entry(one_pot, strategy, n_uids, open_uids, epochs, **values):
    """A pot of 1,000 TAO, 7 TAO an epoch for a uid, and newcomers who come while there is something left for them."""
    return one_pot(
        1000.0,
        n_uids,
        epochs,
        **{
            "miners__mix": {strategy: 1.0},
            "registration__identity_cost_tao": 7.0,
            "registration__open_uids": open_uids,
            "registration__n_waiting": 1,
            "registration__entry": "profitable",
            "registration__newcomers": 0.2,
            "registration__price_tao": 0.0005,
            "registration__immunity_blocks": 0,
            "miners__exit_window_epochs": 30,
            "miners__exit_share": 0.05,
        }
        | values,
    )


@pytest.mark.parametrize("open_uids", [9, 0], ids=["from below", "from above"])
def test_free_entry_into_a_tullock_contest_stops_at_eleven(one_pot, open_uids):
    economy = free_entry(one_pot, "best_response", 14, open_uids, 300)
    assert (miners(economy)[-60:] == 11).all()
    profit_tao = (economy.state.earned_tao[0, 1:] - economy.state.resource[0, 1:, 0])[~economy.population.vacant[0, 1:]]
    assert profit_tao - 7 == pytest.approx(np.full(11, 1.2645), abs=1e-3)


@pytest.mark.parametrize("open_uids", [40, 0], ids=["from below", "from above"])
def test_free_entry_into_an_equal_split_stops_at_one_hundred_and_forty_two(one_pot, open_uids):
    economy = free_entry(
        one_pot,
        "lazy",
        160,
        open_uids,
        160,
        reward__pay="equal",
        miners__parameters={"lazy": {"spend_share": 1e-6}},
        registration__newcomers=1.0,
        miners__exit_window_epochs=5,
        miners__exit_share=0.02,
    )
    assert (miners(economy)[-30:] == 142).all()


def test_the_shipped_story_holds():
    economy = Economy("free-entry")
    for _ in range(450):
        economy.step()
    assert (miners(economy)[-50:] == 11).all()


def sybil_profit_tao(one_pot, n_identities):
    """Profit in an epoch of an operator with so many uids among nine honest ones, all paid alike; 7 TAO for a uid."""
    n_uids = 9 + n_identities
    economy = one_pot(
        1000.0,
        n_uids,
        2,
        reward__pay="equal",
        registration__identity_cost_tao=7.0,
        miners__mix={"honest": 9 / n_uids, "sybil": n_identities / n_uids},
        miners__identities=n_identities,
        miners__parameters={"honest": {"spend_share": 1e-9}, "sybil": {"spend_share": 1e-9}},
    )
    table = economy.records.strategies
    return dict(zip(table.label["strategy"], table.last("profit_tao"), strict=True))["sybil"]


def test_twenty_seven_identities_pay_best_where_each_is_paid_alike_and_costs_seven(one_pot):
    profit_tao = {m: sybil_profit_tao(one_pot, m) for m in (1, 20, 25, 26, 27, 28, 29, 40)}
    assert max(profit_tao, key=profit_tao.get) == 27
    assert profit_tao[27] == pytest.approx(561.0, abs=0.01)
    assert profit_tao[1] == pytest.approx(93.0, abs=0.01)


def test_identities_cost_every_holder_alike_and_the_tao_is_burned(one_pot):
    economy = one_pot(1000.0, 6, 3, registration__identity_cost_tao=2.0)
    table = economy.records.epochs.frame()
    assert (table["identity_cost_tao"] == 12).all()
    assert (table["burned_tao"] == 12).all()
    assert economy.state.burned_tao_rao == 36 * 10**9


def test_nobody_pays_more_for_identities_than_it_has(one_pot):
    economy = one_pot(1.0, 6, 4, registration__identity_cost_tao=50.0, miners__purse_tao=60.0)
    assert (economy.state.purse_rao >= 0).all()
    assert economy.records.epochs.last("identity_cost_tao")[0] < 6 * 50


def test_who_earns_less_than_elsewhere_for_the_whole_window_leaves_and_not_before(one_pot):
    economy = one_pot(100.0, 5, 8, miners__outside_option_tao=1e6, miners__exit_window_epochs=6, miners__exit_share=1.0)
    assert miners(economy).tolist() == [5] * 6 + [0] * 2
    assert economy.records.epochs.frame()["exits"].tolist() == [0] * 6 + [5, 0]
    assert economy.state.earned_tao[0, N_FIRST:].sum() == 0


def test_who_earns_more_than_elsewhere_stays(one_pot):
    economy = one_pot(
        100.0, 5, 12, miners__outside_option_tao=0.5, miners__exit_window_epochs=3, miners__exit_share=1.0
    )
    assert (miners(economy) == 5).all()


def test_the_costliest_leave_first_and_the_others_take_their_share(one_pot):
    economy = one_pot(
        1000.0,
        6,
        120,
        miners__cost_factor=[1, 1.1, 1.25, 1.4, 2, 3],
        miners__outside_option_tao=50.0,
        miners__exit_window_epochs=20,
    )
    assert economy.population.vacant[0].tolist() == [False] * 3 + [True] * 4
    assert economy.state.incentive_share[0, N_FIRST:].sum() == pytest.approx(1)


def test_a_broke_miner_leaves_and_a_newcomer_takes_the_free_uid_at_its_price(one_pot):
    economy = one_pot(
        1000.0,
        4,
        1,
        miners__broke_below_tao=5.0,
        registration__n_waiting=3,
        registration__newcomers=50.0,
        registration__immunity_blocks=65_535,
    )
    victim = int(economy.population.holder[0, 2])
    economy.state.outside_tao_rao += int(economy.state.purse_rao[victim]) - 10**9
    economy.state.purse_rao[victim] = 10**9
    before = economy.population.holder[0].copy()
    economy.step()
    assert economy.records.epochs.last("exits")[0] == 1
    assert economy.population.holder[0, 2] not in (victim,)
    assert economy.population.holder[0, 2] > before.max()
    assert not economy.population.vacant.any()
    assert economy.records.epochs.last("registrations")[0] >= 1


@pytest.mark.parametrize("votes", ["honest", "lazy", "self_voter", "speed_biased", "weight_copier"])
def test_an_empty_uid_earns_nothing_whoever_votes(one_pot, votes):
    economy = one_pot(
        1000.0, 6, 5, subnets__n_validators=4, registration__open_uids=3, validators__mix={"honest": 0.5, votes: 0.5}
        if votes != "honest" else {"honest": 1.0},
    )  # fmt: skip
    vacant = economy.population.vacant[0]
    assert vacant.sum() == 3
    assert economy.state.incentive_share[0, vacant].sum() == economy.state.emission_rao[0, vacant].sum() == 0
    assert economy.state.incentive_share[0, 4:7].sum() == pytest.approx(1)


def test_empty_uids_are_nobody_s_in_the_table_and_in_the_measures(one_pot):
    economy = one_pot(1000.0, 6, 40, registration__open_uids=2)
    uids = economy.tables()["uids"]
    assert uids["participant"].isna().tolist()[-3:] == [False, True, True]
    assert uids["role"].tolist()[-2:] == uids["strategy"].tolist()[-2:] == ["vacant", "vacant"]
    assert economy.records.subnets.last("incentive_gini")[0] == pytest.approx(0, abs=1e-6)
    assert economy.records.epochs.last("spend_gini_hotkey")[0] == pytest.approx(0, abs=1e-6)


def test_an_intervention_makes_newcomers_try_again(one_pot):
    economy = free_entry(one_pot, "best_response", 16, 6, 220)
    assert miners(economy)[-1] == 11
    economy.intervene({"registration.identity_cost_tao": 4.5})
    for _ in range(150):
        economy.step()
    assert miners(economy)[-1] == 14  # floor(sqrt(1000 / 4.5))


def test_comers_and_goers_are_the_same_again_and_in_a_fork(one_pot):
    first, second = (free_entry(one_pot, "best_response", 16, 12, 60, subnets__n_validators=2) for _ in range(2))
    assert first.tables()["epochs"].equals(second.tables()["epochs"])
    fork = pickle.loads(pickle.dumps(first))
    for world in (first, fork):
        for _ in range(40):
            world.step()
    assert first.tables()["uids"].equals(fork.tables()["uids"])
    np.testing.assert_array_equal(first.state.crowd_profit_share, fork.state.crowd_profit_share)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"registration.open_uids": 999}, "registration.open_uids must be <= subnets.n_miners"),
        ({"registration.entry": "never"}, "registration.entry must be one of always, profitable, is 'never'"),
        ({"registration.identity_cost_tao": -1.0}, "registration.identity_cost_tao must be in"),
        ({"miners.exit_share": 2.0}, r"miners.exit_share must be in \[0, 1\], is 2"),
    ],
)
def test_a_bad_number_is_named_with_its_rule(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        with_values(find("gamed"), values)


@pytest.mark.parametrize("more", [{"nominators.count": 1, "nominators.stake_alpha": 0.0}, {"subnets.count": 4}])
def test_who_leaves_does_not_hang_on_who_else_there_is(more):
    values = {
        "subnets.count": 3,
        "subnets.n_validators": 3,
        "subnets.n_miners": 20,
        "miners.exit_window_epochs": 1,
        "miners.exit_share": 0.3,
        "miners.outside_option_tao": 1e3,
        "market.kind": "fixed_price",
    }
    seated = []
    for given_values in (values, values | more):
        economy = Economy(with_values(Scenario(), given_values), rng=3)
        for _ in range(3):
            economy.step()
        seated.append(economy.population.vacant[:3])
    assert (seated[0] == seated[1]).all()
    assert 0 < seated[0].sum() < 60
