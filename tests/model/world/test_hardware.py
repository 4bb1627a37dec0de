"""Hardware that miners own: bought, used within the stock, worn out, sunk. And what hardware costs in the running."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.economy import Economy
from model.epoch.decide import between, within_stock
from model.epoch.miner_turnover import sell_hardware
from model.scenario.scenario_file import find, with_values
from model.world import hardware

# Wear is three quarters of the cost of a unit: 150 TAO that last 50 epochs, against 1 TAO to run it.
OWNED = {"miners__hardware": "owned", "miners__hardware_price_tao": 150.0, "miners__depreciation_share": 0.02}
FULL_COST_TAO = 4.0
AMOUNTS = st.floats(0, 1e6, allow_subnormal=False)


def capacity(economy):
    return float(economy.state.resource.sum())


def halve_the_reward(economy):
    price = economy.rules.scenario.market.price_tao_per_alpha
    economy.intervene({"market.price_tao_per_alpha": price / 2})


def test_owned_hardware_settles_where_its_full_cost_says(one_pot):
    economy = one_pot(1000.0, 8, 80, miners__reinvest="purse", **OWNED)
    assert capacity(economy) == pytest.approx(1000 * 7 / 8 / FULL_COST_TAO, rel=1e-4)
    wear_tao = economy.state.hardware.sum() * 150 * 0.02
    assert economy.records.epochs.last("hardware_cost_tao")[0] == pytest.approx(wear_tao, rel=1e-4)


def test_after_the_reward_is_halved_sunk_hardware_stays_at_first_and_is_halved_in_the_end(one_pot):
    economy = one_pot(1000.0, 8, 80, miners__reinvest="purse", **OWNED)
    before = capacity(economy)
    halve_the_reward(economy)
    elasticity = {}
    for epoch in range(1, 81):
        economy.step()
        elasticity[epoch] = math.log(capacity(economy) / before) / math.log(0.5)
    assert elasticity[1] == pytest.approx(0, abs=1e-3)
    assert elasticity[5] < 0.15
    assert elasticity[10] == pytest.approx(-9 * math.log(0.98) / math.log(2), abs=1e-3)  # wear alone
    assert elasticity[80] == pytest.approx(1, abs=1e-3)


def test_rented_hardware_follows_the_reward_at_once(one_pot):
    economy = one_pot(1000.0, 8, 60)
    before = capacity(economy)
    halve_the_reward(economy)
    for _ in range(30):
        economy.step()
    assert math.log(capacity(economy) / before) / math.log(0.5) == pytest.approx(1, abs=1e-3)


def test_nobody_uses_more_than_it_owns_over_all_its_subnets():
    economy = Economy(
        "gamed", subnets__count=3, subnets__n_miners=6, miners__presence="every_subnet", miners__skill_sd=0.3, **OWNED
    )
    for _ in range(12):
        owned = economy.state.hardware.copy()
        economy.step()
        if economy.epoch > 1:
            used = np.zeros_like(owned)
            np.add.at(used, economy.population.holder.ravel(), economy.state.resource.reshape(-1, owned.shape[1]))
            assert (used <= owned * (1 + 1e-9)).all()
            assert used.any()


@pytest.mark.parametrize("reinvest", ["profit", "purse"])
def test_what_is_paid_for_hardware_is_what_was_bought_and_leaves_to_the_world_outside(one_pot, reinvest):
    economy = one_pot(1000.0, 8, 5, miners__reinvest=reinvest, **OWNED)
    for _ in range(10):
        owned = economy.state.hardware.copy()
        economy.step()
        bought = economy.state.hardware - owned * 0.98
        paid_tao = economy.records.epochs.last("hardware_cost_tao")[0]
        assert (bought >= 0).all()
        assert paid_tao == pytest.approx(150 * bought.sum(), rel=1e-6)


def test_reinvesting_half_the_profit_buys_no_more_than_that(one_pot):
    economy = one_pot(1000.0, 8, 3, miners__reinvest_share=0.5, **OWNED)
    last = economy.records.epochs.last
    profit_tao = economy.records.subnets.last("miner_pot_tao")[0] - last("spend_tao")[0]
    assert last("hardware_cost_tao")[0] == pytest.approx(profit_tao / 2, rel=1e-6)


def test_the_budget_binds_running_and_buying_together(one_pot):
    economy = one_pot(1000.0, 8, 12, miners__reinvest="purse", miners__budget_tao=40.0, **OWNED)
    epochs = economy.records.epochs.frame()
    assert (epochs["spend_tao"] + epochs["hardware_cost_tao"] <= 8 * 40 + 1e-6).all()
    assert epochs["hardware_cost_tao"].max() > 8 * 10


def test_the_first_hardware_comes_out_of_the_purse(one_pot):
    economy = one_pot(1000.0, 8, 1, miners__hardware_start_share=0.0, **OWNED)
    assert capacity(economy) == 0
    assert economy.records.epochs.last("hardware_cost_tao")[0] > 0
    economy.step()
    assert capacity(economy) > 0


def test_hardware_cannot_be_dearer_than_the_purse_and_idle_miners_stay_poor(one_pot):
    economy = one_pot(1000.0, 8, 3, miners__hardware_start_share=0.0, miners__purse_tao=15.0, **OWNED)
    epochs = economy.records.epochs.frame()
    assert epochs["hardware_cost_tao"][0] == pytest.approx(8 * 15)
    assert (economy.state.purse_rao >= 0).all()


def test_who_leaves_gets_the_stated_part_of_the_price_back_or_keeps_its_hardware(one_pot):
    for resale_share in (0.0, 0.4):
        economy = one_pot(1000.0, 8, 3, miners__hardware_resale_share=resale_share, **OWNED)
        state, people = economy.state, economy.population
        leaver = people.role == "miner"
        owned, purse_rao, outside_rao = state.hardware.copy(), state.purse_rao.copy(), state.outside_tao_rao
        sell_hardware(leaver, state, economy.rules)
        got_tao = (state.purse_rao - purse_rao) / 1e9
        np.testing.assert_allclose(got_tao, resale_share * 150 * owned[:, 0], rtol=1e-6)
        assert outside_rao - state.outside_tao_rao == (state.purse_rao - purse_rao).sum()
        assert state.hardware.any() == (resale_share == 0)


def test_prices_by_capability_are_paid_by_capability():
    economy = Economy(
        "gamed", miners__hardware="owned", miners__hardware_price_tao={"speed": 1.0, "quality": 2.0, "storage": 3.0}
    )
    assert hardware.price_tao(economy.rules).tolist() == [1, 2, 3]


@settings(deadline=None, derandomize=True)
@given(*(arrays(float, (4, 2), elements=AMOUNTS) for _ in range(2)), arrays(float, (2, 2), elements=AMOUNTS))
def test_use_lies_between_what_one_would_buy_and_what_one_would_run(first, second, stock):
    full, running = np.minimum(first, second), np.maximum(first, second)
    owner = np.array([0, 1, 0, 1])
    used = between(running, full, stock, owner)
    assert (used >= full * (1 - 1e-9)).all()
    assert (used <= running * (1 + 1e-9)).all()
    total, least, most = (hardware.by_miner(one, owner, 2) for one in (used, full, running))
    np.testing.assert_allclose(total, np.clip(stock, least, most), rtol=1e-6, atol=1e-6)
    assert (hardware.by_miner(within_stock(used, stock, owner), owner, 2) <= stock * (1 + 1e-9)).all()


def test_owners_do_as_before_when_the_run_is_forked(one_pot):
    economy = one_pot(1000.0, 8, 6, miners__hardware_resale_share=0.5, **OWNED)
    fork = pickle.loads(pickle.dumps(economy))
    for world in (economy, fork):
        for _ in range(6):
            world.step()
    np.testing.assert_array_equal(economy.state.hardware, fork.state.hardware)
    assert economy.tables()["epochs"].equals(fork.tables()["epochs"])


def test_the_shipped_story_holds():
    economy = Economy("owned-hardware")
    for _ in range(130):
        economy.step()
    pot_tao = economy.records.subnets.frame()["miner_pot_tao"]
    assert pot_tao[104] == pytest.approx(pot_tao[103] / 2, rel=1e-6)
    used = economy.tables()["capabilities"].groupby("epoch")["resource_units"].sum()
    assert 0.15 < math.log(used[129] / used[103]) / math.log(0.5) < 0.3
    assert economy.tables()["capabilities"]["hardware_units"].min() > 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"miners.hardware": "leased"}, "miners.hardware must be one of rented, owned, is 'leased'"),
        ({"miners.cost_exponent": 0.5}, r"miners.cost_exponent must be in \[1, 10\], is 0.5"),
        (
            {"miners.hardware": "owned", "miners.cost_exponent": 2.0},
            "miners.cost_exponent must be 1 where hardware is owned, is 2.0",
        ),
        ({"miners.depreciation_share": 1.5}, r"miners.depreciation_share must be in \[0, 1\], is 1.5"),
        ({"miners.hardware_price_tao": {"speed": 1.0}}, "miners.hardware_price_tao must name each capability"),
    ],
)
def test_a_bad_number_is_named_with_its_rule(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        with_values(find("gamed"), values)


# Convex costs, CLOSED_FORMS 1.3.


def test_convex_costs_keep_the_symmetric_contest_below_full_dissipation(one_pot):
    economy = one_pot(1000.0, 7, 60, miners__unit_cost_tao={"speed": 1.3}, miners__cost_exponent=2.0)
    assert economy.state.resource[0, 1:, 0] == pytest.approx(np.full(7, 9.705232), abs=1e-6)
    last = economy.records.epochs.last
    assert last("rent_dissipation_share")[0] == pytest.approx(0.428571, abs=1e-6)
    assert last("efficiency_share")[0] == pytest.approx(1, abs=1e-9)


COST_FACTOR = [1, 1.1, 1.25, 1.4, 2, 3]


@pytest.mark.parametrize(
    ("cost_exponent", "share", "hhi"),
    [
        (2.0, (0.223088, 0.207006, 0.186806, 0.170197, 0.125548, 0.087355), 0.179876),
        (1.0, (0.368421, 0.305263, 0.210526, 0.115789, 0, 0), 0.286648),
    ],
)
def test_convex_costs_keep_everyone_in_and_linear_ones_do_not(one_pot, cost_exponent, share, hhi):
    economy = one_pot(1000.0, 6, 150, miners__cost_factor=COST_FACTOR, miners__cost_exponent=cost_exponent)
    assert economy.state.incentive_share[0, 1:] == pytest.approx(np.array(share), abs=2e-6)
    assert economy.records.subnets.last("incentive_hhi")[0] == pytest.approx(hhi, abs=2e-6)


def test_climbing_the_slope_finds_the_convex_equilibrium_as_well(one_pot):
    economy = one_pot(
        1000.0, 7, 300, miners__mix={"gradient": 1.0}, miners__unit_cost_tao={"speed": 1.3}, miners__cost_exponent=2.0
    )
    assert economy.state.resource[0, 1:, 0] == pytest.approx(np.full(7, 9.705232), abs=1e-4)


@pytest.mark.parametrize("cost_exponent", [1.0, 1.5, 3.0])
def test_a_budget_that_binds_is_spent_to_the_last_rao(one_pot, cost_exponent):
    economy = one_pot(1000.0, 5, 3, miners__budget_tao=[7.0, 1.0, 0.0, 3.0, 1e9], miners__cost_exponent=cost_exponent)
    spent_tao = economy.records.epochs.last("spend_tao")[0]
    alone = one_pot(1000.0, 5, 3, miners__budget_tao=[7.0, 1.0, 0.0, 3.0, 0.0], miners__cost_exponent=cost_exponent)
    assert alone.records.epochs.last("spend_tao")[0] == pytest.approx(11.0, abs=1e-8)
    assert spent_tao > 11.0


def test_the_planner_of_money_is_never_beaten_under_convex_costs():
    for values in ({}, {"miners__mix": {"sybil": 0.5, "best_response": 0.5}}):
        economy = Economy("gamed", subnets__count=3, subnets__n_miners=10, miners__cost_exponent=2.0, **values)
        for _ in range(10):
            economy.step()
        efficiency = economy.records.epochs.frame()["efficiency_share"]
        assert efficiency.between(0, 1 + 1e-9).all()
