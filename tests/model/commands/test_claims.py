"""The command of the claims: what it prints and writes, and the one sentence on bad input."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from model import cli
from model.commands import claims as command
from model.experiments.claims import CLAIMS, scale


@pytest.fixture
def short(monkeypatch):
    """Claim (a) with two cases, and nothing else."""
    monkeypatch.setattr(
        command, "CLAIMS", {"a": replace(CLAIMS["a"], cases=lambda: scale.cases((50.0, 100.0), (), n_miners=6)[:2])}
    )


def test_a_claim_is_printed_with_where_it_holds_and_where_it_fails(short, capsys):
    cli.main(["claims", "--seeds=2", "--workers=1"])
    printed = capsys.readouterr().out
    for words in ("(a) Do open networks out-scale central ones?", "claimed: ", "holds", "fails", "figures: capacity"):
        assert words in printed


def test_the_folder_holds_tables_figures_and_a_report_that_names_them(short, tmp_path, capsys):
    cli.main(["claims", "--seeds=2", "--workers=1", "--out", str(tmp_path / "out")])
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} == {
        "findings.csv", "facts.csv", "conversion.csv", "data_dictionary.csv", "manifest.json", "report.md",
        "a_capacity.svg", "a_conversion.svg",
    }  # fmt: skip
    report = (folder / "report.md").read_text()
    for words in ("**Claimed.**", "**Set-up.**", "### Where it holds", "### Where it fails", "### Facts from outside",
                  "(a_capacity.svg)", "(a_conversion.svg)", "bitcoingate.net", "2026-06"):  # fmt: skip
        assert words in report
    findings = pd.read_csv(folder / "findings.csv")
    assert findings.loc[findings["study"] == "reward over the firm's budget", "verdict"].tolist() == ["fails", "holds"]
    lines = pd.read_csv(folder / "data_dictionary.csv")
    assert lines["unit"].notna().all()
    command_line = json.loads((folder / "manifest.json").read_text())["command"]
    assert command_line == "sandbox claims --seeds=2"


def test_without_vl_convert_figures_are_specifications(short, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("model.charts.sweeps.find_spec", lambda name: None)
    cli.main(["claims", "--seeds=2", "--workers=1", "--out", str(tmp_path / "out")])
    spec = json.loads((tmp_path / "out" / "a_capacity.vega-lite.json").read_text())
    assert spec["data"]["values"]
    assert "Figure: [a_capacity.vega-lite.json](a_capacity.vega-lite.json)" in (tmp_path / "out/report.md").read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--only=f"], "'f' is not one of 'a', 'b', 'c', 'd', 'e'"),
        (["--seeds=1"], "1 is not in the range 2<=x<=1000"),
    ],
)
def test_bad_input_is_told_in_one_sentence(options, sentence, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["claims", *options])
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert complaint.count("\n") == 1


def test_a_folder_in_use_is_refused_before_anything_runs(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SystemExit):
        cli.main(["claims", "--out", str(tmp_path)])
    assert "--out must name a new or empty folder" in capsys.readouterr().err
