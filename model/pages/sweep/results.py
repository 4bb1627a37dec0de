"""What a sweep has found so far: pictures of one outcome, the table of runs, and the runs that failed."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from model.charts.lines import Chart
from model.charts.measure_label import label
from model.charts.theme import Theme
from model.commands import sweep_answers
from model.experiments.intervals import ROUNDING_SHARE
from model.experiments.sweeps.analysis import analysis
from model.experiments.sweeps.export import report
from model.experiments.sweeps.export.report import Answer, Ask
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.status import Status
from model.pages.chart import show, theme
from model.pages.sweep import runs as sweep_runs
from model.pages.sweep.fields import factor_label
from model.pages.sweep.form import describe
from model.pages.wording import sentence
from model.records.export import csv_bytes
from model.wording import number, plain

PICTURES, TABLE, FAILURES, ABOUT = PARTS = ("Pictures", "Table", "Failures", "About")
ORDER = ("sobol", "morris", "two_factors", "effects", "convergence")
LOOK_SECONDS = 2.0  # between two readings of all runs while they grow
IDLE_SHARE = 9  # times as long as a reading takes, it waits before the next
ROW_HEIGHT, AXIS_HEIGHT, PICTURE_HEIGHT, WIDE_HEIGHT = 22, 60, 320, 220
TABLE_ROW_HEIGHT, TABLE_HEIGHT = 33, 500
LONGEST_ERROR = 300
FAILURE_COLUMNS = ("run", "error", "status", "combination", "replicate", "seed", "attempts")
NOT_FOR_READERS = re.compile(r"^\w+: | \(\w+\.py:\d+\)$")  # of an error: its kind, and its place in the code
HELD = "sweep held"


@dataclass(slots=True, kw_only=True)
class Held:
    """Runs of the open sweep as they were read last, and the pictures drawn of them.

    done : runs that had ended
    read_at, took_seconds : when it was read, by a clock that only goes forward, and how long that and drawing took
    """

    name: str
    done: int
    spec: Spec
    runs: pd.DataFrame
    failures: pd.DataFrame
    read_at: float
    took_seconds: float
    pictures: dict[object, tuple[dict[str, Chart], list[str]]] = field(default_factory=dict)


def draw(name: str, status: Status, *, busy: bool) -> None:
    """Draw the results of the runs that have ended."""
    if not status.done:
        st.caption("No run has ended yet: the first results are shown as soon as one has."
                   if busy else "No run has ended. Resume to play them.")  # fmt: skip
        return
    held = _held(name, status, busy)
    if len(held.failures):
        first = held.failures.iloc[0]
        why = plain(_readable(first["error"])[:LONGEST_ERROR])
        said = f"{len(held.failures):,} runs failed and are in no mean. The first, run {first['run']}: {why}."
        st.warning(said, icon=":material/warning:")
    part = st.segmented_control(
        "Part", PARTS, default=PICTURES, key="sweep part", required=True, label_visibility="collapsed"
    )
    {PICTURES: _draw_pictures, TABLE: _draw_table, FAILURES: _draw_failures, ABOUT: _draw_about}[str(part)](held)


def _held(name: str, status: Status, busy: bool) -> Held:
    """The runs, read anew if there are more of them and the last reading was a while ago."""
    held: Held | None = st.session_state.get(HELD)
    now = time.monotonic()
    if held and held.name == name:
        wait = max(LOOK_SECONDS, IDLE_SHARE * held.took_seconds) if busy else 0.0
        if held.done == status.done or now - held.read_at < wait:
            return held
    with sweep_runs.opened(name) as store:
        runs, failures, spec = store.runs(), store.failures(), store.spec
    held = Held(name=name, done=len(runs), spec=spec, runs=runs, failures=failures, read_at=now,
                took_seconds=time.monotonic() - now)  # fmt: skip
    st.session_state[HELD] = held
    return held


def _draw_pictures(held: Held) -> None:
    outcomes, factors = analysis.outcome_names(held.spec), analysis.factor_names(held.spec)
    if not outcomes:
        st.caption("This sweep keeps series only: take them away as CSV or Parquet.")
        return
    with st.container(horizontal=True, gap="small", key="sweep-choices"):
        outcome = st.selectbox("Outcome", outcomes, key=f"sweep outcome {held.name}", format_func=label, width=280,
                               help="What the pictures are of. Default: the first that is kept.")  # fmt: skip
        crossed: tuple[str, ...] = ()
        if len(factors) > 1:
            first = st.selectbox("Across", factors, key=f"sweep across {held.name}", format_func=factor_label,
                                 width=220, help="Factor on the heatmap's horizontal axis.")  # fmt: skip
            others = [factor for factor in factors if factor != first]
            second = st.selectbox("Upwards", others, key=f"sweep upwards {held.name}", format_func=factor_label,
                                  width=220, help="Factor on the heatmap's vertical axis.")  # fmt: skip
            crossed = (first, second)
    try:
        charts, notes = _pictures(held, outcome, crossed, theme())
    except ValueError as error:
        st.info(f"{plain(sentence(error))}.", icon=":material/info:")
        return
    said, *others = (f"{plain(note)}." for note in notes)
    question = f"**{plain(held.spec.question)}** " if held.spec.question else ""
    st.markdown(f"{question}{said} :gray[:small[{' '.join(others)}]]")
    names = [name for name in ORDER if name in charts]
    for start in range(0, len(names), 2):
        row = names[start : start + 2]
        for place, name in zip(st.columns(len(row)), row, strict=True):
            with place.container(border=True, key=f"card-{name}"):
                _draw_card(charts[name], held.name, name, alone=len(row) == 1)


def _draw_card(chart: Chart, sweep: str, name: str, *, alone: bool) -> None:
    """A chart below its question, with its numbers to take away."""
    title = chart.spec["title"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sweep-title-{name}"):
        st.markdown(f"**{plain(title['text'])}** :gray[:small[{plain(title['subtitle'])}]]", width="stretch")
        st.download_button(
            "CSV", lambda: csv_bytes(chart.table()), f"{sweep}-{name}.csv", "text/csv", key=f"sweep csv {name}",
            on_click="ignore", type="tertiary", icon=":material/download:", help="The numbers of this picture as CSV.",
        )  # fmt: skip
    spec = {part: value for part, value in chart.spec.items() if part != "title"}
    show(replace(chart, spec=spec), f"{sweep} {name}", _height(chart, name, alone=alone))


def _pictures(held: Held, outcome: str, crossed: tuple[str, ...], colours: Theme) -> tuple[dict[str, Chart], list[str]]:
    """Charts of one outcome by kind, and what belongs to them in words; drawn once for each reading."""
    key = (outcome, crossed, colours)
    if key not in held.pictures:
        start = time.monotonic()
        answer = _worded(report.answer(held.runs, held.spec, outcome, Ask(factors=crossed)))
        labels = [factor_label(path) for path in crossed]
        drawn = sweep_answers.pictures(answer, labels, colours)
        charts = {name.rpartition("-")[2]: chart for name, chart in drawn.items()}
        notes = sweep_answers.notes(answer)
        if held.spec.replicates == 1:
            notes.append("With one replicate there is no interval: nobody knows what another seed would give")
        lead = [sweep_answers.headline(answer)]
        if "effects" in answer.tables:
            found = finding(answer.tables["effects"], answer.outcome, alike=answer.alike)
            lead.insert(0, found if held.done == held.spec.n_runs else f"So far: {found}")
        held.pictures[key] = charts, lead + notes
        held.took_seconds += time.monotonic() - start
    return held.pictures[key]


def finding(table: pd.DataFrame, outcome: str, *, alike: bool = False) -> str:
    """What moves the outcome most, and from where to where, by a table of main effects.

    Parameters
    ----------
    alike : bool
        Whether no chance is seen in the runs: then a difference is one, however few they are.
    """
    spread = table.groupby("factor", sort=False)["effect"].agg(np.ptp)
    table = table.assign(clear=(table["effect_low"] > 0) | (table["effect_high"] < 0))
    clear = table.groupby("factor", sort=False)["clear"].any()
    chosen = spread[clear].idxmax() if clear.any() else spread.idxmax()
    levels = table[table["factor"] == chosen].sort_values("mean", kind="stable").to_dict("records")
    show = partial(number, rounding=ROUNDING_SHARE * float(table["mean"].abs().max()))
    least, most = (f"{show(level['mean'])} where it is {level['level']}" for level in (levels[0], levels[-1]))
    if not spread.any():
        return f"Nothing that varies moves {outcome}: it is {show(levels[0]['mean'])} at every value"
    if clear.any():
        return f"{chosen} moves {outcome} most of what is clear: {least}, {most}"
    if alike:
        seeds = "every seed" if (table["runs"] > table["points"]).any() else "the one seed"
        return f"{chosen} moves {outcome} most: {least}, {most}, under {seeds} played"
    return f"Nothing moves {outcome} for sure. {chosen} comes first, which may be chance: {least}, {most}"


def _worded(answer: Answer) -> Answer:
    """The answer with the names that the page has for factors and outcome."""
    tables: Mapping[str, pd.DataFrame] = {
        name: table.assign(factor=table["factor"].map(factor_label)) if "factor" in table else table
        for name, table in answer.tables.items()
    }
    return replace(answer, outcome=label(answer.outcome), tables=tables)


def _height(chart: Chart, name: str, *, alone: bool) -> int:
    """Height of a chart: of one with rows, as many as they need; less for one that has the whole width."""
    if name not in ("effects", "sobol"):
        return WIDE_HEIGHT if alone else PICTURE_HEIGHT
    n_rows = len(chart.data) + (chart.data["factor"].nunique() if name == "effects" else 0)
    return max(PICTURE_HEIGHT, ROW_HEIGHT * n_rows + AXIS_HEIGHT)


def _draw_table(held: Held) -> None:
    st.caption(f"{len(held.runs):,} runs that have ended; units and meanings are in the CSV's data dictionary.")
    st.dataframe(held.runs, hide_index=True, key=f"sweep table {held.name}", lazy=True, height=_table_height(held.runs),
                 alt="One row for each run: how it ended, its factors' values and its outcomes.")  # fmt: skip


def _draw_failures(held: Held) -> None:
    if not len(held.failures):
        st.caption("Every run that has ended ended well.")
        return
    rows = held.failures[list(FAILURE_COLUMNS)].assign(error=held.failures["error"].map(_readable))
    st.dataframe(rows, hide_index=True, key=f"sweep failures {held.name}", lazy=True, height=_table_height(rows),
                 alt="One row for each run that failed, with its error.")  # fmt: skip


def _readable(error: object) -> str:
    """An error on record without what only a programmer reads."""
    return NOT_FOR_READERS.sub("", str(error))


def _table_height(rows: pd.DataFrame) -> int:
    return min(TABLE_ROW_HEIGHT * (len(rows) + 1) + 3, TABLE_HEIGHT)


def _draw_about(held: Held) -> None:
    with st.container(border=True, key="card-about"):
        describe(held.spec)
