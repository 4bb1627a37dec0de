"""The best response to pay that is not proportional: the best of a grid, an equilibrium if there is one, or cycles."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.effort import score_mix
from agents.miners.best_response import LEAST_SHARE, best_spend_tried
from model.epoch import decide
from model.reward_rules import PAYS
from model.reward_rules.pay_shape import at_rows
from model.reward_rules.rule import pay_curve

POT_TAO = 100.0
SHAPES = [
    ("winner_take_all", {}),
    ("rank", {"prize_ratio": 0.6}),
    ("top_k", {"n_winners": 3}),
    ("threshold", {"bar_share": 0.5}),
    ("equal", {}),
    ("softmax", {"temperature": 4.0}),
]


def seen(contest, monkeypatch, pay, parameters, n_miners=6):
    """View of a crowd of best responders under this pay, after some epochs."""
    world = {"reward__pay": pay, "reward__pay_parameters": parameters, "reward__score": "linear"}
    economy = contest("best_response", n_miners, POT_TAO, world=world)
    for _ in range(3):
        economy.step()
    views = []

    def overheard(cohort, view, seed):
        views.append(view)
        return decided(cohort, view, seed)

    monkeypatch.setattr(decide, "_decided", overheard)
    economy.step()
    return views[0]


decided = decide._decided


@pytest.mark.parametrize(("pay", "parameters"), SHAPES)
def test_no_spending_on_a_fine_grid_earns_more(contest, monkeypatch, pay, parameters):
    view = seen(contest, monkeypatch, pay, parameters)
    mix, exponent = score_mix(view)
    slot = np.arange(len(view.slot_subnet))
    answer = best_spend_tried(view, slot, mix, exponent)
    fine = POT_TAO * np.geomspace(LEAST_SHARE, 1, 5000)
    rule = PAYS.build(pay, parameters)
    for miner, own in enumerate(answer):
        # The strategy counts a tie as lost, and no spending on the grid is one.
        earned = POT_TAO * pay_curve(rule, np.delete(view.score, miner), np.append(fine, own))
        profit = earned - np.append(fine, own)
        assert profit[-1] >= max(profit[:-1].max(), 0.0) - 0.02 * POT_TAO


def test_two_bidders_at_other_prices_outbid_if_it_pays_and_leave_if_not(contest, monkeypatch):
    view = seen(contest, monkeypatch, "winner_take_all", {}, n_miners=2)
    mix, exponent = score_mix(view)
    slot = np.arange(2)
    highest = view.rival_score
    answer = best_spend_tried(view, slot, mix, exponent)
    outbid = highest < 0.98 * POT_TAO
    assert outbid.any()
    assert (answer[outbid] > highest[outbid]).all()
    assert (answer[outbid] < np.maximum(1.03 * highest[outbid], 2 * LEAST_SHARE * POT_TAO)).all()


def test_pay_by_temperature_ends_in_its_equilibrium(contest):
    # CLOSED_FORMS 1.6: with V = 100, n = 10, tau = 4 and cost 3 x^2 / 2 everybody does 0.75.
    world = {
        "reward__pay": "softmax",
        "reward__pay_parameters": {"temperature": 4.0},
        "reward__score": "linear",
        "miners__unit_cost_tao": {"speed": 3.0},
        "miners__cost_exponent": 2.0,
    }
    economy = contest("best_response", 10, 100.0, world=world)
    for _ in range(60):
        economy.step()
    effort = economy.state.resource[0, economy.rules.scenario.subnets.n_validators :, 0]
    assert effort == pytest.approx(0.75, rel=0.02)


def test_under_winner_take_all_spending_climbs_to_the_pot_and_falls_to_nothing_again(contest, resource):
    history = resource(contest("best_response", 5, POT_TAO, world={"reward__pay": "winner_take_all"}), 300)[:, :, 0]
    highest = history.max(axis=1)
    peak = int(highest.argmax())
    assert highest[peak] > 0.9 * POT_TAO
    assert highest[:peak].min() < 0.3 * POT_TAO
    trough = peak + int(highest[peak:].argmin())
    assert highest[trough] < 0.01 * POT_TAO
    assert highest[-1] > 5 * highest[trough]


def test_under_equal_pay_a_trace_is_enough(contest):
    economy = contest("best_response", 5, 100.0, world={"reward__pay": "equal"})
    for _ in range(40):
        economy.step()
    spend_tao = economy.state.resource[0, economy.rules.scenario.subnets.n_validators :, 0]
    assert spend_tao == pytest.approx(POT_TAO * LEAST_SHARE)


@pytest.mark.parametrize(("pay", "parameters"), SHAPES)
def test_the_view_knows_what_other_scores_would_have_been_paid(contest, monkeypatch, pay, parameters):
    view = seen(contest, monkeypatch, pay, parameters)
    tried = default_rng(1).uniform(0, 30, (2, 4))
    share = view.paid_share(np.array([5, 5]), tried)
    known = pay_curve(PAYS.build(pay, parameters), view.score[:5], tried.ravel())
    assert share.ravel() == pytest.approx(known)


def test_each_subnet_pays_by_its_own_temperature():
    pay = at_rows(PAYS.build("softmax", {"temperature": (1.0, 4.0)}), np.array([1, 1, 0]))
    assert pay.temperature == (4.0, 4.0, 1.0)
    score = np.array([[[1.0, 9.0]]] * 3)
    assert pay.weight(score)[:, 0, 1] == pytest.approx(1 / (1 + np.exp([-2.0, -2.0, -8.0])))
