"""Scenarios and TOML: reading, writing, changing one value by its dotted path, and the digest that names a run."""

import codecs
import dataclasses
import functools
import hashlib
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import numpy as np
import tomli_w

from agents.parameters import of_kind
from agents.registry import Registry
from model import DATA_FOLDER
from model.bounds import closest, did_you_mean, no_such, shown
from model.chain.emission.shares import EMISSION_RULES
from model.files import read_file
from model.reward_rules import PAYS, SCORES
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario import LONGEST_NAME, Scenario

S = TypeVar("S")

SCENARIO_FOLDER = DATA_FOLDER / "scenarios"
LARGEST_FILE_BYTES = 1_000_000
LONGEST_LINE_BYTES = 10_000  # the parser takes quadratic time for a key of many parts
DEEPEST_NESTING = 6
# Rules that are chosen by name, by the path at which it stands, and where their parameters stand.
RULES: dict[str, Registry[Any]] = {"reward.score": SCORES, "reward.pay": PAYS, "emission.rule": EMISSION_RULES}
PARAMETERS_OF = {
    "reward.score": "reward.score_parameters",
    "reward.pay": "reward.pay_parameters",
    "emission.rule": "emission.parameters",
}


class NoFieldError(ValueError):
    """A path leads to no field of a scenario, whatever the other fields are."""


def shipped() -> dict[str, Path]:
    """Files of the scenarios that come with the sandbox, by name."""
    return {path.stem: path for path in sorted(SCENARIO_FOLDER.glob("*.toml"))}


def find(name_or_path: str) -> Scenario:
    """Scenario of that name among the shipped ones, or in the file at that path.

    Raises
    ------
    ValueError
        If there is neither, or the file does not hold a valid scenario.
    """
    known = shipped()
    if name_or_path in known:
        return load(known[name_or_path])
    if Path(name_or_path).suffix == ".toml":
        return load(Path(name_or_path))
    raise ValueError(f"{no_such('scenario', name_or_path, known)}, or give the path of a .toml file")


def load(path: Path) -> Scenario:
    """Scenario in the TOML file at `path`; a ValueError names the file and what is wrong with it."""
    return loads(read(path, "scenario"), str(path))


def loads(data: bytes, source: str = "scenario") -> Scenario:
    """Scenario in TOML bytes, which may come from a stranger: data only, of limited size and depth."""
    tree = parse(data, source)
    try:
        return from_tree(Scenario, tree)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error


def read(path: Path, kind: str) -> bytes:
    """Content of the file at `path`, of limited size; a ValueError names the file, of this kind, and what is wrong."""
    return read_file(path, f"{kind} file {path}", LARGEST_FILE_BYTES)


def parse(data: bytes, source: str) -> dict[str, Any]:
    """Tables in TOML bytes of limited size and length of lines; a ValueError says what is wrong with the source.

    A byte-order mark, which some editors put in front of UTF-8, is passed over.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise ValueError(f"{source} must be <= {LARGEST_FILE_BYTES} bytes, has {len(data)}")
    longest = max(map(len, data.split(b"\n")))
    if longest > LONGEST_LINE_BYTES:
        raise ValueError(f"{source} must have lines of <= {LONGEST_LINE_BYTES} bytes, has one of {longest}")
    text = data.removeprefix(codecs.BOM_UTF8)
    try:
        return tomllib.loads(text.decode())
    except UnicodeDecodeError as error:
        before = text[: error.start].split(b"\n")
        raise ValueError(
            f"{source} is not a TOML file: it must be saved as UTF-8, "
            f"byte {len(before[-1]) + 1} of line {len(before)} is 0x{text[error.start]:02x}"
        ) from error
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{source} is not a TOML file: {reason}") from error


def dumps(scenario: Scenario) -> str:
    """TOML of the whole scenario, every field included; `loads` gives an equal scenario back."""
    return tomli_w.dumps(to_tree(scenario))


def digest(scenario: Scenario) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the scenario's TOML, without the seed."""
    tree = to_tree(scenario)
    del tree["seed"]
    return hashlib.sha256(tomli_w.dumps(_sorted(tree)).encode()).hexdigest()[:16]


def with_values(scenario: S, values: Mapping[str, Any]) -> S:
    """Scenario with the fields at these dotted paths replaced, all at once, and checked as a whole.

    A rule that takes another's place starts with parameters of its own: those of the old one are dropped.

    Raises
    ------
    ValueError
        If a path leads nowhere or the changed scenario breaks a rule.
    """
    tree = to_tree(scenario)
    for path, parameters in PARAMETERS_OF.items():
        if path in values and values[path] != value_at(tree, path):
            _set(tree, scenario, parameters, {})
    for path, value in values.items():
        _set(tree, scenario, path, value)
    return from_tree(type(scenario), tree)


def parse_value(text: str) -> Any:
    """Value that `text` means on a command line: a TOML value, or else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def flat(tree: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Values by dotted path, written with quotes ("a.b" = 1) or as nested tables; an empty table is a value."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        where = _join(path, name)
        found |= flat(value, where) if isinstance(value, Mapping) and value else {where: value}
    return found


def to_tree(value: Any) -> Any:
    """Plain dicts, lists, numbers and texts of a scenario or a part of it."""
    if dataclasses.is_dataclass(value):
        return {field.name: to_tree(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: to_tree(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [to_tree(part) for part in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def value_at(tree: Any, path: str) -> Any:
    """Value of the field at a dotted path of a scenario's tree; None where there is none."""
    value = tree
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def from_tree(kind: Any, tree: Any, path: str = "", depth: int = 0) -> Any:
    """Value of type `kind` (a dataclass, FrozenMap, tuple, union or scalar type) built from plain data."""
    if depth > DEEPEST_NESTING:
        raise ValueError(f"{path} is nested too deeply, at most {DEEPEST_NESTING} levels are read")
    if dataclasses.is_dataclass(kind):
        return _dataclass_from(typing.cast(type, kind), tree, path, depth)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_from(arguments, tree, path, depth)
    if origin is FrozenMap:
        if not isinstance(tree, Mapping):
            raise ValueError(f"{path} must be a table, is {shown(tree)}")
        for name in tree:
            if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_NAME:
                raise ValueError(
                    f"{path} must have names of <= {LONGEST_NAME} printable characters, one is {shown(name)}"
                )
        return FrozenMap({k: from_tree(arguments[0], v, f"{path}.{k}", depth + 1) for k, v in tree.items()})
    if origin is tuple:
        if not isinstance(tree, list | tuple):
            raise ValueError(f"{path} must be a list, is {shown(tree)}")
        return tuple(from_tree(arguments[0], part, path, depth + 1) for part in tree)
    return of_kind(path, kind, tree)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """Types of a dataclass's fields; to look them up again takes more time than everything else here."""
    return typing.get_type_hints(kind)


def _dataclass_from(kind: type, tree: Any, path: str, depth: int) -> Any:
    if not isinstance(tree, Mapping):
        raise ValueError(f"{path} must be a table, is {shown(tree)}")
    hints = _hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    for name in tree:
        if name not in names:
            hint = did_you_mean(name, names)
            raise ValueError(f"no field {shown(_join(path, name))}{hint}; there are {', '.join(names)}")
    for field in dataclasses.fields(kind):
        if field.name not in tree and field.default is field.default_factory is dataclasses.MISSING:
            raise ValueError(f"{_join(path, field.name)} must be given, is missing")
    return kind(**{k: from_tree(hints[k], v, _join(path, k), depth + 1) for k, v in tree.items()})


def _union_from(choices: Iterable[Any], tree: Any, path: str, depth: int) -> Any:
    options = list(choices)
    if type(tree) in options:
        return of_kind(path, type(tree), tree)
    holder = tuple if isinstance(tree, list | tuple) else FrozenMap if isinstance(tree, Mapping) else None
    for choice in options:
        if get_origin(choice) is holder:
            try:
                return from_tree(choice, tree, path, depth)
            except ValueError:
                if choice is options[-1] or holder:
                    raise
    raise ValueError(f"{path} must be {' or '.join(_name(choice) for choice in options)}, is {shown(tree)}")


def _set(tree: Any, shape: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    whole = tree
    for name in parents:
        if not isinstance(tree, dict) or name not in tree:
            if not isinstance(shape, Mapping):
                raise NoFieldError(f"no field {shown(path)}{_near(whole, path)}: {_choices(tree, name)}")
            if not isinstance(tree, dict):
                raise ValueError(f"{path.rpartition(f'.{name}.')[0]} must be a table, is {shown(tree)}")
            tree[name] = {}
        if _is_by_capability(shape, name) and not isinstance(tree[name], dict):
            # One number stands for every capability, of which one is to have another.
            tree[name] = dict.fromkeys(whole["capabilities"], tree[name])
        shape = getattr(shape, name, None) if dataclasses.is_dataclass(shape) else dict(shape or {}).get(name)
        shape = FrozenMap() if shape is None else shape
        tree = tree[name]
    if not isinstance(tree, dict) and isinstance(shape, Mapping):
        raise ValueError(f"{'.'.join(parents)} must be a table, is {shown(tree)}")
    if not isinstance(tree, dict) or (last not in tree and not isinstance(shape, Mapping)):
        raise NoFieldError(f"no field {shown(path)}{_near(whole, path)}: {_choices(tree, last)}")
    tree[last] = to_tree(value)


def _is_by_capability(shape: Any, name: str) -> bool:
    """Whether the field of that name takes a number for all capabilities or a table with one for each."""
    if not dataclasses.is_dataclass(shape):
        return False
    kind: type = type(shape)
    return get_args(_hints(kind).get(name)) == (float, FrozenMap[float])


def _near(tree: Any, path: str) -> str:
    """The field that may have been meant: one of the same last name further down or elsewhere, or one spelt alike."""
    known = list(flat(tree))
    for rule, parameters in PARAMETERS_OF.items():
        if name := value_at(tree, rule):
            known += [f"{parameters}.{parameter}" for parameter in RULES[rule].defaults(name)]
    section, last = path.partition(".")[0], path.rpartition(".")[2]
    for fields in ([field for field in known if field.startswith(f"{section}.")], known):
        by_last = {field.rpartition(".")[2]: field for field in reversed(fields)}
        if found := closest(last, by_last):
            return f" (did you mean {by_last[found]!r}?)"
    return did_you_mean(path, known)


def _choices(tree: Any, name: str) -> str:
    if isinstance(tree, dict):
        return f"{name!r} is not among {', '.join(tree)}"
    return f"nothing lies below {shown(tree)}"


def _sorted(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _sorted(tree[name]) for name in sorted(tree)}
    # 2 and 2.0 are the same scenario.
    return int(tree) if isinstance(tree, float) and tree.is_integer() else tree


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _name(kind: Any) -> str:
    names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    holders = {tuple: "a list of numbers", FrozenMap: "a table of numbers"}
    return names.get(kind) or holders.get(get_origin(kind)) or str(kind)
