"""Logit choice: it rests where quantal response does."""

import numpy as np
import pytest

POTS = np.array([50.0, 30.0, 15.0, 5.0])
TABLE = {
    0.01: (0.494347, 0.300396, 0.152845, 0.052412),
    0.1: (0.451008, 0.298987, 0.173575, 0.076430),
    0.5: (0.357549, 0.278335, 0.209689, 0.154426),
    2.0: (0.289795, 0.259336, 0.234430, 0.216439),
}


@pytest.mark.parametrize(
    ("temperature", "step", "n_epochs"), [(0.01, 0.04, 80), (0.1, 0.2, 30), (0.5, 0.5, 20), (2.0, 0.8, 20)]
)
def test_shares_end_at_the_quantal_response_equilibrium(congestion, spend_share, temperature, step, n_epochs):
    economy = congestion("logit", 256, POTS.tolist(), temperature=temperature, step=step)
    share = spend_share(economy, n_epochs)[-1]
    assert share == pytest.approx(TABLE[temperature], abs=5e-6)
    expected = np.exp(POTS / (256 * share * temperature))
    assert share == pytest.approx(expected / expected.sum(), abs=1e-5)


def test_a_step_that_is_too_long_for_the_temperature_does_not_settle(congestion, spend_share):
    economy = congestion("logit", 64, POTS.tolist(), temperature=0.02, step=0.9)
    path = spend_share(economy, 40)
    assert np.abs(np.diff(path[20:], axis=0)).max(axis=1).min() > 0.1
