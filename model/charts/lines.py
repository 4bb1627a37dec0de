"""Charts of lines over epochs: thinned points, a label at the end of each line, a mark for each edit of the rules.

The specification of one chart stays the same while its numbers change, so that a browser moves the marks of the chart
it shows and does not draw it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.charts.theme import Theme, specification, text_colour
from model.units import BoolArray, FloatArray

MOST_POINTS = 240  # of a line; more can't be told apart on a chart this wide
LAG_SHARE = 0.5  # of the time shown: a line that ends so much before the others keeps its label, at the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture to be drawn: its rows, its Vega-Lite specification, and what it shows in a sentence.

    columns : names, units last, that the columns of `data` have in the table handed out; others stay in the picture
    """

    data: pd.DataFrame
    spec: dict[str, Any]
    alt: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """The numbers of the picture as a tidy table, without rows that are only lettering."""
        rows = self.data[self.data["kind"] == "line"] if "kind" in self.data else self.data
        return rows[list(self.columns)].rename(columns=dict(self.columns)) if self.columns else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Epochs that are marked in every chart of lines: edits of the rules, and the one that is looked back at."""

    edits: Sequence[int] = ()
    shown: int | None = None


def stride(n_epochs: int, most: int = MOST_POINTS) -> int:
    """Spacing, a power of two, at which `n_epochs` epochs and the last one are at most `most` points.

    As it is a power of two, a growing run keeps points that it showed.
    """
    spacing = 1
    while (n_epochs - 1) // spacing + 2 > most:
        spacing *= 2
    return spacing


def thinned(epoch: NDArray[np.integer], most: int = MOST_POINTS) -> BoolArray:
    """Which rows to show: at most `most` epochs, evenly spaced from epoch 0, and the last one."""
    last = int(epoch.max(initial=0))
    return np.asarray((epoch % stride(last + 1, most) == 0) | (epoch == last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Points of lines, each (point,): epoch, number of the series, value, number of the dash; 0 is the labelled one.

    labelled : dash whose lines have a label at their end; all have one when None
    gap_share : least distance of two labels, as a share of the axis
    """

    epoch: NDArray[np.integer]
    series: NDArray[np.integer]
    value: FloatArray
    dash: NDArray[np.integer]
    labelled: int | None = None
    gap_share: float = 0.08

    def table(self, series: list[str], dashes: list[str], marks: Marks, span: float = 0.0) -> pd.DataFrame:
        """Thinned lines, one row for the label at the end of each, and one for each mark.

        `span` is the length of the axis, that of the values when not given.
        """
        there = np.isfinite(self.value)
        shown = np.flatnonzero(thinned(self.epoch) & there)
        ends = self._ends(there)
        low = min(0.0, self.value.min(initial=0.0, where=there))
        high = max(0.0, self.value.max(initial=0.0, where=there))
        gap = self.gap_share * (span or high - low)
        marked = [*marks.edits] + ([] if marks.shown is None else [marks.shown])
        kind = np.repeat([0, 1, 2, 3], [len(shown), len(ends), len(marks.edits), len(marked) - len(marks.edits)])
        none, rows = np.full(len(marked), -1), np.concatenate([shown, ends])
        return pd.DataFrame(
            {
                "kind": coded(kind, ["line", "label", "edit", "shown"]),
                "epoch": np.concatenate(
                    [self.epoch[shown], np.full(len(ends), self.epoch.max(initial=0)), np.array(marked, dtype=np.int64)]
                ),
                "series": coded(np.concatenate([self.series[rows], none]), series),
                "value": np.concatenate(
                    [self.value[shown], spread(self.value[ends], gap, low), np.full(len(marked), np.nan)]
                ),
                "dash": coded(np.concatenate([self.dash[rows], none]), dashes),
            }
        )

    def _ends(self, there: BoolArray) -> NDArray[np.intp]:
        """Rows of the last point of each labelled line that goes to the edge or, like one that lags, nearly there."""
        last = int(self.epoch.max(initial=0))
        near = there & (self.epoch >= last - LAG_SHARE * last)
        rows = np.flatnonzero(near if self.labelled is None else near & (self.dash == self.labelled))
        line = self.dash[rows] * (int(self.series.max(initial=0)) + 1) + self.series[rows]
        order = np.lexsort((self.epoch[rows], line))
        is_last = np.append(np.diff(line[order]) != 0, True)[: len(order)]
        return np.sort(rows[order[is_last]])


def lines_chart(
    lines: Lines, theme: Theme, colours: Mapping[str, str], y: Mapping[str, Any], marks: Marks, **texts: Any
) -> Chart:
    """Chart of lines in these colours, by series in their order.

    Parameters
    ----------
    y : mapping
        Vega-Lite encoding of the value; a `scale` with a `domain` states the length of the axis.
    texts
        alt, columns; dashes (pattern by name, plain when not given), number (format in tooltips), title.
    """
    dashes = texts.get("dashes", {"line": [1, 0]})
    low, high = y.get("scale", {}).get("domain", (0.0, 0.0))
    return Chart(
        data=lines.table(list(colours), list(dashes), marks, span=high - low),
        spec=_lines(theme, colours, dashes, y, texts.get("number", ",.4~g"), texts.get("title", "")),
        alt=texts["alt"],
        columns={"epoch": "epoch"} | texts["columns"],
    )


def names(column: Any) -> tuple[list[Any], NDArray[np.integer]]:
    """Different values of a column in the order of appearance, and the number of each row's."""
    code, found = pd.factorize(column)
    return list(found), code


def coded(code: NDArray[np.integer], categories: list[str]) -> "pd.Categorical[str]":
    """Column of texts given by their numbers in `categories`, -1 for none."""
    return pd.Categorical.from_codes(code, pd.Index(categories))


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


def tip(name: str, title: str, number: str | None = None) -> dict[str, Any]:
    """Line of a tooltip: a field under its title, a number in this format or else a text."""
    kind = {"type": "quantitative", "format": number} if number else {"type": "nominal"}
    return {"field": name, "title": title} | kind


def _lines(
    theme: Theme, colours: Mapping[str, str], dashes: Mapping[str, list[int]], y: Mapping[str, Any], number: str,
    title: str,
) -> dict[str, Any]:  # fmt: skip
    """Specification of lines with labels at their ends, a dotted upright at each edit, a solid one at the shown."""
    x = {"field": "epoch", "type": "quantitative", "title": "epoch",
         "axis": {"tickMinStep": 1, "grid": False, "tickCount": 6, "format": ",.0f"},
         "scale": {"nice": False, "zero": False}}  # fmt: skip

    def scaled(name: str, of: Mapping[str, Any]) -> dict[str, Any]:
        scale = {"domain": list(of), "range": list(of.values())}
        return {"field": name, "type": "nominal", "legend": None, "scale": scale}

    def kind(name: str) -> dict[str, Any]:
        return {"transform": [{"filter": f"datum.kind == '{name}'"}]}

    readable = {name: text_colour(colour, theme) for name, colour in colours.items()}
    position = {"x": x, "y": {"field": "value", "type": "quantitative", **y}}
    tips = [tip("epoch", "epoch"), tip("series", "who or what"), tip("value", "value", number)]
    line = kind("line") | {
        "mark": {"type": "line", "strokeWidth": 2, "tooltip": True},
        "encoding": position
        | {"color": scaled("series", colours), "strokeDash": scaled("dash", dashes), "tooltip": tips},
    }
    label = kind("label") | {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11.5},
        "encoding": position | {"text": {"field": "series"}, "color": scaled("series", readable)},
    }
    edit = kind("edit") | {
        "mark": {"type": "rule", "strokeDash": [2, 3], "color": theme.muted},
        "encoding": {"x": x},
    }
    shown = kind("shown") | {"mark": {"type": "rule", "strokeWidth": 1.5, "color": theme.ink}, "encoding": {"x": x}}
    spec = specification(theme, [edit, line, label, shown])
    if title:
        text = {"text": title, "anchor": "start", "frame": "group", "fontSize": 11, "fontWeight": "normal"}
        spec["title"] = text | {"color": theme.muted, "offset": 6}
    spec["resolve"] = {"scale": {"color": "independent"}}
    return spec
