"""What owners make of their subnets' rules, before anybody else decides."""

from dataclasses import replace

import numpy as np

from agents.observation import OwnerAction, OwnerStrategy, OwnerView, PublicView
from model.epoch.asking import StrategyError, ask, check_array, check_kind, read_only, recall, remember
from model.units import FloatArray
from model.world.population import Cohort, Population
from model.world.rules import Rules
from model.world.state import State


def govern(public: PublicView, state: State, rules: Rules, population: Population, seed: int) -> Rules:
    """Rules of the coming epoch: each owner sets what its subnet scores, withholds and how often it audits."""
    reward_weight, burn_share, audit_rate = (
        rule.copy() for rule in (rules.reward_weight, rules.burn_share, rules.audit_rate)
    )
    for cohort in population.of_role("owner"):
        view = OwnerView(
            public=public,
            row_subnet=read_only(cohort.seat),
            burn_share=read_only(rules.burn_share[cohort.seat]),
            audit_rate=read_only(rules.audit_rate[cohort.seat]),
            audit_cost_tao=rules.scenario.validators.audit_cost_tao,
            users_value=read_only(_measured(cohort, state.users_value)),
            lied_share=read_only(_measured(cohort, state.lied_share)),
            memory=recall(state, cohort),
        )
        action = ask(cohort, "govern", view, seed)
        _check_rules(action, cohort, public.epoch, rules.reward_weight.shape[1])
        reward_weight[cohort.seat] = action.reward_weight
        burn_share[cohort.seat] = action.burn_share
        audit_rate[cohort.seat] = action.audit_rate
        remember(state, cohort, action.memory, public.epoch)
    return replace(rules, reward_weight=reward_weight, burn_share=burn_share, audit_rate=audit_rate)


def _measured(cohort: Cohort, by_subnet: FloatArray) -> FloatArray:
    """What is known of the cohort's subnets, (row,); no rows if it does not measure."""
    strategy: OwnerStrategy = cohort.strategy  # type: ignore[assignment]
    return by_subnet[cohort.seat if strategy.MEASURES else cohort.seat[:0]]


def _check_rules(action: OwnerAction, cohort: Cohort, epoch: int, n_capabilities: int) -> None:
    check_kind(action, OwnerAction, cohort, epoch)
    n_rows = len(cohort.seat)
    check_array(action.reward_weight, "reward_weight", cohort, epoch, (n_rows, n_capabilities))
    for name in ("burn_share", "audit_rate"):
        share = getattr(action, name)
        check_array(share, name, cohort, epoch, (n_rows,))
        if np.max(share, initial=0.0) > 1:
            raise StrategyError(f"{cohort.name} in epoch {epoch}: {name} must be <= 1, has {np.max(share)}")
    if not np.max(action.reward_weight, axis=1).all():
        raise StrategyError(f"{cohort.name} in epoch {epoch}: reward_weight must be > 0 for a capability of each row")
