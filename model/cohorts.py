"""What cohorts see and do in an epoch: each gets its view of the state, and its answer goes back into arrays."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from agents.observation import (
    MinerAction,
    MinerView,
    NominatorView,
    OwnScale,
    PublicView,
    ValidatorStrategy,
    ValidatorView,
)
from model import hardware
from model.asking import (
    answer_of,
    ask,
    check_action,
    check_array,
    check_delegation,
    check_vote,
    read_only,
    recall,
    remember,
)
from model.population import Cohort, Population
from model.randomness import stream_key
from model.reward_rules.pay_shape import Pay, at_rows
from model.reward_rules.rule import honest_weight, true_score
from model.rules import Rules
from model.state import State
from model.units import BoolArray, FloatArray, IntArray, to_tao

LARGEST_POWER = 1e290  # of a score ** decisiveness; a subnet's sum of them is still finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What all miners do in an epoch.

    resource, claim_factor : (subnet, uid, capability) units of hardware, and (subnet, uid) claimed over true output
    wanted (participant, capability) : units that each would own; none where hardware is rented
    """

    resource: FloatArray
    claim_factor: FloatArray
    wanted: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the effort gave: true and claimed output, (subnet, uid, capability), and what audits made of it.

    audited, lied, caught, barred (subnet, uid) : barred are those who are not scored in this epoch
    audit_bill_rao (validator,) : what each owes for the epoch's audits
    """

    produced: FloatArray
    claimed: FloatArray
    audited: BoolArray
    lied: BoolArray
    caught: BoolArray
    barred: BoolArray
    audit_bill_rao: IntArray


def public_view(
    epoch: int, state: State, rules: Rules, population: Population, pot_tao: FloatArray, price: FloatArray
) -> PublicView:
    """What everybody can read at the start of the epoch."""
    n_miners = rules.scenario.subnets.n_miners - population.vacant.sum(axis=1)
    first_miner = rules.scenario.subnets.n_validators
    return PublicView(
        epoch=epoch,
        capability=rules.scenario.capabilities,
        cost_exponent=rules.scenario.miners.cost_exponent,
        hardware=rules.scenario.miners.hardware,
        score=rules.scenario.reward.score,
        pay=rules.scenario.reward.pay,
        fine_tao=rules.scenario.reward.fine_tao,
        detection_share=rules.scenario.reward.detection_share,
        confiscates=rules.scenario.reward.confiscate,
        decisiveness=read_only(rules.decisiveness),
        substitution_exponent=read_only(rules.substitution_exponent),
        reward_weight=read_only(rules.reward_weight),
        value_weight=read_only(rules.value_weight),
        pot_tao=read_only(pot_tao),
        price_tao_per_alpha=read_only(price),
        n_miners=read_only(n_miners),
        consensus=read_only(state.consensus),
        miner_resource=read_only(state.resource[:, first_miner:]),
        miner_earned_tao=read_only(state.earned_tao[:, first_miner:]),
    )


def decide(public: PublicView, state: State, rules: Rules, population: Population, seed: int) -> Effort:
    """Hardware that every miner uses and what it will claim, cut to its stock, its budget and its purse."""
    resource, wanted = np.zeros_like(state.resource), np.zeros_like(state.hardware)
    claim_factor = np.ones(state.score.shape)
    n_uids = state.score.shape[1]
    with np.errstate(over="ignore"):
        power = np.minimum(state.score ** rules.decisiveness[:, np.newaxis], LARGEST_POWER)
    rival_power = np.maximum(power.sum(axis=1, keepdims=True) - power, 0.0)
    rival_score = _best_of_others(state.score)
    budget_tao = np.minimum(population.budget_tao, to_tao(state.purse_rao))
    for cohort in population.of_role("miner"):
        if not len(cohort.seat):
            continue
        subnet, uid = np.divmod(cohort.seat, n_uids)
        view = MinerView(
            public=public,
            slot_subnet=read_only(subnet),
            slot_miner=read_only(cohort.seat_member),
            unit_cost_tao=read_only(population.unit_cost_tao[subnet, uid]),
            productivity=read_only(population.productivity[subnet, uid]),
            resource=read_only(state.resource[subnet, uid]),
            stock=read_only(state.hardware[cohort.member]),
            score=read_only(state.score[subnet, uid]),
            rival_power=read_only(rival_power[subnet, uid]),
            rival_score=read_only(rival_score[subnet, uid]),
            incentive_share=read_only(state.incentive_share[subnet, uid]),
            earned_tao=read_only(state.earned_tao[subnet, uid]),
            audited=read_only(state.audited[subnet, uid]),
            budget_tao=read_only(budget_tao[cohort.member]),
            merit_share=rules.scenario.cartel.merit_share,
            paid_share=partial(_paid_share, read_only(state.score), rules.pay, subnet, uid),
            memory=recall(state, cohort),
        )
        if public.hardware == "owned":
            action, wanted[cohort.member] = _decide_as_owner(cohort, view, state, rules, seed)
        else:
            action = _decided(cohort, view, seed)
        resource[subnet, uid] = hardware.affordable(action.resource, view)
        claim_factor[subnet, uid] = action.claim_factor
        remember(state, cohort, action.memory, public.epoch)
    return Effort(resource=resource, claim_factor=claim_factor, wanted=wanted)


def _decided(cohort: Cohort, view: MinerView, seed: int) -> MinerAction:
    action: MinerAction = ask(cohort, "decide", view, seed)
    check_action(action, cohort, view.public.epoch, view.resource.shape)
    return action


def _decide_as_owner(
    cohort: Cohort, view: MinerView, state: State, rules: Rules, seed: int
) -> tuple[MinerAction, FloatArray]:
    """Action of those who own their hardware, within their stocks, and what they would own, (member, capability).

    At the start they own a share of what they would own.
    """
    n_members = len(cohort.member)
    full_cost_tao = view.unit_cost_tao + hardware.wear_tao(rules)
    running = _decided(cohort, view, seed)
    action = _decided(cohort, replace(view, unit_cost_tao=read_only(full_cost_tao)), seed)
    wanted = hardware.by_miner(action.resource, view.slot_miner, n_members)
    if view.public.epoch == 0:
        state.hardware[cohort.member] = rules.scenario.miners.hardware_start_share * wanted
    stock = state.hardware[cohort.member]
    used = hardware.between(running.resource, action.resource, stock, view.slot_miner)
    return replace(action, resource=hardware.within_stock(used, stock, view.slot_miner)), wanted


def _paid_share(
    score: FloatArray, pay: Pay, subnet: IntArray, uid: IntArray, slot: IntArray, own_score: FloatArray
) -> FloatArray:
    """The `PaidShare` of a cohort's slots, (slot,), at last epoch's scores, (subnet, uid)."""
    tried = np.repeat(score[subnet[slot], np.newaxis], own_score.shape[1], axis=1)
    tried[np.arange(len(slot)), :, uid[slot]] = own_score
    share = at_rows(pay, subnet[slot]).weight(tried)
    return share[np.arange(len(slot)), :, uid[slot]]


def evaluate(
    public: PublicView, output: Output, state: State, rules: Rules, population: Population, seed: int
) -> FloatArray:
    """Weights that every validator submits, (subnet, validator, uid)."""
    n_subnets, n_uids = state.score.shape
    n_validators = rules.scenario.subnets.n_validators
    is_miner = (population.role[population.holder] == "miner") & ~population.vacant
    in_cartel = population.cartel[population.holder] & is_miner
    weight = np.zeros((n_subnets, n_validators, n_uids))
    key = stream_key(seed, "validator", "measure", public.epoch)
    for cohort in population.of_role("validator"):
        measured = _measured(cohort, public, output, rules, key)
        member = bool(population.cartel[cohort.member].all())
        view = ValidatorView(
            public=public,
            row_validator=read_only(cohort.seat),
            measured_weight=read_only(measured),
            miner=read_only(is_miner),
            cartel_miner=read_only(in_cartel & member),
            cartel_self_weight=rules.scenario.cartel.self_weight,
            cartel_vote_rule=rules.scenario.cartel.vote_rule,
            memory=recall(state, cohort),
        )
        vote = ask(cohort, "vote", view, seed)
        check_vote(vote, view.measured_weight, cohort, public.epoch, (n_subnets, len(cohort.seat), n_uids))
        if len(cohort.seat) == n_validators and vote.weight is view.measured_weight:
            weight = measured
        else:
            weight[:, cohort.seat] = vote.weight
        remember(state, cohort, vote.memory, public.epoch)
    if population.vacant.any():
        weight = np.where(population.vacant[:, np.newaxis], 0.0, weight)
    return weight


def _measured(cohort: Cohort, public: PublicView, output: Output, rules: Rules, key: int) -> FloatArray:
    """Weights that honest validators in the cohort's seats would submit; no rows if it does not measure."""
    strategy: ValidatorStrategy = cohort.strategy  # type: ignore[assignment]
    if not strategy.MEASURES:
        n_subnets, n_uids, _ = output.claimed.shape
        return np.zeros((n_subnets, 0, n_uids))
    scored_weight = rules.reward_weight
    if isinstance(strategy, OwnScale):
        scored_weight = answer_of(cohort, public.epoch, "score_weight", public)
        check_array(scored_weight, "score_weight", cohort, public.epoch, rules.reward_weight.shape)
    return honest_weight(
        rules.score,
        rules.pay,
        output.claimed,
        scored_weight,
        rules.measurement_noise,
        key,
        cohort.seat,
        output.barred,
        first_uid=rules.scenario.subnets.n_validators,
    )


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


def scores(output: Output, rules: Rules) -> FloatArray:
    """What each uid's claims score without noise, 0 for those caught or barred, (subnet, uid)."""
    score = true_score(rules.score, output.claimed, rules.reward_weight)
    return np.where(output.barred, 0.0, score)


def _best_of_others(score: FloatArray) -> FloatArray:
    """Best score of a subnet's other uids, for each uid, (subnet, uid)."""
    leader = np.arange(score.shape[1]) == np.argmax(score, axis=1)[:, np.newaxis]
    second = np.where(leader, 0.0, score).max(axis=1, keepdims=True)
    return np.where(leader, second, score.max(axis=1, keepdims=True))
