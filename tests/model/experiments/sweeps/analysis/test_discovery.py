"""Scenario discovery: finds a planted box, and nothing where there is nothing."""

import re

import numpy as np
import pandas as pd
import pytest

from model.experiments.sweeps.analysis import discovery
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec

FACTORS = (
    Factor(path="stake", low=0, high=1),
    Factor(path="penalty", low=0, high=1),
    Factor(path="miners", low=2, high=11, whole=True),
    Factor(path="rule", values=("flat", "rank", "top")),
    Factor(path="noise", low=0, high=1),
)


def spec_of(n_points=800, **changes):
    return Spec(
        design="latin_hypercube", n_points=n_points, factors=FACTORS, outcomes=(Outcome(measure="y"),), **changes
    )


def table(spec, outcome):
    rows = [
        {"combination": number, "replicate": replicate, "status": "ok", **values, "y": outcome(values, replicate)}
        for replicate in range(spec.replicates)
        for number, values in enumerate(combinations(spec))
    ]
    return pd.DataFrame(rows)


def planted(values, replicate=0):
    return float(values["stake"] > 0.6 and values["miners"] <= 5 and values["rule"] != "flat")


@pytest.fixture(scope="module")
def found():
    spec = spec_of()
    runs = table(spec, planted)
    return runs, discovery.discover(runs, spec, "y", 0.5, above=True)


def test_a_planted_box_is_found_with_its_limits_and_no_others(found):
    _, result = found
    assert set(result.box.limits) == {"stake", "miners", "rule"}
    assert result.box.limits["rule"] == frozenset({"rank", "top"})
    assert result.box.limits["miners"] == (-np.inf, 5.0)
    low, high = result.box.limits["stake"]
    assert low == pytest.approx(0.6, abs=0.03)
    assert high == np.inf
    assert result.box.density_share > 0.95
    assert result.box.coverage_share > 0.95
    assert max(result.quasi_p.values()) < 1e-6


def test_the_box_says_of_itself_what_the_runs_say(found):
    runs, result = found
    for box in (*result.trajectory, result.box):
        inside = discovery.inside(runs, box.limits)
        assert box.mass_share == pytest.approx(inside.mean())
        assert box.density_share == pytest.approx(runs.loc[inside, "y"].mean())
        assert box.coverage_share == pytest.approx(runs.loc[inside, "y"].sum() / runs["y"].sum())
    assert result.base_share == pytest.approx(runs["y"].mean())


def test_peeling_loses_mass_and_gains_density_step_by_step(found):
    _, result = found
    steps = result.trade_off()
    assert (steps["mass_share"].diff().dropna() < 0).all()
    assert (steps["density_share"].diff().dropna() > 0).all()
    assert steps["mass_share"].iloc[0] == 1
    assert steps["mass_share"].iloc[-1] >= discovery.LEAST_MASS_SHARE
    assert steps["chosen"].sum() == 1


def test_the_limits_read_as_sentences(found):
    _, result = found
    texts = result.limits().set_index("factor")["limit"]
    assert texts["rule"] == "rule is rank or top"
    assert texts["miners"] == "miners <= 5"
    assert re.fullmatch(r"stake >= 0\.(59|6)\d*", texts["stake"])
    assert discovery.limit_text("a", (0.25, 0.5)) == "0.25 <= a <= 0.5"


def test_below_a_threshold_is_above_the_negative_one():
    spec = spec_of(200)
    runs = table(spec, planted)
    above = discovery.discover(runs, spec, "y", 0.5, above=True)
    below = discovery.discover(runs.assign(y=-runs["y"]), spec, "y", -0.5, above=False)
    assert below.box == above.box
    assert (above.question, below.question) == ("y above 0.5", "y below -0.5")


def test_a_planted_box_survives_noise_and_a_failed_run_is_left_out():
    rng = np.random.default_rng(8)
    spec = spec_of(replicates=2)
    runs = table(spec, lambda values, replicate: planted(values) if rng.random() > 0.1 else rng.random())
    runs.loc[[0, 5], "status"] = "failed"
    result = discovery.discover(runs, spec, "y", 0.5, above=True)
    assert set(result.box.limits) == {"stake", "miners", "rule"}
    assert result.n_left_out == 2


def test_where_failure_is_pure_chance_no_limit_stays_that_chance_explains():
    rng = np.random.default_rng(3)
    spec = spec_of(150)
    runs = table(spec, lambda values, replicate: rng.random())
    result = discovery.discover(runs, spec, "y", 0.7, above=True)
    assert all(p <= discovery.SIGNIFICANCE for p in result.quasi_p.values())
    assert result.box.density_share < 0.7


def test_a_replicate_share_counts_as_a_share_of_a_failure():
    spec = spec_of(100, replicates=4)
    runs = table(spec, lambda values, replicate: float(values["stake"] > 0.5 and replicate == 0))
    result = discovery.discover(runs, spec, "y", 0.5, above=True)
    assert result.trajectory[-1].density_share == pytest.approx(0.25)
    assert result.trajectory[-1].coverage_share > 0.9


def test_a_threshold_that_parts_nothing_is_one_sentence():
    spec = spec_of(50)
    runs = table(spec, planted)
    with pytest.raises(ValueError, match="the threshold must part the runs; no run has y above 2"):
        discovery.discover(runs, spec, "y", 2, above=True)
    with pytest.raises(ValueError, match="every run has y above -1"):
        discovery.discover(runs, spec, "y", -1, above=True)
