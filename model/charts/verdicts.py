"""Charts of findings: lines of theory with their names, and what was measured in the colour of its verdict."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from model.charts.lines import Chart, spread
from model.charts.sweeps import HEIGHT, WIDTH, Encoding, title
from model.charts.theme import Theme, colour_of, specification, text_colour
from model.experiments.claims.study import FAILS, HOLDS, UNDECIDED

LABEL_GAP_SHARE = 0.055  # of the height, between two labels
ROW_HEIGHT = 34  # px, of a bar


class Words(NamedTuple):
    """Question that a chart answers, how to read the answer, and what it shows in a sentence."""

    question: str
    how: str
    alt: str


def verdict_chart(
    data: pd.DataFrame,
    *,
    x: Encoding,
    y: Encoding,
    words: Words,
    theme: Theme,
    colours: Mapping[str, str] | None = None,
) -> Chart:
    """Lines and rules with their names at the right, and points with intervals in the colour of their verdict.

    Parameters
    ----------
    data : frame
        From `together`.
    x, y : mapping
        Encodings of the fields x and y.
    colours : mapping of str to str, optional
        Of lines by name; one colour for all when not given.
    """
    names = data.loc[data["kind"] == "line", "name"].unique().tolist()
    colour = {name: (colours or {}).get(name, theme.ramp[2]) for name in names}
    logarithmic = y["scale"].get("type") == "log"
    data = pd.concat([data, _labels(data, y["scale"].get("domain"), logarithmic=logarithmic)], ignore_index=True)
    verdicts = {HOLDS: colour_of("honest"), FAILS: colour_of("speed"), UNDECIDED: theme.muted}
    seen = [verdict for verdict in verdicts if (data["verdict"] == verdict).any()]
    judged = {
        "field": "verdict", "type": "nominal",
        "scale": {"domain": seen, "range": [verdicts[verdict] for verdict in seen]},
        # A legend without entries would be put nowhere.
        "legend": {"title": "the claim", "orient": "top", "titleOrient": "left", "offset": 2} if seen else None,
    }  # fmt: skip
    ink = {name: text_colour(one, theme) for name, one in colour.items()}
    position = {"x": x, "y": y}
    layers = [
        _layer("rule", {"type": "rule", "strokeDash": [4, 3], "color": theme.muted, "strokeWidth": 1.2}, {"y": y}),
        _layer("line", {"type": "line", "strokeWidth": 2.2},
               position | {"color": _named(colour), "detail": {"field": "name"}}),
        _layer("point", {"type": "rule", "strokeWidth": 2.5, "opacity": 0.6},
               {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}, "color": judged | {"legend": None}}),
        _layer("point", {"type": "point", "filled": True, "size": 70, "opacity": 1, "tooltip": {"content": "data"}},
               position | {"color": judged}),
        _layer("mark", {"type": "point", "size": 60, "color": theme.ink, "filled": True, "opacity": 1}, position),
        _layer("mark", {"type": "text", "align": "left", "dx": 9, "dy": 15, "fontSize": 11.5, "color": theme.ink},
               position | {"text": {"field": "name"}}),
        _layer("text", {"type": "text", "align": "left", "dx": 8, "dy": 9, "fontSize": 11.5, "color": theme.muted},
               position | {"text": {"field": "name"}}),
        _layer("label", {"type": "text", "align": "left", "dx": 7, "fontSize": 11.5},
               {"x": {"value": {"expr": "width"}}, "y": y, "text": {"field": "name"},
                "color": _named(ink, theme.muted)}),
    ]  # fmt: skip
    # A layer without rows would still widen the axes.
    drawn = [layer for kind, layer in layers if (data["kind"] == kind).any()]
    spec = specification(theme, drawn) | {
        "width": WIDTH,
        "height": HEIGHT,
        "title": title(words.question, words.how, theme),
    }
    spec["resolve"] = {"scale": {"color": "independent"}}
    return Chart(data=data, spec=spec, alt=words.alt)


def _layer(kind: str, mark: dict[str, Any], encoding: Encoding) -> tuple[str, dict[str, Any]]:
    return kind, {"transform": [{"filter": f"datum.kind == '{kind}'"}], "mark": mark, "encoding": encoding}


def _named(colour: Mapping[str, str], other: str = "") -> Encoding:
    """Colour by name, without a legend; `other` for names that have none."""
    coded: Encoding = {"value": other}
    for name, one in colour.items():
        test = f"datum.name == {json.dumps(name)}"
        coded = {"condition": [{"test": test, "value": one}, *coded.get("condition", [])], "value": coded["value"]}
    return coded


def _labels(data: pd.DataFrame, domain: Sequence[float] | None, *, logarithmic: bool) -> pd.DataFrame:
    """Names of rules and of lines, at their right ends and apart from one another."""
    named = data.loc[data["kind"] == "text", "name"]
    ends = data[(data["kind"] == "line") & ~data["name"].isin(named)].groupby("name", sort=False).last().reset_index()
    ends = pd.concat([ends, data[data["kind"] == "rule"]], ignore_index=True)
    at = np.log(ends["y"].to_numpy(float)) if logarithmic else ends["y"].to_numpy(float)
    shown = data[["y", "low", "high"]].to_numpy(float)
    shown = np.log(shown) if logarithmic else shown
    low, high = np.log(domain) if domain and logarithmic else domain or (np.nanmin(shown), np.nanmax(shown))
    placed = spread(at, LABEL_GAP_SHARE * (high - low), low)
    return together(ends.assign(kind="label", x=np.nan, y=np.exp(placed) if logarithmic else placed))


def line_rows(x: ArrayLike, y: ArrayLike, name: str) -> pd.DataFrame:
    """Rows of a line through these points."""
    return pd.DataFrame({"kind": "line", "x": np.asarray(x, float), "y": np.asarray(y, float), "name": name})


def point_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Rows of measured points, one for each finding."""
    columns = {"position": "x", "mean": "y", "low": "low", "high": "high", "verdict": "verdict", "setting": "name"}
    return findings[list(columns)].rename(columns=columns).assign(kind="point")


def rule_row(y: float, name: str) -> pd.DataFrame:
    """Row of a level line."""
    return pd.DataFrame({"kind": ["rule"], "y": [y], "name": [name]})


def mark_rows(x: ArrayLike, y: ArrayLike, name: Sequence[str]) -> pd.DataFrame:
    """Rows of points with a name, without verdict."""
    return pd.DataFrame({"kind": "mark", "x": np.asarray(x, float), "y": np.asarray(y, float), "name": list(name)})


def together(*parts: pd.DataFrame) -> pd.DataFrame:
    """Rows of a chart."""
    columns = ["kind", "name", "x", "y", "low", "high", "verdict"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)


def verdict_sentence(points: pd.DataFrame) -> str:
    """Where the claim holds and where it fails, by the settings of the points."""
    said = [
        f"{word}: {', '.join(points.loc[points['verdict'] == verdict, 'setting'])}."
        for verdict, word in ((HOLDS, "Holds"), (FAILS, "Fails"), (UNDECIDED, "Undecided"))
        if (points["verdict"] == verdict).any()
    ]
    return " ".join(said)
