"""What owners make of their subnets' rules, before anybody else decides."""

from dataclasses import replace

import numpy as np

from agents.observation import OwnerAction, OwnerStrategy, OwnerView, PublicView
from model.cohorts import StrategyError, ask, check_array, check_kind, read_only, recall, remember
from model.population import Cohort, Population
from model.rules import Rules
from model.state import State
from model.units import FloatArray
from model.value import value_by_subnet


def govern(public: PublicView, state: State, rules: Rules, population: Population, seed: int) -> Rules:
    """Rules of the coming epoch: each owner sets what its subnet scores and how much of miners' pay it withholds."""
    reward_weight, burn_share = rules.reward_weight.copy(), rules.burn_share.copy()
    for cohort in population.of_role("owner"):
        view = OwnerView(
            public=public,
            row_subnet=read_only(cohort.seat),
            burn_share=read_only(rules.burn_share[cohort.seat]),
            users_value=read_only(_users_value(cohort, state, rules, population)),
            memory=recall(state, cohort),
        )
        action = ask(cohort, "govern", view, seed)
        _check_rules(action, cohort, public.epoch, rules.reward_weight.shape[1])
        reward_weight[cohort.seat] = action.reward_weight
        burn_share[cohort.seat] = action.burn_share
        remember(state, cohort, action.memory, public.epoch)
    return replace(rules, reward_weight=reward_weight, burn_share=burn_share)


def _users_value(cohort: Cohort, state: State, rules: Rules, population: Population) -> FloatArray:
    """Users' value of the last epoch's work in the cohort's subnets, (row,); no rows if it does not measure."""
    strategy: OwnerStrategy = cohort.strategy  # type: ignore[assignment]
    subnet = cohort.seat if strategy.MEASURES else cohort.seat[:0]
    return value_by_subnet(
        state.resource[subnet] * population.productivity[subnet],
        rules.value_weight[subnet],
        rules.value_subnet_weight[subnet],
        rules.value_exponent[subnet],
    )


def _check_rules(action: OwnerAction, cohort: Cohort, epoch: int, n_capabilities: int) -> None:
    check_kind(action, OwnerAction, cohort, epoch)
    n_rows = len(cohort.seat)
    check_array(action.reward_weight, "reward_weight", cohort, epoch, (n_rows, n_capabilities))
    check_array(action.burn_share, "burn_share", cohort, epoch, (n_rows,))
    if np.max(action.burn_share, initial=0.0) > 1:
        raise StrategyError(f"{cohort.name} in epoch {epoch}: burn_share must be <= 1, has {np.max(action.burn_share)}")
    if not np.max(action.reward_weight, axis=1).all():
        raise StrategyError(f"{cohort.name} in epoch {epoch}: reward_weight must be > 0 for a capability of each row")
