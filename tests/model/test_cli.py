"""The command line: what it writes, and the one sentence it says when it can't."""

import hashlib
import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from agents.strategies import MINERS
from model.commands import run
from model.epoch.asking import StrategyError
from model.scenario import scenario_file
from model.scenario.scenario import Scenario


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_scenarios_lists_all_that_are_shipped(sandbox):
    code, out, _ = sandbox("scenarios")
    assert code == 0
    for name in scenario_file.shipped():
        assert name in out


def test_a_run_writes_tables_dictionary_and_manifest(sandbox, tmp_path):
    out = tmp_path / "out"
    code, printed, _ = sandbox(
        "run",
        "gamed",
        "--epochs",
        2,
        "--seed",
        5,
        "--set",
        "subnets.count=1",
        "--set",
        "reward.pay=top_k",
        "--out",
        out,
    )
    assert code == 0
    assert "seed 5, after epoch 1" in printed
    names = {path.name for path in out.iterdir()}
    tables = ("epochs", "subnets", "capabilities", "strategies", "uids", "data_dictionary")
    assert names == {f"{name}.csv" for name in tables} | {"manifest.json", "scenario.toml"}
    facts = json.loads((out / "manifest.json").read_text())
    changes = {"epochs": 2, "subnets.count": 1, "reward.pay": "top_k"}
    scenario = scenario_file.with_values(scenario_file.find("gamed"), changes)
    assert facts["scenario_digest"] == scenario_file.digest(scenario)
    assert facts["seed"] == 5


def test_a_file_runs_like_a_shipped_scenario(sandbox, tmp_path):
    scenario = scenario_file.with_values(Scenario(), {"subnets.count": 1, "epochs": 1})
    path = written(tmp_path, "mine.toml", scenario_file.dumps(scenario))
    assert sandbox("run", path, "--out", tmp_path / "out")[0] == 0


CHANGES = '[[intervention]]\nepoch = 2\n[intervention.values]\n"reward.audit_rate" = 0.9\n'
SMALL = ("run", "gamed", "--epochs", 4, "--set", "subnets.count=1")


def test_a_run_with_changes_notes_them_and_gives_the_same_bytes_again(sandbox, tmp_path):
    changes = ("--interventions", written(tmp_path, "changes.toml", CHANGES), "--at", "1:owners.burn_share=0.5")
    for name, options in (("one", changes), ("two", changes), ("plain", ())):
        assert sandbox(*SMALL, *options, "--out", tmp_path / name)[0] == 0
    one, two, plain = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.csv")} for name in ("one", "two", "plain")
    )
    assert one == two
    assert one["epochs.csv"] != plain["epochs.csv"]
    assert json.loads((tmp_path / "one" / "manifest.json").read_text())["interventions"] == [
        {"epoch": 2, "values": {"reward.audit_rate": 0.9}},
        {"epoch": 1, "values": {"owners.burn_share": 0.5}},
    ]


PLUGIN = """
from dataclasses import dataclass
import numpy as np
from agents.observation import MinerAction
from agents.strategies import MINERS

@MINERS.register("mine")
@dataclass(frozen=True)
class Mine:
    def decide(self, view, rng):
        ANSWER
        return MinerAction(resource=np.full(view.resource.shape, 0.1))
"""


@pytest.fixture
def registered():
    before = dict(MINERS)
    yield
    MINERS._entry = before


@pytest.mark.usefixtures("registered")
def test_a_strategy_of_the_users_own_plays_and_is_noted(sandbox, tmp_path):
    path = written(tmp_path, "mine.py", PLUGIN.replace("ANSWER", "pass"))
    plays = ("--set", "miners.mix={mine = 1.0}", "--plugin", path, "--out", tmp_path / "out")
    assert sandbox(*SMALL, *plays)[0] == 0
    facts = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert facts["plugins"] == [{"file": "mine.py", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    played = pd.read_csv(tmp_path / "out" / "strategies.csv")
    assert set(played.loc[played["role"] == "miner", "strategy"]) == {"mine"}


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("1 / (2 - view.public.epoch)", "ZeroDivisionError: division by zero"),
        (
            "if view.public.epoch == 2: return MinerAction(resource=view.resource * np.nan)",
            "resource must be finite and >= 0, has nan",
        ),
        ("if view.public.epoch == 2: return MinerAction(resource=[[1], []])", "resource must be an array: "),
        (
            "if view.public.epoch == 2: return MinerAction(resource=view.resource, memory=[1])",
            "memory must hold arrays by name, is [1]",
        ),
        (
            "if view.public.epoch == 2: return MinerAction(resource=view.resource, memory={'a': np.array([None])})",
            "memory must hold arrays of numbers or texts by name, has 'a'",
        ),
    ],
    ids=["raises", "nan", "ragged", "memory", "objects"],
)
def test_a_strategy_that_breaks_down_is_named_and_the_epochs_before_are_kept(sandbox, tmp_path, answer, rule):
    path = written(tmp_path, "mine.py", PLUGIN.replace("ANSWER", answer))
    plays = ("--set", "miners.mix={mine = 1.0}")
    code, printed, complaint = sandbox(*SMALL, *plays, "--plugin", path, "--out", tmp_path / "broken")
    assert (code, printed) == (1, "")
    assert f"sandbox: miner/mine in epoch 2: {rule}" in complaint.splitlines()[-1]
    assert f"the 2 epochs before it broke are written to {tmp_path / 'broken'}" in complaint
    assert json.loads((tmp_path / "broken" / "manifest.json").read_text())["epochs"] == 2
    assert sandbox(*SMALL, *plays, "--epochs", 2, "--out", tmp_path / "whole")[0] == 0
    kept = {file.name for file in (tmp_path / "broken").glob("*.csv")}
    assert kept == {
        "epochs.csv",
        "subnets.csv",
        "capabilities.csv",
        "strategies.csv",
        "uids.csv",
        "data_dictionary.csv",
    }
    for name in kept - {"data_dictionary.csv"}:
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


FILES = {
    "binary.toml": b"\x00\x89\xff",
    "latin.toml": "# Käufer".encode("latin-1"),
    "huge.toml": b"#" * 1_000_001,
    "deep.toml": b"a = " + b"[" * 9_000,
    "field.toml": "[reward]\nspede = 1",
    "stake.toml": "[validators]\nstake_alpha = -1.0",
    "nan.toml": "[reward.capability_weight]\nspeed = nan\nquality = 1.0\nstorage = 1.0",
    "none.toml": "[subnets]\ncount = 0",
    "list.toml": "[market]\nprice_tao_per_alpha = [0.1, 0.2]",
    "mix.toml": "[miners.mix]\nhonest = 0.4\nspeed = 0.4",
    "strategy.toml": "[miners.mix]\nhonset = 1.0",
    "changes.toml": "[[intervention]]\nepoch = 3\n[intervention.values]\nreward.spede = 1",
    "zero.py": "1 / 0",
    "nothing.py": "pass",
}
BAD_RUNS = [
    (["binary.toml"], "binary.toml is not a TOML file"),
    (["latin.toml"], "latin.toml is not a TOML file: it must be saved as UTF-8, byte 4 of line 1 is 0xe4"),
    (["cartel", "--interventions", "latin.toml"], "latin.toml is not a TOML file: it must be saved as UTF-8, byte 4"),
    (["huge.toml"], "huge.toml must be <= 1000000 bytes"),
    (["deep.toml"], "deep.toml is not a TOML file"),
    (["field.toml"], "no field 'reward.spede'"),
    (["stake.toml"], "validators.stake_alpha must be in [0, 21,000,000], is -1.0"),
    (["nan.toml"], "reward.capability_weight.speed must be in [0, 1000], is nan"),
    (["none.toml"], "subnets.count must be in [1, 1024], is 0"),
    (["list.toml"], "market.price_tao_per_alpha must be one number or one per subnet (16), has 2"),
    (["mix.toml"], "miners.mix must sum to 1, sums to 0.8"),
    (["strategy.toml"], "no miner strategy 'honset' (did you mean 'honest'?)"),
    (["absent.toml"], "absent.toml cannot be read: No such file or directory"),
    (["cartell"], "no scenario 'cartell' (did you mean 'cartel'?); there are cartel"),
    (["cartel", "--set", "epochs"], "--set must be PATH=VALUE, is 'epochs'"),
    (["cartel", "--set", "=3"], "--set must be PATH=VALUE, is '=3'"),
    (["cartel", "--set", "cartel.size=3"], "no field 'cartel.size'"),
    (["cartel", "--set", "cartel.stake_share=much"], "cartel.stake_share must be a number, is 'much'"),
    (["cartel", "--set", "cartel.stake_share=nan"], "cartel.stake_share must be in [0, 1], is nan"),
    (["cartel", "--interventions", "changes.toml"], "no field 'reward.spede'"),
    (["cartel", "--interventions", "mix.toml"], "intervention file mix.toml: no field 'miners'"),
    (
        ["cartel", "--epochs", "5", "--at", "5:owners.burn_share=0.5"],
        "before 5, the run's number of epochs, one is for 5",
    ),
    (["cartel", "--interventions", "absent.toml"], "intervention file absent.toml cannot be read: No such file"),
    (["cartel", "--at", "3:subnets.count=1"], "subnets.count can't change during a run"),
    (["cartel", "--at", "3:reward.audit_rate=2"], "reward.audit_rate must be in [0, 1], is 2.0"),
    (["cartel", "--at", "reward.audit_rate=1"], "--at must be EPOCH:PATH=VALUE, is 'reward.audit_rate=1'"),
    (["cartel", "--plugin", "absent.py"], "plug-in absent.py cannot be read: No such file or directory"),
    (["cartel", "--plugin", "zero.py"], "plug-in zero.py cannot be imported: ZeroDivisionError: division by zero"),
    (["cartel", "--plugin", "nothing.py"], "plug-in nothing.py registers nothing new"),
    (["cartel", "--epochs", "0"], "epochs must be in [1, 10,000,000], is 0"),
    (["cartel", "--set", "epochs=2", "--set", "epochs=3"], "--set must name each field once, names 'epochs' 2 times"),
    (["cartel", "--set", "reward.decisiveness=2"], "(did you mean 'reward.pay_parameters.decisiveness'?)"),
    (["cartel", "--set", "cartel.stake=2"], "(did you mean 'cartel.stake_share'?)"),
    (["cartel", "--seed", "-1"], "seed must be >= 0 and have <= 63 bits"),
    (["cartel", "--seed", "x"], "Invalid value for '--seed'"),
    (["cartel", "--speed"], "No such option"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD_RUNS)
def test_bad_input_gets_one_sentence_and_code_2_and_writes_nothing(sandbox, tmp_path, monkeypatch, arguments, sentence):
    for name, content in FILES.items():
        written(tmp_path, name, content)
    monkeypatch.chdir(tmp_path)
    code, printed, complaint = sandbox("run", *arguments, "--out", tmp_path / "out")
    assert code == 2
    assert printed == ""
    assert complaint.startswith("sandbox: ")
    assert sentence in complaint
    assert complaint.count("\n") == 1
    assert len(complaint) < 700
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_output_that_cannot_be_written_is_refused_before_the_run(sandbox, tmp_path, monkeypatch):
    file = written(tmp_path, "file", "x")
    full = tmp_path / "full"
    full.mkdir()
    written(full, "mine.txt", "mine")
    monkeypatch.setattr(run, "play", None)
    for out, sentence in (
        (file, "--out must name a folder, is the file"),
        (full, "--out must name a new or empty folder"),
        (file / "below", "--out must name a folder that can be written"),
    ):
        code, _, complaint = sandbox("run", "cartel", "--out", out)
        assert (code, sentence in complaint) == (2, True), complaint
    assert (full / "mine.txt").read_text() == "mine"


def test_a_missing_argument_is_named(sandbox):
    assert sandbox("run", "cartel")[::2] == (2, "sandbox: Missing option '--out'.\n")
    assert sandbox("fly")[0] == 2


def test_a_strategy_that_breaks_ends_the_run_with_code_1_and_no_files(sandbox, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise StrategyError("miner/honest in epoch 0: resource must be finite and >= 0, has nan")

    monkeypatch.setattr(run, "play", broken)
    code, _, complaint = sandbox("run", "cartel", "--out", tmp_path / "out")
    assert (code, complaint.splitlines()[-1]) == (
        1,
        "sandbox: miner/honest in epoch 0: resource must be finite and >= 0, has nan",
    )
    assert not (tmp_path / "out").exists()


def test_an_interrupted_run_leaves_nothing_behind(sandbox, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "play", interrupted)
    code, _, complaint = sandbox("run", "cartel", "--out", tmp_path / "out")
    assert code == 130
    assert "stopped; nothing was written" in complaint
    assert not list(tmp_path.iterdir())


def test_the_command_in_a_process_of_its_own_says_the_same(tmp_path):
    command = [sys.executable, "-m", "model.cli", "run", "cartel"]
    arguments = ["--set", "consensus.kappa=2", "--out", str(tmp_path / "out")]
    bad = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "sandbox: consensus.kappa must be in (0, 1], is 2.0\n"
    assert not (tmp_path / "out").exists()


def test_what_a_manifest_cannot_hold_is_said_before_the_first_epoch(sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "play", lambda *_: pytest.fail("an epoch was played"))
    monkeypatch.setattr(MINERS, "_entry", dict(MINERS))  # what the plug-in registers goes again
    plugin = tmp_path / os.fsdecode(b"caf\xe9.py")
    plugin.write_text(
        "from agents.miners.honest import Honest\nfrom agents.strategies import MINERS\n"
        "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Mine(Honest): ...\n\n\n"
        'MINERS.register("latin")(Mine)\n'
    )
    for options, field in (
        (("--plugin", plugin), "plugins"),
        (("--set", f'story="{os.fsdecode(bytes([0xE9]))}"'), "story"),
        (("--at", "1:reward.capability_weight.speed=nan"), "reward.capability_weight.speed"),
    ):
        code, _, said = sandbox(*SMALL, *options, "--out", tmp_path / "out")
        assert code == 2
        assert said.startswith(f"sandbox: {field}"), said
        assert not (tmp_path / "out").exists()
