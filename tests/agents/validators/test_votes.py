"""What validators vote: honest ones their readings, the cartel for itself, the copier the last consensus."""

from dataclasses import replace

import numpy as np
import pytest

from agents.observation import PublicView, ValidatorView
from agents.strategies import VALIDATORS
from model.epoch.asking import draws_for
from model.world.maths import MATHS


def seen(measured_weight, cartel_miner=(False,) * 4, self_weight=1.0, consensus=(0.0,) * 4, rule="self_weight"):
    """View of validators, uid 0, of one subnet with miners at uids 1 to 3."""
    public = PublicView(
        maths=MATHS,
        epoch=3,
        capability=("speed",),
        cost_exponent=1.0,
        hardware="rented",
        score="linear",
        pay="proportional",
        block=0,
        tempo_blocks=360,
        score_parameters={},
        pay_parameters={},
        audit_rate=np.zeros(1),
        fine_tao=0.0,
        detection_share=0.8,
        confiscates=True,
        exclusion_epochs=0,
        reentry_fee_tao=0.0,
        burn_share=np.zeros(1),
        registration_price_tao=np.ones(1),
        identity_cost_tao=0.0,
        registered_block=np.zeros((1, 4), dtype=np.int64),
        caught=np.zeros((1, 4), dtype=bool),
        excluded_until=np.zeros((1, 4), dtype=np.int64),
        validator_stake_alpha=np.ones((1, 1)),
        validator_root_tao=np.zeros(1),
        weight=np.zeros((1, 1, 4)),
        incentive_share=np.zeros((1, 4)),
        miner_score=np.zeros((1, 3)),
        decisiveness=np.ones(1),
        substitution_exponent=np.ones(1),
        reward_weight=np.ones((1, 1)),
        value_weight=np.ones((1, 1)),
        pot_tao=np.ones(1),
        paid_ratio=np.ones(1),
        price_tao_per_alpha=np.ones(1),
        n_miners=np.array([3]),
        consensus=np.array([consensus]),
        miner_claimed=np.zeros((1, 3, 1)),
        miner_earned_tao=np.zeros((1, 3)),
    )
    weight = np.array([measured_weight], dtype=float)
    return ValidatorView(
        public=public,
        row_validator=np.arange(weight.shape[1]),
        measured_weight=weight,
        earned_tao=np.zeros((1, weight.shape[1])),
        miner=np.array([[False, True, True, True]]),
        cartel_miner=np.array([cartel_miner]),
        cartel_self_weight=self_weight,
        cartel_vote_rule=rule,
    )


def cast(strategy, view):
    return strategy.vote(view, draws_for(view, np.arange(len(view.row_validator), dtype=np.uint64), 0))


def vote(name, view):
    return cast(VALIDATORS.build(name), view).weight[0]


def test_the_honest_validator_says_what_it_saw():
    assert vote("honest", seen([[0, 0.2, 0.3, 0.5]])).tolist() == [[0, 0.2, 0.3, 0.5]]


def test_the_copier_repeats_the_last_consensus_whatever_it_might_have_seen():
    view = seen(np.zeros((2, 4)), consensus=(0.0, 0.6, 0.4, 0.0))
    assert vote("weight_copier", view).tolist() == [[0.0, 0.6, 0.4, 0.0]] * 2


INSIDE = (False, False, True, True)


@pytest.mark.parametrize("self_weight", [0.0, 0.4, 1.0])
def test_the_cartel_splits_its_weight_as_agreed_and_by_merit_inside_each_group(self_weight):
    row = vote("colluding", seen([[0, 0.2, 0.2, 0.6]], INSIDE, self_weight))[0]
    assert row == pytest.approx([0, 1 - self_weight, self_weight * 0.25, self_weight * 0.75])


def test_a_group_that_scored_nothing_is_weighted_equally():
    assert vote("colluding", seen([[0, 1, 0, 0]], INSIDE, 0.5))[0] == pytest.approx([0, 0.5, 0.25, 0.25])


@pytest.mark.parametrize("rule", ["self_weight", "even_split", "within_consensus"])
@pytest.mark.parametrize("self_weight", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("measured", [[0, 0.2, 0.3, 0.5], [0, 0, 0, 0]])
def test_where_none_of_its_miners_sits_a_cartel_votes_like_everybody_else(measured, self_weight, rule):
    assert vote("colluding", seen([measured], self_weight=self_weight, rule=rule))[0].tolist() == measured


@pytest.mark.parametrize(("rule", "row"), [("self_weight", [0, 0.2, 0.3, 0.5]), ("even_split", [0, *[1 / 3] * 3])])
def test_where_nobody_else_sits_its_miners_get_everything(rule, row):
    view = seen([[0, 0.2, 0.3, 0.5]], (False, True, True, True), self_weight=0.4, rule=rule)
    assert vote("colluding", view)[0] == pytest.approx(row)


@pytest.mark.parametrize(
    ("consensus", "own"), [((0, 0.7, 0.2, 0.1), 0.3), ((0, 0, 0.5, 0.5), 0.9), ((0, 0, 0, 0), 0.9)]
)
def test_within_consensus_the_cartel_takes_what_the_last_one_let_through_and_no_more_than_agreed(consensus, own):
    view = seen([[0, 0.2, 0.2, 0.6]], INSIDE, self_weight=0.9, consensus=consensus, rule="within_consensus")
    assert vote("colluding", view)[0] == pytest.approx([0, 1 - own, own * 0.25, own * 0.75])


def test_an_even_split_knows_no_merit_inside_the_cartel():
    view = seen([[0, 0.2, 0.2, 0.6]], INSIDE, self_weight=0.8, rule="even_split")
    assert vote("colluding", view)[0] == pytest.approx([0, 0.2, 0.4, 0.4])


def test_a_copier_with_a_delay_repeats_older_consensus_and_abstains_before_there_is_any():
    strategy, memory, votes = VALIDATORS.build("weight_copier", {"delay_epochs": 3}), {}, []
    for epoch in range(6):
        view = replace(seen(np.zeros((1, 4)), consensus=(0.0, float(epoch), 0.0, 0.0)), memory=memory)
        answer = cast(strategy, view)
        memory = answer.memory
        votes.append(answer.weight[0, 0, 1])
    assert votes == [0, 0, 0, 1, 2, 3]
