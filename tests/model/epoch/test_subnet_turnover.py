"""One subnet takes the place of another: who is paid what, what the successor starts with, when nobody may come."""

import numpy as np
import pytest

from model.economy import Economy
from model.epoch import subnet_turnover, turn_over
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world import trading
from model.world.ledger import Ledger
from model.world.state import State

SMALL = {
    "subnets.count": 4,
    "subnets.n_validators": 3,
    "subnets.n_miners": 4,
    "miners.sell_share": 0.5,
    "nominators.count": 2,
    "market.price_tao_per_alpha": [0.04, 0.01, 0.02, 0.03],
    "market.demand_tao": 2.0,
    "validators.root_stake_tao": 10_000.0,
    "registration.subnet_rate_limit_blocks": 0,
}
WEAKEST = 1


def economy(epochs: int = 3, **values: object) -> Economy:
    world = Economy(with_values(Scenario(), SMALL | {name.replace("__", "."): v for name, v in values.items()}), rng=5)
    for _ in range(epochs):
        world.step()
    return world


def replace(world: Economy) -> tuple[int, Ledger]:
    """The subnet replaced, and the books of it, which must balance."""
    ledger = Ledger.open(world.state)
    replaced = subnet_turnover.replace_weakest(world.state, world.rules, world.population, ledger)
    ledger.check(world.state, world.epoch)
    return replaced, ledger


def claims_rao(state: State, subnet: int) -> int:
    """Alpha that somebody can claim for; not what was burned, nor the pool's."""
    held = state.alpha_held_rao()[subnet]
    return int(held - state.alpha_reserve_rao[subnet] - state.burned_alpha_rao[subnet])


def test_the_subnet_with_the_lowest_moving_price_makes_room():
    assert replace(economy())[0] == WEAKEST


def test_all_of_the_reserve_is_paid_or_recycled_and_all_alpha_leaves_issuance():
    world = economy()
    state = world.state
    reserve_rao, alpha_rao = int(state.tao_reserve_rao[WEAKEST]), int(state.alpha_issuance_rao[WEAKEST])
    protocol_rao, issuance_rao = int(state.protocol_alpha_rao[WEAKEST]), state.issuance_rao
    claim_rao = claims_rao(state, WEAKEST)
    _, ledger = replace(world)
    assert issuance_rao - state.issuance_rao == ledger.returned_tao
    assert ledger.returned_tao == pytest.approx(reserve_rao * protocol_rao / claim_rao, abs=1)
    assert ledger.returned_alpha.tolist() == [0, alpha_rao, 0, 0]


def test_holders_are_paid_by_their_alpha():
    world = economy(registration__restake_share=0.0)
    state, people = world.state, world.population
    reserve_rao, claim_rao = int(state.tao_reserve_rao[WEAKEST]), claims_rao(state, WEAKEST)
    purse_rao = state.purse_rao.copy()
    validator_rao, nominator_rao = (
        state.validator_alpha_rao[WEAKEST].copy(),
        state.nominated_alpha_rao[:, WEAKEST].copy(),
    )
    miner_rao = state.miner_alpha_rao[WEAKEST, 3:].copy()
    replace(world)
    paid_rao = state.purse_rao - purse_rao
    for holders, alpha_rao in (
        (people.numbers("validator"), validator_rao),
        (people.numbers("nominator"), nominator_rao),
        (people.holder[WEAKEST, 3:], miner_rao),
    ):
        assert alpha_rao.any()
        np.testing.assert_allclose(paid_rao[holders], alpha_rao / claim_rao * reserve_rao, atol=1)


def test_the_owner_leaves_with_its_purse():
    world = economy()
    owner = world.population.numbers("owner")[WEAKEST]
    world.state.purse_rao[owner] += 7 * 10**9
    world.state.outside_tao_rao -= 7 * 10**9
    replace(world)
    assert world.state.purse_rao[owner] == 0
    assert world.state.owner_alpha_rao[WEAKEST] == 0


def test_the_successor_starts_at_the_others_median_price_with_the_lock_in_its_pool():
    world = economy(registration__restake_share=0.0)
    lock_rao = subnet_turnover.lock_price_rao(world.state, world.rules)
    others = np.delete(trading.price(world.state, world.rules), WEAKEST)
    _, ledger = replace(world)
    state = world.state
    assert state.tao_reserve_rao[WEAKEST] == lock_rao == 1_000 * 10**9
    assert trading.price(state, world.rules)[WEAKEST] == pytest.approx(np.median(others), rel=1e-9)
    assert state.alpha_issuance_rao[WEAKEST] == state.alpha_reserve_rao[WEAKEST] == ledger.founded_alpha[WEAKEST]
    assert state.price_ema[WEAKEST] == 0
    assert not state.bond[WEAKEST].any()
    assert not state.miner_alpha_rao[WEAKEST].any()


def test_stakers_stake_the_stated_part_of_their_payout_again():
    with_stake, without = economy(registration__restake_share=0.3), economy(registration__restake_share=0.0)
    purse_rao = without.state.purse_rao.copy()
    replace(with_stake)
    replace(without)
    staker = np.concatenate([without.population.numbers("validator"), without.population.numbers("nominator")])
    spent = (without.state.purse_rao - with_stake.state.purse_rao)[staker]
    np.testing.assert_allclose(spent, 0.3 * (without.state.purse_rao - purse_rao)[staker], atol=2)
    assert (with_stake.state.staked_alpha_rao()[WEAKEST] > 0).all()
    assert not without.state.staked_alpha_rao()[WEAKEST].any()


def test_the_next_lock_costs_twice_as_much_and_falls_in_a_line():
    world = economy()
    replace(world)
    price = [subnet_turnover.lock_price_rao(world.state, world.rules)]
    for _ in range(3):
        world.step()
        price.append(subnet_turnover.lock_price_rao(world.state, world.rules))
    assert price[0] == 2_000 * 10**9
    np.testing.assert_allclose(np.diff(price), -1_000e9 * 360 / (57_600 * 0.5), rtol=1e-7)


def test_an_immune_subnet_is_spared_and_its_neighbour_goes():
    world = economy()
    assert replace(world)[0] == WEAKEST
    assert replace(world)[0] == 2


@pytest.mark.parametrize(
    "values",
    [{"registration__subnet_immunity_blocks": 10_000_000}, {"registration__subnet_rate_limit_blocks": 10_000_000}],
)
def test_nobody_comes_while_all_are_immune_or_the_last_came_too_recently(values):
    world = economy(**values)
    before = world.state.outside_tao_rao
    assert replace(world)[0] == subnet_turnover.NO_SUBNET
    assert world.state.outside_tao_rao == before


def test_the_pool_s_alpha_claims_for_the_protocol_only_if_founded_during_the_run():
    world = economy()
    replace(world)
    world.state.price_ema[:] = 1.0
    world.state.price_ema[WEAKEST] = 0.0
    world.state.founded_block[WEAKEST] = 1
    rules = with_values(world.rules.scenario, {"registration.subnet_immunity_blocks": 0})
    world.rules = type(world.rules).of(rules)
    state = world.state
    reserve_rao, pool_rao = int(state.tao_reserve_rao[WEAKEST]), int(state.alpha_reserve_rao[WEAKEST])
    claim_rao = claims_rao(state, WEAKEST) + pool_rao
    _, ledger = replace(world)
    assert ledger.returned_tao == pytest.approx(reserve_rao * pool_rao / claim_rao, rel=1e-9)


def test_a_subnet_without_holders_gives_its_reserve_back_to_issuance():
    world = economy(registration__restake_share=0.0)
    replace(world)
    reserve_rao = int(world.state.tao_reserve_rao[WEAKEST])
    ledger = Ledger.open(world.state)
    subnet_turnover.dissolve(world.state, world.population, WEAKEST, ledger)
    assert ledger.returned_tao == reserve_rao


@pytest.mark.parametrize(("enabled", "gets"), [(True, True), (False, False)])
def test_a_new_subnet_gets_tao_emission_if_the_scenario_says_so(enabled, gets):
    world = economy(registration__new_subnet_enabled=enabled)
    replace(world)
    world.step()
    world.step()
    share = world.records.subnets.last("emission_share")
    assert (share[WEAKEST] > 0) == gets
    assert share.sum() == pytest.approx(1)


def test_subnets_come_and_go_by_the_year_s_rate_with_balanced_books():
    values = {
        "registration__newcomer_subnets_per_year": 2_000.0,
        "registration__subnet_immunity_blocks": 3_000,
        "registration__lock_interval_blocks": 1_000,
    }
    world = economy(40, **values)
    table = world.tables()["epochs"]
    assert 4 <= table["founded"].sum() <= 20
    assert table["returned_tao"].sum() > 0
    again = economy(40, **values)
    assert again.tables()["epochs"].equals(table)


def test_a_new_subnet_comes_alive():
    world = economy()
    replace(world)
    for _ in range(5):
        world.step()
    assert world.state.incentive_share[WEAKEST].sum() == pytest.approx(1)
    assert world.state.dividend_share[WEAKEST].sum() == pytest.approx(1)
    assert world.records.subnets.last("miner_pot_tao")[WEAKEST] > 0


def test_subnets_may_come_and_go_where_there_are_pools_only():
    values = {"market.kind": "fixed_price", "registration.newcomer_subnets_per_year": 5.0}
    with pytest.raises(ValueError, match=r"newcomer_subnets_per_year needs market.kind 'pool', is 5.0"):
        with_values(Scenario(), values)


def test_a_year_has_the_chain_s_blocks():
    assert turn_over.BLOCKS_PER_YEAR == 2_628_000
