"""Yardsticks: a planner commands what the people have, and measures are over those who could hold."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scenarios import mixes, play, relation, seeds, worlds

from agents.strategies import MINERS
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world import population, state

SLACK = 1e-9


def yardstick(values: dict[str, Any], name: str, seed: int = 1) -> np.ndarray:
    """A yardstick of each epoch, (epoch,)."""
    return play(values, seed).records.epochs.history(name)[:, 0]


def at_most(figure: np.ndarray, bound: float) -> bool:
    """Whether each epoch's figure is empty or at most the bound."""
    return bool((np.isnan(figure) | (figure <= bound)).all())


@relation
@given(worlds(miners__hardware="rented"), seeds)
def test_nobody_beats_a_planner_of_money(values, seed):
    assert at_most(yardstick(values, "efficiency_share", seed), 1 + SLACK)


@relation
@given(worlds(miners__hardware="owned", miners__cost_exponent=1.0), seeds)
def test_nobody_beats_a_planner_of_hardware(values, seed):
    assert at_most(yardstick(values, "efficiency_share", seed), 1 + SLACK)


EQUAL_PLAY = {
    "miners.mix": {"honest": 1.0},
    "miners.purse_tao": 1000.0,
    "subnets.n_miners": 5,
    "market.kind": "fixed_price",
    "epochs": 2,
}


@pytest.mark.parametrize("hardware", ["rented", "owned"])
@pytest.mark.parametrize("n_subnets", [1, 4])
@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
def test_equal_people_in_equal_subnets_play_the_plan_at_constant_cost(presence, n_subnets, hardware):
    values = EQUAL_PLAY | {"miners.presence": presence, "subnets.count": n_subnets, "miners.hardware": hardware}
    assert yardstick(values, "efficiency_share") == pytest.approx(np.ones(2), abs=1e-9)


@pytest.mark.parametrize("cost_exponent", [1.5, 2.0, 3.0])
@pytest.mark.parametrize(
    ("presence", "n_subnets"),
    [("every_subnet", 1), ("every_subnet", 4), ("one_subnet", 1), ("one_subnet", 4)],
)
def test_equal_people_in_equal_subnets_play_the_plan(presence, n_subnets, cost_exponent):
    values = {"miners.presence": presence, "subnets.count": n_subnets, "miners.cost_exponent": cost_exponent}
    assert yardstick(EQUAL_PLAY | values, "efficiency_share") == pytest.approx(np.ones(2), abs=1e-9)


@pytest.mark.parametrize("n_waiting", [1, 500])
@pytest.mark.parametrize("cost_exponent", [1.0, 2.0])
def test_equal_people_on_the_bench_change_no_yardstick(n_waiting, cost_exponent):
    values = EQUAL_PLAY | {"miners.cost_exponent": cost_exponent, "subnets.count": 1}
    one, other = (yardstick(values | {"registration.n_waiting": n}, "efficiency_share") for n in (0, n_waiting))
    assert other == pytest.approx(one, rel=1e-9)


@relation
@given(worlds(), seeds)
@example({}, 1)
def test_value_is_at_most_the_best_mix_is_at_most_the_plan(values, seed):
    epochs = play(values, seed).records.epochs
    mix, selection = epochs.history("mix_efficiency_share"), epochs.history("selection_efficiency_share")
    assert at_most(mix, 1 + SLACK)
    assert at_most(selection, 1 + SLACK)
    assert mix * selection == pytest.approx(epochs.history("efficiency_share"), rel=1e-9, nan_ok=True)


@relation
@given(st.sampled_from([0.0, 0.2, 0.5]), st.sampled_from(["one_subnet", "every_subnet"]), seeds)
@example(0.5, "one_subnet", 1)
def test_where_the_rule_is_what_users_value_nothing_is_lost_by_the_mix_of_honest_people(skill_sd, presence, seed):
    values = EQUAL_PLAY | {"miners.skill_sd": skill_sd, "miners.presence": presence, "subnets.count": 2}
    assert yardstick(values, "mix_efficiency_share", seed) == pytest.approx(np.ones(2), abs=1e-9)


@relation
@given(worlds(miners__mix={"honest": 1.0}, miners__purse_tao=0.0, miners__hardware="rented"), seeds)
def test_a_yardstick_is_empty_where_nothing_is_spent(values, seed):
    epochs = play(values, seed).records.epochs
    idle = (epochs.history("spend_tao") == 0) & (epochs.history("users_value") == 0)
    assert np.isnan(epochs.history("efficiency_share")[idle]).all()


alone = {
    "subnets__count": 1,
    "miners__presence": "one_subnet",
    "miners__mix": mixes(sorted(set(MINERS.names()) - {"sybil"})),
    "nominators__count": 0,
    "miners__exit_window_epochs": 0,
    "miners__broke_below_tao": 0.0,
    "registration__newcomers": 0.0,
    "registration__n_waiting": 0,
    "registration__open_uids": 0,
}


@relation
@given(worlds(**alone), seeds)
def test_measures_by_hotkey_and_by_participant_agree_where_each_has_one(values, seed):
    epochs = play(values, seed).records.epochs
    for amount in ("spend", "stake"):
        for measure in ("gini", "hhi", "nakamoto", "top10"):
            by_participant = epochs.history(f"{amount}_{measure}_participant").astype(float)
            by_hotkey = epochs.history(f"{amount}_{measure}_hotkey").astype(float)
            assert by_participant == pytest.approx(by_hotkey, rel=1e-9, abs=1e-12, nan_ok=True), (amount, measure)


@relation
@given(worlds(**alone | {"validators__root_stake_tao": 0.0, "chain__owner_cut_share": 0.0}), seeds)
@example({"subnets.count": 1, "chain.owner_cut_share": 0.0}, 1)
def test_rewards_by_hotkey_and_by_participant_agree_where_each_has_one(values, seed):
    epochs = play(values, seed).records.epochs
    by_participant, by_hotkey = epochs.history("reward_gini_participant"), epochs.history("reward_gini_hotkey")
    assert by_participant == pytest.approx(by_hotkey, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("stake_share", [0.2, 0.4])
def test_a_cartels_stake_share_is_of_the_votes(stake_share):
    values = {"subnets.count": 1, "subnets.n_validators": 10, "subnets.n_miners": 2, "nominators.count": 100}
    values |= {"validators.mix": {"honest": 0.5, "colluding": 0.5}, "cartel.stake_share": stake_share}
    scenario = with_values(Scenario(), values)
    people = population.found(scenario, 1)
    staked = state.begin(scenario, people, 1).staked_alpha_rao()
    cartel = people.cartel[people.role == "validator"]
    assert staked[:, cartel].sum() / staked.sum() == pytest.approx(stake_share, rel=1e-6)


def test_the_share_of_the_honest_is_of_one_role():
    values = {"miners.mix": {"lazy": 1.0}, "validators.mix": {"honest": 1.0}}
    assert yardstick(values, "honest_share").max() == 0
