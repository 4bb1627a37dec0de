"""A run as a link, a command or Python: a preset, what differs from it, a seed, edits and a number of epochs."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomli_w

from model.bounds import no_such, whole_number
from model.economy import Economy
from model.pages.limits import LONGEST_LINK, LONGEST_RUN_EPOCHS
from model.scenario import scenario_file
from model.scenario.interventions import Intervention, parse_intervention
from model.scenario.scenario import Scenario

FIRST_PRESET = "speed-or-quality"
OWN_FIELDS = ("seed", "epochs")  # said by options of their own
BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What it takes to have a run again.

    preset : name of the shipped scenario that `scenario` is described by
    scenario : what the run started with, seed included
    interventions : edits, each with its first epoch
    epochs : how many to play
    """

    preset: str
    scenario: Scenario
    interventions: tuple[Intervention, ...] = ()
    epochs: int = 0

    @classmethod
    def of(cls, economy: Economy, preset: str) -> "Recipe":
        """Recipe of a run as far as it has been played."""
        return cls(
            preset=preset,
            scenario=economy.first_scenario,
            interventions=tuple(change for change in economy.interventions if change.epoch < economy.epoch),
            epochs=economy.epoch,
        )

    def settings(self) -> dict[str, Any]:
        """Fields by dotted path in which the scenario differs from its preset, without seed and epochs."""
        found = differences(scenario_file.find(self.preset), self.scenario)
        return {path: value for path, value in found.items() if path not in OWN_FIELDS}

    def single_edits(self) -> list[tuple[int, str, Any]]:
        """Edits as (epoch, path, value), as they were named; those of one epoch count together."""
        return [(change.epoch, path, value) for change in self.interventions for path, value in change.values.items()]

    def command(self) -> str:
        """Command line that writes the tables of this run."""
        words = ["sandbox", "run", self.preset, "--seed", str(self.scenario.seed), "--epochs", str(self.epochs)]
        for path, value in self.settings().items():
            words += ["--set", f"{path}={toml_value(value)}"]
        for epoch, path, value in self.single_edits():
            words += ["--at", f"{epoch}:{path}={toml_value(value)}"]
        return " ".join(map(shlex.quote, [*words, "--out", f"data/runs/{file_name(self.scenario.name)}"]))

    def python(self) -> str:
        """Python that has the same tables in `tables`."""
        values = {"seed": self.scenario.seed, "epochs": self.epochs} | self.settings()
        lines = ["from model.experiments.runs.run import run"]
        lines += ["from model.scenario.interventions import Intervention"] if self.interventions else []
        lines += ["from model.scenario.scenario_file import find, with_values", ""]
        lines += [f"scenario = with_values(find({self.preset!r}), {_literal(values)})"]
        if self.interventions:
            edits = ", ".join(
                f"\n    Intervention(epoch={change.epoch}, values={_literal(dict(change.values))})"
                for change in self.interventions
            )
            lines += [f"edits = [{edits},\n]", "economy = run(scenario, interventions=edits)"]
        else:
            lines += ["economy = run(scenario)"]
        return "\n".join([*lines, "tables = economy.tables()", ""])

    def query(self) -> dict[str, str | list[str]]:
        """Parameters of a link that restores the run; those of the preset alone where it would be too long."""
        found: dict[str, str | list[str]] = {"preset": self.preset, "seed": str(self.scenario.seed)}
        found |= {path: toml_value(value) for path, value in self.settings().items()}
        edits = [f"{epoch}:{path}={toml_value(value)}" for epoch, path, value in self.single_edits()]
        found |= {"at": edits} if edits else {}
        found["epochs"] = str(self.epochs)
        length = sum(len(name) + len("".join(value)) for name, value in found.items())
        return found if length <= LONGEST_LINK else {"preset": self.preset}


def from_query(query: Mapping[str, list[str]]) -> Recipe:
    """Recipe that a link's parameters mean, from whoever wrote them.

    Raises
    ------
    ValueError
        If a parameter is not one, or its value breaks a rule.
    """
    given = {name: texts[-1] for name, texts in query.items() if name != "at"}
    preset = given.pop("preset", FIRST_PRESET)
    # Not any path: a link must not make the server read its files.
    if preset not in scenario_file.shipped():
        raise ValueError(no_such("preset", preset, scenario_file.shipped()))
    epochs = min(whole_number("epochs", scenario_file.parse_value(given.pop("epochs", "0"))), LONGEST_RUN_EPOCHS)
    values = {path: scenario_file.parse_value(text) for path, text in given.items()}
    scenario = scenario_file.with_values(scenario_file.find(preset), values)
    interventions = tuple(map(parse_intervention, query.get("at", [])))
    return Recipe(preset=preset, scenario=scenario, interventions=interventions, epochs=epochs)


def differences(base: Scenario, scenario: Scenario) -> dict[str, Any]:
    """Fields by dotted path in which `scenario` differs from `base`; a table with other names is given as a whole."""
    found: dict[str, Any] = {}

    def compare(before: Any, after: Any, path: str) -> None:
        if isinstance(before, dict) and isinstance(after, dict) and list(before) == list(after) and after:
            for name in after:
                compare(before[name], after[name], f"{path}.{name}" if path else name)
        elif before != after or type(before) is not type(after):
            found[path] = after

    compare(scenario_file.to_tree(base), scenario_file.to_tree(scenario), "")
    return found


def toml_value(value: Any) -> str:
    """Value on one line, so that `scenario_file.parse_value` gives it back; plain words stay plain."""
    if isinstance(value, str) and BARE.fullmatch(value) and scenario_file.parse_value(value) == value:
        return value
    return _toml(value)


def file_name(name: str) -> str:
    """Name of a scenario, which may come from a stranger, as a short name for a file."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60] or "run"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)} = {_toml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").removesuffix("\n")


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else tomli_w.dumps({name: 0}).removesuffix(" = 0\n")


def _literal(values: Mapping[str, Any]) -> str:
    """Python's own text of a table, a line for each entry."""
    plain = scenario_file.to_tree(values)
    return "{" + "".join(f"\n    {name!r}: {value!r}," for name, value in plain.items()) + "\n}"
