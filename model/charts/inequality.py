"""Charts of how concentrated rewards and wealth are: Lorenz curves, and measures over the epochs."""

import numpy as np
import pandas as pd

from model.charts.lines import Chart, Lines, Marks, lines_chart
from model.charts.theme import Theme, specification, text_colour
from model.records.columns import concentration_name
from model.wording import number

# Whose amounts, by the label of their line: amount and holder as in the table of epochs.
HOLDINGS = {
    "rewards, by hotkey": ("reward", "hotkey"),
    "rewards, by participant": ("reward", "participant"),
    "wealth, by participant": ("wealth", "participant"),
}
COLOURS = dict(zip(HOLDINGS, ("#E69F00", "#CC79A7", "#0072B2"), strict=True))
# What the axis says of a measure, and its length where it has one.
MEASURE_AXIS = {
    "gini": ("0 all equal, 1 one has all", {"domain": [0, 1]}),
    "hhi": ("sum of squared shares", {}),
    "nakamoto": ("fewest with over half", {}),
}


def measure(epochs: pd.DataFrame, name: str, marks: Marks, theme: Theme) -> Chart:
    """Lines of one measure of concentration (gini, hhi or nakamoto) of rewards and wealth, from the table of epochs."""
    title, scale = MEASURE_AXIS[name]
    n_epochs = len(epochs)
    values = [epochs[concentration_name(amount, name, holder)].to_numpy(float) for amount, holder in HOLDINGS.values()]
    series = np.repeat(np.arange(len(HOLDINGS)), n_epochs)
    last = ", ".join(f"{text} {number(value[-1])}" for text, value in zip(HOLDINGS, values, strict=True) if n_epochs)
    return lines_chart(
        Lines(
            epoch=np.tile(epochs["epoch"].to_numpy(), len(HOLDINGS)),
            series=series,
            value=np.concatenate(values),
            dash=np.zeros(len(series), int),
        ),
        theme,
        COLOURS,
        {"title": title, "axis": {"tickCount": 5}} | ({"scale": scale} if scale else {}),
        marks,
        alt=f"Lines of {title} by epoch. Last epoch: {last}.",
        columns={"series": "of", "value": name},
    )


def lorenz(curves: pd.DataFrame, theme: Theme) -> Chart:
    """Lorenz curves, with the line of equality between them and the corner.

    Parameters
    ----------
    curves : frame
        Columns holders (some of `HOLDINGS`), holder_share, amount_share; the rows of a curve in order.
    """
    percent = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    found = list(dict.fromkeys(curves["holders"]))
    equal = {
        "data": {"values": [{"holder_share": 0, "amount_share": 0}, {"holder_share": 1, "amount_share": 1}]},
        "mark": {"type": "line", "color": theme.muted, "strokeDash": [2, 4], "strokeWidth": 1.5},
    }
    equality = {
        "data": {"values": [{"holder_share": 0.4, "amount_share": 0.4}]},
        "mark": {"type": "text", "text": "all equal", "color": theme.muted, "fontSize": 11, "align": "right", "dx": -8},
    }
    curve = {
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "color": {"field": "holders", "type": "nominal", "legend": None,
                      "scale": {"domain": found, "range": [COLOURS[name] for name in found]}},
            "order": {"field": "holder_share", "type": "quantitative"},
        },
    }  # fmt: skip
    # Below the diagonal there is room; the labels stand there one above the other, each in the colour of its curve.
    labels = [
        {
            "data": {"values": [{"holder_share": 0.03, "amount_share": 0.97 - 0.08 * at}]},
            "mark": {"type": "text", "text": f"● {name}", "align": "left", "fontSize": 11.5,
                     "color": text_colour(COLOURS[name], theme)},
        }
        for at, name in enumerate(found)
    ]  # fmt: skip
    position = {
        "x": {"field": "holder_share", "type": "quantitative", "title": "poorest … % of holders",
              "axis": percent, "scale": {"domain": [0, 1]}},
        "y": {"field": "amount_share", "type": "quantitative", "title": "… have % of the total",
              "axis": percent, "scale": {"domain": [0, 1]}},
    }  # fmt: skip
    at_half = [
        f"the poorer half of {name} has {np.interp(0.5, part['holder_share'], part['amount_share']):.1%}"
        for name, part in curves.groupby("holders", sort=False)
    ]
    spec = specification(theme, [equal, equality, curve, *labels], encoding=position)
    return Chart(data=curves, spec=spec, alt="Lorenz curves: " + "; ".join(at_half) + ".")
