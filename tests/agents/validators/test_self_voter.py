"""The self-voter: the mask of the chain leaves it no better off than an honest validator."""

import pytest

from model.economy import Economy


def played(self_share):
    economy = Economy(
        "speed-or-quality",
        subnets__count=2,
        subnets__n_miners=8,
        validators__mix={"honest": 0.75, "self_voter": 0.25},
        validators__parameters={"self_voter": {"self_share": self_share}},
        reward__measurement_noise=0.0,
        market__price_tao_per_alpha=0.02,
    )
    for _ in range(4):
        economy.step()
    return economy.state


@pytest.mark.parametrize("self_share", [0.0, 0.5, 0.99])
def test_what_it_gives_itself_is_struck_out(self_share):
    state = played(self_share)
    assert state.incentive_share[:, :16].max() == 0
    assert state.dividend_share[:, :16] == pytest.approx(1 / 16, rel=1e-9)


def test_who_gives_itself_everything_says_nothing_and_earns_nothing():
    state = played(1.0)
    assert state.dividend_share[:, 12:16].max() == 0
    assert state.dividend_share[:, :12] == pytest.approx(1 / 12, rel=1e-9)
