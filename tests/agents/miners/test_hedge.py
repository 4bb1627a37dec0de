"""Hedge: near Nash where there is a pure one, restless where there is none, and never far behind the best action."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.allocation import softmax_within_miner
from agents.miners.hedge import Hedge
from model.epoch.asking import draws_for

POTS = (50.0, 30.0, 15.0, 5.0)
PERSON = np.zeros(1, np.uint64)


def test_heads_are_shared_as_the_pots_are(congestion, spend_share):
    path = spend_share(congestion("hedge", 128, POTS, learning_rate=4.0), 120)
    assert path[60:].mean(axis=0) == pytest.approx([0.4998, 0.3000, 0.1500, 0.0502], abs=0.01)


def test_each_miner_is_in_one_subnet_at_a_time(congestion):
    economy = congestion("hedge", 16, POTS)
    economy.step()
    assert ((economy.state.resource[:, 1:, 0] > 0).sum(axis=0) == 1).all()
    assert economy.state.resource.sum() == pytest.approx(16)


def mean_level(economy, n_epochs):
    """Mean spending level that each miner's weights prefer, epoch after epoch, (epoch, miner)."""
    history = []
    for _ in range(n_epochs):
        economy.step()
        log_weight = economy.state.memory["miner/hedge"]["log_weight"]
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        level = np.arange(1, weight.shape[1] + 1) / weight.shape[1]
        history.append((weight * level).sum(axis=1) / weight.sum(axis=1))
    return np.array(history)


@pytest.mark.parametrize("n_miners", [2, 3])
def test_it_settles_for_proportional_pay_and_not_for_winner_take_all(contest, n_miners):
    parameters = {"learning_rate": 5.0, "n_levels": 10, "spend_share": float(n_miners)}
    settled = contest("hedge", n_miners, 10.0, **parameters)
    restless = contest("hedge", n_miners, 10.0, world={"reward__pay": "winner_take_all"}, **parameters)
    calm, storm = mean_level(settled, 80)[40:], mean_level(restless, 80)[40:]
    # The equilibrium effort V (n - 1) / n**2 lies within a step of the level that they end at.
    assert np.ptp(calm, axis=0).max() < 0.05
    assert calm[-1] == pytest.approx(np.full(n_miners, (n_miners - 1) / n_miners**2), abs=0.1)
    assert np.ptp(storm, axis=0).max() > 0.3


def test_winner_take_all_burns_the_pot(contest):
    economy = contest(
        "hedge", 2, 10.0, world={"reward__pay": "winner_take_all"}, learning_rate=1.0, n_levels=40, spend_share=2.0
    )
    spend_tao = []
    for _ in range(130):
        economy.step()
        spend_tao.append(economy.records.epochs.last("spend_tao")[0])
    assert np.mean(spend_tao[30:]) == pytest.approx(10, rel=0.15)


def test_regret_stays_below_its_bound(lone_miner):
    n_epochs, n_actions = 400, 10
    strategy = Hedge(learning_rate=np.sqrt(8 * np.log(n_actions) / n_epochs))
    chance, first = default_rng(2), lone_miner(np.ones(n_actions))
    memory = strategy.decide(first, draws_for(first, PERSON, 0)).memory
    got, offered = 0.0, np.zeros(n_actions)
    for epoch in range(n_epochs):
        # Half of the actions pay, and one of them always, so that the scale of gains stays at 1.
        gain = (chance.random(n_actions) < 0.5).astype(float)
        gain[chance.integers(n_actions)] = 1.0
        view = lone_miner(gain, memory=memory)
        got += float(softmax_within_miner(view, memory["log_weight"])[:, 0] @ gain)
        offered += gain
        memory = strategy.decide(view, draws_for(view, PERSON, 1 + epoch)).memory
    assert offered.max() - got <= np.sqrt(n_epochs * np.log(n_actions) / 2)
    assert memory["log_weight"].max() == pytest.approx(strategy.learning_rate * offered.max(), rel=1e-4)
