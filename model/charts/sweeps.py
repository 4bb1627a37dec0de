"""Charts of a sweep's analysis: each asks its question in the title and answers it from one table."""

import json
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from model.charts.live import MOST_CELLS_WITH_NUMBERS, Chart
from model.charts.theme import FIXED_COLOUR, SPARE_COLOURS, Theme, specification, text_colour
from model.experiments.sweeps.analysis.analysis import ALL, POINTS
from model.wording import number

WIDTH, HEIGHT, ROW_HEIGHT = 460, 300, 22  # px
MOST_NAMED_POINTS = 12
BETWEEN = "\u2063"  # a factor's name and its value: the invisible separator
ACCENT = FIXED_COLOUR["cheater"]
Encoding = dict[str, Any]


def effects(table: pd.DataFrame, outcome: str, unit: str, theme: Theme) -> Chart:
    """Means and intervals at each value of each factor, below its name, all on one scale.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.effects.main_effects` makes it.
    """
    data = table[["factor", "level", "mean", "low", "high"]].copy()
    spread = table.groupby("factor", sort=False)["effect"].agg(np.ptp)
    levels = {name: list(dict.fromkeys(data.loc[data["factor"] == name, "level"].astype(str))) for name in spread.index}
    # One list of rows: each factor's name, and below it its values.
    rows = [f"{name}{BETWEEN}{level}" for name in levels for level in ("", *levels[name])]
    scale = {"domain": rows, "paddingOuter": 0}
    axis = {"labelExpr": f"split(datum.value, '{BETWEEN}')[1]", "labelLimit": 300, "grid": False, "ticks": False}
    position = {"y": {"field": "row", "type": "nominal", "sort": None, "scale": scale, "title": None, "axis": axis}}
    across = {name: numeric(name, f"{outcome} ({unit})", zero=False) for name in ("low", "mean")}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rule", "strokeWidth": 2, "color": theme.ramp[2], "opacity": 0.7},
         "encoding": {"x": across["low"], "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 64, "color": theme.ramp[2], "opacity": 1, "tooltip": True},
         "encoding": {"x": across["mean"]}},
        {"transform": [{"aggregate": [], "groupby": ["factor"]},
                       {"calculate": f"datum.factor + '{BETWEEN}'", "as": "row"}],
         "mark": {"type": "text", "align": "left", "fontSize": 12, "fontWeight": 600, "color": theme.ink},
         "encoding": {"x": {"value": 2}, "text": {"field": "factor", "type": "nominal"}}},
    ]  # fmt: skip
    spec = specification(theme, layers, position) | {"width": WIDTH, "height": {"step": ROW_HEIGHT}}
    spec["transform"] = [{"calculate": f"datum.factor + '{BETWEEN}' + datum.level", "as": "row"}]
    spec["title"] = title(f"What moves {outcome}?", "mean at each value over the others, 95 % interval", theme)
    moved = ", ".join(f"{name} by {number(by)}" for name, by in spread.sort_values(ascending=False).items())
    return Chart(data=data, spec=spec, alt=f"Means of {outcome} by factor. Moved most: {moved}.")


def two_factors(table: pd.DataFrame, names: tuple[str, str], outcome: str, unit: str, theme: Theme) -> Chart:
    """Heatmap of the mean at each pair of values of two factors.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.effects.two_factor_table` makes it.
    """
    data = table[["first", "second", "mean", "low", "high"]].copy()
    low, high = float(data["mean"].min()), float(data["mean"].max())
    data["dark"] = data["mean"] > low + 0.55 * (high - low)
    across, up = (list(dict.fromkeys(_in_order(table, side))) for side in ("first", "second"))
    position = {
        "x": {"field": "first", "type": "ordinal", "sort": across, "title": names[0], "axis": {"labelAngle": 0}},
        "y": {"field": "second", "type": "ordinal", "sort": up[::-1], "title": names[1]},
    }
    colour = {
        "field": "mean", "type": "quantitative", "scale": {"range": list(theme.ramp), "domain": [low, high]},
        "legend": {"title": unit, "gradientThickness": 8, "gradientLength": HEIGHT, "tickCount": 4},
    }  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rect", "stroke": theme.paper, "strokeWidth": 1, "tooltip": True},
         "encoding": {"color": colour if high > low else {"value": theme.ramp[0]}}}
    ]  # fmt: skip
    if len(data) <= MOST_CELLS_WITH_NUMBERS:
        shade = {"condition": {"test": "datum.dark", "value": theme.paper}, "value": theme.ink}
        text = {"text": {"field": "mean", "type": "quantitative", "format": ".3~g"}, "color": shade}
        layers.append({"mark": {"type": "text", "fontSize": 11}, "encoding": text})
    spec = specification(theme, layers, position) | {"width": WIDTH, "height": HEIGHT}
    spec["title"] = title(f"What do two factors do together to {outcome}?", "mean over all others", theme)
    most, least = data.iloc[int(data["mean"].argmax())], data.iloc[int(data["mean"].argmin())]
    alt = (
        f"Heatmap of {outcome}. Largest {number(most['mean'])} at {names[0]} {most['first']}, "
        f"{names[1]} {most['second']}; smallest {number(least['mean'])} at {least['first']}, {least['second']}."
    )
    return Chart(data=data, spec=spec, alt=alt)


def pareto(table: pd.DataFrame, names: tuple[str, str], units: tuple[str, str], theme: Theme) -> Chart:
    """Scatter of combinations by two outcomes, with the front of those that no other dominates.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.analysis.pareto` makes it.
    """
    ends = ["first", "first_low", "first_high", "second", "second_low", "second_high"]
    data = table[["combination", "on_front", *ends]].sort_values("first", ignore_index=True)
    x, y = (f"{name} ({unit})" for name, unit in zip(names, units, strict=True))
    colour = {"condition": {"test": "datum.on_front", "value": ACCENT}, "value": theme.muted}
    strong = {"condition": {"test": "datum.on_front", "value": 1}, "value": 0.45}
    on_front = [{"filter": "datum.on_front"}]
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rule", "opacity": 0.3},
         "encoding": {"x": numeric("first_low", x, zero=False), "x2": {"field": "first_high"}, "color": colour}},
        {"mark": {"type": "rule", "opacity": 0.3},
         "encoding": {"y": numeric("second_low", y, zero=False), "y2": {"field": "second_high"}, "color": colour}},
        {"transform": on_front, "mark": {"type": "line", "color": ACCENT, "strokeDash": [3, 3]}},
        {"mark": {"type": "point", "filled": True, "size": 60, "tooltip": {"content": "data"}},
         "encoding": {"color": colour, "opacity": strong}},
    ]  # fmt: skip
    if table["on_front"].sum() <= MOST_NAMED_POINTS:
        layers.append(
            {"transform": on_front,
             "mark": {"type": "text", "dy": -11, "fontSize": 11, "color": text_colour(ACCENT, theme)},
             "encoding": {"text": {"field": "combination", "type": "nominal"}}}
        )  # fmt: skip
    position = {"x": numeric("first", x, zero=False), "y": numeric("second", y, zero=False)}
    spec = specification(theme, layers, position) | {"width": WIDTH, "height": HEIGHT}
    spec["title"] = title(
        f"What does {names[0]} cost in {names[1]}?", "one point a combination; on the dashed line none is beaten", theme
    )
    front = ", ".join(map(str, table.loc[table["on_front"], "combination"].tolist()[:MOST_NAMED_POINTS]))
    alt = f"Scatter of {names[1]} by {names[0]}; {int(table['on_front'].sum())} of {len(table)} undominated: {front}."
    return Chart(data=data, spec=spec, alt=alt)


def convergence(table: pd.DataFrame, outcome: str, unit: str, theme: Theme) -> Chart:
    """Running means with their intervals over the number of runs.

    Parameters
    ----------
    table : frame
        As `model.experiments.sweeps.analysis.analysis.convergence` makes it.
    """
    data = table.assign(low=table["mean"] - table["half_width"], high=table["mean"] + table["half_width"])
    data["of"] = data["of"].where(data["of"].isin([ALL, POINTS]), "combination " + data["of"])
    names = list(dict.fromkeys(data["of"]))
    colours = [theme.ramp[2], ACCENT, *SPARE_COLOURS][: len(names)]
    colour = {
        "field": "of", "type": "nominal", "scale": {"domain": names, "range": colours},
        "legend": {"title": None, "orient": "top", "symbolOpacity": 1} if len(names) > 1 else None,
    }  # fmt: skip
    steps = numeric("n", "combinations" if names == [POINTS] else "replicates", zero=False)
    steps["axis"] |= {"tickMinStep": 1, "grid": False}
    # An interval of two values is so wide that it would flatten everything after it.
    settled = data[data["n"] >= 3] if (data["n"] >= 3).any() else data
    ends = [settled["low"].min(), settled["high"].max(), data["mean"].min(), data["mean"].max()]
    domain = [float(np.nanmin(ends)), float(np.nanmax(ends))]
    y = numeric("mean", f"{outcome} ({unit})", zero=False)
    if domain[1] > domain[0]:
        y["scale"] |= {"domain": domain, "nice": True}
    layers: list[dict[str, Any]] = [
        {"transform": [{"filter": "isValid(datum.half_width)"}],
         "mark": {"type": "area", "opacity": 0.16, "clip": True},
         "encoding": {"y": y | {"field": "low"}, "y2": {"field": "high"}, "color": colour}},
        {"mark": {"type": "line", "strokeWidth": 2, "tooltip": True}, "encoding": {"y": y, "color": colour}},
    ]  # fmt: skip
    spec = specification(theme, layers, {"x": steps}) | {"width": WIDTH, "height": HEIGHT}
    spec["title"] = title(f"Has {outcome} settled?", "running mean and 95 % interval", theme)
    last = data.groupby("of", sort=False).last()
    half = [f" ± {number(width)}" if width >= 0 else "" for width in last["half_width"]]
    ended = "; ".join(
        f"{of} {number(mean)}{wide}" for of, mean, wide in zip(last.index, last["mean"], half, strict=True)
    )
    return Chart(data=data, spec=spec, alt=f"Running means of {outcome}. Last: {ended}.")


def picture(chart: Chart, name: str, theme: Theme) -> tuple[str, bytes]:
    """File name and bytes of a chart: SVG, or its Vega-Lite specification where vl-convert is not installed."""
    whole = whole_specification(chart, theme)
    if find_spec("vl_convert") is None:
        return f"{name}.vega-lite.json", (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()
    import vl_convert

    return f"{name}.svg", vl_convert.vegalite_to_svg(whole).encode()


def whole_specification(chart: Chart, theme: Theme) -> dict[str, Any]:
    """Specification with the rows, the alternative text and the theme's ground in it."""
    rows = json.loads(chart.data.to_json(orient="records", double_precision=15))
    return chart.spec | {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": chart.alt,
        "background": theme.paper,
        "data": {"values": rows},
    }


def title(question: str, how: str, theme: Theme) -> dict[str, Any]:
    """Title of a chart: the question it answers, and below it how to read the answer."""
    return {
        "text": question, "subtitle": how, "anchor": "start", "frame": "group", "fontSize": 14, "offset": 10,
        "color": theme.ink, "subtitleColor": theme.muted, "subtitleFontSize": 11, "fontWeight": 600,
    }  # fmt: skip


def numeric(
    field: str, title: str, *, zero: bool, domain: list[float] | None = None, axis: dict[str, Any] | None = None
) -> Encoding:
    """Encoding of a number on an axis; with `zero` the axis starts there."""
    scale: dict[str, Any] = {"zero": zero} | ({"domain": domain} if domain else {})
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": scale,
        "axis": {"tickCount": 6} | (axis or {}),
    }


def _in_order(table: pd.DataFrame, side: str) -> list[str]:
    """Names of one factor's levels, from small to large where they are numbers."""
    return table.sort_values(f"{side}_at", kind="stable")[side].tolist()
