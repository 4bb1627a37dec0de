"""The delegate phase: nominators move their stakes to the validators they choose."""

from agents.observation import NominatorView, PublicView
from model.epoch.asking import ask, check_delegation, read_only, recall, remember
from model.world.population import Population
from model.world.state import State


def delegate(public: PublicView, state: State, population: Population, seed: int) -> None:
    """Move nominators' stakes to the validators they choose."""
    n_validators = state.validator_alpha_rao.shape[1]
    for cohort in population.of_role("nominator"):
        view = NominatorView(
            public=public,
            row_nominator=read_only(cohort.seat),
            delegate=read_only(state.delegate[cohort.seat]),
            stake_alpha=read_only(state.nominated_alpha_rao[cohort.seat] / 1e9),
            yield_share=read_only(state.yield_share),
            memory=recall(state, cohort),
        )
        answer = ask(cohort, "delegate", view, seed)
        check_delegation(answer, cohort, public.epoch, view.delegate.shape, n_validators)
        state.delegate[cohort.seat] = answer.delegate
        remember(state, cohort, answer.memory, public.epoch)
