"""The measures of concentration by example: what each says of small groups whose amounts fit on one line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model.records import measures
from model.scenario.catalogue import first_paragraph

GROUPS: dict[str, tuple[float, ...]] = {
    "all equal": (1, 1, 1, 1),
    "one a bit ahead": (50, 25, 25),
    "one well ahead": (1, 2, 3, 4, 10),
    "one has all": (0, 0, 0, 1),
}
EXPLAINED: dict[str, Callable[..., Any]] = {
    "Gini coefficient": measures.gini,
    "Herfindahl-Hirschman index": measures.hhi,
    "effective number": measures.effective_number,
    "Nakamoto coefficient": measures.nakamoto,
    "Theil index": measures.theil,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A measure: its name, its definition, and its value for each of `GROUPS`."""

    name: str
    meaning: str
    value: dict[str, float]


def explained() -> list[Explained]:
    """All measures with their definitions and their values for the example groups."""
    return [
        Explained(
            name=name,
            meaning=first_paragraph(measure),
            value={group: float(measure(amounts)) for group, amounts in GROUPS.items()},
        )
        for name, measure in EXPLAINED.items()
    ]
