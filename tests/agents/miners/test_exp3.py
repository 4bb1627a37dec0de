"""Exp3: it finds its way by trial, more slowly, and its regret stays below the bound."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.miners.exp3 import Exp3
from model.epoch.asking import draws_for

PERSON = np.zeros(1, np.uint64)


def test_heads_drift_to_the_shares_of_the_pots(congestion, spend_share):
    paths = [
        spend_share(congestion("exp3", 8, (9.0, 3.0), rng=seed, exploration=0.3), 240)[:, 0] for seed in range(1, 4)
    ]
    assert np.mean(paths, axis=0)[:20].mean() == pytest.approx(0.5, abs=0.05)
    assert np.mean(paths, axis=0)[140:].mean() == pytest.approx(0.75, abs=0.05)


def test_regret_against_the_best_arm_stays_below_its_bound(lone_miner):
    n_epochs, n_arms = 3000, 5
    exploration = np.sqrt(n_arms * np.log(n_arms) / ((np.e - 1) * n_epochs))
    strategy, chance = Exp3(exploration=exploration), default_rng(2)
    memory, earned_tao, spend_tao = {}, np.zeros(n_arms), np.zeros(n_arms)
    got, offered = 0.0, np.zeros(n_arms)
    for epoch in range(n_epochs):
        # All pots are 1, which is the scale of gains; what was earned comes from the chances of the arms.
        view = lone_miner(np.ones(n_arms), earned_tao=earned_tao, spend_tao=spend_tao, memory=memory)
        action = strategy.decide(view, draws_for(view, PERSON, epoch))
        chosen = action.resource[:, 0] > 0
        gain = (chance.random(n_arms) < np.array([0.1, 0.1, 0.1, 0.1, 0.8])).astype(float)
        got += gain[chosen].sum()
        offered += gain
        earned_tao, spend_tao, memory = np.where(chosen, gain, 0.0), action.resource[:, 0], action.memory
    bound = 2.63 * np.sqrt(n_epochs * n_arms * np.log(n_arms))
    assert offered.max() - got <= bound < offered.max() - offered.mean()


def test_one_choice_is_marked_with_the_inverse_of_its_probability(lone_miner):
    view = lone_miner(np.ones(4))
    memory = Exp3(exploration=1.0).decide(view, draws_for(view, PERSON, 3)).memory
    assert sorted(memory["played"].ravel().tolist()) == [0, 0, 0, 4]
