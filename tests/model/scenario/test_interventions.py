"""Interventions from files and command lines: the same change whichever way it is written, refused in one sentence."""

import pytest

from model.economy import Economy
from model.experiments.runs.run import run
from model.records.export import csv_bytes
from model.scenario.interventions import Intervention, parse_intervention, read_interventions, scenario_after
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import LARGEST_FILE_BYTES, find, with_values

SMALL = with_values(find("gamed"), {"epochs": 4, "subnets.count": 1})
TEXT = """
[[intervention]]
epoch = 2
[intervention.values]
"reward.audit_rate" = 0.5
reward.capability_weight.speed = 0.8

[[intervention]]
epoch = 1
[intervention.values.owners]
burn_share = 0.25
"""
CHANGES = (
    Intervention(epoch=2, values={"reward.audit_rate": 0.5, "reward.capability_weight.speed": 0.8}),
    Intervention(epoch=1, values={"owners.burn_share": 0.25}),
)


def written(tmp_path, text):
    path = tmp_path / "changes.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def tables(changes):
    return {name: csv_bytes(frame) for name, frame in run(SMALL, interventions=changes).tables().items()}


def test_a_file_says_what_changes_with_quoted_and_with_nested_paths(tmp_path):
    assert read_interventions(written(tmp_path, TEXT)) == CHANGES


def test_a_run_by_a_file_has_the_bytes_of_the_run_by_its_interventions(tmp_path):
    by_file = tables(read_interventions(written(tmp_path, TEXT)))
    assert by_file == tables(CHANGES)
    assert by_file == tables(read_interventions(written(tmp_path, TEXT)))
    assert by_file["epochs"] != tables(())["epochs"]


@pytest.mark.parametrize(
    "values", ['"reward.pay_parameters" = { n_winners = 3 }', "reward.pay_parameters.n_winners = 3"]
)
def test_a_table_means_its_entries_however_it_is_written(tmp_path, values):
    text = f'[[intervention]]\nepoch = 1\n[intervention.values]\n{values}\nreward.pay = "top_k"'
    change = read_interventions(written(tmp_path, text))
    assert change[0].values == {"reward.pay_parameters.n_winners": 3, "reward.pay": "top_k"}
    decisive = with_values(SMALL, {"reward.pay_parameters.decisiveness": 2.0})
    assert with_values(decisive, change[0].values).reward.pay_parameters == {"n_winners": 3}


def test_edits_of_one_epoch_are_checked_together():
    edits = [
        Intervention(epoch=1, values={"reward.score_parameters.substitution_exponent": 0.25}),
        Intervention(epoch=1, values={"reward.score": "ces"}),
    ]
    rules = run(SMALL, interventions=edits).rules.scenario.reward
    assert (rules.score, rules.score_parameters) == ("ces", {"substitution_exponent": 0.25})


def test_what_an_edit_names_is_set_where_an_owner_has_moved_it_and_nothing_else():
    tuned = with_values(SMALL, {"owners.mix": {"tuner": 1.0}, "owners.parameters": {"tuner": {"period_epochs": 1}}})
    start = dict(tuned.reward.capability_weight)
    economy, edited = Economy(tuned), Economy(tuned)
    edited.intervene({"reward.capability_weight.speed": start["speed"]}, epoch=3)
    for one in (economy, edited):
        for _ in range(3):
            one.step()
    moved = economy.rules.reward_weight[0]
    assert moved[0] != pytest.approx(start["speed"])
    edited._apply_interventions()
    assert edited.rules.reward_weight[0].tolist() == [start["speed"], *moved[1:].tolist()]


def test_an_edit_to_what_is_in_force_changes_nothing():
    value = {"reward.audit_rate": SMALL.reward.audit_rate, "story": "told otherwise", "market.demand_tao": 3}
    assert tables([Intervention(epoch=2, values=value)]) == tables(())


def test_a_mix_says_the_same_in_whatever_order_it_is_written():
    mix = {"honest": 0.5, "cheater": 0.3, "speed": 0.2}
    ways = [with_values(SMALL, {"miners.mix": dict(items)}) for items in (mix.items(), reversed(mix.items()))]
    assert ways[0] == ways[1]
    ways = [{name: csv_bytes(table) for name, table in run(way).tables().items()} for way in ways]
    assert ways[0] == ways[1]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("2:reward.audit_rate=0.5", Intervention(epoch=2, values={"reward.audit_rate": 0.5})),
        (" 0 : reward.pay = top_k ", Intervention(epoch=0, values={"reward.pay": "top_k"})),
        ("7:owners.burn_share=[0.1, 0.2]", Intervention(epoch=7, values={"owners.burn_share": [0.1, 0.2]})),
    ],
)
def test_the_short_form_says_the_same(text, change):
    assert parse_intervention(text) == change


@pytest.mark.parametrize("text", ["", "2", "2:", "2:reward.pay", "reward.pay=top_k", "2:=3", "-1:a=1", "1.5:a=1"])
def test_the_short_form_needs_an_epoch_a_path_and_a_value(text):
    with pytest.raises(ValueError, match=r"^--at must be EPOCH:PATH=VALUE, is "):
        parse_intervention(text)


VALUES = "[intervention.values]\n'reward.audit_rate' = 0.5\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must hold one or more tables [[intervention]], holds none"),
        ("intervention = 3", "must hold one or more tables [[intervention]], holds none"),
        ("intervention = [3]", "intervention must be a table, is 3"),
        ("[intervention]\nepoch = 3", "must hold one or more tables"),
        ("[[interventions]]\nepoch = 3", "no field 'interventions'; there is intervention"),
        ("[[intervention]]\n" + VALUES, "intervention.epoch must be given, is missing"),
        ("[[intervention]]\nepoch = -1\n" + VALUES, "epoch must be a whole number >= 0, is -1"),
        ("[[intervention]]\nepoch = 1.5\n" + VALUES, "epoch must be a whole number >= 0, is 1.5"),
        ("[[intervention]]\nepoch = true\n" + VALUES, "epoch must be a whole number >= 0, is True"),
        ("[[intervention]]\nepoch = 1", "intervention.values must be a table of one or more fields, is None"),
        ("[[intervention]]\nepoch = 1\nvalues = {}", "intervention.values must be a table of one or more fields"),
        ("[[intervention]]\nepoch = 1\nvalue = {}", "no field 'intervention.value'; there are epoch, values"),
        ("[[intervention]]\nepoch = 1\n[intervention.values]\nsubnets.count = 3", "subnets.count can't change during"),
        ("[[intervention]]\nepoch = 1\n[intervention.values]\nseed = 3", "seed can't change during a run"),
        ("[[intervention]]\nepoch = 1\n[intervention.values]\na" + ".a" * 4000 + " = 1", "recursion"),
        ("epoch = ", "is not a TOML file"),
        (b"\x00\xff", "is not a TOML file"),
        (b"a" * 10_001, "must have lines of <= 10000 bytes"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "must be <= 1000000 bytes"),
    ],
    ids=range(19),
)
def test_a_file_that_says_no_change_is_refused_by_its_name(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=r"^intervention file .*changes\.toml") as caught:
        read_interventions(written(tmp_path, text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"^intervention file .*absent\.toml cannot be read: No such file"):
        read_interventions(tmp_path / "absent.toml")


def test_changes_are_checked_together_in_the_order_of_their_epochs():
    ces = Intervention(epoch=1, values={"reward.score": "ces"})
    exponent = Intervention(epoch=2, values={"reward.score_parameters.substitution_exponent": 0.5})
    assert Economy(SMALL, interventions=[exponent, ces]).interventions == [exponent, ces]
    with pytest.raises(ValueError, match=r"has no parameter 'substitution_exponent'"):
        Economy(SMALL, interventions=[exponent])


@pytest.mark.parametrize("values", [{1: 1}, {"owners": {1: 0.2}}, {"owners.burn_share": 0.2, 1: 1}])
def test_a_path_that_is_no_text_is_refused(values):
    with pytest.raises(ValueError, match=r"^path must be text, is 1$"):
        Intervention(epoch=1, values=values)


def test_a_rule_that_gives_way_within_an_epoch_takes_its_parameters_along():
    economy = Economy(SMALL)
    economy.intervene({"reward.pay": "softmax", "reward.pay_parameters": {"temperature": 0.3}})
    economy.intervene({"reward.pay": "rank"})
    assert economy.coming_scenario.reward.pay_parameters == {}
    economy.intervene({"reward.pay": "softmax"})
    economy.step()
    assert (economy.rules.scenario.reward.pay, economy.rules.scenario.reward.pay_parameters) == ("softmax", {})


@pytest.mark.parametrize("price", [90.0, {"speed": 90.0, "quality": 80.0, "storage": 100.0}])
def test_the_price_of_hardware_changes_as_a_number_and_as_a_table(price):
    change = Intervention(epoch=1, values={"miners.hardware_price_tao": price})
    after = scenario_after(Scenario(), [change]).miners.hardware_price_tao
    assert (dict(after) if isinstance(price, dict) else after) == price
