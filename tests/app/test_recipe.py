import io
import json
import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import cli
from model.economy import Economy
from model.pages.sandbox.live_run import LiveRun
from model.pages.sandbox.recipe import LONGEST_LINK, Recipe, differences, file_name, from_query, toml_value
from model.records.export import csv_bytes
from model.scenario.interventions import Intervention
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, find, parse_value, with_values

EDITS = (
    {"reward.capability_weight.speed": 0.8, "reward.capability_weight.quality": 0.0},
    {"reward.pay": "softmax", "reward.pay_parameters": {"temperature": 2.0}},
    {"reward.pay": "top_k", "reward.pay_parameters": {"n_winners": 3}, "reward.audit_rate": 0.25},
    {"emission.rule": "hill_gate", "emission.parameters": {"quantile": 0.5}},
)


def played(name: str = "gamed", **values: Any) -> LiveRun:
    """Run with all edits, three epochs apart."""
    run = LiveRun(with_values(find(name), {"subnets.count": 2, "seed": 7, **values}))
    for edit in EDITS:
        run.play(60.0, 3)
        run.edit(edit)
    run.play(60.0, 3)
    return run


def bytes_of(economy: Economy) -> dict[str, bytes]:
    return {name: csv_bytes(frame) for name, frame in economy.tables().items()}


def test_the_command_writes_the_tables_and_the_digest_of_the_run_on_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = played()
    words = shlex.split(Recipe.of(run.economy, "gamed").command())
    assert words[:3] == ["sandbox", "run", "gamed"]
    monkeypatch.chdir(tmp_path)
    cli.main(words[1:])
    folder = tmp_path / words[words.index("--out") + 1]
    manifest = json.loads((folder / "manifest.json").read_text())
    shown = run.archive("page")
    assert manifest["scenario_digest"].encode() in _member(shown, "manifest.json")
    for name in ("epochs", "subnets", "capabilities", "strategies", "uids"):
        assert (folder / f"{name}.csv").read_bytes() == _member(shown, f"{name}.csv"), name
    assert (folder / "scenario.toml").read_bytes() == _member(shown, "scenario.toml")


def test_the_python_has_the_tables_and_the_digest_of_the_run_on_screen() -> None:
    run = played()
    names: dict[str, Any] = {}
    exec(compile(Recipe.of(run.economy, "gamed").python(), "recipe", "exec"), names)
    assert bytes_of(names["economy"]) == bytes_of(run.economy)
    assert digest(names["scenario"]).encode() in _member(run.archive("page"), "manifest.json")


def test_a_link_gives_the_run_again() -> None:
    run = played()
    query = Recipe.of(run.economy, "gamed").query()
    wanted = from_query({name: value if isinstance(value, list) else [value] for name, value in query.items()})
    again = LiveRun(wanted.scenario, wanted.interventions)
    again.play(60.0, wanted.epochs)
    assert bytes_of(again.economy) == bytes_of(run.economy)
    assert again.edits == run.edits or [epoch for epoch, _ in again.edits] == [epoch for epoch, _ in run.edits]


@pytest.mark.parametrize("preset", ["speed-or-quality", "cartel"])
@pytest.mark.parametrize("name", ["gamed", "churn", "halving", "full-network"])
def test_any_scenario_can_be_described_by_any_preset(preset: str, name: str) -> None:
    recipe = Recipe(preset=preset, scenario=find(name), epochs=5)
    again = with_values(find(preset), {"seed": recipe.scenario.seed, **recipe.settings()})
    assert digest(with_values(again, {"epochs": 5})) == digest(with_values(find(name), {"epochs": 5}))


def test_a_scenario_like_its_preset_needs_no_settings() -> None:
    assert Recipe(preset="gamed", scenario=find("gamed"), epochs=1).settings() == {}
    assert Recipe(preset="gamed", scenario=find("gamed"), epochs=1).query() == {
        "preset": "gamed",
        "seed": "1",
        "epochs": "1",
    }


def test_a_scenario_too_long_for_a_link_leaves_it_at_the_preset() -> None:
    long = with_values(find("gamed"), {"story": "x" * LONGEST_LINK})
    assert Recipe(preset="gamed", scenario=long, epochs=1).query() == {"preset": "gamed"}


def test_other_names_of_capabilities_are_given_as_whole_tables() -> None:
    one = {"gpu": 1.0}
    tables = ("reward.capability_weight", "value.capability_weight", "miners.unit_cost_tao", "miners.productivity")
    scenario = with_values(Scenario(), {"capabilities": ["gpu"], **dict.fromkeys(tables, one)})
    found = differences(Scenario(), scenario)
    assert found["reward.capability_weight"] == one
    assert with_values(Scenario(), found) == scenario


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=8,
)


@given(VALUES)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_a_value_on_one_line_means_itself(value: Any) -> None:
    text = toml_value(value)
    assert parse_value(text) == value
    assert "\n" not in text


@pytest.mark.parametrize(
    ("name", "file"),
    [("gamed", "gamed"), ("../../etc/passwd", "etc-passwd"), ("", "run"), ("a b\r\n", "a-b"), ("x" * 200, "x" * 60)],
)
def test_a_name_from_a_file_is_a_plain_file_name(name: str, file: str) -> None:
    assert file_name(name) == file


def test_a_setting_that_a_shell_would_run_is_quoted() -> None:
    scenario = with_values(find("gamed"), {"name": "$(touch /x); `y`"})
    words = shlex.split(Recipe(preset="gamed", scenario=scenario, epochs=1).command())
    assert words[words.index("--set") + 1] == 'name="$(touch /x); `y`"'


def test_edits_in_one_epoch_are_given_one_by_one_so_that_each_is_valid() -> None:
    changes = [Intervention(epoch=2, values=EDITS[1]), Intervention(epoch=5, values=EDITS[2])]
    recipe = Recipe(preset="gamed", scenario=find("gamed"), interventions=tuple(changes), epochs=9)
    scenario = find("gamed")
    for _, path, value in recipe.single_edits():
        scenario = with_values(scenario, {path: value})
    assert scenario == with_values(with_values(find("gamed"), EDITS[1]), EDITS[2])


def _member(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        return bundle.read(name)
