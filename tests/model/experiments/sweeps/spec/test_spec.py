"""Specs: how many runs there are, what is refused, and the digest."""

from dataclasses import replace

import numpy as np
import pytest

from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.spec.spec_file import spec_of

A = Factor(path="a", values=(1, 2, 3))
B = Factor(path="b", values=("x", "y"))
RANGE = Factor(path="r", low=0.0, high=1.0)
OTHER = Factor(path="s", low=1.0, high=9.0, scale="log")


@pytest.mark.parametrize(
    ("fields", "n_combinations"),
    [
        ({}, 1),
        ({"factors": (A, B)}, 6),
        ({"factors": (A, RANGE), "levels": 5}, 15),
        ({"factors": (A, B), "design": "one_at_a_time"}, 4),
        ({"factors": (A, RANGE), "levels": 3, "design": "zip"}, 3),
        ({"points": ({"a": 1, "b": 2}, {"a": 3, "b": 2}), "design": "list"}, 2),
        ({"factors": (A, RANGE), "design": "random", "n_points": 7}, 7),
        ({"factors": (A, RANGE), "design": "latin_hypercube", "n_points": 7}, 7),
        ({"factors": (RANGE, OTHER), "design": "sobol", "n_points": 8}, 32),
        ({"factors": (RANGE, OTHER), "design": "sobol", "n_points": 8, "second_order": True}, 48),
        ({"factors": (RANGE, OTHER), "design": "morris", "n_points": 5}, 15),
    ],
)
def test_runs_are_combinations_times_replicates(fields, n_combinations):
    spec = Spec(replicates=3, **fields)
    assert (spec.n_combinations, spec.n_runs) == (n_combinations, 3 * n_combinations)


def test_the_factors_of_a_list_are_the_fields_that_its_points_name():
    spec = Spec(design="list", points=({"a": {"b": 1}, "c": "x"}, {"a.b": 1.0, "c": "y"}))
    assert {factor.path: factor.values for factor in spec.factors} == {"a.b": (1,), "c": ("x", "y")}


def test_a_table_at_a_dotted_path_is_a_value_and_a_nested_table_names_fields():
    spec = Spec(values={"miners.mix": {"honest": 1.0}, "reward": {"pay_parameters": {"decisiveness": 0.5}}})
    assert spec.values == {"miners.mix": {"honest": 1.0}, "reward.pay_parameters.decisiveness": 0.5}
    assert Spec(values={"reward.pay_parameters": {}}).values == {"reward.pay_parameters": {}}


def test_the_digest_tells_specs_apart_and_does_not_care_how_a_number_is_written():
    spec = Spec(factors=(A, RANGE))
    assert spec.digest() == Spec(factors=[Factor(path="a", values=(1.0, 2, 3)), RANGE]).digest()
    others = [
        replace(spec, replicates=2),
        replace(spec, seed=2),
        replace(spec, question="why?"),
        replace(spec, factors=(A, replace(RANGE, kind="uncertainty"))),
        replace(spec, outcomes=(Outcome(measure="users_value"),)),
    ]
    assert len({spec.digest(), *(other.digest() for other in others)}) == 6


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "name must be 1 to 100 printable characters, is ''"),
        ({"name": "a\nb"}, "name must be 1 to 100 printable characters"),
        ({"scenario": ""}, "scenario must be a name or a path of 1 to 1000 printable characters, is ''"),
        ({"scenario": "a\0b"}, "scenario must be a name or a path"),
        ({"scenario": "a" * 1001}, "scenario must be a name or a path"),
        ({"values": {"a": {"b": {}, "c": 1}}}, "values.a.b names no field; an empty table that is a value"),
        ({"design": "star"}, "design must be one of grid, zip, list"),
        ({"replicates": 0}, "replicates must be in"),
        (
            {"outcomes": [Outcome(measure="users_value", name="seed")]},
            "must not be called as a column of every sweep is",
        ),
        ({"seed": -1}, "seed must be >= 0 and have <= 63 bits"),
        ({"epochs": -1}, "epochs must be in"),
        ({"outcomes": ()}, "outcomes must name at least one measure"),
        ({"outcomes": (Outcome(measure="x"), Outcome(measure="y", name="x"))}, "two are called 'x'"),
        ({"values": {"seed": 3}}, "values must not name seed"),
        ({"values": {"a": float("inf")}}, "values.'a' must be finite numbers"),
        ({"factors": (A, A)}, "name 'a' twice"),
        ({"factors": (A,), "values": {"a": 1}}, "name 'a' twice"),
        ({"factors": (A, Factor(path="a.b", values=(1,)))}, "must not overlap: 'a.b' lies within 'a'"),
        ({"design": "zip"}, "factors must name at least one field for design 'zip'"),
        ({"design": "zip", "factors": (A, B)}, "equally many values for design 'zip': 'a' has 3, 'b' has 2"),
        ({"design": "list"}, "points must name at least one combination"),
        ({"design": "list", "points": ({"a": 1}, {"b": 1})}, "points must all name a; point 1 names b"),
        ({"design": "list", "points": ({"a": 1},), "factors": (B,)}, "factors must not be given for design 'list'"),
        ({"points": ({"a": 1},)}, "points need design 'list', is 'grid'"),
        ({"n_points": 8}, "n_points goes with random, latin_hypercube, sobol, morris, is 8 for design 'grid'"),
        ({"design": "random", "factors": (A,)}, "n_points, for design 'random', must be in [1,"),
        ({"design": "sobol", "n_points": 8, "factors": (A,)}, "design 'sobol' needs ranges, factors.'a' has values"),
        ({"design": "sobol", "n_points": 12, "factors": (RANGE,)}, "n_points must be a power of two"),
        ({"design": "morris", "n_points": 4, "levels": 5, "factors": (RANGE,)}, "levels must be even"),
        ({"design": "random", "n_points": 4, "factors": (A,), "second_order": True}, "second_order goes with"),
        ({"levels": 1}, "levels must be in [2, 1000], is 1"),
        ({"replicates": 5_000_000, "factors": (A,)}, "a sweep must have <= 10,000,000 runs, has 15,000,000"),
    ],
)
def test_a_sweep_that_cannot_be_run_is_refused_by_its_field(fields, sentence):
    with pytest.raises(ValueError) as caught:
        Spec(**fields)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_values_of_numpy_make_the_same_sweep_as_those_of_python():
    by_numpy, by_python = (
        Spec(
            factors=(Factor(path="a", values=values), Factor(path="b", low=whole(1), high=whole(3), whole=flag(True))),
            values={"miners.cost_factor": values, "miners.skill_sd": real(0.5)},
            replicates=whole(2), levels=whole(3), seed=whole(7), epochs=whole(5), second_order=flag(False),
        )
        for values, whole, real, flag in (
            (np.array([1.0, 2.0]), np.int64, np.float64, np.bool_), ((1.0, 2.0), int, float, bool)
        )
    )  # fmt: skip
    assert by_numpy == by_python
    assert by_numpy.digest() == by_python.digest()
    assert Factor(path="a", values=(np.float64(1), np.int64(2), np.array([3, 4]))).values == (1.0, 2, (3, 4))


@pytest.mark.parametrize(
    "given", [{"question": "\udcff"}, {"factors": {"a": ["\udcff"]}}, {"values": {"a.b": "\udcff"}}]
)
def test_half_a_character_is_refused_before_a_file_is_to_hold_it(given):
    with pytest.raises(ValueError, match=r"^(question|factors|values)"):
        spec_of(given)
