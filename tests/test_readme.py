"""What the README shows is what the commands print, and the commands it names are there."""

import importlib.util
import re
from pathlib import Path

import pytest

from model.cli import sandbox
from model.scenario_file import shipped

SPEC = importlib.util.spec_from_file_location("readme_tables", Path(__file__).with_name("readme_tables.py"))
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)
TIMED = re.compile(r"\b(bench|battery)\b")  # their tables hold seconds, which no two runs share
TEXT = tables.README.read_text()


def test_every_command_that_the_readme_names_exists():
    named = set(re.findall(r"(?:^    |`|from: )sandbox ([a-z]+)", TEXT, re.MULTILINE))
    assert {"run", "sweep", "fidelity"} <= named
    assert named <= set(sandbox.commands)


def test_every_shipped_scenario_is_in_the_readme():
    assert [name for name in shipped() if f"`{name}`" not in TEXT] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in tables.commands(TEXT) if not TIMED.search(command)])
def test_a_generated_table_is_what_its_command_prints(command):
    assert tables.block(TEXT, command) == tables.output(command).strip()
