"""Stake added, removed and moved by hand; and the books under any sequence of operations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.economy import Economy
from model.epoch import miner_turnover, subnet_turnover
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world import staking, trading
from model.world.ledger import Ledger
from model.world.randomness import stream_key
from model.world.staking import MIN_STAKE_RAO, StakeAccount, add_stake, move_stake, remove_stake, stake_rao

N_SUBNETS = 3
SMALL = {
    "subnets.count": N_SUBNETS,
    "subnets.n_validators": 2,
    "subnets.n_miners": 4,
    "nominators.count": 2,
    "validators.reinvest_share": 0.5,
    "validators.root_stake_tao": 5_000.0,
    "market.price_tao_per_alpha": [0.02, 0.05, 0.5],
    "registration.n_waiting": 3,
    "registration.subnet_rate_limit_blocks": 0,
    "registration.subnet_immunity_blocks": 0,
}


def economy(**values: object) -> Economy:
    world = Economy(with_values(Scenario(), SMALL | {name.replace("__", "."): v for name, v in values.items()}), rng=2)
    world.step()
    stakers = np.concatenate([world.population.numbers("validator"), world.population.numbers("nominator")])
    world.state.purse_rao[stakers] += 500 * 10**9
    world.state.outside_tao_rao -= len(stakers) * 500 * 10**9
    return world


def account(world: Economy, role: str = "validator", subnet: int = 0) -> StakeAccount:
    return staking.stake_account(world.population, int(world.population.numbers(role)[1]), subnet)


@pytest.fixture(params=["validator", "nominator"])
def role(request):
    return request.param


def held(world: Economy) -> None:
    """Pass if every rao is in one account."""
    assert world.state.tao_held_rao() == world.state.issuance_rao
    np.testing.assert_array_equal(world.state.alpha_held_rao(), world.state.alpha_issuance_rao)


def test_adding_pays_from_the_purse_and_moves_the_price_up(role):
    world = economy()
    where = account(world, role)
    purse_rao, before_rao = world.state.purse_rao[where.participant], stake_rao(world.state, where)
    price = trading.price(world.state, world.rules)[0]
    fill = add_stake(world.state, world.rules, where, 100 * 10**9)
    assert fill.refusal == ""
    assert purse_rao - world.state.purse_rao[where.participant] == fill.tao_rao == 100 * 10**9
    assert stake_rao(world.state, where) - before_rao == fill.alpha_rao
    after = trading.price(world.state, world.rules)[0]
    assert price < fill.tao_rao / fill.alpha_rao < after * (1 + 1e-3)
    held(world)


def test_there_and_back_costs_two_fees_and_nothing_else():
    world = economy()
    where = account(world)
    fill = add_stake(world.state, world.rules, where, 100 * 10**9)
    back = remove_stake(world.state, world.rules, where, fill.alpha_rao)
    fee_share = world.rules.scenario.market.fee_share
    assert back.tao_rao == pytest.approx(fill.tao_rao * (1 - fee_share) ** 2, rel=1e-5)
    held(world)


def test_a_limit_stops_the_price_and_gives_the_rest_back():
    world = economy()
    where = account(world)
    limit = trading.price(world.state, world.rules)[0] * 1.001
    fill = add_stake(world.state, world.rules, where, 400 * 10**9, limit)
    assert 0 < fill.tao_rao < 400 * 10**9
    assert trading.price(world.state, world.rules)[0] == pytest.approx(limit, rel=1e-9)
    low = limit * 0.999
    back = remove_stake(world.state, world.rules, where, stake_rao(world.state, where), low)
    # The seller's fee is sold for the block author's account after the order, so the price ends a little below.
    assert trading.price(world.state, world.rules)[0] == pytest.approx(low, rel=1e-5)
    assert stake_rao(world.state, where) > 0
    assert back.alpha_rao > 0
    held(world)


@pytest.mark.parametrize(("tao_rao", "reason"), [(MIN_STAKE_RAO, "order must be >="), (10**15, "purse holds")])
def test_too_small_or_too_large_an_addition_is_refused_and_moves_nothing(tao_rao, reason):
    world = economy()
    where = account(world)
    purse_rao, before_rao = world.state.purse_rao.copy(), stake_rao(world.state, where)
    fill = add_stake(world.state, world.rules, where, tao_rao)
    assert fill.refusal.startswith(reason)
    assert (fill.tao_rao, fill.alpha_rao) == (0, 0)
    np.testing.assert_array_equal(world.state.purse_rao, purse_rao)
    assert stake_rao(world.state, where) == before_rao


def test_a_removal_must_bring_the_minimum_unless_it_takes_all():
    world = economy()
    where = account(world)
    small_rao = int(MIN_STAKE_RAO / trading.price(world.state, world.rules)[0] / 2)
    assert "proceeds must be" in remove_stake(world.state, world.rules, where, small_rao).refusal
    all_but_little_rao = stake_rao(world.state, where) - small_rao
    assert remove_stake(world.state, world.rules, where, all_but_little_rao).refusal == ""
    assert remove_stake(world.state, world.rules, where, small_rao).refusal == ""
    assert stake_rao(world.state, where) == 0
    assert "order must lie in" in remove_stake(world.state, world.rules, where, 1).refusal
    held(world)


def test_a_move_pays_one_fee(role):
    world = economy(market__tao_reserve_tao=200_000.0)
    origin, destination = account(world, role, 0), account(world, role, 2)
    price = trading.price(world.state, world.rules)
    fee_share, purse_rao = world.rules.scenario.market.fee_share, world.state.purse_rao.copy()
    sold, bought = move_stake(world.state, world.rules, origin, destination, 10 * 10**9)
    assert sold.alpha_rao == 10 * 10**9
    worth_rao = sold.alpha_rao * price[0]
    assert bought.alpha_rao * price[2] == pytest.approx(worth_rao * (1 - fee_share), rel=1e-5)
    np.testing.assert_array_equal(world.state.purse_rao, purse_rao)
    held(world)


def test_a_move_below_the_minimum_is_refused_as_a_whole():
    world = economy()
    origin, destination = account(world, subnet=0), account(world, subnet=1)
    reserve_rao = world.state.tao_reserve_rao.copy()
    sold, bought = move_stake(world.state, world.rules, origin, destination, 1_000)
    assert sold.refusal == bought.refusal != ""
    np.testing.assert_array_equal(world.state.tao_reserve_rao, reserve_rao)


def test_at_a_fixed_price_the_world_outside_sells_what_it_has():
    world = economy(market__kind="fixed_price", market__outstanding_alpha=100.0)
    where = account(world)
    fill = add_stake(world.state, world.rules, where, 400 * 10**9)
    assert fill.tao_rao == pytest.approx(fill.alpha_rao * 0.02, rel=1e-9)
    assert world.state.outside_alpha_rao[0] <= 1
    assert add_stake(world.state, world.rules, where, 10**9).refusal != ""
    assert add_stake(world.state, world.rules, account(world, subnet=1), 10**9, 0.04).refusal != ""
    assert remove_stake(world.state, world.rules, where, 10**9, 0.03).refusal != ""
    held(world)


def test_only_stakers_have_stake_accounts():
    world = economy()
    miner = int(world.population.numbers("miner")[0])
    with pytest.raises(ValueError, match=f"participant {miner} must be a validator or a nominator, is a miner"):
        staking.stake_account(world.population, miner, 0)
    with pytest.raises(ValueError, match=r"subnet must lie in \[0, 3\), is 3"):
        account(world, subnet=3)
    with pytest.raises(ValueError, match="between two subnets of one participant"):
        move_stake(world.state, world.rules, account(world), account(world), 1)


AMOUNT = st.floats(0, 1) | st.sampled_from([0.0, 1e-9, 1.0])
STAKER = st.tuples(st.sampled_from(["validator", "nominator"]), st.integers(0, 1), st.integers(0, N_SUBNETS - 1))
LIVE = st.sampled_from(
    [
        {"market.fee_share": 0.1},
        {"emission.rule": "equal"},
        {"owners.burn_share": 0.4},
        {"owners.recycle": True},
        {"validators.reinvest_share": 0.0},
        {"chain.tempo_blocks": 1_000},
        {"registration.newcomers": 2.0},
        {"registration.restake_share": 1.0},
        {"reward.fine_tao": 1.0, "reward.audit_rate": 0.5},
    ]
)
OPERATION = st.one_of(
    st.tuples(st.just("add"), STAKER, AMOUNT),
    st.tuples(st.just("remove"), STAKER, AMOUNT),
    st.tuples(st.just("move"), STAKER, AMOUNT),
    st.tuples(st.just("register"), st.lists(st.integers(0, 4), min_size=N_SUBNETS, max_size=N_SUBNETS), st.none()),
    st.tuples(st.just("replace"), st.none(), st.none()),
    st.tuples(st.just("intervene"), LIVE, st.none()),
    st.tuples(st.just("step"), st.none(), st.none()),
)


def operate(world: Economy, name: str, where: object, amount: float) -> None:
    """One operation on the economy, between two epochs, with books of its own."""
    state, rules, people = world.state, world.rules, world.population
    ledger = Ledger.open(state)
    if name in ("add", "remove", "move"):
        role, number, subnet = where
        participant = int(people.numbers(role)[number])
        here = staking.stake_account(people, participant, subnet)
        if name == "add":
            add_stake(state, rules, here, int(amount * state.purse_rao[participant]))
        elif name == "remove":
            remove_stake(state, rules, here, int(amount * stake_rao(state, here)))
        else:
            there = staking.stake_account(people, participant, (subnet + 1) % N_SUBNETS)
            move_stake(state, rules, here, there, int(amount * stake_rao(state, here)))
    elif name == "register":
        key = stream_key(7, "operate")
        world.population, _, _ = miner_turnover.register(people, state, rules, ledger, np.array(where), key)
    elif name == "replace":
        subnet_turnover.replace_weakest(state, rules, people, ledger)
    elif name == "intervene":
        world.intervene(where)
        return
    else:
        world.step()
        return
    ledger.check(state, world.epoch)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(OPERATION, min_size=3, max_size=12))
def test_books_balance_under_any_operations(operations):
    world = economy()
    for name, where, amount in operations:
        operate(world, name, where, amount)
    world.step()
    held(world)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.lists(OPERATION.filter(lambda operation: operation[0] != "replace"), min_size=3, max_size=8))
def test_books_balance_under_any_operations_at_a_fixed_price(operations):
    world = economy(market__kind="fixed_price")
    for name, where, amount in operations:
        operate(world, name, where, amount)
    world.step()
    held(world)
