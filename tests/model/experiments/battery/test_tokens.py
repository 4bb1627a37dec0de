"""The battery's experiments on money and on the scheduler: halvings, pools, lock-in's pace, misread values."""

from dataclasses import replace

import pytest

from model.economy import Economy
from model.experiments.battery import battery, spec
from model.experiments.battery.outcomes import measure

SHIPPED = {one.name: one for one in spec.shipped()}


@pytest.mark.parametrize(
    ("name", "arm", "seeds"),
    [
        pytest.param("recycling", "10 % recycled", 1, marks=pytest.mark.slow),
        pytest.param("pool-path", "from twice the price", 1, marks=pytest.mark.slow),
        pytest.param("tao-recycling", "10 % recycled", 1, marks=pytest.mark.slow),
        pytest.param("decay", "elasticity 0.6", 1, marks=pytest.mark.slow),
        pytest.param("crossing", "rewards reversed", 20, marks=pytest.mark.slow),
        ("issuance", "half a TAO below the first threshold: the next block", 1),
        ("issuance", "at the second threshold", 1),
        ("crossing", "rewards as values", 3),
        ("few-subnets", "64 subnets", 10),
    ],
)
def test_answers_are_met_and_placebos_fail(name, arm, seeds):
    one = SHIPPED[name]
    broken = replace(one.placebo, arms=(arm,) if one.placebo.arms else ())
    chosen = replace(one, arms=tuple(each for each in one.arms if each.name == arm), placebo=broken)
    wanted = battery.tasks([chosen], seeds)
    table = battery.table(wanted, battery.run_all(wanted))
    assert battery.passed(table), table
    assert (table["placebo"] == battery.FAILS).all()


def test_a_halving_that_is_not_reached_is_asked_for_in_vain():
    economy = Economy("halving", epochs=3)
    while economy.running:
        economy.step()
    with pytest.raises(ValueError, match="alpha_halving_days needs two epochs below half of the cap and one above"):
        measure(economy, "alpha_halving_days", 1)
