"""Charts of what makes an outcome vary and where it fails: Sobol, Morris and the boxes of scenario discovery."""

from typing import Any

import numpy as np
import pandas as pd

from model.charts.live import Chart
from model.charts.sweeps import ACCENT, HEIGHT, ROW_HEIGHT, WIDTH, numeric, title
from model.charts.theme import Theme, specification, text_colour
from model.wording import number

KNOWN = [{"filter": "isValid(datum.low)"}]  # few points and walks have no interval


def sobol(table: pd.DataFrame, outcome: str, theme: Theme) -> Chart:
    """Bars of first-order and total Sobol indices by factor with their intervals, largest first.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.sensitivity.sobol` makes it.
    """
    order = table.sort_values("total", ascending=False)["factor"].tolist()
    kinds = {"alone": "first", "with all others": "total"}
    data = pd.concat(
        [
            pd.DataFrame(
                {"factor": table["factor"], "share": kind, "index": table[of],
                 "low": table[of] - table[f"{of}_half_width"], "high": table[of] + table[f"{of}_half_width"]}
            )
            for kind, of in kinds.items()
        ],
        ignore_index=True,
    )  # fmt: skip
    of_variance = "share of variance"
    colour = {
        "field": "share", "type": "nominal", "sort": list(kinds),
        "scale": {"domain": list(kinds), "range": [ACCENT, theme.ramp[2]]}, "legend": {"title": None, "orient": "top"},
    }  # fmt: skip
    position = {
        "y": {"field": "factor", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 300}},
        "yOffset": {"field": "share", "type": "nominal", "sort": list(kinds)},
    }
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "tooltip": True, "opacity": 0.85},
         "encoding": {"x": numeric("index", of_variance, zero=True), "color": colour}},
        {"transform": KNOWN, "mark": {"type": "rule", "color": theme.ink, "strokeWidth": 1.5},
         "encoding": {"x": numeric("low", of_variance, zero=True), "x2": {"field": "high"}}},
    ]  # fmt: skip
    spec = specification(theme, layers, position)
    spec |= {"width": WIDTH, "height": len(order) * 2 * ROW_HEIGHT}
    spec["title"] = title(f"Which factor makes {outcome} vary?", "Sobol indices, 95 % interval", theme)
    parts = ", ".join(f"{row.factor} {row.first:.2f} alone, {row.total:.2f} in all" for row in table.itertuples())
    return Chart(data=data, spec=spec, alt=f"Sobol indices of {outcome}: {parts}.")


def morris(table: pd.DataFrame, outcome: str, unit: str, theme: Theme) -> Chart:
    """Factors by the size of their elementary effects and by how much these differ from place to place.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.sensitivity.morris` makes it.
    """
    data = table.assign(
        low=np.maximum(table["mu_star"] - table["mu_star_half_width"], 0.0),
        high=table["mu_star"] + table["mu_star_half_width"],
    )
    most = max(float(np.nanmax(data[["mu_star", "high", "sigma"]].to_numpy())), 1e-300)
    # A name at an edge is written away from it.
    inwards = f"datum.mu_star < {most / 5} ? 'left' : datum.mu_star > {most * 4 / 5} ? 'right' : 'center'"
    x, y = f"mean size of an effect ({unit})", f"standard deviation of effects ({unit})"
    layers: list[dict[str, Any]] = [
        {"data": {"values": [{"at": 0, "to": 0}, {"at": most, "to": most}]},
         "mark": {"type": "line", "color": theme.muted, "strokeDash": [2, 4], "strokeWidth": 1.5},
         "encoding": {"x": numeric("at", x, zero=True), "y": numeric("to", y, zero=True)}},
        {"transform": KNOWN, "mark": {"type": "rule", "color": theme.ramp[2], "opacity": 0.7},
         "encoding": {"x": numeric("low", x, zero=True), "x2": {"field": "high"}, "y": numeric("sigma", y, zero=True)}},
        {"mark": {"type": "point", "filled": True, "size": 70, "color": theme.ramp[2], "opacity": 1, "tooltip": True},
         "encoding": {"x": numeric("mu_star", x, zero=True), "y": numeric("sigma", y, zero=True)}},
        {"mark": {"type": "text", "dy": -11, "fontSize": 11, "color": theme.ink, "align": {"expr": inwards}},
         "encoding": {"x": numeric("mu_star", x, zero=True), "y": numeric("sigma", y, zero=True),
                      "text": {"field": "factor", "type": "nominal"}}},
    ]  # fmt: skip
    spec = specification(theme, layers) | {"width": WIDTH, "height": HEIGHT}
    spec["title"] = title(
        f"Which factors of {outcome} can be left alone?",
        "left: no effect; above the dotted line: it depends on the rest",
        theme,
    )
    sizes = ", ".join(f"{name} {number(size)}" for name, size in zip(table["factor"], table["mu_star"], strict=True))
    return Chart(data=data, spec=spec, alt=f"Morris effects on {outcome}, mean size: {sizes}.")


def trade_off(table: pd.DataFrame, question: str, theme: Theme) -> Chart:
    """Density by coverage of the boxes of a peeling trajectory.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.discovery.Discovery.trade_off` makes it.
    """
    data = table[["step", "coverage_share", "density_share", "mass_share", "limited_factors", "limits", "chosen"]]
    share = {"format": ".0%"}
    position = {
        "x": numeric("coverage_share", "coverage: failures that lie in the box", zero=True, domain=[0, 1], axis=share),
        "y": numeric("density_share", "density: points in the box that fail", zero=True, domain=[0, 1], axis=share),
    }
    most = max(int(data["limited_factors"].max()), 1)
    colour = {
        "field": "limited_factors", "type": "quantitative",
        "scale": {"range": list(theme.ramp[1:]), "domain": [0, most]},
        "legend": {"title": "limits", "gradientThickness": 8, "gradientLength": 80, "tickMinStep": 1, "format": "d"},
    }  # fmt: skip
    only = [{"filter": "datum.chosen"}]
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "line", "color": theme.muted, "strokeWidth": 1, "opacity": 0.6},
         "encoding": {"order": {"field": "step", "type": "quantitative"}}},
        {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "tooltip": {"content": "data"}},
         "encoding": {"color": colour}},
        {"transform": only,
         "mark": {"type": "point", "size": 190, "color": ACCENT, "strokeWidth": 2.5, "filled": False, "opacity": 1}},
        {"transform": only,
         "mark": {"type": "text", "text": "chosen", "align": "right", "dx": -12, "dy": 14, "fontSize": 11,
                  "color": text_colour(ACCENT, theme)}},
    ]  # fmt: skip
    spec = specification(theme, layers, position) | {"width": WIDTH, "height": HEIGHT}
    spec["title"] = title(f"Where is {question}?", "boxes from all points (right) to the densest", theme)
    chosen = data[data["chosen"]].iloc[0]
    alt = (
        f"Density by coverage of {len(data)} boxes. Chosen: {chosen['limits'] or 'no limit'}; "
        f"coverage {chosen['coverage_share']:.0%}, density {chosen['density_share']:.0%}."
    )
    return Chart(data=data, spec=spec, alt=alt)
