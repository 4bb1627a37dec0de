"""The yardsticks of every epoch: in range, of the rules in force, empty where there is nothing to compare."""

import pickle

import numpy as np
import pytest

from model.economy import Economy
from model.experiments.runs.run import run
from model.records.export import csv_bytes
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import find, shipped, with_values
from model.yardsticks import planner
from model.yardsticks.best_spending import best_spending

YARDSTICKS = [
    "planner_value",
    "mix_efficiency_share",
    "selection_efficiency_share",
    "efficiency_share",
    "price_of_anarchy_ratio",
    "rent_dissipation_share",
]
FACTORS = ["mix_efficiency_share", "selection_efficiency_share"]
SMALL = {"subnets__count": 3, "subnets__n_miners": 8, "subnets__n_validators": 4}
UNLIKE = {"value__subnet_weight": [3.0, 2.0, 1.0]}


def played(epochs, interventions=(), **values):
    economy = Economy("gamed", rng=5, interventions=interventions, **SMALL, **values)
    for _ in range(epochs):
        economy.step()
    return economy


@pytest.mark.parametrize("exponent", [0.5, 1.0])
@pytest.mark.parametrize("name", list(shipped()))
def test_no_run_delivers_more_than_the_planner(name, exponent):
    epochs = 2 if name == "full-network" else 6
    economy = run(with_values(find(name), {"epochs": epochs, "value.exponent": exponent}))
    table = economy.tables()["epochs"]
    assert (table["efficiency_share"].isna() == (table["spend_tao"] == 0)).all()
    table = table[table["spend_tao"] > 0]
    assert len(table) == epochs or economy.rules.scenario.miners.purse_tao == 0
    assert (table["efficiency_share"] > 0).all()
    assert (table[FACTORS] <= 1 + 1e-9).all(axis=None)
    np.testing.assert_allclose(table[FACTORS].prod(axis=1), table["efficiency_share"], rtol=1e-12)
    np.testing.assert_allclose(table["price_of_anarchy_ratio"] * table["efficiency_share"], 1, rtol=1e-12)
    np.testing.assert_allclose(table["planner_value"] * table["efficiency_share"], table["users_value"], rtol=1e-12)
    assert (table["rent_dissipation_share"] > 0).all()


def test_each_epoch_is_held_against_what_users_value_then():
    change = Intervention(epoch=2, values={"value.capability_weight.storage": 0.6, "value.exponent": 0.5})
    changed, kept = played(4, [change], **UNLIKE), played(4, **UNLIKE)
    one, other = changed.tables()["epochs"], kept.tables()["epochs"]
    assert one.loc[:1, YARDSTICKS].equals(other.loc[:1, YARDSTICKS])
    for table, economy in ((one, changed), (other, kept)):
        yields = planner.seat_yields(economy.rules, economy.population)
        best = best_spending(table["spend_tao"].iloc[3], yields)
        assert table["planner_value"].iloc[3] == pytest.approx(best.value, rel=1e-6)
    assert one["planner_value"].iloc[3] != pytest.approx(other["planner_value"].iloc[3], rel=0.1)


def test_a_change_of_the_reward_rule_leaves_the_planner_as_he_was():
    economy = played(3, [Intervention(epoch=1, values={"reward.capability_weight.speed": 0.9})], **UNLIKE)
    fresh = planner.seat_yields(economy.rules, economy.population)
    np.testing.assert_allclose(economy.yields.scale, fresh.scale, rtol=1e-12)
    assert economy.yields.degree.tolist() == fresh.degree.tolist()


def test_money_is_worth_what_those_who_now_hold_the_uids_make_of_it():
    economy = Economy("churn", registration__newcomers=3.0, miners__skill_sd=0.3)
    before, holder = economy.yields, economy.population.holder
    for _ in range(4):
        economy.step()
    assert (economy.population.holder != holder).any()
    assert (economy.yields.seat_yield != before.seat_yield).any()
    fresh = planner.seat_yields(economy.rules, economy.population)
    for kept, anew in zip(economy.yields, fresh, strict=True):
        np.testing.assert_array_equal(kept, anew)


def test_without_spending_there_is_nothing_to_compare_and_the_cells_are_empty():
    economy = played(2, miners__budget_tao=0.0)
    table = economy.tables()["epochs"]
    assert table["spend_tao"].tolist() == [0, 0]
    assert table["planner_value"].tolist() == [0, 0]
    assert table[["efficiency_share", *FACTORS, "price_of_anarchy_ratio"]].isna().all(axis=None)
    assert table["rent_dissipation_share"].isna().all() or (table["rent_dissipation_share"] == 0).all()
    assert csv_bytes(table[["epoch", "efficiency_share"]]) == b"epoch,efficiency_share\n0,\n1,\n"


def test_rising_returns_everywhere_have_a_yardstick_and_among_falling_ones_none():
    twice = {"speed": 0.8, "quality": 0.8, "storage": 0.4}
    rising = played(3, value__capability_weight=twice, **UNLIKE).tables()["epochs"]
    assert rising["efficiency_share"].between(0, 1, inclusive="neither").all()
    mixed = played(3, value__capability_weight=twice, value__exponent=[1.0, 0.3, 0.3], **UNLIKE).tables()["epochs"]
    unknown = ["planner_value", "selection_efficiency_share", "efficiency_share", "price_of_anarchy_ratio"]
    assert mixed[unknown].isna().all(axis=None)
    assert mixed["mix_efficiency_share"].between(0, 1, inclusive="neither").all()
    assert mixed["rent_dissipation_share"].tolist() == rising["rent_dissipation_share"].tolist()


def test_a_pickled_run_goes_on_to_the_same_yardsticks():
    economy = played(2, **UNLIKE)
    copy = pickle.loads(pickle.dumps(economy))
    for run_of in (economy, copy):
        run_of.step()
    one, other = (csv_bytes(run_of.tables()["epochs"][YARDSTICKS]) for run_of in (economy, copy))
    assert one == other


def test_mesa_collects_the_yardsticks_of_each_epoch():
    economy = played(3)
    collected = economy.datacollector.get_model_vars_dataframe()
    table = economy.tables()["epochs"]
    for name in ("efficiency_share", "rent_dissipation_share"):
        assert collected[name].tolist() == table[name].tolist()
