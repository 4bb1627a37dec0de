"""The nominator that follows the yield: it leaves those who pay less, and only them."""

import numpy as np
import pytest

from agents.nominators.follow_yield import FollowYield
from agents.observation import NominatorView
from model.economy import Economy
from model.epoch.asking import draws_for


@pytest.fixture
def view(lone_miner):
    return NominatorView(
        public=lone_miner([1.0, 1.0]).public,
        row_nominator=np.arange(3),
        delegate=np.array([[0, 0], [1, 1], [2, 2]]),
        stake_alpha=np.ones((3, 2)),
        yield_share=np.array([[0.10, 0.20, 0.20], [0.0, 0.0, 0.0]]),
    )


def chosen_by(strategy, view, seed=0):
    return strategy.delegate(view, draws_for(view, np.arange(3, dtype=np.uint64), seed)).delegate


def test_a_restless_one_goes_to_the_best_and_stays_among_equals(view):
    chosen = chosen_by(FollowYield(inertia_share=0.0, least_gain_share=0.0), view)
    assert chosen.tolist() == [[1, 0], [1, 1], [2, 2]]


def test_a_gain_too_small_or_full_inertia_moves_nobody(view):
    for strategy in (FollowYield(inertia_share=0.0, least_gain_share=1.5), FollowYield(inertia_share=1.0)):
        assert chosen_by(strategy, view).tolist() == view.delegate.tolist()


def test_inertia_is_the_share_of_stakes_that_stay(view):
    strategy = FollowYield(inertia_share=0.7)
    moved = [chosen_by(strategy, view, seed)[0, 0] == 1 for seed in range(1000)]
    assert np.mean(moved) == pytest.approx(0.3, abs=0.04)


def test_stake_leaves_validators_who_disagree_with_the_majority():
    def played(strategy, parameters):
        economy = Economy(
            "speed-or-quality",
            subnets__count=2,
            subnets__n_validators=8,
            subnets__n_miners=8,
            validators__mix={"honest": 0.75, "speed_biased": 0.25},
            nominators__count=16,
            nominators__mix={strategy: 1.0},
            nominators__parameters=parameters,
            reward__measurement_noise=0.0,
            market__price_tao_per_alpha=0.02,
        )
        for _ in range(40):
            economy.step()
        return economy.state.delegate

    assert (played("loyal", {}) >= 6).mean() == 0.25
    assert (played("follow_yield", {"follow_yield": {"inertia_share": 0.6}}) >= 6).mean() == 0
