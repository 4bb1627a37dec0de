"""Charts of the protocol: they show what the tables say, and say it in words as well."""

import json
from datetime import date

import numpy as np
import pytest

from model.charts.lines import Chart
from model.charts.protocol import rules_chart, supply_chart, support_chart, support_sentence
from model.charts.theme import DARK, LIGHT, Theme
from model.experiments.protocol.consensus_cells import PRESETS, Votes, cells
from model.experiments.protocol.one_demand import one_demand, rule_summary, shares_by_rule
from model.experiments.protocol.supply import supply

START = date(2026, 6, 30)
HALF = 32_767 / 65_535


def charts(theme: Theme) -> list[Chart]:
    shares, found = shares_by_rule(one_demand(16, 1.0, 0.5, 0.3)), cells(PRESETS["one liar"], HALF, 1.0, 1)
    result = supply(11_200_000, 0.3, 20)
    return [
        rules_chart(shares, rule_summary(shares), theme),
        supply_chart(result.path, result.halvings, START, theme),
        support_chart(found, 4, HALF, theme),
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_chart_is_plain_json_and_has_words(theme: Theme) -> None:
    for chart in charts(theme):
        json.dumps(chart.spec, allow_nan=False)
        assert len(chart.alt) > 60
        assert len(chart.data)


def test_the_date_of_each_halving_is_written_beside_it() -> None:
    chart = supply_chart(*supply(11_200_000, 0.0, 20), START, LIGHT)
    texts = chart.data[chart.data["kind"] == "halving"]["text"].tolist()
    assert texts == ["2029-12", "2033-12", "2037-12", "2041-12", "2045-12"]
    assert "2029-12-14" in chart.alt


def test_a_supply_without_halvings_is_drawn_and_said() -> None:
    chart = supply_chart(*supply(0.0, 0.0, 1), START, LIGHT)
    assert "Halvings: none in these years." in chart.alt
    assert set(chart.data["kind"]) == {"line"}


def test_bars_stay_in_their_row_and_nobody_unpaid_has_one() -> None:
    shares = shares_by_rule(one_demand(128, 1.0, 0.5, 0.3))
    chart = rules_chart(shares, rule_summary(shares), LIGHT)
    bars = chart.data[chart.data["kind"] == "bar"]
    height = bars["base"] - bars["top"]
    assert height.max() == pytest.approx(0.56)
    assert (height[bars["share"] == 0] == 0).all()
    assert height.groupby(bars["rule"]).max().to_numpy() == pytest.approx(0.56)


def test_the_text_of_a_rule_states_who_is_paid() -> None:
    shares = shares_by_rule(one_demand(1, 1.0, 0.0, 1.0))
    chart = rules_chart(shares, rule_summary(shares), LIGHT)
    text = chart.data[chart.data["kind"] == "text"].set_index("rule")["text"]
    assert text["tao_flow"] == "historic · nobody is paid"
    assert text["hill_gate"] == "live · 1 paid · largest 100.0% · HHI 1.000"


def test_a_worked_miner_is_told_step_by_step() -> None:
    found = cells(PRESETS["one liar"], HALF, 1.0, 1)
    assert support_sentence(found, 4, HALF) == (
        "M5 is given at least 1 from 10.0% of stake, less than kappa = 50.0%; "
        "at least 0.11 from 30.0% of stake, less than kappa = 50.0%; at least 0.1 from 100.0%: enough. "
        "So its consensus is 0.1, and what V3 and V4 gave above that is clipped."
    )


def test_validators_of_one_mind_are_not_clipped() -> None:
    found = cells(Votes(stake=np.ones(3), weight=np.tile([1.0, 3.0], (3, 1))), HALF, 1.0, 1)
    assert support_sentence(found, 1, HALF) == (
        "M2 is given at least 0.75 from 100.0%: enough. So its consensus is 0.75, and nothing is clipped."
    )


def test_the_stairs_come_down_at_the_weights_given() -> None:
    found = cells(PRESETS["cartel with 40 %"], HALF, 1.0, 1)
    stairs = support_chart(found, 4, HALF, LIGHT).data
    stairs = stairs[stairs["kind"] == "stairs"]
    assert stairs["weight"].tolist() == pytest.approx([0.0, 0.1, 0.5, 0.525])
    assert stairs["stake"].tolist() == pytest.approx([1.0, 1.0, 0.4, 0.0])
