"""What a visitor of the page of claims looks at: a study, the values of its knobs, and the runs that they ask for."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from model.experiments.claims import CLAIMS, Answer, Claim
from model.experiments.claims.playing import PENDING, Playing, scenario_of
from model.experiments.claims.study import DEFAULT_SEEDS, Case
from model.pages.callback import whole
from model.pages.claims.studies import Study
from model.pages.sandbox.recipe import Recipe

ORDER = "claims order"  # key of the session's state
FEW_SEEDS, MOST_SEEDS = len(DEFAULT_SEEDS), 80
TIMES = 2  # as many seeds at each press of the button


@dataclass(slots=True, kw_only=True)
class Order:
    """A study that a visitor looks at, with the values of its knobs.

    n_own : cases that are the visitor's own
    n_figure : cases of the figure, own ones included
    whole : all other studies of the claim, too
    drawn_active : whether it was when the whole page was drawn
    """

    study: Study
    values: Mapping[str, Any]
    n_own: int
    n_figure: int
    whole: bool
    playing: Playing
    since: float
    done_before_share: float
    stopped: bool = False
    drawn_active: bool = False

    @property
    def claim(self) -> Claim:
        """The claim that the study tests."""
        return CLAIMS[self.study.claim]

    @property
    def active(self) -> bool:
        """Whether there is more to compute."""
        return not (self.stopped or self.playing.finished)

    @property
    def own(self) -> tuple[Case, ...]:
        """The visitor's own cases."""
        return self.playing.cases[: self.n_own]

    @property
    def asked(self) -> str:
        """What was asked for on the page, for the manifest."""
        values = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"page Claims, ({self.study.claim}) {self.study.name}: {values}; seeds 1 to {len(self.playing.seeds)}"

    def answer(self, n_cases: int | None = None) -> Answer:
        """Findings so far of the first cases, or of all, with the claim's facts and curves."""
        return self.claim.answer(self.playing.findings(n_cases))


def played(answer: Answer) -> Answer:
    """An answer without what is pending."""
    return replace(answer, findings=answer.findings[answer.findings["verdict"] != PENDING])


def command_of(case: Case) -> str:
    """Command that writes the tables of a case's first run."""
    scenario = replace(scenario_of(case), seed=DEFAULT_SEEDS[0])
    recipe = Recipe(preset=case.base, scenario=scenario, interventions=case.interventions, epochs=scenario.epochs)
    return recipe.command()


def take_order(study: Study, values: Mapping[str, Any]) -> None:
    """Begin what the knobs ask for with few seeds, unless it is under way or done.

    Raises
    ------
    ValueError
        If the values break a rule; what was on the screen stays.
    """
    whole = bool(st.session_state.get("claims whole"))
    before: Order | None = st.session_state.get(ORDER)
    if before and (study, values, whole) == (before.study, before.values, before.whole):
        return
    st.session_state[ORDER] = _order(study, values, whole, FEW_SEEDS)


@whole
def take_more_seeds() -> None:
    """Begin the same study with twice the seeds; the runs of the earlier ones are known."""
    before: Order = st.session_state[ORDER]
    n_seeds = min(TIMES * len(before.playing.seeds), MOST_SEEDS)
    st.session_state[ORDER] = _order(before.study, before.values, before.whole, n_seeds)


@whole
def set_stopped(stopped: bool) -> None:
    """Stop the runs, or go on with them."""
    order: Order = st.session_state[ORDER]
    order.stopped, order.since = stopped, time.perf_counter()
    order.done_before_share = order.playing.done_share


def _order(study: Study, values: Mapping[str, Any], whole: bool, n_seeds: int) -> Order:
    own, others = study.cases(values)
    shown = {(case.study, case.setting) for case in (*own, *others)}
    rest = [case for case in CLAIMS[study.claim].cases() if (case.study, case.setting) not in shown] if whole else []
    known = st.session_state.setdefault("claims known", {})
    playing = Playing(own, [*others, *rest], tuple(range(1, n_seeds + 1)), known)
    return Order(
        study=study, values=values, n_own=len(own), n_figure=len(own) + len(others), whole=whole, playing=playing,
        since=time.perf_counter(), done_before_share=playing.done_share,
    )  # fmt: skip
