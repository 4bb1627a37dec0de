"""Scores of noisy readings, and the proportional pay that has kernels of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ext import reference_scoring as oracle
from ext.noise import standard_normal
from ext.pay import cobb_douglas_weight, proportional_weight
from ext.scoring import ces_score, cobb_douglas_score, linear_score

KEY = 2026
RULES = {
    "linear": linear_score,
    "cobb_douglas": cobb_douglas_score,
    "ces_half": lambda *a, **k: ces_score(*a, **k, substitution_exponent=0.5),
    "ces_minus_one": lambda *a, **k: ces_score(*a, **k, substitution_exponent=-1.0),
    "cobb_douglas_weight": lambda *a, **k: cobb_douglas_weight(*a, **k, decisiveness=1.5),
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def network(seed, n_subnets=3, n_validators=4, n_uids=11, n_capabilities=3):
    """Claimed output with some zeros, weights, noise and validators."""
    rng = np.random.default_rng(seed)
    claimed = rng.lognormal(0, 2, (n_subnets, n_uids, n_capabilities))
    claimed *= rng.random(claimed.shape) > 0.15
    weight = rng.uniform(0.1, 2, (n_subnets, n_capabilities))
    sigma = rng.uniform(0, 1.5, (n_subnets, n_capabilities))
    return claimed, weight, sigma, rng.permutation(50)[:n_validators]


@st.composite
def networks(draw):
    """Networks at the edges: zero output, unscored capabilities, no noise, one uid, one validator."""
    claimed, weight, sigma, validator = network(
        draw(st.integers(0, 10_000)), draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 20)),
        draw(st.integers(1, 4)),
    )  # fmt: skip
    scored = draw(hnp.arrays(bool, weight.shape))
    scored[:, 0] |= ~scored.any(axis=1)
    noisy = draw(hnp.arrays(bool, sigma.shape))
    return claimed, weight * scored, sigma * noisy, validator


@every_rule
def test_permuting_uids_without_noise_permutes_the_result(rule):
    claimed, weight, sigma, validator = network(1)
    order = np.random.default_rng(0).permutation(claimed.shape[1])
    straight = rule(claimed, weight, 0 * sigma, KEY, validator)
    assert rule(claimed[:, order], weight, 0 * sigma, KEY, validator) == pytest.approx(straight[..., order])


@given(st.floats(1e-6, 1e6), st.integers(0, 100))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_linear_and_ces_scores_scale_with_output(scale, seed):
    claimed, weight, sigma, validator = network(seed)
    for rule in (RULES["linear"], RULES["ces_half"], RULES["ces_minus_one"]):
        one = rule(claimed, weight, sigma, KEY, validator)
        assert rule(scale * claimed, weight, sigma, KEY, validator) == pytest.approx(scale * one, rel=1e-11)


def test_cobb_douglas_scales_with_the_sum_of_its_exponents():
    claimed, weight, sigma, validator = network(2)
    degree = weight.sum(axis=1)[:, None, None]
    one = cobb_douglas_score(claimed, weight, sigma, KEY, validator)
    assert cobb_douglas_score(3.0 * claimed, weight, sigma, KEY, validator) == pytest.approx(3.0**degree * one)


def test_ces_with_exponent_one_is_linear():
    data = network(3)
    args = (*data[:3], KEY, data[3])
    assert ces_score(*args, substitution_exponent=1.0) == pytest.approx(linear_score(*args), rel=1e-12)


def test_ces_with_a_small_exponent_approaches_cobb_douglas():
    claimed, _, sigma, validator = network(4)
    share = np.tile([0.5, 0.3, 0.2], (3, 1))
    args = (np.maximum(claimed, 0.5), share, 0.1 * sigma, KEY, validator)
    target = cobb_douglas_score(*args)
    gap = [np.abs(ces_score(*args, substitution_exponent=rho) / target - 1).max() for rho in (0.2, 0.1, 0.05)]
    assert gap[2] < gap[1] < gap[0]
    assert gap[2] / gap[1] == pytest.approx(0.5, abs=0.15), "the gap is of first order in rho"


@every_rule
def test_without_noise_all_validators_agree(rule):
    claimed, weight, sigma, validator = network(5)
    result = rule(claimed, weight, 0 * sigma, KEY, validator)
    assert np.array_equal(result, np.repeat(result[:, :1], result.shape[1], axis=1))


@every_rule
def test_nobody_else_changes_what_a_validator_reads(rule):
    claimed, weight, sigma, _ = network(6, n_subnets=4)
    whole = rule(claimed, weight, sigma, KEY, np.arange(6))
    assert np.array_equal(rule(claimed, weight, sigma, KEY, np.array([3])), whole[:, 3:4])
    assert np.array_equal(rule(claimed, weight, sigma, KEY, np.array([5, 0])), whole[:, [5, 0]])
    assert np.array_equal(rule(claimed[:2], weight[:2], sigma[:2], KEY, np.arange(6)), whole[:2])


def test_new_miners_and_capabilities_leave_the_scores_of_the_others_alone():
    claimed, weight, sigma, validator = network(7)
    whole = linear_score(claimed, weight, sigma, KEY, validator)
    assert np.array_equal(linear_score(claimed[:, :5], weight, sigma, KEY, validator), whole[..., :5])
    silent = claimed.copy()
    silent[:, 2] = 0.0
    without = linear_score(silent, weight, sigma, KEY, validator)
    assert np.array_equal(np.delete(without, 2, axis=2), np.delete(whole, 2, axis=2))
    unscored = weight * [1.0, 1.0, 0.0]
    fewer = linear_score(claimed[..., :2], weight[:, :2], sigma[:, :2], KEY, validator)
    assert np.array_equal(linear_score(claimed, unscored, sigma, KEY, validator), fewer)


def test_validators_may_be_named_subnet_by_subnet():
    claimed, weight, sigma, _ = network(8)
    validator = np.array([[0, 1], [4, 2], [7, 7]])
    result = linear_score(claimed, weight, sigma, KEY, validator)
    for subnet in range(3):
        alone = linear_score(claimed, weight, sigma, KEY, validator[subnet])
        assert np.array_equal(result[subnet], alone[subnet])
    assert np.array_equal(result[2, 0], result[2, 1])


@every_rule
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_the_number_of_threads_changes_no_bit(rule, threads):
    claimed, weight, sigma, validator = network(9, n_subnets=5)
    one = rule(claimed, weight, sigma, KEY, validator)
    assert np.array_equal(rule(claimed, weight, sigma, KEY, validator, threads=threads), one)


def test_a_reading_is_the_output_times_one_plus_noise():
    claimed = np.full((2, 5, 2), 10.0)
    z = standard_normal(KEY, (2, 3, 2, 5))
    result = linear_score(claimed, np.array([[1.0, 0.0], [0.0, 2.0]]), np.full((2, 2), 0.1), KEY, np.arange(3))
    assert result[0] == pytest.approx(10 * (1 + 0.1 * z[0, :, 0]))
    assert result[1] == pytest.approx(20 * (1 + 0.1 * z[1, :, 1]))


def test_scores_of_two_miners_by_hand():
    claimed = np.array([[[4.0, 9.0], [16.0, 1.0]]])
    weight, still = np.array([[0.5, 0.5]]), np.zeros((1, 2))
    args = (claimed, weight, still, KEY, np.array([0]))
    assert linear_score(*args)[0, 0] == pytest.approx([6.5, 8.5])
    assert cobb_douglas_score(*args)[0, 0] == pytest.approx([6.0, 4.0])
    assert ces_score(*args, substitution_exponent=0.5)[0, 0] == pytest.approx([6.25, 6.25])
    assert ces_score(*args, substitution_exponent=-1.0)[0, 0] == pytest.approx([72 / 13, 32 / 17])
    assert cobb_douglas_weight(*args, decisiveness=2.0)[0, 0] == pytest.approx([36 / 52, 16 / 52])


def test_a_zero_output_counts_zero_in_a_product_unless_the_capability_is_not_scored():
    claimed = np.array([[[0.0, 4.0], [2.0, 4.0]]])
    still, one = np.zeros((1, 2)), np.array([0])
    for rule in (RULES["cobb_douglas"], RULES["ces_minus_one"]):
        assert rule(claimed, np.ones((1, 2)), still, KEY, one)[0, 0, 0] == 0.0
    assert cobb_douglas_score(claimed, np.array([[0.0, 1.0]]), still, KEY, one)[0, 0] == pytest.approx([4, 4])
    assert ces_score(claimed, np.array([[0.0, 1.0]]), still, KEY, one, -1.0)[0, 0] == pytest.approx([4, 4])
    assert linear_score(claimed, np.ones((1, 2)), still, KEY, one)[0, 0] == pytest.approx([4, 6])


@every_rule
def test_a_reading_below_zero_counts_as_zero(rule):
    claimed = np.ones((1, 400, 1))
    result = rule(claimed, np.ones((1, 1)), np.full((1, 1), 4.0), KEY, np.array([0]))[0, 0]
    negative = 1 + 4.0 * standard_normal(KEY, (1, 1, 1, 400))[0, 0, 0] <= 0
    assert 100 < negative.sum() < 200
    assert (result[negative] == 0).all()
    assert (result[~negative] > 0).all()


@every_rule
def test_nobody_with_output_gives_zeros_and_one_miner_is_alone(rule):
    weight, sigma, validator = np.ones((1, 2)), np.full((1, 2), 0.1), np.arange(3)
    assert not rule(np.zeros((1, 4, 2)), weight, sigma, KEY, validator).any()
    assert (rule(np.ones((1, 1, 2)), weight, sigma, KEY, validator) > 0).all()
    assert rule(np.ones((1, 0, 2)), weight, sigma, KEY, validator).shape == (1, 3, 0)
    assert rule(np.ones((1, 4, 2)), weight, sigma, KEY, validator[:0]).shape == (1, 0, 4)


@given(networks(), st.sampled_from([-8.0, -1.0, -0.05, 0.05, 0.5, 1.0]), st.floats(0.1, 9))
@settings(deadline=None, derandomize=True)
def test_kernels_equal_the_oracle(data, rho, decisiveness):
    claimed, weight, sigma, validator = data
    args = (claimed, weight, sigma, KEY, validator)
    m = oracle.reading(claimed, sigma, KEY, validator)
    product = oracle.cobb_douglas_score(m, weight)
    share = oracle.proportional_weight(product, np.array(decisiveness))
    close = {"rel": 1e-12, "abs": 1e-300}
    assert linear_score(*args) == pytest.approx(oracle.linear_score(m, weight), **close)
    assert cobb_douglas_score(*args) == pytest.approx(product, **close)
    assert ces_score(*args, rho) == pytest.approx(oracle.ces_score(m, weight, np.array(rho)), **close)
    assert cobb_douglas_weight(*args, decisiveness) == pytest.approx(share, rel=1e-12, abs=1e-200)
    assert proportional_weight(product, decisiveness) == pytest.approx(share, rel=1e-12, abs=1e-200)


def test_logarithm_and_exponential_of_the_kernels_are_exact_to_rounding():
    score = np.geomspace(0.5, 2.0, 2001)
    pair = np.stack([score, np.ones(2001)], axis=-1)[None]
    weight = proportional_weight(pair, 1.0)[0]
    assert np.abs(weight[:, 0] / weight[:, 1] / score - 1).max() < 1e-15


@given(st.floats(0.05, 20))
@settings(deadline=None, derandomize=True)
def test_proportional_rows_sum_to_one_whatever_the_size_of_the_scores(decisiveness):
    score = 10.0 ** np.random.default_rng(0).uniform(-250, 250, (2, 3, 9))
    assert proportional_weight(score, decisiveness).sum(axis=2) == pytest.approx(1.0, rel=1e-14)


def test_each_subnet_may_have_its_own_decisiveness():
    score = np.tile([[[1.0, 2.0]]], (2, 1, 1))
    assert proportional_weight(score, (1.0, 3.0))[:, 0] == pytest.approx(np.array([[1 / 3, 2 / 3], [1 / 9, 8 / 9]]))
    claimed, still = np.swapaxes(score, 1, 2), np.zeros((2, 1))
    fused = cobb_douglas_weight(claimed, np.ones((2, 1)), still, KEY, np.array([0]), (1.0, 3.0))
    assert fused == pytest.approx(proportional_weight(score, (1.0, 3.0)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"claimed": np.ones((2, 3))}, "claimed must have the axes"),
        ({"claimed": np.full((2, 3, 1), -1.0)}, r"claimed must be finite and lie in .*claimed\[0, 0, 0\] is -1"),
        ({"claimed": np.full((2, 3, 1), np.nan)}, "claimed must be finite"),
        ({"capability_weight": np.ones((3, 1))}, r"capability_weight must have shape \(2, 1\)"),
        ({"capability_weight": np.array([[1.0], [0.0]])}, "above zero in each subnet, subnet 1 has none"),
        ({"noise_sigma": np.full((2, 1), np.inf)}, "noise_sigma must be finite"),
        ({"noise_sigma": np.zeros(2)}, r"noise_sigma must have shape \(2, 1\)"),
        ({"validator": np.array([0.5])}, "validator must hold integers"),
        ({"validator": np.array([-1])}, "validator must be >= 0, has -1"),
        ({"validator": np.zeros((3, 2), int)}, r"validator must have shape \(n,\) or \(2, n\)"),
        ({"key": -3}, "key must be a whole number"),
        ({"threads": 0}, "threads must be >= 1, is 0"),
    ],
)
@every_rule
def test_bad_input_gets_a_sentence(rule, change, sentence):
    good = {
        "claimed": np.ones((2, 3, 1)),
        "capability_weight": np.ones((2, 1)),
        "noise_sigma": np.zeros((2, 1)),
        "key": KEY,
        "validator": np.array([0]),
        "threads": 1,
    }
    with pytest.raises(ValueError, match=sentence):
        rule(**(good | change))


@pytest.mark.parametrize("rho", [0.0, 0.01, 1.5, -9.0, np.nan, (0.5, 0.5, 0.5)])
def test_a_substitution_exponent_outside_its_range_is_refused(rho):
    with pytest.raises(ValueError, match="substitution_exponent must"):
        ces_score(np.ones((2, 3, 1)), np.ones((2, 1)), np.zeros((2, 1)), KEY, np.array([0]), rho)


@pytest.mark.parametrize("decisiveness", [0.0, -1.0, np.inf, (1.0, 2.0, 3.0)])
def test_a_decisiveness_outside_its_range_is_refused(decisiveness):
    with pytest.raises(ValueError, match="decisiveness must"):
        proportional_weight(np.ones((2, 1, 3)), decisiveness)


def test_scores_that_are_no_scores_are_refused():
    with pytest.raises(ValueError, match="score must have the axes"):
        proportional_weight(np.ones((2, 3)), 1.0)
    with pytest.raises(ValueError, match="score must be finite"):
        proportional_weight(np.full((1, 1, 2), -1.0), 1.0)
