"""A reader's own case in a claim's figures, and the figures of its further studies."""

import numpy as np
import pandas as pd
import pytest

from model.charts import claim_cases
from model.charts.sweeps import picture
from model.charts.theme import LIGHT
from model.experiments.claims.study import FINDING_COLUMNS, Measure, finding


def points(positions, values):
    """Findings of one quantity, two seeds each."""
    rows = []
    for position, value in zip(positions, values, strict=True):
        what = Measure(quantity="q", unit="share", of=np.size, theory=value, claimed=(0.0, 0.9))
        rows.append(finding("d", "s", f"case {position:g}", what, np.array([value, value]), position))
    return pd.DataFrame(rows, columns=[column.name for column in FINDING_COLUMNS])


@pytest.mark.parametrize("draw", [claim_cases.locked_in, claim_cases.halvings, claim_cases.pay_shapes])
def test_each_figure_asks_and_can_be_drawn(draw):
    chart = draw(points((0.0, 0.5), (0.5, 0.95)), LIGHT)
    assert chart.spec["title"]["text"].endswith("?")
    assert "case 0.5" in chart.alt
    assert picture(chart, "figure", LIGHT)[1]


@pytest.mark.parametrize(("x", "side"), [(0.1, "left"), (1.9, "right")])
def test_an_own_case_stands_in_the_figure_with_its_name_inside(x, side):
    chart = claim_cases.with_own_case(claim_cases.locked_in(points((0.0,), (0.5,)), LIGHT), x, LIGHT)
    assert chart.data.loc[chart.data["kind"] == "own", "x"].tolist() == [x]
    text = chart.spec["layer"][-1]["mark"]
    assert (text["type"], text["align"]) == ("text", side)
    assert b"your case" in picture(chart, "figure", LIGHT)[1]


def test_names_of_lines_that_end_together_stand_apart():
    data = claim_cases.locked_in(points((0.0,), (0.5,)), LIGHT).data
    assert np.diff(sorted(data.loc[data["kind"] == "label", "y"])).min() >= 0.055 - 1e-12


def test_a_mark_takes_the_place_of_the_one_that_stands_there():
    chart = claim_cases.locked_in(points((0.0,), (0.5,)), LIGHT)
    first = claim_cases.with_mark(chart, 1.0, 0.5, "old")
    both = claim_cases.with_mark(first, 0.5, 0.5, "other")
    replaced = claim_cases.with_mark(both, 1.0, 0.5, "new")
    marks = replaced.data.loc[replaced.data["kind"] == "mark", "name"]
    assert set(marks) == {"other", "new"}
