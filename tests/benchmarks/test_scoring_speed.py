"""How long validators of a full network take to measure: 128 subnets x 64 validators x (192 miners + 64 others)."""

import numpy as np
import pytest

from ext import reference_scoring as oracle
from ext.noise import standard_normal
from ext.pay import cobb_douglas_weight, proportional_weight
from ext.scoring import ces_score, cobb_douglas_score, linear_score
from model.reward_rules import PAYS
from model.reward_rules.verification import audit

N_SUBNETS, N_VALIDATORS, N_UIDS, N_CAPABILITIES = 128, 64, 256, 3
KEY = 1


@pytest.fixture(scope="module")
def network():
    claimed = np.random.default_rng(0).lognormal(size=(N_SUBNETS, N_UIDS, N_CAPABILITIES))
    claimed[:, :N_VALIDATORS] = 0.0
    weight = np.tile([0.6, 0.3, 0.1], (N_SUBNETS, 1))
    return claimed, weight, np.full(weight.shape, 0.1), KEY, np.arange(N_VALIDATORS)


@pytest.mark.parametrize("threads", [1, 2])
def test_cobb_douglas_weights_with_noise(benchmark, network, threads):
    benchmark.extra_info["figure"] = f"scoring kernel, full network with noise, {threads} threads"
    weight = benchmark(cobb_douglas_weight, *network, 1.0, threads)
    assert weight.sum(axis=2) == pytest.approx(1.0)


def test_cobb_douglas_weights_without_noise(benchmark, network):
    claimed, weight, sigma, key, validator = network
    assert benchmark(cobb_douglas_weight, claimed, weight, 0 * sigma, key, validator, 1.0).max() <= 1


def test_cobb_douglas_weights_of_the_oracle(benchmark, network):
    def run():
        claimed, weight, sigma, key, validator = network
        m = oracle.reading(claimed[:8], sigma[:8], key, validator)
        return oracle.proportional_weight(oracle.cobb_douglas_score(m, weight[:8]), np.array(1.0))

    benchmark.extra_info["figure"] = "its NumPy oracle, 8 of 128 subnets"
    expected = benchmark.pedantic(run, rounds=2)
    assert cobb_douglas_weight(*network, 1.0)[:8] == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("rule", [linear_score, cobb_douglas_score], ids=lambda rule: rule.__name__)
def test_scores_with_noise(benchmark, network, rule):
    assert benchmark(rule, *network).shape == (N_SUBNETS, N_VALIDATORS, N_UIDS)


def test_ces_scores_with_noise(benchmark, network):
    assert benchmark(ces_score, *network, 0.5).shape == (N_SUBNETS, N_VALIDATORS, N_UIDS)


def test_proportional_weights_of_given_scores(benchmark, network):
    score = linear_score(*network)
    assert benchmark(proportional_weight, score, 1.0).sum(axis=2) == pytest.approx(1.0)


@pytest.mark.parametrize("name", PAYS.names())
def test_pay_shapes_of_given_scores(benchmark, network, name):
    score = linear_score(*network)
    assert benchmark(PAYS.build(name).weight, score).sum(axis=2) == pytest.approx(1.0)


def test_normal_draws(benchmark):
    z = benchmark(standard_normal, KEY, (N_SUBNETS, N_VALIDATORS, N_CAPABILITIES, 192))
    assert abs(z.mean()) < 0.01


def test_audits(benchmark, network):
    claimed = network[0]
    assert benchmark(audit, 1.1 * claimed, claimed, 0.1, 0.8, KEY).caught.any()
