"""The owner that tunes: it finds the weight that users would have chosen."""

import numpy as np
import pytest

from model.scenario.interventions import Intervention


def test_it_comes_within_a_step_of_the_best_weight_and_stays(governed):
    economy, share = governed("tuner", 48, period_epochs=3), []
    for _ in range(18):
        economy.step()
        share.append(economy.rules.reward_weight[0, 0])
    assert np.array(share) == pytest.approx(0.2, abs=0.1001)
    assert np.mean(share) == pytest.approx(0.2, abs=0.03)
    assert economy.rules.reward_weight.sum(axis=1) == pytest.approx([1, 1])
    assert economy.rules.reward_weight[:, 1] == pytest.approx(economy.rules.reward_weight[:, 2])


def test_users_get_more_than_under_fixed_rules(governed):
    value = {
        "fixed": governed("fixed", 30).records.epochs.last("users_value")[0],
        "tuner": governed("tuner", 48, period_epochs=3).records.epochs.last("users_value")[0],
    }
    # What a wrong weight costs is exp(-KL), and the tuner ends within a step or two of the right one.
    weight, scored = np.array([0.2, 0.4, 0.4]), np.array([0.8, 0.1, 0.1])
    loss = np.exp(-(weight * np.log(weight / scored)).sum())
    assert value["tuner"] > 0.9 * value["fixed"] / loss


def test_a_change_of_something_else_leaves_its_work_alone_and_one_of_the_weights_does_not(governed):
    other = governed("tuner", 9, [Intervention(epoch=8, values={"reward.audit_rate": 0.1})], period_epochs=3)
    same = governed("tuner", 9, period_epochs=3)
    assert other.rules.reward_weight.tolist() == same.rules.reward_weight.tolist() != [[0.8, 0.1, 0.1]] * 2
    edited = Intervention(epoch=8, values={"reward.capability_weight.speed": 0.5})
    _, quality, storage = same.rules.reward_weight[0].tolist()
    assert governed("tuner", 9, [edited], period_epochs=3).rules.reward_weight[0].tolist() == [0.5, quality, storage]
