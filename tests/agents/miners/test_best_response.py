"""The best response: no other spending would have earned more against last epoch's rivals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from agents.effort import power_per_spend, score_mix
from agents.miners.best_response import BestResponse, best_spend
from agents.observation import MinerView, PublicView
from model.epoch.asking import draws_for
from model.records.settling import SETTLED
from model.world.maths import MATHS

PERSON = np.zeros(1, np.uint64)


def seen(
    *, pot_tao=1000.0, rival_power=50.0, decisiveness=1.0, score="cobb_douglas", rho=1.0, weight=(0.5, 0.5), cost=1.0
):
    """View of one miner in one subnet who spent nothing yet."""
    n = len(weight)
    public = PublicView(
        maths=MATHS,
        epoch=3,
        capability=("speed", "quality", "storage")[:n],
        cost_exponent=1.0,
        hardware="rented",
        score=score,
        pay="proportional",
        block=0,
        tempo_blocks=360,
        score_parameters={},
        pay_parameters={},
        audit_rate=np.zeros(1),
        fine_tao=0.0,
        detection_share=0.8,
        confiscates=True,
        exclusion_epochs=0,
        reentry_fee_tao=0.0,
        burn_share=np.zeros(1),
        registration_price_tao=np.ones(1),
        identity_cost_tao=0.0,
        registered_block=np.zeros((1, 6), dtype=np.int64),
        caught=np.zeros((1, 6), dtype=bool),
        excluded_until=np.zeros((1, 6), dtype=np.int64),
        validator_stake_alpha=np.ones((1, 1)),
        validator_root_tao=np.zeros(1),
        weight=np.zeros((1, 1, 6)),
        incentive_share=np.zeros((1, 6)),
        miner_score=np.zeros((1, 5)),
        decisiveness=np.array([decisiveness]),
        substitution_exponent=np.array([rho]),
        reward_weight=np.array([weight]),
        value_weight=np.array([weight]),
        pot_tao=np.array([pot_tao]),
        paid_ratio=np.ones(1),
        price_tao_per_alpha=np.ones(1),
        n_miners=np.array([5]),
        consensus=np.zeros((1, 6)),
        miner_claimed=np.zeros((1, 5, n)),
        miner_earned_tao=np.zeros((1, 5)),
    )
    return MinerView(
        public=public,
        slot_subnet=np.zeros(1, dtype=np.int64),
        slot_miner=np.zeros(1, dtype=np.int64),
        unit_cost_tao=np.broadcast_to(np.asarray(cost, dtype=float), (1, n)).copy(),
        productivity=np.ones((1, n)),
        resource=np.zeros((1, n)),
        stock=np.zeros((1, n)),
        score=np.zeros(1),
        rival_power=np.array([rival_power]),
        rival_score=np.array([rival_power]),
        incentive_share=np.zeros(1),
        earned_tao=np.zeros(1),
        paid_ratio=np.ones(1),
        audited=np.zeros(1, dtype=bool),
        barred=np.zeros(1, dtype=bool),
        known=np.zeros(1, dtype=bool),
        budget_tao=np.array([1e9]),
        merit_share=0.3,
    )


def profit_tao(view, spend_tao):
    """Profit of each spending against the rivals of the view, in the mix that scores most."""
    mix, exponent = score_mix(view)
    power = power_per_spend(view, mix)[0] * np.asarray(spend_tao) ** exponent[0]
    return view.public.pot_tao[0] * power / (power + view.rival_power[0]) - spend_tao


def best(view):
    mix, exponent = score_mix(view)
    return float(best_spend(view, mix, exponent)[0])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    pot=st.floats(1e-3, 1e5),
    rivals=st.floats(1e-3, 1e4),
    decisiveness=st.floats(0.2, 3.0),
    weight=st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)),
    score=st.sampled_from([("cobb_douglas", 1.0), ("linear", 1.0), ("ces", 0.5), ("ces", -1.0)]),
)
def test_no_spending_earns_more(pot, rivals, decisiveness, weight, score):
    view = seen(pot_tao=pot, rival_power=rivals, decisiveness=decisiveness, weight=weight, score=score[0], rho=score[1])
    answer = best(view)
    assert 0 <= answer <= pot
    other_tao = pot * np.concatenate([np.logspace(-9, 0, 400), [0.0]])
    assert profit_tao(view, answer) >= profit_tao(view, other_tao).max() - 1e-9 * pot


@pytest.mark.parametrize("rivals", [1.0, 50.0, 999.0, 1000.0, 5000.0])
def test_against_a_proportional_rule_it_is_the_root_of_pot_times_rivals_less_rivals(rivals):
    view = seen(rival_power=rivals, weight=(1.0,))
    assert best(view) == pytest.approx(max(np.sqrt(1000 * rivals) - rivals, 0), abs=1e-9)


def test_with_nobody_to_beat_a_trace_is_enough():
    assert best(seen(rival_power=0.0)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("score", "rho", "share"),
    [
        ("cobb_douglas", 1.0, [0.5, 0.3, 0.2]),
        ("linear", 1.0, [1.0, 0.0, 0.0]),
        ("ces", 0.5, [0.25 / 0.38, 0.09 / 0.38, 0.04 / 0.38]),
    ],
)
def test_spending_is_split_as_scores_most(score, rho, share):
    view = seen(score=score, rho=rho, weight=(0.5, 0.3, 0.2))
    mix, _ = score_mix(view)
    assert mix[0] / mix[0].sum() == pytest.approx(share)


def test_no_other_split_of_a_ces_score_scores_more():
    view = seen(score="ces", rho=-1.0, weight=(0.5, 0.3, 0.2), cost=[1.0, 2.0, 0.3])
    mix, _ = score_mix(view)
    others = default_rng(1).dirichlet(np.ones(3), 500)
    most = power_per_spend(view, mix)[0]
    assert all(power_per_spend(view, other[np.newaxis])[0] <= most * (1 + 1e-12) for other in others)


def test_it_moves_part_of_the_way_there():
    view = replace(seen(rival_power=50.0, weight=(1.0,)), resource=np.array([[10.0]]))
    step = BestResponse(damping=1.0).decide(view, draws_for(view, PERSON, 0)).resource[0, 0]
    assert step == pytest.approx(10 + 2 / 5 * (best(view) - 10))
    assert BestResponse(damping=50.0).decide(view, draws_for(view, np.zeros(1, np.uint64), 0)).resource[
        0, 0
    ] == pytest.approx(best(view))


def test_a_newcomer_among_others_goes_all_the_way():
    view = seen(rival_power=50.0, weight=(1.0,))
    assert BestResponse().decide(view, draws_for(view, PERSON, 0)).resource[0, 0] == pytest.approx(best(view))


@pytest.mark.parametrize("decisiveness", [0.5, 1.0, 1.05, 1.15, 1.25, 1.9])
def test_twelve_equal_miners_settle_at_no_more_than_can_live(contest, decisiveness):
    settled_in_an_equilibrium(contest, decisiveness, seed=1, n_epochs=200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("decisiveness", [0.5, 1.0, 1.09, 1.25])
def test_twelve_equal_miners_settle_whatever_the_decisiveness_and_the_seed(contest, decisiveness, seed):
    settled_in_an_equilibrium(contest, decisiveness, seed, n_epochs=300)


def settled_in_an_equilibrium(contest, decisiveness, seed, n_epochs):
    """CLOSED_FORMS 1.1: k survivors, no more than r / (r - 1) of them, spend r (k - 1) / k of the pot together."""
    economy = contest(
        "best_response", 12, 100.0, world={"reward__pay_parameters": {"decisiveness": decisiveness}, "rng": seed}
    )
    for _ in range(n_epochs):
        economy.step()
    spend_tao = economy.state.spend_rao[0, 1:].sum(axis=1) / 1e9
    works = spend_tao > 1e-3
    n = int(works.sum())
    assert economy.settling().state == SETTLED
    assert spend_tao.sum() == pytest.approx(100 * decisiveness * (n - 1) / n, rel=1e-3)
    assert spend_tao[works] == pytest.approx(np.full(n, spend_tao.sum() / n), rel=1e-2)
    if decisiveness <= 1.05:
        assert n == 12
    else:
        assert 2 <= n <= decisiveness / (decisiveness - 1)


def test_without_an_equilibrium_in_pure_strategies_it_says_that_it_has_not_settled(contest):
    economy = contest("best_response", 12, 100.0, world={"reward__pay_parameters": {"decisiveness": 2.5}})
    for _ in range(200):
        economy.step()
    assert economy.settling().state != SETTLED
