"""Charts of the protocol: issuance and its halvings, emission rules on one demand, what a miner's weight rests on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import Chart
from model.charts.theme import Theme, specification, text_colour
from model.experiments.protocol.consensus_cells import ROUNDING, Cells, support
from model.wording import number

LINE, HALVING, CONSENSUS = "#0072B2", "#D55E00", "#009E73"
STAGE_COLOUR = {"live": "#009E73", "proposed": "#E69F00", "historic": "#0072B2", "ours": "#8A8A8A"}
BAR_HEIGHT = 0.56  # of a row; the rest is for its text


def supply_chart(path: pd.DataFrame, halvings: pd.DataFrame, start: date, theme: Theme) -> Chart:
    """Line of issuance by date in millions of TAO, with a dot and the date at each halving."""
    line, dots = _dated(path, start), _dated(halvings, start)
    data = pd.concat([line.assign(kind="line", text=""), dots.assign(kind="halving", text=dots["date"].str[:7])])
    x = {"field": "date", "type": "temporal", "title": None, "axis": {"grid": False, "tickCount": 8}}
    y = {"field": "issuance", "type": "quantitative", "title": "issuance, million TAO",
         "scale": {"zero": False, "nice": False, "domainMax": 21.4}, "axis": {"tickCount": 5}}  # fmt: skip
    tips = [{"field": "date", "type": "temporal", "title": "date", "format": "%d %B %Y"},
            {"field": "issuance", "type": "quantitative", "title": "million TAO", "format": ",.3f"},
            {"field": "tao_per_day", "type": "quantitative", "title": "TAO per day", "format": ",.4~g"}]  # fmt: skip
    halving = [{"filter": "datum.kind == 'halving'"}]
    layers: list[dict[str, Any]] = [
        *_level(21.0, "cap: 21 million", "left", 10, theme),
        {"transform": [{"filter": "datum.kind == 'line'"}],
         "mark": {"type": "line", "color": LINE, "strokeWidth": 2.5, "tooltip": True},
         "encoding": {"x": x, "y": y, "tooltip": tips}},
        {"transform": halving, "mark": {"type": "point", "filled": True, "size": 80, "color": HALVING, "opacity": 1},
         "encoding": {"x": x, "y": y, "tooltip": tips}},
        {"transform": halving,
         "mark": {"type": "text", "align": "left", "dx": 8, "dy": 11, "fontSize": 11,
                  "color": text_colour(HALVING, theme)},
         "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]  # fmt: skip
    last = line.iloc[-1]
    when = ", ".join(dots["date"]) or "none in these years"
    alt = f"Line of TAO issuance by date, {last['issuance']:.2f} million on {last['date']}. Halvings: {when}."
    return Chart(data=data, spec=specification(theme, layers), alt=alt)


def rules_chart(shares: pd.DataFrame, summary: pd.DataFrame, theme: Theme) -> Chart:
    """A row of bars for each emission rule: the subnets' shares, from the subnet of the largest demand to the last.

    Each row is as high as its largest share, which its text states; a subnet that gets nothing has no bar.
    """
    n_subnets = int(shares["subnet"].max()) + 1
    across = {"domain": [-0.6, n_subnets - 0.4], "nice": False}
    x = {"field": "start", "type": "quantitative", "title": "subnets, from the most wanted to the least",
         "axis": {"grid": False, "labels": False}, "scale": across}  # fmt: skip
    y_scale = {"domain": [-0.95, len(summary) - 0.9], "reverse": True, "nice": False, "zero": False}
    y = {"field": "base", "type": "quantitative", "axis": None, "scale": y_scale}
    colour = {"field": "stage", "type": "nominal", "legend": None,
              "scale": {"domain": list(STAGE_COLOUR), "range": list(STAGE_COLOUR.values())}}  # fmt: skip
    tips = [{"field": "rule", "type": "nominal", "title": "rule"},
            {"field": "subnet", "type": "nominal", "title": "subnet"},
            {"field": "share", "type": "quantitative", "title": "share of the TAO", "format": ".2%"}]  # fmt: skip
    text = [{"filter": "datum.kind == 'text'"}]
    layers: list[dict[str, Any]] = [
        {"transform": [{"filter": "datum.kind == 'bar' && datum.share > 0"}],
         "mark": {"type": "rect", "tooltip": True},
         "encoding": {"x": x, "x2": {"field": "end"}, "y": y, "y2": {"field": "top"}, "color": colour,
                      "tooltip": tips}},
        {"transform": text, "mark": {"type": "rule", "color": theme.grid},
         "encoding": {"y": y | {"field": "line"}}},
        {"transform": text, "mark": {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 12,
                                     "fontWeight": 600, "color": theme.ink},
         "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "rule"}}},
        {"transform": text, "mark": {"type": "text", "align": "right", "baseline": "bottom", "fontSize": 11.5,
                                     "color": theme.muted},
         "encoding": {"x": {"value": {"expr": "width"}}, "y": y, "text": {"field": "text"}}},
    ]  # fmt: skip
    alt = "Shares of the block's TAO by emission rule. " + " ".join(
        f"{one['rule']}: {_rule_text(one)}." for one in summary.to_dict("records")
    )
    return Chart(data=_rule_marks(shares, summary), spec=specification(theme, layers), alt=alt)


def _rule_marks(shares: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Bars and texts of the rules, each rule in a row of its own."""
    place = {rule: row for row, rule in enumerate(summary["rule"])}
    stage = dict(zip(summary["rule"], summary["stage"], strict=True))
    largest = shares.groupby("rule")["share"].transform("max").to_numpy()
    row = shares["rule"].map(place).to_numpy(dtype=np.float64)
    height = np.divide(shares["share"], largest, out=np.zeros(len(shares)), where=largest > 0)
    bars = shares.assign(
        kind="bar", stage=shares["rule"].map(stage), base=row, top=row - BAR_HEIGHT * height,
        start=shares["subnet"] - 0.42, end=shares["subnet"] + 0.42, text="",
    )  # fmt: skip
    texts = pd.DataFrame(
        {
            "kind": "text",
            "rule": summary["rule"],
            "stage": summary["stage"],
            "base": np.arange(len(summary)) - BAR_HEIGHT - 0.06,
            "line": np.arange(len(summary)),
            "text": [_rule_text(one) for one in summary.to_dict("records")],
        }
    )
    return pd.concat([bars, texts], ignore_index=True)


def support_chart(found: Cells, miner: int, kappa: float, theme: Theme) -> Chart:
    """Staircase of the stake share that gives a miner at least a weight, with kappa and the consensus weight."""
    given, behind = support(found, miner)
    consensus = float(found.consensus[miner])
    weight = np.concatenate([given[::-1], [max(1.05 * given[0], 0.01)]])
    stake = np.concatenate([behind[::-1], [0.0]])
    stairs = pd.DataFrame({"kind": "stairs", "weight": np.concatenate([[0.0], weight]),
                           "stake": np.concatenate([[stake[0]], stake])})  # fmt: skip
    point = pd.DataFrame({"kind": ["consensus"], "weight": [consensus], "stake": [kappa]})
    x = {"field": "weight", "type": "quantitative", "title": f"weight w on M{miner + 1}",
         "axis": {"grid": False, "tickCount": 6}, "scale": {"nice": False}}  # fmt: skip
    y = {"field": "stake", "type": "quantitative", "title": "stake that gives at least w",
         "axis": {"format": ".0%", "tickCount": 5}, "scale": {"domain": [0, 1.08], "nice": False}}  # fmt: skip
    at_point = [{"filter": "datum.kind == 'consensus'"}]
    layers: list[dict[str, Any]] = [
        *_level(kappa, f"kappa {kappa:.0%}", "right", -7, theme),
        {"transform": [{"filter": "datum.kind == 'stairs'"}],
         "mark": {"type": "line", "interpolate": "step-before", "color": LINE, "strokeWidth": 2.5},
         "encoding": {"x": x, "y": y}},
        {"transform": at_point,
         "mark": {"type": "point", "filled": True, "size": 110, "color": CONSENSUS, "opacity": 1},
         "encoding": {"x": x, "y": y}},
        {"transform": at_point,
         "mark": {"type": "text", "text": f"consensus {number(consensus)}", "align": "left", "dx": 9, "dy": 14,
                  "fontSize": 12, "color": text_colour(CONSENSUS, theme)},
         "encoding": {"x": x, "y": y}},
    ]  # fmt: skip
    return Chart(
        data=pd.concat([stairs, point], ignore_index=True),
        spec=specification(theme, layers),
        alt=support_sentence(found, miner, kappa),
    )


def support_sentence(found: Cells, miner: int, kappa: float) -> str:
    """How a miner's consensus weight comes about, step by step from the largest weight that it was given."""
    given, behind = support(found, miner)
    steps = []
    for weight, stake_share in zip(given, behind, strict=True):
        if stake_share >= kappa - ROUNDING:
            steps.append(f"at least {number(weight)} from {stake_share:.1%}: enough")
            break
        steps.append(f"at least {number(weight)} from {stake_share:.1%} of stake, less than kappa = {kappa:.1%}")
    above = [f"V{validator + 1}" for validator in np.flatnonzero(found.clipped[:, miner])]
    start = f"M{miner + 1} is given " + "; ".join(steps) + f". So its consensus is {number(found.consensus[miner])}"
    if not above:
        return f"{start}, and nothing is clipped."
    return f"{start}, and what {_listed(above)} gave above that is clipped."


def _level(at: float, name: str, side: str, dy: int, theme: Theme) -> list[dict[str, Any]]:
    """Layers of a dashed level line with its name at one end; drawn once, whatever the table."""
    once: dict[str, Any] = {"values": [{}]}
    y = {"datum": at}
    text = {"type": "text", "text": name, "align": side, "dy": dy, "dx": 6 if side == "left" else 0, "fontSize": 11}
    x = {"value": 0} if side == "left" else {"value": {"expr": "width"}}
    return [
        {"data": once, "mark": {"type": "rule", "color": theme.muted, "strokeDash": [3, 3]}, "encoding": {"y": y}},
        {"data": once, "mark": text | {"color": theme.muted}, "encoding": {"y": y, "x": x}},
    ]


def _listed(names: Sequence[str]) -> str:
    """Names joined as in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _rule_text(row: dict[Any, Any]) -> str:
    if not row["paid"]:
        return f"{row['stage']} · nobody is paid"
    return f"{row['stage']} · {row['paid']} paid · largest {row['largest_share']:.1%} · HHI {row['hhi']:.3f}"


def _dated(frame: pd.DataFrame, start: date) -> pd.DataFrame:
    days = [(start + timedelta(days=int(day))).isoformat() for day in frame["day"]]
    return frame.assign(date=pd.Series(days, index=frame.index, dtype=str), issuance=frame["issuance_tao"] / 1e6)
