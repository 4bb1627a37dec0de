"""Checks of what comes from outside: each failure is one sentence with the field, the rule and the value."""

import math
import operator
import reprlib
from collections.abc import Iterable, Mapping
from typing import SupportsIndex

Number = int | float

LARGEST_WHOLE = 2**63  # a file's or a table's whole numbers have 64 bits

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 100
_SHORT.maxlevel = 3


def shown(value: object) -> str:
    """Value as an error sentence shows it: like `repr`, cut short where it is long or deep."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a whole number of {value.bit_length()} bits"
    return _SHORT.repr(value)


def error_text(error: BaseException) -> str:
    """Type and text of an error, on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def _each(field: str, value: object) -> Iterable[tuple[str, object]]:
    """Every single number in `value`, with the path of the table's entry that holds it."""
    if isinstance(value, tuple):
        return [(field, part) for part in value]
    if isinstance(value, Mapping):
        return [part for name, entry in value.items() for part in _each(f"{field}.{name}", entry)]
    return [(field, value)]


def within(
    field: str, value: object, low: Number, high: Number = math.inf, *, above: bool = False, below: bool = False
) -> None:
    """Pass if every number in `value` (a number, a tuple or a table of them) is finite and in [low, high].

    Parameters
    ----------
    field : str
        Dotted path, as a user would write it.
    above : bool
        Exclude `low` itself.
    below : bool
        Exclude `high` itself.

    Raises
    ------
    ValueError
        Naming the field, the rule and the value that broke it.
    """
    rule = f"{'>' if above else '>='} {low:g}"
    if high < math.inf:
        rule = f"in {'(' if above else '['}{low:g}, {high:g}{')' if below else ']'}"
    for path, number in _each(field, value):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(f"{path} must be a number {rule}, is {shown(number)}")
        finite = isinstance(number, int) or math.isfinite(number)
        outside = number < low or number > high or (above and number == low) or (below and number == high)
        if not finite or outside:
            raise ValueError(f"{path} must be {rule}, is {shown(number)}")


def whole_number(field: str, value: object) -> int:
    """`value` as an int, if it is a whole number >= 0 of any library; otherwise a ValueError."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or operator.index(value) < 0:
        raise ValueError(f"{field} must be a whole number >= 0, is {shown(value)}")
    return operator.index(value)


def one_of(field: str, value: str, choices: Iterable[str]) -> None:
    """Pass if `value` is one of `choices`; otherwise a ValueError that lists them."""
    have = tuple(choices)
    if value not in have:
        raise ValueError(f"{field} must be one of {', '.join(have)}, is {value!r}")


def shares(field: str, value: Iterable[Number]) -> None:
    """Pass if the numbers lie in [0, 1] and sum to 1 within 1e-9."""
    parts = list(value)
    within(field, tuple(parts), 0, 1)
    total = math.fsum(parts)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"{field} must sum to 1, sums to {total:g}")
