"""Checks of a designer's numbers: each failure is one sentence with the field, the rule and the value."""

import math
from collections.abc import Iterable

Number = int | float


def _each(value: object) -> Iterable[object]:
    if isinstance(value, tuple):
        return value
    if hasattr(value, "values"):
        return [part for entry in value.values() for part in _each(entry)]
    return (value,)


def within(field: str, value: object, low: Number, high: Number = math.inf, *, above: bool = False) -> None:
    """Pass if every number in `value` (a number, a tuple or a table of them) is finite and in [low, high].

    Parameters
    ----------
    field : str
        Dotted path, as a user would write it.
    above : bool
        Exclude `low` itself.

    Raises
    ------
    ValueError
        Naming the field, the rule and the value that broke it.
    """
    rule = f"{'>' if above else '>='} {low:g}" if high == math.inf else f"in {'(' if above else '['}{low:g}, {high:g}]"
    for number in _each(value):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(f"{field} must be a number {rule}, is {number!r}")
        if not math.isfinite(number) or number < low or number > high or (above and number == low):
            raise ValueError(f"{field} must be {rule}, is {number!r}")


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
