"""Asking the strategies: each cohort gets its view and its own random stream, and its answer is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.observation import (
    Delegation,
    MinerAction,
    MinerView,
    NominatorView,
    OwnerView,
    OwnScale,
    PublicView,
    ValidatorStrategy,
    ValidatorView,
    Vote,
)
from model import hardware
from model.bounds import shown
from model.population import Cohort, Population
from model.randomness import stream, stream_key
from model.reward_rules.rule import honest_weight, true_score
from model.rules import Rules
from model.state import State
from model.units import BoolArray, FloatArray, IntArray, to_tao

View = MinerView | ValidatorView | NominatorView | OwnerView

LARGEST_POWER = 1e290  # of a score ** decisiveness; a subnet's sum of them is still finite


class StrategyError(RuntimeError):
    """A strategy raised, or its answer is no action; the message names the cohort, the epoch and the error or rule."""


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
    _check_action(action, cohort, view.public.epoch, view.resource.shape)
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
        _check_vote(vote, view.measured_weight, cohort, public.epoch, (n_subnets, len(cohort.seat), n_uids))
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
        scored_weight = _answer(cohort, public.epoch, "score_weight", public)
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
        _check_delegation(answer, cohort, public.epoch, view.delegate.shape, n_validators)
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


def ask(cohort: Cohort, verb: str, view: View, seed: int) -> Any:
    """Answer of the cohort's strategy to its view, with its own random stream.

    Raises
    ------
    StrategyError
        If the strategy raises anything.
    """
    epoch = view.public.epoch
    return _answer(cohort, epoch, verb, view, stream(seed, cohort.name, verb, epoch))


def _answer(cohort: Cohort, epoch: int, verb: str, *given: object) -> Any:
    try:
        return getattr(cohort.strategy, verb)(*given)
    except Exception as error:  # a strategy may be anybody's code
        raise StrategyError(f"{cohort.name} in epoch {epoch}: {told(error)}") from error


def told(error: BaseException) -> str:
    """Type and text of an error, on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def recall(state: State, cohort: Cohort) -> dict[str, np.ndarray]:
    return {name: read_only(array) for name, array in state.memory.get(cohort.name, {}).items()}


def remember(state: State, cohort: Cohort, memory: Mapping[str, np.ndarray], epoch: int) -> None:
    """Keep what the cohort wants to see again in the next epoch."""
    if not isinstance(memory, Mapping) or not all(isinstance(array, np.ndarray) for array in memory.values()):
        where = f"{cohort.name} in epoch {epoch}"
        raise StrategyError(f"{where}: memory must hold arrays by name, is {shown(memory)}")
    state.memory[cohort.name] = dict(memory)


def read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.setflags(write=False)
    return view


def _check_action(action: MinerAction, cohort: Cohort, epoch: int, shape: tuple[int, ...]) -> None:
    check_kind(action, MinerAction, cohort, epoch)
    check_array(action.resource, "resource", cohort, epoch, shape)
    check_array(action.claim_factor, "claim_factor", cohort, epoch, shape[:1], np.shape(action.claim_factor) == ())


def _check_vote(vote: Vote, measured: FloatArray, cohort: Cohort, epoch: int, shape: tuple[int, ...]) -> None:
    check_kind(vote, Vote, cohort, epoch)
    if vote.weight is not measured:
        check_array(vote.weight, "weight", cohort, epoch, shape)


def check_kind(answer: object, kind: type, cohort: Cohort, epoch: int) -> None:
    if not isinstance(answer, kind):
        where = f"{cohort.name} in epoch {epoch}"
        raise StrategyError(f"{where}: the answer must be of type {kind.__name__}, is {shown(answer)}")


def check_array(
    array: FloatArray | float, name: str, cohort: Cohort, epoch: int, shape: tuple[int, ...], single: bool = False
) -> None:
    """Pass if the array, or the single number, holds finite numbers >= 0 and has the shape."""
    where = f"{cohort.name} in epoch {epoch}"
    try:
        given = np.asarray(array)
    except ValueError as error:
        raise StrategyError(f"{where}: {name} must be an array: {error}") from error
    if given.shape != shape and not single:
        raise StrategyError(f"{where}: {name} must have shape {shape}, has {given.shape}")
    if given.dtype.kind not in "fiu":
        raise StrategyError(f"{where}: {name} must hold numbers, holds {given.dtype}")
    # The least and the largest entry tell, and NaN is passed on to both.
    if given.size and not (given.min() >= 0 and given.max() < np.inf):
        bad = given[~((given >= 0) & (given < np.inf))][0]
        raise StrategyError(f"{where}: {name} must be finite and >= 0, has {bad}")


def _check_delegation(
    answer: Delegation, cohort: Cohort, epoch: int, shape: tuple[int, ...], n_validators: int
) -> None:
    check_kind(answer, Delegation, cohort, epoch)
    chosen = np.asarray(answer.delegate)
    whole = chosen.shape == shape and chosen.dtype.kind in "iu"
    if not whole or chosen.min(initial=0) < 0 or chosen.max(initial=0) >= n_validators:
        raise StrategyError(
            f"{cohort.name} in epoch {epoch}: delegate must be a validator's number in [0, {n_validators}) "
            f"for each of {shape}"
        )
