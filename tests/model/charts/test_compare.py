"""Paired differences as a picture and in words: what is clear is called clear, and nothing is drawn off its scale."""

import json
import math

import pandas as pd
import pytest

from model.charts.compare import amount, difference_chart, difference_table, sentence
from model.charts.measure_label import LABEL, label
from model.charts.theme import DARK, LIGHT, Theme
from model.experiments.comparison.paired import MEASURES, differences, pair_differences
from model.experiments.sweeps.execution.work import tables_of_a_run


def runs(**gained: list[float]) -> pd.DataFrame:
    """Runs in which B is A and this much more, by measure and seed."""
    n = len(next(iter(gained.values())))
    rows = [
        {"side": side, "seed": seed} | {name: 0.5 + (side == "B") * by[seed] for name, by in gained.items()}
        for seed in range(n)
        for side in "AB"
    ]
    return pd.DataFrame(rows)


def row(measure: str, gained: list[float]) -> dict[object, object]:
    return differences(runs(**{measure: gained}), [measure]).to_dict("records")[0]


def test_a_clear_difference_is_told_with_its_interval() -> None:
    text = sentence(row("reward_gini_participant", [-0.12, -0.14, -0.1, -0.12, -0.12]))
    assert text == (
        "With B, the Gini of rewards by participant is 0.12 lower (95 % interval -0.1542 to -0.08577); "
        "clear after 5 seeds."
    )


def test_an_unclear_difference_says_how_many_seeds_would_tell() -> None:
    found = row("users_value", [1.0, -1.0, 1.0])
    text = sentence(found)
    assert not found["clear"]
    assert "may be chance after 3 seeds" in text
    assert f"about {found['seeds_needed']:,.0f} seeds would tell" in text


@pytest.mark.parametrize(
    ("gained", "said"),
    [
        ([0.0, 0.0], "is the same in A and B under 2 seeds"),
        ([0.1, 0.1], "(the same under each of 2 seeds), which may be chance"),
        ([0.1, 0.2], "(too few seeds for an interval), which may be chance"),
        ([0.25], "under one seed; two or more tell"),
        ([math.nan], "no number on both sides"),
        ([0.1, -0.1], "may be chance after 2 seeds: more seeds tell"),
    ],
)
def test_what_cannot_be_told_is_said_so(gained: list[float], said: str) -> None:
    assert said in sentence(row("honest_share", gained))


def test_numbers_carry_their_unit() -> None:
    assert amount("spend_tao", 12.3456) == "12.35 TAO"
    assert amount("spend_tao", 1234567.8, signed=True) == "+1,234,568 TAO"
    assert amount("honest_share", 0.0, signed=True) == "0"
    assert amount("honest_share", math.nan) == "-"


def test_every_measure_of_a_run_has_a_name_of_its_own_and_no_other_has_one() -> None:
    recorded = set(tables_of_a_run().epochs.columns)
    assert recorded == set(LABEL)
    assert len(set(LABEL.values())) == len(LABEL)
    assert set(MEASURES) <= recorded
    assert label("stake_top10_participant") == "share of the ten largest in stake by participant"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_holds_an_interval_for_each_measure_and_a_tick_for_each_seed(theme: Theme) -> None:
    table = runs(
        reward_gini_participant=[0.1, 0.1, 0.1, 0.1, 0.11], spend_tao=[-5.0, 4.0, 2.0, 1.0, 1.0], honest_share=[0.0] * 5
    )
    found = differences(table, ["reward_gini_participant", "spend_tao", "honest_share"])
    pairs = pair_differences(table, list(found["measure"]))
    chart = difference_chart(found, pairs, theme)
    means, seeds = (chart.data[chart.data["kind"] == kind] for kind in ("mean", "seed"))
    assert means["way"].tolist() == ["more", "unclear", "unclear"]
    assert len(seeds) == 15
    assert chart.data[["at", "low", "high"]].abs().max(axis=None) <= 1.0
    assert means["text"].iloc[2] == "no difference"
    for found_row in found.to_dict("records"):
        assert sentence(found_row) in chart.alt
    json.dumps(chart.spec, allow_nan=False)


def test_one_seed_has_a_point_and_no_interval() -> None:
    table = runs(reward_gini_participant=[0.1])
    data = difference_table(
        differences(table, ["reward_gini_participant"]), pair_differences(table, ["reward_gini_participant"])
    )
    mean = data[data["kind"] == "mean"].iloc[0]
    assert (mean["at"], mean["text"]) == (1.0, "+0.1")
    assert math.isnan(mean["low"])


def test_the_specification_stays_while_the_numbers_change() -> None:
    few, more = (runs(reward_gini_participant=[0.1] * n) for n in (2, 5))
    specs = [
        difference_chart(
            differences(t, ["reward_gini_participant"]), pair_differences(t, ["reward_gini_participant"]), LIGHT
        ).spec
        for t in (few, more)
    ]
    assert specs[0] == specs[1]
