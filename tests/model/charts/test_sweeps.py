"""Charts of a sweep: they draw what the tables say, in both themes, and say it in words as well."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from model.charts import sensitivity, sweeps
from model.charts.theme import DARK, LIGHT

THEMES = [LIGHT, DARK]
EFFECTS = pd.DataFrame(
    {"factor": ["a", "a", "kind"], "level": ["1", "2", "x"], "mean": [1.0, 3.0, 2.0], "low": [0.5, math.nan, 1.0],
     "high": [1.5, math.nan, 3.0], "effect": [-1.0, 1.0, 0.0]}
)  # fmt: skip
CELLS = pd.DataFrame(
    [
        {"first": str(a), "second": f"{b:g}", "first_at": a, "second_at": b, "mean": a * b, "low": 0.0, "high": 1.0}
        for a in (1, 2, 10)
        for b in (0.5, 0.25)
    ]
)
FRONT = pd.DataFrame(
    {"combination": [0, 1, 2], "first": [1.0, 2.0, 0.5], "first_low": [0.9, math.nan, 0.4],
     "first_high": [1.1, math.nan, 0.6], "second": [2.0, 1.0, 0.5], "second_low": 0.0, "second_high": 1.0,
     "on_front": [True, True, False]}
)  # fmt: skip
STEPS = pd.DataFrame(
    {"of": ["all"] * 3 + ["4"] * 3, "n": [1, 2, 3] * 2, "mean": [1.0, 1.5, 1.2, 3.0, 2.5, 2.7],
     "half_width": [math.nan, 9.0, 0.5, math.nan, 8.0, 0.4]}
)  # fmt: skip
SOBOL = pd.DataFrame(
    {"factor": ["a", "b"], "first": [0.1, 0.6], "first_half_width": 0.05, "total": [0.3, 0.7], "total_half_width": 0.05}
)
MORRIS = pd.DataFrame({"factor": ["a", "b"], "mu": 0.0, "mu_star": [0.1, 2.0], "mu_star_half_width": 0.2, "sigma": 1.0})
BOXES = pd.DataFrame(
    {"step": [0, 1], "coverage_share": [1.0, 0.8], "density_share": [0.2, 0.9], "mass_share": [1.0, 0.2],
     "limited_factors": [0, 1], "limits": ["", "a >= 3"], "chosen": [False, True]}
)  # fmt: skip


def every_chart(theme):
    return {
        "effects": sweeps.effects(EFFECTS, "y", "share", theme),
        "two_factors": sweeps.two_factors(CELLS, ("a", "b"), "y", "share", theme),
        "pareto": sweeps.pareto(FRONT, ("y", "z"), ("share", "TAO"), theme),
        "convergence": sweeps.convergence(STEPS, "y", "share", theme),
        "sobol": sensitivity.sobol(SOBOL, "y", theme),
        "morris": sensitivity.morris(MORRIS, "y", "share", theme),
        "boxes": sensitivity.trade_off(BOXES, "y above 3", theme),
    }


@pytest.mark.parametrize("theme", THEMES)
def test_every_chart_asks_a_question_says_its_unit_and_stays_off_strange_numbers(theme):
    for name, chart in every_chart(theme).items():
        assert chart.spec["title"]["text"].endswith("?"), name
        assert chart.spec["title"]["color"] == theme.ink
        assert len(chart.alt) > 20
        whole = sweeps.whole_specification(chart, theme)
        text = json.dumps(whole, allow_nan=False)
        assert len(whole["data"]["values"]) == len(chart.data)
        assert whole["background"] == theme.paper
        if name not in ("sobol", "boxes"):
            assert "(share)" in text or '"share"' in text, name


@pytest.mark.parametrize("theme", THEMES)
def test_every_chart_is_drawn(theme):
    for name, chart in every_chart(theme).items():
        file, content = sweeps.picture(chart, name, theme)
        assert file == f"{name}.svg"
        assert content.startswith(b"<svg")
        assert chart.spec["title"]["text"].encode() in content


def test_without_the_drawing_library_a_chart_is_its_specification(monkeypatch):
    monkeypatch.setattr(sweeps, "find_spec", lambda name: None)
    file, content = sweeps.picture(every_chart(LIGHT)["sobol"], "y-sobol", LIGHT)
    assert file == "y-sobol.vega-lite.json"
    assert json.loads(content)["description"].startswith("Sobol indices of y")


def test_levels_of_a_heatmap_go_from_small_to_large_and_not_by_letter():
    spec = every_chart(LIGHT)["two_factors"].spec
    assert spec["encoding"]["x"]["sort"] == ["1", "2", "10"]
    assert spec["encoding"]["y"]["sort"] == ["0.5", "0.25"]


def test_a_heatmap_of_one_value_paints_nothing_as_if_it_were_something():
    flat = CELLS.assign(mean=2.0)
    colour = sweeps.two_factors(flat, ("a", "b"), "y", "share", DARK).spec["layer"][0]["encoding"]["color"]
    assert colour == {"value": DARK.ramp[0]}


def test_large_heatmaps_have_no_numbers():
    many = pd.concat([CELLS.assign(second=str(n), second_at=n) for n in range(30)])
    assert len(sweeps.two_factors(many, ("a", "b"), "y", "share", LIGHT).spec["layer"]) == 1


def test_the_interval_of_two_runs_does_not_flatten_what_follows():
    domain = every_chart(LIGHT)["convergence"].spec["layer"][1]["encoding"]["y"]["scale"]["domain"]
    assert domain == pytest.approx([0.7, 3.1])


def test_constant_running_means_are_drawn_without_a_scale_of_their_own():
    still = STEPS.assign(mean=2.0, half_width=np.where(STEPS["n"] > 1, 0.0, math.nan))
    chart = sweeps.convergence(still, "y", "share", LIGHT)
    assert "domain" not in chart.spec["layer"][1]["encoding"]["y"]["scale"]


def test_words_name_what_the_picture_shows():
    drawn = every_chart(LIGHT)
    assert "Moved most: a by 2, kind by 0" in drawn["effects"].alt
    assert "Largest 5 at a 10, b 0.5" in drawn["two_factors"].alt
    assert "2 of 3 undominated: 0, 1" in drawn["pareto"].alt
    assert "combination 4 2.7 ± 0.4" in drawn["convergence"].alt
    assert "b 0.60 alone, 0.70 in all" in drawn["sobol"].alt
    assert "b 2" in drawn["morris"].alt
    assert "Chosen: a >= 3; coverage 80%, density 90%" in drawn["boxes"].alt


def test_factors_of_sobol_come_largest_first():
    assert every_chart(LIGHT)["sobol"].spec["encoding"]["y"]["sort"] == ["b", "a"]
