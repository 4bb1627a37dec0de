"""Worlds with a pot of a stated size, and the command line."""

import pytest

from model import cli
from model.economy import Economy

MINERS_POT_ALPHA = 360 * (1 - 11_796 / 65_535) / 2  # of an epoch at the default tempo and owner's cut

PLAIN = {
    "capabilities": ["speed"],
    "subnets__count": 1,
    "subnets__n_validators": 1,
    "reward__capability_weight": {"speed": 1.0},
    "value__capability_weight": {"speed": 1.0},
    "reward__measurement_noise": 0.0,
    "miners__unit_cost_tao": {"speed": 1.0},
    "miners__productivity": {"speed": 1.0},
    "miners__skill_sd": 0.0,
    "miners__purse_tao": 10_000.0,
    "miners__mix": {"best_response": 1.0},
    "validators__mix": {"honest": 1.0},
}


@pytest.fixture
def one_pot():
    """Maker of economies with one subnet and this pot, played for some epochs."""

    def make(pot_tao, n_miners, epochs=0, **values):
        given = PLAIN | {"market__price_tao_per_alpha": pot_tao / MINERS_POT_ALPHA, "subnets__n_miners": n_miners}
        economy = Economy("speed-or-quality", **given | values)
        for _ in range(epochs):
            economy.step()
        return economy

    return make


@pytest.fixture
def sandbox(capsys):
    """Runs the command; its exit code, what it printed and what it complained of."""

    def call(*arguments):
        try:
            cli.main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call
