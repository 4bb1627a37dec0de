"""Charts of what users get, beside what planners and the all-honest twin make of it, and of who is paid for it."""

from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import Chart, Lines, Marks, lines_chart, tip
from model.charts.live import who
from model.charts.theme import Theme, colour_of, specification, text_colour
from model.wording import number

DELIVERED, BEST_MIX, PLANNED, HONEST = "delivered", "same money, best mix", "planner, same money", "if all were honest"
WORTH_COLOURS = {DELIVERED: "#0072B2", BEST_MIX: "#CC79A7", PLANNED: "#8A8A8A", HONEST: colour_of("honest")}
WORTH_DASHES = {DELIVERED: [1, 0], BEST_MIX: [4, 2], PLANNED: [6, 3], HONEST: [2, 2]}


def users_value(epochs: pd.DataFrame, honest: pd.DataFrame | None, marks: Marks, theme: Theme) -> Chart:
    """Lines of the value that users get, of the best for the same spending, and of the all-honest twin's.

    The best is that of every seat's spending split over capabilities at will, and of the planner who also moves it
    among seats.

    Parameters
    ----------
    epochs, honest : frame
        Tables of epochs of the run and of its twin: epoch and users_value, and the run's planner_value,
        mix_efficiency_share and selection_efficiency_share. The twin may be behind.
    """
    worth = {DELIVERED: epochs["users_value"], BEST_MIX: _best_mix(epochs), PLANNED: epochs["planner_value"]}
    parts = [(epochs["epoch"], value) for value in worth.values()]
    if honest is not None:
        parts.append((honest["epoch"], honest["users_value"]))
    sizes = [len(epoch) for epoch, _ in parts]
    series = np.repeat(np.arange(len(parts)), sizes)
    last = [
        f"{name} {number(value.iloc[-1])}"
        for name, (_, value) in zip(WORTH_COLOURS, parts, strict=False)
        if len(value) and np.isfinite(value.iloc[-1])
    ]
    return lines_chart(
        Lines(
            epoch=np.concatenate([epoch.to_numpy(np.int64) for epoch, _ in parts]),
            series=series,
            value=np.concatenate([value.to_numpy(float) for _, value in parts]),
            dash=series,
        ),
        theme,
        WORTH_COLOURS,
        {"title": "units of value per epoch", "axis": {"tickCount": 5}},
        marks,
        dashes=WORTH_DASHES,
        alt="Lines of users' value by epoch. Last epoch: " + ", ".join(last) + ".",
        columns={"series": "baseline", "value": "users_value"},
    )


def _best_mix(epochs: pd.DataFrame) -> "pd.Series[float]":
    """Most that users could get for the same spending of every seat; where they get nothing, by way of the planner."""
    mix = epochs["mix_efficiency_share"]
    planned = epochs["planner_value"] * epochs["selection_efficiency_share"]
    return (epochs["users_value"] / mix.where(mix > 0)).fillna(planned)


def top_earners(earners: pd.DataFrame, theme: Theme) -> Chart:
    """Bars of what the participants who earn most in an epoch earn, largest first, TAO.

    Parameters
    ----------
    earners : frame
        One row for each: rank (from 1), participant, role, strategy, reward_tao, reward_share.
    """
    rows = list(zip(earners["role"], earners["strategy"], earners["participant"], earners["reward_tao"], strict=True))
    text = [f"{who(role, strategy).removesuffix('s')} {number}" for role, strategy, number, _ in rows]
    data = earners.assign(name=text)
    strategies = list(dict.fromkeys(earners["strategy"]))
    y = {"field": "rank", "type": "ordinal", "axis": None, "sort": None}
    x: dict[str, Any] = {"field": "reward_tao", "type": "quantitative", "title": "TAO per epoch",
                         "axis": {"tickCount": 4}}  # fmt: skip
    colour = {"field": "strategy", "type": "nominal", "legend": None}
    tips = [
        tip("name", "participant"),
        tip("reward_tao", "TAO per epoch", ",.4~g"),
        tip("reward_share", "of all", ".1%"),
    ]
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "opacity": 0.75},
        "encoding": {
            "x": x, "y": y, "tooltip": tips,
            "color": colour | {"scale": {"domain": strategies, "range": [colour_of(name) for name in strategies]}},
        },
    }  # fmt: skip
    ink = text_colour(theme.ink, theme)
    labels = {
        "transform": [{"calculate": "datum.name + ' · ' + format(datum.reward_share, '.1%')", "as": "label"}],
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "color": ink},
        "encoding": {"x": {"datum": 0}, "y": y, "text": {"field": "label", "type": "nominal"}},
    }
    alt = "Bars of the participants who earn most. "
    alt += "; ".join(f"{name} {number(row[3])} TAO" for name, row in zip(text[:3], rows, strict=False))
    columns = {name: name for name in ("rank", "participant", "role", "strategy", "reward_tao", "reward_share")}
    return Chart(data=data, spec=specification(theme, [bars, labels]), alt=alt + ".", columns=columns)
