"""Miners whose effort is a fixed share of an equal split: honest, speed, cheater; and the cartel's miner."""

import numpy as np
import pytest

from model.economy import Economy

WORLD = {
    "subnets__count": 2,
    "subnets__n_validators": 4,
    "subnets__n_miners": 6,
    "miners__skill_sd": 0.0,
    "reward__measurement_noise": 0.0,
    "market__kind": "fixed_price",
    "market__price_tao_per_alpha": [0.1, 0.02],
    "market__demand_tao": 0.0,
    "value__capability_weight": {"speed": 0.2, "quality": 0.5, "storage": 0.3},
    "nominators__count": 0,
}


def played(epochs=1, **values):
    economy = Economy("gamed", **WORLD | values)
    for _ in range(epochs):
        economy.step()
    return economy


def spent_tao(economy):
    """Spending of each miner, (subnet, miner, capability)."""
    return (economy.state.resource * economy.population.unit_cost_tao)[:, 4:]


def plays(economy, strategy):
    """Whether each miner of a subnet plays `strategy`, (miner,); the same in every subnet."""
    return economy.population.strategy[economy.population.holder[0, 4:]] == strategy


POT_TAO = 360 * (1 - 11_796 / 65_535) / 2 * np.array([0.1, 0.02])


def test_the_honest_miner_spends_its_share_in_the_mix_that_users_value():
    spent = spent_tao(played(miners__mix={"honest": 1.0}))
    assert spent.sum(axis=2) == pytest.approx(np.tile(0.9 * POT_TAO[:, np.newaxis] / 6, (1, 6)))
    assert spent / spent.sum(axis=2, keepdims=True) == pytest.approx(np.tile([0.2, 0.5, 0.3], (2, 6, 1)))


def test_the_honest_miner_does_not_care_what_is_scored():
    one, other = (
        spent_tao(played(miners__mix={"honest": 1.0}, reward__capability_weight=weight))
        for weight in ({"speed": 1.0, "quality": 0.0, "storage": 0.0}, {"speed": 0.0, "quality": 0.0, "storage": 1.0})
    )
    assert (one == other).all()


def test_the_fast_miner_puts_nine_tenths_into_speed():
    spent = spent_tao(played(miners__mix={"speed": 1.0}))
    assert spent / spent.sum(axis=2, keepdims=True) == pytest.approx(np.tile([0.9, 0.05, 0.05], (2, 6, 1)))


def test_the_fast_miner_does_nothing_where_there_is_no_speed():
    one = {"quality": 1.0}
    tables = ("reward__capability_weight", "value__capability_weight", "miners__unit_cost_tao", "miners__productivity")
    economy = played(miners__mix={"speed": 1.0}, capabilities=["quality"], **dict.fromkeys(tables, one))
    assert not spent_tao(economy).any()


def test_the_cheater_earns_like_one_who_did_what_it_claims():
    same = {"spend_share": 0.9}
    economy = played(
        miners__mix={"honest": 0.5, "cheater": 0.5},
        miners__parameters={"cheater": same | {"claim_factor": 2.0}},
        reward__score="linear",
    )
    share, honest, cheater = economy.state.incentive_share[0, 4:], plays(economy, "honest"), plays(economy, "cheater")
    assert share[cheater] / share[honest] == pytest.approx([2.0] * 3)
    assert (spent_tao(economy)[:, honest] == spent_tao(economy)[:, cheater]).all()


@pytest.mark.parametrize("merit", [0.1, 0.3, 0.6])
def test_the_cartels_miners_score_their_merit_share_of_the_subnet(merit):
    economy = played(
        epochs=4,
        miners__mix={"honest": 0.5, "colluding": 0.5},
        cartel__merit_share=merit,
        miners__purse_tao=1000.0,
    )
    score = economy.state.score[:, 4:]
    assert score[:, plays(economy, "colluding")].sum(axis=1) / score.sum(axis=1) == pytest.approx([merit] * 2)


@pytest.mark.parametrize("merit", [0.0, 0.3])
def test_where_all_are_in_the_cartel_its_miners_go_on_with_what_they_spent_at_first(merit):
    # Skills differ, so that the powers of all add up to the cartel's only but for rounding.
    spent = [
        spent_tao(played(epochs, miners__mix={"colluding": 1.0}, miners__skill_sd=0.5, cartel__merit_share=merit)).sum()
        for epochs in (1, 2, 3, 4)
    ]
    assert spent[0] == pytest.approx(0.3 * POT_TAO.sum(), rel=1e-2)
    assert spent == pytest.approx([spent[0]] * 4, rel=1e-2)


def test_an_equal_share_is_the_pot_over_the_miners():
    economy = played(miners__mix={"honest": 1.0}, miners__parameters={"honest": {"spend_share": 1.0}})
    assert spent_tao(economy).sum(axis=(1, 2)) == pytest.approx(POT_TAO)
