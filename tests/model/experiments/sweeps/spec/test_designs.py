"""Designs: which combinations they try, that they are always the same, and that any first part of them is balanced."""

import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.experiments.sweeps.spec.designs import DESIGNS, combinations, interleaving, salib_problem, unit_sample
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.spec import DESIGN_NAMES, SAMPLED, Spec

RANGES = (
    Factor(path="a.b", low=1.0, high=3.0),
    Factor(path="c", low=1.0, high=100.0, scale="log"),
    Factor(path="d", low=1, high=3, whole=True),
)
N_POINTS = {"random": 6, "latin_hypercube": 6, "sobol": 8, "morris": 6}


def sampled(design, times=1, **fields):
    return Spec(design=design, n_points=N_POINTS[design] * times, factors=RANGES, **fields)


def grid_of(sizes):
    return Spec(factors=tuple(Factor(path=f"f{n}", values=tuple(range(size))) for n, size in enumerate(sizes)))


def test_every_design_of_a_spec_is_registered():
    assert set(DESIGNS) == set(DESIGN_NAMES)


def test_a_grid_has_every_combination_once_and_its_last_factor_changes_fastest():
    held = list(combinations(grid_of([2, 3])))
    assert [tuple(one.values()) for one in held] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_a_grid_without_factors_is_the_base_scenario():
    assert list(combinations(Spec())) == [{}]


def test_zip_moves_all_factors_together():
    spec = Spec(
        design="zip", factors=(Factor(path="rule", values=("equal", "price")), Factor(path="x", values=([1], [2])))
    )
    assert list(combinations(spec)) == [{"rule": "equal", "x": (1,)}, {"rule": "price", "x": (2,)}]


def test_a_list_is_what_it_says_and_may_say_the_same_twice():
    points = ({"a": 1, "b": "x"}, {"a": 2, "b": "x"}, {"a": 1, "b": "x"})
    assert list(combinations(Spec(design="list", points=points))) == list(points)


def test_one_at_a_time_changes_one_factor_from_the_first_values():
    spec = Spec(design="one_at_a_time", factors=(Factor(path="a", values=(1, 2, 3)), Factor(path="b", values=(7, 8))))
    assert [tuple(one.values()) for one in combinations(spec)] == [(1, 7), (2, 7), (3, 7), (1, 8)]


def test_combinations_are_counted_and_cut_like_a_list():
    held = combinations(grid_of([2, 3]))
    assert (len(held), held[-1], held[1:3]) == (6, {"f0": 1, "f1": 2}, [{"f0": 0, "f1": 1}, {"f0": 0, "f1": 2}])
    with pytest.raises(IndexError):
        held[6]


@pytest.mark.parametrize("design", SAMPLED)
def test_a_sample_has_as_many_rows_as_combinations_and_stays_in_the_ranges(design):
    spec = sampled(design)
    sample = unit_sample(spec)
    assert sample.shape == (spec.n_combinations, 3)
    assert ((sample >= 0) & (sample <= 1)).all()
    for row, values in zip(sample, combinations(spec), strict=True):
        assert list(values.values()) == [one.at(share) for one, share in zip(RANGES, row.tolist(), strict=True)]
        assert 1 <= values["a.b"] <= 3
        assert 1 <= values["c"] <= 100
        assert values["d"] in (1, 2, 3)


@pytest.mark.parametrize("design", SAMPLED)
def test_another_seed_draws_another_sample_and_the_same_seed_the_same(design):
    assert np.array_equal(unit_sample(sampled(design)), unit_sample(sampled(design)))
    assert not np.array_equal(unit_sample(sampled(design)), unit_sample(sampled(design, seed=2)))


@pytest.mark.parametrize("design", ["random", "sobol", "morris"])
def test_more_points_keep_those_there_were(design):
    few, many = unit_sample(sampled(design)), unit_sample(sampled(design, times=4))
    assert np.array_equal(few, many[: len(few)])


def test_a_latin_hypercube_has_one_point_in_each_stratum():
    strata = np.sort(np.floor(unit_sample(sampled("latin_hypercube")) * 6), axis=0)
    assert (strata == np.arange(6)[:, np.newaxis]).all()


def test_the_rows_of_sobol_replace_one_column_of_the_first_after_the_other():
    spec = sampled("sobol")
    blocks = unit_sample(spec).reshape(spec.n_points, spec.block, 3)
    for block in blocks:
        first, *crossed, second = block
        for factor, row in enumerate(crossed):
            assert row[factor] == second[factor]
            assert np.array_equal(np.delete(row, factor), np.delete(first, factor))


def test_a_walk_of_morris_moves_one_factor_at_a_time_and_all_of_them():
    spec = sampled("morris")
    for walk in unit_sample(spec).reshape(spec.n_points, spec.block, 3):
        moved = np.abs(np.diff(walk, axis=0)) > 1e-9
        assert moved.sum(axis=0).tolist() == moved.sum(axis=1).tolist() == [1, 1, 1]


def test_every_move_of_morris_changes_a_whole_number_too():
    spec = sampled("morris")
    moves = np.abs(np.diff(unit_sample(spec)[:, 2])) > 1e-9
    values = np.array([one["d"] for one in combinations(spec)])
    assert (np.diff(values)[moves] != 0).all()


def test_the_problem_names_the_factors_in_the_order_of_the_columns():
    problem = salib_problem(sampled("sobol"))
    assert (problem["num_vars"], problem["names"]) == (3, ["a.b", "c", "d"])
    assert problem["bounds"] == [[0.0, 1.0]] * 3


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_the_first_runs_of_a_grid_have_any_two_values_of_a_factor_equally_often_within_one(sizes):
    order = interleaving(grid_of(sizes))
    assert sorted(order.tolist()) == list(range(int(np.prod(sizes))))
    level = np.array(np.unravel_index(order, sizes)).T
    for factor, size in enumerate(sizes):
        seen = np.cumsum(level[:, factor, np.newaxis] == np.arange(size), axis=0)
        assert (seen.max(axis=1) - seen.min(axis=1)).max() <= 1


def test_the_first_half_of_a_grid_has_met_every_pair_of_values_of_two_factors():
    sizes = (6, 6, 6)
    level = np.array(np.unravel_index(interleaving(grid_of(sizes))[:108], sizes)).T
    for pair in ((0, 1), (0, 2), (1, 2)):
        met = Counter(map(tuple, level[:, pair].tolist()))
        assert len(met) == 36
        assert max(met.values()) <= 6


@pytest.mark.parametrize("n_points", [1, 2, 3, 10, 64])
def test_the_first_runs_of_a_list_are_spread_over_it_and_each_comes_once(n_points):
    spec = Spec(design="list", points=tuple({"a": number} for number in range(n_points)))
    order = interleaving(spec)
    assert sorted(order.tolist()) == list(range(n_points))
    for count in range(2, n_points + 1):
        gaps = np.diff(np.sort(order[:count]), append=n_points + order[:count].min())
        assert gaps.max() <= 3 * n_points / count + 1


@pytest.mark.parametrize("design", SAMPLED)
def test_sampled_designs_keep_their_own_order(design):
    assert interleaving(sampled(design)).tolist() == list(range(sampled(design).n_combinations))


def test_another_process_draws_the_same_combinations():
    code = (
        "import json; from model.experiments.sweeps.spec.designs import *;"
        "from model.experiments.sweeps.spec.spec_file import *;"
        "import sys; tree = json.load(sys.stdin);"
        "print(json.dumps([list(map(dict, combinations(spec_of(one)))) for one in tree]))"
    )
    specs = [sampled(design) for design in SAMPLED]
    said = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([spec.to_tree() for spec in specs]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout) == [list(map(dict, combinations(spec))) for spec in specs]
