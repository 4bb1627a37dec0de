"""Charts of a claim's further studies, and the mark of a reader's own case in any of its charts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import Chart
from model.charts.sweeps import WIDTH, numeric, title
from model.charts.theme import Theme, colour_of, specification
from model.charts.verdicts import (
    ROW_HEIGHT,
    Words,
    line_rows,
    mark_rows,
    point_rows,
    rule_row,
    together,
    verdict_chart,
    verdict_sentence,
)
from model.experiments.claims.market_or_scheduler import APPEAL
from model.yardsticks.theory.tokens import halving_interval_days, locked_in_share

ONE_SUBNET = 0.9  # share of emission from which a subnet is said to take all
ELASTICITIES = (np.linspace(0, 0.99, 100), np.linspace(1, 2, 11))
RECYCLED_SHARES = np.linspace(0, 0.12, 25)


def with_own_case(chart: Chart, x: float, theme: Theme) -> Chart:
    """The chart with an upright where the reader's own case stands."""
    across = next(layer["encoding"]["x"] for layer in chart.spec["layer"] if "field" in layer["encoding"].get("x", {}))
    to_left = x > np.nanmean([chart.data["x"].min(), chart.data["x"].max()])
    text = {"type": "text", "align": "right" if to_left else "left", "dx": -5 if to_left else 5, "fontSize": 11.5}
    named = {"x": across, "y": {"value": 6}, "text": {"field": "name"}}
    halo = {"color": theme.paper, "stroke": theme.paper, "strokeWidth": 4, "aria": False}
    marks: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"type": "rule", "color": theme.ink, "strokeDash": [2, 3]}, {"x": across}),
        (text | halo, named),
        (text | {"color": theme.ink}, named),
    ]
    only = [{"filter": "datum.kind == 'own'"}]
    layers = [{"transform": only, "mark": mark, "encoding": encoding} for mark, encoding in marks]
    own = pd.DataFrame({"kind": ["own"], "x": [x], "name": ["your case"]})
    return replace(chart, data=together(chart.data, own), spec=chart.spec | {"layer": [*chart.spec["layer"], *layers]})


def with_mark(chart: Chart, x: float, y: float, name: str) -> Chart:
    """A chart that has named marks, with one more; it takes the place of one that stands there."""
    data = chart.data
    there = (data["kind"] == "mark") & np.isclose(data["x"].astype(float), x)
    return replace(chart, data=together(data[~there], mark_rows([x], [y], [name])))


def locked_in(points: pd.DataFrame, theme: Theme) -> Chart:
    """Emission of the most valued subnet by the elasticity of demand."""
    lines = [
        line_rows(part, [float(locked_in_share(APPEAL, eta)[0]) for eta in part.tolist()], name)
        for part, name in zip(ELASTICITIES, ("closed form", "one subnet takes all"), strict=True)
    ]
    return verdict_chart(
        together(*lines, point_rows(points), rule_row(ONE_SUBNET, "nearly all")),
        x=numeric("x", "elasticity of demand in emission (ratio)", zero=True),
        y=numeric("y", "emission of the most valued subnet (share)", zero=True, domain=[0, 1], axis={"format": ".0%"}),
        words=Words(
            question="When does one subnet take all?",
            how="lines: closed form; points: four pools over 450 epochs, no chance in them",
            alt=f"From an elasticity of 1 on one subnet takes all emission. {verdict_sentence(points)}",
        ),
        theme=theme,
    )


def halvings(points: pd.DataFrame, theme: Theme) -> Chart:
    """Days until the first halving by what is recycled."""
    days = [halving_interval_days(share) for share in RECYCLED_SHARES.tolist()]
    return verdict_chart(
        together(line_rows(RECYCLED_SHARES, days, "closed form"), point_rows(points), rule_row(days[0], "as stated")),
        x=numeric("x", "recycled (share of what is minted)", zero=True, axis={"format": ".0%"}),
        y=numeric("y", "from nothing to the first halving (days)", zero=False, axis={"format": ",.0f"}),
        words=Words(
            question="Does supply halve by date?",
            how="line: half of the cap over what stays in issuance a day; points: issuance run from nothing",
            alt=f"The more is recycled, the later supply halves. {verdict_sentence(points)}",
        ),
        theme=theme,
    )


def pay_shapes(points: pd.DataFrame, theme: Theme) -> Chart:
    """Spending in the largest subnet under each shape of pay."""
    data = points[["setting", "mean", "theory", "low", "high", "verdict"]]
    across = numeric("mean", "spent in the largest subnet (share)", zero=True, domain=[0, 1], axis={"format": ".0%"})
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "height": {"band": 0.62}, "color": theme.ramp[2], "tooltip": True},
         "encoding": {"x": across}},
        {"mark": {"type": "rule", "color": theme.ink, "strokeWidth": 1.5},
         "encoding": {"x": across | {"field": "low"}, "x2": {"field": "high"}}},
        {"mark": {"type": "tick", "color": colour_of("speed"), "thickness": 2, "height": 26},
         "encoding": {"x": across | {"field": "theory"}}},
        {"mark": {"type": "text", "align": "left", "dx": 5, "color": theme.ink, "fontSize": 12},
         "encoding": {"x": across | {"field": "high"},
                      "text": {"field": "mean", "type": "quantitative", "format": ".1%"}}},
    ]  # fmt: skip
    rows = {"field": "setting", "type": "nominal", "sort": None, "title": "pay"}
    spec = specification(theme, layers, {"y": rows}) | {"width": WIDTH, "height": {"step": ROW_HEIGHT}}
    spec["title"] = title(
        "Does money follow the reward under every shape of pay?",
        "bars: eight imitators, mean and 95 % interval; ticks: the largest subnet's share of the reward",
        theme,
    )
    shares = ", ".join(f"{row.setting} {row.mean:.1%}" for row in data.itertuples())
    return Chart(data=data, spec=spec, alt=f"Share of spending in the largest subnet, by shape of pay: {shares}.")
