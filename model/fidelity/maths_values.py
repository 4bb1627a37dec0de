"""Numbers of golden maths: read into the chain's formats, and compared in them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ext.fixed_point import Format
from model.fidelity.entries import without_text
from model.fidelity.expected import is_number, relations
from model.fidelity.report import Verdict

FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw number that knows its format, so that it is compared in that format."""

    bits: int
    number: Format

    def value(self) -> Fraction:
        """Return the number itself."""
        return Fraction(self.bits, self.number.one)


def encoded(value: Any, number: Format) -> int:
    """Return a number in a format: floats at the nearest raw number, others cut down.

    Raises
    ------
    ValueError
        If the value is no number, above all if it is a text, which could be multiplied all the same.
    """
    if not is_number(value):
        without_text("an argument", value)
        raise ValueError(f"an argument must be a number, is {value!r}")
    if isinstance(value, int):
        return number.from_int(value)
    if isinstance(value, Fraction):
        return number.saturate(value.numerator * number.one // value.denominator)
    return number.from_float(value)


def in_float32(value: Any) -> Any:
    """Return nested literals with every float at the nearest float32."""
    if isinstance(value, list):
        return [in_float32(part) for part in value]
    if isinstance(value, dict) and "args" in value:
        return {**value, "args": in_float32(value["args"])}
    return float(np.float32(value)) if isinstance(value, float) and abs(value) <= FLOAT32_MAX else value


def as_floats(answer: Any) -> Any:
    """Return an answer with its raw numbers as floats."""
    if isinstance(answer, list):
        return [as_floats(part) for part in answer]
    return float(answer.value()) if isinstance(answer, Raw) else answer


def compare(verdict: Verdict, index: tuple[int | str, ...], expected: Any, answer: Any, allowed: Any) -> None:
    """Compare an answer with what a file expects, raw numbers as raw numbers.

    An empty matrix is written [[]] as well as []; a dense one without columns has no rows that could be told.
    """
    if relations(expected) is not None:
        verdict.sequence("expected", expected, as_floats(answer), allowed)
    elif _both_empty(expected, answer):
        verdict.fact("expected", index, [], [])
    elif isinstance(answer, list) and isinstance(expected, list) and len(answer) == len(expected):
        each = allowed if isinstance(allowed, list) else [allowed] * len(expected)
        if len(each) != len(expected):
            raise ValueError(f"tol must have {len(expected)} entries, one per value, has {len(each)}")
        for place, (wanted, found) in enumerate(zip(expected, answer, strict=True)):
            compare(verdict, (*index, place), wanted, found, each[place])
    elif isinstance(answer, Raw) and is_number(expected):
        number, unit = answer.number, answer.number.one
        readings = (encoded(expected, number), encoded(in_float32(expected), number))
        nearest = min(readings, key=lambda bits: abs(bits - answer.bits))
        if not is_number(allowed):
            raise ValueError(f"tol must be one number here, is {allowed!r}")
        verdict.number("expected", index, nearest / unit, answer.bits / unit, number.from_float(allowed) / unit)
    elif isinstance(answer, int) and isinstance(expected, int):
        verdict.number("expected", index, expected, answer, 0)
    else:
        without_text("expected", expected)
        verdict.fact("expected", index, expected, as_floats(answer))


def _both_empty(expected: Any, answer: Any) -> bool:
    nothing: tuple[list[Any], list[Any]] = ([], [[]])
    return expected in nothing and answer in nothing
