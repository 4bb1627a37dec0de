"""What a registered entry's parameters may be: said in their annotations, and checked where the entry is built.

An entry writes `spend_share: Annotated[float, Bounds(0, 1)] = 0.9`. `PerSubnet` is one number for all subnets or a list
with one for each, `Capability` the name of one of the scenario's capabilities. What else an annotation may hold is in
`fitted`; a class of a plug-in's own is looked for and nothing more.
"""

import difflib
import math
import reprlib
import types
import typing
from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import numpy as np

LARGEST_WHOLE = 2**63  # a file's or a table's whole numbers have 64 bits

LONGEST_SHOWN_NAME, MOST_LISTED = 100, 30

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 100
_SHORT.maxlevel = 3
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", type(None): "nothing"}


class Bounds(NamedTuple):
    """Range of a number, or of every number in a list: [low, high], or (low, high] if `above`."""

    low: float
    high: float
    above: bool = False


class Mark(NamedTuple):
    """What a parameter means to the scenario that gives it."""

    meaning: str


ONE_PER_SUBNET = Mark("one number for all subnets, or a list with one for each")
NAMES_A_CAPABILITY = Mark("name of one of the scenario's capabilities")

PerSubnet = Annotated[float | tuple[float, ...], ONE_PER_SUBNET]
Capability = Annotated[str, NAMES_A_CAPABILITY]
Share = Annotated[float, Bounds(0, 1)]


def no_such(what: str, name: object, known: Iterable[str], where: str = "") -> str:
    """The sentence that there is nothing of that name: what comes close, and what there is, unless that is much."""
    have = [str(one) for one in known]
    hint = did_you_mean(name, have)
    listed = "" if hint and len(have) > MOST_LISTED else f"; there are {', '.join(have)}"
    return f"no {what} {shown(name)}{where}{hint}{listed}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The name that comes closest, in brackets; nothing if none does."""
    near = closest(name, known)
    return f" (did you mean {near!r}?)" if near else ""


def closest(name: object, known: Iterable[str]) -> str:
    """The name that comes closest; empty if none does."""
    return next(iter(difflib.get_close_matches(str(name)[:LONGEST_SHOWN_NAME], list(known), n=1)), "")


def shown(value: object) -> str:
    """Value as an error sentence shows it: like `repr`, cut short where it is long or deep."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a whole number of {value.bit_length()} bits"
    return _SHORT.repr(value)


def fitted(name: str, kind: Any, value: Any) -> Any:
    """`value` as an annotation has it: lists as tuples, NumPy's values as Python's, 2 as 2.0 and 2.0 as 2.

    Parameters
    ----------
    name : str
        As the sentence should call it: "tau of logit".
    kind : type
        bool, int, float, str, None, tuple of them, Literal, a union of these, or any of them annotated with `Bounds`;
        of another class, an instance of it; what is no class may be anything. Numbers are finite.

    Raises
    ------
    ValueError
        Naming the parameter, the rule and the value that broke it.
    """
    found = of_kind(name, kind, value)
    if any(isinstance(one, float) and not math.isfinite(one) for one in _each(found)):
        raise ValueError(f"{name} must be finite, is {shown(value)}")
    return found


def of_kind(name: str, kind: Any, value: Any) -> Any:
    """`value` as `fitted` gives it back; numbers without bounds may be infinite or NaN."""
    plain = value.tolist() if isinstance(value, np.generic | np.ndarray) else value
    if type(plain) is int and abs(plain) > LARGEST_WHOLE:
        raise ValueError(f"{name} must be at most 2**63, is {shown(plain)}")
    found = _fit(kind, plain)
    if found is _UNFIT:
        raise ValueError(f"{name} must {_rule(kind)}, is {shown(value)}")
    return found


_UNFIT = object()


def _fit(kind: Any, value: Any) -> Any:
    """`value` as this kind has it, or `_UNFIT`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        found = _fit(arguments[0], value)
        bounds = _bounds(kind)
        return _UNFIT if bounds and not all(_inside(one, bounds) for one in _each(found)) else found
    if origin in (typing.Union, types.UnionType):
        fits = (_fit(one, value) for one in sorted(arguments, key=lambda one: type(value) is not one))
        return next((found for found in fits if found is not _UNFIT), _UNFIT)
    if origin is tuple:
        return _fit_tuple(arguments, value)
    if origin is Literal:
        return next((one for one in arguments if type(one) is type(value) and one == value), _UNFIT)
    if kind is float and type(value) is int and abs(value) <= LARGEST_WHOLE:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    if kind in _KINDS:
        return value if type(value) is kind else _UNFIT
    named = origin or kind
    if named is Any or not isinstance(named, type) or getattr(named, "_is_protocol", False):
        return value
    return value if isinstance(value, named) else _UNFIT


def _fit_tuple(kinds: tuple[Any, ...], value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return _UNFIT
    each = kinds[:1] * len(value) if kinds[1:] == (...,) else kinds
    if len(each) != len(value):
        return _UNFIT
    found = tuple(_fit(kind, part) for kind, part in zip(each, value, strict=True))
    return _UNFIT if any(part is _UNFIT for part in found) else found


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _bounds(kind: Any) -> Bounds | None:
    """Bounds that an annotation notes, if any."""
    return next((note for note in get_args(kind)[1:] if isinstance(note, Bounds)), None)


def _inside(number: Any, bounds: Bounds) -> bool:
    """Whether a number lies within; what is none is not meant."""
    if not isinstance(number, int | float):
        return True
    return bounds.low <= number <= bounds.high and not (bounds.above and number == bounds.low)


def _rule(kind: Any) -> str:
    if get_origin(kind) is Annotated and get_args(kind)[0] is float and (bounds := _bounds(kind)):
        return f"lie in {_span(bounds)}"
    return f"be {_called(kind)}"


def _span(bounds: Bounds) -> str:
    return f"{'(' if bounds.above else '['}{bounds.low:g}, {bounds.high:g}]"


def _called(kind: Any) -> str:
    """The kind as a sentence calls it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        bounds = _bounds(kind)
        return f"{_called(arguments[0])} in {_span(bounds)}" if bounds else _called(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_called(one) for one in arguments)
    if origin is tuple:
        whole = int in arguments
        return "a list of whole numbers" if whole else "a list of numbers" if float in arguments else "a list"
    if origin is Literal:
        return f"one of {', '.join(map(repr, arguments))}"
    return _KINDS[kind] if kind in _KINDS else str(getattr(kind, "__name__", kind))
