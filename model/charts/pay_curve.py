"""Chart of a pay shape: which share of the pay a score earns against a field of others."""

import numpy as np
import pandas as pd

from model.charts.lines import Chart
from model.charts.theme import Theme, specification
from model.reward_rules import Pay
from model.reward_rules.rule import pay_curve
from model.units import FloatArray

MOST_TIMES = 2.5  # of the field's mean score
N_POINTS = 76
COLOUR = "#0072B2"


def pay_table(pay: Pay, rival_score: FloatArray) -> pd.DataFrame:
    """What each score would earn: score over the mean of the rivals', and share of the pay by the rule itself."""
    mean = float(rival_score.mean()) if rival_score.size else 0.0
    relative = np.linspace(0.0, MOST_TIMES, N_POINTS)
    return pd.DataFrame({"relative_score": relative, "pay_share": pay_curve(pay, rival_score, relative * mean)})


def pay_chart(table: pd.DataFrame, n_miners: int, theme: Theme) -> Chart:
    """Curve of `pay_table`, with the equal share of `n_miners` dotted beside it."""
    position = {
        "x": {"field": "relative_score", "type": "quantitative", "title": "score, times the others' mean",
              "axis": {"values": [0, 0.5, 1, 1.5, 2, 2.5], "grid": False}},
        "y": {"field": "pay_share", "type": "quantitative", "title": None,
              "axis": {"format": ".2~%", "tickCount": 3}, "scale": {"domainMin": 0}},
    }  # fmt: skip
    equal = {
        "data": {"values": [{"relative_score": 0, "pay_share": 1 / n_miners},
                            {"relative_score": MOST_TIMES, "pay_share": 1 / n_miners}]},
        "mark": {"type": "line", "strokeDash": [2, 4], "color": theme.muted, "strokeWidth": 1.5},
    }  # fmt: skip
    name = {
        "data": {"values": [{"relative_score": 0, "pay_share": 1 / n_miners}]},
        "mark": {"type": "text", "text": "equal share", "align": "left", "dy": -7, "dx": 2, "fontSize": 10.5,
                 "color": theme.muted},
    }  # fmt: skip
    curve = {"mark": {"type": "line", "strokeWidth": 2.5, "color": COLOUR, "interpolate": "linear", "tooltip": True}}
    middle, double = (np.interp(at, table["relative_score"], table["pay_share"]) for at in (1.0, 2.0))
    alt = f"Curve of the share of pay by score: {middle:.2%} at the others' mean, {double:.2%} at twice as much."
    return Chart(data=table, spec=specification(theme, [equal, name, curve], encoding=position), alt=alt)
