"""Kernel against oracle in the same run, and how the cost grows. `pytest --benchmark-only tests/benchmarks`."""

import inspect

import numpy as np
import pytest

from ext import reference
from ext.consensus import PARAMETERS, epoch_buffers, yuma_epoch

RULES = {"yuma2": {"yuma3": False}, "yuma3": {}, "liquid": {"liquid_alpha": True}}
DEFAULTS = {name: p.default for name, p in inspect.signature(yuma_epoch).parameters.items() if name in PARAMETERS}


def network(n_subnets, n_validators=64, n_uids=256):
    """Honest validators that agree up to a tenth, a cartel of a fifth of them, and bonds that have settled."""
    rng = np.random.default_rng(0)
    quality = rng.lognormal(size=(n_subnets, 1, n_uids))
    quality[:, :, :n_validators] = 0.0
    weight = quality * (1 + 0.1 * rng.normal(size=(n_subnets, n_validators, n_uids))).clip(0)
    weight[:, : n_validators // 5] = 0.0
    weight[:, : n_validators // 5, -10:] = 1.0
    stake = np.zeros((n_subnets, n_uids))
    stake[:, :n_validators] = rng.lognormal(size=(n_subnets, n_validators))
    uid = np.tile(np.arange(n_validators), (n_subnets, 1))
    bond = np.zeros_like(weight)
    for _ in range(3):
        bond = yuma_epoch(weight, stake, bond, uid).bond
    return weight, stake, bond, uid


def bench(benchmark, arrays, rule):
    weight, stake, bond, uid = arrays
    buffers = epoch_buffers(*weight.shape)
    buffers.bond[:] = bond
    result = benchmark(yuma_epoch, weight, stake, buffers.bond, uid, buffers=buffers, **RULES[rule])
    assert result.emission_share.sum() == pytest.approx(len(weight))


@pytest.mark.parametrize("rule", RULES)
def test_kernel_full_network(benchmark, rule):
    benchmark.extra_info |= {"figure": f"{rule} kernel, 128 x (64 x 256)", "limit_ms": 15.0}
    bench(benchmark, network(128), rule)


@pytest.mark.parametrize("rule", RULES)
def test_oracle_full_network(benchmark, rule):
    benchmark.extra_info |= {
        "figure": f"its NumPy oracle ({rule})",
        "baseline_of": f"{rule} kernel, 128 x (64 x 256)",
        "least_ratio": 25.0,
    }
    options = DEFAULTS | RULES[rule] | {"count_heads": False, "clip": True, "bonded": True}
    result = benchmark.pedantic(reference.epoch, network(128), options, rounds=3)
    assert result.emission_share.sum() == pytest.approx(128)


@pytest.mark.parametrize("rule", RULES)
def test_kernel_one_subnet(benchmark, rule):
    benchmark.extra_info |= {"figure": f"{rule} kernel, one subnet of 64 x 256", "limit_ms": 0.12}
    bench(benchmark, network(1), rule)


@pytest.mark.parametrize("n_subnets", [16, 32, 64, 128, 256])
def test_cost_in_subnets(benchmark, n_subnets):
    benchmark.extra_info |= {"line": "yuma3 kernel by subnets", "size": n_subnets}
    bench(benchmark, network(n_subnets), "yuma3")


@pytest.mark.parametrize("n_uids", [128, 256, 512, 1024])
def test_cost_in_uids(benchmark, n_uids):
    benchmark.extra_info |= {"line": "yuma3 kernel by uids, 64 validators", "size": n_uids}
    bench(benchmark, network(32, 64, n_uids), "yuma3")
