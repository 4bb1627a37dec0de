"""The evaluate phase: validators measure what miners claim, or copy, or collude, and submit weights."""

from dataclasses import replace

import numpy as np

from agents.observation import OwnScale, PublicView, ValidatorStrategy, ValidatorView
from model.epoch.asking import answer_of, ask, check_array, check_vote, read_only, recall, remember
from model.epoch.produce import Output
from model.reward_rules.rule import honest_weight
from model.units import FloatArray
from model.world.population import Cohort, Population
from model.world.randomness import capability_order, stream_key
from model.world.rules import Rules
from model.world.state import State


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
        measured = read_only(_measured(cohort, public, output, rules, key))
        member = bool(population.cartel[cohort.member].all())
        view = ValidatorView(
            public=public,
            row_validator=read_only(cohort.seat),
            measured_weight=measured,
            earned_tao=read_only(state.earned_tao[:, cohort.seat]),
            miner=read_only(is_miner),
            cartel_miner=read_only(in_cartel & member),
            cartel_self_weight=rules.scenario.cartel.self_weight if member else 0.0,
            cartel_vote_rule=rules.scenario.cartel.vote_rule if member else "",
        )
        voted = [_vote(one, row, view, state, seed) for row, one in enumerate(_each_alone(cohort))]
        if any(vote is not None for vote in voted):
            weight[:, cohort.seat] = np.concatenate(
                [measured[:, row : row + 1] if vote is None else vote for row, vote in enumerate(voted)], axis=1
            )
        elif len(cohort.seat) == n_validators:
            weight = measured
        else:
            weight[:, cohort.seat] = measured
    if population.vacant.any():
        weight = np.where(population.vacant[:, np.newaxis], 0.0, weight)
    state.weight = weight
    return weight


def _each_alone(cohort: Cohort) -> list[Cohort]:
    """The cohort's validators, each for itself."""
    return [
        replace(
            cohort,
            member=cohort.member[row : row + 1],
            seat=cohort.seat[row : row + 1],
            seat_member=cohort.seat_member[:1],
            person_key=cohort.person_key[row : row + 1],
        )
        for row in range(len(cohort.seat))
    ]


def _vote(validator: Cohort, row: int, together: ValidatorView, state: State, seed: int) -> FloatArray | None:
    """Weights that a validator submits, (subnet, 1, uid), or None where they are just what it measured.

    It is asked alone, with a copy, so that it can't read what others of its strategy have measured.

    Parameters
    ----------
    row : int
        Its row in what they measured together.
    together : ValidatorView
        View of all of them.
    """
    own_memory = f" {validator.seat[0]}"
    view = replace(
        together,
        row_validator=read_only(validator.seat.copy()),
        measured_weight=read_only(together.measured_weight[:, row : row + 1].copy()),
        earned_tao=read_only(together.earned_tao[:, row : row + 1].copy()),
        memory=recall(state, validator, own_memory),
    )
    vote = ask(validator, "vote", view, seed)
    n_subnets, n_uids = together.miner.shape
    check_vote(vote, view.measured_weight, validator, view.public.epoch, (n_subnets, 1, n_uids))
    remember(state, validator, vote.memory, view.public.epoch, own_memory)
    return None if vote.weight is view.measured_weight else vote.weight


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
    order = capability_order(public.capability)
    return honest_weight(
        rules.score,
        rules.pay,
        output.claimed[:, :, order],
        scored_weight[:, order],
        rules.measurement_noise[:, order],
        key,
        cohort.seat,
        output.barred,
        first_uid=rules.scenario.subnets.n_validators,
    )
