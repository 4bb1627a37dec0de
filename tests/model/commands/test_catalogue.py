"""The catalogue is the registries: nothing more, nothing less, and every entry says what it does."""

import pytest
from click.testing import CliRunner

from model.commands.catalogue import catalogue_command
from model.scenario.catalogue import REGISTRIES, rows, summary

ENTRIES = [(registry, name, entry) for registry in REGISTRIES for name, entry in registry]


@pytest.mark.parametrize(
    ("registry", "name", "entry"), ENTRIES, ids=[f"{registry.kind} {name}" for registry, name, _ in ENTRIES]
)
def test_every_entry_says_what_it_does_and_where_it_comes_from(registry, name, entry):
    assert 15 < len(summary(entry)) < 400
    assert "Source" in (entry.__doc__ or "") or hasattr(entry, "source")


def test_the_command_lists_every_entry_once():
    lines = CliRunner().invoke(catalogue_command, ["--markdown"]).output.splitlines()[2:]
    assert [line.split(" | ")[:2] for line in lines] == [[f"| {registry.kind}", name] for registry, name, _ in ENTRIES]


def test_parameters_stand_with_their_defaults():
    listed = {(kind, name): parameters for registry in REGISTRIES for kind, name, parameters, _ in rows(registry)}
    assert listed["pay shape", "proportional"] == "decisiveness 1.0"
    assert listed["emission rule", "hill_gate"].startswith("quantile 0.61, steepness 3.0")
