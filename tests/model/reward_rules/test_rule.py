"""Scores, pay shapes and audits as a designer puts them together."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ext.noise import uniform
from model.reward_rules import PAYS, SCORES
from model.reward_rules.pay.equal import Equal
from model.reward_rules.pay.proportional import Proportional
from model.reward_rules.pay.rank import Rank
from model.reward_rules.pay.softmax import Softmax
from model.reward_rules.pay.threshold import Threshold
from model.reward_rules.pay.top_k import TopK
from model.reward_rules.pay.winner_take_all import WinnerTakeAll
from model.reward_rules.rule import claimed_score, honest_weight, pay_curve
from model.reward_rules.scores.ces import ConstantElasticity
from model.reward_rules.scores.cobb_douglas import CobbDouglas
from model.reward_rules.scores.linear import Linear
from model.reward_rules.verification import audit

KEY = 7
every_pay = pytest.mark.parametrize("pay", [PAYS.build(name) for name in PAYS.names()], ids=PAYS.names())
every_score = pytest.mark.parametrize("score", [SCORES.build(name) for name in SCORES.names()], ids=SCORES.names())
score_rows = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).choice([0.0, 0.3, 1.0, 2.5, 2.5, 7.0], size=(2, 3, 8))
)


def row(pay, *scores):
    return pay.weight(np.array([[scores]], float))[0, 0]


def share_of_first(decisiveness, parts, rivals=(3.0, 5.0)):
    """Joint share of a miner with 4 units of output who appears as `parts` identities."""
    weight = row(Proportional(decisiveness=decisiveness), *[4.0 / parts] * parts, *rivals)
    return weight[:parts].sum()


def odds(share):
    return share / (1 - share)


@every_pay
@given(score_rows)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_rows_sum_to_one_or_zero_and_a_zero_score_earns_nothing(pay, score):
    weight = pay.weight(score)
    assert weight.shape == score.shape
    assert (weight >= 0).all()
    assert (weight[score == 0] == 0).all()
    assert weight.sum(axis=2) == pytest.approx((score > 0).any(axis=2).astype(float))


@every_pay
@given(score_rows, st.floats(0.001, 1000))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_scaling_all_scores_changes_nothing_except_under_softmax(pay, score, scale):
    if isinstance(pay, Softmax):
        same = Softmax(temperature=pay.temperature * scale).weight(scale * score)
    else:
        same = pay.weight(scale * score)
    assert same == pytest.approx(pay.weight(score), abs=1e-12)


@every_pay
@given(st.integers(0, 10_000), st.sampled_from([2, 5, 1000]))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_permuting_miners_permutes_their_pay_and_equal_scores_earn_the_same(pay, seed, n_levels):
    rng = np.random.default_rng(seed)
    score, order = rng.integers(0, n_levels, (2, 3, 30)) / 7, rng.permutation(30)
    paid = pay.weight(score)
    for score_of, paid_of in zip(score.reshape(-1, 30), paid.reshape(-1, 30), strict=True):
        assert all(np.ptp(paid_of[score_of == value]) == 0 for value in set(score_of.tolist()))
    assert pay.weight(score[..., order]) == pytest.approx(pay.weight(score)[..., order], rel=1e-12)


@every_pay
def test_a_higher_score_never_earns_less(pay):
    score = np.random.default_rng(1).lognormal(size=(1, 20, 30))
    in_order = np.take_along_axis(pay.weight(score), score.argsort(axis=2), axis=2)
    assert (np.diff(in_order, axis=2) >= -1e-15).all()


@every_pay
def test_nobody_one_miner_and_no_uids(pay):
    assert not row(pay, 0, 0, 0).any()
    assert row(pay, 0, 3, 0) == pytest.approx([0, 1, 0])
    assert pay.weight(np.zeros((1, 2, 0))).shape == (1, 2, 0)


def test_splitting_a_miner_is_neutral_at_decisiveness_one_pays_below_and_hurts_above():
    assert share_of_first(1.0, 5) == pytest.approx(share_of_first(1.0, 1), rel=1e-12)
    assert share_of_first(0.5, 5) > share_of_first(0.5, 1)
    assert share_of_first(2.0, 5) < share_of_first(2.0, 1)


def test_splitting_multiplies_the_odds_by_m_to_the_one_minus_r():
    ratio = odds(share_of_first(0.5, 5)) / odds(share_of_first(0.5, 1))
    assert ratio == pytest.approx(2.236068, abs=1e-6)


@given(st.floats(0.1, 5), st.integers(2, 12))
@settings(deadline=None, derandomize=True)
def test_the_sybil_formula_holds_for_any_split(decisiveness, parts):
    ratio = odds(share_of_first(decisiveness, parts)) / odds(share_of_first(decisiveness, 1))
    assert ratio == pytest.approx(parts ** (1 - decisiveness), rel=1e-9)


@given(st.floats(0.2, 5))
@settings(deadline=None, derandomize=True)
def test_softmax_in_log_effort_is_tullock_with_one_over_tau(temperature):
    effort = np.random.default_rng(2).uniform(1.5, 40, (1, 4, 9))
    softmax = Softmax(temperature=temperature).weight(np.log(effort))
    assert softmax == pytest.approx(Proportional(decisiveness=1 / temperature).weight(effort), rel=1e-11)


def test_decisiveness_runs_from_equal_pay_to_winner_take_all():
    scores = (1.0, 2.0, 0.0, 1.9)
    assert row(Proportional(decisiveness=1e-9), *scores) == pytest.approx(row(Equal(), *scores), abs=1e-8)
    assert row(Proportional(decisiveness=1e4), *scores) == pytest.approx(row(WinnerTakeAll(), *scores), abs=1e-12)


def test_pay_of_four_miners_by_hand():
    scores = (2.0, 6.0, 0.0, 4.0)
    assert row(Proportional(), *scores) == pytest.approx([2 / 12, 6 / 12, 0, 4 / 12])
    assert row(Equal(), *scores) == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])
    assert row(WinnerTakeAll(), *scores) == pytest.approx([0, 1, 0, 0])
    assert row(TopK(n_winners=2), *scores) == pytest.approx([0, 0.5, 0, 0.5])
    assert row(TopK(n_winners=9), *scores) == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])
    assert row(Threshold(bar_share=0.6), *scores) == pytest.approx([0, 0.5, 0, 0.5])
    assert row(Rank(prize_ratio=0.5), *scores) == pytest.approx([1 / 7, 4 / 7, 0, 2 / 7])
    e2, e4 = math.exp(-2), math.exp(-4)
    assert row(Softmax(), *scores) == pytest.approx(np.array([e4, 1, 0, e2]) / (1 + e2 + e4))


def test_equal_scores_share_the_prizes_that_they_tie_for():
    assert row(WinnerTakeAll(), 1, 3, 3, 3) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert row(TopK(n_winners=2), 1, 3, 3, 3) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert row(TopK(n_winners=2), 4, 3, 3, 0) == pytest.approx([1 / 2, 1 / 4, 1 / 4, 0])
    assert row(Rank(prize_ratio=0.5), 3, 3, 5, 0) == pytest.approx([1.5 / 7, 1.5 / 7, 4 / 7, 0])
    many = np.random.default_rng(3).integers(0, 5, (1, 50, 256)).astype(float)
    first = TopK(n_winners=1).weight(many)
    assert first == pytest.approx(WinnerTakeAll().weight(many), rel=1e-12)


def test_each_subnet_may_have_its_own_decisiveness_or_temperature():
    score = np.tile([[[1.0, 2.0]]], (2, 1, 1))
    assert Proportional(decisiveness=(1.0, 2.0)).weight(score)[:, 0, 1] == pytest.approx([2 / 3, 4 / 5])
    soft = Softmax(temperature=(1.0, 0.5)).weight(score)[:, 0, 1]
    assert soft == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(-2))])
    assert hash(PAYS.build("proportional", {"decisiveness": [1.0, 2.0]})) == hash(Proportional(decisiveness=(1.0, 2.0)))


def test_pay_curve_is_what_a_score_earns_against_its_rivals():
    own, rivals = np.array([0.0, 1.0, 3.0, 6.0]), np.array([1.0, 2.0])
    assert pay_curve(Proportional(), rivals, own) == pytest.approx([0, 1 / 4, 1 / 2, 2 / 3])
    assert pay_curve(WinnerTakeAll(), rivals, np.array([1.0, 2.0, 2.1])) == pytest.approx([0, 1 / 2, 1])


def network(noise=0.2):
    rng = np.random.default_rng(4)
    claimed = rng.lognormal(size=(2, 6, 3))
    return claimed, np.array([[0.6, 0.3, 0.1], [1.0, 0.0, 2.0]]), np.full((2, 3), noise), KEY, np.arange(4)


@every_score
@every_pay
def test_a_rule_pays_what_its_score_and_its_shape_say(score, pay):
    args = network(noise=0.0)
    exact = claimed_score(score, args[0], args[1])
    weight = honest_weight(score, pay, *args, np.zeros((2, 6), bool))
    expected = pay.weight(np.repeat(exact[:, None], 4, axis=1))
    assert weight == pytest.approx(expected, rel=1e-12)


@every_score
@every_pay
def test_who_is_caught_earns_nothing_and_changes_nobody_elses_reading(score, pay):
    args = network()
    caught = np.zeros((2, 6), bool)
    caught[0, 2] = True
    weight = honest_weight(score, pay, *args, caught)
    free = honest_weight(score, pay, *args, ~np.ones((2, 6), bool))
    assert (weight[0, :, 2] == 0).all()
    assert weight[0].sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(weight[1], free[1])
    if isinstance(pay, Proportional):
        rest = np.delete(free[0], 2, axis=1)
        assert np.delete(weight[0], 2, axis=1) == pytest.approx(rest / rest.sum(axis=1, keepdims=True))


def test_noise_averages_out_over_many_validators_under_a_linear_score():
    claimed, weight = np.array([[[3.0], [1.0]]]), np.ones((1, 1))
    read = honest_weight(
        Linear(), Proportional(), claimed, weight, np.full((1, 1), 0.1), KEY, np.arange(4000), np.zeros((1, 2), bool)
    )
    assert 0.01 < read[0, :, 0].std() < 0.04
    assert read[0, :, 0].mean() == pytest.approx(0.75, abs=0.003)


def test_claimed_scores_of_two_capabilities_by_hand():
    output, weight = np.array([[[4.0, 9.0], [0.0, 1.0]]]), np.array([[0.5, 0.5]])
    assert claimed_score(Linear(), output, weight) == pytest.approx(np.array([[6.5, 0.5]]))
    assert claimed_score(CobbDouglas(), output, weight) == pytest.approx(np.array([[6.0, 0.0]]))
    assert claimed_score(ConstantElasticity(), output, weight) == pytest.approx(np.array([[6.25, 0.25]]))


def test_an_honest_miner_is_never_caught_and_a_liar_as_often_as_audits_find_lies():
    output = np.ones((2, 20_000, 2))
    claimed = output.copy()
    claimed[:, ::2, 1] += 0.5
    audited, lied, caught = audit(claimed, output, (0.5, 1.0), (0.4, 1.0), KEY)
    assert audited.mean(axis=1) == pytest.approx([0.5, 1.0], abs=4 * 0.5 / math.sqrt(20_000))
    assert np.array_equal(lied, (claimed > output).any(axis=2))
    assert not caught[:, 1::2].any()
    assert caught[0, ::2].mean() == pytest.approx(0.2, abs=4 * math.sqrt(0.2 * 0.8 / 10_000))
    assert caught[1, ::2].all()
    assert not audit(claimed, output, 0.0, 1.0, KEY).audited.any()
    assert not audit(claimed, output, 1.0, 0.0, KEY).caught.any()


def test_more_audits_catch_whoever_fewer_audits_caught_and_newcomers_change_nothing():
    output = np.ones((2, 300, 1))
    few, many = (audit(2 * output, output, rate, 0.5, KEY).caught for rate in (0.3, 0.8))
    assert (few <= many).all()
    assert few.sum() < many.sum()
    assert np.array_equal(audit(2 * output[:, :50], output[:, :50], 0.3, 0.5, KEY).caught, few[:, :50])
    assert np.array_equal(few, uniform(KEY, (2, 300)) < 0.15)


@pytest.mark.parametrize("most", [0, 1, 100, 1000, 100_000])
def test_there_are_as_many_audits_as_can_be_paid_for_and_each_finds_as_much(most):
    output = np.ones((2, 20_000, 1))
    all_of_them = audit(2 * output, output, (0.2, 0.8), 0.5, KEY)
    some = audit(2 * output, output, (0.2, 0.8), 0.5, KEY, most=most)
    n_audits = min(most, all_of_them.audited.sum())
    assert some.audited.sum() == n_audits
    assert (some.audited <= all_of_them.audited).all()
    assert (some.caught <= some.audited).all()
    assert some.caught.sum() == pytest.approx(n_audits / 2, abs=4 * math.sqrt(n_audits / 4))
    assert some.audited[0].sum() == pytest.approx(n_audits / 5, abs=4 * math.sqrt(n_audits * 0.16) + 2)


@pytest.mark.parametrize(
    ("registry", "name", "parameters", "sentence"),
    [
        (
            PAYS,
            "proportional",
            {"decisiveness": 0.0},
            r"decisiveness of proportional must .* in \(0, 10000\], is 0.0",
        ),
        (PAYS, "proportional", {"decisiveness": "high"}, "decisiveness of proportional must be a number"),
        (PAYS, "softmax", {"temperature": (1.0, -1.0)}, "temperature of softmax must be a number"),
        (PAYS, "rank", {"prize_ratio": 1.2}, r"prize_ratio of rank must lie in \(0, 1\], is 1.2"),
        (PAYS, "top_k", {"n_winners": 0}, "n_winners of top_k must be a whole number in .*, is 0"),
        (PAYS, "top_k", {"n_winners": 1.5}, "n_winners of top_k must be a whole number in .*, is 1.5"),
        (PAYS, "threshold", {"bar_share": 0.0}, r"bar_share of threshold must lie in \(0, 1\], is 0.0"),
        (SCORES, "ces", {"substitution_exponent": 0.0}, "substitution_exponent must lie in"),
        (PAYS, "tournament", {}, "no pay shape 'tournament'; there are equal, proportional, rank"),
        (SCORES, "lineal", {}, "no score 'lineal' .did you mean 'linear'"),
    ],
)
def test_a_bad_parameter_gets_a_sentence(registry, name, parameters, sentence):
    with pytest.raises(ValueError, match=sentence):
        registry.build(name, parameters)


@every_pay
def test_entries_are_frozen_and_equal_by_value(pay):
    assert type(pay)() == pay
    assert hash(type(pay)()) == hash(pay)
    for field in dataclasses.fields(pay):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(pay, field.name, 1)


def test_shapes_that_do_not_fit_are_refused():
    claimed, *rest = network()
    with pytest.raises(ValueError, match=r"caught \(2, 5\) does not fit claimed \(2, 6, 3\)"):
        honest_weight(Linear(), Equal(), claimed, *rest, np.zeros((2, 5), bool))
    with pytest.raises(ValueError, match="must share the axes"):
        audit(claimed, claimed[:1], 0.1, 0.5, KEY)
    with pytest.raises(ValueError, match=r"audit_rate must lie in \[0, 1\], is 1.5"):
        audit(claimed, claimed, 1.5, 0.5, KEY)
    with pytest.raises(ValueError, match="detection must be one number or one for each of 2 subnets"):
        audit(claimed, claimed, 0.5, (0.1, 0.2, 0.3), KEY)
    with pytest.raises(ValueError, match="decisiveness must be one number or one for each of 2 subnets"):
        honest_weight(Linear(), Proportional(decisiveness=(1.0, 2.0, 3.0)), claimed, *rest, np.zeros((2, 6), bool))
