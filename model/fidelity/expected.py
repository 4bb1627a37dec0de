"""What a golden file may put in a number's place: the name of a number, or a relation that the answer must hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

Number = int | float | Fraction

# Each with the sign of the tolerance: a relation may be missed by as much as an equation may.
RELATIONS: dict[str, tuple[Callable[[Any, Any], bool], int]] = {
    "at_least": (operator.ge, -1),
    "at_most": (operator.le, 1),
    "above": (operator.gt, -1),
    "below": (operator.lt, 1),
}
_SPECIAL = re.compile(r"([iu])(\d{1,3})(?:f(\d{1,3}))?_(max|min|epsilon)")


def special(name: Any) -> int | Fraction | None:
    """Return the number that a special name stands for: the end of a type's range, or its step; None if unknown.

    `u64_max` is 2^64 - 1, `i32f32_max` is 2^31 - 2^-32, `i32f32_min` is -2^31, `i32f32_epsilon` is 2^-32.
    """
    match = _SPECIAL.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        return None
    sign, integer_bits, fraction_bits, which = match.groups()
    step = Fraction(1, 1 << int(fraction_bits or 0))
    size = 1 << (int(integer_bits) - (sign == "i"))
    value = {"max": size - step, "min": Fraction(-size if sign == "i" else 0), "epsilon": step}[which]
    return int(value) if value.denominator == 1 else value


def resolved(value: Any) -> Any:
    """Return a value with the special names of numbers in it replaced by the numbers, however deep."""
    if isinstance(value, list):
        return [resolved(part) for part in value]
    if not isinstance(value, dict):
        return value
    known = special(value["special"]) if value.keys() == {"special"} else None
    return {key: resolved(part) for key, part in value.items()} if known is None else known


def relations(expected: Any) -> Mapping[str, Any] | None:
    """Return the relations an expected value consists of, by name; None if it is no relation."""
    if isinstance(expected, Mapping) and expected and expected.keys() <= RELATIONS.keys():
        return expected
    return None


def holds(relation: str, got: Any, bound: Any, tolerance: float) -> bool:
    """Return whether a number, or each of a list of numbers, stands in a relation to a bound.

    Raises
    ------
    ValueError
        If the bound is no number.
    """
    if not is_number(bound):
        raise ValueError(f"{relation} must be a number, is {bound!r}")
    if isinstance(got, list | tuple):
        return all(holds(relation, part, bound, tolerance) for part in got)
    compare, side = RELATIONS[relation]
    return is_number(got) and compare(got, bound + side * tolerance if tolerance else bound)


def is_number(value: object) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool)
