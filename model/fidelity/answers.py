"""Golden vectors of the form {fn, inputs, expected, tol}: a function answers by name, the answer is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from model.fidelity.entries import apart, label_of, listed, tolerance, without_text
from model.fidelity.expected import RELATIONS, is_number, relations, resolved
from model.fidelity.files import Document
from model.fidelity.report import Finding, NotCovered, Verdict

VALUE = "value"  # name of an answer that is one number or one list
UNSTATED = 1e-12  # for outputs without a tolerance beside others with one: float64 figures of the file's authors
E18 = "_1e18"  # ending of names whose values count 10^-18
TEXTS = ("side", "limit")  # inputs that are words

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


def judge(document: Document, file: str, exact: bool, functions: Mapping[str, Function]) -> Iterator[Finding]:
    """Yield a verdict for each vector of a file, or why there is none."""
    for place, vector in enumerate(listed("vectors", document["vectors"])):
        label = label_of(vector, place)
        yield from apart(file, label, partial(_judge, vector, label, file, exact, functions))


def _judge(
    vector: dict[str, Any], label: str, file: str, exact: bool, functions: Mapping[str, Function]
) -> Iterator[Finding]:
    function = functions.get(vector["fn"])
    reason = _unknown(vector, function)
    if function is None or reason:
        yield NotCovered(file=file, vector=label, reason=reason)
        return
    inputs, expected, stated = resolved(vector["inputs"]), resolved(vector["expected"]), tolerance(vector, exact=exact)
    for name, value in inputs.items():
        if name not in TEXTS:
            without_text(name, value)
    verdict = Verdict(component=function.component, file=file, vector=label, tolerance="as stated")
    try:
        answer = (function.exact if exact and function.exact else function.float64)(inputs)
    except UnanswerableError as error:
        yield NotCovered(file=file, vector=label, reason=str(error))
        return
    except (ArithmeticError, ValueError) as error:
        verdict.fact(vector["fn"], (), expected, f"refused: {error}")
        yield verdict
        return
    unknown = _compare(verdict, expected, answer, stated)
    for name in unknown:
        yield NotCovered(file=file, vector=label, reason=f"{name} is no output of {vector['fn']} here")
    if verdict.n_compared:
        yield verdict
    elif not unknown:
        raise ValueError(f"expected must hold something to compare, is {expected!r}")


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
    """Compare an answer with what a file expects, and return the names it expects that the answer lacks.

    A relation may stand in a number's place ({"price": {"above": 0}}), at the end of its name ("price_above": 0),
    or alone where there is one output only ({"above": 0}).
    """
    whole = not isinstance(expected, dict) or relations(expected) is not None
    unknown = []
    for name, value in ({VALUE: expected} if whole else expected).items():
        output, relation = _parts(name, answer)
        allowed = stated
        if isinstance(stated, dict):
            allowed = stated.get(name, stated.get(output, UNSTATED))
        if name == "each_in":
            low, high = value
            verdict.sequence(name, {"at_least": low, "at_most": high}, answer[VALUE], allowed)
        elif output not in answer:
            unknown.append(name)
        else:
            unit = 10**18 if output.endswith(E18) else 1
            wanted = _over(value, unit)
            verdict.sequence(output, {relation: wanted} if relation else wanted, _over(answer[output], unit), allowed)
    return unknown


def _parts(name: str, answer: Answer) -> tuple[str, str]:
    """Return the output a name speaks of, and the relation at its end if there is one."""
    for relation in () if name in answer else RELATIONS:
        output = name.removesuffix(relation).removesuffix("_") or VALUE
        if name.endswith(relation) and output in answer:
            return output, relation
    return name, ""


def _over(value: Any, unit: int) -> Any:
    """Return numbers in units of 10^-18 as numbers."""
    if unit == 1 or not (is_number(value) or isinstance(value, list | dict)):
        return value
    if isinstance(value, list):
        return [_over(part, unit) for part in value]
    return {name: _over(part, unit) for name, part in value.items()} if isinstance(value, dict) else value / unit
