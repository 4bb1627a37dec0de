"""What a golden epoch expects of one step, and how far a number may lie from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from model.fidelity.entries import apart, listed, without_text
from model.fidelity.outcome import Outcome
from model.fidelity.report import Finding, NotCovered, Verdict

SHARES = "epoch: shares, bonds, permits (u16)"
EMISSION = "epoch: emission (rao)"
PRINTED = "epoch: printed fractions"
COMPONENTS = (SHARES, EMISSION, PRINTED)
RAO_TOLERANCE = 2
EMISSION_TOLERANCE_SHARE = 2e-8
# Ten digits are printed. A bond that nobody renews loses a u16 unit every epoch to the chain's truncations and none
# in float64, so that a float64 engine drifts off by some units over a file's steps.
TRACE_TOLERANCE = {True: 1e-9, False: 1e-4}
_EMISSION_FIELDS = ("emission", "server_emission", "validator_emission")
_EXACT_FIELDS = ("validator_permit", "active", "stored_weights_row_nonempty")
_RELATIONS = {"==": "equals", ">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}
_TERM = re.compile(r"(\w+)\[(\d+)\]")
_TRACED = ("consensus", "validator_trust", "incentive", "dividends", "stake", "normalised_emission")
_TRACE_KEYS = {*_TRACED, "emission", "ema_bonds_sparse", "bonds_fraction", "bonds_tolerance", "log_block"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One step's expectations, and how far a number may lie from them."""

    file: str
    vector: str
    emission_rao: int
    exact: bool

    def expected(self, lines: list[list[Any]], values: dict[str, Any], before: dict[str, Any]) -> Iterator[Finding]:
        """Yield the verdicts on single numbers: [field, index, relation, value, tolerance]."""
        verdicts: dict[str, Verdict] = {}
        for place, line in enumerate(listed("expect", lines)):
            judged = partial(self._line, line, values, before, verdicts)
            yield from apart(self.file, f"{self.vector}, expectation {place}", judged)
        yield from verdicts.values()

    def _line(
        self, line: list[Any], values: dict[str, Any], before: dict[str, Any], verdicts: dict[str, Verdict]
    ) -> Iterator[NotCovered]:
        """Enter one line's number into the verdict on its component, or yield why nothing here can judge it."""
        name, index, relation, value, tolerance = line
        place = tuple(index) if isinstance(index, list) else () if index is None else (index,)
        got = _resolve(name, place, values)
        if relation.endswith("prev"):
            relation, value = relation.removesuffix("prev"), _resolve(name, place, before)
        if got is None or value is None or relation not in _RELATIONS:
            reason = f"{name} {line[2]} {line[3]!r} is no expectation the harness can judge"
            yield NotCovered(file=self.file, vector=self.vector, reason=reason)
            return
        without_text(name, [value, tolerance])
        # A strict relation leaves no room: nothing is not a little more than nothing.
        room = self._tolerance(name, tolerance or 0) if relation in ("==", ">=", "<=") else 0
        expected = {_RELATIONS[relation]: value} if relation != "==" else value
        verdict = verdicts.setdefault(_component(name), self._verdict(_component(name)))
        verdict.sequence(f"{name}{''.join(f'[{part}]' for part in place)}", expected, got, room)

    def whole(self, full: dict[str, Any], values: dict[str, Any]) -> Iterator[Finding]:
        """Yield the verdicts on whole output vectors; bonds that are not listed are 0."""
        verdicts: dict[str, Verdict] = {}
        for name, expected in full.items():
            judged = partial(self._vector, name, expected, values, verdicts)
            yield from apart(self.file, f"{self.vector}, {name}", judged)
        yield from verdicts.values()

    def _vector(
        self, name: str, expected: Any, values: dict[str, Any], verdicts: dict[str, Verdict]
    ) -> Iterator[NotCovered]:
        if name not in values:
            yield NotCovered(file=self.file, vector=self.vector, reason=f"{name} is no output known here")
            return
        without_text(name, expected)
        verdict = verdicts.setdefault(_component(name), self._verdict(_component(name)))
        tolerance = self._tolerance(name, 0)
        if name == "bonds_u16":
            wanted = {(row, column): value for row, column, value in expected}
            for pair in sorted(wanted.keys() | values[name].keys()):
                verdict.number(name, pair, wanted.get(pair, 0), values[name].get(pair, 0), tolerance)
        else:
            verdict.sequence(name, expected, values[name], tolerance)

    def traced(self, trace: dict[str, Any], outcome: Outcome, values: dict[str, Any]) -> Iterator[Finding]:
        """Yield the verdict on fractions that the chain's tests print without asserting them."""
        verdict = self._verdict(PRINTED)
        for name in trace:
            judged = partial(self._print, name, trace, outcome, values, verdict)
            yield from apart(self.file, f"{self.vector}, trace {name}", judged)
        if verdict.n_compared:
            yield verdict

    def _print(
        self, name: str, trace: dict[str, Any], outcome: Outcome, values: dict[str, Any], verdict: Verdict
    ) -> Iterator[NotCovered]:
        """Enter one printed figure into the verdict, or yield that it is not known here."""
        tolerance = TRACE_TOLERANCE[self.exact]
        if name != "log_block":
            without_text(name, trace[name])
        if name in _TRACED:
            verdict.sequence(name, trace[name], outcome.fraction[name], tolerance)
        elif name == "bonds_fraction":
            for row, column, value in trace[name]:
                got = values["bonds_u16"].get((row, column), 0) / 65_535
                verdict.number(name, (row, column), value, got, trace["bonds_tolerance"])
        elif name == "ema_bonds_sparse":
            wanted = {(row, column): value for row, pairs in enumerate(trace[name]) for column, value in pairs}
            for pair in sorted(wanted.keys() | outcome.bond.keys()):
                verdict.number(name, pair, wanted.get(pair, 0), outcome.bond.get(pair, 0), tolerance)
        elif name == "emission":
            whole = max(1, self.emission_rao)
            wanted_share, share = ([rao / whole for rao in part] for part in (trace[name], values[name]))
            verdict.sequence(name, wanted_share, share, 0 if self.exact else tolerance)
        elif name not in _TRACE_KEYS:
            yield NotCovered(file=self.file, vector=self.vector, reason=f"{name} is no trace known here")

    def _verdict(self, component: str) -> Verdict:
        stated = {
            SHARES: "as stated" if self.exact else "1",
            EMISSION: "as stated" if self.exact else "2, or 2e-8 of the emission",
            PRINTED: f"as stated, else {TRACE_TOLERANCE[self.exact]:g}",
        }
        return Verdict(component=component, file=self.file, vector=self.vector, tolerance=stated[component])

    def _tolerance(self, name: str, stated: float) -> float:
        if self.exact or name.startswith(_EXACT_FIELDS) or "/" in name:
            return stated
        if _component(name) == EMISSION:
            return max(stated, RAO_TOLERANCE, EMISSION_TOLERANCE_SHARE * self.emission_rao)
        return max(stated, 1)


def _component(name: str) -> str:
    if "/" in name:
        return PRINTED
    return EMISSION if any(part in name for part in _EMISSION_FIELDS) else SHARES


def _resolve(name: str, place: tuple[int, ...], values: dict[str, Any]) -> float | None:
    """Return the number a field name stands for: a field, field/65535, a sum, or a difference of two entries."""
    if name.startswith("sum(") and name.endswith(")"):
        parts = [values.get(part.strip()) for part in name[4:-1].split("+")]
        return None if None in parts else sum(sum(part) for part in parts if part is not None)
    terms = name.split("-")
    if len(terms) == 2 and all(_TERM.fullmatch(term) for term in terms):
        left, right = (
            _resolve(term[: term.index("[")], (int(term[term.index("[") + 1 : -1]),), values) for term in terms
        )
        return None if left is None or right is None else left - right
    if name.endswith("/65535"):
        whole = _resolve(name.removesuffix("/65535"), place, values)
        return None if whole is None else whole / 65_535
    if name not in values or len(place) != (2 if name == "bonds_u16" else 1):
        return None
    found = values[name]
    return found.get(place, 0) if name == "bonds_u16" else found[place[0]]
