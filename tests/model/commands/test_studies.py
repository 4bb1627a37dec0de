"""The commands of baselines and decomposition: what they print and write, and the one sentence on bad input."""

import json

import pandas as pd
import pytest

from model.commands import studies
from model.experiments.decomposition import CAUSES
from model.scenario.scenario_file import digest, dumps, find, with_values

TINY = ["--set", "subnets.count=2", "--set", "subnets.n_miners=6", "--set", "subnets.n_validators=3"]


def test_baselines_stand_beside_the_run_on_the_screen_and_in_the_files(sandbox, tmp_path):
    code, printed, _ = sandbox("baselines", "gamed", "--epochs", 3, "--seed", 4, *TINY, "--out", tmp_path / "out")
    assert code == 0
    assert "gamed, seed 4, epoch 2" in printed
    for word in ("this run", "all honest", "planner", "100.0%", "written to"):
        assert word in printed
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"baselines.csv", "theory.csv", "data_dictionary.csv", "manifest.json"}
    table = pd.read_csv(tmp_path / "out" / "baselines.csv").set_index("baseline")
    assert table.loc["planner of all money", "efficiency_share"] == 1
    assert 0 < table.loc["this run", "efficiency_share"] < 1
    facts = json.loads((tmp_path / "out" / "manifest.json").read_text())
    changes = {"epochs": 3, "seed": 4, "subnets.count": 2, "subnets.n_miners": 6, "subnets.n_validators": 3}
    assert facts["scenario_digest"] == digest(with_values(find("gamed"), changes))
    assert (facts["seed"], facts["epochs"]) == (4, 3)
    assert "--out" not in facts["command"]


def test_the_yardsticks_of_the_table_are_those_of_the_run_itself(sandbox, tmp_path):
    arguments = ["gamed", "--epochs", 3, *TINY, "--out"]
    assert sandbox("baselines", *arguments, tmp_path / "one")[0] == 0
    assert sandbox("run", *arguments, tmp_path / "other")[0] == 0
    here = pd.read_csv(tmp_path / "one" / "baselines.csv").set_index("baseline").loc["this run"]
    there = pd.read_csv(tmp_path / "other" / "epochs.csv").iloc[-1]
    for name in ("users_value", "spend_tao", "efficiency_share", "price_of_anarchy_ratio", "rent_dissipation_share"):
        assert here[name] == there[name]


def test_a_closed_form_is_printed_where_there_is_one(sandbox):
    honest = [
        "--set",
        "validators.mix={honest=1.0}",
        "--set",
        "reward.measurement_noise=0",
        "--set",
        "miners.skill_sd=0",
    ]
    arguments = [
        "speed-or-quality",
        "--epochs",
        2,
        "--set",
        "subnets.count=1",
        "--set",
        "market.price_tao_per_alpha=0.02",
    ]
    code, printed, _ = sandbox("baselines", *arguments, *honest)
    assert (code, "closed form" in printed) == (0, True)
    assert "rent_dissipation_share" in printed
    assert "closed form" not in sandbox("baselines", "gamed", "--epochs", 1, *TINY)[1]


def small_file(folder, **values):
    """A small world with a cartel, as a file."""
    base = {"epochs": 3, "subnets.n_miners": 6, "subnets.n_validators": 5}
    path = folder / "small.toml"
    path.write_text(dumps(with_values(find("cartel"), base | values)))
    return path


def test_parts_add_up_on_the_screen_and_in_the_files(sandbox, tmp_path):
    path = small_file(tmp_path)
    measures = ["--measure", "reward_gini_participant", "--measure", "efficiency_share"]
    code, printed, _ = sandbox("decompose", path, "--seeds", 2, *measures, "--out", tmp_path / "out")
    assert code == 0
    for word in ("2 seeds from", *CAUSES, "reference", "reward_gini_participant", "efficiency_share"):
        assert word in printed
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {"summary.csv", "parts.csv", "runs.csv", "data_dictionary.csv", "manifest.json"}
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    mean = summary.pivot(index="measure", columns="part", values="mean")
    assert mean["scenario"].to_numpy() == pytest.approx(mean[["reference", *CAUSES]].sum(axis=1).to_numpy())
    assert mean.loc["reward_gini_participant", "collusion"] > 0.05
    assert len(pd.read_csv(tmp_path / "out" / "runs.csv")) == 2 * 2 ** len(CAUSES)


@pytest.mark.slow
def test_the_files_do_not_depend_on_the_number_of_workers(sandbox, tmp_path):
    path = small_file(tmp_path)
    for workers in (1, 2):
        arguments = ["--seeds", 1, "--workers", workers, "--out", tmp_path / str(workers)]
        assert sandbox("decompose", path, *arguments)[0] == 0
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("1", "2"))
    assert one == two


def test_a_world_compared_with_itself_has_no_cause(sandbox, tmp_path):
    path = small_file(tmp_path)
    code, _, _ = sandbox("decompose", path, "--seeds", 1, "--reference", path, "--out", tmp_path / "out")
    assert code == 0
    parts = pd.read_csv(tmp_path / "out" / "parts.csv")
    assert (parts.loc[parts["part"].isin(CAUSES), "value"] == 0).all()


BAD = [
    (["baselines", "cartell"], "no scenario 'cartell' (did you mean 'cartel'?); there are cartel"),
    (["baselines", "cartel", "--epochs", "0"], "epochs must be in [1, 10,000,000], is 0"),
    (["baselines", "cartel", "--set", "epochs"], "--set must be PATH=VALUE, is 'epochs'"),
    (["baselines"], "Missing argument 'SCENARIO'"),
    (["decompose", "absent.toml"], "absent.toml cannot be read"),
    (["decompose", "cartel", "--seeds", "0"], "Invalid value for '--seeds'"),
    (["decompose", "cartel", "--workers", "0"], "Invalid value for '--workers'"),
    (["decompose", "cartel", "--measure", "reward_gini"], "no measure 'reward_gini' in the epochs table"),
    (["decompose", "cartel", "--reference", "gamed"], "the reference may differ in initial_stake, skill, collusion"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD)
def test_bad_input_gets_one_sentence_and_code_2_and_writes_nothing(sandbox, tmp_path, arguments, sentence):
    code, printed, complaint = sandbox(*arguments, "--out", tmp_path / "out")
    assert (code, printed) == (2, "")
    assert complaint.startswith("sandbox: ")
    assert sentence in complaint
    assert complaint.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["baselines", "decompose"])
def test_a_folder_in_use_is_refused_before_the_runs(sandbox, tmp_path, monkeypatch, command):
    (tmp_path / "mine.txt").write_text("mine")
    monkeypatch.setattr(studies, "run", None)
    monkeypatch.setattr(studies, "decompose", None)
    code, _, complaint = sandbox(command, "cartel", "--out", tmp_path)
    assert (code, "--out must name a new or empty folder" in complaint) == (2, True)
