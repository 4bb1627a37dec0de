"""The copycat: it repeats the proportions of the best-paid, an epoch late."""

import numpy as np
import pytest

WORLD = {
    "capabilities": ["speed", "quality"],
    "reward__capability_weight": {"speed": 0.8, "quality": 0.2},
    "value__capability_weight": {"speed": 0.5, "quality": 0.5},
    "miners__unit_cost_tao": {"speed": 1.0, "quality": 1.0},
    "miners__productivity": {"speed": 1.0, "quality": 1.0},
}


def test_it_repeats_the_mix_of_the_best_paid_an_epoch_late(contest, resource, seats):
    world = WORLD | {"miners__parameters": {"speed": {"focus_share": 0.7}, "copycat": {"spend_share": 0.4}}}
    economy = contest({"honest": 0.4, "speed": 0.3, "copycat": 0.3}, 10, 100.0, world=world)
    path = resource(economy, 2)
    share, copycat = economy.state.incentive_share[0, 1:], seats(economy, "copycat")
    assert share[seats(economy, "speed")].min() > share[seats(economy, "honest")].max()
    assert path[:, copycat] == pytest.approx(0.4 * 10 * np.array([[[0.8, 0.2]] * 3, [[0.7, 0.3]] * 3]))


def test_at_other_prices_it_copies_hardware_and_not_spending(contest, resource, seats):
    world = WORLD | {
        "miners__unit_cost_tao": {"speed": 1.0, "quality": 4.0},
        "miners__parameters": {"copycat": {"spend_share": 0.45}},
        "miners__cost_factor": [2.0, 1.0],
    }
    economy = contest({"speed": 0.5, "copycat": 0.5}, 2, 100.0, world=world)
    path = resource(economy, 2)
    speed, copycat = path[:, seats(economy, "speed")], path[:, seats(economy, "copycat")]
    assert economy.population.unit_cost_tao[0, 1:].tolist() == [[2.0, 8.0], [1.0, 4.0]]
    assert copycat[0, :, 0] / copycat[0, :, 1] == pytest.approx(0.8 / 0.2 * 4)
    assert copycat[1] == pytest.approx(speed[0] / 4)


def test_while_nobody_has_been_paid_it_goes_by_what_the_rule_scores(contest, resource, seats):
    world = WORLD | {"miners__parameters": {"speed": {"focus_share": 0.7}, "copycat": {"spend_share": 0.4}}}
    economy = contest({"speed": 0.5, "copycat": 0.5}, 4, 100.0, world=world)
    economy.step()
    economy.state.earned_tao = np.zeros_like(economy.state.earned_tao)  # as if the pay had been burned
    unpaid = resource(economy, 1)[0, seats(economy, "copycat")]
    paid = resource(economy, 1)[0, seats(economy, "copycat")]
    assert unpaid[:, 0] / unpaid.sum(axis=1) == pytest.approx([0.8] * 2)
    assert paid[:, 0] / paid.sum(axis=1) == pytest.approx([0.7] * 2)
