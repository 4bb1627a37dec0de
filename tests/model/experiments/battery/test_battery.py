"""The battery: answers are met, placebos fail, and what is broken is told in one sentence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from model.commands.battery import battery_command
from model.economy import Economy
from model.epoch import pay
from model.experiments.battery import battery, spec
from model.experiments.battery.outcomes import measure
from model.experiments.many import How
from model.scenario import scenario_file
from model.scenario.frozen_map import FrozenMap

SHIPPED = {one.name: one for one in spec.shipped()}


def verdicts(experiment, n_seeds=1):
    """Table of an experiment played in this process."""
    wanted = battery.tasks([experiment], n_seeds)
    return battery.table(wanted, battery.run_all(wanted))


def only_arms(experiment, *names):
    """The experiment with these arms alone."""
    arms = tuple(arm for arm in experiment.arms if arm.name in names)
    broken = experiment.placebo
    kept = tuple(name for name in broken.arms if name in names)
    return replace(experiment, arms=arms, placebo=replace(broken, arms=kept))


# What is shipped


@pytest.mark.parametrize(
    ("name", "arms"),
    [
        ("oligopoly", ("shares", "capacity")),
        ("learning-paths", ("replicator after five epochs",)),
        ("median-bias", ("stake 0.3",)),
        ("trust", ("bonds on clipped weights",)),
        pytest.param("inspection", ("fine 11",), marks=pytest.mark.slow),
        pytest.param("late-bonds", ("bonds forget three tenths, five epochs late",), marks=pytest.mark.slow),
    ],
)
def test_answers_are_met_and_placebos_fail(name, arms):
    table = verdicts(only_arms(SHIPPED[name], *arms))
    assert table["arm"].unique().tolist() == list(arms)
    assert battery.passed(table)
    assert (table["placebo"] == battery.FAILS).any()


def test_a_cartel_takes_what_two_blocs_take_and_not_without_clipping():
    table = verdicts(only_arms(SHIPPED["collusion"], "stake 0.4, merit 0.3, penalty 0.5"))
    assert table["outcome"].tolist() == ["cartel_shares[0]", "cartel_shares[1]", "cartel_shares[2]"]
    assert battery.passed(table)
    assert (table["placebo"] == battery.FAILS).all()


def test_the_published_retention_needs_the_clip():
    table = verdicts(only_arms(SHIPPED["retention"], "noise 0.2"))
    assert battery.passed(table)
    assert table["placebo"].tolist() == [battery.FAILS]


def test_the_critical_penalty_is_found_by_search_and_not_without_clipping():
    table = verdicts(only_arms(SHIPPED["collusion"], "critical penalty, stake 0.4, merit 0.3"))
    assert table[["outcome", "theory"]].to_numpy().tolist() == [["root", 0.5]]
    assert battery.passed(table)
    assert table["placebo"].tolist() == [battery.FAILS]


def test_every_experiment_has_a_placebo_that_breaks_some_arm():
    assert all(one.placebo_arms() for one in SHIPPED.values())
    assert len({one.number for one in SHIPPED.values()}) == len(SHIPPED) >= 10


# The verdict


@pytest.fixture
def issuance():
    """The edges of the issuance curve: one epoch each."""
    return only_arms(SHIPPED["issuance"], "at the first threshold", "at the cap")


def test_a_wrong_answer_is_missed(issuance):
    wrong = replace(issuance.arms[0], expected=FrozenMap({"minted_tao": 0.6}))
    table = verdicts(replace(issuance, arms=(wrong, issuance.arms[1])))
    assert table["met"].tolist() == [False, True]
    assert not battery.passed(table)


def test_a_placebo_that_passes_fails_the_battery(issuance):
    harmless = replace(issuance.placebo, settings=FrozenMap({"story": "nothing changes"}))
    table = verdicts(replace(issuance, placebo=harmless))
    assert table["met"].all()
    assert table["placebo"].tolist() == [battery.PASSES] * 2
    assert not battery.passed(table)


def test_a_noisy_outcome_must_also_lie_within_its_standard_errors():
    arm = spec.Arm(name="one", expected=FrozenMap({"x": 0.0}))
    noisy = replace(SHIPPED["audit"], arms=(arm,), placebo=replace(SHIPPED["audit"].placebo, arms=()), tolerance=1.0)
    value = np.array([0.10, 0.11, 0.12])
    judged = battery._judge(noisy, arm, 0.0, value)
    assert judged["z"] == pytest.approx(0.11 / (0.01 / np.sqrt(3)))
    assert not judged["met"]
    assert battery._judge(replace(noisy, noisy=False), arm, 0.0, value)["met"]


def test_an_outcome_of_another_length_than_its_answer_is_missed(issuance):
    longer = replace(issuance.arms[0], expected=FrozenMap({"minted_tao": (0.5, 0.5)}))
    alone = replace(issuance, arms=(longer,), placebo=replace(issuance.placebo, arms=()))
    assert not verdicts(alone)["met"].any()


def test_two_workers_measure_the_same_as_one(issuance):
    wanted = battery.tasks([issuance], 1)
    assert [one.measured for one in battery.run_all(wanted, How(n_workers=2))] == [
        one.measured for one in battery.run_all(wanted)
    ]


# Settings and outcomes


def test_pots_are_worth_what_the_setting_says():
    base = scenario_file.find("speed-or-quality")
    scenario = battery.scenario_with(base, {"subnets.count": 3, "pots_tao": [5, 20.0, 1.0]})
    economy = Economy(scenario)
    pot_alpha = pay.expected_miner_pot_alpha(economy.state, economy.rules)
    assert pot_alpha * scenario.market.price_tao_per_alpha == pytest.approx([5, 20, 1])


def test_pots_must_fit_the_subnets():
    base = scenario_file.find("speed-or-quality")
    with pytest.raises(ValueError, match=r"pots_tao must be one number or one per subnet \(16\), has 2"):
        battery.scenario_with(base, {"pots_tao": [5.0, 20.0]})


def test_an_unknown_outcome_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="no outcome 'luck'; there are capability_spend_tao,"):
        measure(Economy("halving"), "luck@3", 1)


def test_a_late_bond_needs_a_registration_just_before():
    with pytest.raises(ValueError, match="late_bond_loss_epochs needs a registration before the last epoch"):
        measure(Economy("halving"), "late_bond_loss_epochs", 1)


# Files


SPEC = """
name = "mine"
title = "One"
source = "here"
number = 1
tolerance = 0.1
{extra}
[[arms]]
name = "a"
expected = {{ minted_tao = 1.0 }}
{arm}
[placebo]
story = "broken"
settings = {{ epochs = 2 }}
"""


@pytest.mark.parametrize(
    ("extra", "arm", "sentence"),
    [
        ("colour = 1", "", "no field 'colour'; there are name, title"),
        ("seeds = 0", "", r"seeds must be in \[1, 1000\], is 0"),
        ("seeds = 'two'", "", "seeds must be a whole number, is 'two'"),
        ("measured_on = 'paper'", "", "measured_on must be one of economy, guarantee, is 'paper'"),
        ("settings = 3", "", "settings must be a table of dotted paths, is 3"),
        ("", "tolerance = -1.0", r"arm 'a': tolerance must be >= 0, is -1"),
        ("", "colour = 1", "no field 'arms.colour'"),
        ("", "root = [{ path = 'x', low = 1.0, high = 0.0, outcome = 'y' }]", "root.high must be > 1, is 0"),
        ("", "[[arms]]\nname = 'a'\nexpected = { x = 1.0 }", "arms must be one or more of different names"),
        ("", "[[arms]]\nname = 'b'", "arm 'b' must have expected outcomes, has none"),
        ("name = 'twice'", "", "Cannot overwrite a value"),
    ],
)
def test_a_broken_file_is_told_in_one_sentence(tmp_path, extra, arm, sentence):
    path = tmp_path / "mine.toml"
    path.write_text(SPEC.format(extra=extra, arm=arm))
    with pytest.raises(ValueError, match=sentence) as error:
        spec.read_experiment(path)
    assert str(error.value).startswith(f"experiment file {path}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("missing", ["name", "title", "source", "number"])
def test_what_must_be_given_is_asked_for(tmp_path, missing):
    path = tmp_path / "mine.toml"
    lines = SPEC.format(extra="", arm="").strip().splitlines()
    path.write_text("\n".join(line for index, line in enumerate(lines) if index > 3 or not line.startswith(missing)))
    with pytest.raises(ValueError, match=f"{missing} must be given, is missing"):
        spec.read_experiment(path)


def test_an_experiment_without_a_placebo_is_none(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SPEC.format(extra="", arm="").partition("[placebo]")[0])
    with pytest.raises(ValueError, match="placebo must be a table with a story and settings"):
        spec.read_experiment(path)


def test_a_setting_that_breaks_a_rule_names_experiment_and_arm(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SPEC.format(extra="", arm="settings = { epochs = 0 }"))
    wanted = battery.tasks([spec.read_experiment(path)], 2)
    found = battery.run_all(wanted)
    assert {"experiment mine, arm 'a': epochs must be" in one.error for one in found if not one.measured} == {True}
    table = battery.table(wanted, found)
    assert not table["met"].any()
    assert table["mean"].isna().all()


# The command


def test_the_command_prints_verdicts_and_writes_them(tmp_path):
    out = tmp_path / "out"
    line = ["--only", "oligopoly", "--seeds", "1", "--workers", "1", "--out", str(out)]
    answer = CliRunner().invoke(battery_command, line)
    assert answer.exit_code == 0, answer.output
    assert "10 of 10" in answer.output
    assert sorted(path.name for path in out.iterdir()) == ["battery.csv", "data_dictionary.csv", "manifest.json"]
    table = pd.read_csv(out / "battery.csv").set_index("outcome")
    assert table.loc["miner_share[0]", ["theory", "met", "placebo"]].tolist() == [0.368421, True, "fails"]
    assert "sandbox battery --only=oligopoly --seeds=1" in (out / "manifest.json").read_text()


def test_an_experiment_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match="no experiment 'nothing'; there are retention, oligopoly, effort"):
        CliRunner().invoke(battery_command, ["--only", "nothing"], catch_exceptions=False)
