"""The owner that audits when it expects lies: when that is."""

import numpy as np
import pytest

from agents.observation import OwnerView
from agents.owners.inspector import Inspector
from model.epoch.asking import draws_for


@pytest.fixture
def governs(lone_miner):
    """Audit rates that an inspector sets in two subnets, given the lies that it has seen in a thousand epochs."""

    def govern(lied_share, last=(0.0, 0.0), cost_tao=0.3, **parameters):
        view = OwnerView(
            public=lone_miner([1.0, 1.0]).public,
            row_subnet=np.arange(2),
            burn_share=np.array([0.1, 0.2]),
            audit_rate=np.array([0.5, 0.5]),
            audit_cost_tao=cost_tao,
            users_value=np.zeros(2),
            lied_share=np.array(last),
            memory={"epochs": np.array([1000.0]), "lies": 1000 * np.array(lied_share)},
        )
        draws = draws_for(view, np.arange(2, dtype=np.uint64), 0)
        action = Inspector(**{"harm_tao": 2.0, "anticipation": 0.0} | parameters).govern(view, draws)
        assert action.burn_share.tolist() == [0.1, 0.2]
        assert action.reward_weight.tolist() == view.public.reward_weight.tolist()
        return action.audit_rate.tolist()

    return govern


def test_it_audits_everybody_where_the_harm_it_can_prevent_is_worth_the_cost(governs):
    # An audit finds 0.8 of lies: 0.3 / (0.8 * 2) = 0.1875.
    assert governs((0.18, 0.195)) == [0, 1]
    assert governs((0.18, 0.195), cost_tao=0.0) == [1, 1]
    assert governs((0.18, 0.195), harm_tao=3.0) == [1, 1]


def test_without_lies_it_never_audits(governs):
    assert governs((0.0, 0.0), cost_tao=0.0) == [0, 0]


def test_the_last_epoch_counts_again_if_it_anticipates(governs):
    assert governs((0.18, 0.18), last=(1.0, 0.0), anticipation=50.0) == [1, 0]
