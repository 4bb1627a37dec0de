"""The page of the protocol: each part computes what it shows, and no cell or knob ends in more than a sentence."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model import fidelity
from model.chain.emission.shares import EMISSION_RULES
from model.pages.protocol import consensus_lesson, page

PAGE = "from model.pages.protocol import page\npage.page()"


def launch(part: str = "") -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=30)
    if part:
        app.session_state["protocol part"] = part
    return app.run()


def sheets(app: AppTest) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption))


@pytest.mark.parametrize("part", list(page.PARTS))
def test_every_part_opens_and_every_knob_says_what_it_does(part: str) -> None:
    app = launch(part)
    assert not app.exception
    assert not app.error
    assert [knob.label for knob in (*app.slider, *app.toggle) if not knob.help] == []


def test_the_liar_is_clipped_and_the_miner_explained() -> None:
    app = launch()
    assert "<s>1.000</s>0.100" in sheets(app)
    assert "M5 is given at least 1 from 10.0% of stake" in words(app).replace("\\", "")


def test_kappa_in_chain_units_decides_who_is_clipped() -> None:
    app = launch()
    app.slider(key="kappa").set_value(6_000).run()
    assert "6,000 / 65,535 = 9.2% of stake" in words(app).replace("\\", "")
    assert "<s>" not in sheets(app).split("M5")[-1]
    assert "at least 1 from 10.0%: enough" in words(app).replace("\\", "")


def test_another_preset_and_miner_are_explained() -> None:
    app = launch()
    app.session_state["votes preset"], app.session_state["miner"] = "cartel with 60 %", "M1"
    app.run()
    assert not app.exception
    assert "So its consensus is 0, and what V1 and V2 gave above that is clipped" in words(app).replace("\\", "")


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("M3", -1.0, "weight of V2 on M3 must be a number from 0 to 1e+12, is -1."),
        ("M1", None, "weight of V2 on M1 must be a number from 0 to 1e+12, is empty."),
        ("M1", "many", "weight of V2 on M1 must be a number from 0 to 1e+12, is empty."),
        ("stake", float("inf"), "stake of V2 must be a number from 0 to 1e+12, is inf."),
    ],
)
def test_a_cell_that_is_no_weight_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, cell: str, value: Any, said: str
) -> None:
    def edited(table: pd.DataFrame, **_: Any) -> pd.DataFrame:
        table = table.astype(object)
        table.loc[1, cell] = value
        return table

    monkeypatch.setattr(consensus_lesson.st, "data_editor", edited)
    app = launch()
    assert not app.exception
    assert [one.value.replace("\\", "") for one in app.error] == [
        f"{said} What stands beside it belongs to the last whole table."
    ]
    assert "<s>1.000</s>0.100" in sheets(app)


def test_votes_without_any_stake_are_said_to_pay_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consensus_lesson.st, "data_editor", lambda table, **_: table.assign(stake=0.0))
    app = launch()
    assert not app.exception
    assert "Nobody has stake" in app.info[0].value


def test_the_emission_part_shows_every_registered_rule_with_its_dates() -> None:
    app = launch("Emission rules")
    for name, rule in EMISSION_RULES:
        assert f"<th>{name}</th><td>{rule.stage}</td><td>{rule.in_force}" in sheets(app)


@pytest.mark.parametrize("n_subnets", [1, 2, 128])
def test_any_demand_is_drawn(n_subnets: int) -> None:
    app = launch("Emission rules")
    app.slider(key="demand subnets").set_value(n_subnets)
    app.slider(key="demand burn").set_value(1.0)
    app.slider(key="demand leaving").set_value(1.0)
    app.slider(key="demand inequality").set_value(3.0).run()
    assert not app.exception
    assert not app.error


def test_recycling_puts_the_next_halving_off() -> None:
    app = launch("Supply and halving")
    first = app.dataframe[0].value["day"].iloc[0]
    app.slider(key="recycled").set_value(0.5).run()
    assert app.dataframe[0].value["day"].iloc[0] == pytest.approx(2 * first, abs=0.01)
    app.slider(key="recycled").set_value(1.0).run()
    assert not app.exception
    assert "None in these years" in words(app)


def test_the_fidelity_table_is_computed_when_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    asked: list[bool] = []
    chain = fidelity.run(page.GOLDEN / "derived")

    def run(folder: object, *, exact: bool) -> fidelity.Report:
        asked.append(exact)
        return chain

    monkeypatch.setattr(page.fidelity, "run", run)
    page._fidelity.clear()
    app = launch("Fidelity")
    assert asked == []
    app.button(key="run fidelity").click().run()
    app.run()
    assert asked == [False]
    n = sum(row.n_vectors for row in chain.rows)
    assert f"{n:,} of {n:,} vectors are met" in app.success[0].value
    assert app.dataframe[0].value["met"].sum() == n
    page._fidelity.clear()


def test_missing_vectors_are_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(page, "GOLDEN", tmp_path / "nothing")
    page._fidelity.clear()
    script = "from model.pages.protocol import page\nfrom model.pages.guard import guarded\nguarded(page.page)()"
    app = AppTest.from_string(script)
    app.session_state["protocol part"] = "Fidelity"
    app.run().button(key="run fidelity").click().run()
    assert not app.exception
    assert len(app.error) == 1


def test_the_reference_is_shown_and_links_to_nothing_that_the_page_lacks() -> None:
    app = launch("Sources")
    assert "Unequal costs: the mining oligopoly" in words(app)
    app.session_state["reference"] = "The chain's rules"
    shown = words(app.run())
    assert "Yuma consensus" in shown
    assert ".md)" not in shown


TWO_PAGES = """
import streamlit as st
from model.pages.protocol import page
if st.toggle("away", key="away"):
    st.write("another page")
else:
    page.page()
"""


@pytest.mark.parametrize("typed", [".25", "0.25", "2.5e-1"])
def test_a_vote_counts_as_the_number_that_is_typed(typed: str) -> None:
    frame = pd.DataFrame([[typed, "1e-3"]])
    assert consensus_lesson._numbers(frame).tolist() == [[0.25, 0.001]]


def test_votes_and_knobs_are_as_they_were_after_a_visit_elsewhere() -> None:
    app = AppTest.from_string(TWO_PAGES, default_timeout=30).run()
    app.slider(key="bond penalty").set_value(0.4).run()
    votes = app.session_state["begun votes one liar"].copy()
    votes.loc[0, "M1"] = ".125"
    app.session_state["last votes one liar"] = votes
    app.session_state["begun votes one liar"] = votes
    app.toggle(key="away").set_value(True).run()
    app.toggle(key="away").set_value(False).run()
    assert app.slider(key="bond penalty").value == 0.4
    assert app.session_state["last votes one liar"].loc[0, "M1"] == ".125"
    assert not app.exception
