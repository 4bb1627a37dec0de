"""Figures of the claims: each can be drawn, asks a question, and says in words what it shows."""

import json

import numpy as np
import pandas as pd
import pytest

from model.charts.claims import figures
from model.charts.sweeps import picture, whole_specification
from model.charts.theme import DARK, LIGHT
from model.charts.verdicts import line_rows, rule_row, together, verdict_sentence
from model.experiments.claims import CLAIMS
from model.experiments.claims.study import FINDING_COLUMNS, finding


@pytest.fixture(scope="module")
def answers():
    """Answers in which every run measured what theory says, or 0.3 where it says nothing."""
    rows = [
        finding(
            case.claim, case.study, case.setting, one, np.full(2, np.nan_to_num(one.theory, nan=0.3)), case.position
        )
        for claim in CLAIMS.values()
        for case in claim.cases()
        for one in case.measures
    ]
    played = pd.DataFrame(rows, columns=[column.name for column in FINDING_COLUMNS])
    return {letter: claim.answer(played) for letter, claim in CLAIMS.items()}


@pytest.mark.parametrize("letter", list(CLAIMS))
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_claim_has_a_figure_that_asks_and_answers(answers, letter, theme):
    drawn = figures(answers[letter], theme)
    assert drawn
    for chart in drawn.values():
        assert chart.spec["title"]["text"].endswith("?")
        assert len(chart.alt) > 40
        axes = json.dumps(chart.spec)
        assert axes.count("(") >= 1
        assert theme.paper in json.dumps(whole_specification(chart, theme))


def test_figures_are_drawn_as_svg(answers):
    chart = figures(answers["a"], LIGHT)["conversion"]
    name, content = picture(chart, "a_conversion", LIGHT)
    assert name == "a_conversion.svg"
    assert b"claimed: 600,000" in content
    assert b"12,697 operations: 600,000" in content


def test_lines_that_end_together_have_names_apart(answers):
    chart = figures(answers["d"], LIGHT)["scheduler"]
    label = chart.data[chart.data["kind"] == "label"].sort_values("y")
    assert set(label["name"]) == {"scheduler", *market_names(answers["d"])}
    assert np.diff(label["y"]).min() >= 0.055 * 0.6 - 1e-12


def market_names(answer):
    """Settings of the market's study."""
    return answer.findings.loc[answer.findings["study"] == "market", "setting"]


def test_points_have_their_verdicts_colour_and_only_those_there_are(answers):
    chart = figures(answers["c"], LIGHT)["speed"]
    scales = [
        layer["encoding"]["color"]["scale"]
        for layer in chart.spec["layer"]
        if "scale" in layer["encoding"].get("color", {})
    ]
    assert all(scale["domain"] == ["holds", "fails"] for scale in scales)
    assert len({scale["range"][0] for scale in scales}) == 1


def test_a_sentence_names_where_a_claim_holds_and_where_not():
    points = pd.DataFrame({"setting": ["x", "y", "z"], "verdict": ["fails", "holds", "fails"]})
    assert verdict_sentence(points) == "Holds: y. Fails: x, z."


def test_rows_of_a_chart_share_their_columns():
    data = together(line_rows([0, 1], [2, 3], "up"), rule_row(1.0, "level"))
    assert data["kind"].tolist() == ["line", "line", "rule"]
    assert list(data.columns) == ["kind", "name", "x", "y", "low", "high", "verdict"]
