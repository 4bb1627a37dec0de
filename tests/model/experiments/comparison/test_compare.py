"""Comparisons: the same seeds on both sides, whatever plays them, and failures that cost only their own seed."""

import pandas as pd
import pytest

from model.economy import Economy
from model.experiments.comparison import compare as module
from model.experiments.comparison.compare import Comparison, changed_fields, compare, pair_manifest, tasks
from model.experiments.comparison.paired import MEASURES, differences
from model.experiments.many import How
from model.scenario.interventions import Intervention
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, find, with_values

SMALL = {"epochs": 4, "subnets.count": 2, "subnets.n_validators": 3, "subnets.n_miners": 6}


def small(**values: object) -> Scenario:
    return with_values(find("gamed"), SMALL | {path.replace("__", "."): value for path, value in values.items()})


@pytest.fixture
def fails_under_seed_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Side B of seed 2 breaks down in its first epoch."""
    step = Economy.step

    def break_down(self: Economy) -> None:
        if self.run_seed == 2 and self.first_scenario.reward.audit_rate > 0:
            raise ValueError("the score overflows\nsecond line")
        step(self)

    monkeypatch.setattr(module, "Economy", type("Broken", (Economy,), {"step": break_down}))


def test_two_equal_sides_differ_by_exactly_nothing() -> None:
    table = differences(compare(small(), small(), range(1, 4)))
    assert list(table["measure"]) == list(MEASURES)
    assert (table[["difference", "low", "high", "sd"]] == 0.0).all(axis=None)


def test_another_rule_makes_a_difference_and_its_own_seeds_do_not() -> None:
    runs = compare(small(), small(reward__audit_rate=0.5), range(1, 4))
    table = differences(runs).set_index("measure")
    assert table.loc["reward_gini_participant", "difference"] > 0.01
    alone = compare(small(), small(), [2]).query("side == 'A'")["reward_gini_participant"].item()
    assert runs.query("side == 'A' and seed == 2")["reward_gini_participant"].item() == alone


def test_pairing_needs_fewer_seeds_than_two_samples_apart() -> None:
    runs = compare(small(), small(reward__capability_weight__speed=0.6), range(1, 7))
    side = runs.pivot(index="seed", columns="side", values="reward_gini_participant")
    assert differences(runs).set_index("measure").loc["reward_gini_participant", "sd"] < side.std().min()


def test_slices_give_the_rows_of_whole_runs() -> None:
    a, b = small(), small(reward__audit_rate=0.5)
    sliced = Comparison(a, b, [1, 2])
    n_slices = 0
    while not sliced.finished:
        sliced.play(0.0)
        n_slices += 1
        assert sliced.epochs_played == n_slices
    assert n_slices == sliced.n_epochs == 16
    pd.testing.assert_frame_equal(sliced.runs(), compare(a, b, [1, 2]))


def test_a_comparison_that_is_stopped_holds_whole_pairs() -> None:
    comparison = Comparison(small(), small(), [1, 2])
    for _ in range(7):
        comparison.play(0.0)
    assert comparison.runs().empty
    for _ in range(6):
        comparison.play(0.0)
    assert list(zip(comparison.runs()["side"], comparison.runs()["seed"], strict=True)) == [("A", 1), ("B", 1)]


@pytest.mark.usefixtures("fails_under_seed_two")
def test_a_run_that_fails_costs_its_seed_and_no_other() -> None:
    comparison = Comparison(small(), small(reward__audit_rate=0.5), [1, 2, 3])
    comparison.play(60.0)
    runs = comparison.runs()
    assert comparison.finished
    assert comparison.epochs_played == comparison.n_epochs
    assert runs.loc[runs["status"] == "failed", ["side", "seed", "error"]].to_numpy().tolist() == [
        ["B", 2, "ValueError: the score overflows second line"]
    ]
    assert set(differences(runs)["seeds"]) == {2}


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing() -> None:
    a, b = small(), small(reward__audit_rate=0.5)
    pd.testing.assert_frame_equal(compare(a, b, [1, 2], how=How(n_workers=2)), compare(a, b, [1, 2]))


def test_progress_is_told_run_by_run() -> None:
    told: list[tuple[int, int]] = []
    compare(small(), small(), [1, 2], how=How(progress=lambda status: told.append((status.done, status.n_runs))))
    assert told[-1] == (4, 4)
    assert told == sorted(told)


def test_a_change_from_an_epoch_on_is_compared_with_none() -> None:
    change = Intervention(epoch=2, values={"reward.audit_rate": 0.5})
    audits = compare(small(), small(), [1, 2], changes=((), (change,))).set_index("side")["audits"]
    assert audits["A"].eq(0).all()
    assert audits["B"].gt(0).all()


def test_bad_input_is_one_sentence_before_anything_is_played() -> None:
    with pytest.raises(ValueError, match="seeds must name at least one"):
        tasks(small(), small(), [])
    with pytest.raises(ValueError, match="seeds must differ, are 1, 1"):
        tasks(small(), small(), [1, 1])
    with pytest.raises(ValueError, match="epochs must be the same on both sides, are 4 in A and 5 in B"):
        tasks(small(), small(epochs=5), [1])
    with pytest.raises(
        ValueError, match=r"no measure 'reward_ginis_participant'.*did you mean 'reward_gini_participant'"
    ):
        compare(small(), small(), [1], ["reward_ginis_participant"])


def test_the_fields_in_which_the_sides_differ_are_listed() -> None:
    table = changed_fields(small(), small(reward__audit_rate=0.5, name="other", seed=9))
    assert table.to_dict("records") == [{"field": "reward.audit_rate", "a": "0.0", "b": "0.5"}]


def test_a_part_of_a_table_that_one_side_lacks_is_empty_there() -> None:
    table = changed_fields(small(miners__mix={"honest": 1.0}), small(miners__mix={"honest": 0.5, "lazy": 0.5}))
    assert table.to_dict("records") == [
        {"field": "miners.mix.honest", "a": "1.0", "b": "0.5"},
        {"field": "miners.mix.lazy", "a": "", "b": "0.5"},
    ]


def test_the_manifest_names_both_sides() -> None:
    a, b = small(), small(reward__audit_rate=0.5)
    manifest = pair_manifest(a, b, 1, "sandbox compare")
    assert manifest.scenario_digest == f"{digest(a)}, {digest(b)}"
    assert (manifest.seed, manifest.epochs) == (1, 4)
