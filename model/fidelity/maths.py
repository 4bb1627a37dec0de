"""Golden maths (schema chain-math/1): each documented function of the chain's epoch arithmetic, value by value.

A function's shapes (see `maths_functions`) say how its arguments are read and its answer is compared.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from ext.fixed_point import I32F32, I64F64
from model.fidelity import maths_facts, maths_float
from model.fidelity.entries import apart, label_of, listed, tolerance, without_text
from model.fidelity.expected import resolved
from model.fidelity.files import Document
from model.fidelity.maths_functions import FUNCTIONS
from model.fidelity.maths_values import Raw, as_floats, compare, encoded, in_float32
from model.fidelity.report import Finding, NotCovered, Verdict

FIXED = "maths: 32.32 functions"
COMPONENTS = (FIXED, *maths_float.COMPONENTS)
_RULE = re.compile(r"\s*(a|b|\d+)\s*(==|!=|<=|>=|<|>)\s*(a|b|\d+)\s*")
_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MAX_COUNT = 2**20  # of columns
_ENOUGH_LEVELS = 8  # of nested calls


def judge(document: Document, file: str, exact: bool) -> Iterator[Finding]:
    """Yield a verdict for each vector of a file, or why there is none; float64 twins are judged as well."""
    for place, vector in enumerate(listed("vectors", document["vectors"])):
        label = label_of(vector, place)
        yield from apart(file, label, partial(_judge, vector, label, file, exact))


def _judge(vector: dict[str, Any], label: str, file: str, exact: bool) -> Iterator[Finding]:
    name = vector["fn"]
    vector = {**vector, **{part: resolved(vector[part]) for part in ("args", "expected")}}
    stated = tolerance(vector, exact=exact)
    if name in maths_facts.FACTS:
        verdict = Verdict(component=FIXED, file=file, vector=label, tolerance="as stated")
        maths_facts.FACTS[name](vector, verdict)
        yield verdict
        return
    if name not in FUNCTIONS:
        yield NotCovered(file=file, vector=label, reason=f"no function {name!r} is known here")
        return
    try:
        if isinstance(vector["expected"], dict) and "call" in vector["expected"]:
            vector["expected"] = as_floats(_answer(vector["expected"]["call"], vector["expected"]["args"]))
        yield _in_fixed_point(vector, label, file, stated)
        if not exact and name in maths_float.TWINS:
            arguments = [_in_float64(argument, vector["args"]) for argument in vector["args"]]
            yield maths_float.judge(name, arguments, vector["expected"], stated, (file, label))
    except _UnknownError as unknown:
        yield NotCovered(file=file, vector=label, reason=str(unknown))


def _in_fixed_point(vector: dict[str, Any], label: str, file: str, stated: Any) -> Verdict:
    """Return the verdict on a function's value, its literals read as float64 or, failing that, as float32.

    The chain's tests write their numbers in either, and a file does not say in which.
    """
    verdicts = []
    for reading in (lambda literal: literal, in_float32):
        verdict = Verdict(component=FIXED, file=file, vector=label, tolerance="as stated")
        answer, expected = _answer(vector["fn"], reading(vector["args"])), vector["expected"]
        if unlike := _UNLIKE.get(FUNCTIONS[vector["fn"]].result):
            answer, expected = unlike(answer), unlike(expected)
        compare(verdict, (), expected, answer, stated)
        verdicts.append(verdict)
    return next((verdict for verdict in verdicts if verdict.met), verdicts[0])


def _without_zeros(rows: Any) -> Any:
    """Return the sparse rows of a product without the pairs whose value is 0: a file may leave them out or not."""
    if not _are_rows(rows):
        return rows
    return [[pair for pair in row if (pair[1].bits if isinstance(pair[1], Raw) else pair[1]) != 0] for row in rows]


def _without_empty_rows(rows: Any) -> Any:
    """Return dense rows, [] where none holds a number: a matrix without columns has no rows that could be told."""
    return [] if _are_rows(rows) and not any(rows) else rows


def _are_rows(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, list) for row in rows)


_UNLIKE = {"p": _without_zeros, "d": _without_empty_rows}  # what may be written in more than one way


class _UnknownError(ValueError):
    """A nested function or a special value that is not documented."""


def _answer(name: str, arguments: list[Any], depth: int = 0) -> Any:
    if name not in FUNCTIONS or depth > _ENOUGH_LEVELS:
        raise _UnknownError(f"no function {name!r} is known here")
    function = FUNCTIONS[name]
    if len(arguments) != len(function.shapes):
        raise ValueError(f"{name} takes {len(function.shapes)} arguments, got {len(arguments)}")
    read = [
        _read(shape, argument, arguments, depth) for shape, argument in zip(function.shapes, arguments, strict=True)
    ]
    if [] in read:  # beside an empty vector, [[]] is the empty matrix and no row
        read = [[] if part == [[]] else part for part in read]
    dense = [part for shape, part in zip(function.shapes, read, strict=True) if shape == "d"]
    if dense and function.result in "dv" and not any(row for matrix in dense for row in matrix):
        return []  # the chain asks no further where a dense matrix is empty
    return _written(function.result, function.answer(*read))


def _read(shape: str, argument: Any, arguments: list[Any], depth: int) -> Any:
    """Return an argument in the form its function takes: encoded, or the answer of a nested call."""
    if isinstance(argument, dict) and "call" in argument:
        nested = _answer(argument["call"], resolved(argument["args"]), depth + 1)
        return nested if shape == "a" else _bits(nested)
    if isinstance(argument, dict) and argument.get("special") == "sum_of_stake":
        return sum(_read("v", arguments[0], arguments, depth))
    if shape == "r":
        return _rule(argument)
    if shape == "c" and (isinstance(argument, bool) or not isinstance(argument, int) or not 0 <= argument <= MAX_COUNT):
        raise ValueError(f"a number of columns must lie in 0..{MAX_COUNT}, is {argument!r}")
    if shape in "cna":
        without_text("an argument", argument)
        return argument
    number = I32F32 if shape in "xvsd" else I64F64
    if shape in "sd":
        rows = [listed("a row of a matrix", row) for row in listed("a matrix", argument)]
        if shape == "s":
            return [[(int(column), _element(value, number, depth)) for column, value in row] for row in rows]
        return [list(enumerate(_element(value, number, depth) for value in row)) for row in rows]
    if shape in "vV":
        return [_element(value, number, depth) for value in listed("a vector", argument)]
    return _element(argument, number, depth)


def _element(value: Any, number: Any, depth: int) -> int:
    """Return one raw number; it may be the answer of a call, too."""
    if isinstance(value, dict) and "call" in value:
        return int(_bits(_answer(value["call"], value["args"], depth + 1)))
    if isinstance(value, dict):
        raise _UnknownError(f"no special value {value!r} is known here")
    return encoded(value, number)


def _rule(argument: Any) -> Callable[[int, int], bool]:
    """Return the mask rule of a special: a comparison of a, b and whole numbers."""
    text = argument.get("special") if isinstance(argument, dict) else None
    match = _RULE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _UnknownError(f"no mask rule {argument!r} is known here")
    left, relation, right = match.groups()

    def dropped(a: int, b: int) -> bool:
        known = {"a": a, "b": b}
        sides = [known[side] if side in known else int(side) for side in (left, right)]
        return _OPERATORS[relation](*sides)

    return dropped


def _in_float64(argument: Any, arguments: list[Any]) -> Any:
    """Return an argument as the float64 engine takes it: calls answered, names of numbers as floats."""
    if isinstance(argument, list):
        return [_in_float64(part, arguments) for part in argument]
    if isinstance(argument, dict) and "call" in argument:
        return as_floats(_answer(argument["call"], resolved(argument["args"])))
    if isinstance(argument, dict) and argument.get("special") == "sum_of_stake":
        return float(sum(_in_float64(arguments[0], arguments)))
    return float(argument) if isinstance(argument, Fraction) else argument


def _bits(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_bits(part) for part in answer]
    return answer.bits if isinstance(answer, Raw) else answer


def _written(shape: str, answer: Any) -> Any:
    """Return an answer in the form of the files: numbers that know their format, dense rows of full width."""
    if shape == "n":
        return answer
    if shape in "sp":
        return [[[column, Raw(value, I32F32)] for column, value in row] for row in answer]
    number = I32F32 if shape in "xvd" else I64F64
    if shape == "d":
        return [[Raw(value, number) for value in row] for row in answer]
    return [Raw(value, number) for value in answer] if shape in "vV" else Raw(answer, number)
