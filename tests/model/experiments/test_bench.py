"""Benchmarks read as figures: limits, ratios to a slow twin, and slopes of cost on size."""

import json

import pytest

from model.experiments.bench import Bench, read_figures


def entry(median_seconds, **facts):
    return {"stats": {"median": median_seconds}, "extra_info": facts}


def test_a_median_above_its_limit_is_not_met():
    fast, slow = read_figures([entry(0.004, figure="fast", limit_ms=5.0), entry(0.006, figure="slow", limit_ms=5.0)])
    assert (fast.met, slow.met) == (True, False)
    assert (fast.value, fast.unit, fast.target) == (pytest.approx(4.0), "ms", "<= 5")


def test_a_slow_twin_gives_the_ratio_of_the_two_medians():
    kernel = entry(0.010, figure="kernel", limit_ms=15.0)
    oracle = entry(0.300, figure="oracle", baseline_of="kernel", least_ratio=25.0)
    ratio = read_figures([oracle, kernel])[0]
    assert (ratio.name, ratio.value, ratio.met) == ("kernel, times faster than oracle", pytest.approx(30.0), True)


@pytest.mark.parametrize(("power", "met"), [(1.0, True), (2.0, False)])
def test_cost_that_grows_faster_than_its_size_is_not_linear(power, met):
    points = [entry(0.001 * size**power, line="by size", size=size) for size in (1, 2, 4, 8)]
    (slope,) = read_figures(points)
    assert slope.value == pytest.approx(power)
    assert slope.met is met


def test_memory_is_held_against_its_own_limit():
    (peak,) = read_figures([entry(60.0, figure="memory", peak_mib=1500.0, limit_mib=1024)])
    assert (peak.value, peak.unit, peak.met) == (1500.0, "MiB", False)


def test_the_json_names_the_machine_and_every_figure():
    figures = tuple(read_figures([entry(0.004, figure="fast", limit_ms=5.0)]))
    told = json.loads(Bench(machine="a machine", figures=figures).to_json())
    assert told["machine"] == "a machine"
    assert told["figures"][0]["name"] == "fast"
