"""Charts of where hardware and money go in a run: each is a function of a table."""

from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import MOST_POINTS, Chart, Lines, Marks, lines_chart, names, spread, thinned, tip
from model.charts.theme import ROLE_DASH, Theme, colour_of, specification
from model.units import FloatArray
from model.wording import number

__all__ = [
    "MOST_CELLS_WITH_NUMBERS",
    "MOST_POINTS",
    "Chart",
    "Marks",
    "earnings",
    "hardware_map",
    "hardware_shares",
    "spread",
    "thinned",
    "wealth",
    "who",
]

MOST_CELLS_WITH_NUMBERS = 60
PERCENT_AXIS = {"axis": {"format": ".0%", "values": [0, 0.5, 1]}, "scale": {"domain": [0, 1]}}


def hardware_map(capabilities: pd.DataFrame, theme: Theme) -> Chart:
    """Heatmap of spending by capability and subnet in the last epoch of the table of capabilities."""
    last = capabilities[capabilities["epoch"] == capabilities["epoch"].max()]
    data = last[["subnet", "capability", "spend_tao", "spend_share"]]
    position = {
        "x": {"field": "subnet", "type": "ordinal", "title": "subnet", "axis": {"labelAngle": 0, "labelOverlap": True}},
        "y": {"field": "capability", "type": "nominal", "title": None, "sort": list(dict.fromkeys(data["capability"]))},
    }
    few = len(data) <= MOST_CELLS_WITH_NUMBERS
    cells: dict[str, Any] = {
        "mark": {"type": "rect", "stroke": theme.paper, "strokeWidth": 1 if few else 0},
        "encoding": {
            "color": {
                "field": "spend_tao", "type": "quantitative", "scale": {"range": list(theme.ramp), "domainMin": 0},
                "legend": {"title": "TAO", "gradientLength": {"expr": "height"}, "gradientThickness": 8,
                           "tickCount": 3},
            },
            "tooltip": [
                tip("subnet", "subnet"), tip("capability", "capability"), tip("spend_tao", "TAO per epoch", ",.4~g"),
                tip("spend_share", "share of the subnet's spending", ".1%"),
            ],
        },
    }  # fmt: skip
    numbers: dict[str, Any] = {
        "transform": [
            {"joinaggregate": [{"op": "max", "field": "spend_tao", "as": "most"}]},
            {"filter": "datum.most > 0"},
            {"calculate": "datum.spend_tao < 10 ? format(datum.spend_tao, '.2~r') : format(datum.spend_tao, ',.0f')",
             "as": "number"},
        ],
        "mark": {"type": "text", "fontSize": {"expr": f"width < {25 * data['subnet'].nunique()} ? 0 : 10"}},
        "encoding": {
            "text": {"field": "number", "type": "nominal"},
            "color": {
                "condition": {"test": "datum.spend_tao > 0.62 * datum.most", "value": theme.paper}, "value": theme.ink,
            },
        },
    }  # fmt: skip
    if not data["spend_tao"].any():
        # A scale from 0 to 0 would paint nothing as if it were something.
        cells["encoding"]["color"] = {"value": theme.ramp[0]}
    layers = [cells, numbers] if few else [cells]
    share = data.groupby("capability", sort=False)["spend_tao"].sum()
    alt = "Heatmap of spending on hardware, capabilities by subnets. " + _sentence(share / max(share.sum(), 1e-300))
    return Chart(data=data, spec=specification(theme, layers, encoding=position), alt=alt)


def hardware_shares(shares: pd.DataFrame, marks: Marks, theme: Theme) -> Chart:
    """Lines of each capability's share of spending, with its share of the reward weights dashed beside it."""
    found, code = names(shares["capability"])
    both = Lines(
        epoch=np.tile(shares["epoch"].to_numpy(), 2),
        series=np.tile(code, 2),
        value=np.concatenate([shares["spend_share"].to_numpy(), shares["weight_share"].to_numpy()]),
        dash=np.repeat([0, 1], len(shares)),
        labelled=0,
        gap_share=0.22,
    )
    last = shares[shares["epoch"] == shares["epoch"].max()].set_index("capability")["spend_share"]
    return lines_chart(
        both,
        theme,
        {name.replace("_", " "): colour_of(name) for name in found},
        {"title": None} | PERCENT_AXIS,
        marks,
        dashes={"spent": [1, 0], "rewarded": [3, 3]},
        number=".1%",
        title="share of spending, dashed: share of the reward",
        alt="Lines of each capability's share of spending by epoch. " + _sentence(last),
        columns={"series": "capability", "dash": "share_of", "value": "share"},
    )


def earnings(strategies: pd.DataFrame, marks: Marks, theme: Theme) -> Chart:
    """Lines of what each strategy's participants earn together in an epoch, TAO."""
    earned_tao = strategies["earned_tao"].to_numpy()
    return _by_strategy(
        strategies, earned_tao, marks, theme, ("TAO per epoch", "Earnings in TAO per epoch", "earned_tao")
    )


def wealth(strategies: pd.DataFrame, marks: Marks, theme: Theme) -> Chart:
    """Lines of how much wealth one participant of each strategy has gained since the first epoch, TAO."""
    wealth_tao = strategies["wealth_tao"].to_numpy()
    n_groups = int((strategies["epoch"] == strategies["epoch"].min()).sum())
    first_tao = np.tile(wealth_tao[:n_groups], len(wealth_tao) // max(n_groups, 1))
    gained_tao = (wealth_tao - first_tao) / strategies["participants"].to_numpy()
    texts = ("TAO each", "Wealth gained per participant in TAO", "gained_tao")
    return _by_strategy(strategies, gained_tao, marks, theme, texts)


def who(role: str, strategy: str) -> str:
    """Players of a strategy in words: "honest validators"."""
    plural = {"fixed": "subnet owners", "loyal": "nominators"}
    return plural.get(strategy) or f"{strategy.replace('_', ' ')} {role}s"


def _by_strategy(
    strategies: pd.DataFrame, value: FloatArray, marks: Marks, theme: Theme, texts: tuple[str, str, str]
) -> Chart:
    """Lines by role and strategy; `texts` are the axis, the sentence, and the column of the table."""
    roles, role = names(strategies["role"])
    found, name = names(strategies["strategy"])
    pairs, group = names(role * len(found) + name)
    players = [(roles[pair // len(found)], found[pair % len(found)]) for pair in pairs]
    colours = {who(*pair): colour_of(pair[1]) for pair in players}
    last = zip(colours, value[len(value) - len(players) :], strict=False)
    return lines_chart(
        Lines(epoch=strategies["epoch"].to_numpy(), series=group, value=value, dash=role),
        theme,
        colours,
        {"title": texts[0], "axis": {"tickCount": 5}},
        marks,
        dashes={role: ROLE_DASH[role] for role in roles},
        alt=f"{texts[1]}, lines by strategy. Last: " + "; ".join(f"{text} {number(tao)}" for text, tao in last) + ".",
        columns={"dash": "role", "series": "players", "value": texts[2]},
    )


def _sentence(share: pd.Series) -> str:
    return "Last epoch: " + ", ".join(f"{name} {part:.0%}" for name, part in share.items()) + "."
