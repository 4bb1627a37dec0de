"""Checks of what comes from outside: each failure is one sentence with the field, the rule and the value."""

import math
import operator
from collections.abc import Iterable, Mapping

from agents.parameters import LARGEST_WHOLE, closest, did_you_mean, no_such, shown

__all__ = [
    "LARGEST_WHOLE",
    "Number",
    "closest",
    "did_you_mean",
    "error_text",
    "no_such",
    "one_of",
    "shares",
    "shown",
    "text",
    "whole_number",
    "within",
]

Number = int | float
LONGEST_ERROR = 1_000  # characters of somebody else's message


def error_text(error: BaseException) -> str:
    """Type and text of an error, which may be anybody's, on one line, cut after `LONGEST_ERROR` characters."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    cut = f"{text[:LONGEST_ERROR]} ..." if len(text) > LONGEST_ERROR else text
    return f"{type(error).__name__}: {cut}".removesuffix(": ")


def _each(field: str, value: object) -> Iterable[tuple[str, object]]:
    """Every single number in `value`, with the path of the table's entry that holds it."""
    if isinstance(value, tuple):
        return [(field, part) for part in value]
    if isinstance(value, Mapping):
        return [part for name, entry in value.items() for part in _each(f"{field}.{name}", entry)]
    return [(field, value)]


def _end(number: Number) -> str:
    """End of a range as a reader writes it: 10,000,000 and not 1e+07, but 1000."""
    whole = abs(number) < 2**53 and number == int(number)
    return f"{int(number):,}" if whole and abs(number) >= 10_000 else f"{number:g}"


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
    rule = f"{'>' if above else '>='} {_end(low)}"
    if LARGEST_WHOLE - 1 <= high < math.inf:
        rule += " and have <= 63 bits"
    elif high < math.inf:
        rule = f"in {'(' if above else '['}{_end(low)}, {_end(high)}{')' if below else ']'}"
    for path, number in _each(field, value):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(f"{path} must be a number {rule}, is {shown(number)}")
        finite = isinstance(number, int) or math.isfinite(number)
        outside = number < low or number > high or (above and number == low) or (below and number == high)
        if not finite or outside:
            raise ValueError(f"{path} must be {rule}, is {shown(number)}")


def whole_number(field: str, value: object) -> int:
    """`value` as an int, if it is a whole number >= 0 of any library; otherwise a ValueError."""
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:  # an array has an index if it holds one whole number
        number = -1
    if number < 0:
        raise ValueError(f"{field} must be a whole number >= 0, is {shown(value)}")
    return number


def text(field: str, value: str, longest: int, *, empty: bool = False) -> None:
    """Pass if `value` has at most `longest` characters, none of them NUL or half of one, and says something.

    Parameters
    ----------
    empty : bool
        Let it say nothing.
    """
    if not isinstance(value, str) or len(value) > longest or not (empty or value.strip()):
        raise ValueError(f"{field} must be a text of {0 if empty else 1} to {longest} characters, is {shown(value)}")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"{field} must be a text in UTF-8 without NUL, is {shown(value)}")


def one_of(field: str, value: str, choices: Iterable[str]) -> None:
    """Pass if `value` is one of `choices`; otherwise a ValueError that lists them."""
    have = tuple(choices)
    if value not in have:
        raise ValueError(f"{field} must be one of {', '.join(have)}, is {shown(value)}{did_you_mean(value, have)}")


def shares(field: str, value: Iterable[Number]) -> None:
    """Pass if the numbers lie in [0, 1] and sum to 1 within 1e-9."""
    parts = list(value)
    within(field, tuple(parts), 0, 1)
    total = math.fsum(parts)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"{field} must sum to 1, sums to {total:g}")
