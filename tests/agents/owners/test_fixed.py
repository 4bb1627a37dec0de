"""The owner that leaves its rules alone."""

import pytest

from model.scenario.interventions import Intervention


def test_rules_are_those_of_the_scenario_all_along(governed):
    economy = governed("fixed", 3)
    assert economy.rules.reward_weight.tolist() == [[0.8, 0.1, 0.1]] * 2
    assert economy.rules.burn_share.tolist() == [0, 0]


def test_a_change_of_the_scenario_is_followed(governed):
    change = Intervention(epoch=2, values={"reward.capability_weight.speed": 0.3, "owners.burn_share": 0.25})
    economy = governed("fixed", 4, [change])
    assert economy.rules.reward_weight.tolist() == [[0.3, 0.1, 0.1]] * 2
    assert economy.rules.burn_share.tolist() == [0.25, 0.25]


@pytest.mark.parametrize("path", ["owners.mix", "owners.mix.burner", "owners.parameters", "owners"])
def test_who_owns_the_subnets_is_settled_at_the_start(governed, path):
    with pytest.raises(ValueError, match=r"can't change during a run"):
        governed("fixed", 1).intervene({path: 0.5})
