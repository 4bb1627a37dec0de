"""What README and the pages beside the code show is what the commands print, what they name is there, and code runs."""

import ast
import importlib.util
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
import warnings
from pathlib import Path

import click
import pandas as pd
import pytest

from model import cli
from model.cli import MODULES
from model.experiments.sweeps.store.store import Store
from model.scenario.scenario_file import shipped

SPEC = importlib.util.spec_from_file_location("page_tables", Path(__file__).with_name("page_tables.py"))
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)
TIMED = re.compile(r"\b(bench|battery)\b")  # their tables hold seconds, which no two runs share
TEXT = {page.relative_to(tables.ROOT).as_posix(): page.read_text() for page in tables.PAGES}
SWEEPS = "model/experiments/sweeps/SWEEPS.md"
PLACES = [(page, command) for page, text in TEXT.items() for command in tables.commands(text)]


def blocks(page):
    """Indented blocks of a page, without their indentation."""
    found = re.findall(r"(?:(?<=\n\n)|(?<=\A))((?:    .*\n|\n(?=    ))+)", TEXT[page])
    return [textwrap.dedent(block).strip() for block in found]


def kind(block):
    """What an indented block is written in, as far as that shows: commands, Python, TOML, or nothing of the kind."""
    if all(re.match(r"(sandbox|make) ", line) for line in block.splitlines()):
        return "commands"
    for language, read, error in (("Python", ast.parse, SyntaxError), ("TOML", tomllib.loads, tomllib.TOMLDecodeError)):
        try:
            read(block)
        except error:
            continue
        return language
    return "drawing"


def written_in(language, page):
    return [block for block in blocks(page) if kind(block) == language]


def command_lines(page):
    """Commands that a page shows or names whole, each as its arguments."""
    lines = [
        line for block in written_in("commands", page) for line in block.splitlines() if line.startswith("sandbox ")
    ]
    lines += re.findall(r"(?:`|from: )(sandbox [a-z]+ [^`\n]*?)(?:`| -->)", TEXT[page])
    return [shlex.split(line, comments=True)[1:] for line in lines]


LINES = [line for page in TEXT for line in command_lines(page)]


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


FORMULAS = "model/yardsticks/CLOSED_FORMS.md"  # its blocks are mathematics


@pytest.mark.parametrize("page", [page for page in TEXT if page != FORMULAS])
def test_what_is_not_read_as_code_is_no_code(page):
    assert [one for one in written_in("drawing", page) if re.search(r"[=()]|\bimport\b|^sandbox ", one)] == []


@pytest.mark.parametrize("arguments", LINES, ids=shlex.join)
def test_every_command_line_is_understood(arguments):
    name, *options = arguments
    with click.Context(cli.sandbox) as context:
        cli.sandbox.get_command(context, name).make_context(name, options)


PLAYED = [line for line in LINES if line[0] == "run" and line[1] in shipped() and "--plugin" not in line]


@pytest.mark.parametrize("arguments", PLAYED)
def test_the_runs_of_the_pages_write_their_tables(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    cli.main(arguments)
    out = Path(arguments[arguments.index("--out") + 1])
    assert len(pd.read_csv(out / "epochs.csv", engine="pyarrow")) > 0


def executed(page, names):
    """Names that the Python of a page leaves behind; what it registers is a file of its own and stays out."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
            warnings.simplefilter("error", category)
        for block in (block for block in written_in("Python", page) if "register(" not in block):
            exec(compile(block, page, "exec"), names)
    return names


def test_the_python_of_readme_runs(capsys):
    executed("README.md", {})
    assert "cartel_emission_share" in capsys.readouterr().out


def test_the_sweep_of_the_page_plays_the_runs_of_its_batch_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = executed(SWEEPS, {})["rows"]
    assert len(rows) == 9
    (spec,) = written_in("TOML", SWEEPS)
    (arguments,) = (line for line in command_lines(SWEEPS) if line[:2] == ["sweep", "mine.toml"])
    (tmp_path / "mine.toml").write_text(spec)
    cli.main([*arguments, "--workers", "0"])
    swept = Store.open(Path(arguments[-1]), read_only=True).runs()
    column = "cartel_emission_share"
    share = {value: group[column].tolist() for value, group in swept.groupby("cartel.stake_share")}
    # Nothing of this scenario is drawn, so that neither its seed nor the sweep's changes anything.
    assert share == {value: [row[column] for row in rows if row["cartel__stake_share"] == value] for value in share}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "command"), [place for place in PLACES if not TIMED.search(place[1])])
def test_a_generated_table_is_what_its_command_prints(page, command):
    assert tables.block(TEXT[page], command) == tables.output(command).strip()
