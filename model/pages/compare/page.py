"""The page on which two scenarios play under the same seeds, side by side."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from model.charts.compare import amount, difference_chart, sentence
from model.charts.measure_label import label
from model.commands.terminal import command_line
from model.experiments.comparison.compare import EXPORT_DICTIONARY, FAILED, Comparison, changed_fields, pair_manifest
from model.experiments.comparison.paired import MEASURES, SIDES, differences, pair_differences
from model.pages.callback import whole
from model.pages.chart import show, theme
from model.pages.compare.sides import Side, draw_side
from model.pages.guard import guarded
from model.pages.heading import heading
from model.records.export import zip_bytes
from model.records.settling import sentence_of_many
from model.scenario import scenario_file
from model.wording import number, plain

REDRAW_SECONDS = 0.15
PLAY_SECONDS = 0.1  # of each redraw; the rest is left to other visitors
MOST_SEEDS, MOST_EPOCHS = 200, 2_000
ROW_HEIGHT = 50
STYLE = """<style>
@media (max-width: 640px) {
  [class*="st-key-choices-"] .stColumn {min-width: 45% !important; flex: 1 1 45% !important}
  [class*="st-key-numbers-"] .stColumn {min-width: 28% !important; flex: 1 1 28% !important}
}
</style>"""


@dataclass(slots=True, kw_only=True)
class Order:
    """A comparison that a visitor asked for."""

    sides: tuple[Side, Side]
    comparison: Comparison
    since: float
    stopped: bool = False

    @property
    def playing(self) -> bool:
        """Whether there is more to compute."""
        return not (self.stopped or self.comparison.finished)

    @property
    def command(self) -> str:
        """The command that gives the same numbers."""
        a, b = self.sides
        seeds = len(self.comparison.seeds)
        return command_line(
            "compare",
            a.preset,
            b.preset,
            set_a=a.settings,
            set_b=b.settings,
            seeds=seeds,
            epochs=self.comparison.a.epochs,
        )


def page() -> None:
    """Draw both sides, the button, and the answer; while it computes, only the answer is drawn again."""
    heading("Compare", "Two scenarios, the same seeds, the same chance: what does B change?")
    st.html(STYLE)
    columns = st.columns(2)
    sides = [draw_side(column, side) for column, side in zip(columns, SIDES, strict=True)]
    _draw_controls([side for side in sides if side])
    order: Order | None = st.session_state.get("compare order")
    playing = order is not None and order.playing

    def answer() -> None:
        _draw_answer()
        if playing and order is not None and not order.playing:
            st.rerun()  # the whole page, so that nothing is drawn again from here on

    st.fragment(guarded(answer), run_every=REDRAW_SECONDS if playing else None)()


def _draw_controls(sides: list[Side]) -> None:
    """Seeds, epochs, measures, and the button that starts."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare controls"):
        seeds = int(
            st.number_input(
                "Seeds",
                1,
                MOST_SEEDS,
                8,
                key="compare seeds",
                persist_state="session",
                width=110,
                help="Pairs of runs: each seed plays both sides. Default 8; 2 give an interval.",
            )
        )
        epochs = int(
            st.number_input(
                "Epochs",
                1,
                MOST_EPOCHS,
                60,
                key="compare epochs",
                persist_state="session",
                width=110,
                help="Length of a run; its last epoch is compared. 72 minutes each. Default 60.",
            )
        )
        st.multiselect(
            "Measures",
            _measures(),
            list(MEASURES),
            key="compare measures",
            persist_state="session",
            format_func=label,
            help="What is compared; more are offered once there is a result. Default: six.",
        )
        pressed = st.button("Compare", type="primary", icon=":material/balance:", key="compare start", width=130,
                            disabled=len(sides) < len(SIDES))  # fmt: skip
    if len(sides) == len(SIDES):
        _take_order((sides[0], sides[1]), seeds, epochs, pressed)


def _take_order(sides: tuple[Side, Side], seeds: int, epochs: int, pressed: bool) -> None:
    """Begin what was asked for; otherwise say if the result on the screen belongs to other settings."""
    a, b = (scenario_file.with_values(side.scenario, {"epochs": epochs}) for side in sides)
    wanted = tuple(range(a.seed, a.seed + seeds))
    order: Order | None = st.session_state.get("compare order")
    if pressed:
        st.session_state["compare order"] = Order(
            sides=sides, comparison=Comparison(a, b, wanted), since=time.perf_counter()
        )
    elif order and (order.comparison.a, order.comparison.b, order.comparison.seeds) != (a, b, wanted):
        st.caption("The settings have changed since: what stands below was computed with the earlier ones.")


def _measures() -> list[str]:
    """Columns that can be compared: the usual ones, and all others once a result has them."""
    order: Order | None = st.session_state.get("compare order")
    runs = order.comparison.runs() if order else pd.DataFrame()
    recorded = [str(name) for name in runs.columns if name not in ("side", "seed", "status", "error", "epoch")]
    chosen = st.session_state.get("compare measures", [])
    return list(dict.fromkeys([*MEASURES, *chosen, *recorded]))


def _draw_answer() -> None:
    """Some epochs if there are any left, then the answer so far. The only part that is drawn again meanwhile."""
    order: Order | None = st.session_state.get("compare order")
    with st.container(border=True, key="card differences"):
        st.markdown("**What changes if B takes the place of A?** :gray[:small[mean of B minus A over seeds, with its "
                    "95 % interval and a tick for each seed; every row has its own scale]]")  # fmt: skip
        if order is None:
            st.caption("Nothing compared yet. Choose what differs between A and B and press Compare: every seed plays "
                       "both, so that luck cancels and a small difference shows after few seeds.")  # fmt: skip
            return
        if order.playing:
            order.comparison.play(PLAY_SECONDS)
            _draw_progress(order)
        _draw_result(order)


def _draw_progress(order: Order) -> None:
    done, of = order.comparison.epochs_played, order.comparison.n_epochs
    left = (time.perf_counter() - order.since) * (of - done) / done if done else math.nan
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(done / of, f"{done:,} of {of:,} epochs, about {left:,.0f} s left")
        st.button("Stop", icon=":material/stop:", key="compare stop", on_click=_stop)


@whole
def _stop() -> None:
    order: Order = st.session_state["compare order"]
    order.stopped = True


def _draw_result(order: Order) -> None:
    """Chart, sentences and table of the pairs that have ended."""
    runs = order.comparison.runs()
    measures = st.session_state.get("compare measures") or list(MEASURES)
    failed = runs[runs["status"] == FAILED] if len(runs) else runs
    if len(failed):
        first = failed.iloc[0]
        st.error(f"{len(failed)} of {len(runs)} runs failed and their seeds are left out. The first, side {first.side} "
                 f"with seed {first.seed}: {plain(first.error)}", icon=":material/error:")  # fmt: skip
    if len(failed) == len(runs):
        if not len(runs):
            st.caption("The first pair of runs is on its way." if order.playing else "Stopped before a pair was done.")
        return
    table = differences(runs, [name for name in measures if name in runs.columns])
    if order.stopped:
        st.caption(f"Stopped after {len(runs) // 2} of {len(order.comparison.seeds)} seeds.")
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        chart = difference_chart(table, pair_differences(runs, list(table["measure"])), theme())
        show(chart, f"differences {len(table)}", ROW_HEIGHT * len(table))
    rows = table.to_dict("records")
    with words:
        for row in sorted(rows, key=lambda row: not row["clear"]):
            st.markdown(f"{_icon(row)} {plain(sentence(row))}")
        for side, of_side in runs.groupby("side"):
            if unsettled := sentence_of_many(of_side["settling"]):
                st.caption(f"Side {side}: {plain(unsettled)}.")
    _draw_table(rows)
    if not order.playing:
        _draw_exports(order, table, runs)


def _icon(row: Mapping[Any, Any]) -> str:
    if row["clear"]:
        return ":material/check_circle:"
    return ":material/help:" if row["sd"] > 0 or row["seeds"] < 2 else ":material/drag_handle:"


def _draw_table(rows: list[Any]) -> None:
    shown = [
        {
            "measure": label(row["measure"]),
            "A": amount(row["measure"], row["a_mean"]),
            "B": amount(row["measure"], row["b_mean"]),
            "B − A": amount(row["measure"], row["difference"], signed=True),
            "95 % interval": f"{amount(row['measure'], row['low'])} to {amount(row['measure'], row['high'])}",
            "sd between seeds": amount(row["measure"], row["sd"]),
            "seeds": row["seeds"],
            "seeds needed": number(row["seeds_needed"]),
        }
        for row in rows
    ]
    with st.expander("The numbers", icon=":material/table:", key="compare numbers"):
        st.caption(
            "Intervals hold for all measures together, and however often you look and add seeds. Seeds needed: "
            "how many make a difference clear in 80 of 100 cases, if its mean and sd are as they look."
        )
        st.dataframe(pd.DataFrame(shown), hide_index=True, key="compare table")


def _draw_exports(order: Order, table: pd.DataFrame, runs: pd.DataFrame) -> None:
    comparison = order.comparison

    def archive() -> bytes:
        tables = {"differences": table, "runs": runs, "fields": changed_fields(comparison.a, comparison.b)}
        manifest = pair_manifest(comparison.a, comparison.b, comparison.seeds[0], order.command)
        return zip_bytes(tables, EXPORT_DICTIONARY, manifest)

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button("Download CSV", archive, "comparison.zip", "application/zip", key="compare download",
                           on_click="ignore", icon=":material/download:",
                           help="A zip: differences, runs, fields that differ, and a manifest.")  # fmt: skip
        with st.popover("As a command", icon=":material/terminal:"):
            st.code(order.command, language="bash", wrap_lines=True)
