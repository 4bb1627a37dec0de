"""Main effects, tables of two factors and regression: exact on additive outcomes, honest on unbalanced ones."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.experiments.sweeps.analysis import effects
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec

LEVELS = (Factor(path="a", values=(1, 2, 4)), Factor(path="kind", values=("x", "y")))
RANGES = (
    Factor(path="a", low=0, high=1),
    Factor(path="b", low=1, high=100, scale="log"),
    Factor(path="n", low=0, high=3, whole=True),
)


def table(spec, outcome):
    """Runs whose outcomes are outcome(values, replicate)."""
    rows = [
        {"run": replicate * spec.n_combinations + number, "combination": number, "replicate": replicate,
         "status": "ok", **values, "y": outcome(values, replicate)}
        for replicate, (number, values) in product(range(spec.replicates), enumerate(combinations(spec)))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def spec_of(factors=LEVELS, **changes):
    return Spec(factors=factors, outcomes=(Outcome(measure="y"),), **changes)


def additive(values, replicate):
    return 10 * values["a"] + 3 * (values["kind"] == "y") + 100 * replicate


def test_effects_of_a_grid_are_paired_by_seed():
    found = effects.main_effects(table(spec_of(replicates=3), additive), spec_of(replicates=3), "y")
    of_a = found[found["factor"] == "a"]
    assert of_a["level"].tolist() == ["1", "2", "4"]
    assert of_a["mean"].tolist() == pytest.approx([111.5, 121.5, 141.5])
    assert of_a["effect"].to_numpy() == pytest.approx(10 * np.array([1, 2, 4]) - 70 / 3)
    assert of_a[["effect_low", "effect_high"]].isna().all(axis=None)  # three seeds agree to the last digit
    assert (of_a["high"] - of_a["low"]).min() > 100
    assert set(found["basis"]) == {effects.PAIRED}


def test_the_interval_of_an_effect_is_the_t_interval_over_seeds():
    rng = np.random.default_rng(2)
    spec = spec_of((LEVELS[1],), replicates=6)
    runs = table(spec, lambda values, replicate: rng.normal())
    found = effects.main_effects(runs, spec, "y")
    by_seed = runs.pivot(index="replicate", columns="kind", values="y")
    half_difference = (by_seed["y"] - by_seed["x"]) / 2
    low, high = stats.t.interval(0.95, 5, half_difference.mean(), stats.sem(half_difference))
    last = found.iloc[-1]
    assert last[["effect", "effect_low", "effect_high"]].tolist() == pytest.approx([half_difference.mean(), low, high])


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.lists(st.floats(-10, 10), min_size=6, max_size=6))
def test_effects_of_a_factor_sum_to_zero(cells):
    spec = spec_of()
    number = iter(cells)
    found = effects.main_effects(table(spec, lambda values, replicate: next(number)), spec, "y")
    assert found.groupby("factor")["effect"].sum().to_numpy() == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize("replicates", [1, 2, 40])
def test_what_does_nothing_has_an_effect_of_exactly_zero(replicates):
    factors = (Factor(path="a", values=(1, 2, 3)), Factor(path="kind", values=("x", "y", "z")))
    spec = spec_of(factors, replicates=replicates)
    found = effects.main_effects(table(spec, lambda values, replicate: 0.1 * values["a"] + 0.7), spec, "y")
    of_kind = found[found["factor"] == "kind"]
    assert of_kind["effect"].tolist() == [0.0, 0.0, 0.0]
    if replicates == 40:  # seeds enough to say that chance plays no part
        assert of_kind[["effect_low", "effect_high"]].eq(0.0).all(axis=None)
        assert (found["low"] == found["high"]).all()


def test_a_combination_that_failed_does_not_tilt_an_effect():
    spec = spec_of(replicates=2)
    runs = table(spec, additive)
    runs.loc[(runs["a"] == 4) & (runs["kind"] == "x"), "status"] = "failed"
    found = effects.main_effects(runs, spec, "y")
    of_kind = found[found["factor"] == "kind"]
    assert of_kind["effect"].tolist() == pytest.approx([-1.5, 1.5])
    assert of_kind["points"].tolist() == [2, 2]
    of_a = found[found["factor"] == "a"]
    assert np.diff(of_a["effect"]) == pytest.approx([10, 20])


def test_one_at_a_time_compares_with_the_base_only():
    spec = spec_of(design="one_at_a_time")
    found = effects.main_effects(table(spec, additive), spec, "y")
    of_a, of_kind = (found[found["factor"] == name] for name in ("a", "kind"))
    assert np.diff(of_a["mean"]) == pytest.approx([10, 20])
    assert np.diff(of_kind["mean"]) == pytest.approx([3])
    assert of_kind["points"].tolist() == [1, 1]
    assert set(found["basis"]) == {effects.PAIRED}


def test_factors_that_move_together_are_called_unpaired():
    factors = (Factor(path="a", values=(1, 2)), Factor(path="kind", values=("x", "y")))
    spec = spec_of(factors, design="zip", replicates=2)
    found = effects.main_effects(table(spec, additive), spec, "y")
    assert set(found["basis"]) == {effects.UNPAIRED}
    assert found["effect"].tolist() == pytest.approx([-6.5, 6.5, -6.5, 6.5])


def test_a_sampled_range_is_shown_in_bins_with_intervals_over_points():
    spec = spec_of(RANGES, design="latin_hypercube", n_points=100, replicates=30)
    runs = table(spec, lambda values, replicate: values["a"])
    found = effects.main_effects(runs, spec, "y")
    of_a = found[found["factor"] == "a"]
    assert len(of_a) == effects.N_BINS
    assert of_a["points"].tolist() == [20] * 5
    assert of_a["mean"].to_numpy() == pytest.approx(np.arange(0.1, 1, 0.2), abs=0.02)
    inside = runs.loc[runs["replicate"] == 0, "y"].sort_values().iloc[:20]
    low, high = stats.t.interval(0.95, 19, inside.mean(), stats.sem(inside))
    assert of_a[["low", "high"]].iloc[0].tolist() == pytest.approx([low, high])
    assert found.loc[found["factor"] == "n", "level"].tolist() == ["0", "1", "2", "3"]
    of_b = found[found["factor"] == "b"]
    assert ((of_b["effect_low"] <= 0) & (of_b["effect_high"] >= 0)).all()
    assert set(found["basis"]) == {effects.SAMPLED_POINTS}


def test_one_seed_tells_nothing_of_others_wherever_the_points_lie():
    spec = spec_of(RANGES, design="random", n_points=100)
    found = effects.main_effects(table(spec, lambda values, replicate: values["a"]), spec, "y")
    assert found[["low", "high", "effect_low", "effect_high"]].isna().all(axis=None)


def test_the_neighbours_of_one_saltelli_point_count_as_one():
    spec = spec_of(RANGES, design="sobol", n_points=16, replicates=30)
    runs = table(spec, lambda values, replicate: values["n"] + values["a"])
    found = effects.main_effects(runs, spec, "y")
    assert found["runs"].max() < len(runs)
    alone = effects.main_effects(runs, spec_of(RANGES, design="random", n_points=80, replicates=30), "y")
    assert found["mean"].tolist() == pytest.approx(alone["mean"].tolist())
    assert (found["high"] - found["low"]).mean() > 1.2 * (alone["high"] - alone["low"]).mean()


def test_a_table_of_two_factors_holds_the_cells_of_the_grid():
    spec = spec_of(replicates=2)
    found = effects.two_factor_table(table(spec, additive), spec, "y", "kind", "a")
    cell = found.set_index(["first", "second"])["mean"]
    assert cell.to_dict() == {
        ("x", "1"): 60, ("x", "2"): 70, ("x", "4"): 90, ("y", "1"): 63, ("y", "2"): 73, ("y", "4"): 93,
    }  # fmt: skip
    assert found["runs"].tolist() == [2] * 6
    assert found["second_at"].tolist() == [1, 2, 4] * 2
    assert found["first_at"].isna().all()


def test_a_table_of_two_factors_leaves_out_pairs_that_no_run_has():
    spec = spec_of(design="one_at_a_time")
    assert len(effects.two_factor_table(table(spec, additive), spec, "y", "a", "kind")) == 4


def test_a_factor_that_is_not_there_or_named_twice_is_one_sentence():
    spec = spec_of()
    runs = table(spec, additive)
    with pytest.raises(ValueError, match="no factor 'c' in this sweep; there are a, kind"):
        effects.two_factor_table(runs, spec, "y", "a", "c")
    with pytest.raises(ValueError, match="a table needs two factors, has a twice"):
        effects.two_factor_table(runs, spec, "y", "a", "a")


def test_regression_finds_the_slopes_of_a_plane_in_the_factors_own_scales():
    spec = spec_of(RANGES, design="latin_hypercube", n_points=80)
    runs = table(spec, lambda values, replicate: 2 * values["a"] + np.log(values["b"]))
    found = effects.regression(runs, spec, "y").set_index("factor")
    assert found["r_squared"].iloc[0] == pytest.approx(1)
    slope = {"a": 2 * runs["a"].std(), "b": np.log(runs["b"]).std(), "n": 0.0}
    for name, expected in slope.items():
        assert found.loc[name, "coefficient"] == pytest.approx(expected / runs["y"].std(), abs=1e-9)
    assert found.index[-1] == "n"


def test_regression_of_noise_finds_nothing():
    rng = np.random.default_rng(4)
    spec = spec_of(RANGES, design="random", n_points=200, replicates=5)
    found = effects.regression(table(spec, lambda values, replicate: rng.normal()), spec, "y")
    assert ((found["low"] < 0) & (found["high"] > 0)).all()
    assert found["r_squared"].iloc[0] < 0.1


def test_names_are_held_fixed_in_a_regression_and_too_few_points_give_none():
    spec = spec_of()
    found = effects.regression(table(spec, additive), spec, "y")
    assert found["factor"].tolist() == ["a"]
    assert found["r_squared"].iloc[0] == pytest.approx(1)
    small = spec_of((LEVELS[1],))
    assert effects.regression(table(small, lambda values, replicate: 1.0), small, "y").empty


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=12, unique=True))
@settings(deadline=None, derandomize=True)
def test_no_two_levels_share_a_name_and_each_name_is_its_number(values):
    found = effects.levels_of(pd.Series(values))
    assert [float(name) for name in found.name] == found.at.tolist()


def test_levels_that_differ_in_the_seventh_digit_are_rows_of_their_own():
    many, kinds = (10_499_990.0, 10_500_000.0, 10_500_010.0), ("x", "y")
    spec = Spec(
        name="t", scenario="baseline", outcomes=(Outcome(measure="y"),), design="grid",
        factors=(Factor(path="a", values=many), Factor(path="kind", values=kinds)),
    )  # fmt: skip
    cells = effects.two_factor_table(table(spec, lambda values, _: values["a"]), spec, "y", "a", "kind")
    assert list(zip(cells["first"], cells["second"], strict=True)) == list(
        product(("10499990", "10500000", "10500010"), kinds)
    )


def test_bins_are_named_by_as_many_digits_as_tell_them_apart():
    names = effects.levels_of(pd.Series(1e7 + np.arange(100.0)), most=12, n_bins=5).name
    assert names[0] == "10000000 to 10000019"
    assert len(set(names)) == 5
