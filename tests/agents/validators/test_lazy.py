"""The lazy validator: old weights between measurements, and worse off where the world moves."""

from dataclasses import replace

import numpy as np
import pytest

from agents.observation import ValidatorView
from agents.validators.lazy import Lazy
from model.economy import Economy
from model.epoch.asking import draws_for


@pytest.fixture
def votes(lone_miner):
    """Votes of a cohort of two over some epochs in which each epoch is measured as its number."""

    def cast(strategy, n_epochs):
        memory, history = {}, []
        public = lone_miner([1.0]).public
        for epoch in range(n_epochs):
            view = ValidatorView(
                public=replace(public, epoch=epoch),
                row_validator=np.arange(2),
                measured_weight=np.full((1, 2, 3), 1.0 + epoch),
                earned_tao=np.zeros((1, 2)),
                miner=np.array([[False, False, True]]),
                cartel_miner=np.zeros((1, 3), dtype=bool),
                cartel_self_weight=1.0,
                cartel_vote_rule="self_weight",
                memory=memory,
            )
            vote = strategy.vote(view, draws_for(view, np.arange(2, dtype=np.uint64), 0))
            memory = vote.memory
            history.append(vote.weight[0, 0, 0])
        return history

    return cast


def test_it_repeats_what_it_measured_until_the_period_is_over(votes):
    assert votes(Lazy(period_epochs=3), 8) == [1, 1, 1, 4, 4, 4, 7, 7]
    assert votes(Lazy(period_epochs=1), 4) == [1, 2, 3, 4]


def test_old_weights_earn_less_where_miners_move():
    economy = Economy(
        "speed-or-quality",
        subnets__count=2,
        validators__mix={"honest": 0.75, "lazy": 0.25},
        validators__parameters={"lazy": {"period_epochs": 25}},
        miners__mix={"hopper": 1.0},
        miners__presence="every_subnet",
        reward__measurement_noise=0.0,
        market__price_tao_per_alpha=0.02,
    )
    for _ in range(40):
        economy.step()
    dividend = economy.state.dividend_share
    assert dividend[:, 12:16].max() < dividend[:, :12].min()
