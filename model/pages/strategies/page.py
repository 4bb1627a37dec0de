"""The page of words: every strategy, rule, field, column and measure, as the registries and docstrings tell it."""

import html
import re
from collections.abc import Callable, Iterable

import streamlit as st

from model.pages.heading import heading
from model.records.columns import DICTIONARY
from model.records.data_dictionary import EVERY_TABLE
from model.scenario import catalogue
from model.scenario.catalogue import Entry, Parameter, found_in
from model.scenario.measure_examples import GROUPS, explained
from model.wording import number

STYLE = """<style>
.entries {display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .65rem}
.entries article {border: 1px solid rgba(128, 128, 128, .3); border-radius: .5rem; padding: .7rem .9rem}
.entries h2 {font-size: 1rem; padding: 0; margin: 0; display: inline}
.entries .kind {font-size: .78rem; opacity: .7; margin-left: .5rem}
.entries p {margin: .3rem 0 .35rem; font-size: .9rem; line-height: 1.4}
.entries .setting {font-size: .84rem; line-height: 1.4; margin-bottom: .15rem}
.entries b, .entries .setting code {font-weight: 600}
.entries footer {font-size: .76rem; opacity: .65; margin-top: .35rem; line-height: 1.35}
.entries code, .sheet code {font-size: .84em}
</style>"""
EVERYTHING = "everything"


def page() -> None:
    """Draw the search and the part that is asked for."""
    heading("Strategies and glossary", "Who can play, by which rules, and what do the words mean?")
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        part = st.segmented_control("Part", list(PARTS), default=next(iter(PARTS)), key="glossary part", required=True,
                                    label_visibility="collapsed")  # fmt: skip
        query = st.text_input("Search", key="glossary search", placeholder="Search, e.g. cartel, burn, share",
                              icon=":material/search:", label_visibility="collapsed", max_chars=80)  # fmt: skip
    PARTS[part](query)


def _draw_entries(query: str) -> None:
    """Cards of all registered choices, of one kind if the reader wants."""
    kinds = [registry.kind for registry in catalogue.REGISTRIES]
    kind = st.pills("Kind", [EVERYTHING, *kinds], default=EVERYTHING, key="glossary kind", required=True,
                    label_visibility="collapsed")  # fmt: skip
    chosen = [
        entry for entry in catalogue.entries() if kind in (EVERYTHING, entry.kind) and found_in(query, entry.text)
    ]
    if _counted(len(chosen), "entry", "entries", query):
        st.html(f'<div class="entries">{"".join(map(_card, chosen))}</div>')


def _card(entry: Entry) -> str:
    """One entry in HTML; all of its text is escaped."""
    parameters = "".join(map(_definition, entry.parameters))
    source = f"<footer>Source: {_words(entry.source)}</footer>" if entry.source else ""
    status = f"<p><b>{html.escape(entry.status)}</b></p>" if entry.status else ""
    return (
        f'<article><h2>{html.escape(entry.name)}</h2><span class="kind">{html.escape(entry.kind)}</span>'
        f"<p>{_words(entry.summary)}</p>{status}{parameters}{source}</article>"
    )


def _words(text: str) -> str:
    """Text of a docstring in HTML, escaped; what stands between backquotes is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _definition(parameter: Parameter) -> str:
    unit = f" [{html.escape(parameter.unit)}]" if parameter.unit else ""
    meaning = f": {_words(parameter.meaning)}" if parameter.meaning else ""
    name, default = html.escape(parameter.name), html.escape(parameter.default)
    return f'<div class="setting"><code>{name}</code> = {default}{unit}{meaning}</div>'


def _draw_measures(query: str) -> None:
    """Measures of concentration with their values for small groups."""
    chosen = [one for one in explained() if found_in(query, f"{one.name} {one.meaning}")]
    if not _counted(len(chosen), "measure", "measures", query):
        return
    st.caption("What each measure says of four small groups, computed by the functions that measure the runs.")
    amounts = [f"{name}: {', '.join(f'{amount:g}' for amount in group)}" for name, group in GROUPS.items()]
    rows = [(one.name, one.meaning, *map(number, one.value.values())) for one in chosen]
    _sheet(("measure", "what it is", *amounts), rows, numbers=len(amounts))


def _draw_columns(query: str) -> None:
    """Data dictionary of everything that a run writes."""
    rows = [
        (column.name, column.unit, column.meaning, "" if column.table == EVERY_TABLE else column.table)
        for column in DICTIONARY.columns
        if found_in(query, f"{column.name} {column.unit} {column.meaning}")
    ]
    if _counted(len(rows), "column", "columns", query):
        _sheet(("column", "unit", "meaning", "in table"), rows)


def _draw_fields(query: str) -> None:
    """Fields of a scenario, section by section, with defaults."""
    about = catalogue.sections()
    rows = [
        (field.name, field.default, field.unit, field.meaning or about.get(field.name.partition(".")[0], ""))
        for field in catalogue.scenario_fields()
        if found_in(query, f"{field.name} {field.unit} {field.meaning} {about.get(field.name.partition('.')[0], '')}")
    ]
    if _counted(len(rows), "field", "fields", query):
        st.caption("A scenario file sets these by section; the command line by `--set section.field=value`.")
        _sheet(("field", "default", "unit", "meaning"), rows)


def _counted(n_found: int, one: str, several: str, query: str) -> bool:
    """Say how much was found; whether there is anything to draw."""
    if not n_found:
        st.info("Nothing found. Try fewer or shorter words, or another part.", icon=":material/search_off:")
    elif query.strip():
        st.caption(f"{n_found} {one if n_found == 1 else several} found")
    return bool(n_found)


def _sheet(names: Iterable[str], rows: Iterable[tuple[str, ...]], numbers: int = 0) -> None:
    """Table in HTML, all of it escaped; the first column is code, the last `numbers` are numbers."""
    head = [f"<th>{html.escape(name)}</th>" for name in names]
    body = ""
    for first, *others in rows:
        style = [""] * (len(others) - numbers) + [' class="number"'] * numbers
        cells = [f"<td{kind}>{_words(text)}</td>" for kind, text in zip(style, others, strict=True)]
        body += f"<tr><th><code>{html.escape(first)}</code></th>{''.join(cells)}</tr>"
    st.html(
        f'<div class="scroll"><table class="sheet"><thead><tr>{"".join(head)}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


PARTS: dict[str, Callable[[str], None]] = {
    "Strategies and rules": _draw_entries,
    "Measures": _draw_measures,
    "Columns of a run": _draw_columns,
    "Fields of a scenario": _draw_fields,
}
