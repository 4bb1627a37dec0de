"""What a run over golden vectors found: a verdict per vector, a row per component, every miss by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from model.fidelity.expected import holds, is_number, relations
from model.wording import number

CHAIN_VERSION = "subtensor 14bc6f9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A number that lies further from the expected one than its tolerance allows."""

    file: str
    vector: str
    field: str
    index: tuple[int | str, ...]
    expected: object
    got: object

    def sentence(self) -> str:
        """Return the miss as one line: file, vector, field, index, and both numbers."""
        place = f"{self.field}{''.join(f'[{part}]' for part in self.index)}"
        return f"{self.file}: {self.vector}: {place} is {self.got!r}, expected {self.expected!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered:
    """A vector, or a part of one, that nothing here can judge, and why."""

    file: str
    vector: str
    reason: str

    def sentence(self) -> str:
        """Return it as one line."""
        return f"{self.file}: {self.vector}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An entry of a file that does not follow the schema, and why; the rest of the file is judged."""

    file: str
    vector: str
    reason: str

    def sentence(self) -> str:
        """Return it as one line."""
        return f"{self.file}: {self.vector}: {self.reason}"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """How one vector compares in one component; filled by `number`, `sequence` and `fact`.

    A `note` says in one sentence why this vector's tolerance is not the component's.
    """

    component: str
    file: str
    vector: str
    tolerance: str = "0"
    note: str = ""
    chain_version: str = CHAIN_VERSION
    largest_error: float = 0.0
    n_compared: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Return whether every number compared lies within its tolerance."""
        return not self.misses

    def number(self, name: str, index: tuple[int | str, ...], expected: float, got: float, tolerance: float) -> None:
        """Compare two numbers; a NaN on either side is a miss."""
        error = 0.0 if got == expected else abs(float(got - expected))
        self._note(name, index, expected, got, error, error <= tolerance)

    def fact(self, name: str, index: tuple[int | str, ...], expected: object, got: object) -> None:
        """Compare two values that are equal or not."""
        self._note(name, index, expected, got, 0.0 if got == expected else inf, got == expected)

    def sequence(self, name: str, expected: object, got: object, tolerance: object) -> None:
        """Compare nested lists number by number; where the shapes differ, that is the miss.

        In a number's place may stand relations ({"at_least": 0, "below": 1}), which a list holds if each of its
        numbers does. The tolerance is one number, or a list as long as what is expected.

        Raises
        ------
        ValueError
            If the tolerance does not fit, or something stands for a number that is none.
        """
        self._walk(name, (), expected, got, tolerance)

    def _walk(self, name: str, index: tuple[int | str, ...], expected: object, got: object, tolerance: object) -> None:
        stated = relations(expected)
        if stated is not None:
            for relation, bound in stated.items():
                met = holds(relation, got, bound, _one(name, tolerance))
                self._note(f"{name} {relation}", index, bound, got, 0.0 if met else inf, met)
        elif isinstance(expected, Sequence) and not isinstance(expected, str):
            if not isinstance(got, Sequence) or len(got) != len(expected):
                self._note(name, index, expected, got, inf, False)
                return
            allowed = _each(name, tolerance, len(expected))
            for place, (wanted, found) in enumerate(zip(expected, got, strict=True)):
                self._walk(name, (*index, place), wanted, found, allowed[place])
        elif is_number(expected) and is_number(got):
            self.number(name, index, expected, got, _one(name, tolerance))  # type: ignore[arg-type]
        else:
            self.fact(name, index, expected, got)

    def _note(
        self,
        name: str,
        index: tuple[int | str, ...],
        expected: object,
        got: object,
        error: float,
        met: bool,
    ) -> None:
        self.n_compared += 1
        self.largest_error = max(self.largest_error, inf if error != error else error)
        if not met:
            self.misses.append(
                Miss(file=self.file, vector=self.vector, field=name, index=index, expected=expected, got=got)
            )


Finding = Verdict | NotCovered | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    component: str
    chain_version: str
    n_vectors: int
    n_met: int
    largest_error: float
    tolerance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a run found, in a fixed order.

    Attributes
    ----------
    rows : one per component, chain version and tolerance
    misses : every number out of tolerance
    not_covered : vectors nothing here can judge
    broken : one sentence per file, or entry of a file, that could not be read or does not follow its schema
    passed_over : one sentence per file that holds no vectors and is not meant to
    notes : one sentence per vector that is judged by a tolerance of its own
    """

    rows: tuple[Row, ...]
    misses: tuple[Miss, ...]
    not_covered: tuple[NotCovered, ...]
    broken: tuple[str, ...]
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Return whether every covered vector is met and every file and entry could be read."""
        return not self.misses and not self.broken

    def remarks(self) -> list[str]:
        """What a reader of the table should know beside it: tolerances of their own, files passed over, gaps."""
        return [
            *(f"by its own tolerance: {sentence}" for sentence in self.notes),
            *(f"passed over: {sentence}" for sentence in self.passed_over),
            *(f"not covered: {item.sentence()}" for item in self.not_covered),
        ]

    def table_rows(self) -> list[tuple[str, str, int, int, str, str]]:
        """Return rows to print: component, chain version, vectors, met, largest error, tolerance."""
        return [
            (
                row.component,
                row.chain_version,
                row.n_vectors,
                row.n_met,
                number(row.largest_error),
                row.tolerance,
            )
            for row in self.rows
        ]


def summarise(findings: Iterable[Finding], broken: Sequence[str], passed_over: Sequence[str]) -> Report:
    """Return the report of these findings; components come in the order in which their verdicts first appear."""
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    misses: list[Miss] = []
    not_covered: list[NotCovered] = []
    unreadable: list[str] = []
    notes: list[str] = []
    for found in findings:
        if isinstance(found, NotCovered):
            not_covered.append(found)
        elif isinstance(found, Unreadable):
            unreadable.append(found.sentence())
        else:
            groups.setdefault((found.component, found.chain_version, found.tolerance), []).append(found)
            misses.extend(found.misses)
            if found.note:
                notes.append(f"{found.file}: {found.vector}: largest error {number(found.largest_error)}; {found.note}")
    rows = tuple(
        Row(
            component=component,
            chain_version=version,
            n_vectors=len(group),
            n_met=sum(verdict.met for verdict in group),
            largest_error=max(verdict.largest_error for verdict in group),
            tolerance=tolerance,
        )
        for (component, version, tolerance), group in groups.items()
    )
    return Report(
        rows=rows,
        misses=tuple(misses),
        not_covered=tuple(not_covered),
        broken=(*broken, *unreadable),
        passed_over=tuple(passed_over),
        notes=tuple(notes),
    )


def _one(name: str, tolerance: object) -> float:
    if not is_number(tolerance):
        raise ValueError(f"the tolerance of {name} must be one number, is {tolerance!r}")
    return float(tolerance)  # type: ignore[arg-type]


def _each(name: str, tolerance: object, length: int) -> Sequence[object]:
    if not isinstance(tolerance, list | tuple):
        return [tolerance] * length
    if len(tolerance) != length:
        raise ValueError(f"the tolerances of {name} must be {length}, one per value, are {len(tolerance)}")
    return tolerance
