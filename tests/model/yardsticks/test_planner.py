"""The planners of a running economy, and the yardsticks of its epochs."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.economy import Economy
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.yardsticks import planner
from model.yardsticks.value import value_by_subnet


def played(scenario, epochs, **values):
    economy = Economy(scenario, **values)
    for _ in range(epochs):
        economy.step()
    return economy


def gamed(**values):
    return played(
        "gamed",
        8,
        subnets__count=4,
        subnets__n_miners=8,
        subnets__n_validators=4,
        value__subnet_weight=[4.0, 3.0, 2.0, 1.0],
        **values,
    )


@pytest.mark.parametrize("exponent", [0.5, 1.0])
@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
def test_freer_planners_deliver_more_and_all_of_them_more_than_the_run(presence, exponent):
    economy = gamed(value__exponent=exponent, miners__presence=presence)
    rules, people, resource = economy.rules, economy.population, economy.state.resource
    delivered = economy.records.epochs.last("users_value")[0]
    spend_tao = planner.cost_of(resource, rules, people)
    stock = planner.hardware_of(resource, economy.state.worked, rules, people)
    hardware = planner.plan_of_hardware(stock, rules, people)
    money = planner.plan_of_miners_money(spend_tao, rules, people)
    in_place, best = planner.best_of_money(planner.spent_by_seat(resource, rules, people), economy.yields, rules)
    for plan in (hardware, money):
        assert plan.bound - plan.value <= 1e-4 * plan.value
    assert delivered <= hardware.value * (1 + 1e-9)
    assert max(hardware.value, in_place) <= money.value * (1 + 1e-4)
    assert delivered < in_place < best
    assert money.value < best
    if presence == "one_subnet":  # nobody has another seat to go to
        assert hardware.value == pytest.approx(delivered, rel=1e-9)
        assert money.value == pytest.approx(in_place, rel=1e-9)


def test_plan_of_hardware_uses_what_there_is_and_is_worth_what_it_says():
    economy = gamed(value__exponent=0.5)
    state = economy.state
    stock = planner.hardware_of(state.resource, state.worked, economy.rules, economy.population)
    plan = planner.plan_of_hardware(stock, economy.rules, economy.population)
    assert plan.allocation.sum(axis=(0, 1)) == pytest.approx(economy.state.resource.sum(axis=(0, 1)))
    rules, people = economy.rules, economy.population
    miner = people.numbers("miner")
    worth = value_by_subnet(
        plan.allocation * people.own_productivity[miner],
        rules.value_weight,
        rules.value_subnet_weight,
        rules.value_exponent,
    )
    assert worth.sum() == pytest.approx(plan.value)


def test_yardsticks_stand_beside_every_epoch():
    economy = gamed()
    tables = economy.tables()
    table = tables["epochs"]
    assert table["epoch"].tolist() == list(range(8))
    assert table["efficiency_share"].between(0, 1, inclusive="neither").all()
    np.testing.assert_allclose(table["efficiency_share"] * table["price_of_anarchy_ratio"], 1)
    np.testing.assert_allclose(table["planner_value"] * table["efficiency_share"], tables["epochs"]["users_value"])
    factors = table["mix_efficiency_share"] * table["selection_efficiency_share"]
    np.testing.assert_allclose(factors, table["efficiency_share"])
    pot_tao = tables["subnets"].groupby("epoch")["miner_pot_tao"].sum()
    np.testing.assert_allclose(table["rent_dissipation_share"] * pot_tao, tables["epochs"]["spend_tao"])


def test_a_settled_contest_among_equals_is_efficient_and_dissipates_all_but_one_nth():
    economy = played(
        "speed-or-quality",
        60,
        subnets__count=1,
        subnets__n_miners=8,
        market__price_tao_per_alpha=0.02,
        reward__measurement_noise=0.0,
        miners__skill_sd=0.0,
        validators__mix={"honest": 1.0},
    )
    last = economy.records.epochs.frame(last=1).iloc[0]
    assert last["efficiency_share"] == pytest.approx(1, abs=1e-6)
    assert last["rent_dissipation_share"] == pytest.approx(7 / 8, abs=1e-4)


@pytest.mark.parametrize(
    ("price", "efficiency"),
    [((4, 3, 2, 1), 0.982915), ((1, 2, 3, 4), 0.791359)],
)
def test_the_running_market_is_as_efficient_as_its_prices_are_aligned(price, efficiency):
    economy = played(
        "speed-or-quality",
        40,
        subnets__count=4,
        subnets__n_miners=8,
        subnets__n_validators=2,
        market__price_tao_per_alpha=[0.01 * one for one in price],
        value__subnet_weight=[4.0, 3.0, 2.0, 1.0],
        value__exponent=0.5,
        reward__measurement_noise=0.0,
        miners__skill_sd=0.0,
        validators__mix={"honest": 1.0},
    )
    last = economy.records.epochs.frame(last=1).iloc[0]
    assert last["efficiency_share"] == pytest.approx(efficiency, abs=1e-3)


def test_owned_hardware_is_held_against_the_planner_who_must_leave_it_with_its_owner():
    economy = gamed(
        value__exponent=0.5,
        miners__hardware="owned",
        miners__hardware_price_tao=1.0,
        miners__depreciation_share=0.1,
        miners__presence="every_subnet",
    )
    rules, people, state = economy.rules, economy.population, economy.state
    stock = planner.hardware_of(state.resource, state.worked, rules, people)
    assert stock is state.worked
    plan = planner.plan_of_hardware(stock, rules, people)
    last = economy.records.epochs.last
    assert last("planner_value")[0] == pytest.approx(plan.value, rel=2e-3)
    assert 0 < last("mix_efficiency_share")[0] == last("efficiency_share")[0] < 1
    assert last("selection_efficiency_share")[0] == 1
    cost_tao = planner.cost_of(state.resource, rules, people).sum()
    assert cost_tao > last("spend_tao")[0]  # wear on top of running
    pot_tao = economy.records.subnets.last("miner_pot_tao").sum()
    assert last("rent_dissipation_share")[0] == pytest.approx(cost_tao / pot_tao)


def test_a_planner_of_hardware_who_has_none_or_too_much_to_look_at_is_silent(monkeypatch):
    economy = gamed(miners__hardware="owned", miners__presence="every_subnet")
    stock = economy.state.worked
    assert np.isfinite(planner.best_of_hardware(stock, 0.0, economy.rules, economy.population))
    assert np.isnan(planner.best_of_hardware(np.zeros_like(stock), 0.0, economy.rules, economy.population))
    monkeypatch.setattr(planner, "LARGEST_STOCK", 1)
    assert np.isnan(planner.best_of_hardware(stock, 0.0, economy.rules, economy.population))


@pytest.mark.parametrize("work", [0.6, 1.0, 1.8])
@pytest.mark.parametrize("identities", [1, 3])
def test_owned_hardware_whose_owner_is_in_one_subnet_is_worth_what_it_gives_on_its_best_seats(identities, work):
    weight = {"speed": 0.4 * work, "quality": 0.4 * work, "storage": 0.2 * work}
    economy = gamed(
        value__capability_weight=weight,
        miners__hardware="owned",
        miners__mix={"sybil": 1.0},
        miners__identities=identities,
        registration__n_waiting=3,
    )
    stock, people = economy.state.worked, economy.population
    plan = planner.plan_of_hardware(stock, economy.rules, people)
    assert plan.value == plan.bound
    assert planner.best_of_hardware(stock, 0.0, economy.rules, people) == pytest.approx(plan.value, rel=1e-12)
    first_miner = economy.rules.scenario.subnets.n_validators
    worth = 0.0
    for subnet, users in enumerate((4.0, 3.0, 2.0, 1.0)):
        for owner in set(people.holder[subnet, first_miner:]):
            n_seats = (people.holder[subnet] == owner).sum()
            part = np.prod((stock[owner] * people.own_productivity[owner]) ** np.array(list(weight.values())))
            worth += users * part * (n_seats ** (1 - work) if work < 1 else 1)
    assert plan.value == pytest.approx(worth, rel=1e-9)


worlds = st.fixed_dictionaries(
    {
        "subnets.count": st.integers(1, 3),
        "subnets.n_miners": st.integers(1, 5),
        "subnets.n_validators": st.just(2),
        "miners.presence": st.sampled_from(["one_subnet", "every_subnet"]),
        "miners.mix": st.sampled_from(
            [{"honest": 1.0}, {"cheater": 0.5, "speed": 0.5}, {"best_response": 1.0}, {"sybil": 0.6, "imitate": 0.4}]
        ),
        "miners.identities": st.integers(1, 3),
        "miners.skill_sd": st.sampled_from([0.0, 0.3, 1.0]),
        "value.exponent": st.sampled_from([0.4, 1.0, 1.3]),
        "value.capability_weight": st.fixed_dictionaries(
            {name: st.floats(0.05, 0.8) for name in ("speed", "quality", "storage")}
        ),
        "reward.score": st.sampled_from(["linear", "cobb_douglas", "ces"]),
        "registration.n_waiting": st.integers(0, 3),
        "registration.open_uids": st.integers(0, 1),
        "registration.newcomers": st.sampled_from([0.0, 1.0]),
        "epochs": st.just(3),
    }
)
ways = st.one_of(
    st.fixed_dictionaries(
        {"miners.hardware": st.just("rented"), "miners.cost_exponent": st.sampled_from([1.0, 1.5, 3.0])}
    ),
    st.just({"miners.hardware": "owned"}),
)


def played_to_the_end(values, seed):
    try:
        scenario = with_values(Scenario(), values)
    except ValueError:
        assume(False)
    economy = Economy(scenario, rng=seed)
    while economy.epoch < scenario.epochs:
        economy.step()
    return economy.records.epochs.frame()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(worlds, ways, st.integers(1, 1000))
def test_nobody_beats_the_best_mix_nor_that_the_plan(values, way, seed):
    table = played_to_the_end(values | way, seed)
    for name in ("mix_efficiency_share", "selection_efficiency_share", "efficiency_share"):
        assert (table[name].isna() | table[name].between(0, 1 + 1e-9)).all()
    product = table["mix_efficiency_share"] * table["selection_efficiency_share"]
    np.testing.assert_allclose(product, table["efficiency_share"], rtol=1e-9)
    assert table.loc[table["spend_tao"] == 0, "efficiency_share"].isna().all() or way["miners.hardware"] == "owned"


@settings(deadline=None, derandomize=True, max_examples=30)
@given(worlds, ways, st.integers(1, 1000), st.integers(1, 40))
def test_who_waits_where_nobody_can_come_changes_no_yardstick(values, way, seed, n_waiting):
    closed = values | way | {"registration.newcomers": 0.0, "registration.open_uids": 0}
    one, other = (played_to_the_end(closed | {"registration.n_waiting": n}, seed) for n in (0, n_waiting))
    for name in planner.yardsticks(1.0, 1.0, 1.0, 1.0, 1.0):
        np.testing.assert_allclose(other[name], one[name], rtol=1e-12)


EQUALS = {"miners.mix": {"honest": 1.0}, "miners.skill_sd": 0.0, "subnets.n_miners": 5, "epochs": 2}


@pytest.mark.parametrize("way", [{"miners.cost_exponent": g} for g in (1.0, 2.0, 3.0)] + [{"miners.hardware": "owned"}])
@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
@pytest.mark.parametrize("n_subnets", [1, 4])
def test_equals_who_are_rewarded_for_what_users_value_play_the_plan(n_subnets, presence, way):
    values = EQUALS | way | {"subnets.count": n_subnets, "miners.presence": presence}
    table = played_to_the_end(values, 1)
    for name in ("mix_efficiency_share", "selection_efficiency_share", "price_of_anarchy_ratio"):
        np.testing.assert_allclose(table[name], 1, atol=1e-9)


@pytest.mark.parametrize("skill_sd", [0.2, 0.5])
@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
def test_with_rewards_as_values_honest_people_lose_by_who_works_and_nothing_by_the_mix(presence, skill_sd):
    table = played_to_the_end(EQUALS | {"miners.skill_sd": skill_sd, "miners.presence": presence}, 3)
    np.testing.assert_allclose(table["mix_efficiency_share"], 1, atol=1e-9)
    assert (table["selection_efficiency_share"] < 0.9).all()
