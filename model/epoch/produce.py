"""The produce phase: effort becomes output, lies are added, and audits look for them."""

import math
from dataclasses import dataclass

import numpy as np

from agents.observation import ValidatorStrategy
from model.epoch.decide import Effort
from model.reward_rules.rule import claimed_score
from model.reward_rules.verification import audit
from model.units import BoolArray, FloatArray, IntArray, to_rao
from model.world.population import Population
from model.world.randomness import stream_key
from model.world.rules import Rules
from model.world.state import State
from model.yardsticks.value import value_by_subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the effort gave: true and claimed output, (subnet, uid, capability), and what audits made of it.

    audited, lied, caught, barred (subnet, uid) : barred are those who are not scored in this epoch
    audit_bill_rao (validator,) : what each owes for the epoch's audits
    users_value (subnet,) : what the true output is worth to users
    """

    produced: FloatArray
    claimed: FloatArray
    audited: BoolArray
    lied: BoolArray
    caught: BoolArray
    barred: BoolArray
    audit_bill_rao: IntArray
    users_value: FloatArray


def produce(effort: Effort, state: State, rules: Rules, population: Population, epoch: int, seed: int) -> Output:
    """True and claimed output of every uid, who was audited and caught lying, and who is not scored this epoch.

    Whoever is caught is not scored in the `exclusion_epochs` that follow and, where pay is confiscated, in this one.
    """
    reward, first_miner = rules.scenario.reward, rules.scenario.subnets.n_validators
    produced = effort.resource * population.productivity
    claimed = produced * effort.claim_factor[:, :, np.newaxis]
    funds_rao = _audit_funds_rao(state, rules, population)
    cost_rao = to_rao(rules.scenario.validators.audit_cost_tao)
    # Only miners' seats are drawn for, so that one validator more changes nobody's audit.
    audits = audit(
        claimed[:, first_miner:],
        produced[:, first_miner:],
        rules.audit_rate,
        reward.detection_share,
        stream_key(seed, "audit", epoch),
        most=_most_audits(funds_rao, cost_rao, rules, population),
        vacant=population.vacant[:, first_miner:],
    )
    state.audited, lied, state.caught = np.zeros((3, *state.score.shape), dtype=bool)
    for by_uid, by_miner in zip((state.audited, lied, state.caught), audits, strict=True):
        by_uid[:, first_miner:] = by_miner
    caught, state.claimed = state.caught, claimed
    n_miners = population.n_seated(rules.scenario.subnets.n_miners)
    state.lied_share = lied.sum(axis=1) / np.maximum(n_miners, 1)
    state.users_value = value_by_subnet(produced, rules.value_weight, rules.value_subnet_weight, rules.value_exponent)
    excluded = epoch < state.excluded_until
    state.excluded_until = np.where(caught, epoch + 1 + reward.exclusion_epochs, state.excluded_until)
    return Output(
        produced=produced,
        claimed=claimed,
        audited=state.audited,
        lied=lied,
        caught=caught,
        barred=caught | excluded if reward.confiscate else excluded,
        audit_bill_rao=_bills_rao(funds_rao, int(np.count_nonzero(audits.audited)) * cost_rao),
        users_value=state.users_value,
    )


def auditors(rules: Rules, population: Population) -> BoolArray:
    """Which validators audit, by their strategy, (validator,)."""
    audits = np.zeros(rules.scenario.subnets.n_validators, dtype=bool)
    for cohort in population.of_role("validator"):
        strategy: ValidatorStrategy = cohort.strategy  # type: ignore[assignment]
        audits[cohort.seat] = strategy.AUDITS
    return audits


def _audit_funds_rao(state: State, rules: Rules, population: Population) -> IntArray:
    """What each validator can spend on audits in this epoch, (validator,).

    Nothing if its strategy does not audit, and nobody needs anything where audits are free.
    """
    validators = rules.scenario.validators
    if not validators.audit_cost_tao:
        return np.zeros(rules.scenario.subnets.n_validators, dtype=np.int64)
    purse_rao = state.purse_rao[population.numbers("validator")]
    return np.where(auditors(rules, population), np.minimum(purse_rao, to_rao(validators.audit_budget_tao)), 0)


def _most_audits(funds_rao: IntArray, cost_rao: int, rules: Rules, population: Population) -> float:
    """As many as can be paid for; where they are free, as many as wanted if there is anybody who audits."""
    if cost_rao:
        return int(funds_rao.sum()) // cost_rao
    return math.inf if auditors(rules, population).any() else 0


def _bills_rao(funds_rao: IntArray, total_rao: int) -> IntArray:
    """What each validator pays for the epoch's audits, (validator,): in proportion to what it can spend, and no more.

    Fractions of a rao stay with the validators.
    """
    if not total_rao:
        return np.zeros_like(funds_rao)
    return np.floor(funds_rao * (total_rao / funds_rao.sum())).astype(np.int64)


def scores(output: Output, rules: Rules) -> FloatArray:
    """What each uid's claims score without noise, 0 for those caught or barred, (subnet, uid)."""
    score = claimed_score(rules.score, output.claimed, rules.reward_weight)
    return np.where(output.barred, 0.0, score)
