"""A sweep's work at a point: one economy, on the seed of its replicate, and the numbers kept of it."""

import itertools
import math
import pickle

import numpy as np
import pytest

from model.economy import Economy
from model.experiments import watch
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec_file import dumps, parse_spec, spec_of
from model.experiments.watch import Watch
from model.records.measures import hhi
from model.scenario.scenario_file import digest, find

SMALL = {
    "scenario": "gamed",
    "epochs": 4,
    "values": {"subnets.count": 2, "subnets.n_miners": 6, "subnets.n_validators": 4, "nominators.count": 2},
}
QUALITY = {"measure": "output_units", "table": "capabilities", "where": {"capability": "quality"}, "across": "sum"}


def small(**fields):
    return spec_of(SMALL | fields)


@pytest.fixture(scope="module")
def economy():
    """The small scenario as Mesa plays it, with the seed of the first replicate."""
    values = {name.replace(".", "__"): value for name, value in SMALL["values"].items()}
    made = Economy("gamed", rng=points(small())[0].seed, epochs=4, **values)
    while made.running:
        made.step()
    return made


def test_outcomes_are_what_the_same_run_writes(economy):
    outcomes = [
        "users_value",
        "block",
        {"measure": "spend_tao", "over": "mean", "last_epochs": 3},
        {"measure": "users_value", "over": "series", "name": "path"},
        {"measure": "emission_share", "table": "subnets", "across": "hhi"},
        QUALITY | {"over": "max"},
    ]
    spec = small(outcomes=outcomes)
    result = EconomyTask(spec)(points(spec)[0])
    epochs, subnets, capabilities = (economy.tables()[name] for name in ("epochs", "subnets", "capabilities"))
    quality = capabilities[capabilities["capability"] == "quality"].groupby("epoch")["output_units"].sum()
    assert result.epochs_played == 4
    assert result.row == {
        "users_value": epochs["users_value"].iloc[-1],
        "block": 1440,
        "spend_tao_mean": pytest.approx(epochs["spend_tao"].iloc[-3:].mean()),
        "emission_share_hhi": pytest.approx(hhi(subnets.loc[subnets["epoch"] == 3, "emission_share"].to_numpy())),
        "quality_output_units_sum_max": pytest.approx(quality.max()),
        "settling": "too short",
    }
    assert all(type(value) in (int, float) for name, value in result.row.items() if name != "settling")
    assert result.series["path"].tolist() == epochs["users_value"].tolist()


def test_combinations_of_equal_values_give_equal_outcomes_and_replicates_do_not():
    point = {"reward.audit_rate": 0.3}
    spec = small(design="list", points=[point, {"reward.audit_rate": 0.0}, point], replicates=2)
    task = EconomyTask(spec)
    rows = [task(run).row for run in points(spec)]
    assert rows[0] == rows[2]
    assert rows[3] == rows[5]
    assert rows[0] != rows[1]
    assert rows[0] != rows[3]


def test_a_task_goes_to_a_worker_and_says_the_same_there():
    spec = small(factors={"reward.audit_rate": [0.2]}, outcomes=["users_value"])
    task = EconomyTask(spec)
    sent = pickle.dumps(task)
    assert len(sent) < 10_000
    assert pickle.loads(sent)(points(spec)[0]) == task(points(spec)[0])


def test_texts_flags_lists_and_tables_can_be_factors():
    factors = {
        "emission": [{"rule": "equal"}, {"rule": "price_burn"}],
        "registration.new_subnet_enabled": [False],
        "market.demand_tao": [[1.0, 2.0]],
    }
    spec = small(factors=factors)
    task = EconomyTask(spec)
    scenarios = [task.scenario_of(run) for run in points(spec)]
    assert [one.emission.rule for one in scenarios] == ["equal", "price_burn"]
    assert scenarios[0].market.demand_tao == (1.0, 2.0)
    assert not scenarios[0].registration.new_subnet_enabled


def test_a_run_that_stops_early_says_after_how_many_epochs():
    spec = small(stop={"measure": "issuance_tao", "above": 0, "for_epochs": 2})
    assert EconomyTask(spec)(points(spec)[0]).epochs_played == 2


def test_a_run_that_takes_too_long_says_how_far_it_came(monkeypatch):
    moment = itertools.count()
    monkeypatch.setattr(watch.time, "monotonic", lambda: next(moment))
    with pytest.raises(TimeoutError, match=r"^took longer than 1\.5 s: 2 of 4 epochs were played$"):
        EconomyTask(small())(points(small())[0], Watch(1.5))


def test_a_run_that_nobody_wants_any_more_ends_between_two_epochs():
    asked = itertools.count()
    with pytest.raises(KeyboardInterrupt, match=r"^asked to stop: 3 of 4 epochs were played$"):
        EconomyTask(small())(points(small())[0], Watch(stop=lambda: next(asked) == 2))


def test_a_run_that_ends_in_time_is_not_cut():
    assert EconomyTask(small())(points(small())[0], Watch(600)).epochs_played == 4


def test_the_digest_is_that_of_the_base_scenario_with_the_specs_own_values():
    assert EconomyTask(spec_of({"scenario": "cartel"})).scenario_digest == digest(find("cartel"))
    assert EconomyTask(spec_of({"scenario": "cartel", "epochs": 3})).base.epochs == 3
    assert EconomyTask(small()).base.subnets.count == 2


def test_what_is_checked_is_what_will_be_played():
    """Prices for three subnets fit no base of sixteen, but every combination has three; a subnet 2 is in some."""
    prices = {"values": {"market.price_tao_per_alpha": [0.01, 0.02, 0.03]}, "factors": {"subnets.count": [3]}}
    task = EconomyTask(spec_of({"scenario": "gamed", "epochs": 1} | prices))
    assert task.base.subnets.count == 3
    third = {"measure": "spend_tao", "table": "subnets", "across": "sum", "where": {"subnet": 2}}
    EconomyTask(spec_of({"scenario": "cartel", "outcomes": [third], "factors": {"subnets.count": [1, 3]}}))
    many = {"consensus.bonds_penalty": [k / 20 for k in range(20)], "subnets.count": [1, 2, 3]}
    EconomyTask(spec_of({"scenario": "cartel", "outcomes": [third], "factors": many}))
    with pytest.raises(ValueError, match="no subnet 2"):
        EconomyTask(spec_of({"scenario": "cartel", "outcomes": [third], "factors": many | {"subnets.count": [1, 2]}}))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scenario": "nowhere"}, "no scenario 'nowhere'"),
        ({"values": {"cartel.size": 1}}, "no field 'cartel.size'"),
        ({"factors": {"cartel.size": [1]}}, "no field 'cartel.size'"),
        ({"outcomes": ["gini"]}, "outcomes: no measure 'gini' in the table 'epochs'; there are block, issuance_tao"),
        ({"outcomes": [QUALITY | {"where": {"cap": "x"}}]}, "where: no label 'cap'; there are subnet, capability"),
        ({"outcomes": [QUALITY | {"where": {"capability": "beauty"}}]}, "no capability 'beauty'"),
        (
            {"outcomes": [{"measure": "spend_tao", "table": "subnets", "across": "sum", "where": {"subnet": "0"}}]},
            "where: subnet must be a whole number, is '0'",
        ),
        ({"factors": {"reward.audit_rate": [0.1, 7.0]}}, "7.0 makes no valid scenario in any combination"),
        (
            {
                "intervention": [{"epoch": 1, "values": {"reward.audit_rate": 0.1}}],
                "factors": {"intervention.0.values.reward.audit_rate": [0.1, 7.0]},
            },
            "7.0 makes no valid scenario in any combination: reward.audit_rate must be in",
        ),
        (
            {"epochs": 5, "intervention": [{"epoch": 5, "values": {"reward.audit_rate": 0.1}}]},
            "interventions must be for an epoch before 5, the run's number of epochs, one is for 5",
        ),
        ({"stop": {"measure": "gini", "above": 1}}, "stop: no measure 'gini'"),
    ],
)
def test_a_sweep_that_no_economy_can_play_is_refused_before_anything_runs(fields, sentence):
    with pytest.raises(ValueError) as caught:
        EconomyTask(spec_of(fields))
    assert sentence in str(caught.value)


def test_a_label_that_no_row_has_is_told_with_those_there_are():
    spec = small(outcomes=[QUALITY | {"where": {"capability": "beauty"}}])
    with pytest.raises(ValueError, match=r"no capability 'beauty'.*; there are speed, quality, storage"):
        EconomyTask(spec)(points(spec)[0])


@pytest.mark.parametrize(("across", "due"), [("sum", 0.0), ("positive", 0.0), ("mean", math.nan), ("max", math.nan)])
def test_a_strategy_that_has_no_seat_in_some_combination_fails_no_run(across, due):
    mixes = [{"honest": 1.0}, {"honest": 0.999, "cheater": 0.001}, {"honest": 0.5, "cheater": 0.5}]
    cheats = {"measure": "spend_tao", "table": "strategies", "across": across, "where": {"strategy": "cheater"}}
    spec = small(outcomes=[cheats, "users_value"], factors={"miners.mix": mixes})
    task = EconomyTask(spec)
    rows = [task(point).row for point in points(spec)[:3]]
    name = spec.outcomes[0].column
    assert [row[name] for row in rows[:2]] == pytest.approx([due] * 2, nan_ok=True)
    assert rows[2][name] > 0
    assert all(row["users_value"] > 0 for row in rows)


def test_a_series_is_no_part_of_the_runs_record():
    spec = small(outcomes=[{"measure": "users_value", "over": "series"}])
    series = EconomyTask(spec)(points(spec)[0]).series["users_value"]
    assert isinstance(series, np.ndarray)
    assert series.base is None


CHANGED = """
scenario = "gamed"
epochs = 4
values = { "subnets.count" = 1, "subnets.n_miners" = 6, "subnets.n_validators" = 2 }
outcomes = [{ measure = "audits", over = "series" }, { measure = "audits", over = "sum", name = "all" }]
[[intervention]]
epoch = 2
values = { "reward.audit_rate" = 1.0 }
[factors]
"intervention.0.epoch" = [1, 3]
"intervention.0.values.reward.audit_rate" = [0.0, 1.0]
"""


def test_changes_on_the_way_and_their_epochs_and_values_are_factors():
    spec = parse_spec(CHANGED.encode())
    assert parse_spec(dumps(spec).encode()) == spec
    task = EconomyTask(spec)
    audits = {tuple(point.values.values()): task(point).series["audits"].tolist() for point in points(spec)}
    assert audits == {(1, 0.0): [0] * 4, (1, 1.0): [0, 6, 6, 6], (3, 0.0): [0] * 4, (3, 1.0): [0, 0, 0, 6]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("intervention.0.epoch", "intervention.1.epoch", r"intervention.N.values.PATH, N below 1"),
        ("intervention.0.values.reward.audit_rate", "intervention.0.values.reward.audits", "no field 'reward.audits'"),
        ('values = { "reward.audit_rate" = 1.0 }', 'values = { "subnets.count" = 2 }', "can't change during a run"),
        ('values = { "reward.audit_rate" = 1.0 }', "", "must be tables with epoch and values"),
    ],
)
def test_a_change_that_can_not_be_is_refused_before_anything_is_played(old, new, said):
    with pytest.raises(ValueError, match=said):
        EconomyTask(parse_spec(CHANGED.replace(old, new).encode()))
