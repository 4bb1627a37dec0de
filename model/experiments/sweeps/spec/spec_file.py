"""Sweeps as TOML files: read from strangers, and written so that strangers can read them."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w

from model import DATA_FOLDER
from model.bounds import no_such, shown
from model.experiments.sweeps.spec.outcomes import Outcome, Stop
from model.experiments.sweeps.spec.spec import Factor, Spec
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario_file import from_tree, parse, read

SWEEP_FOLDER = DATA_FOLDER / "sweeps"
RANGE_OR_VALUES = {"values", "low", "high"}  # a table with one of these describes a factor, not fields further down


def shipped() -> dict[str, Path]:
    """Files of the sweeps that come with the sandbox, by name."""
    return {path.stem: path for path in sorted(SWEEP_FOLDER.glob("*.toml"))}


def read_spec(path: Path) -> Spec:
    """Spec in the TOML file at `path`.

    Raises
    ------
    ValueError
        If it can't be read or a field breaks its rule; the sentence names the file.
    """
    return parse_spec(read(path, "sweep"), f"sweep file {path}")


def parse_spec(data: bytes, source: str = "sweep") -> Spec:
    """Spec in TOML bytes, which may come from a stranger: data only, of limited size and depth.

    Raises
    ------
    ValueError
        If it is no TOML or a field breaks its rule; the sentence names the source.
    """
    tree = parse(data, source)
    try:
        return spec_of(tree)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "is nested too deeply"
        raise ValueError(f"{source}: {reason}") from error


def spec_of(tree: Mapping[str, Any]) -> Spec:
    """Spec in plain tables, in the short forms of a file or in full.

    Parameters
    ----------
    tree : mapping
        Fields of `Spec`. `factors` by dotted path, each a list of values or a table of `Factor`'s fields; `outcomes`
        a list of names or of tables of `Outcome`'s fields; `stop` a list of tables, or one table.

    Raises
    ------
    ValueError
        If a field is unknown or breaks its rule.
    """
    hints = get_type_hints(Spec)
    for name in tree:
        if name not in hints:
            raise ValueError(no_such("field", name, [field.name for field in fields(Spec)]))
    read_apart = {"values": _values, "intervention": _interventions, "points": _points, "factors": _factors}
    read_apart |= {"outcomes": _outcomes, "stop": _stops}
    given: dict[str, Any] = {
        name: read_apart[name](value) if name in read_apart else from_tree(hints[name], value, name)
        for name, value in tree.items()
    }
    return Spec(**given)


def dumps(spec: Spec) -> str:
    """TOML of the whole spec, every field included; `parse_spec` gives an equal spec back."""
    return tomli_w.dumps(spec.to_tree())


def _values(given: Any) -> FrozenMap[Any]:
    return FrozenMap(_table("values", given))


def _interventions(given: Any) -> tuple[FrozenMap[Any], ...]:
    return tuple(FrozenMap(_table("intervention", one)) for one in _list("intervention", given))


def _points(given: Any) -> tuple[FrozenMap[Any], ...]:
    return tuple(FrozenMap(_table("points", point)) for point in _list("points", given))


def _factors(given: Any) -> tuple[Factor, ...]:
    return tuple(_factors_below("", _table("factors", given)))


def _outcomes(given: Any) -> tuple[Outcome, ...]:
    return tuple(_outcome(one) for one in _list("outcomes", given))


def _stops(given: Any) -> tuple[Stop, ...]:
    tables = [given] if isinstance(given, Mapping) else _list("stop", given)
    return tuple(from_tree(Stop, _table("stop", one), "stop") for one in tables)


def _factors_below(path: str, tree: Mapping[str, Any]) -> list[Factor]:
    found = []
    for name, given in tree.items():
        where = f"{path}.{name}" if path else name
        if isinstance(given, list | tuple):
            found.append(Factor(path=where, values=tuple(given)))
        elif not isinstance(given, Mapping) or not given:
            raise ValueError(f"factors.{where!r} must be a list of values to try or a table, is {shown(given)}")
        elif RANGE_OR_VALUES & set(given):
            found.append(_factor(where, given))
        else:
            found += _factors_below(where, given)
    return found


def _factor(path: str, given: Mapping[str, Any]) -> Factor:
    rest = {name: value for name, value in given.items() if name != "values"}
    if "path" in rest:
        raise ValueError(f"no field 'path' in factors.{path!r}: the table's own name is the path")
    hints = get_type_hints(Factor)
    for name in rest:
        if name not in hints:
            raise ValueError(no_such("field", name, list(hints)[1:], f" in factors.{path!r}"))
    typed = {name: from_tree(hints[name], value, f"factors.{path!r}: {name}") for name, value in rest.items()}
    return Factor(path=path, values=tuple(_list(f"factors.{path!r}: values", given.get("values", ()))), **typed)


def _outcome(given: Any) -> Outcome:
    if isinstance(given, str):
        return Outcome(measure=given)
    if not isinstance(given, Mapping) or "measure" not in given:
        raise ValueError(f"outcomes must be names of measures, or tables with a measure, one is {shown(given)}")
    outcome: Outcome = from_tree(Outcome, given, "outcomes")
    return outcome


def _table(name: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be a table of fields by dotted path, is {shown(given)}")
    return given


def _list(name: str, given: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(given, list | tuple):
        raise ValueError(f"{name} must be a list, is {shown(given)}")
    return given
