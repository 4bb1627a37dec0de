"""The copycat: it repeats the proportions of the best-paid, an epoch late."""

import pytest

WORLD = {
    "capabilities": ["speed", "quality"],
    "reward__capability_weight": {"speed": 0.8, "quality": 0.2},
    "value__capability_weight": {"speed": 0.5, "quality": 0.5},
    "miners__unit_cost_tao": {"speed": 1.0, "quality": 1.0},
    "miners__productivity": {"speed": 1.0, "quality": 1.0},
}


def test_it_repeats_the_mix_of_the_best_paid_an_epoch_late(contest, resource):
    world = WORLD | {"miners__parameters": {"speed": {"focus_share": 0.7}, "copycat": {"spend_share": 0.4}}}
    economy = contest({"honest": 0.4, "speed": 0.3, "copycat": 0.3}, 10, 100.0, world=world)
    path = resource(economy, 2)
    assert economy.state.incentive_share[0, 5:8].min() > economy.state.incentive_share[0, 1:5].max()
    assert path[0, 7:] == pytest.approx(0.4 * 10 * (path[0, 7:] * 0 + [0.8, 0.2]))
    assert path[1, 7:] == pytest.approx(0.4 * 10 * (path[1, 7:] * 0 + [0.7, 0.3]))


def test_at_other_prices_it_copies_hardware_and_not_spending(contest, resource):
    world = WORLD | {
        "miners__unit_cost_tao": {"speed": 1.0, "quality": 4.0},
        "miners__parameters": {"copycat": {"spend_share": 0.45}},
        "miners__cost_factor": [1.0, 2.0],
    }
    path = resource(contest({"speed": 0.5, "copycat": 0.5}, 2, 100.0, world=world), 2)
    assert path[0, 1, 0] / path[0, 1, 1] == pytest.approx(0.8 / 0.2 * 4)
    assert path[1, 1] == pytest.approx(path[0, 0] / 4)
