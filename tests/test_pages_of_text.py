"""What README and the pages beside the code show is what the commands print, and what they name is there."""

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

SPEC = importlib.util.spec_from_file_location("page_tables", Path(__file__).with_name("page_tables.py"))
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)
TIMED = re.compile(r"\b(bench|battery)\b")  # their tables hold seconds, which no two runs share
TEXT = {page.relative_to(tables.ROOT).as_posix(): page.read_text() for page in tables.PAGES}
PLACES = [(page, command) for page, text in TEXT.items() for command in tables.commands(text)]


@pytest.mark.parametrize("page", TEXT)
def test_every_command_that_a_page_names_exists(page):
    named = set(re.findall(r"(?:^    |`|from: )sandbox ([a-z]+)", TEXT[page], re.MULTILINE))
    assert named <= set(MODULES)


def test_readme_names_the_commands_that_people_come_for():
    assert set(re.findall(r"^    sandbox ([a-z]+)", TEXT["README.md"], re.MULTILINE)) >= {"run", "compare", "sweep"}


@pytest.mark.parametrize("page", TEXT)
def test_every_file_that_a_page_links_to_is_there(page):
    linked = re.findall(r"\]\(([^)#:]+)\)", TEXT[page])
    assert [link for link in linked if not (tables.ROOT / page).parent.joinpath(link).exists()] == []


def test_every_page_beside_the_code_can_be_reached_from_readme():
    linked = set(re.findall(r"\]\(([^)#:]+\.md)\)", TEXT["README.md"]))
    assert linked == set(TEXT) - {"README.md"}


def test_every_shipped_scenario_is_in_the_catalogue():
    assert [name for name in shipped() if f"`{name}`" not in TEXT["model/scenario/CATALOGUE.md"]] == []


def test_the_strategy_that_a_page_writes_plays(tmp_path):
    text = TEXT["agents/STRATEGIES.md"]
    block = re.search(r"`cautious\.py`:\n\n(.*?)\nit plays", text, re.DOTALL)[1]
    (tmp_path / "cautious.py").write_text(textwrap.dedent(block))
    arguments = shlex.split(re.search(r"^    sandbox (run .* --plugin cautious\.py .*)$", text, re.MULTILINE)[1])
    # In a process of its own: a registry keeps what it was given.
    command = [sys.executable, "-m", "model.cli", *arguments, "--epochs", "3"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    strategies = pd.read_csv(tmp_path / arguments[-1] / "strategies.csv")
    assert (strategies.query("strategy == 'cautious'")["spend_tao"] > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize(("page", "command"), [place for place in PLACES if not TIMED.search(place[1])])
def test_a_generated_table_is_what_its_command_prints(page, command):
    assert tables.block(TEXT[page], command) == tables.output(command).strip()
