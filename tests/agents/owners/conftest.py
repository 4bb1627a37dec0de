"""A subnet whose rule asks for four times as much speed as it should, under owners of one strategy."""

import pytest

from model.economy import Economy

MISJUDGED = {
    "capabilities": ["speed", "quality", "storage"],
    "subnets__count": 2,
    "subnets__n_validators": 2,
    "subnets__n_miners": 10,
    "reward__capability_weight": {"speed": 0.8, "quality": 0.1, "storage": 0.1},
    "value__capability_weight": {"speed": 0.2, "quality": 0.4, "storage": 0.4},
    "reward__measurement_noise": 0.0,
    "miners__skill_sd": 0.0,
    "miners__purse_tao": 10_000.0,
    "market__price_tao_per_alpha": 1.0,
    "validators__mix": {"honest": 1.0},
}


@pytest.fixture
def governed():
    """Maker of economies after some epochs under owners who play `strategy`."""

    def play(strategy, n_epochs, interventions=(), **parameters):
        economy = Economy(
            "speed-or-quality",
            interventions=interventions,
            owners__mix={strategy: 1.0},
            owners__parameters={strategy: parameters},
            **MISJUDGED,
        )
        for _ in range(n_epochs):
            economy.step()
        return economy

    return play
