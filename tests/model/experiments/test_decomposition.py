"""Shapley decomposition: exact additivity, its axioms, and hand-made worlds."""

import math
from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.experiments.decomposition import (
    CAUSE_FIELDS,
    CAUSES,
    DECOMPOSITION_DICTIONARY,
    decompose,
    egalitarian,
    shapley,
    switched,
)
from model.experiments.many import How
from model.scenario.people import Cartel
from model.scenario.scenario_file import find, with_values

SUBSETS = [frozenset(chosen) for size in range(5) for chosen in combinations(CAUSES, size)]
SMALL = {"epochs": 4, "subnets.n_miners": 6, "subnets.n_validators": 5}
games = st.lists(st.floats(-10, 10), min_size=16, max_size=16).map(lambda w: dict(zip(SUBSETS, w, strict=True)))


def unequal():
    """A world in which every cause is at work."""
    return with_values(
        find("cartel"),
        SMALL
        | {
            "validators.stake_sd": 1.0,
            "miners.skill_sd": 0.5,
            "reward.pay_parameters": {"decisiveness": 3.0},
            "cartel.stake_share": 0.45,
        },
    )


@settings(deadline=None, derandomize=True)
@given(games)
def test_parts_add_up_to_the_whole(worth):
    total = worth[frozenset(CAUSES)] - worth[frozenset()]
    assert math.fsum(shapley(worth, CAUSES).values()) == pytest.approx(total, abs=1e-12)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_causes_that_do_not_interact_get_their_own_effect(effect):
    own = dict(zip(CAUSES, effect, strict=True))
    worth = {at_work: math.fsum(own[cause] for cause in at_work) for at_work in SUBSETS}
    assert shapley(worth, CAUSES) == pytest.approx(own, abs=1e-9)


@settings(deadline=None, derandomize=True)
@given(games, st.permutations(CAUSES))
def test_order_of_the_causes_does_not_matter(worth, order):
    assert shapley(worth, order) == pytest.approx(shapley(worth, CAUSES), abs=1e-9)


def test_an_interaction_of_two_is_shared_equally():
    worth = {at_work: float({"skill", "rule"} <= at_work) for at_work in SUBSETS}
    assert shapley(worth, CAUSES) == pytest.approx({"initial_stake": 0, "skill": 0.5, "collusion": 0, "rule": 0.5})


def test_an_egalitarian_world_is_equal():
    world = egalitarian(unequal())
    assert (world.validators.stake_sd, world.miners.skill_sd) == (0, 0)
    assert dict(world.miners.mix) == dict(world.validators.mix) == {"honest": 1.0}
    assert (world.reward.pay, dict(world.reward.pay_parameters)) == ("proportional", {})
    # Two of five validators collude; equal stakes give them two fifths.
    assert world.cartel.stake_share == pytest.approx(0.4)
    assert egalitarian(world) == world


def test_lists_of_costs_and_budgets_are_levelled_at_their_means():
    given_lists = {"miners.cost_factor": [1.0, 2, 3, 4, 5, 6], "miners.budget_tao": [10.0, 20, 30, 40, 50, 60]}
    world = egalitarian(with_values(unequal(), given_lists))
    assert (world.miners.cost_factor, world.miners.budget_tao) == (3.5, 35)


def test_a_switch_moves_its_own_fields():
    equal = egalitarian(unequal())
    assert switched(unequal(), equal, ["skill"]) == with_values(unequal(), {"miners.skill_sd": 0.0})
    assert switched(unequal(), equal, []) == unequal()
    assert switched(unequal(), equal, CAUSES) == equal


def test_every_field_of_the_cartel_belongs_to_a_cause():
    switchable = {path for paths in CAUSE_FIELDS.values() for path in paths}
    assert {f"cartel.{field.name}" for field in fields(Cartel)} <= switchable


def test_an_unknown_cause_is_named():
    with pytest.raises(ValueError, match="no cause 'luck'; there are initial_stake, skill, collusion, rule"):
        switched(unequal(), unequal(), ["luck"])


def test_a_change_between_two_worlds_is_split_as_well():
    before = with_values(unequal(), {"miners.skill_sd": 0.1, "epochs": 2})
    after = with_values(unequal(), {"reward.pay_parameters": {"decisiveness": 1.0}, "epochs": 2})
    parts = decompose(after, (1,), ("reward_gini_participant",), before).parts.set_index("part")["value"]
    assert parts["initial_stake"] == parts["collusion"] == 0
    assert parts["skill"] > 0 > parts["rule"]
    assert parts["reference"] + parts["skill"] + parts["rule"] == pytest.approx(parts["scenario"], abs=1e-12)


def test_worlds_that_differ_elsewhere_are_not_compared():
    with pytest.raises(ValueError, match=r"may differ in initial_stake, .* only, differs in subnets.n_miners"):
        decompose(unequal(), (1,), reference=with_values(unequal(), {"subnets.n_miners": 7}))


@pytest.fixture(scope="module")
def result():
    return decompose(
        unequal(),
        seeds=(1, 2),
        measures=("reward_gini_participant", "stake_hhi_participant", "reward_nakamoto_participant"),
    )


def test_parts_of_a_run_add_up_for_every_measure_and_seed(result):
    table = result.parts.pivot(index=["measure", "seed"], columns="part", values="value")
    gap = table["reference"] + table[list(CAUSES)].sum(axis=1) - table["scenario"]
    assert len(table) == 6
    assert np.abs(gap).max() <= 1e-12
    assert np.abs(table[list(CAUSES)].loc["reward_gini_participant"]).min().min() > 0


def test_means_add_up_as_well_and_lie_in_their_intervals(result):
    summary = result.summary()
    assert list(summary) == [column.name for column in DECOMPOSITION_DICTIONARY.columns]
    mean = summary.pivot(index="measure", columns="part", values="mean")
    gap = mean["reference"] + mean[list(CAUSES)].sum(axis=1) - mean["scenario"]
    assert np.abs(gap).max() <= 1e-12
    known = summary.dropna()
    assert len(known) > len(summary) / 2
    assert ((known["low"] <= known["mean"]) & (known["mean"] <= known["high"])).all()


def test_every_combination_is_run_on_every_seed(result):
    assert len(result.runs) == 32
    assert result.runs["causes"].nunique() == 16
    assert all(seeds.tolist() == [1, 2] for _, seeds in result.runs.groupby("causes")["seed"])


def test_skill_and_rule_do_not_move_the_stakes_they_start_from(result):
    part = result.parts.query("measure == 'stake_hhi_participant'").groupby("part")["value"].mean()
    assert part["initial_stake"] > 100 * max(abs(part["skill"]), abs(part["rule"]))


def test_a_cause_that_is_absent_has_no_part():
    parts = decompose(
        with_values(find("cartel"), SMALL | {"miners.skill_sd": 0.4, "miners.mix": {"honest": 1.0}}),
        seeds=(1,),
        measures=("reward_gini_participant",),
    ).parts.set_index("part")["value"]
    assert (parts["rule"], parts["initial_stake"]) == (0, 0)
    assert parts["skill"] > 0
    assert parts["reference"] + parts[list(CAUSES)].sum() == pytest.approx(parts["scenario"], abs=1e-12)


@pytest.mark.slow
def test_number_of_workers_changes_nothing():
    world = with_values(find("cartel"), SMALL | {"epochs": 2, "validators.stake_sd": 1.0})
    one, two = (decompose(world, seeds=(1, 2), how=How(n_workers=n)).parts for n in (1, 2))
    assert one.equals(two)


def test_seeds_and_measures_are_checked():
    with pytest.raises(ValueError, match="seeds must name at least one seed"):
        decompose(unequal(), seeds=())
    with pytest.raises(ValueError, match="no measure 'fairness'"):
        decompose(with_values(find("cartel"), SMALL | {"epochs": 1}), seeds=(1,), measures=("fairness",))
