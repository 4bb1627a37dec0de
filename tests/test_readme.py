"""What the README shows is what the commands print, and the commands it names are there."""

import importlib.util
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from model.cli import MODULES
from model.scenario.scenario_file import shipped

SPEC = importlib.util.spec_from_file_location("readme_tables", Path(__file__).with_name("readme_tables.py"))
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)
TIMED = re.compile(r"\b(bench|battery)\b")  # their tables hold seconds, which no two runs share
TEXT = tables.README.read_text()


def test_every_command_that_the_readme_names_exists():
    named = set(re.findall(r"(?:^    |`|from: )sandbox ([a-z]+)", TEXT, re.MULTILINE))
    assert {"run", "sweep", "fidelity"} <= named
    assert named <= set(MODULES)


def test_every_shipped_scenario_is_in_the_readme():
    assert [name for name in shipped() if f"`{name}`" not in TEXT] == []


def test_the_strategy_that_the_readme_writes_plays(tmp_path):
    block = re.search(r"`cautious\.py`:\n\n(.*?)\nit plays", TEXT, re.DOTALL)[1]
    (tmp_path / "cautious.py").write_text(textwrap.dedent(block))
    arguments = shlex.split(re.search(r"^    sandbox (run .* --plugin cautious\.py .*)$", TEXT, re.MULTILINE)[1])
    # In a process of its own: a registry keeps what it was given.
    command = [sys.executable, "-m", "model.cli", *arguments, "--epochs", "3"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    strategies = pd.read_csv(tmp_path / arguments[-1] / "strategies.csv")
    assert (strategies.query("strategy == 'cautious'")["spend_tao"] > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in tables.commands(TEXT) if not TIMED.search(command)])
def test_a_generated_table_is_what_its_command_prints(command):
    assert tables.block(TEXT, command) == tables.output(command).strip()
