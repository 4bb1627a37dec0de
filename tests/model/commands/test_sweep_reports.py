"""The commands that analyse, export and verify a sweep: what they print and write, and how they end."""

import json
import shutil
import sqlite3

import pandas as pd
import pyarrow.parquet as pq
import pytest

from model import cli
from model.scenario.scenario_file import dumps, find
from model.wording import number

SPEC = """
name = "decisiveness <b>"
question = "Does | it?\\u001B[31m"
scenario = "speed-or-quality"
design = "{design}"
epochs = 2
outcomes = ["reward_gini_participant", "users_value", {{ measure = "spend_tao", over = "series" }}]
{more}
"""
GRID = """replicates = 2
[factors]
"reward.pay_parameters.decisiveness" = [0.5, 2.0]
"miners.skill_sd" = [0.0, 0.3]
"""
RANGES = """n_points = 4
[factors]
"reward.pay_parameters.decisiveness" = { low = 0.5, high = 2.0 }
"miners.skill_sd" = { low = 0.0, high = 0.3 }
"""


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def played(tmp_path_factory, design, more):
    folder = tmp_path_factory.mktemp(design)
    (folder / "spec.toml").write_text(SPEC.format(design=design, more=more))
    cli.main(["sweep", str(folder / "spec.toml"), "--out", str(folder / "run"), "--workers", "0"])
    return folder / "run"


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    return played(tmp_path_factory, "grid", GRID)


@pytest.fixture
def own(grid, tmp_path):
    """A copy of the sweep that a test may spoil."""
    return shutil.copytree(grid, tmp_path / "own")


def test_analysis_prints_counts_means_and_effects(sandbox, grid):
    code, printed, _ = sandbox("analyse", grid)
    assert code == 0
    for words in (
        "design grid, 8 of 8 runs: 8 ok",
        "Does | it?",
        "reward_gini_participant (share)",
        "Main effects (paired)",
    ):
        assert words in printed
    assert "\x1b" not in printed
    assert "Replicates still needed" not in printed


def test_what_is_asked_for_is_answered(sandbox, grid, tmp_path):
    factors = ("reward.pay_parameters.decisiveness", "miners.skill_sd")
    middle = pd.read_csv(grid / "runs.csv")["users_value"].median()
    code, printed, _ = sandbox(
        "analyse", grid, "--outcome", "users_value", "--factors", *factors, "--half-width", "0.0001%",
        "--above", middle, "--pareto", "users_value", "reward_gini_participant:min", "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 0
    for words in (
        "Means of two factors",
        "Replicates still needed: ",
        f"users_value above {number(middle, digits=15)}",
        "Undominated",
    ):
        assert words in printed
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"report.md", "means.csv", "needed.csv", "two_factors.csv", "pareto.csv", "data_dictionary.csv"} <= names
    assert {"users_value-effects.svg", "users_value-two_factors.svg", "pareto.svg"} <= names
    lines = pd.read_csv(tmp_path / "out" / "data_dictionary.csv")
    for name in ("means", "needed", "effects", "pareto"):
        columns = pd.read_csv(tmp_path / "out" / f"{name}.csv").columns.tolist()
        assert lines.loc[lines["table"] == name, "column"].tolist() == columns
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "--pareto users_value reward_gini_participant:min" in manifest["command"]
    assert str(tmp_path) not in manifest["command"]


def test_a_report_shows_every_chart_and_keeps_strange_text_as_text(sandbox, grid, tmp_path):
    assert sandbox("analyse", grid, "--out", tmp_path / "out", "--dark")[0] == 0
    text = (tmp_path / "out" / "report.md").read_text()
    assert "# decisiveness \\<b\\>" in text
    assert "Does | it? \\[31m" in text
    for picture in (tmp_path / "out").glob("*.svg"):
        assert f"]({picture.name})" in text
        assert b"#10151C" in picture.read_bytes()


def test_json_has_what_the_tables_have(sandbox, grid):
    code, printed, _ = sandbox("analyse", grid, "--json", "--half-width", "0.01")
    assert code == 0
    facts = json.loads(printed)
    assert facts["runs_by_status"] == {"ok": 8}
    one = facts["outcomes"][0]
    assert one["outcome"] == "reward_gini_participant"
    assert [row["runs"] for row in one["tables"]["means"]] == [2] * 4
    assert {"means", "effects", "convergence", "needed"} <= set(one["tables"])


@pytest.mark.parametrize(("design", "word"), [("sobol", "Sobol indices"), ("morris", "Elementary effects")])
def test_sampled_designs_get_their_indices(sandbox, tmp_path_factory, tmp_path, design, word):
    folder = played(tmp_path_factory, design, RANGES)
    code, printed, _ = sandbox("analyse", folder, "--out", tmp_path / "out")
    assert code == 0
    assert word in printed
    assert "Standardized regression" in printed
    assert (tmp_path / "out" / f"users_value-{design}.svg").is_file()
    assert len(pd.read_csv(tmp_path / "out" / f"{design}.csv")) == 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--outcome", "nothing"),
            "no outcome 'nothing' in this sweep; there are reward_gini_participant, users_value",
        ),
        (("--above", "3"), "a threshold, above or below, needs one outcome: name it with --outcome"),
        (("--above", "3", "--below", "4"), "one of above and below must be given, are 3 and 4"),
        (("--half-width", "wide"), "--half-width must be a number > 0, or a percentage such as 5%, is 'wide'"),
        (("--half-width", "-1%"), "--half-width must be a number > 0, or a percentage such as 5%, is '-1%'"),
        (("--outcome", "users_value", "--factors", "a", "b"), "no factor 'a' in this sweep"),
        (("--pareto", "users_value", "a"), "no outcome 'a' in this sweep"),
        (("--outcome", "users_value", "--below", "-1"), "no run has users_value below -1: they go from"),
    ],
)
def test_bad_questions_get_one_sentence(sandbox, grid, options, sentence):
    code, _, complaint = sandbox("analyse", grid, *options)
    assert code == 2
    assert sentence in complaint
    assert complaint.count("\n") == 1


def test_an_export_is_made_anew_in_the_sweeps_own_folder_and_nowhere_else(sandbox, own, tmp_path):
    assert sandbox("export", own)[:2] == (0, f"8 of 8 runs written to {own / 'export'}\n")
    first = {path.name: path.read_bytes() for path in (own / "export").iterdir()}
    assert sandbox("export", own)[0] == 0
    assert {path.name: path.read_bytes() for path in (own / "export").iterdir()} == first
    assert sandbox("export", own, "--format", "parquet", "--out", tmp_path / "out")[0] == 0
    assert pq.read_table(tmp_path / "out" / "runs.parquet").num_rows == 8
    code, _, complaint = sandbox("export", own, "--out", tmp_path / "out")
    assert code == 2
    assert "must name a new or empty folder" in complaint


def test_an_export_holds_the_scenario_and_the_series(sandbox, own):
    sandbox("export", own)
    assert "scenario.toml" in {path.name for path in (own / "export").iterdir()}
    assert len(pd.read_csv(own / "export" / "series.csv")) == 8 * 2


def test_an_untouched_sweep_passes(sandbox, own):
    sandbox("export", own)
    sandbox("export", own, "--format", "parquet")
    code, printed, _ = sandbox("verify", own, "--sample", "2")
    assert code == 0
    assert printed == (
        "2 of 8 runs played again; checked every cell of runs.csv, export, export-parquet: all the same to the bit\n"
    )


def test_a_tampered_cell_is_named_in_the_folder_and_in_the_export(sandbox, own):
    sandbox("export", own)
    path = own / "export" / "runs.csv"
    lines = path.read_text().split("\n")
    lines[3] = lines[3].rsplit(",", 1)[0] + ",1.5"
    path.write_text("\n".join(lines))
    (own / "runs.csv").write_text("\n".join(lines))
    code, printed, _ = sandbox("verify", own, "--sample", "0")
    assert code == 1
    assert "export/runs.csv, run 2, users_value: stored 1.5, recomputed " in printed
    assert "\nexport/runs.csv" in printed or printed.startswith("runs.csv, run 2, users_value: stored 1.5")
    assert "2 differ" in printed


def test_findings_come_as_json_too(sandbox, own):
    with sqlite3.connect(own / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE runs SET epochs_played = 1 WHERE number = 5")
    (own / "runs.csv").unlink()
    code, printed, _ = sandbox("verify", own, "--sample", "8", "--json")
    assert code == 1
    facts = json.loads(printed)
    assert facts["played_again"] == list(range(8))
    assert facts["findings"] == [
        {"file": "ledger.sqlite", "where": "run 5", "column": "epochs_played", "stored": "1", "recomputed": "2"}
    ]


def test_a_scenario_file_that_is_gone_is_not_missed(sandbox, tmp_path):
    scenario = tmp_path / "mine.toml"
    scenario.write_text(dumps(find("speed-or-quality")))
    spec = SPEC.format(design="grid", more=GRID).replace('"speed-or-quality"', f'"{scenario}"')
    (tmp_path / "spec.toml").write_text(spec)
    sandbox("sweep", tmp_path / "spec.toml", "--out", tmp_path / "run", "--workers", 0)
    scenario.unlink()
    assert sandbox("verify", tmp_path / "run", "--sample", "1")[0] == 0


@pytest.mark.parametrize("command", ["analyse", "export", "verify"])
def test_a_folder_without_a_sweep_is_one_sentence(sandbox, tmp_path, command):
    code, _, complaint = sandbox(command, tmp_path)
    assert code == 2
    assert "holds no sweep" in complaint
