"""Whether a run stands still: what is settled, what swings, what moves, and when nobody can tell."""

import pickle

import numpy as np
import pytest

from model.economy import Economy
from model.records.records import Records
from model.records.settling import FEWEST_EPOCHS, MOVES, SETTLED, SHORT, SWINGS, settling


def records_of(spend_tao, moved=0.0, honest_share=0.5):
    """Records of a network with this spending, (epoch,), on one capability."""
    records = Records.of(
        1, ("speed",), np.array(["miner", "validator"], object), np.array(["honest", "honest"], object)
    )
    share = np.broadcast_to(honest_share, len(spend_tao))
    for epoch, spent in enumerate(spend_tao):
        records.epochs.append(epoch, {"spend_tao": spent, "users_value": 10.0, "moved_spend_share": moved})
        records.capabilities.append(epoch, {"spend_tao": np.array([spent])})
        records.strategies.append(epoch, {"earned_share": np.array([share[epoch], 1 - share[epoch]])})
    return records


EPOCH = np.arange(400)


@pytest.mark.parametrize(
    ("spend_tao", "state"),
    [
        (np.full(400, 100.0), SETTLED),
        (100 + 20 * 0.9**EPOCH, SETTLED),
        (100 + 0.2 * EPOCH, MOVES),
        (100 * 0.99**EPOCH, MOVES),
        (100 + 10 * np.sin(EPOCH), SWINGS),
        (100 + 10 * np.sin(EPOCH / 60), MOVES),
        (100 + np.random.default_rng(1).normal(0, 5, 400), SWINGS),
        (np.zeros(400), SETTLED),
    ],
)
def test_what_stands_what_swings_and_what_is_on_its_way(spend_tao, state):
    found = settling(records_of(spend_tao))
    assert found.state == state
    assert found.n_epochs == 100
    assert ("not settled" in found.sentence()) == (state in (SWINGS, MOVES))


def test_a_slow_drift_within_the_tolerance_is_no_standing_still():
    assert settling(records_of(100 + 0.012 * EPOCH)).state == MOVES
    assert settling(records_of(100 + 0.004 * EPOCH)).state == SETTLED


def test_sums_that_stand_hide_no_one_who_moves():
    found = settling(records_of(np.full(400, 100.0), moved=0.1))
    assert found.state == SWINGS
    assert "single miners" in found.sentence()


def test_a_share_that_moves_is_named():
    found = settling(records_of(np.full(400, 100.0), honest_share=0.2 + 0.001 * EPOCH))
    assert found.state == MOVES
    assert found.quantity == "the share of pay of honest miners"
    assert found.size_share == pytest.approx(0.099)


def test_few_epochs_since_the_start_or_a_change_say_nothing():
    spend_tao = np.full(100, 100.0)
    assert settling(records_of(spend_tao[: FEWEST_EPOCHS - 1])).state == SHORT
    assert settling(records_of(spend_tao), since=100 - FEWEST_EPOCHS).state == SETTLED
    assert settling(records_of(spend_tao), since=100 - FEWEST_EPOCHS + 1).state == SHORT


def test_a_change_that_is_still_to_come_is_none():
    economy = Economy("cartel", subnets__count=2)
    economy.intervene({"reward.audit_rate": 0.5}, epoch=300)
    for _ in range(40):
        economy.step()
    assert economy.settling().n_epochs == 10
    economy.intervene({"reward.audit_rate": 0.1})
    economy.step()
    assert economy.settling().state == SHORT


def test_an_edit_that_changes_no_rule_begins_nothing_anew():
    economy = Economy("cartel", subnets__count=2, epochs=100)
    for _ in range(40):
        economy.step()
    before = economy.settling()
    economy.intervene({"reward.audit_rate": economy.first_scenario.reward.audit_rate, "story": "another"})
    economy.step()
    assert economy.settling().state == before.state != SHORT
    again = pickle.loads(pickle.dumps(economy))
    assert again.settling() == economy.settling()


def test_spending_that_moved_is_a_share_of_both_epochs():
    economy = Economy("gamed", subnets__count=1)
    economy.step()
    first = economy.state.spend_rao.copy()
    assert np.isnan(economy.records.epochs.last("moved_spend_share")[0])
    economy.step()
    second = economy.state.spend_rao
    due = np.abs(second - first).sum() / (second.sum() + first.sum())
    assert 0 < economy.records.epochs.last("moved_spend_share")[0] == pytest.approx(due)
