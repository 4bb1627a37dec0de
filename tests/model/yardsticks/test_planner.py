"""The planners of a running economy, and the yardsticks of its epochs."""

import numpy as np
import pytest

from model.economy import Economy
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
def test_freer_planners_deliver_more_and_all_of_them_more_than_the_run(exponent):
    economy = gamed(value__exponent=exponent)
    delivered = economy.records.epochs.last("users_value")[0]
    resource = economy.state.resource
    spend_tao = resource * economy.population.unit_cost_tao
    stock = planner.hardware_of(resource, economy.state.worked, economy.rules, economy.population)
    hardware = planner.plan_of_hardware(stock, economy.rules, economy.population)
    money = planner.plan_of_miners_money(spend_tao, economy.rules, economy.population)
    yields = planner.money_yields(economy.rules, economy.population)
    best = planner.best_spending.best_spending(spend_tao.sum(), yields)
    for plan in (hardware, money):
        assert plan.bound - plan.value <= 1e-4 * plan.value
    assert delivered < hardware.value < money.value < best.value


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
        value__exponent=0.5, miners__hardware="owned", miners__hardware_price_tao=1.0, miners__depreciation_share=0.1
    )
    rules, people, state = economy.rules, economy.population, economy.state
    stock = planner.hardware_of(state.resource, state.worked, rules, people)
    assert stock is state.worked
    plan = planner.plan_of_hardware(stock, rules, people)
    last = economy.records.epochs.last
    assert last("planner_value")[0] == pytest.approx(plan.value, rel=2e-3)
    assert 0 < last("efficiency_share")[0] < 1
    cost_tao = planner.cost_of(state.resource, rules, people).sum()
    assert cost_tao > last("spend_tao")[0]  # wear on top of running
    pot_tao = economy.records.subnets.last("miner_pot_tao").sum()
    assert last("rent_dissipation_share")[0] == pytest.approx(cost_tao / pot_tao)


def test_a_planner_of_hardware_who_has_none_or_too_much_to_look_at_is_silent(monkeypatch):
    economy = gamed(miners__hardware="owned")
    stock = economy.state.worked
    assert np.isfinite(planner.best_of_hardware(stock, economy.rules, economy.population))
    assert np.isnan(planner.best_of_hardware(np.zeros_like(stock), economy.rules, economy.population))
    monkeypatch.setattr(planner, "LARGEST_STOCK", 1)
    assert np.isnan(planner.best_of_hardware(stock, economy.rules, economy.population))
