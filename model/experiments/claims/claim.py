"""A claim under test: what was said, how it is tested, and the answer of a run of its cases."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.experiments.claims import study
from model.experiments.claims.facts import Facts, read_facts
from model.experiments.claims.study import Case
from model.experiments.many import HERE, How
from model.records.data_dictionary import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody asserts, and the small studies that test it.

    letter : a to e
    question : that its figure answers
    claimed : in our words, and `source` says who said it
    setup : what is run
    holds, fails : why it does where it does
    facts : names of the facts used
    cases : the runs, with what they vary as parameters
    reckoned : findings that follow from facts alone
    curves : tables of the figures that are no findings, by name, and `columns` explains their columns
    """

    letter: str
    question: str
    claimed: str
    source: str
    setup: str
    holds: str
    fails: str
    facts: tuple[str, ...]
    cases: Callable[..., list[Case]]
    reckoned: Callable[[Facts], list[dict[str, Any]]]
    curves: Callable[[Facts], dict[str, pd.DataFrame]]
    columns: tuple[Column, ...]

    def study(
        self,
        seeds: Iterable[int] = study.DEFAULT_SEEDS,
        how: How = HERE,
        **parameters: Any,
    ) -> "Answer":
        """What the runs and the facts say; `parameters` are those of the claim's cases, such as audit rates."""
        return self.answer(study.play(self.cases(**parameters), seeds, how))

    def answer(self, played: pd.DataFrame) -> "Answer":
        """The findings of runs, those of other claims left out, with what follows from facts."""
        known = read_facts()
        own = played[played["claim"] == self.letter]
        rows = pd.DataFrame(self.reckoned(known), columns=played.columns).astype(dict(played.dtypes))
        findings = pd.concat([own, rows], ignore_index=True) if len(rows) else own.reset_index(drop=True)
        return Answer(self, findings, self.curves(known), known.table(self.facts))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out for a claim.

    findings : as `study.play` makes them
    curves : by name, as the claim's module makes them
    facts : those used, one row each
    """

    claim: Claim
    findings: pd.DataFrame
    curves: Mapping[str, pd.DataFrame]
    facts: pd.DataFrame

    def where(self, verdict: str) -> pd.DataFrame:
        """Findings of this verdict."""
        return self.findings[self.findings["verdict"] == verdict]
