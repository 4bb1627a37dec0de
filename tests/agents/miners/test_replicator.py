"""The replicator: shares of the congestion game follow its equation exactly."""

import numpy as np
import pytest

POTS = (50.0, 30.0, 15.0, 5.0)
FIRST = (0.1, 0.2, 0.3, 0.4)


@pytest.mark.parametrize("pace", [1.0, 0.5])
def test_shares_follow_the_exact_path_of_the_congestion_game(congestion, spend_share, pace):
    economy = congestion("replicator", 256, POTS, first_share=FIRST, pace=pace)
    path = spend_share(economy, 11)
    target = np.array(POTS) / 100
    time = pace * np.arange(11)[:, np.newaxis]
    assert path == pytest.approx(target + (np.array(FIRST) - target) * np.exp(-100 * time / 256), abs=1e-7)
    assert path[round(5 / pace)] == pytest.approx([0.443268, 0.285817, 0.171275, 0.099641], abs=1e-6)


def test_a_strategy_that_is_dead_stays_so(congestion, spend_share):
    path = spend_share(congestion("replicator", 8, (3.0, 1.0), first_share=(0.0, 1.0)), 20)
    assert path[-1].tolist() == [0, 1]


def test_first_shares_must_fit_the_subnets(congestion):
    with pytest.raises(ValueError, match=r"replicator\.first_share must be one number or one per subnet \(2\), has 3"):
        congestion("replicator", 4, (3.0, 1.0), first_share=(0.2, 0.3, 0.5))
