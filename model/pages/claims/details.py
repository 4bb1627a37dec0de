"""Below the answer on the page of claims: all findings, the facts from outside, and how to have the runs again."""

import html
from dataclasses import replace

import pandas as pd
import streamlit as st

from model.commands.terminal import command_line
from model.experiments.claims import report
from model.experiments.claims.playing import scenario_of
from model.pages.claims.order import Order, command_of, played
from model.records.export import zip_bytes
from model.scenario.scenario_file import dumps

LONGEST_COMMAND = 3_000  # characters; a longer one is no use to anybody, and the file says the same


def draw_details(order: Order) -> None:
    """Three tabs; they are drawn when runs begin and when they end, not in between."""
    findings, facts, again = st.tabs(["Findings", "Facts from outside", "Do it again"])
    with findings:
        _draw_findings(order)
    with facts:
        _draw_facts(order.answer(0).facts)
    with again:
        _draw_again(order)


def _draw_findings(order: Order) -> None:
    """All findings of the study, or of the whole claim."""
    st.toggle("All studies of this claim", key="claims whole",
              help="Play the claim's other cases, too, which takes up to a minute. Default off.")  # fmt: skip
    rows = played(order.answer()).findings
    if not order.whole:
        rows = rows[rows["study"].isin({order.study.findings, *(case.study for case in order.playing.cases)})]
    if order.active:
        st.caption("The table is filled when the runs are done, or stopped.")
        return
    if not len(rows):
        st.caption("No case has enough runs yet: press Go on above.")
        return
    cells = [report.finding_cells(row) for row in report.records(rows)]
    st.dataframe(pd.DataFrame(cells, columns=list(report.FINDING_HEADING)), hide_index=True, key="claims table")
    st.caption("The claim holds where the 95 % interval of the mean over seeds lies where it says, fails where it lies "
               "outside, and is undecided in between. N counts runs, 0 where facts alone decide.")  # fmt: skip


def _draw_facts(facts: pd.DataFrame) -> None:
    """Numbers from outside, with date and source; their texts are shown as they are written."""
    if facts.empty:
        st.caption("This claim is tested by runs alone: no number from outside is used.")
        return
    rows = [dict(zip(report.FACT_HEADING, report.fact_cells(row), strict=True)) for row in report.records(facts)]
    names = "".join(f"<th>{html.escape(name)}</th>" for name in report.FACT_HEADING)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell.replace('_', ' ') if name == 'fact' else cell)}</td>"
                         for name, cell in row.items()) + "</tr>"
        for row in rows
    )  # fmt: skip
    st.html(f'<div class="scroll"><table class="sheet"><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>'
            "</div>")  # fmt: skip


def _draw_again(order: Order) -> None:
    """Commands for the claim's own cases and for the reader's, the reader's as a scenario file, and all tables."""
    st.caption("The claim's own cases, as a table and a report:")
    seeds = len(order.playing.seeds)
    st.code(command_line("claims", only=order.study.claim, seeds=seeds), language="bash", wrap_lines=True)
    if order.own and len(command := command_of(order.own[0])) <= LONGEST_COMMAND:
        st.caption("Your case, with the first of its seeds:")
        st.code(command, language="bash", wrap_lines=True)
    if order.active:
        st.caption("Files can be taken when the runs are done, or stopped.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Download CSV", lambda: archive(order), f"claim-{order.study.claim}.zip", "application/zip",
            key="claims download", on_click="ignore", icon=":material/download:",
            help="A zip: findings, curves of the figures, facts, data dictionary and manifest.",
        )  # fmt: skip
        if order.own and not order.own[0].interventions:
            st.download_button(
                "Your case as a scenario", lambda: dumps(scenario_of(order.own[0])), "your-case.toml",
                "application/toml", key="claims scenario", on_click="ignore", icon=":material/tune:",
                help="A TOML file for the command line or the sandbox page.",
            )  # fmt: skip


def archive(order: Order) -> bytes:
    """Zip of the findings so far with the claim's curves and facts, a data dictionary and a manifest."""
    done = [played(order.answer())]
    claim = replace(order.claim, cases=lambda: list(order.playing.cases))
    manifest = report.manifest_of([claim], order.playing.seeds, order.asked)
    return zip_bytes(report.tables(done), report.dictionary(done), manifest)
