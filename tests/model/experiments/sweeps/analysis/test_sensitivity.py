"""Sobol and Morris against functions whose indices are known in closed form."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from model.experiments.sweeps.analysis import sensitivity
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome, Result
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.store import Store

FIRST = np.array([0.3139, 0.4424, 0.0])
TOTAL = np.array([0.5576, 0.4424, 0.2437])


def ishigami(x1, x2, x3):
    """Source: Ishigami and Homma (1990), with a = 7 and b = 0.1."""
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def spec_of(design, n_points, low=-np.pi, high=np.pi, **changes):
    factors = tuple(Factor(path=path, low=low, high=high) for path in ("x1", "x2", "x3"))
    return Spec(design=design, n_points=n_points, factors=factors, outcomes=(Outcome(measure="y"),), **changes)


def table(spec, function):
    rows = [
        {"run": number + replicate * spec.n_combinations, "combination": number, "replicate": replicate,
         "status": "ok", **values, "y": function(*values.values()) + 0.5 * (-1) ** replicate}
        for replicate in range(spec.replicates)
        for number, values in enumerate(combinations(spec))
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def saltelli():
    spec = spec_of("sobol", 256, replicates=2)
    return spec, table(spec, ishigami)


def test_the_indices_of_ishigami_lie_within_their_intervals(saltelli):
    spec, runs = saltelli
    found = sensitivity.sobol(runs, spec, "y")
    assert found.table["factor"].tolist() == ["x1", "x2", "x3"]
    assert (np.abs(found.table["first"] - FIRST) <= found.table["first_half_width"]).all()
    assert (np.abs(found.table["total"] - TOTAL) <= found.table["total_half_width"]).all()
    assert found.table["total_half_width"].max() < 0.2
    assert (found.n_blocks, found.n_dropped, len(found.pairs)) == (256, 0, 0)


def through_the_machinery(folder, n_points, executor):
    """Table of runs that the sweep machinery makes of Ishigami, and its spec."""
    spec = spec_of("sobol", n_points)
    with Store.create(folder, spec) as store:
        conduct(store, ishigami_task, executor)
    with Store.open(folder, read_only=True) as store:
        return spec, store.runs()


def ishigami_task(point, watch):
    return Result(row={"y": ishigami(*point.values.values())}, epochs_played=1)


def test_ishigami_comes_through_the_machinery_as_it_went_in(tmp_path):
    spec, runs = through_the_machinery(tmp_path / "run", 64, InProcess())
    assert len(runs) == 64 * 5
    pd.testing.assert_frame_equal(
        sensitivity.sobol(runs, spec, "y").table,
        sensitivity.sobol(table(spec, lambda *x: ishigami(*x) - 0.5), spec, "y").table,
    )


@pytest.mark.slow
def test_published_indices_of_ishigami_lie_within_the_intervals_of_a_sweep(tmp_path):
    spec, runs = through_the_machinery(tmp_path / "run", 1024, InProcess())
    found = sensitivity.sobol(runs, spec, "y").table
    assert (np.abs(found["first"] - FIRST) <= found["first_half_width"]).all()
    assert (np.abs(found["total"] - TOTAL) <= found["total_half_width"]).all()
    assert found[["first_half_width", "total_half_width"]].max().max() < 0.1


def test_second_order_indices_find_the_one_pair_that_acts_together():
    spec = spec_of("sobol", 256, second_order=True)
    pairs = sensitivity.sobol(table(spec, ishigami), spec, "y").pairs.set_index(["first", "second"])
    assert abs(pairs.loc[("x1", "x3"), "index"] - 0.2437) <= pairs.loc[("x1", "x3"), "half_width"]
    assert abs(pairs.loc[("x1", "x2"), "index"]) <= pairs.loc[("x1", "x2"), "half_width"]


def test_the_same_runs_in_another_order_give_the_same_intervals(saltelli):
    spec, runs = saltelli
    shuffled = runs.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        sensitivity.sobol(runs, spec, "y").table, sensitivity.sobol(shuffled, spec, "y").table
    )


def test_a_failed_combination_drops_its_whole_block_and_says_so(saltelli):
    spec, runs = saltelli
    broken = runs.copy()
    broken.loc[broken["combination"].isin([3, 11]), "status"] = "failed"
    found = sensitivity.sobol(broken, spec, "y")
    assert (found.n_blocks, found.n_dropped) == (254, 2)
    assert (np.abs(found.table["total"] - TOTAL) <= found.table["total_half_width"]).all()


def test_one_replicate_of_two_is_enough_for_a_combination_to_count(saltelli):
    spec, runs = saltelli
    broken = runs.copy()
    broken.loc[(broken["combination"] == 3) & (broken["replicate"] == 1), "status"] = "failed"
    assert sensitivity.sobol(broken, spec, "y").n_dropped == 0


def test_morris_finds_slopes_and_the_factor_that_does_nothing():
    spec = spec_of("morris", 12, low=0, high=1)
    found = sensitivity.morris(table(spec, lambda a, b, c: 4 * a - 2 * b), spec, "y").table
    assert found["mu"].tolist() == pytest.approx([4, -2, 0])
    assert found["mu_star"].tolist() == pytest.approx([4, 2, 0])
    assert found["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("high", [1, 2, 5])
def test_morris_reckons_with_the_step_that_whole_numbers_took(high):
    factors = tuple(Factor(path=name, low=0, high=high, whole=True) for name in ("x1", "x2", "x3"))
    spec = replace(spec_of("morris", 12, low=0, high=1), factors=factors)
    found = sensitivity.morris(table(spec, lambda a, b, c: a - 3 * b), spec, "y").table
    assert found["mu"].tolist() == pytest.approx([high, -3 * high, 0])
    assert found["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_morris_tells_an_interaction_by_its_spread():
    spec = spec_of("morris", 20, low=0, high=1)
    found = sensitivity.morris(table(spec, lambda a, b, c: a + 6 * b * c), spec, "y").table.set_index("factor")
    assert found.loc["x1", "sigma"] == pytest.approx(0, abs=1e-9)
    assert found.loc[["x2", "x3"], "sigma"].min() > 1


def test_morris_of_whole_blocks_is_that_of_all_when_the_function_is_linear():
    spec = spec_of("morris", 8, low=0, high=1)
    runs = table(spec, lambda a, b, c: 4 * a - 2 * b)
    runs.loc[runs["combination"] == 9, "status"] = "died"
    found = sensitivity.morris(runs, spec, "y")
    assert (found.n_blocks, found.n_dropped) == (7, 1)
    assert found.table["mu"].tolist() == pytest.approx([4, -2, 0])


def test_another_design_too_few_blocks_and_a_constant_are_one_sentence_each(saltelli):
    spec, runs = saltelli
    with pytest.raises(ValueError, match="morris indices need design 'morris', this sweep has 'sobol'"):
        sensitivity.morris(runs, spec, "y")
    with pytest.raises(ValueError, match=r"at least 4 whole blocks of 5 combinations, .* there are 3 of 256"):
        sensitivity.sobol(runs[runs["combination"] < 19], spec, "y")
    with pytest.raises(ValueError, match="y is 2 in all runs, so no factor makes it vary"):
        sensitivity.sobol(runs.assign(y=2.0), spec, "y")
