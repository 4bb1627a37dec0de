"""The page of words: all that is registered, found by any word, and shown as text whatever it holds."""

import pytest
from streamlit.testing.v1 import AppTest

from model.pages.strategies import page
from model.records.columns import DICTIONARY
from model.scenario.catalogue import Entry, Parameter, entries, scenario_fields

PAGE = "from model.pages.strategies import page\npage.page()"


def launch(part: str = "", search: str = "") -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=30)
    if part:
        app.session_state["glossary part"] = part
    app.session_state["glossary search"] = search
    return app.run()


def sheets(app: AppTest) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def test_every_registered_choice_has_a_card() -> None:
    app = launch()
    assert not app.exception
    assert sheets(app).count("<article>") == len(entries())


def test_a_kind_shows_its_own_and_no_other() -> None:
    app = launch()
    app.session_state["glossary kind"] = "pay shape"
    app.run()
    assert sheets(app).count('<span class="kind">pay shape</span>') == sheets(app).count("<article>") == 7


def test_a_search_shows_what_holds_all_its_words_and_counts_it() -> None:
    app = launch(search="hill GATE")
    assert "<h2>hill_gate</h2>" in sheets(app)
    assert "<h2>honest</h2>" not in sheets(app)
    assert app.caption[0].value == f"{sheets(app).count('<article>')} entries found"


def test_a_search_without_result_says_what_to_try() -> None:
    for part in page.PARTS:
        app = launch(part, "qwertz")
        assert not app.exception
        assert "Nothing found" in app.info[0].value


def test_every_column_and_field_is_listed() -> None:
    columns, fields = (sheets(launch(part)) for part in ("Columns of a run", "Fields of a scenario"))
    assert [c.name for c in DICTIONARY.columns if f"<code>{c.name}</code>" not in columns] == []
    assert [f.name for f in scenario_fields() if f"<code>{f.name}</code>" not in fields] == []


def test_measures_stand_with_their_values() -> None:
    table = sheets(launch("Measures"))
    assert "one has all: 0, 0, 0, 1" in table
    assert '<td class="number">0.75</td>' in table


def test_text_of_a_docstring_cannot_become_a_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<script>alert(1)</script> `<b>`"
    entry = Entry(kind=evil, name=evil, summary=evil, source=evil, status=evil,
                  parameters=(Parameter(name=evil, default=evil, unit=evil, meaning=evil),))  # fmt: skip
    monkeypatch.setattr(page.catalogue, "entries", lambda: [entry])
    shown = sheets(launch())
    assert "<script>" not in shown
    assert "<b><script" not in shown
    assert "<code>&lt;b&gt;</code>" in shown
    assert "alert(1)" in shown
