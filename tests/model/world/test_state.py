"""The world at its start: every token counted, stakes as the scenario says, draws of their own."""

import numpy as np
import pytest

from model.scenario.scenario import Scenario
from model.scenario.scenario_file import find, shipped, with_values
from model.world.population import found
from model.world.state import begin

WORLD = with_values(
    Scenario(),
    {
        "subnets.count": 2,
        "subnets.n_validators": 8,
        "subnets.n_miners": 4,
        "validators.stake_sd": 1.0,
        "validators.root_stake_tao": 50.0,
        "nominators.count": 11,
        "market.price_tao_per_alpha": [0.5, 0.02],
    },
)


def start(scenario, seed=1):
    return begin(scenario, found(scenario, seed), seed)


@pytest.mark.parametrize("name", shipped())
def test_every_token_is_accounted_for_at_the_start(name):
    state = start(find(name))
    assert state.tao_held_rao() == state.issuance_rao
    assert (state.alpha_held_rao() == state.alpha_issuance_rao).all()
    assert state.outside_tao_rao >= 0


def test_the_pool_opens_at_the_price_asked_for():
    state = start(WORLD)
    assert state.tao_reserve_rao / state.alpha_reserve_rao == pytest.approx([0.5, 0.02], rel=1e-12)
    assert state.price_ema.tolist() == [0.5, 0.02]


def test_a_fixed_price_needs_no_alpha_in_the_pool():
    scenario = with_values(WORLD, {"market.kind": "fixed_price", "market.price_tao_per_alpha": 1e-300})
    assert start(scenario).alpha_reserve_rao.tolist() == [0, 0]


def test_mean_stake_is_that_of_the_scenario():
    held = start(WORLD).validator_alpha_rao / 1e9
    assert held.mean(axis=1) == pytest.approx([10_000] * 2)
    assert held.std() > 1000


HALF_CARTEL = {"validators.mix": {"honest": 0.5, "colluding": 0.5}}


@pytest.mark.parametrize("share", [0.0, 1e-6, 0.2, 0.45, 1 - 1e-6, 1.0])
@pytest.mark.parametrize("n_nominators", [0, 1, 11, 100])
def test_the_cartel_has_exactly_its_share_of_the_votes(share, n_nominators):
    others = {"cartel.stake_share": share, "nominators.count": n_nominators, "validators.root_stake_tao": 500.0}
    scenario = with_values(WORLD, HALF_CARTEL | others)
    people = found(scenario, 3)
    state = begin(scenario, people, 3)
    inside = people.cartel[people.role == "validator"]
    votes_rao = state.staked_alpha_rao() + scenario.chain.tao_weight * state.root_stake_rao
    assert votes_rao[:, inside].sum(axis=1) / votes_rao.sum(axis=1) == pytest.approx([share] * 2, abs=1e-9)
    assert state.validator_alpha_rao.sum(axis=1) / 1e9 == pytest.approx([8 * 10_000] * 2)
    assert state.root_stake_rao.sum() / 1e9 == pytest.approx(8 * 500)


def test_where_only_nominators_have_stake_the_cartels_share_of_them_is_the_nearest():
    values = {"validators.stake_alpha": 0.0, "cartel.stake_share": 0.4, "nominators.count": 11}
    scenario = with_values(WORLD, HALF_CARTEL | values)
    people = found(scenario, 3)
    staked_rao = begin(scenario, people, 3).staked_alpha_rao()
    inside = people.cartel[people.role == "validator"]
    assert (staked_rao[:, inside].sum(axis=1) == 4 * 10**12).all()
    assert len(np.unique(staked_rao[0, inside])) == 1


def test_one_more_validator_leaves_the_sizes_of_the_others_alone():
    more = with_values(WORLD, {"subnets.n_validators": 9, "nominators.count": 12, "subnets.n_miners": 5})
    few, many = (start(scenario, 5).validator_alpha_rao[0] for scenario in (WORLD, more))
    assert many[:8] / many[0] == pytest.approx(few / few[0], rel=1e-9)


def test_stake_behind_a_validator_is_its_own_and_what_is_delegated_to_it():
    state = start(WORLD)
    assert state.delegate[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2]
    behind = (state.staked_alpha_rao() - state.validator_alpha_rao) / 1e9
    assert behind.tolist() == [[2000.0] * 3 + [1000.0] * 5] * 2


def test_arrays_of_the_state_share_no_memory():
    state = start(WORLD)
    held = {name: getattr(state, name) for name in type(state).__slots__}
    arrays = [(name, array) for name, array in held.items() if isinstance(array, np.ndarray)]
    for index, (name, array) in enumerate(arrays):
        assert array.flags.writeable, name
        assert not any(np.shares_memory(array, other) for _, other in arrays[:index]), name
