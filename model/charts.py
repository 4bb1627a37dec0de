"""Charts of a run: each is a function of a table and gives data, a Vega-Lite specification and a text for the blind.

The specification of one chart stays the same while its numbers change, so that a browser moves the marks of the chart
it shows and does not draw it anew. Colours: Okabe and Ito, Color Universal Design (2008), and for the rest Tol's muted
scheme (2021); text in them is darkened or lightened until it reads on the background.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model import measures
from model.units import FloatArray

MOST_POINTS = 400
MOST_CELLS_WITH_NUMBERS = 60
FIXED_COLOUR = {
    "speed": "#D55E00",
    "quality": "#0072B2",
    "storage": "#CC79A7",
    "honest": "#009E73",
    "best_response": "#56B4E9",
    "cheater": "#E69F00",
    "colluding": "#AA4499",
    "weight_copier": "#8F8F2B",
    "fixed": "#8A8A8A",
    "loyal": "#A67B5B",
}
SPARE_COLOURS = ("#CC6677", "#44AA99", "#6F6FC4", "#DDAA33", "#117733", "#EE7733", "#33BBEE", "#BB5566")
ROLE_DASH = {"miner": [1, 0], "validator": [6, 3], "owner": [2, 2], "nominator": [8, 3, 2, 3]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of everything that is not data."""

    ink: str
    muted: str
    grid: str
    paper: str
    ramp: tuple[str, ...]  # from little to much


LIGHT = Theme(
    ink="#1F2933", muted="#52606D", grid="#E4E9EE", paper="#FFFFFF",
    ramp=("#F1F5F8", "#A6CBDD", "#4A90B0", "#12507B"),
)  # fmt: skip
DARK = Theme(
    ink="#E8EDF2", muted="#A9B4C0", grid="#2B3440", paper="#10151C",
    ramp=("#1A222C", "#215071", "#3F94BC", "#B5E3F5"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture to be drawn: its rows, its Vega-Lite specification, and what it shows in a sentence."""

    data: pd.DataFrame
    spec: dict[str, Any]
    alt: str


def colour_of(name: str) -> str:
    """Colour of a strategy or capability, the same in every chart."""
    return FIXED_COLOUR.get(name) or SPARE_COLOURS[zlib.crc32(name.encode()) % len(SPARE_COLOURS)]


def text_colour(colour: str, theme: Theme) -> str:
    """`colour` moved a third of the way to the ink, so that small text in it can be read."""
    mixed = [round(0.65 * a + 0.35 * b) for a, b in zip(_rgb(colour), _rgb(theme.ink), strict=True)]
    return "#" + "".join(f"{part:02X}" for part in mixed)


def thin(table: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Rows of at most `most` epochs, evenly spaced in powers of two, and those of the last epoch.

    As the spacing is a power of two and starts at epoch 0, a growing run keeps the points it shows.
    """
    epoch = table["epoch"].to_numpy()
    if not len(epoch):
        return table
    stride = 1
    while epoch.max() // stride + 2 > most:
        stride *= 2
    return table[(epoch % stride == 0) | (epoch == epoch.max())]


def hardware_map(capabilities: pd.DataFrame, theme: Theme) -> Chart:
    """Heatmap of spending by capability and subnet in the last epoch of the table of capabilities."""
    last = capabilities[capabilities["epoch"] == capabilities["epoch"].max()]
    data = last[["subnet", "capability", "spend_tao", "spend_share"]]
    position = {
        "x": {"field": "subnet", "type": "ordinal", "title": "subnet", "axis": {"labelAngle": 0, "labelOverlap": True}},
        "y": {"field": "capability", "type": "nominal", "title": None, "sort": list(dict.fromkeys(data["capability"]))},
    }
    cells = {
        "mark": {"type": "rect", "cornerRadius": 2, "stroke": theme.paper, "strokeWidth": 1},
        "encoding": {
            "color": {
                "field": "spend_tao", "type": "quantitative", "scale": {"range": list(theme.ramp), "domainMin": 0},
                "legend": {"title": "TAO", "gradientLength": {"expr": "height"}, "gradientThickness": 8, "tickCount": 3},
            },
            "tooltip": [
                _tip("subnet", "subnet"), _tip("capability", "capability"), _tip("spend_tao", "TAO per epoch", ",.4~g"),
                _tip("spend_share", "share of the subnet's spending", ".1%"),
            ],
        },
    }  # fmt: skip
    numbers = {
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
                "condition": {"test": "datum.spend_tao > 0.45 * datum.most", "value": theme.paper}, "value": theme.ink,
            },
        },
    }  # fmt: skip
    layers = [cells, numbers] if len(data) <= MOST_CELLS_WITH_NUMBERS else [cells]
    share = data.groupby("capability", sort=False)["spend_tao"].sum()
    alt = "Heatmap of spending on hardware, capabilities by subnets. " + _sentence(share / max(share.sum(), 1e-300))
    return Chart(data=data, spec=_spec(theme, layers, encoding=position), alt=alt)


def hardware_shares(shares: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of each capability's share of spending, with its share of the reward weights dashed beside it."""
    names = list(dict.fromkeys(shares["capability"]))
    series = [name.replace("_", " ") for name in names]
    label = dict(zip(names, series, strict=True))
    spent = _series(shares["epoch"], shares["capability"].map(label), shares["spend_share"], "spent")
    wanted = _series(shares["epoch"], shares["capability"].map(label), shares["weight_share"], "rewarded")
    last = shares[shares["epoch"] == shares["epoch"].max()].set_index("capability")["spend_share"]
    y = {"field": "value", "type": "quantitative", "title": None,
         "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}, "scale": {"domain": [0, 1]}}  # fmt: skip
    dash = {"field": "dash", "type": "nominal", "legend": None,
            "scale": {"domain": ["spent", "rewarded"], "range": [[1, 0], [3, 3]]}}  # fmt: skip
    return Chart(
        data=_with_labels(pd.concat([spent, wanted]), edits, gap_share=0.19, span=1.0),
        spec=_lines(theme, series, [colour_of(name) for name in names], y, dash, ".1%", "share of spending, dashed: share of the reward"),
        alt="Lines of each capability's share of spending by epoch. " + _sentence(last),
    )


def earnings(strategies: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of what each strategy's participants earn together in an epoch, TAO."""
    return _by_strategy(
        strategies, strategies["earned_tao"], edits, theme, "TAO per epoch", "Earnings in TAO per epoch"
    )


def wealth(strategies: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of how much wealth one participant of each strategy has gained since the first row, TAO."""
    first = strategies.groupby(["role", "strategy"], sort=False)["wealth_tao"].transform("first")
    gained = (strategies["wealth_tao"] - first) / strategies["participants"]
    return _by_strategy(strategies, gained, edits, theme, "TAO each", "Wealth gained per participant in TAO")


def lorenz_table(amount: dict[str, FloatArray]) -> pd.DataFrame:
    """Lorenz curves by name, thinned: columns holders, holder_share, amount_share."""
    curves = []
    for name, held in amount.items():
        holder_share, amount_share = measures.lorenz(held)
        chosen = np.unique(np.linspace(0, len(holder_share) - 1, min(len(holder_share), MOST_POINTS // 2)).astype(int))
        curves.append(
            pd.DataFrame({"holders": name, "holder_share": holder_share[chosen], "amount_share": amount_share[chosen]})
        )
    return pd.concat(curves, ignore_index=True)


def lorenz(curves: pd.DataFrame, colours: dict[str, str], theme: Theme) -> Chart:
    """Lorenz curves, with the line of equality between them and the corner."""
    percent = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
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
                      "scale": {"domain": list(colours), "range": list(colours.values())}},
            "order": {"field": "holder_share", "type": "quantitative"},
        },
    }  # fmt: skip
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
    alt = "Lorenz curves: " + "; ".join(at_half) + "."
    return Chart(data=curves, spec=_spec(theme, [equal, equality, curve], encoding=position), alt=alt)


def _by_strategy(
    strategies: pd.DataFrame, value: pd.Series, edits: Sequence[int], theme: Theme, unit: str, what: str
) -> Chart:
    rows = list(dict.fromkeys(zip(strategies["role"], strategies["strategy"], strict=True)))
    series = [_who(role, strategy) for role, strategy in rows]
    label = dict(zip(rows, series, strict=True))
    name = pd.Series([label[pair] for pair in zip(strategies["role"], strategies["strategy"], strict=True)])
    lines = _series(strategies["epoch"], name, value, strategies["role"])
    y = {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}}
    dash = {"field": "dash", "type": "nominal", "legend": None,
            "scale": {"domain": list(ROLE_DASH), "range": list(ROLE_DASH.values())}}  # fmt: skip
    last = lines[lines["epoch"] == lines["epoch"].max()]
    return Chart(
        data=_with_labels(lines, edits, gap_share=0.08),
        spec=_lines(theme, series, [colour_of(strategy) for _, strategy in rows], y, dash, ",.4~g"),
        alt=f"{what}, lines by strategy. Last: "
        + "; ".join(f"{who} {amount:,.4g}" for who, amount in zip(last["series"], last["value"], strict=True)) + ".",
    )  # fmt: skip


def _who(role: str, strategy: str) -> str:
    plural = {"fixed": "subnet owners", "loyal": "nominators"}
    return plural.get(strategy) or f"{strategy.replace('_', ' ')} {role}s"


def _series(epoch: pd.Series, name: pd.Series, value: pd.Series, dash: pd.Series | str) -> pd.DataFrame:
    dashes = dash if isinstance(dash, str) else dash.to_numpy()
    return pd.DataFrame(
        {
            "kind": "line",
            "epoch": epoch.to_numpy(),
            "series": name.to_numpy(),
            "value": value.to_numpy(),
            "dash": dashes,
        }
    )


def _with_labels(lines: pd.DataFrame, edits: Sequence[int], gap_share: float, span: float = 0.0) -> pd.DataFrame:
    """Thinned lines, one row for the label at the end of each, and one for each edit of the rules.

    Labels stand at least `gap_share` of the axis apart; `span` is its length, that of the values when not given.
    """
    lines = thin(lines)
    ends = lines[lines["epoch"] == lines["epoch"].max()].drop_duplicates("series").assign(kind="label")
    low, high = min(0.0, lines["value"].min()), max(0.0, lines["value"].max())
    ends["value"] = spread(ends["value"].to_numpy(), gap_share * (span or high - low))
    marks = pd.DataFrame({"kind": "edit", "epoch": list(edits)})
    return pd.concat([lines, ends, marks] if len(marks) else [lines, ends], ignore_index=True)


def spread(position: FloatArray, gap: float) -> FloatArray:
    """Positions moved apart until any two differ by `gap` or more; their order and, if free, their places stay."""
    order = np.argsort(position, kind="stable")
    step = gap * np.arange(len(position))
    placed = np.maximum.accumulate(position[order] - step) + step
    # Pushed upwards only, a crowd would drift off its lines: half of the push goes downwards.
    lowered = np.minimum.accumulate((position[order] - step)[::-1])[::-1] + step
    result = np.empty(len(position))
    result[order] = (placed + lowered) / 2
    return result


def _lines(
    theme: Theme, series: list[str], colours: list[str], y: dict[str, Any], dash: dict[str, Any],
    number: str, title: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Specification of lines with labels at their ends and a dotted upright at each edit."""
    x = {"field": "epoch", "type": "quantitative", "title": "epoch",
         "axis": {"tickMinStep": 1, "grid": False, "tickCount": 6}, "scale": {"nice": False, "zero": False}}  # fmt: skip

    def coloured(palette: list[str]) -> dict[str, Any]:
        scale = {"domain": series, "range": palette}
        return {"field": "series", "type": "nominal", "legend": None, "scale": scale}

    position = {"x": x, "y": y}
    tips = [_tip("epoch", "epoch"), _tip("series", "who or what"), _tip("value", "value", number)]
    line = {
        "transform": [{"filter": "datum.kind == 'line'"}],
        "mark": {"type": "line", "strokeWidth": 2, "tooltip": True},
        "encoding": position | {"color": coloured(colours), "strokeDash": dash, "tooltip": tips},
    }
    label = {
        "transform": [{"filter": "datum.kind == 'label'"}],
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11.5},
        "encoding": position
        | {"text": {"field": "series"}, "color": coloured([text_colour(colour, theme) for colour in colours])},
    }
    edit = {
        "transform": [{"filter": "datum.kind == 'edit'"}],
        "mark": {"type": "rule", "strokeDash": [2, 3], "color": theme.muted},
        "encoding": {"x": x},
    }
    spec = _spec(theme, [edit, line, label])
    if title:
        text = {"text": title, "anchor": "start", "frame": "group", "fontSize": 11, "fontWeight": "normal"}
        spec["title"] = text | {"color": theme.muted, "offset": 6}
    spec["resolve"] = {"scale": {"color": "independent"}}
    return spec


def _spec(theme: Theme, layers: list[dict[str, Any]], encoding: dict[str, Any] | None = None) -> dict[str, Any]:
    axis = {
        "labelColor": theme.muted, "titleColor": theme.muted, "titleFontWeight": "normal", "gridColor": theme.grid,
        "domain": False, "ticks": False, "labelFontSize": 11, "titleFontSize": 11, "labelPadding": 4,
    }  # fmt: skip
    config = {
        "background": "transparent", "font": "Source Sans, Source Sans Pro, sans-serif", "view": {"stroke": None},
        "axis": axis, "legend": {"labelColor": theme.muted, "titleColor": theme.muted, "titleFontWeight": "normal"},
    }  # fmt: skip
    return {
        "layer": layers, "encoding": encoding or {}, "config": config,
        "padding": {"left": 4, "right": 8, "top": 6, "bottom": 2},
    }  # fmt: skip


def _tip(field: str, title: str, number: str | None = None) -> dict[str, Any]:
    kind = {"type": "quantitative", "format": number} if number else {"type": "nominal"}
    return {"field": field, "title": title} | kind


def _sentence(share: pd.Series) -> str:
    return "Last epoch: " + ", ".join(f"{name} {part:.0%}" for name, part in share.items()) + "."


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
