"""The commands that show evidence: what they print, and the codes they end with."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.commands.evidence import GOLDEN, fidelity_command


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder with one small file of golden vectors."""
    shutil.copy(GOLDEN / "chain" / "schedule.json", tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(fidelity_command, [str(argument) for argument in arguments])


def test_vectors_that_are_met_end_with_code_0_and_a_row(few):
    answer = run("--vectors", few, "--markdown")
    assert answer.exit_code == 0
    assert "| schedule | subtensor 14bc6f9 | 11 | 11 |" in answer.output


def test_a_vector_that_is_missed_is_named_and_ends_with_code_1(few):
    path = few / "schedule.json"
    document = json.loads(path.read_text())
    document["vectors"][3]["expected"] += 1
    path.write_text(json.dumps(document))
    answer = run("--vectors", few)
    assert answer.exit_code == 1
    assert document["vectors"][3]["id"] in answer.output


def test_an_unknown_function_is_listed_as_not_covered(few):
    path = few / "schedule.json"
    document = json.loads(path.read_text())
    document["vectors"][0]["fn"] = "a_function_of_tomorrow"
    path.write_text(json.dumps(document))
    answer = run("--vectors", few)
    assert "not covered" in answer.output
    assert "a_function_of_tomorrow" in answer.output


def test_a_folder_without_vectors_is_refused(tmp_path):
    answer = run("--vectors", tmp_path)
    assert isinstance(answer.exception, ValueError)
    assert str(tmp_path) in str(answer.exception)


def test_an_index_and_a_tolerance_of_ones_own_have_a_line_each(few):
    (few / "index.json").write_text('{"files": ["schedule.json"]}')
    shutil.copy(GOLDEN / "peers" / "interactive_case09_f64.json.gz", few)
    answer = run("--vectors", few)
    assert answer.exit_code == 0
    assert "passed over: index.json: by its name a list of files" in answer.output
    lines = [line for line in answer.output.splitlines() if line.startswith("by its own tolerance: ")]
    assert len(lines) == 2
    assert all("Yuma 2 (subtensor)" in line and "largest error 0.001" in line for line in lines)
