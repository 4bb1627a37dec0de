"""The answer on the page of claims: the figure and the reader's own case, drawn again while runs are played."""

import html
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from model.charts.lines import Chart
from model.experiments.claims import report
from model.experiments.claims.playing import PENDING
from model.experiments.claims.study import FAILS, HOLDS, UNDECIDED
from model.experiments.intervals import ROUNDING_SHARE
from model.pages.chart import show, theme
from model.pages.claims.order import MOST_SEEDS, ORDER, TIMES, Order, played, set_stopped, take_more_seeds
from model.pages.wording import sentence
from model.wording import number, plain

PLAY_SECONDS = 0.2  # of each redraw; the rest is left to other visitors
CHART_HEIGHT = 320
ICONS = {
    HOLDS: ":green[:material/check_circle:]",
    FAILS: ":orange[:material/cancel:]",
    UNDECIDED: ":gray[:material/help:]",
    PENDING: ":gray[:material/hourglass_top:]",
}
IN_YOUR_CASE = {
    HOLDS: "The claim holds in your case.",
    FAILS: "The claim fails in your case.",
    UNDECIDED: "Undecided in your case: more seeds would tell.",
    PENDING: "Your case is being played.",
}
IN_PART = "The claim holds in part in your case."


def draw_answer() -> None:
    """The answer so far, then some epochs if there are any left. The only part that is drawn again meanwhile.

    When the runs end, are stopped or begin, the whole page is drawn again: its pace and its tables change.
    """
    order: Order = st.session_state[ORDER]
    left, right = st.columns([7, 5])
    with left.container(border=True, key="card claim figure"):
        _draw_figure(order)
    with right.container(border=True, key="card own case"):
        _draw_own(order)
        _draw_progress(order)
        _draw_seeds(order)
    if order.active:  # after what is known has gone to the browser, so that a knob shows its closed form at once
        order.playing.play(PLAY_SECONDS)
    if order.active != order.drawn_active:
        st.rerun()


def _draw_figure(order: Order) -> None:
    answer = order.answer(order.n_figure)
    if order.study.whole:
        answer = played(answer)
        if not (answer.findings["study"] == order.study.findings).any():
            st.caption("The first runs are on their way." if order.active else "Stopped before a case was done.")
            return
    chart, question, how = _without_title(order.study.figure(answer, order.values, theme()))
    st.markdown(f"**{plain(question)}** :gray[:small[{plain(how)}]]")
    show(chart, f"claim {order.study.name}", CHART_HEIGHT)


def _without_title(chart: Chart) -> tuple[Chart, str, str]:
    """A chart whose title stands above it as text that wraps: the chart, its question, and how to read it."""
    spec = dict(chart.spec)
    said = spec.pop("title")
    return replace(chart, spec=spec), said["text"], said["subtitle"]


def _draw_own(order: Order) -> None:
    """What came out for the visitor's own values."""
    rows = [*report.records(order.playing.findings(order.n_own)), *order.study.reckoned(order.values)]
    said = plain(order.study.said(order.values))
    verdicts = {row["verdict"] for row in rows}
    worst = next(verdict for verdict in (PENDING, FAILS, UNDECIDED, HOLDS) if verdict in verdicts)
    in_part = worst == FAILS and HOLDS in verdicts
    st.markdown(f"{ICONS[worst]} **{IN_PART if in_part else IN_YOUR_CASE[worst]}** {said}")
    st.html(_table(rows))


def _table(rows: list[dict[str, Any]]) -> str:
    """Findings as a table: what was found, where the claim puts it, and the closed form."""
    settings = {row["setting"] for row in rows}
    body = "".join(_line(row, row["setting"] if len(settings) > 1 else "") for row in rows)
    heads = '<th>measured</th><th class="number">found</th><th class="number">the claim</th>'
    heads += '<th class="number">theory</th><th></th>'
    return (
        f'<div class="scroll"><table class="sheet"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _line(row: Mapping[str, Any], setting: str) -> str:
    unit = row["unit"]
    words = row["quantity"] if unit in ("share", "ratio", "count") else f"{row['quantity']} ({unit})"
    low, mean, high, theory = (_shown(row[name], unit) for name in ("low", "mean", "high", "theory"))
    interval = f"{low} to {high}" if row["seeds"] > 1 and low != high else ""
    cells = [_with_note(words, setting), _with_note(mean or "…", interval), _claimed(row), theory or "–"]
    first, *numbers = cells
    judged = f"<td>{html.escape(row['verdict'])}</td>"
    return f"<tr><td>{first}</td>{''.join(f'<td class=number>{cell}</td>' for cell in numbers)}{judged}</tr>"


def _with_note(text: str, note: str) -> str:
    small = f"<br><small>{html.escape(note)}</small>" if note else ""
    return html.escape(text) + small


def _claimed(row: Mapping[str, Any]) -> str:
    """Where the quantity should lie."""
    low, high = (_shown(row[name], row["unit"]) for name in ("claimed_low", "claimed_high"))
    if not high:
        return f"≥ {low}"
    return f"{low} to {high}" if row["claimed_low"] > 0 else f"≤ {high}"


def _shown(value: float, unit: str) -> str:
    """A number for reading: a share as percent; nothing where there is none."""
    if math.isnan(value):
        return ""
    if unit == "share":
        return f"{value:z.1%}".replace(".0%", "%")
    return number(value, rounding=ROUNDING_SHARE)


def _draw_progress(order: Order) -> None:
    playing = order.playing
    if playing.troubles:
        st.error(f"{len(playing.troubles)} runs failed and are left out. The first: "
                 f"{plain(sentence(ValueError(playing.troubles[0])))}.", icon=":material/error:")  # fmt: skip
    if playing.finished:
        return
    done = playing.done_share
    new = done - order.done_before_share
    left = (time.perf_counter() - order.since) * (1 - done) / new if new > 0 else math.nan
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        about = "" if order.stopped or math.isnan(left) else f", about {left:,.0f} s left"
        st.progress(done, f"{playing.n_done:,} of {playing.n_runs:,} runs{about}")
        if order.stopped:
            st.button("Go on", icon=":material/play_arrow:", key="claims go on", on_click=set_stopped, args=(False,))
        else:
            st.button("Stop", icon=":material/stop:", key="claims stop", on_click=set_stopped, args=(True,))


def _draw_seeds(order: Order) -> None:
    """How many seeds there are, and the button for more."""
    n_seeds = len(order.playing.seeds)
    if not order.playing.finished:
        return
    if not order.n_own:
        st.caption("This follows from facts alone: no run plays a part.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if n_seeds < MOST_SEEDS:
            st.button("More seeds", icon=":material/add:", key="claims more", on_click=take_more_seeds,
                      help=f"Run each case {TIMES} times as often: narrower intervals, fewer undecided.")  # fmt: skip
        st.caption(f"Each case was run with {n_seeds} seeds.")
