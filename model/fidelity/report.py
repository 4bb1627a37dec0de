"""What a run over golden vectors found: a verdict per vector, a row per component, every miss by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

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


@dataclass(slots=True, kw_only=True)
class Verdict:
    """How one vector compares in one component; filled by `number`, `sequence` and `fact`."""

    component: str
    file: str
    vector: str
    tolerance: str = "0"
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

    def sequence(self, name: str, expected: object, got: object, tolerance: float) -> None:
        """Compare nested lists number by number; where the shapes differ, that is the miss."""
        self._walk(name, (), expected, got, tolerance)

    def _walk(self, name: str, index: tuple[int | str, ...], expected: object, got: object, tolerance: float) -> None:
        if isinstance(expected, Sequence) and not isinstance(expected, str):
            if not isinstance(got, Sequence) or len(got) != len(expected):
                self._note(name, index, expected, got, inf, False)
                return
            for place, (wanted, found) in enumerate(zip(expected, got, strict=True)):
                self._walk(name, (*index, place), wanted, found, tolerance)
        elif _is_number(expected) and _is_number(got):
            self.number(name, index, expected, got, tolerance)  # type: ignore[arg-type]
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
    rows : one per component and chain version
    misses : every number out of tolerance
    not_covered : vectors nothing here can judge
    broken : one sentence per file that could not be read or does not follow its schema
    """

    rows: tuple[Row, ...]
    misses: tuple[Miss, ...]
    not_covered: tuple[NotCovered, ...]
    broken: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Return whether every covered vector is met and every file could be read."""
        return not self.misses and not self.broken

    def table_rows(self) -> list[tuple[str, str, int, int, str, str]]:
        """Return rows to print: component, chain version, vectors, met, largest error, tolerance."""
        return [
            (
                row.component,
                row.chain_version,
                row.n_vectors,
                row.n_met,
                f"{row.largest_error:.3g}",
                row.tolerance,
            )
            for row in self.rows
        ]


def summarise(verdicts: Iterable[Verdict], not_covered: Sequence[NotCovered], broken: Sequence[str]) -> Report:
    """Return the report of these verdicts; components come in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    misses: list[Miss] = []
    for verdict in verdicts:
        groups.setdefault((verdict.component, verdict.chain_version), []).append(verdict)
        misses.extend(verdict.misses)
    rows = tuple(
        Row(
            component=component,
            chain_version=version,
            n_vectors=len(group),
            n_met=sum(verdict.met for verdict in group),
            largest_error=max(verdict.largest_error for verdict in group),
            tolerance=" or ".join(sorted({verdict.tolerance for verdict in group})),
        )
        for (component, version), group in groups.items()
    )
    return Report(rows=rows, misses=tuple(misses), not_covered=tuple(not_covered), broken=tuple(broken))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
