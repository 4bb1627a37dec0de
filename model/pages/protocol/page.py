"""The page that shows the chain's own rules at work: consensus, emission, issuance, and how well they are followed."""

import html
import re
from collections.abc import Callable
from datetime import date
from importlib.resources import files

import pandas as pd
import streamlit as st

from model import fidelity
from model.charts.protocol import rules_chart, supply_chart
from model.commands.evidence import GOLDEN
from model.experiments.protocol.one_demand import MOST_SUBNETS, one_demand, rule_summary, shares_by_rule
from model.experiments.protocol.supply import supply
from model.pages.chart import show, theme
from model.pages.heading import heading
from model.pages.protocol import consensus_lesson
from model.records.export import csv_bytes
from model.scenario.design import Chain
from model.wording import plain

START = date(2026, 6, 30)  # of `Chain.initial_issuance_tao`
SOURCES = {
    "Closed forms": ("model.yardsticks", "CLOSED_FORMS.md"),
    "The chain's rules": ("model.chain", "CHAIN.md"),
}
LINK_TO_A_FILE = re.compile(r"\[([^\]]+)\]\([^)]+\.md\)")


def page() -> None:
    """Draw the part that is asked for; the others are not computed."""
    heading("Protocol", "What does the chain do with votes, demand and time?")
    part = st.segmented_control("Part", list(PARTS), default=next(iter(PARTS)), key="protocol part",
                                persist_state="session", required=True,
                                label_visibility="collapsed")  # fmt: skip
    PARTS[part]()


def _draw_rules() -> None:
    """All emission rules on one demand: knobs, bars, and what each rule is."""
    with st.container(border=True, key="card demand"):
        first, second, third, fourth = st.columns(4)
        n_subnets = first.slider("Subnets", 1, MOST_SUBNETS, MOST_SUBNETS, key="demand subnets",
                                 persist_state="session",
                                 help="How many take part. Default 128, the chain's limit.")  # fmt: skip
        inequality = second.slider("Inequality of demand", 0.0, 3.0, 0.7, 0.1, key="demand inequality",
                                   persist_state="session",
                                   help="Power of the rank by which prices fall: 0 all alike, 1 the second is worth "
                                   "half of the first. Default 0.7.")  # fmt: skip
        burn = third.slider("Burn", 0.0, 1.0, 0.5, 0.05, key="demand burn", persist_state="session", format="percent",
                            help="Share of miners' pay that every second subnet withholds. Default 50 %.")  # fmt: skip
        leaving = fourth.slider("Users leaving", 0.0, 1.0, 0.3, 0.05, key="demand leaving",
                                persist_state="session", format="percent",
                                help="Share of users' TAO that leaves all pools alike. Default 30 %.")  # fmt: skip
    shares = shares_by_rule(one_demand(n_subnets, inequality, burn, leaving))
    summary = rule_summary(shares)
    left, right = st.columns([7, 5])
    with left.container(border=True, key="card rules"):
        st.markdown("**Which subnets does each rule pay?** :gray[:small[shares of the block's TAO, each row as high as "
                    "its largest; every second subnet burns]]")  # fmt: skip
        show(rules_chart(shares, summary, theme()), "rules", 54 * len(summary) + 20)
    with right.container(border=True, key="card versions"):
        st.markdown("**When was which rule in force?**")
        body = "".join(
            f"<tr><th>{html.escape(row['rule'])}</th><td>{html.escape(row['stage'])}</td>"
            f"<td>{html.escape(row['in_force'])}<br><small>{html.escape(row['source'])}</small></td></tr>"
            for row in summary.to_dict("records")
        )
        st.html(f'<div class="scroll"><table class="sheet"><thead><tr><th>rule</th><th>stage</th><th>in force</th>'
                f"</tr></thead><tbody>{body}</tbody></table></div>")  # fmt: skip
        st.download_button("Download CSV", lambda: csv_bytes(shares), "emission-rules.csv", "text/csv", key="rules csv",
                           on_click="ignore", icon=":material/download:", help="Share by rule and subnet.")  # fmt: skip


def _draw_supply() -> None:
    """Issuance by date, halvings, and how recycling puts them off."""
    with st.container(border=True, key="card supply knobs"):
        first, second, third = st.columns(3)
        recycled = first.slider("Recycled", 0.0, 1.0, 0.0, 0.05, key="recycled",
                                persist_state="session", format="percent",
                                help="Share of minted TAO that leaves issuance again. Default 0 %.")  # fmt: skip
        start_tao = second.slider("Issuance at the start", 0.0, 21.0, Chain().initial_issuance_tao / 1e6, 0.1,
                                  key="start issuance", persist_state="session", format="%.1f million TAO",
                                  help=f"On {START:%d %B %Y}; TAO. Default 11.2 million, the chain's.")  # fmt: skip
        years = third.slider(
            "Years", 1, 60, 20, key="supply years", persist_state="session", help="Length of the path. Default 20."
        )
    result = supply(start_tao * 1e6, recycled, years)
    left, right = st.columns([7, 5])
    with left.container(border=True, key="card issuance"):
        st.markdown("**When is the block's TAO halved?** :gray[:small[halvings follow issuance, so recycling puts them "
                    "off]]")  # fmt: skip
        show(supply_chart(result.path, result.halvings, START, theme()), "supply", 420)
    with right.container(border=True, key="card halvings"):
        st.markdown("**The halvings**")
        if result.halvings.empty:
            st.caption("None in these years.")
        shown = result.halvings.assign(
            date=[pd.Timestamp(START) + pd.Timedelta(days=day) for day in result.halvings["day"]]
        )
        st.dataframe(
            shown[["date", "day", "issuance_tao", "tao_per_day", "rao_per_block"]], hide_index=True, key="halvings",
            column_config={
                "date": st.column_config.DateColumn("date"),
                "day": st.column_config.NumberColumn("days from start", format="%.1f"),
                "issuance_tao": st.column_config.NumberColumn("issuance, TAO", format="localized"),
                "tao_per_day": st.column_config.NumberColumn("TAO a day after", format="localized"),
                "rao_per_block": st.column_config.NumberColumn("rao a block after", format="localized"),
            },
        )  # fmt: skip
        st.download_button("Download CSV", lambda: csv_bytes(result.path), "issuance.csv", "text/csv", key="supply csv",
                           on_click="ignore", icon=":material/download:", help="The points of the line.")  # fmt: skip


def _draw_fidelity() -> None:
    """Golden vectors, run here and now."""
    with st.container(border=True, key="card fidelity"):
        st.markdown("**Does the engine say what the chain says?** :gray[:small[numbers that the chain's own tests and "
                    "two simulators state, computed anew]]")  # fmt: skip
        exact = st.toggle("Exact arithmetic", key="exact",
                          help="Judge the fixed-point mode, to the last bit. Default off: float64.")  # fmt: skip
        if st.button("Run the golden vectors", type="primary", icon=":material/fact_check:", key="run fidelity"):
            st.session_state["fidelity asked"] = True
        if not st.session_state.get("fidelity asked"):
            st.caption("Takes about ten seconds. The command `sandbox fidelity` does the same.")
            return
        with st.spinner("Running every golden vector …"):
            report = _fidelity(exact)
        names = ("component", "chain version", "vectors", "met", "largest error", "tolerance")
        table = pd.DataFrame(report.table_rows(), columns=list(names))
        n_met, n = int(table["met"].sum()), int(table["vectors"].sum())
        verdict = f"{n_met:,} of {n:,} vectors are met."
        (st.success if report.passed else st.error)(verdict, icon=":material/fact_check:")
        st.dataframe(table, hide_index=True, key="fidelity table")
        for sentence in [*report.broken, *(miss.sentence() for miss in report.misses[:5])]:
            st.markdown(f"missed: {plain(sentence)}")
        for remark in report.remarks():
            st.caption(plain(remark))


@st.cache_data(max_entries=2, show_spinner=False)
def _fidelity(exact: bool) -> fidelity.Report:
    return fidelity.run(GOLDEN, exact=exact)


def _draw_sources() -> None:
    """The project's own reference: what the numbers behind names like CLOSED_FORMS 1.2 and CHAIN 3.9 mean."""
    title = st.segmented_control("Reference", list(SOURCES), default=next(iter(SOURCES)), key="reference",
                                 persist_state="session",
                                 required=True, label_visibility="collapsed")  # fmt: skip
    package, name = SOURCES[title]
    text = files(package).joinpath(name).read_text("utf-8")
    with st.container(border=True, key="card sources"):
        st.markdown(LINK_TO_A_FILE.sub(r"\1", text))


PARTS: dict[str, Callable[[], None]] = {
    "Consensus, cell by cell": consensus_lesson.draw,
    "Emission rules": _draw_rules,
    "Supply and halving": _draw_supply,
    "Fidelity": _draw_fidelity,
    "Sources": _draw_sources,
}
