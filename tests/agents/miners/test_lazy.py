"""The lazy miner: what it gets depends on how the pay follows the score."""

import pytest


def pay_share(contest, seats, **world):
    economy = contest({"lazy": 0.5, "honest": 0.5}, 4, 100.0, world=world)
    economy.step()
    first = economy.rules.scenario.subnets.n_validators
    return economy.state.incentive_share[0, first:][seats(economy, "lazy")].sum()


def test_proportional_pay_gives_it_what_it_did(contest, seats):
    assert pay_share(contest, seats) == pytest.approx(0.05 / (0.05 + 0.9), rel=1e-6)


def test_equal_pay_gives_it_as_much_as_anybody(contest, seats):
    assert pay_share(contest, seats, reward__pay="equal") == pytest.approx(0.5)


def test_its_effort_stays_the_same_whatever_the_others_do(contest, resource, seats):
    economy = contest({"lazy": 0.5, "best_response": 0.5}, 4, 100.0)
    path = resource(economy, 10)
    assert path[:, seats(economy, "lazy")] == pytest.approx(0.05 * 25)
