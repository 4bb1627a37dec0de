"""Paired differences as a picture and in words: functions of the tables of `model.experiments.comparison.compare`."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import Chart
from model.charts.measure_label import label
from model.charts.theme import Theme, specification
from model.records.columns import DICTIONARY
from model.wording import number

MORE, LESS = "#0072B2", "#D55E00"  # Okabe and Ito: blue and vermilion
NO_UNIT = ("share", "count", "index", "value", "ratio")


def amount(measure: str, value: float, *, signed: bool = False) -> str:
    """A value of a measure as text, with its unit where it has one."""
    unit = DICTIONARY.line("epochs", measure).unit
    return number(value, signed=signed) + ("" if unit in NO_UNIT or math.isnan(value) else f" {unit}")


def sentence(row: Mapping[Any, Any]) -> str:
    """What a row of differences says, in plain words."""
    measure = row["measure"]
    name, seeds = f"the {label(measure)}", row["seeds"]
    if not seeds:
        return f"T{name[1:]} has no number on both sides, so there is nothing to compare."
    if row["difference"] == 0 and not row["sd"] > 0:
        return f"T{name[1:]} is the same in A and B under {_count(seeds)}."
    way = "higher" if row["difference"] > 0 else "lower"
    size = amount(measure, abs(row["difference"]))
    if seeds == 1:
        return f"With B, {name} is {size} {way} under one seed; two or more tell how sure that is."
    interval = "too few seeds for an interval" if row["sd"] else f"the same under each of {_count(seeds)}"
    if math.isfinite(row["high"]):
        low, high = (amount(measure, row[end], signed=True) for end in ("low", "high"))
        interval = f"95 % interval {low} to {high}"
    if row["clear"]:
        return f"With B, {name} is {size} {way} ({interval}); clear after {_count(seeds)}."
    needed = row["seeds_needed"]
    rest = "more seeds tell" if math.isnan(needed) else f"about {number(needed)} seeds would tell, four times in five"
    return f"With B, {name} is {size} {way} ({interval}), which may be chance after {_count(seeds)}: {rest}."


def difference_table(differences: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Marks of the chart: an interval a row, a dot for each seed; positions in the row's own scale, in [-1, 1].

    Measures have different units, so each row is as wide as what is furthest from 0 in it.
    """
    rows = []
    for place, row in enumerate(differences.to_dict("records")):
        gained = pairs.loc[pairs["measure"] == row["measure"], "difference"].to_numpy()
        ends = [end for end in (row["low"], row["high"], row["difference"]) if not math.isnan(end)]
        widest = float(np.abs([*gained, *ends]).max(initial=0.0)) or 1.0
        way = "unclear" if not row["clear"] else "more" if row["difference"] > 0 else "less"
        measure = row["measure"]
        text = (
            "no difference" if not (row["difference"] or row["sd"]) else amount(measure, row["difference"], signed=True)
        )
        if len(ends) == 3 and text != "no difference":
            text += f" [{number(row['low'], signed=True)}, {number(row['high'], signed=True)}]"
        shared = {"row": place, "measure": label(measure), "way": way}
        rows.append(
            shared
            | {
                "kind": "mean",
                "at": row["difference"] / widest,
                "low": row["low"] / widest,
                "high": row["high"] / widest,
                "text": text,
                "a": amount(measure, row["a_mean"]),
                "b": amount(measure, row["b_mean"]),
                "seeds": row["seeds"],
            }
        )
        rows += [shared | {"kind": "seed", "at": one / widest, "text": amount(measure, one)} for one in gained]
    return pd.DataFrame(rows)


def difference_chart(differences: pd.DataFrame, pairs: pd.DataFrame, theme: Theme) -> Chart:
    """Point and 95 % interval of each difference about the line of no difference, with a dot for every seed."""
    data = difference_table(differences, pairs)
    x_at = {"type": "quantitative", "axis": None, "scale": {"domain": [-1.08, 1.08]}}
    x = x_at | {"field": "at"}
    rows = {"domain": [-0.75, len(differences) - 0.55], "reverse": True, "nice": False, "zero": False}
    y = {"field": "row", "type": "quantitative", "axis": None, "scale": rows}
    colour = {"field": "way", "type": "nominal", "legend": None,
              "scale": {"domain": ["more", "less", "unclear"], "range": [MORE, LESS, theme.muted]}}  # fmt: skip
    tips = [{"field": name, "type": "nominal", "title": title}
            for name, title in (("measure", "measure"), ("a", "mean of A"), ("b", "mean of B"),
                                ("text", "B minus A"), ("seeds", "seeds"))]  # fmt: skip
    mean = [{"filter": "datum.kind == 'mean'"}]
    layers: list[dict[str, Any]] = [
        {"data": {"values": [{}]}, "mark": {"type": "rule", "color": theme.muted, "strokeDash": [3, 3]},
         "encoding": {"x": x_at | {"datum": 0}}},
        {"transform": [{"filter": "datum.kind == 'seed'"}],
         "mark": {"type": "tick", "thickness": 1.5, "height": 9, "opacity": 0.45, "color": theme.muted},
         "encoding": {"x": x, "y": y, "tooltip": [
             {"field": "text", "type": "nominal", "title": "B minus A under one seed"}]}},
        {"transform": mean, "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round"},
         "encoding": {"x": x_at | {"field": "low"}, "x2": {"field": "high"}, "y": y, "color": colour}},
        {"transform": mean, "mark": {"type": "point", "filled": True, "size": 85, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour, "tooltip": tips}},
        {"transform": mean, "mark": {"type": "text", "align": "left", "dy": -18, "fontSize": 12, "color": theme.ink},
         "encoding": {"x": x_at | {"datum": -1.08}, "y": y, "text": {"field": "measure"}}},
        {"transform": mean, "mark": {"type": "text", "align": "right", "dy": -18, "fontSize": 12},
         "encoding": {"x": x_at | {"datum": 1.08}, "y": y, "text": {"field": "text"},
                      "color": colour | {"scale": {"domain": ["more", "less", "unclear"],
                                                   "range": [theme.ink, theme.ink, theme.muted]}}}},
    ]  # fmt: skip
    spec = specification(theme, layers)
    spec["resolve"] = {"scale": {"color": "independent"}}
    alt = "Differences B minus A with 95 % intervals. " + " ".join(map(sentence, differences.to_dict("records")))
    return Chart(data=data, spec=spec, alt=alt)


def _count(seeds: int) -> str:
    return "1 seed" if seeds == 1 else f"{seeds:,} seeds"
