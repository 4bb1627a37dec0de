"""The hopper: at rest at the equilibrium of the congestion game if few hop at a time, a stampede if all do."""

import numpy as np
import pytest

POTS = (50.0, 30.0, 15.0, 5.0)


def test_with_inertia_heads_end_at_the_integer_equilibrium(congestion, spend_share):
    economy = congestion("hopper", 40, POTS, inertia_share=0.96)
    head = 40 * spend_share(economy, 100)[-1]
    assert head == pytest.approx(40 * np.array(POTS) / 100, abs=1.01)
    # Nobody would earn more elsewhere.
    assert (np.array(POTS) / (head + 1)).max() <= (np.array(POTS) / head).min() + 1e-9


def test_without_inertia_all_rush_to_the_same_place(congestion, spend_share):
    path = spend_share(congestion("hopper", 64, POTS, inertia_share=0.0), 30)
    assert (path[5:].max(axis=1) == 1).all()
    assert (np.abs(np.diff(path[5:], axis=0)).max(axis=1) == 1).mean() > 0.5


def test_a_gain_that_is_too_small_moves_nobody(congestion, spend_share):
    path = spend_share(congestion("hopper", 16, POTS, inertia_share=0.0, least_gain_share=1e3), 5)
    assert (path == path[0]).all()
