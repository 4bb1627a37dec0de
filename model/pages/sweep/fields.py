"""What a sweep can be built of: fields of the scenario to vary, each with its knob, and measures to keep."""

from collections.abc import Mapping
from typing import Any

from model.bounds import shown
from model.charts.compare import NO_UNIT
from model.charts.measure_label import label
from model.experiments.sweeps.execution.work import tables_of_a_run
from model.experiments.sweeps.spec.factors import RESERVED, Factor
from model.pages.knobs import table
from model.pages.knobs.knob import Knob
from model.pages.knobs.rules import PARAMETERS
from model.pages.sandbox.settings import parameters_of
from model.records.columns import DICTIONARY
from model.scenario import scenario_file
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, value_at

Tree = Mapping[str, Any]
MULTIPLES = (0.5, 1.0, 1.5, 2.0)  # of a number that the scenario has, to begin with
STEPS = 4  # through the range of one that is 0 there


def sweepable(tree: Tree, capabilities: tuple[str, ...]) -> dict[str, Knob]:
    """Knobs of the fields that a sweep of the scenario in `tree` can vary, by path; lists by subnet are left out."""
    own = {
        f"{parameters}.{name}": PARAMETERS[name]
        for rule, parameters in PARAMETERS_OF.items()
        for name in parameters_of(tree, rule)
    }
    return {
        path: knob
        for path, knob in (own | _knobs(capabilities)).items()
        if path not in RESERVED and isinstance(value_of(tree, path), bool | int | float | str)
    }


def value_of(tree: Tree, path: str) -> Any:
    """Value of the field at `path`, the rule's default where the scenario names none."""
    for rule, parameters in PARAMETERS_OF.items():
        if path.startswith(f"{parameters}."):
            return parameters_of(tree, rule).get(path.removeprefix(f"{parameters}."))
    return value_at(tree, path)


def is_number(tree: Tree, path: str) -> bool:
    """Whether the field holds a number."""
    return isinstance(value_of(tree, path), int | float) and not isinstance(value_of(tree, path), bool)


def is_whole(tree: Tree, path: str) -> bool:
    """Whether the field holds a whole number."""
    return is_number(tree, path) and isinstance(value_of(tree, path), int)


def first_values(tree: Tree, path: str, knob: Knob) -> list[Any]:
    """Values of the field to begin with: around what the scenario has, within what its knob allows."""
    value = value_of(tree, path)
    if isinstance(value, bool):
        return [False, True]
    if isinstance(value, str):
        return [value, *(name for name in knob.names() if name != value)]
    low, high = min(knob.low, value), max(knob.high, value)
    tried = [value * by for by in MULTIPLES] if value else [low + (high - low) * k / STEPS for k in range(STEPS)]
    kept = [float(f"{min(max(one, low), high):.3g}") for one in tried]
    return list(dict.fromkeys(round(one) if is_whole(tree, path) else one for one in kept))


def numbers(text: str, knob: Knob, whole: bool) -> tuple[float, ...]:
    """Numbers in a text, with commas between them.

    Raises
    ------
    ValueError
        If a part is no number, or not whole where it must be.
    """
    rule = f"values of {knob.label} must be {'whole ' if whole else ''}numbers with commas between them"
    found: list[float] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(int(part) if whole else float(part))
        except ValueError:
            raise ValueError(f"{rule}, one is {shown(part)}") from None
    if not found:
        raise ValueError(f"{rule}, there are none")
    return tuple(found)


def measures() -> list[str]:
    """Measures of a run that a sweep can keep."""
    return list(tables_of_a_run().epochs.columns)


def measure_label(name: str) -> str:
    """A measure as words, with its unit where it has one."""
    unit = DICTIONARY.line("epochs", name).unit
    return label(name) if unit in NO_UNIT else f"{label(name)} ({unit})"


def factor_label(path: str) -> str:
    """What a field of the scenario is called on the page: its knob's label, or its path where it has none."""
    parent, _, name = path.rpartition(".")
    known = PARAMETERS.get(name) if parent in PARAMETERS_OF.values() else _knobs((name,)).get(path)
    return known.label if known else path


def base_of(preset: str) -> tuple[Scenario, dict[str, Any]]:
    """The shipped scenario of that name, and its fields as a tree."""
    scenario = scenario_file.find(preset)
    return scenario, scenario_file.to_tree(scenario)


def levels_in_words(factor: Factor) -> str:
    """The factor's values or range."""
    if factor.values:
        return ", ".join(f"{one:g}" if isinstance(one, int | float) else str(one) for one in factor.values)
    return f"{factor.low:g} to {factor.high:g}{', log scale' if factor.scale == 'log' else ''}"


def _knobs(capabilities: tuple[str, ...]) -> dict[str, Knob]:
    return {knob.path: knob for family in table.all_knobs() for knob in family.expanded(capabilities)}
