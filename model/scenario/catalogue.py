"""Every choice a scenario makes by name and every field it has, read off the registries, docstrings and comments."""

import ast
import dataclasses
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.registry import Registry
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.chain.consensus.mechanism import MECHANISMS
from model.chain.emission.shares import EMISSION_RULES
from model.reward_rules import PAYS, SCORES
from model.scenario.scenario import Scenario

REGISTRIES: tuple[Registry, ...] = (
    MINERS,
    VALIDATORS,
    NOMINATORS,
    OWNERS,
    SCORES,
    PAYS,
    MECHANISMS,
    EMISSION_RULES,
)
# A name ends in its unit.
UNITS = {
    "tao": "TAO",
    "alpha": "alpha",
    "blocks": "blocks",
    "epochs": "epochs",
    "year": "per year",
    "share": "share, 0 to 1",
    "penalty": "share, 0 to 1",
}
_PARAMETER = re.compile(r"^(\w+(?:, \w+)*) : ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number, name or table that may be set: its default as text, its unit and what it means, where that is said."""

    name: str
    default: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One registered choice."""

    kind: str
    name: str
    summary: str
    source: str
    status: str  # of an emission rule: stage and dates
    parameters: tuple[Parameter, ...]

    @property
    def text(self) -> str:
        """Everything that a search looks at."""
        own = (f"{one.name} {one.unit} {one.meaning}" for one in self.parameters)
        return " ".join((self.kind, self.name, self.summary, self.source, self.status, *own))


def entries() -> list[Entry]:
    """All registered choices, registry by registry, each in alphabetical order."""
    return [_entry(registry, name, found) for registry in REGISTRIES for name, found in registry]


def rows(registry: Registry) -> list[tuple[str, str, str, str]]:
    """Kind, name, parameters with defaults, and what it does, of each entry of a registry."""
    return [
        (
            registry.kind,
            name,
            ", ".join(f"{parameter} {value}" for parameter, value in registry.defaults(name).items()),
            summary(entry),
        )
        for name, entry in registry
    ]


def summary(entry: type) -> str:
    """First paragraph of an entry's docstring, on one line; of an emission rule its stage and dates as well."""
    text, status = first_paragraph(entry).split(" Source:")[0], _status(entry)
    return f"{text} ({status})" if status else text


def fields_of(part: Any, path: str = "") -> list[Parameter]:
    """Fields of a scenario or a section of it, by dotted path, with defaults, units and comments; sections unfolded."""
    found: list[Parameter] = []
    said = comments(type(part))
    for field in dataclasses.fields(part):
        value, where = getattr(part, field.name), f"{path}{field.name}"
        if dataclasses.is_dataclass(value):
            found += fields_of(value, f"{where}.")
        else:
            meaning = said.get(field.name, "")
            found.append(Parameter(name=where, default=_shown(value), unit=unit_of(field.name), meaning=meaning))
    return found


def scenario_fields() -> list[Parameter]:
    """All fields of a scenario with their defaults."""
    return fields_of(Scenario())


def sections() -> dict[str, str]:
    """What each section of a scenario is about, by name."""
    return {
        field.name: first_paragraph(type(part))
        for field in dataclasses.fields(Scenario)
        if dataclasses.is_dataclass(part := getattr(Scenario(), field.name))
    }


def unit_of(name: str) -> str:
    """Unit that a name ends in, as words; empty where it names none."""
    if name.endswith("_tao_per_alpha"):
        return "TAO per alpha"
    return UNITS.get(name.rpartition("_")[2], "")


def found_in(query: str, text: str) -> bool:
    """Whether every word of the query occurs in the text, in any case; an underscore is as good as a blank."""
    held = text.casefold().replace("_", " ")
    return all(word in held for word in query.casefold().replace("_", " ").split())


def first_paragraph(documented: Any) -> str:
    """First paragraph of a docstring, on one line."""
    return " ".join(inspect.cleandoc(documented.__doc__ or "").split("\n\n")[0].split())


def comments(kind: type) -> dict[str, str]:
    """Comment on each field of a dataclass: at the end of its lines, or alone on the lines above it."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    comment = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith(("# fmt", "# noqa", "# type"))
    }
    said: dict[str, str] = {}
    body = ast.parse(source).body[0]
    for node in getattr(body, "body", []):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            line = node.lineno - 1
            above: list[str] = []
            while line in comment and lines[line - 1].lstrip().startswith("#"):
                above.insert(0, comment[line])
                line -= 1
            at_end = [
                comment[one] for one in range(node.lineno, (node.end_lineno or node.lineno) + 1) if one in comment
            ]
            if above or at_end:
                said[node.target.id] = " ".join([*above, *at_end])
    return said


def _entry(registry: Registry, name: str, found: type) -> Entry:
    documented, said = _documented_parameters(found), comments(found)
    return Entry(
        kind=registry.kind,
        name=name,
        summary=first_paragraph(found).split(" Source:")[0],
        source=_source(found),
        status=_status(found),
        parameters=tuple(
            Parameter(
                name=parameter,
                default=_shown(value),
                unit=unit_of(parameter),
                meaning=documented.get(parameter) or said.get(parameter, ""),
            )
            for parameter, value in registry.defaults(name).items()
        ),
    )


def _documented_parameters(found: type) -> dict[str, str]:
    """Text of each parameter in a numpydoc docstring, on one line."""
    _, _, section = inspect.cleandoc(found.__doc__ or "").partition("Parameters\n----------\n")
    said: dict[str, str] = {}
    names: list[str] = []
    for line in section.split("\n\n")[0].splitlines():
        if match := _PARAMETER.match(line):
            names = match.group(1).split(", ")
        else:
            said |= {name: f"{said.get(name, '')} {line.strip()}".strip() for name in names}
    return said


def _source(found: type) -> str:
    _, marker, text = inspect.cleandoc(found.__doc__ or "").partition("Source: ")
    return " ".join(text.split("\n\n")[0].split()) if marker else str(getattr(found, "source", ""))


def _status(found: type) -> str:
    stage = getattr(found, "stage", "")
    return f"{stage}: {getattr(found, 'in_force', '')}" if stage else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value) or "none"
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
