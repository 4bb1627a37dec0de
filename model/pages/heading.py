"""Style and first line that the pages of reading and comparing share."""

import html

import streamlit as st

STYLE = """<style>
.stMainBlockContainer {padding: 3.2rem 1.6rem 1rem}
.stMainBlockContainer .stVerticalBlock {gap: .55rem}
[data-testid="stHeader"] {height: 2.9rem; min-height: 2.9rem}
.head h1 {font-size: 1.3rem; padding: 0; margin: 0; display: inline}
.head p {display: inline; margin-left: .7rem; opacity: .75}
.sheet {width: 100%; border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums}
.sheet th, .sheet td {padding: .28rem .45rem; text-align: left; vertical-align: top; line-height: 1.35}
.sheet thead th {font-weight: 600; opacity: .75}
.sheet tbody tr {border-top: 1px solid rgba(128, 128, 128, .25)}
.sheet .number {text-align: right; white-space: nowrap}
.scroll {overflow-x: auto}
</style>"""


def heading(title: str, question: str) -> None:
    """Draw the page's name and the question that it answers."""
    st.html(STYLE + f'<div class="head"><h1>{html.escape(title)}</h1><p>{html.escape(question)}</p></div>')
