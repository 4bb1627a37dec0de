"""What a sweep's analysis shows: short tables for a terminal or a report, its charts, and the report itself."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from model.charts import sensitivity as sensitivity_charts
from model.charts import sweeps as charts
from model.charts.live import Chart
from model.charts.theme import Theme
from model.experiments.intervals import ROUNDING_SHARE
from model.experiments.sweeps.analysis.analysis import factor_names
from model.experiments.sweeps.analysis.discovery import Discovery
from model.experiments.sweeps.analysis.effects import level_name
from model.experiments.sweeps.export.report import Answer
from model.experiments.sweeps.spec.spec import Spec
from model.wording import markdown_table, number, plain

N_EACH_END = 5
MOST_ROWS = 12
Show = Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A short table: what it shows, its heading, and its rows as texts."""

    title: str
    heading: tuple[str, ...]
    rows: list[tuple[str, ...]]


def shown(answer: Answer, spec: Spec) -> Iterator[Shown]:
    """Short tables of one outcome, the most asked for first."""
    for name, show in SHORT.items():
        if name in answer.tables:
            yield show(answer.tables[name], answer, spec)


def front(table: pd.DataFrame, names: Sequence[str], spec: Spec) -> Shown:
    """Combinations that no other dominates."""
    factors = dict.fromkeys(factor_names(spec), level_cell)
    columns: dict[str, Show] = {"combination": str, **factors, "first": number, "second": number}
    found = _table("Undominated combinations", table[table["on_front"]].head(MOST_ROWS), columns)
    return Shown(title=found.title, heading=(*found.heading[:-2], *names), rows=found.rows)


def pictures(answer: Answer, names: Sequence[str], theme: Theme) -> dict[str, Chart]:
    """Charts of one outcome by file name; `names` are the two factors that were crossed."""
    tables, outcome, unit = answer.tables, answer.outcome, answer.unit
    drawn: dict[str, Callable[[], Chart]] = {
        "effects": lambda: charts.effects(tables["effects"], outcome, unit, theme),
        "two_factors": lambda: charts.two_factors(tables["two_factors"], (names[0], names[1]), outcome, unit, theme),
        "sobol": lambda: sensitivity_charts.sobol(tables["sobol"], outcome, theme),
        "morris": lambda: sensitivity_charts.morris(tables["morris"], outcome, unit, theme),
        "boxes": lambda: sensitivity_charts.trade_off(
            tables["boxes"], answer.discovery.question if answer.discovery else outcome, theme
        ),
        "convergence": lambda: charts.convergence(tables["convergence"], outcome, unit, theme),
    }
    if answer.discovery and len(answer.discovery.trajectory) < 2:
        del drawn["boxes"]
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", outcome)
    return {f"{stem}-{name}": draw() for name, draw in drawn.items() if name in tables}


def notes(answer: Answer) -> list[str]:
    """What belongs to the tables of an outcome in words."""
    return [*answer.notes, *([_box_sentence(answer.discovery)] if answer.discovery else [])]


def _box_sentence(found: Discovery) -> str:
    """Where the outcome lies beyond the threshold."""
    box = found.box
    if not box.limits:
        return f"{found.question}: {found.base_share:.0%} of all points, and no box that chance does not explain"
    where = " and ".join(found.limits()["limit"])
    return (
        f"{found.question} in {found.base_share:.0%} of all points; where {where}, in {box.density_share:.0%} of them, "
        f"which holds {box.coverage_share:.0%} of all such points"
    )


def headline(answer: Answer) -> str:
    """What the tables of an outcome rest on."""
    means = answer.tables["means"]
    left_out = f", {answer.n_left_out} left out" if answer.n_left_out else ""
    return f"{answer.outcome} ({answer.unit}): {means['runs'].sum()} runs of {len(means)} combinations{left_out}"


def markdown(lines: Sequence[str], sections: Sequence[tuple[str, Sequence[Shown], Mapping[str, Chart]]]) -> str:
    """Report as Markdown: its first line is the title; each section has a headline, tables and charts by file name."""
    text = [f"# {plain(lines[0])}", "", *(f"{plain(line)}  " for line in lines[1:])]
    for headline, tables, drawn in sections:
        text += ["", f"## {plain(headline)}"]
        for table in tables:
            heading, *rows = [[plain(cell) for cell in row] for row in (table.heading, *table.rows)]
            text += ["", plain(table.title), "", markdown_table(heading, rows)]
        for name, chart in drawn.items():
            text += ["", f"![{plain(chart.alt)}]({name})"]
    return "\n".join(text) + "\n"


def level_cell(value: object) -> str:
    """Cell of a factor's value: few digits would make one value of two."""
    return level_name(value) if isinstance(value, float) and math.isfinite(value) else str(value)


def _in_unit(answer: Answer) -> Show:
    """How numbers in the outcome's unit are written: what is rounding beside its means is 0."""
    return partial(number, rounding=ROUNDING_SHARE * float(answer.tables["means"]["mean"].abs().max()))


def _share(value: float) -> str:
    """A share of a variance or of a deviation."""
    return number(value, rounding=ROUNDING_SHARE)


def _replicates(needed: float) -> str:
    return "beyond a million" if math.isinf(needed) else number(needed)


def _table(title: str, frame: pd.DataFrame, columns: Mapping[str, Show]) -> Shown:
    cells = [[show(value) for value in frame[name].tolist()] for name, show in columns.items()]
    return Shown(title=title, heading=tuple(columns), rows=list(zip(*cells, strict=True)))


def _means(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    ends = table
    title = "Means by combination, with 95 % intervals"
    if len(table) > 2 * N_EACH_END:
        ends = pd.concat([table.head(N_EACH_END), table.tail(N_EACH_END)])
        title = f"The {N_EACH_END} largest and the {N_EACH_END} smallest means of {len(table)}, with 95 % intervals"
    columns: dict[str, Show] = {"combination": str, **dict.fromkeys(factor_names(spec), level_cell)}
    return _table(title, ends, columns | dict.fromkeys(("runs", "mean", "low", "high"), _in_unit(answer)))


def _effects(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    basis = ", ".join(dict.fromkeys(table["basis"]))
    columns = ("runs", "mean", "low", "high", "effect", "effect_low", "effect_high")
    names = dict.fromkeys(("factor", "level"), str)
    return _table(f"Main effects ({basis})", table, names | dict.fromkeys(columns, _in_unit(answer)))


def _regression(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    title = f"Standardized regression, R squared {table['r_squared'].iloc[0]:.2f}"
    return _table(title, table, {"factor": str} | dict.fromkeys(("coefficient", "low", "high"), _share))


def _sobol(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    columns = ("first", "first_half_width", "total", "total_half_width")
    shown: dict[str, Show] = {"factor": str, **dict.fromkeys(columns, _share)}
    return _table("Sobol indices: share of variance alone and with all others", table, shown)


def _sobol_pairs(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    ranked = table.sort_values("index", ascending=False, kind="stable").head(MOST_ROWS)
    columns: dict[str, Show] = {"first": str, "second": str, "index": _share, "half_width": _share}
    return _table("Sobol indices of pairs", ranked, columns)


def _morris(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    columns = dict.fromkeys(("mu", "mu_star", "mu_star_half_width", "sigma"), _in_unit(answer))
    return _table("Elementary effects per whole range", table, {"factor": str} | columns)


def _two_factors(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    across = list(dict.fromkeys(table.sort_values("second_at", kind="stable")["second"]))
    mean, show = {(row.first, row.second): row.mean for row in table.itertuples()}, _in_unit(answer)
    rows = [
        (str(first), *(show(mean.get((first, second), math.nan)) for second in across))
        for first in dict.fromkeys(table["first"])
    ]
    return Shown(title="Means of two factors, the first downwards", heading=("", *map(str, across)), rows=rows)


def _needed(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    short = table.sort_values("missing", ascending=False, kind="stable").head(MOST_ROWS)
    in_unit = dict.fromkeys(("mean", "sd", "difference"), _in_unit(answer))
    names = ("combination", "runs", "mean", "sd", "needed", "missing", "difference", "difference_missing")
    columns = {name: in_unit.get(name, _replicates) for name in names}
    title = f"Replicates still needed: {_replicates(float(table['missing'].max()))} for the mean of every combination"
    return _table(title, short, columns | {"combination": str})


def _limits(table: pd.DataFrame, answer: Answer, spec: Spec) -> Shown:
    return _table(
        "Limits of the box that chance does not explain", table, {"factor": str, "limit": str, "quasi_p": number}
    )


SHORT: Mapping[str, Callable[[pd.DataFrame, Answer, Spec], Shown]] = {
    "means": _means,
    "effects": _effects,
    "regression": _regression,
    "sobol": _sobol,
    "sobol_pairs": _sobol_pairs,
    "morris": _morris,
    "two_factors": _two_factors,
    "needed": _needed,
    "limits": _limits,
}
