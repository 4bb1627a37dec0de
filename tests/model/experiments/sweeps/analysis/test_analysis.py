"""Means, intervals, needs, convergence and the front: against textbook formulas and hand-made tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.experiments.sweeps.analysis import analysis
from model.experiments.sweeps.analysis.means import means_by_point, means_by_replicate, sample_of
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec


def grid(n_first=3, n_second=2, replicates=4):
    factors = (
        Factor(path="a", values=tuple(range(1, n_first + 1))),
        Factor(path="b", values=tuple(f"b{n}" for n in range(n_second))),
    )
    return Spec(factors=factors, replicates=replicates, outcomes=(Outcome(measure="y"), Outcome(measure="z")))


def table(spec, outcome):
    """Runs of a grid whose outcomes are outcome(a, b, replicate)."""
    rows = []
    for replicate in range(spec.replicates):
        for combination in range(spec.n_combinations):
            a, b = divmod(combination, len(spec.factors[1].values))
            value = outcome(a, b, replicate)
            rows.append(
                {"run": len(rows), "combination": combination, "replicate": replicate, "seed": replicate,
                 "status": "ok", "error": "", "epochs_played": 1, "a": spec.factors[0].values[a],
                 "b": spec.factors[1].values[b], "y": value, "z": -value}
            )  # fmt: skip
    return pd.DataFrame(rows)


def noisy(a, b, replicate):
    rng = np.random.default_rng(100 * a + 10 * b + 1000 * replicate)
    return a + 2 * b + 5 * replicate + rng.normal()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9))
def test_the_interval_of_one_combination_is_that_of_the_t_test(values):
    spec = Spec(design="list", points=({"a": 1},), replicates=len(values), outcomes=(Outcome(measure="y"),))
    runs = pd.DataFrame({"combination": 0, "replicate": range(len(values)), "status": "ok", "a": 1, "y": values})
    row = analysis.combination_means(runs, spec, "y").iloc[0]
    size = np.abs(values).max()
    assert row["mean"] == pytest.approx(np.mean(values), abs=1e-8 * size)
    if row["sd"] == 0:
        assert row[["low", "high"]].isna().all()
        return
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert row[["low", "high"]].tolist() == pytest.approx([low, high], abs=1e-6 * size)


def test_runs_that_failed_are_left_out_and_counted():
    spec = grid()
    runs = table(spec, noisy)
    runs.loc[runs["run"] == 7, ["status", "y"]] = ["failed", np.nan]
    runs.loc[runs["combination"] == 4, "status"] = "timeout"
    means = analysis.combination_means(runs, spec, "y").set_index("combination")
    assert 4 not in means.index
    assert means.loc[1, ["runs", "left_out"]].tolist() == [3, 1]
    assert means.loc[0, ["runs", "left_out"]].tolist() == [4, 0]
    assert analysis.counts(runs) == {"failed": 1, "ok": 19, "timeout": 4}
    assert analysis.sample(runs, spec, "y").n_left_out == 5


def test_a_value_beside_a_bad_status_is_not_used():
    spec = grid()
    runs = table(spec, lambda a, b, replicate: 1.0)
    runs.loc[0, ["status", "y"]] = ["died", 1e9]
    assert analysis.combination_means(runs, spec, "y")["mean"].eq(1.0).all()


def test_a_single_replicate_has_no_interval():
    spec = grid(replicates=1)
    means = analysis.combination_means(table(spec, noisy), spec, "y")
    assert means[["sd", "low", "high"]].isna().all().all()
    assert means["mean"].notna().all()


def test_an_unknown_outcome_and_a_sweep_without_numbers_are_one_sentence():
    spec = grid()
    runs = table(spec, noisy)
    with pytest.raises(ValueError, match="no outcome 'w' in this sweep; there are y, z"):
        analysis.combination_means(runs, spec, "w")
    with pytest.raises(ValueError, match="must be a number in at least one run, is in none of 24"):
        analysis.combination_means(runs.assign(status="failed"), spec, "y")


# Means of combinations


def test_equal_clusters_give_the_t_interval_of_the_cluster_means():
    spec = grid()
    good = analysis.sample(table(spec, noisy), spec, "y")
    means = means_by_replicate(good, np.full((1, 6), 1 / 6))
    of_replicate = good.value.mean(axis=1)
    assert means.mean[0] == pytest.approx(of_replicate.mean())
    assert means.half_width()[0] == pytest.approx(stats.t.ppf(0.975, 3) * stats.sem(of_replicate))


def test_a_difference_forgets_what_the_seed_does_to_both_sides():
    spec = grid()
    good = analysis.sample(table(spec, lambda a, b, replicate: a + 100.0 * replicate**2), spec, "y")
    means = means_by_replicate(good, np.eye(6))
    assert means.half_width().min() > 100
    difference = means.contrast(np.array([[1.0, 0, 0, 0, -1, 0]]))
    assert difference.mean[0] == pytest.approx(-2)
    # Four seeds agree to the last digit, which does not tell what a fifth does.
    assert np.isnan(difference.half_width()[0])


def test_a_missing_run_leaves_the_others_at_their_place():
    spec = grid()
    runs = table(spec, lambda a, b, replicate: float(a))
    runs = runs[(runs["replicate"] < 3) | (runs["combination"] < 2)]
    means = means_by_replicate(analysis.sample(runs, spec, "y"), np.full((1, 6), 1 / 6))
    assert means.mean[0] == pytest.approx(1.0)
    assert means.ways[0].influence == pytest.approx(np.zeros((4, 1)), abs=1e-12)


def test_points_of_one_cluster_count_as_one():
    once = pd.DataFrame({"combination": range(6), "status": "ok", "a": 1.0, "y": [1.0, 1, 4, 4, 9, 9]})
    good = sample_of(pd.concat([once.assign(replicate=number) for number in range(9)]), ["a"], "y")
    weight = np.full((1, 6), 1 / 6)
    pairs = means_by_point(good, weight, np.array([0, 0, 1, 1, 2, 2]))
    assert pairs.half_width()[0] == pytest.approx(stats.t.ppf(0.975, 2) * stats.sem([1, 4, 9]))
    alone = means_by_point(good, weight, np.arange(6))
    assert alone.half_width()[0] == pytest.approx(stats.t.ppf(0.975, 5) * stats.sem([1, 1, 4, 4, 9, 9]))
    assert np.isnan(means_by_point(sample_of(once.assign(replicate=0), ["a"], "y"), weight, np.arange(6)).half_width())


def test_two_ways_of_belonging_together_are_those_of_cameron_gelbach_and_miller():
    value = np.array([[1.0, 4, 9], [12, 13, 24], [24, 28, 32], [0, 5, 9]])
    runs = pd.DataFrame(
        {"combination": np.tile(range(3), 4), "replicate": np.repeat(range(4), 3), "status": "ok", "a": 1.0}
    ).assign(y=value.ravel())
    means = means_by_point(sample_of(runs, ["a"], "y"), np.full((1, 3), 1 / 3), np.arange(3))
    off = (value - value.mean()) / value.size
    points, replicates, cells = (
        n / (n - 1) * np.square(sums).sum() for n, sums in ((3, off.sum(axis=0)), (4, off.sum(axis=1)), (12, off))
    )
    expected = stats.t.ppf(0.975, 2) * np.sqrt(max(points + replicates - cells, points, replicates))
    assert means.half_width()[0] == pytest.approx(expected)


@pytest.mark.slow
def test_intervals_hold_the_true_mean_as_often_as_they_say():
    rng = np.random.default_rng(5)
    spec = grid(replicates=5)
    held = []
    for _ in range(600):
        seed_noise, run_noise = rng.normal(size=5), rng.normal(size=(6, 5))
        runs = table(spec, lambda a, b, r: seed_noise[r] + run_noise[2 * a + b, r])  # noqa: B023
        means = means_by_replicate(analysis.sample(runs, spec, "y"), np.full((1, 6), 1 / 6))
        held.append(abs(means.mean[0]) <= means.half_width()[0])
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


# Replicates needed


@settings(deadline=None, derandomize=True, max_examples=40)
@given(sd=st.floats(0.01, 20), half_width=st.floats(0.1, 10))
def test_the_replicates_needed_are_the_least_that_reach_the_half_width(sd, half_width):
    spec = grid(1, 1, replicates=2)
    runs = table(spec, lambda a, b, replicate: 10 + (replicate - 0.5) * sd * np.sqrt(2))
    row = analysis.replicates_needed(runs, spec, "y", half_width).iloc[0]
    n = int(row["needed"])

    def reached(n):
        return stats.t.ppf(0.975, n - 1) * row["sd"] / np.sqrt(n)

    assert row["sd"] == pytest.approx(sd)
    assert reached(n) <= half_width * (1 + 1e-9)
    assert n == 2 or reached(n - 1) > half_width * (1 - 1e-9)
    assert row["missing"] == max(n - 2, 0)


def test_a_paired_difference_needs_fewer_runs_than_a_mean_when_seeds_weigh_more_than_noise():
    spec = grid(2, 1, replicates=6)
    runs = table(spec, lambda a, b, replicate: a + 10 * replicate + 0.01 * ((a + 1) * replicate % 3))
    needed = analysis.replicates_needed(runs, spec, "y", 1.0).set_index("combination")
    assert needed.loc[0, "needed"] > 100
    assert needed.loc[0, "difference_needed"] == 2
    assert needed.loc[0, "difference_missing"] == 0
    assert np.isnan(needed.loc[1, "difference_needed"])


def test_a_share_of_the_mean_scales_with_it():
    spec = grid(2, 1, replicates=3)
    runs = table(spec, lambda a, b, replicate: (1 + 9 * a) * (10 + replicate))
    needed = analysis.replicates_needed(runs, spec, "y", 0.05, of_mean=True)["needed"]
    assert needed[0] == needed[1]
    absolute = analysis.replicates_needed(runs, spec, "y", 0.5)["needed"]
    assert absolute[1] > 10 * absolute[0]


def test_a_half_width_of_zero_is_refused_and_an_unreachable_one_is_infinite():
    spec = grid(1, 1, replicates=2)
    runs = table(spec, lambda a, b, replicate: float(replicate))
    with pytest.raises(ValueError, match="half_width must be > 0, is 0"):
        analysis.replicates_needed(runs, spec, "y", 0)
    assert analysis.replicates_needed(runs, spec, "y", 1e-9)["needed"][0] == np.inf


# Convergence


def test_the_last_step_of_convergence_is_the_mean_of_all_runs():
    spec = grid(replicates=5)
    runs = table(spec, noisy)
    steps = analysis.convergence(runs, spec, "y", combinations=[3])
    of_all = steps[steps["of"] == "all"].iloc[-1]
    assert (of_all["n"], of_all["mean"]) == (5, pytest.approx(runs["y"].mean()))
    alone = runs.loc[runs["combination"] == 3, "y"]
    last = steps[steps["of"] == "3"].iloc[-1]
    assert last["half_width"] == pytest.approx(stats.t.ppf(0.975, 4) * stats.sem(alone))
    assert np.isnan(steps["half_width"].iloc[0])


def test_one_replicate_converges_over_combinations_and_long_runs_are_thinned():
    spec = Spec(design="list", points=tuple({"a": n} for n in range(1000)), outcomes=(Outcome(measure="y"),))
    runs = pd.DataFrame(
        {"combination": range(1000), "replicate": 0, "status": "ok", "a": range(1000), "y": np.arange(1000.0)}
    )
    steps = analysis.convergence(runs, spec, "y")
    assert len(steps) <= analysis.MOST_STEPS
    assert steps.iloc[-1][["of", "n"]].tolist() == ["points", 1000]
    assert steps.iloc[-1]["mean"] == pytest.approx(499.5)


# Pareto


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_a_point_is_on_the_front_exactly_when_nothing_dominates_it(points):
    first, second = np.array(points, dtype=float).T
    front = analysis.undominated(first, second)
    for place, (x, y) in enumerate(points):
        beaten = any(u >= x and v >= y and (u, v) != (x, y) for u, v in points)
        assert front[place] == (not beaten)


def test_the_front_turns_with_the_direction_of_an_outcome():
    spec = grid(3, 1, replicates=2)
    runs = table(spec, lambda a, b, replicate: float(a))
    both = analysis.pareto(runs, spec, "y", "z")
    assert both["on_front"].tolist() == [True, True, True]
    less = analysis.pareto(runs, spec, "y", "z", maximise=(True, False))
    assert less["on_front"].tolist() == [False, False, True]
