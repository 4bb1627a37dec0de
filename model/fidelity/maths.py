"""Golden maths (schema chain-math/1): each documented function of the chain's epoch arithmetic, value by value.

A function's shapes (see `maths_functions`) say how its arguments are read and its answer is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ext.fixed_point import I32F32, I64F64, Format
from model.fidelity import maths_facts, maths_float
from model.fidelity.files import Document
from model.fidelity.maths_functions import FUNCTIONS
from model.fidelity.report import NotCovered, Verdict

FIXED = "maths: 32.32 functions"
COMPONENTS = (FIXED, *maths_float.COMPONENTS)
_RULES: dict[str, Callable[[int, int], bool]] = {
    "a == b": int.__eq__,
    "a != b": int.__ne__,
    "a < b": int.__lt__,
    "a <= b": int.__le__,
    "a > b": int.__gt__,
    "a >= b": int.__ge__,
}
_SPECIAL = {"i32f32_max": I32F32.highest, "i32f32_min": I32F32.lowest}
MAX_COUNT = 2**20  # of columns, or of what is chosen
_ENOUGH_LEVELS = 8  # of nested calls


def judge(document: Document, file: str, exact: bool) -> Iterator[Verdict | NotCovered]:
    """Yield a verdict for each vector of a file, or why there is none; float64 twins are judged as well."""
    for vector in document["vectors"]:
        name, label = vector["fn"], str(vector["id"])
        if name in maths_facts.FACTS:
            yield maths_facts.judge(vector, file, FIXED)
        elif name in FUNCTIONS:
            yield _judge_fixed(vector, file, exact)
        else:
            yield NotCovered(file=file, vector=label, reason=f"no function {name!r} is known here")
        if not exact and name in maths_float.TWINS:
            yield maths_float.judge(vector, file)


def _judge_fixed(vector: dict[str, Any], file: str, exact: bool) -> Verdict | NotCovered:
    """Return the verdict on a function's value, its literals read as float64 or, failing that, as float32.

    The chain's tests write their numbers in either, and a file does not say in which.
    """
    label = str(vector["id"])
    stated = vector["tol"] if exact else vector.get("tol_float64", vector["tol"])
    verdicts = []
    for arguments in (vector["args"], _in_float32(vector["args"])):
        verdict = Verdict(component=FIXED, file=file, vector=label, tolerance="as stated")
        try:
            answer = _answer(vector["fn"], arguments)
        except _UnknownError as unknown:
            return NotCovered(file=file, vector=label, reason=str(unknown))
        _compare(verdict, (), vector["expected"], answer, stated)
        verdicts.append(verdict)
    return next((verdict for verdict in verdicts if verdict.met), verdicts[0])


class _UnknownError(ValueError):
    """A nested function or a special value that is not documented."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """A raw number that knows its format, so that it is compared in that format."""

    bits: int
    number: Format


def _answer(name: str, arguments: list[Any], depth: int = 0) -> Any:
    if name not in FUNCTIONS or depth > _ENOUGH_LEVELS:
        raise _UnknownError(f"no function {name!r} is known here")
    function = FUNCTIONS[name]
    if len(arguments) != len(function.shapes):
        raise ValueError(f"{name} takes {len(function.shapes)} arguments, got {len(arguments)}")
    read = [
        _read(shape, argument, arguments, depth) for shape, argument in zip(function.shapes, arguments, strict=True)
    ]
    return _written(function.result, function.answer(*read))


def _read(shape: str, argument: Any, arguments: list[Any], depth: int) -> Any:
    """Return an argument in the form its function takes: encoded, or the answer of a nested call."""
    if isinstance(argument, dict) and "call" in argument:
        nested = _answer(argument["call"], argument["args"], depth + 1)
        return nested if shape == "a" else _bits(nested)
    if isinstance(argument, dict) and argument.get("special") == "sum_of_stake":
        return sum(_encoded(value, I32F32) for value in arguments[0])
    if shape == "r":
        if not isinstance(argument, dict) or argument.get("special") not in _RULES:
            raise _UnknownError(f"no mask rule {argument!r} is known here")
        return _RULES[argument["special"]]
    if shape == "n" and isinstance(argument, int) and argument > MAX_COUNT:
        raise ValueError(f"a count must not exceed {MAX_COUNT}, is {argument}")
    if shape in "na":
        return argument
    if shape == "s":
        return [[(int(column), _encoded(value, I32F32)) for column, value in row] for row in argument]
    if shape == "d":
        return [list(enumerate(_encoded(value, I32F32) for value in row)) for row in argument]
    number = I32F32 if shape in "xv" else I64F64
    if shape in "vV":
        return [_encoded(value, number) for value in argument]
    return _encoded(argument, number)


def _encoded(value: Any, number: Format) -> int:
    if isinstance(value, dict):
        if value.get("special") not in _SPECIAL:
            raise _UnknownError(f"no special value {value!r} is known here")
        return _SPECIAL[value["special"]]
    return number.from_int(value) if isinstance(value, int) else number.from_float(value)


def _bits(answer: Any) -> Any:
    return [_bits(part) for part in answer] if isinstance(answer, list) else getattr(answer, "bits", answer)


def _written(shape: str, answer: Any) -> Any:
    """Return an answer in the form of the files: numbers that know their format, dense rows of full width."""
    if shape == "n":
        return answer
    if shape == "s":
        return [[[column, _Raw(value, I32F32)] for column, value in row] for row in answer]
    number = I32F32 if shape in "xvd" else I64F64
    if shape == "d":
        return [[_Raw(value, number) for value in row] for row in answer]
    return [_Raw(value, number) for value in answer] if shape in "vV" else _Raw(answer, number)


def _compare(verdict: Verdict, index: tuple[int | str, ...], expected: Any, answer: Any, tolerance: float) -> None:
    """Compare an answer with what a file expects, raw numbers as raw numbers."""
    if isinstance(answer, list) and isinstance(expected, list) and len(answer) == len(expected):
        for place, (wanted, found) in enumerate(zip(expected, answer, strict=True)):
            _compare(verdict, (*index, place), wanted, found, tolerance)
    elif isinstance(answer, _Raw) and isinstance(expected, int | float | dict):
        number, unit = answer.number, answer.number.one
        nearest = min(_encodings(expected, number), key=lambda bits: abs(bits - answer.bits))
        allowed = number.from_float(tolerance) / unit
        verdict.number("expected", index, nearest / unit, answer.bits / unit, allowed)
    elif isinstance(answer, int) and isinstance(expected, int):
        verdict.number("expected", index, expected, answer, 0)
    else:
        verdict.fact("expected", index, expected, answer)


def _encodings(expected: Any, number: Format) -> set[int]:
    """Return the raw numbers an expected value may stand for, as a float64 or a float32 literal."""
    return {_encoded(expected, number), _encoded(_in_float32(expected), number)}


def _in_float32(value: Any) -> Any:
    """Return nested literals with every float at the nearest float32."""
    if isinstance(value, list):
        return [_in_float32(part) for part in value]
    if isinstance(value, dict) and "args" in value:
        return {**value, "args": _in_float32(value["args"])}
    return float(np.float32(value)) if isinstance(value, float) else value
