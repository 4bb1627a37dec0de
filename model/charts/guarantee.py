"""The consensus guarantee as a picture: for each stake share the line on which the honest side just retains it."""

import io
from importlib.util import find_spec

import altair as alt
import numpy as np
import pandas as pd

WIDTH, HEIGHT = 620, 520  # px
# Viridis without its palest end, which does not read on white; safe for colour-blind readers, dark is little stake.
COLOUR = alt.Scale(scheme=alt.SchemeParams("viridis", extent=[0.0, 0.9]), domain=[0.5, 1.0])
THICK_STAKE_SHARE = 0.6


def retention_lines(contours: pd.DataFrame) -> alt.LayerChart:
    """Contours of honest emission = honest stake, mean over seeds, each labelled with its stake share.

    Right of its line a stake share is retained or grows. The published maps have the same axes and colours.

    Parameters
    ----------
    contours : frame
        As `model.experiments.guarantee.tables.contour_table` makes it.
    """
    by_point = contours.groupby(["honest_stake_share", "cabal_weight_share"])["required_honest_weight_share"]
    mean = by_point.agg(lambda column: column.mean(skipna=False)).dropna().reset_index()
    mean["width"] = 1.5 + 2.5 * (mean["honest_stake_share"] == THICK_STAKE_SHARE)
    base = alt.Chart(mean).encode(
        x=alt.X("required_honest_weight_share:Q")
        .title("honest validators' weight on honest miners")
        .axis(format="%", tickCount=11)
        .scale(domain=[0, 1]),
        y=alt.Y("cabal_weight_share:Q")
        .title("cabal validators' weight on cabal miners")
        .axis(format="%", tickCount=11)
        .scale(domain=[0, 1]),
    )
    stake = alt.Color("honest_stake_share:Q").scale(COLOUR).legend(None)
    line = base.mark_line().encode(
        color=stake,
        detail="honest_stake_share:Q",
        order="cabal_weight_share:Q",
        strokeWidth=alt.StrokeWidth("width:Q").scale(None),
    )
    # Where the cabal tells the truth the lines lie furthest apart, at W_H = S_H: the place for their names.
    mean["away"] = np.abs(mean["cabal_weight_share"] + mean["honest_stake_share"] - 1.0)
    named = base.properties(data=mean.sort_values("away").drop_duplicates("honest_stake_share")).encode(
        text=alt.Text("honest_stake_share:Q", format=".0%")
    )
    halo = named.mark_text(fontSize=12, stroke="white", strokeWidth=5)
    name = named.mark_text(fontSize=12, color="#1F2933")
    return (
        alt.layer(line, halo, name)
        .properties(
            width=WIDTH,
            height=HEIGHT,
            background="white",
            title=alt.TitleParams(
                "Honest utility that retains honest stake",
                subtitle="One line per honest stake share: right of it the share is kept or grows",
                anchor="start",
            ),
            description="Lines of retained stake over honest and cabal self-weight, one for each honest stake share.",
        )
        .configure_view(stroke=None)
    )


def picture(chart: alt.LayerChart) -> tuple[str, bytes]:
    """File name and bytes of the chart: SVG, or its Vega-Lite specification where vl-convert is not installed."""
    if find_spec("vl_convert") is None:
        return "contours.vega-lite.json", chart.to_json().encode()
    file = io.StringIO()
    chart.save(file, format="svg")
    return "contours.svg", file.getvalue().encode()
