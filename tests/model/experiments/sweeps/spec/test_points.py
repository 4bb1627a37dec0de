"""Points: numbers, paired seeds, keys that outlive an extension, and an order in which any part is balanced."""

import pickle
from dataclasses import replace

import pytest

from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.points import Point, key_of, order, points, seed_of
from model.experiments.sweeps.spec.spec import Spec

SPEC = Spec(factors=(Factor(path="a", values=(1, 2, 3)), Factor(path="b.c", values=("x", "y"))), replicates=4)


def test_a_run_has_its_number_its_combination_and_its_replicate():
    held = points(SPEC)
    assert len(held) == len(list(held)) == 24
    assert [held[number].number for number in range(24)] == list(range(24))
    assert [(run.replicate, run.combination) for run in held[5:8]] == [(0, 5), (1, 0), (1, 1)]
    assert held[-1].number == 23
    with pytest.raises(IndexError, match="a sweep of 24 runs has no run 24"):
        held[24]


def test_runs_of_one_replicate_share_their_seed_and_those_of_two_do_not():
    seeds = [run.seed for run in points(SPEC)]
    assert [len(set(seeds[start : start + 6])) for start in (0, 6, 12, 18)] == [1] * 4
    assert len(set(seeds)) == 4


def test_seeds_depend_on_the_sweep_and_the_replicate_alone_and_fit_a_spreadsheet():
    assert seed_of(1, 3) == points(replace(SPEC, factors=SPEC.factors[:1]))[3 * 3].seed
    assert len({seed_of(sweep, replicate) for sweep in range(20) for replicate in range(50)}) == 1000
    assert all(0 <= seed_of(7, replicate) < 2**48 for replicate in range(100))


def test_the_order_has_every_run_once_replicate_after_replicate():
    numbers = order(SPEC)
    assert sorted(numbers.tolist()) == list(range(24))
    assert (numbers // 6).tolist() == sorted((numbers // 6).tolist())


def test_a_key_stays_when_the_sweep_grows():
    wider = replace(SPEC, factors=(Factor(path="a", values=(3, 2, 1, 0)), SPEC.factors[1]), replicates=9)
    assert {key_of(run) for run in points(SPEC)} < {key_of(run) for run in points(wider)}


def test_a_key_names_values_replicate_and_seed():
    run = points(SPEC)[0]
    others = [
        replace(run, values={"a": 2, "b.c": "x"}),
        replace(run, values={"a": "1", "b.c": "x"}),
        replace(run, values={"a": True, "b.c": "x"}),
        replace(run, replicate=1),
        replace(run, seed=3),
    ]
    assert len({key_of(run), *map(key_of, others)}) == 6
    assert key_of(replace(run, number=9, combination=9, values={"b.c": "x", "a": 1.0})) == key_of(run)


def test_a_point_is_small_on_its_way_to_a_worker():
    run = points(SPEC)[7]
    sent = pickle.dumps(run)
    assert pickle.loads(sent) == run
    assert len(sent) < 300
    assert isinstance(run, Point)


def test_a_hundred_thousand_runs_are_known_without_being_made():
    large = Spec(factors=tuple(Factor(path=f"f{n}", values=tuple(range(10))) for n in range(4)), replicates=10)
    held = points(large)
    assert (len(held), held[98_765].values) == (100_000, {"f0": 8, "f1": 7, "f2": 6, "f3": 5})
