"""Plug-ins: a user's strategies play like the shipped ones, and each way to be wrong is one sentence."""

import ast
import hashlib
import sys
from pathlib import Path

import pytest

import model
from agents.strategies import MINERS, VALIDATORS
from model.economy import Economy
from model.scenario.contracts import PARTS
from model.scenario.plugin import load_plugin

HEAD = """
from dataclasses import dataclass
import numpy as np
from agents.observation import MinerAction, MinerView, Vote
from agents.strategies import MINERS, OWNERS, VALIDATORS
"""
STEADY = (
    HEAD
    + """
@MINERS.register("steady")
@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    units: float = 0.5

    def decide(self, view: "MinerView", rng: np.random.Generator) -> MinerAction:
        return MinerAction(resource=np.full(view.resource.shape, self.units))
"""
)


@pytest.fixture(autouse=True)
def registries_as_they_were():
    kept = [(registry, dict(registry)) for registry, _ in PARTS.values()]
    yield
    for registry, entry in kept:
        registry._entry = entry
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]


def written(tmp_path, text, name="mine.py"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_strategy_from_a_file_plays_with_its_parameters(tmp_path):
    path = written(tmp_path, STEADY)
    facts = load_plugin(path)
    assert facts == {"file": "mine.py", "sha256": hashlib.sha256(STEADY.encode()).hexdigest()}
    mix = {"miners__mix": {"steady": 1.0}, "miners__parameters": {"steady": {"units": 0.25}}}
    economy = Economy("gamed", subnets__count=1, miners__unit_cost_tao__speed=0.001, **mix)
    economy.step()
    first = economy.rules.scenario.subnets.n_validators
    assert economy.state.resource[:, first:].tolist() == [[[0.25] * 3] * economy.rules.scenario.subnets.n_miners]


def test_a_file_leaves_nothing_beside_it(tmp_path):
    load_plugin(written(tmp_path, STEADY))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1", "registers nothing new: no miner strategy, validator strategy, "),
        ("", "registers nothing new: no miner strategy, validator strategy, "),
        ("x = 1\n\ny = x / 0", "cannot be imported: ZeroDivisionError: division by zero (line 3)"),
        ("def f(:", "cannot be imported: SyntaxError: invalid syntax (mine.py, line 1)"),
        (b"\x00", "cannot be imported: SyntaxError: source code string cannot contain null bytes"),
        (b"\xff\xfe", "cannot be imported: SyntaxError"),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found' (line 1)"),
        ("import sys\nsys.exit()", "cannot be imported: SystemExit"),
        ("raise ValueError('one\\ntwo')", "cannot be imported: ValueError: one two (line 1)"),
        (STEADY.replace("frozen=True, ", ""), "TypeError: miner strategy 'steady' must be a frozen dataclass"),
        (
            STEADY.replace('"steady"', '"honest"'),
            "miner strategy 'honest' is registered already, by agents",
        ),
        (STEADY.replace("decide", "act"), "miner strategy 'steady' has no decide"),
        (STEADY.replace("MINERS.register", "VALIDATORS.register"), "validator strategy 'steady' has no vote"),
        (STEADY.replace("= 0.5", ""), "miner strategy 'steady' has no working defaults: TypeError: "),
    ],
    ids=range(14),
)
def test_a_file_that_brings_no_strategy_is_named_with_its_error(tmp_path, text, sentence):
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=r"^plug-in .*mine\.py") as caught:
        load_plugin(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_validator_says_whether_it_measures(tmp_path):
    text = STEADY.replace("MINERS.register", "VALIDATORS.register").replace("decide", "vote")
    with pytest.raises(ValueError, match=r"validator strategy 'steady' has no MEASURES$"):
        load_plugin(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"^plug-in .*absent\.py cannot be read: No such file or directory$"):
        load_plugin(tmp_path / "absent.py")
    with pytest.raises(ValueError, match=r"^plug-in .* cannot be read: Is a directory$"):
        load_plugin(tmp_path)


def test_two_files_cannot_bring_the_same_name(tmp_path):
    load_plugin(written(tmp_path, STEADY))
    other = written(tmp_path, STEADY + "\n", "other.py")
    with pytest.raises(ValueError, match=r"other\.py cannot be imported: ValueError: miner strategy 'steady' is regis"):
        load_plugin(other)


def test_a_shipped_strategy_keeps_its_name_whatever_the_class_is_called(tmp_path):
    shipped = MINERS.get("honest")
    text = STEADY.replace('"steady"', '"honest"').replace("class Steady", "class Honest")
    with pytest.raises(ValueError, match=r"'honest' is registered already, by agents\.miners"):
        load_plugin(written(tmp_path, text))
    assert MINERS.get("honest") is shipped
    assert "steady" not in VALIDATORS.names()


def test_no_screen_can_load_a_file():
    folder = Path(model.__file__).parent
    screens = [*folder.glob("pages/**/*.py"), folder.parent / "app.py"]
    importers = [path for path in [*folder.rglob("*.py"), *screens] if path.exists() and _imports_plugin(path)]
    assert {str(path.relative_to(folder)) for path in importers} == {
        "commands/run.py",
        "experiments/sweeps/execution/plugged.py",
    }


def _imports_plugin(path):
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return any(name.startswith("model.scenario.plugin") for name in names)


def test_a_plug_in_s_parameters_are_checked_without_a_line_of_its_own(tmp_path):
    load_plugin(written(tmp_path, STEADY.replace("steady", "steadier")))
    for value in ("0.5", True, float("nan")):
        with pytest.raises(ValueError, match=r"^units of steadier must be "):
            MINERS.build("steadier", {"units": value})
