"""Charts of a run: each is a function of a table and gives data, a Vega-Lite specification and a text for the blind.

The specification of one chart stays the same while its numbers change, so that a browser moves the marks of the chart
it shows and does not draw it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model import measures
from model.charts.theme import ROLE_DASH, Theme, colour_of, specification, text_colour
from model.units import BoolArray, FloatArray

MOST_POINTS = 240  # of a line; more can't be told apart on a chart this wide
MOST_CELLS_WITH_NUMBERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture to be drawn: its rows, its Vega-Lite specification, and what it shows in a sentence."""

    data: pd.DataFrame
    spec: dict[str, Any]
    alt: str


def thinned(epoch: NDArray[np.integer], most: int = MOST_POINTS) -> BoolArray:
    """Which rows to show: at most `most` epochs, evenly spaced in powers of two from epoch 0, and the last one.

    As the spacing is a power of two, a growing run keeps points that it showed.
    """
    last = int(epoch.max(initial=0))
    stride = 1
    while last // stride + 2 > most:
        stride *= 2
    return np.asarray((epoch % stride == 0) | (epoch == last))


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
                _tip("subnet", "subnet"), _tip("capability", "capability"), _tip("spend_tao", "TAO per epoch", ",.4~g"),
                _tip("spend_share", "share of the subnet's spending", ".1%"),
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


def hardware_shares(shares: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of each capability's share of spending, with its share of the reward weights dashed beside it."""
    names, code = _names(shares["capability"])
    both = _Lines(
        epoch=np.tile(shares["epoch"].to_numpy(), 2),
        series=np.tile(code, 2),
        value=np.concatenate([shares["spend_share"].to_numpy(), shares["weight_share"].to_numpy()]),
        dash=np.repeat([0, 1], len(shares)),
    )
    dashes = {"spent": [1, 0], "rewarded": [3, 3]}
    y = {"field": "value", "type": "quantitative", "title": None,
         "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}, "scale": {"domain": [0, 1]}}  # fmt: skip
    colours = {name.replace("_", " "): colour_of(name) for name in names}
    last = shares[shares["epoch"] == shares["epoch"].max()].set_index("capability")["spend_share"]
    return Chart(
        data=both.table(list(colours), list(dashes), edits, gap_share=0.19, span=1.0),
        spec=_lines(theme, colours, dashes, y, ".1%", "share of spending, dashed: share of the reward"),
        alt="Lines of each capability's share of spending by epoch. " + _sentence(last),
    )


def earnings(strategies: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of what each strategy's participants earn together in an epoch, TAO."""
    earned_tao = strategies["earned_tao"].to_numpy()
    return _by_strategy(strategies, earned_tao, edits, theme, "TAO per epoch", "Earnings in TAO per epoch")


def wealth(strategies: pd.DataFrame, edits: Sequence[int], theme: Theme) -> Chart:
    """Lines of how much wealth one participant of each strategy has gained since the first epoch, TAO."""
    wealth_tao = strategies["wealth_tao"].to_numpy()
    n_groups = int((strategies["epoch"] == strategies["epoch"].min()).sum())
    first_tao = np.tile(wealth_tao[:n_groups], len(wealth_tao) // max(n_groups, 1))
    gained_tao = (wealth_tao - first_tao) / strategies["participants"].to_numpy()
    return _by_strategy(strategies, gained_tao, edits, theme, "TAO each", "Wealth gained per participant in TAO")


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
    return Chart(data=curves, spec=specification(theme, [equal, equality, curve], encoding=position), alt=alt)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Points of lines, each (point,): epoch, number of the series, value, number of the dash; 0 is the labelled one."""

    epoch: NDArray[np.integer]
    series: NDArray[np.integer]
    value: FloatArray
    dash: NDArray[np.integer]
    labelled: int | None = 0

    def table(
        self, series: list[str], dashes: list[str], edits: Sequence[int], gap_share: float, span: float = 0.0
    ) -> pd.DataFrame:
        """Thinned lines, one row for the label at the end of each, and one for each edit of the rules.

        Labels stand at least `gap_share` of the axis apart; `span` is its length, that of the values when not given.
        """
        shown = np.flatnonzero(thinned(self.epoch))
        ends = np.flatnonzero(self.epoch == self.epoch.max(initial=0))
        if self.labelled is not None:
            ends = ends[self.dash[ends] == self.labelled]
        low, high = min(0.0, self.value.min(initial=0.0)), max(0.0, self.value.max(initial=0.0))
        gap = gap_share * (span or high - low)
        none, n_edits = np.full(len(edits), -1), len(edits)
        rows = np.concatenate([shown, ends])
        return pd.DataFrame(
            {
                "kind": _coded(np.repeat([0, 1, 2], [len(shown), len(ends), n_edits]), ["line", "label", "edit"]),
                "epoch": np.concatenate([self.epoch[rows], np.array(edits, dtype=np.int64)]),
                "series": _coded(np.concatenate([self.series[rows], none]), series),
                "value": np.concatenate(
                    [self.value[shown], spread(self.value[ends], gap, low), np.full(n_edits, np.nan)]
                ),
                "dash": _coded(np.concatenate([self.dash[rows], none]), dashes),
            }
        )


def _by_strategy(
    strategies: pd.DataFrame, value: FloatArray, edits: Sequence[int], theme: Theme, unit: str, what: str
) -> Chart:
    roles, role = _names(strategies["role"])
    names, name = _names(strategies["strategy"])
    pairs, group = _names(role * len(names) + name)
    who = [(roles[pair // len(names)], names[pair % len(names)]) for pair in pairs]
    colours = {_who(*pair): colour_of(pair[1]) for pair in who}
    dashes = {role: ROLE_DASH[role] for role in roles}
    lines = _Lines(epoch=strategies["epoch"].to_numpy(), series=group, value=value, dash=role, labelled=None)
    y = {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}}
    last = zip(colours, value[len(value) - len(who) :], strict=False)
    return Chart(
        data=lines.table(list(colours), list(dashes), edits, gap_share=0.08),
        spec=_lines(theme, colours, dashes, y, ",.4~g"),
        alt=f"{what}, lines by strategy. Last: " + "; ".join(f"{text} {amount:,.4g}" for text, amount in last) + ".",
    )


def _who(role: str, strategy: str) -> str:
    plural = {"fixed": "subnet owners", "loyal": "nominators"}
    return plural.get(strategy) or f"{strategy.replace('_', ' ')} {role}s"


def _names(column: Any) -> tuple[list[Any], NDArray[np.integer]]:
    """Different values of a column in the order of appearance, and the number of each row's."""
    code, names = pd.factorize(column)
    return list(names), code


def _coded(code: NDArray[np.integer], names: list[str]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(code, pd.Index(names))


def spread(position: FloatArray, gap: float, floor: float) -> FloatArray:
    """Positions moved apart until any two differ by `gap`, none below `floor`; those with room stay where they are."""
    order = np.argsort(position, kind="stable")
    step = gap * np.arange(len(position))
    placed = np.maximum.accumulate(position[order] - step) + step
    # Pushed upwards only, a crowd would drift off its lines: half of the push goes downwards.
    lowered = np.minimum.accumulate((position[order] - step)[::-1])[::-1] + step
    result = np.empty(len(position))
    result[order] = np.maximum((placed + lowered) / 2, floor + step)
    return result


def _lines(
    theme: Theme, colours: dict[str, str], dashes: dict[str, list[int]], y: dict[str, Any], number: str, title: str = ""
) -> dict[str, Any]:
    """Specification of lines with labels at their ends and a dotted upright at each edit."""
    x = {"field": "epoch", "type": "quantitative", "title": "epoch",
         "axis": {"tickMinStep": 1, "grid": False, "tickCount": 6},
         "scale": {"nice": False, "zero": False}}  # fmt: skip

    def scaled(field: str, of: Mapping[str, Any]) -> dict[str, Any]:
        scale = {"domain": list(of), "range": list(of.values())}
        return {"field": field, "type": "nominal", "legend": None, "scale": scale}

    readable = {name: text_colour(colour, theme) for name, colour in colours.items()}
    position = {"x": x, "y": y}
    tips = [_tip("epoch", "epoch"), _tip("series", "who or what"), _tip("value", "value", number)]
    line = {
        "transform": [{"filter": "datum.kind == 'line'"}],
        "mark": {"type": "line", "strokeWidth": 2, "tooltip": True},
        "encoding": position
        | {"color": scaled("series", colours), "strokeDash": scaled("dash", dashes), "tooltip": tips},
    }
    label = {
        "transform": [{"filter": "datum.kind == 'label'"}],
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11.5},
        "encoding": position | {"text": {"field": "series"}, "color": scaled("series", readable)},
    }
    edit = {
        "transform": [{"filter": "datum.kind == 'edit'"}],
        "mark": {"type": "rule", "strokeDash": [2, 3], "color": theme.muted},
        "encoding": {"x": x},
    }
    spec = specification(theme, [edit, line, label])
    if title:
        text = {"text": title, "anchor": "start", "frame": "group", "fontSize": 11, "fontWeight": "normal"}
        spec["title"] = text | {"color": theme.muted, "offset": 6}
    spec["resolve"] = {"scale": {"color": "independent"}}
    return spec


def _tip(field: str, title: str, number: str | None = None) -> dict[str, Any]:
    kind = {"type": "quantitative", "format": number} if number else {"type": "nominal"}
    return {"field": field, "title": title} | kind


def _sentence(share: pd.Series) -> str:
    return "Last epoch: " + ", ".join(f"{name} {part:.0%}" for name, part in share.items()) + "."
