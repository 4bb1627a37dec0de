"""Golden vectors of the form {fn, inputs, expected, tol}: a function answers by name, the answer is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from model.fidelity.files import Document
from model.fidelity.report import NotCovered, Verdict

VALUE = "value"  # name of an answer that is one number or one list
UNSTATED = 1e-12  # for outputs without a tolerance beside others with one: float64 figures of the file's authors
E18 = "_1e18"  # ending of names whose values count 10^-18

Inputs = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What answers a vector: inputs it needs, inputs it may have, and how it answers in either arithmetic."""

    component: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    float64: Callable[[Inputs], Answer]
    exact: Callable[[Inputs], Answer] | None = None  # None: whole numbers, or no other arithmetic


class UnanswerableError(ValueError):
    """Inputs that are well formed but beyond what the function here can do."""


def judge(
    document: Document, file: str, exact: bool, functions: Mapping[str, Function]
) -> Iterator[Verdict | NotCovered]:
    """Yield a verdict for each vector of a file, or why there is none."""
    for vector in document["vectors"]:
        label = str(vector["id"])
        function = functions.get(vector["fn"])
        reason = _unknown(vector, function)
        if function is None or reason:
            yield NotCovered(file=file, vector=label, reason=reason)
            continue
        verdict = Verdict(component=function.component, file=file, vector=label, tolerance="as stated")
        try:
            answer = (function.exact if exact and function.exact else function.float64)(vector["inputs"])
        except UnanswerableError as error:
            yield NotCovered(file=file, vector=label, reason=str(error))
            continue
        except (ArithmeticError, ValueError) as error:
            verdict.fact(vector["fn"], (), vector["expected"], f"refused: {error}")
            yield verdict
            continue
        stated = vector["tol"] if exact else vector.get("tol_float64", vector["tol"])
        unknown = _compare(verdict, vector["expected"], answer, stated)
        for name in unknown:
            yield NotCovered(file=file, vector=label, reason=f"{name} is no output of {vector['fn']} here")
        if verdict.n_compared:
            yield verdict


def _unknown(vector: dict[str, Any], function: Function | None) -> str:
    """Return why nothing can answer a vector; empty when something can."""
    if function is None:
        return f"no function {vector['fn']!r} is known here"
    given = vector["inputs"].keys()
    strange = sorted(given - {*function.needs, *function.may})
    missing = [name for name in function.needs if name not in given]
    if strange:
        return f"{vector['fn']} knows no input {', '.join(strange)}"
    return f"{vector['fn']} needs the input {', '.join(missing)}" if missing else ""


def _compare(verdict: Verdict, expected: Any, answer: Answer, stated: Any) -> list[str]:
    """Compare an answer with what a file expects, and return the names it expects that the answer lacks."""
    wanted = expected if isinstance(expected, dict) else {VALUE: expected}
    unknown = []
    for name, value in wanted.items():
        tolerance = stated.get(name, UNSTATED) if isinstance(stated, dict) else stated
        if name == "each_in":
            low, high = value
            verdict.fact(name, (), True, all(low <= part <= high for part in answer[VALUE]))
        elif name.endswith("_above") and name.removesuffix("_above") in answer:
            verdict.fact(name, (), True, answer[name.removesuffix("_above")] > value)
        elif name.endswith("_at_most") and name.removesuffix("_at_most") in answer:
            verdict.fact(name, (), True, max(answer[name.removesuffix("_at_most")]) <= value)
        elif name not in answer:
            unknown.append(name)
        elif isinstance(tolerance, list):
            _each(verdict, name, value, answer[name], tolerance)
        else:
            unit = 10**18 if name.endswith(E18) else 1
            verdict.sequence(name, _over(value, unit), _over(answer[name], unit), tolerance)
    return unknown


def _each(verdict: Verdict, name: str, expected: Sequence[float], got: Sequence[float], tolerance: list[float]) -> None:
    if not len(expected) == len(got) == len(tolerance):
        verdict.sequence(name, list(expected), list(got), -inf)
        return
    for place, (value, found, allowed) in enumerate(zip(expected, got, tolerance, strict=True)):
        verdict.number(name, (place,), value, found, allowed)


def _over(value: Any, unit: int) -> Any:
    return value / unit if unit != 1 else value
