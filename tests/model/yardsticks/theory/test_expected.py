"""Closed forms of whole scenarios against runs of them."""

import pytest

from model.economy import Economy
from model.experiments.baselines import theory_table
from model.scenario.scenario_file import find, with_values
from model.yardsticks.theory.expected import expected

QUIET = {
    "reward.measurement_noise": 0.0,
    "miners.skill_sd": 0.0,
    "validators.mix": {"honest": 1.0},
    "subnets.n_validators": 2,
}
ONE_SUBNET = QUIET | {"subnets.count": 1, "subnets.n_miners": 6, "market.price_tao_per_alpha": 0.02}


def contest(**values):
    return with_values(
        find("speed-or-quality"), ONE_SUBNET | {name.replace("__", "."): value for name, value in values.items()}
    )


def compared(scenario, epochs, seed=None):
    """Theory and measurement of each quantity after some epochs."""
    economy = Economy(with_values(scenario, {"epochs": epochs}), rng=seed)
    while economy.running:
        economy.step()
    table = theory_table(economy).set_index("quantity")
    assert len(table)
    return table


def test_symmetric_contest_rests_where_theory_says():
    table = compared(contest(reward__pay_parameters={"decisiveness": 0.8}), 40)
    assert table.loc["rent_dissipation_share", "theory"] == pytest.approx(0.8 * 5 / 6)
    assert table.loc["spend_share.quality", "theory"] == pytest.approx(0.6)
    assert table["measured"].to_numpy() == pytest.approx(table["theory"].to_numpy(), abs=5e-4)


def test_oligopoly_rests_where_theory_says():
    table = compared(contest(miners__cost_factor=[1.0, 1.1, 1.25, 1.4, 2.0, 3.0]), 50)
    assert table.loc["incentive_hhi", "theory"] == pytest.approx(0.286648, abs=1e-6)
    assert table.loc["incentive_gini", "theory"] == pytest.approx(0.475439, abs=1e-6)
    assert table["measured"].to_numpy() == pytest.approx(table["theory"].to_numpy(), abs=5e-4)


def test_drawn_skill_makes_an_oligopoly_too():
    table = compared(contest(miners__skill_sd=0.3), 50, seed=3)
    assert "incentive_hhi" in table.index
    assert table["measured"].to_numpy() == pytest.approx(table["theory"].to_numpy(), abs=5e-4)


def test_subnets_get_spending_as_their_prizes_stand():
    several = QUIET | {
        "subnets.count": 4,
        "subnets.n_miners": 8,
        "market.price_tao_per_alpha": [0.05, 0.03, 0.015, 0.005],
        "reward.pay_parameters": {"decisiveness": [1.0, 0.5, 1.0, 0.25]},
    }
    table = compared(with_values(find("speed-or-quality"), several), 45)
    shares = [table.loc[f"subnet_spend_share.{subnet}", "theory"] for subnet in range(4)]
    assert shares == pytest.approx([0.615385, 0.184615, 0.184615, 0.015385], abs=1e-6)
    assert table["measured"].to_numpy() == pytest.approx(table["theory"].to_numpy(), abs=1e-3)


def test_two_blocs_rest_where_theory_says():
    quick = {"consensus.bonds_moving_average": 0.6, "miners.purse_tao": 10_000.0}
    table = compared(with_values(find("cartel"), quick), 45)
    assert table["theory"].to_numpy() == pytest.approx([0.416667, 0.166667, 0.291667], abs=1e-6)
    assert table["measured"].to_numpy() == pytest.approx(table["theory"].to_numpy(), abs=1e-6)


def test_a_table_of_no_noise_is_no_noise():
    quiet = contest(reward__measurement_noise={"speed": 0.0, "quality": 0.0, "storage": 0.0})
    assert expected(quiet) == expected(contest())


@pytest.mark.parametrize(
    "change",
    [
        {"reward.measurement_noise": 0.05},
        {"reward.measurement_noise": {"speed": 0.0, "quality": 0.0, "storage": 0.05}},
        {"reward.score": "linear"},
        {"reward.pay": "winner_take_all", "reward.pay_parameters": {}},
        {"miners.mix": {"honest": 1.0}},
        {"validators.mix": {"honest": 0.5, "weight_copier": 0.5}},
        {"reward.pay_parameters": {"decisiveness": 1.3}},
        {"owners.burn_share": 0.1},
        {"owners.mix": {"tuner": 1.0}},
        {"registration.newcomers": 1.0, "registration.n_waiting": 5},
    ],
)
def test_no_answer_is_given_where_there_is_none(change):
    assert expected(contest())
    assert expected(with_values(contest(), change)) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"consensus.mechanism": "yuma3"},
        {"validators.reinvest_share": 1.0},
        {"validators.root_stake_tao": 5.0},
        {"nominators.count": 3},
        {"cartel.self_weight": 0.2},
        {"validators.mix": {"honest": 1.0}},
    ],
)
def test_no_answer_is_given_for_blocs_that_move(change):
    assert expected(find("cartel"))
    assert expected(with_values(find("cartel"), change)) == {}
