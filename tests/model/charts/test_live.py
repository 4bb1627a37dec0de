import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.charts import live as charts
from model.charts.lines import Marks
from model.charts.theme import DARK, FIXED_COLOUR, LIGHT, Theme, colour_of, text_colour

THEMES = [LIGHT, DARK]


def strategies(n_epochs: int = 3) -> pd.DataFrame:
    """Two honest groups and cheaters; each group gains as many TAO an epoch as it has participants, cheaters twice."""
    rows = [("miner", "honest", 4, 1.0), ("validator", "honest", 2, 1.0), ("miner", "cheater", 3, 2.0)]
    return pd.DataFrame(
        [
            {
                "epoch": epoch,
                "role": role,
                "strategy": strategy,
                "participants": n,
                "earned_tao": 10.0 * n + epoch,
                "wealth_tao": 100.0 * n + gain * n * epoch,
            }
            for epoch in range(n_epochs)
            for role, strategy, n, gain in rows
        ]
    )


def capabilities(spend: list[list[list[float]]]) -> pd.DataFrame:
    """Table of capabilities of spend[epoch][subnet][capability]."""
    return pd.DataFrame(
        [
            {
                "epoch": epoch,
                "subnet": subnet,
                "capability": name,
                "spend_tao": tao,
                "spend_share": tao / (sum(amounts) or 1),
            }
            for epoch, subnets in enumerate(spend)
            for subnet, amounts in enumerate(subnets)
            for name, tao in zip(("speed", "quality"), amounts, strict=True)
        ]
    )


def shares(n_epochs: int = 3) -> pd.DataFrame:
    rows = [("speed", 0.7, 0.6), ("quality", 0.3, 0.4)]
    return pd.DataFrame(
        [
            {"epoch": epoch, "capability": name, "spend_share": spent, "weight_share": weight}
            for epoch in range(n_epochs)
            for name, spent, weight in rows
        ]
    )


def contrast(colour: str, ground: str) -> float:
    """Contrast ratio of WCAG 2.2, 1 to 21."""

    def luminance(text: str) -> float:
        part = np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@given(n_epochs=st.integers(1, 5_000), most=st.integers(4, 300))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_thinning_keeps_the_first_and_last_epoch_and_no_more_than_asked(n_epochs: int, most: int) -> None:
    kept = np.flatnonzero(charts.thinned(np.arange(n_epochs), most))
    assert len(kept) <= most
    assert kept[0] == 0
    assert kept[-1] == n_epochs - 1


@given(n_epochs=st.integers(2, 3_000))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_an_epoch_once_dropped_never_comes_back(n_epochs: int) -> None:
    earlier = set(np.flatnonzero(charts.thinned(np.arange(n_epochs - 1), 50)))
    later = set(np.flatnonzero(charts.thinned(np.arange(n_epochs), 50)))
    assert later - earlier == {n_epochs - 1}


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12), st.floats(0.01, 2))
@settings(deadline=None, derandomize=True)
def test_labels_stand_apart_above_the_floor_in_the_order_of_their_lines(position: list[float], gap: float) -> None:
    line = np.array(position)
    placed = charts.spread(line, gap, 0.0)
    order = np.argsort(line, kind="stable")
    assert np.diff(placed[order]).min(initial=gap) >= gap * (1 - 1e-9)
    assert placed.min() >= 0


def test_labels_with_room_stay_at_their_lines() -> None:
    assert charts.spread(np.array([5.0, 1.0, 3.0]), 1.0, 0.0).tolist() == [5.0, 1.0, 3.0]


def test_the_heatmap_shows_the_last_epoch_only() -> None:
    chart = charts.hardware_map(capabilities([[[9.0, 9.0]], [[3.0, 1.0]]]), LIGHT)
    assert chart.data["spend_tao"].tolist() == [3.0, 1.0]
    assert chart.alt.endswith("Last epoch: speed 75%, quality 25%.")


def test_a_heatmap_without_spending_paints_every_cell_as_nothing() -> None:
    chart = charts.hardware_map(capabilities([[[0.0, 0.0], [0.0, 0.0]]]), DARK)
    assert chart.spec["layer"][0]["encoding"]["color"] == {"value": DARK.ramp[0]}


def test_a_large_network_gets_cells_without_numbers() -> None:
    few = charts.hardware_map(capabilities([[[1.0, 2.0]] * 16]), LIGHT)
    many = charts.hardware_map(capabilities([[[1.0, 2.0]] * 128]), LIGHT)
    assert len(few.spec["layer"]) == 2
    assert len(many.spec["layer"]) == 1


@pytest.mark.parametrize(
    ("early", "late"),
    [
        (charts.earnings(strategies(3), Marks(), LIGHT), charts.earnings(strategies(900), Marks(edits=[5]), LIGHT)),
        (charts.wealth(strategies(3), Marks(), LIGHT), charts.wealth(strategies(900), Marks(edits=[5]), LIGHT)),
        (
            charts.hardware_shares(shares(3), Marks(), LIGHT),
            charts.hardware_shares(shares(900), Marks(edits=[5]), LIGHT),
        ),
        (
            charts.hardware_map(capabilities([[[1.0, 2.0]]]), LIGHT),
            charts.hardware_map(capabilities([[[7.0, 5.0]]]), LIGHT),
        ),
    ],
)
def test_a_chart_keeps_its_specification_while_its_numbers_change(early: charts.Chart, late: charts.Chart) -> None:
    assert json.dumps(early.spec) == json.dumps(late.spec)


def test_a_long_run_gives_a_line_no_more_points_than_a_chart_can_show() -> None:
    data = charts.earnings(strategies(5_000), Marks(), LIGHT).data
    assert data[data["kind"] == "line"].groupby("series", observed=True).size().max() <= charts.MOST_POINTS


def test_wealth_is_what_one_participant_gained_since_the_first_epoch() -> None:
    data = charts.wealth(strategies(4), Marks(), LIGHT).data
    last = data[(data["kind"] == "line") & (data["epoch"] == 3)].set_index("series")["value"]
    assert last.to_dict() == pytest.approx({"honest miners": 3.0, "honest validators": 3.0, "cheater miners": 6.0})


def test_every_line_has_a_label_and_every_edit_a_mark() -> None:
    data = charts.hardware_shares(shares(10), Marks(edits=[2, 7]), LIGHT).data
    assert data[data["kind"] == "label"]["series"].tolist() == ["speed", "quality"]
    assert data[data["kind"] == "edit"]["epoch"].tolist() == [2, 7]


def test_a_strategy_has_one_colour_in_every_role_and_chart() -> None:
    for chart in (charts.earnings(strategies(), Marks(), LIGHT), charts.wealth(strategies(), Marks(), DARK)):
        scale = chart.spec["layer"][1]["encoding"]["color"]["scale"]
        colours = dict(zip(scale["domain"], scale["range"], strict=True))
        assert colours["honest miners"] == colours["honest validators"] == colour_of("honest")
        assert colours["cheater miners"] == colour_of("cheater")


def test_no_two_known_names_share_a_colour() -> None:
    assert len(set(FIXED_COLOUR.values())) == len(FIXED_COLOUR)


def test_an_unknown_strategy_has_a_colour_that_never_changes() -> None:
    assert colour_of("somebody_new") == colour_of("somebody_new")
    assert colour_of("somebody_new").startswith("#")


@pytest.mark.parametrize("theme", THEMES)
def test_small_text_reads_on_its_ground(theme: Theme) -> None:
    assert contrast(theme.muted, theme.paper) >= 4.5
    for colour in FIXED_COLOUR.values():
        assert contrast(text_colour(colour, theme), theme.paper) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_in_the_heatmap_read_on_the_cells_at_both_ends(theme: Theme) -> None:
    assert contrast(theme.ink, theme.ramp[0]) >= 4.5
    assert contrast(theme.paper, theme.ramp[-1]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_charts_stand_on_the_page_without_a_ground_of_their_own(theme: Theme) -> None:
    assert charts.earnings(strategies(), Marks(), theme).spec["config"]["background"] == "transparent"


def test_a_looked_back_at_epoch_is_marked_once_and_is_no_point_of_a_line() -> None:
    data = charts.earnings(strategies(10), Marks(edits=[2], shown=4), LIGHT).data
    assert data[data["kind"] == "shown"]["epoch"].tolist() == [4]
    assert len(data[data["kind"] == "line"]) == 30


def test_the_table_handed_out_holds_the_points_of_the_lines_under_names_with_units() -> None:
    table = charts.earnings(strategies(2), Marks(edits=[1]), LIGHT).table()
    assert list(table.columns) == ["epoch", "role", "players", "earned_tao"]
    assert table["earned_tao"].tolist() == strategies(2)["earned_tao"].tolist()
