"""The registration phase: who comes, whose uid it takes, what it pays, and what follows the newcomer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.registration import bumped_burn_rao
from model.economy import Economy
from model.epoch import agree, miner_turnover
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world import trading
from model.world.ledger import Ledger
from model.world.randomness import stream_key

N_VALIDATORS, N_MINERS = 3, 14
SMALL = {
    "subnets.count": 3,
    "subnets.n_validators": N_VALIDATORS,
    "subnets.n_miners": N_MINERS,
    "miners.mix": {"best_response": 0.5, "honest": 0.3, "speed": 0.2},
    "miners.skill_sd": 0.4,
    "registration.n_waiting": 6,
    "validators.root_stake_tao": 100.0,
}


def economy(**values: object) -> Economy:
    return Economy(with_values(Scenario(), SMALL | {name.replace("__", "."): v for name, v in values.items()}), rng=5)


def arrive(world: Economy, arrival: list[int]) -> np.ndarray:
    """Registrations of these arrivals, applied to the economy; its books must balance."""
    ledger = Ledger.open(world.state)
    world.population, registrations, _ = miner_turnover.register(
        world.population, world.state, world.rules, ledger, np.array(arrival), stream_key(1, "test")
    )
    ledger.check(world.state, world.epoch)
    return registrations


def test_without_newcomers_nobody_s_uid_changes_hands():
    world = economy()
    before = world.population
    for _ in range(4):
        world.step()
    assert world.population is before
    assert world.tables()["epochs"]["registrations"].sum() == 0


def test_those_who_wait_leave_everybody_else_s_draws_alone():
    without, bench = economy(registration__n_waiting=0), economy(registration__n_waiting=6)
    for _ in range(3):
        without.step()
        bench.step()
    np.testing.assert_array_equal(without.state.score, bench.state.score)
    n_seated = without.population.n_participants
    np.testing.assert_array_equal(without.state.purse_rao, bench.state.purse_rao[:n_seated])


def test_a_newcomer_takes_the_uid_that_earned_least_and_never_a_validator_s():
    world = economy()
    world.step()
    emission_rao = world.state.emission_rao[:, N_VALIDATORS:].copy()
    before = world.population.holder.copy()
    arrive(world, [1, 0, 2])
    changed = world.population.holder != before
    assert changed.sum(axis=1).tolist() == [1, 0, 2]
    assert not changed[:, :N_VALIDATORS].any()
    for subnet in (0, 2):
        paid = emission_rao[subnet]
        taken = changed[subnet, N_VALIDATORS:]
        assert paid[taken].max() <= paid[~taken].min()


def test_everybody_has_one_uid_or_waits_and_nobody_is_lost():
    world = economy(registration__newcomers=2.0)
    for _ in range(12):
        world.step()
    holder = world.population.holder[:, N_VALIDATORS:].ravel()
    assert len(np.unique(holder)) == len(holder)
    assert world.tables()["epochs"]["registrations"].sum() > 12


def test_with_a_uid_in_every_subnet_nobody_has_two_in_one():
    world = economy(miners__presence="every_subnet", registration__newcomers=2.0)
    for _ in range(12):
        world.step()
    for held in world.population.holder:
        assert len(np.unique(held)) == len(held)
    assert world.tables()["epochs"]["registrations"].sum() > 12


def test_the_price_is_paid_from_the_purse_and_rises_by_the_growth():
    world = economy()
    world.step()
    world.state.burn_price_rao[:] = 2 * 10**9  # one half-life later: 1 TAO
    purse_rao = world.state.purse_rao.copy()
    arrive(world, [1, 0, 0])
    paid_rao = purse_rao - world.state.purse_rao
    assert paid_rao.max() == pytest.approx(1e9, rel=1e-6)
    assert np.count_nonzero(paid_rao) == 1
    entered, untouched = world.state.burn_price_rao[:2]
    assert entered == bumped_burn_rao(np.array([paid_rao.max()]))[0]
    assert untouched == paid_rao.max()


def test_a_registration_buys_alpha_and_recycles_it():
    world = economy()
    world.step()
    before, price = world.state.alpha_issuance_rao.copy(), trading.price(world.state, world.rules)
    reserve_rao = world.state.tao_reserve_rao.copy()
    arrive(world, [0, 3, 0])
    assert (world.state.alpha_issuance_rao < before).tolist() == [False, True, False]
    assert (world.state.tao_reserve_rao > reserve_rao).tolist() == [False, True, False]
    assert trading.price(world.state, world.rules)[1] > price[1]


def test_at_a_fixed_price_the_payment_is_pooled_and_no_alpha_recycled():
    world = economy(market__kind="fixed_price")
    world.step()
    before, reserve_rao = world.state.alpha_issuance_rao.copy(), world.state.tao_reserve_rao.copy()
    paid_rao = world.state.purse_rao.sum()
    arrive(world, [1, 1, 0])
    paid_rao -= world.state.purse_rao.sum()
    assert paid_rao > 0
    np.testing.assert_array_equal(world.state.alpha_issuance_rao, before)
    assert (world.state.tao_reserve_rao - reserve_rao).sum() == paid_rao


def test_who_cannot_pay_does_not_register():
    world = economy(miners__purse_tao=0.4)
    world.step()
    world.state.burn_price_rao[:] = 2 * 10**9
    assert arrive(world, [2, 2, 2]).sum() == 0


def test_skill_and_cost_follow_the_participant():
    world = economy(registration__newcomers=2.0, miners__cost_factor=tuple(np.linspace(1, 2, N_MINERS)))
    for _ in range(6):
        world.step()
    people = world.population
    np.testing.assert_array_equal(people.productivity, people.own_productivity[people.holder])
    np.testing.assert_array_equal(people.unit_cost_tao, people.own_unit_cost_tao[people.holder])
    assert len(np.unique(people.own_productivity[people.role == "miner"], axis=0)) == 3 * N_MINERS + 6


def test_seats_of_the_cohorts_are_the_holders():
    world = economy(registration__newcomers=2.0)
    for _ in range(6):
        world.step()
    people = world.population
    seats = np.concatenate([cohort.seat for cohort in people.of_role("miner")])
    assert len(np.unique(seats)) == len(seats) == 3 * N_MINERS
    for cohort in people.of_role("miner"):
        np.testing.assert_array_equal(people.holder.ravel()[cohort.seat], cohort.member[cohort.seat_member])
        assert (people.strategy[cohort.member] == cohort.name.removeprefix("miner/")).all()


def test_learners_remember_those_who_stay_and_know_nothing_of_those_who_come():
    world = economy(miners__mix={"hedge": 1.0}, miners__parameters={"hedge": {"n_levels": 3}})
    for _ in range(4):
        world.step()
    stay = world.population.holder.copy()
    untouched = Economy(world.first_scenario, rng=5)
    for _ in range(4):
        untouched.step()
    arrive(world, [1, 1, 1])
    stays = (world.population.holder == stay)[:, N_VALIDATORS:].ravel()
    world.step()
    untouched.step()
    learned = world.state.memory["miner/hedge"]["log_weight"]
    assert stays.sum() == 3 * N_MINERS - 3
    gain = np.abs(learned - untouched.state.memory["miner/hedge"]["log_weight"]).max(axis=1)
    assert (gain[stays] < 0.02).all()
    # A newcomer has one epoch of experience where its predecessor had five.
    assert learned[~stays].max() < learned[stays].max(axis=1).min()


def test_immune_uids_are_spared_while_enough_others_stand():
    world = economy(registration__immunity_blocks=50_000)
    world.step()
    arrive(world, [2, 0, 0])
    first = world.population.holder[0].copy()
    arrive(world, [1, 0, 0])
    changed = np.flatnonzero(world.population.holder[0] != first)
    assert world.state.registered_block[0, changed].tolist() == [world.state.block + 1]
    assert (world.state.registered_block[0] == world.state.block + 1).sum() == 3


@pytest.mark.parametrize(
    ("n_validators", "n_miners", "comes"), [(3, 7, False), (3, 8, True), (9, 1, False), (10, 1, True)]
)
def test_validators_count_among_the_ten_who_must_stand(n_validators, n_miners, comes):
    world = economy(subnets__n_validators=n_validators, subnets__n_miners=n_miners)
    world.step()
    assert arrive(world, [1, 1, 1]).tolist() == [comes] * 3


def test_bonds_on_a_fresh_uid_are_dropped_and_weights_on_it_count():
    world = economy()
    for _ in range(3):
        world.step()
    state, n_uids = world.state, N_VALIDATORS + N_MINERS
    before = world.population.holder[0].copy()
    arrive(world, [1, 0, 0])
    fresh = int(np.flatnonzero(world.population.holder[0] != before)[0])
    state.bond[0, :, fresh] = 0.9
    weight = np.zeros((3, N_VALIDATORS, n_uids))
    weight[:, :, N_VALIDATORS:] = 1 / N_MINERS
    bond = state.bond.copy()
    agree.agree(weight, state, world.rules)
    moving = world.rules.scenario.consensus.bonds_moving_average
    np.testing.assert_allclose(state.bond[0, :, fresh], (1 - moving) / N_MINERS, rtol=1e-6)
    stale = next(uid for uid in range(N_VALIDATORS, n_uids) if uid != fresh)
    np.testing.assert_allclose(state.bond[0, :, stale], moving * bond[0, :, stale] + (1 - moving) / N_MINERS, rtol=1e-6)
    assert state.consensus[0, fresh] > 0


def test_the_evicted_sells_its_alpha_and_keeps_the_money():
    world = economy(miners__sell_share=0.0)
    for _ in range(2):
        world.step()
    before, purse_rao = world.population.holder.copy(), world.state.purse_rao.copy()
    alpha_rao = world.state.miner_alpha_rao.copy()
    arrive(world, [1, 0, 0])
    uid = int(np.flatnonzero(world.population.holder[0] != before[0])[0])
    assert alpha_rao[0, uid] > 0
    assert world.state.miner_alpha_rao[0, uid] == 0
    assert world.state.purse_rao[before[0, uid]] > purse_rao[before[0, uid]]


def test_payments_for_uids_lower_the_profit_of_the_strategies():
    world = economy(registration__newcomers=2.0)
    for _ in range(5):
        world.step()
    table = world.tables()["strategies"]
    cost = table["earned_tao"] - table["spend_tao"] - table["profit_tao"]
    last = table["epoch"] == table["epoch"].max()
    assert cost[last].sum() == pytest.approx(world.turnover.registration_tao.sum())
    assert world.turnover.registration_tao.sum() > 0


def test_newcomers_without_a_bench_are_refused():
    with pytest.raises(ValueError, match=r"registration.newcomers needs registration.n_waiting >= 1, is 1.0 without"):
        with_values(Scenario(), {"registration.newcomers": 1.0})


@settings(deadline=None, derandomize=True, max_examples=15)
@given(
    arrivals=st.lists(st.lists(st.integers(0, 8), min_size=3, max_size=3), min_size=1, max_size=4),
    kind=st.sampled_from(["pool", "fixed_price"]),
    presence=st.sampled_from(["one_subnet", "every_subnet"]),
    sell_share=st.sampled_from([0.0, 1.0]),
)
def test_books_balance_through_any_registrations(arrivals, kind, presence, sell_share):
    world = economy(market__kind=kind, miners__presence=presence, miners__sell_share=sell_share)
    for arrival in arrivals:
        world.step()
        registrations = arrive(world, arrival)
        assert (registrations <= np.array(arrival)).all()
        assert (world.state.purse_rao >= 0).all()
