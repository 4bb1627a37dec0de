"""The metric maximiser: no other split of the same money scores more."""

import numpy as np
import pytest

WORLD = {
    "capabilities": ["speed", "quality", "storage"],
    "reward__capability_weight": {"speed": 0.5, "quality": 0.3, "storage": 0.2},
    "value__capability_weight": {"speed": 0.2, "quality": 0.2, "storage": 0.6},
    "miners__unit_cost_tao": {"speed": 1.0, "quality": 2.0, "storage": 0.5},
    "miners__productivity": {"speed": 1.0, "quality": 3.0, "storage": 0.4},
}
WEIGHT, COST, PRODUCTIVITY = (np.array(x) for x in ([0.5, 0.3, 0.2], [1.0, 2.0, 0.5], [1.0, 3.0, 0.4]))


def cobb_douglas(output):
    return np.prod(output**WEIGHT, axis=-1)


def linear(output):
    return output @ WEIGHT


def ces(rho):
    return lambda output: ((output**rho) @ WEIGHT) ** (1 / rho)


SCORES = [
    ("cobb_douglas", {}, cobb_douglas),
    ("linear", {}, linear),
    ("ces", {"substitution_exponent": 0.5}, ces(0.5)),
    ("ces", {"substitution_exponent": -2.0}, ces(-2.0)),
]


@pytest.mark.parametrize(("score", "parameters", "formula"), SCORES)
def test_no_split_of_the_same_money_scores_more(contest, resource, score, parameters, formula):
    world = WORLD | {"reward__score": score, "reward__score_parameters": parameters}
    economy = contest("metric_maximizer", 2, 100.0, world=world)
    hardware = resource(economy, 1)[0, 0]
    assert hardware @ COST == pytest.approx(0.9 * 50)
    split = np.random.default_rng(1).dirichlet([0.5, 0.5, 0.5], 4000)
    rivals = formula(0.9 * 50 * split / COST * PRODUCTIVITY)
    assert formula(hardware * PRODUCTIVITY) >= rivals.max() - 1e-9
    assert economy.state.score[0, 1] == pytest.approx(formula(hardware * PRODUCTIVITY))


def test_it_works_for_the_metric_and_not_for_users(contest, resource):
    spend_tao = resource(contest("metric_maximizer", 2, 100.0, world=WORLD), 1)[0, 0] * COST
    assert spend_tao / spend_tao.sum() == pytest.approx(WEIGHT)
