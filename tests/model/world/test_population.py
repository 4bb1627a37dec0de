"""Who takes part: seats by the mix, uids, and draws that nobody else's arrival changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world.population import found, per_entry, seats_by_mix

WORLD = with_values(
    Scenario(),
    {
        "subnets.count": 3,
        "subnets.n_validators": 4,
        "subnets.n_miners": 10,
        "miners.skill_sd": 0.5,
        "miners.mix": {"honest": 0.5, "speed": 0.3, "colluding": 0.2},
        "validators.mix": {"honest": 0.75, "colluding": 0.25},
        "nominators.count": 5,
    },
)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(0, 300))
def test_every_strategy_gets_its_share_of_seats_to_within_one(weight, n_seats):
    mix = FrozenMap({str(index): value / sum(weight) for index, value in enumerate(weight)})
    seats = seats_by_mix(mix, n_seats)
    assert len(seats) == n_seats
    for name, share in mix.items():
        assert abs((seats == name).sum() - share * n_seats) < 1
    assert list(seats) == sorted(seats, key=list(mix).index)


def test_seats_left_over_go_to_the_largest_remainders():
    mix = FrozenMap({"a": 0.5, "b": 0.3, "c": 0.2})
    assert list(seats_by_mix(mix, 4)) == ["a", "a", "b", "c"]
    assert list(seats_by_mix(FrozenMap({"a": 0.5, "b": 0.5}), 3)) == ["a", "a", "b"]


def test_a_number_stands_for_everybody_and_a_list_for_each():
    assert per_entry(2.0, 3).tolist() == [2, 2, 2]
    assert per_entry((1.0, 2.0), 2).tolist() == [1, 2]
    assert per_entry(2.0, 3).flags.writeable


def test_every_uid_has_one_holder_and_every_miner_one_uid():
    people = found(WORLD, 1)
    assert (people.role[people.holder[:, :4]] == "validator").all()
    assert (people.role[people.holder[:, 4:]] == "miner").all()
    assert (people.holder[:, :4] == people.holder[0, :4]).all()
    assert len(np.unique(people.holder[:, 4:])) == 30
    assert people.n_participants == 3 + 4 + 5 + 30


def test_a_miner_may_hold_a_uid_in_every_subnet():
    people = found(with_values(WORLD, {"miners.presence": "every_subnet"}), 1)
    assert people.n_participants == 3 + 4 + 5 + 10
    assert (people.holder == people.holder[0]).all()
    assert (people.productivity == people.productivity[0]).all()


def test_cohorts_divide_up_the_participants_and_the_seats():
    people = found(WORLD, 1)
    members = np.concatenate([cohort.member for cohort in people.cohorts])
    assert sorted(members) == list(range(people.n_participants))
    seats = np.concatenate([cohort.seat for cohort in people.of_role("miner")])
    miner_uids = np.flatnonzero((people.role[people.holder] == "miner").ravel())
    assert sorted(seats) == sorted(miner_uids)
    for cohort in people.of_role("miner"):
        assert (people.holder.ravel()[cohort.seat] == cohort.member[cohort.seat_member]).all()
        assert (people.strategy[cohort.member] == cohort.name.removeprefix("miner/")).all()


def test_the_cartel_is_everybody_who_colludes():
    people = found(WORLD, 1)
    assert people.cartel.sum() == 1 + 3 * 2
    assert (people.strategy[people.cartel] == "colluding").all()


@pytest.mark.parametrize(
    "more", [{"subnets.n_validators": 5}, {"nominators.count": 6}, {"subnets.n_miners": 11}, {"subnets.count": 4}]
)
def test_an_arrival_leaves_the_skills_of_all_others_alone(more):
    before, after = found(WORLD, 7), found(with_values(WORLD, more), 7)
    n_validators = more.get("subnets.n_validators", 4)
    skill = before.productivity[:, 4:]
    assert (after.productivity[:3, n_validators : n_validators + 10] == skill).all()
    assert skill.std() > 0.1


def test_skill_is_log_normal_and_of_the_seed():
    large = with_values(WORLD, {"subnets.n_miners": 2000, "miners.productivity.speed": 3.0})
    log_skill = np.log(found(large, 1).productivity[:, 4:])
    assert log_skill.std(axis=(0, 1)) == pytest.approx([0.5] * 3, abs=0.02)
    assert log_skill.mean(axis=(0, 1)) == pytest.approx([np.log(3), 0, 0], abs=0.03)
    assert (np.log(found(large, 2).productivity[:, 4:]) != log_skill).all()


def test_costs_and_budgets_may_differ_from_miner_to_miner():
    factor = [float(number) for number in range(1, 11)]
    people = found(with_values(WORLD, {"miners.cost_factor": factor, "miners.budget_tao": factor}), 1)
    assert people.unit_cost_tao[:, 4:, 0] == pytest.approx(0.01 * np.tile(factor, (3, 1)))
    assert people.budget_tao[people.role == "miner"].tolist() == factor * 3
    assert np.isinf(people.budget_tao[people.role != "miner"]).all()


MORE = [
    {"subnets.n_validators": 5},
    {"nominators.count": 6},
    {"subnets.n_miners": 11},
    {"subnets.count": 4},
    {"registration.n_waiting": 3},
]


@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
@pytest.mark.parametrize("more", MORE)
def test_who_somebody_is_does_not_change_when_others_come(more, presence):
    world = with_values(WORLD, {"miners.presence": presence, "registration.n_waiting": 2})
    before, after = found(world, 7), found(with_values(world, more), 7)
    assert len(np.unique(before.person_key)) == before.n_participants
    for role in ("owner", "validator", "nominator"):
        key = before.person_key[before.role == role]
        assert (after.person_key[after.role == role][: len(key)] == key).all()
    n_validators = more.get("subnets.n_validators", 4)
    seated = before.person_key[before.holder[:, 4:]]
    assert (after.person_key[after.holder[:3, n_validators : n_validators + 10]] == seated).all()
    waiting, n_now = before.person_key[-2:], more.get("registration.n_waiting", 2)
    assert (after.person_key[-n_now:][:2] == waiting).all()


def test_a_cohort_knows_who_its_members_are():
    people = found(WORLD, 1)
    for cohort in people.cohorts:
        assert (cohort.person_key == people.person_key[cohort.member]).all()


@pytest.mark.parametrize("n_open", [0, 1, 5, 9, 10])
def test_those_who_sit_beside_open_uids_have_the_mix(n_open):
    people = found(with_values(WORLD, {"registration.open_uids": n_open}), 1)
    assert (people.vacant.sum(axis=1) == n_open).all()
    for subnet in range(3):
        held = people.strategy[people.holder[subnet, 4:][~people.vacant[subnet, 4:]]]
        for name, share in WORLD.miners.mix.items():
            assert abs((held == name).sum() - share * (10 - n_open)) <= 1


def test_which_owner_has_which_subnet_is_dealt_by_lot():
    mixed = with_values(WORLD, {"subnets.count": 20, "owners.mix": {"fixed-a": 0.5, "fixed-b": 0.5}})
    plays = [found(mixed, seed).strategy[:20].tolist() for seed in range(40)]
    assert all(of.count("fixed-a") == 10 for of in plays)
    firsts = [of[0] for of in plays]
    assert 8 < firsts.count("fixed-a") < 32  # of 40, beyond three standard deviations of a fair coin
    assert found(mixed, 3).strategy[:20].tolist() == plays[3]
