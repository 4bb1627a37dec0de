"""Baselines of a run: the honest twin, the planners in their order, and theory beside measurement."""

import numpy as np
import pytest

from model.economy import Economy
from model.experiments.baselines import BASELINE_DICTIONARY, all_honest, baseline_table, honest_twin, theory_table
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import find

SMALL = {"subnets__count": 3, "subnets__n_miners": 8, "subnets__n_validators": 4}
VALUES = {"value__subnet_weight": [3.0, 2.0, 1.0], "value__exponent": 0.5}


def played(epochs=6, interventions=(), **values):
    economy = Economy("gamed", rng=9, interventions=interventions, **SMALL, **values)
    for _ in range(epochs):
        economy.step()
    return economy


def test_honest_scenario_changes_people_and_nothing_else():
    scenario = find("cartel")
    honest = all_honest(scenario)
    assert dict(honest.miners.mix) == dict(honest.validators.mix) == {"honest": 1.0}
    assert honest.reward == scenario.reward
    assert honest.miners.skill_sd == scenario.miners.skill_sd
    assert all_honest(honest) == honest


def test_twin_of_an_honest_run_is_the_run_itself():
    economy = played(miners__mix={"honest": 1.0}, validators__mix={"honest": 1.0})
    twin = honest_twin(economy)
    assert twin.tables()["epochs"].equals(economy.tables()["epochs"])


def test_twin_has_the_seed_the_interventions_and_the_epochs_of_the_run():
    change = Intervention(epoch=3, values={"reward.capability_weight.speed": 0.1})
    economy = played(interventions=[change])
    seen = []
    twin = honest_twin(economy, lambda done, of: seen.append((done, of)))
    assert (twin.run_seed, twin.epoch) == (9, 6)
    assert twin.rules.scenario.reward == economy.rules.scenario.reward
    assert seen == [(epoch, 6) for epoch in range(1, 7)]
    np.testing.assert_array_equal(twin.population.own_productivity, economy.population.own_productivity)


def test_freer_planners_are_more_efficient_and_misreading_costs():
    table = baseline_table(played(miners__presence="every_subnet", **VALUES)).set_index("baseline")
    efficiency = table["efficiency_share"]
    order = ["planner of all money", "planner, money stays with its miner", "planner, hardware stays with its miner"]
    assert efficiency["planner of all money"] == 1
    assert (np.diff(efficiency[[*order, "this run"]]) < 0).all()
    seats = efficiency["planner, money stays at its seat"]
    assert efficiency["this run"] < seats < efficiency["planner, money stays with its miner"]
    assert table.loc["this run", "selection_efficiency_share"] == pytest.approx(seats, rel=1e-12)
    assert table.loc["this run", "mix_efficiency_share"] == pytest.approx(efficiency["this run"] / seats, rel=1e-12)
    misread = [efficiency[f"planner who misreads values by {sigma}"] for sigma in ("0.25", "0.5", "1")]
    assert (np.diff([1, *misread]) < 0).all()
    assert (table["users_value"][order] <= table["bound_value"][order] * (1 + 1e-9)).all()


def test_where_nobody_has_another_seat_a_miners_own_money_is_best_left_there():
    table = baseline_table(played(**VALUES)).set_index("baseline")
    stays, seats = table.loc["planner, money stays with its miner"], table.loc["planner, money stays at its seat"]
    assert stays["users_value"] == pytest.approx(seats["users_value"], rel=1e-9)
    assert stays["spend_hhi_participant"] == pytest.approx(seats["spend_hhi_participant"], rel=1e-9)
    hardware = table.loc["planner, hardware stays with its miner", "users_value"]
    assert hardware == pytest.approx(table.loc["this run", "users_value"], rel=1e-9)


def test_where_hardware_is_owned_the_planner_leaves_it_there():
    table = baseline_table(played(miners__hardware="owned", **VALUES)).set_index("baseline")
    assert list(table.index) == ["this run", "all honest", "planner, hardware stays with its miner"]
    assert table.loc["planner, hardware stays with its miner", "efficiency_share"] == 1
    assert (table["efficiency_share"] <= 1 + 1e-9).all()


def test_honest_miners_waste_less_than_cheaters_and_fast_ones():
    table = baseline_table(played(**VALUES)).set_index("baseline")
    assert table.loc["all honest", "efficiency_share"] > table.loc["this run", "efficiency_share"]
    assert table.loc["all honest", "rent_dissipation_share"] == pytest.approx(0.9, abs=0.01)


def test_every_column_of_the_table_is_in_its_dictionary():
    table = baseline_table(played())
    assert list(table) == [column.name for column in BASELINE_DICTIONARY.columns]


def test_nothing_is_compared_before_the_first_epoch():
    with pytest.raises(ValueError, match="played at least one epoch"):
        baseline_table(Economy("gamed", **SMALL))


def test_a_run_without_closed_form_has_an_empty_table_of_theory():
    table = theory_table(played())
    assert list(table) == ["quantity", "theory", "measured"]
    assert table.empty
