"""Imitation: who wants to beat the others burns the whole pot, beyond the Nash equilibrium."""

import numpy as np
import pytest


@pytest.mark.parametrize("n_miners", [4, 8])
def test_imitators_spend_the_whole_pot_and_not_what_nash_would(contest, resource, n_miners):
    path = resource(contest("imitate", n_miners, 100.0, first_spend_share=0.9), 160)
    spend_share = path[40:].sum(axis=(1, 2)).mean() / 100
    assert spend_share == pytest.approx(1.0, abs=0.06)
    assert spend_share > (n_miners - 1) / n_miners + 0.05 or n_miners > 4


def test_without_looking_and_without_errors_nothing_changes(contest, resource):
    path = resource(contest("imitate", 4, 100.0, look_share=0.0, mutation_spread=0.0), 5)
    assert path == pytest.approx(np.full(path.shape, 12.5))


@pytest.mark.parametrize(("cost_factor", "copies"), [(1.0, True), (3.0, False)])
def test_a_better_one_is_copied_if_its_hardware_would_pay_at_ones_own_costs(
    contest, resource, seats, cost_factor, copies
):
    world = {
        "miners__parameters": {"imitate": {"mutation_spread": 0.0, "first_spend_share": 0.1}},
        "miners__cost_factor": [1.0, cost_factor],
    }
    economy = contest({"imitate": 0.5, "honest": 0.5}, 2, 100.0, world=world)
    path = resource(economy, 20)[:, :, 0]
    (honest,), (imitator,) = seats(economy, "honest"), seats(economy, "imitate")
    assert economy.population.unit_cost_tao[0, 1 + imitator, 0] == cost_factor
    # A unit of hardware earns 100 / 50 or 100 / 46.7 TAO while the honest miner has 45 of them.
    assert path[:, honest] == pytest.approx(45)
    assert path[-1, imitator] == pytest.approx(45 if copies else 5 / cost_factor)
