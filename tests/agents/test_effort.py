"""Money into hardware, hardware into score, score into a share of the pot."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.effort import cost_tao, pot_share, power_per_spend, score_mix, spend_to_resource, spent_tao
from agents.miners.metric_maximizer import MetricMaximizer
from agents.observation import Draws, MinerAction, MinerView
from model.world.maths import MATHS


@settings(deadline=None, derandomize=True)
@given(
    arrays(float, 3, elements=st.floats(0, 1e6)),
    arrays(float, (3, 2), elements=st.floats(0, 10)),
    arrays(float, (3, 2), elements=st.floats(1e-3, 1e3)),
)
def test_all_the_money_is_spent_in_the_proportions_of_the_mix(spend_tao, mix, unit_cost_tao):
    cost = spend_to_resource(spend_tao, mix, unit_cost_tao, 1.0, MATHS) * unit_cost_tao
    some = mix.sum(axis=1) > 0
    assert cost.sum(axis=1) == pytest.approx(spend_tao * some, rel=1e-9)
    assert cost * mix.sum(axis=1, keepdims=True) == pytest.approx(spend_tao[:, None] * mix, rel=1e-9, abs=1e-300)


@settings(deadline=None, derandomize=True)
@given(st.floats(1.0, 10.0), arrays(float, 3, elements=st.floats(1e-3, 1e6)))
def test_hardware_for_a_sum_costs_that_sum_whatever_the_exponent(cost_exponent, spend_tao):
    mix, unit_cost_tao = np.array([[1.0, 3.0]] * 3), np.array([[0.5, 2.0]] * 3)
    resource = spend_to_resource(spend_tao, mix, unit_cost_tao, cost_exponent, MATHS)
    cost = cost_tao(resource, unit_cost_tao, cost_exponent, MATHS)
    np.testing.assert_allclose(cost, spend_tao[:, None] * [0.25, 0.75], rtol=1e-9)


@pytest.mark.parametrize("score", [("linear", 1.0), ("ces", 0.5), ("ces", -1.0), ("cobb_douglas", 1.0)])
@pytest.mark.parametrize("cost_exponent", [1.5, 2.0])
def test_no_other_mix_scores_more_under_convex_costs(lone_miner, score, cost_exponent):
    view = lone_miner([10.0])
    names, weight = ("speed", "quality"), np.array([[0.7, 0.3]])
    public = replace(view.public, capability=names, score=score[0], reward_weight=weight, cost_exponent=cost_exponent)
    public = replace(public, substitution_exponent=np.array([score[1]]))
    unit_cost_tao, productivity = np.array([[1.0, 0.4]]), np.array([[1.0, 2.0]])
    view = replace(view, public=public, unit_cost_tao=unit_cost_tao, productivity=productivity)
    mix, exponent = score_mix(view)
    best = power_per_spend(view, mix)[0]
    others = [power_per_spend(view, np.array([[part, 1 - part]]))[0] for part in np.linspace(0.005, 0.995, 199)]
    assert max(others) <= best * (1 + 1e-12)
    assert best == pytest.approx(max(others), rel=1e-3)
    doubled = power_per_spend(replace(view, unit_cost_tao=unit_cost_tao / 2), mix)[0]
    assert doubled / best == pytest.approx(2 ** exponent[0])


def test_a_mix_of_nothing_rents_nothing():
    assert spend_to_resource(np.ones(1), np.zeros((1, 2)), np.ones((1, 2)), 1.0, MATHS).tolist() == [[0, 0]]


def test_half_the_price_rents_twice_as_much():
    resource = spend_to_resource(np.array([12.0]), np.array([[1.0, 2.0]]), np.array([[2.0, 1.0]]), 1.0, MATHS)
    assert resource.tolist() == [[2.0, 8.0]]


# What a miner thinks that it would earn, against what it is paid.


@dataclass(frozen=True)
class Witness:
    """Plays `metric_maximizer` at a level that differs from miner to miner, and keeps what it sees."""

    seen: list[MinerView] = field(default_factory=list)

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        self.seen.append(view)
        resource = MetricMaximizer().decide(view, draws).resource
        return MinerAction(resource=resource * (1 + np.arange(len(resource)))[:, np.newaxis] / len(resource))


@pytest.fixture
def seen(contest):
    """What four unequal miners see after an epoch in which all of them did what scores most."""

    def see(**rule):
        names = ("speed", "quality")
        economy = contest(
            "metric_maximizer",
            4,
            100.0,
            world={
                "capabilities": list(names),
                "reward__capability_weight": {"speed": 0.7, "quality": 0.4},
                "value__capability_weight": dict.fromkeys(names, 0.5),
                "miners__unit_cost_tao": {"speed": 1.0, "quality": 0.4},
                "miners__productivity": {"speed": 1.5, "quality": 0.8},
                "miners__skill_sd": 0.3,
            }
            | {f"reward__{name}": value for name, value in rule.items()},
        )
        witness = Witness()
        cohorts = tuple(
            replace(cohort, strategy=witness) if cohort.role == "miner" else cohort
            for cohort in economy.population.cohorts
        )
        economy.population = replace(economy.population, cohorts=cohorts)
        economy.step()
        economy.step()
        return witness.seen[-1]

    return see


@pytest.mark.parametrize("decisiveness", [0.5, 1.0, 3.0])
@pytest.mark.parametrize(
    "score",
    [
        {"score": "linear"},
        {"score": "cobb_douglas"},
        {"score": "ces", "score_parameters": {"substitution_exponent": 0.5}},
        {"score": "ces", "score_parameters": {"substitution_exponent": -3.0}},
    ],
)
def test_the_share_that_spending_is_thought_to_take_is_the_share_that_is_paid(seen, score, decisiveness):
    view = seen(**score, pay_parameters={"decisiveness": decisiveness})
    assert pot_share(view, spent_tao(view)) == pytest.approx(view.incentive_share, rel=1e-5)
    levels = pot_share(view, spent_tao(view)[:, np.newaxis] * np.array([0.0, 0.5, 1.0, 2.0]))
    assert levels[:, 2] == pytest.approx(view.incentive_share, rel=1e-5)
    assert levels[:, 0].tolist() == [0] * 4
    assert (np.diff(levels, axis=1) > 0).all()


def test_the_winner_takes_all_and_a_tie_takes_nothing(seen):
    view = seen(score="linear", pay="winner_take_all")
    best = np.argmax(view.score)
    assert pot_share(view, spent_tao(view)).tolist() == view.incentive_share.tolist()
    tie = spent_tao(view) * np.where(np.arange(4) == best, view.rival_score / view.score, view.score[best] / view.score)
    assert pot_share(view, tie).tolist() == [0] * 4
    assert pot_share(view, 1.001 * tie).tolist() == [1] * 4
