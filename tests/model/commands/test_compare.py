"""The command that compares: its table, its files, and the one sentence on bad input."""

import json
from collections.abc import Callable

import pandas as pd
import pytest

from model.economy import Economy
from model.experiments.comparison.paired import DIFFERENCE_DICTIONARY, MEASURES
from model.scenario.scenario_file import digest, find, with_values

SMALL = ["subnets.count=1", "subnets.n_miners=6", "subnets.n_validators=3"]
ON_BOTH = [f"--set-{side}={setting}" for side in "ab" for setting in SMALL]
Sandbox = Callable[..., tuple[int, str, str]]


def test_differences_stand_on_the_screen_and_in_the_files(sandbox: Sandbox, tmp_path) -> None:
    arguments = ["compare", "gamed", "gamed", *ON_BOTH, "--set-b", "reward.audit_rate=0.5", "--seeds", 2, "--epochs", 3]
    code, printed, _ = sandbox(*arguments, "--out", tmp_path / "out")
    assert code == 0
    assert "A gamed, B gamed, seeds 1 to 2, epoch 2" in printed
    assert "With B, the Gini of rewards by participant is" in printed
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"differences.csv", "runs.csv", "fields.csv", "data_dictionary.csv", "manifest.json"}
    table = pd.read_csv(tmp_path / "out" / "differences.csv")
    assert list(table.columns) == [column.name for column in DIFFERENCE_DICTIONARY.columns]
    assert table["measure"].tolist() == list(MEASURES)
    assert pd.read_csv(tmp_path / "out" / "fields.csv")["field"].tolist() == ["reward.audit_rate"]
    facts = json.loads((tmp_path / "out" / "manifest.json").read_text())
    changes = {"epochs": 3, "subnets.count": 1, "subnets.n_miners": 6, "subnets.n_validators": 3}
    a = with_values(find("gamed"), changes)
    assert facts["scenario_digest"] == f"{digest(a)}, {digest(with_values(a, {'reward.audit_rate': 0.5}))}"
    assert "--set-b=reward.audit_rate=0.5" in facts["command"]
    assert "--out" not in facts["command"]


def test_the_command_in_the_manifest_gives_the_same_bytes(sandbox: Sandbox, tmp_path) -> None:
    sandbox("compare", "gamed", "gamed", *ON_BOTH, "--seeds", 2, "--epochs", 2, "--measure", "spend_tao", "--out",
            tmp_path / "one")  # fmt: skip
    command = json.loads((tmp_path / "one" / "manifest.json").read_text())["command"].split()[1:]
    assert sandbox(*command, "--out", tmp_path / "two")[0] == 0
    for path in (tmp_path / "one").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_side_against_itself_prints_that_nothing_differs(sandbox: Sandbox) -> None:
    code, printed, _ = sandbox("compare", "gamed", "gamed", *ON_BOTH, "--seeds", 2, "--epochs", 2)
    assert code == 0
    assert printed.count("is the same in A and B under 2 seeds") == len(MEASURES)


def test_runs_that_fail_end_with_a_sentence_and_code_one(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(self: Economy) -> None:
        raise ValueError("the score overflows")

    broken = type("Broken", (Economy,), {"step": break_down})
    monkeypatch.setattr("model.experiments.runs.run.Economy", broken)
    code, printed, complaint = sandbox("compare", "gamed", "gamed", *ON_BOTH, "--seeds", 2, "--epochs", 2)
    assert (code, printed) == (1, "")
    assert complaint.startswith("4 runs failed; the first: side A, seed 1: ValueError: the score overflows")


def test_a_comparison_that_was_stopped_goes_on_to_the_same_bytes(sandbox: Sandbox, tmp_path, monkeypatch) -> None:
    asked = ("compare", "gamed", "gamed", *ON_BOTH, "--set-b", "reward.audit_rate=0.5", "--seeds", 4, "--epochs", 3)
    assert sandbox(*asked, "--out", tmp_path / "whole")[0] == 0
    step, played = Economy.step, []

    def interrupted(self: Economy) -> None:
        played.append(self.run_seed)
        if len(played) == 10:
            raise KeyboardInterrupt
        step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Economy, "step", interrupted)
        code, _, said = sandbox(*asked, "--out", tmp_path / "out")
    assert code == 130
    assert "of 8 runs are kept, go on with --resume" in said
    assert not (tmp_path / "out").exists()
    code, _, said = sandbox(*asked[:-2], "--epochs", 4, "--out", tmp_path / "out", "--resume")
    assert code == 2
    assert "has changed since" in said
    assert sandbox(*asked, "--out", tmp_path / "out", "--resume")[0] == 0
    for table in ("differences", "runs"):
        whole, out = (tmp_path / name / f"{table}.csv" for name in ("whole", "out"))
        assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "out.runs").exists()


def test_a_change_from_an_epoch_on_stands_against_none(sandbox: Sandbox) -> None:
    asked = ("compare", "gamed", "gamed", *ON_BOTH, "--seeds", 2, "--epochs", 4, "--measure", "audits")
    code, printed, _ = sandbox(*asked, "--at-b", "2:reward.audit_rate=0.5")
    assert code == 0
    assert "the number of audits is" in printed
    assert sandbox(*asked, "--at-b", "2:subnets.count=3")[2].startswith(
        "sandbox: subnets.count can't change during a run"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gamed", "gamer"], "no scenario 'gamer' (did you mean 'gamed'?)"),
        (["gamed", "gamed", "--set-b", "seed=4"], "--set-b must not name seed: both sides play under the same seeds"),
        (["gamed", "cartel"], "epochs must be the same on both sides, are 300 in A and 200 in B"),
        (["gamed", "gamed", "--measure", "luck"], "no measure 'luck' in the epochs table"),
        (["gamed", "gamed", "--set-a", "reward.audit_rate=2"], "reward.audit_rate must"),
        (["gamed", "gamed", "--seeds", "0"], "--seeds"),
    ],
)
def test_bad_input_is_one_sentence(sandbox: Sandbox, arguments: list[str], sentence: str) -> None:
    code, printed, complaint = sandbox("compare", *arguments)
    assert (code, printed) == (2, "")
    assert sentence in complaint
    assert complaint.count("\n") == 1
