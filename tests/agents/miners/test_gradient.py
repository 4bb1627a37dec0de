"""Gradient play: it reaches Nash below its step limit and not above it."""

import numpy as np
import pytest

N_MINERS, POT_TAO, UNIT_COST_TAO = 10, 1000.0, 1.3
STEP_LIMIT = 2 * POT_TAO * (N_MINERS - 1) / (N_MINERS**2 * UNIT_COST_TAO**2)
EQUILIBRIUM = POT_TAO * (N_MINERS - 1) / (N_MINERS**2 * UNIT_COST_TAO)


@pytest.fixture
def play(contest, resource):
    """Hardware under a step in units of hardware, which is turned into one in TAO per equal split of the pot."""

    def of(step, n_epochs):
        economy = contest(
            "gradient",
            N_MINERS,
            POT_TAO,
            world={"miners__unit_cost_tao": {"speed": UNIT_COST_TAO}, "miners__purse_tao": 100_000.0},
            step=step * UNIT_COST_TAO**2 * N_MINERS / POT_TAO,
            first_spend_share=0.9,
            first_spend_spread=0.05,
        )
        return resource(economy, n_epochs)[:, :, 0]

    return of


def test_the_step_limit_is_the_printed_one():
    assert pytest.approx(106.5089, abs=1e-4) == STEP_LIMIT


@pytest.mark.parametrize("share_of_limit", [0.2, 0.5, 0.97])
def test_below_the_limit_it_reaches_nash(play, share_of_limit):
    path = play(share_of_limit * STEP_LIMIT, 70)
    assert path[-1] == pytest.approx(EQUILIBRIUM, rel=0.01)


@pytest.mark.parametrize("share_of_limit", [1.03, 1.5])
def test_above_the_limit_it_swings_for_ever(play, share_of_limit):
    total = play(share_of_limit * STEP_LIMIT, 70).sum(axis=1)
    assert np.abs(np.diff(total[-30:])).min() > 0.1 * N_MINERS * EQUILIBRIUM
    assert (np.sign(np.diff(total[-30:]))[1:] != np.sign(np.diff(total[-30:]))[:-1]).any()
