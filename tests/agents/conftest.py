"""Worlds small enough to know the answer: one capability, no noise, no skill, pots of a stated size."""

from dataclasses import replace

import numpy as np
import pytest

from agents.observation import MinerView, PublicView
from model.economy import Economy
from model.epoch import pay
from model.world.maths import MATHS

PLAIN = {
    "capabilities": ["speed"],
    "subnets__n_validators": 1,
    "reward__capability_weight": {"speed": 1.0},
    "value__capability_weight": {"speed": 1.0},
    "reward__measurement_noise": 0.0,
    "miners__unit_cost_tao": {"speed": 1.0},
    "miners__productivity": {"speed": 1.0},
    "miners__skill_sd": 0.0,
    "miners__purse_tao": 10_000.0,
    "validators__mix": {"honest": 1.0},
}


def with_pots(pots_tao, **values):
    """Economy in which the miners' pot of each subnet is worth this many TAO."""
    world = PLAIN | {"subnets__count": len(pots_tao)} | values
    at_price_one = Economy("speed-or-quality", **world | {"market__price_tao_per_alpha": 1.0})
    pot_alpha = pay.expected_miner_pot_alpha(at_price_one.state, at_price_one.rules)
    price = [pot_tao / alpha for pot_tao, alpha in zip(pots_tao, pot_alpha, strict=True)]
    return Economy("speed-or-quality", **world | {"market__price_tao_per_alpha": price})


@pytest.fixture
def congestion():
    """Maker of congestion games: miners with a TAO each, at home in every subnet, who all play one strategy."""

    def make(strategy, n_miners, pots_tao, rng=None, **parameters):
        return with_pots(
            pots_tao,
            rng=rng,
            subnets__n_miners=n_miners,
            miners__presence="every_subnet",
            miners__budget_tao=1.0,
            miners__mix={strategy: 1.0},
            miners__parameters={strategy: parameters | {"spend_share": 1e3}},
        )

    return make


@pytest.fixture
def contest():
    """Maker of contests: miners in one subnet who play one strategy, or the strategies of a mix, for one pot."""

    def make(strategy, n_miners, pot_tao, *, world=None, **parameters):
        mix = strategy if isinstance(strategy, dict) else {strategy: 1.0}
        given = {} if isinstance(strategy, dict) else {strategy: parameters}
        return with_pots(
            [pot_tao],
            **{"subnets__n_miners": n_miners, "miners__mix": mix, "miners__parameters": given} | (world or {}),
        )

    return make


@pytest.fixture
def spend_share():
    """Player of an economy: shares of spending by subnet, epoch after epoch, (epoch, subnet)."""

    def play(economy, n_epochs):
        history = []
        for _ in range(n_epochs):
            economy.step()
            spend_tao = economy.records.subnets.last("spend_tao")
            history.append(spend_tao / spend_tao.sum())
        return np.array(history)

    return play


@pytest.fixture
def resource():
    """Player of an economy: hardware of the first subnet's miners, epoch after epoch, (epoch, miner, capability)."""

    def play(economy, n_epochs):
        history = []
        for _ in range(n_epochs):
            economy.step()
            history.append(economy.state.resource[0, economy.rules.scenario.subnets.n_validators :].copy())
        return np.array(history)

    return play


@pytest.fixture
def seats():
    """Finder of who plays a strategy: their places among the first subnet's miners, ascending."""

    def find(economy, strategy):
        first = economy.rules.scenario.subnets.n_validators
        return np.flatnonzero(economy.population.strategy[economy.population.holder[0, first:]] == strategy)

    return find


@pytest.fixture
def lone_miner():
    """Maker of views of one miner in several subnets, without rivals, that has `budget_tao` to put into one of them."""

    def make(pot_tao, budget_tao=1e-6, earned_tao=0.0, spend_tao=0.0, memory=None):
        n_subnets = len(pot_tao)
        ones, nothing = np.ones((n_subnets, 1)), np.zeros(n_subnets)
        public = PublicView(
            maths=MATHS,
            epoch=0,
            capability=("speed",),
            cost_exponent=1.0,
            hardware="rented",
            score="linear",
            pay="proportional",
            block=0,
            tempo_blocks=360,
            score_parameters={},
            pay_parameters={},
            audit_rate=np.zeros(n_subnets),
            fine_tao=0.0,
            detection_share=0.8,
            confiscates=True,
            exclusion_epochs=0,
            reentry_fee_tao=0.0,
            burn_share=np.zeros(n_subnets),
            registration_price_tao=np.ones(n_subnets),
            identity_cost_tao=0.0,
            registered_block=np.zeros((n_subnets, 2), dtype=np.int64),
            caught=np.zeros((n_subnets, 2), dtype=bool),
            excluded_until=np.zeros((n_subnets, 2), dtype=np.int64),
            validator_stake_alpha=np.ones((n_subnets, 1)),
            validator_root_tao=np.zeros(1),
            weight=np.zeros((n_subnets, 1, 2)),
            incentive_share=np.zeros((n_subnets, 2)),
            miner_score=np.zeros((n_subnets, 1)),
            decisiveness=np.ones(n_subnets),
            substitution_exponent=np.ones(n_subnets),
            reward_weight=ones,
            value_weight=ones,
            pot_tao=np.asarray(pot_tao, dtype=float),
            paid_ratio=np.ones(n_subnets),
            price_tao_per_alpha=np.ones(n_subnets),
            n_miners=np.ones(n_subnets, dtype=np.int64),
            consensus=np.zeros((n_subnets, 2)),
            miner_claimed=np.zeros((n_subnets, 1, 1)),
            miner_earned_tao=np.zeros((n_subnets, 1)),
        )
        view = MinerView(
            public=public,
            slot_subnet=np.arange(n_subnets),
            slot_miner=np.zeros(n_subnets, dtype=np.int64),
            unit_cost_tao=ones,
            productivity=ones,
            resource=(nothing + spend_tao)[:, np.newaxis],
            stock=np.zeros((1, 1)),
            score=nothing,
            rival_power=nothing,
            rival_score=nothing,
            incentive_share=nothing,
            earned_tao=nothing + earned_tao,
            paid_ratio=np.ones(n_subnets),
            audited=np.zeros(n_subnets, dtype=bool),
            budget_tao=np.array([budget_tao]),
            merit_share=0.0,
            barred=np.zeros(n_subnets, dtype=bool),
            known=np.zeros(n_subnets, dtype=bool),
        )
        return replace(view, memory=memory or {}, known=np.full(n_subnets, bool(memory)))

    return make
