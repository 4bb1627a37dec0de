"""The validator that likes speed: its rows favour the fast, and it pays for disagreeing."""

import numpy as np
import pytest

from agents.validators.speed_biased import SpeedBiased
from model.economy import Economy


def played(share, **values):
    economy = Economy(
        "speed-or-quality",
        subnets__count=1,
        subnets__n_miners=8,
        validators__mix={"honest": 1 - share, "speed_biased": share},
        miners__mix={"honest": 0.5, "speed": 0.5},
        reward__measurement_noise=0.0,
        market__price_tao_per_alpha=0.02,
        **values,
    )
    for _ in range(10):
        economy.step()
    return economy.state


def fast_share(state):
    return state.incentive_share[0, 20:].sum()


def test_it_shifts_its_share_of_the_weights_to_its_favourite(lone_miner):
    public = lone_miner([1.0, 1.0]).public
    assert SpeedBiased(bias_share=1.0).score_weight(public).tolist() == [[1.0], [1.0]]
    assert SpeedBiased(capability="taste").score_weight(public).tolist() == public.reward_weight.tolist()


@pytest.mark.parametrize("bias_share", [0.25, 1.0])
def test_a_network_of_them_pays_as_a_rule_with_their_weights_would(bias_share):
    biased = played(1.0, validators__parameters={"speed_biased": {"bias_share": bias_share}})
    weight = (1 - bias_share) * np.array([0.2, 0.6, 0.2]) + bias_share * np.array([1.0, 0, 0])
    names = ("speed", "quality", "storage")
    ruled = played(0.0, reward__capability_weight=dict(zip(names, weight.tolist(), strict=True)))
    assert biased.incentive_share == pytest.approx(ruled.incentive_share, abs=1e-6)


def test_a_minority_moves_nothing_and_earns_less():
    minority, nobody = played(0.25), played(0.0)
    assert fast_share(minority) == pytest.approx(fast_share(nobody), rel=0.15)
    assert minority.dividend_share[0, 12:16].max() < 0.95 * minority.dividend_share[0, :12].min()


def test_a_majority_moves_what_is_paid():
    assert fast_share(played(0.75)) > 1.5 * fast_share(played(0.0))
