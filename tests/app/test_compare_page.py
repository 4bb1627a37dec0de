"""The page that compares: what its knobs ask for, how it computes in slices, and what it says."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from model.experiments.comparison.paired import MEASURES
from model.pages.compare import page as page_module
from model.scenario.scenario_file import find, with_values

PAGE = "from model.pages.compare import page\npage.page()"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page with few and short runs asked for, each slice long enough for all of them."""
    monkeypatch.setattr(page_module, "PLAY_SECONDS", 60.0)
    opened = AppTest.from_string(PAGE, default_timeout=30).run()
    opened.number_input(key="compare seeds").set_value(2)
    opened.number_input(key="compare epochs").set_value(3)
    return opened.run()


def start(app: AppTest) -> AppTest:
    return app.button(key="compare start").click().run()


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption))


def test_the_page_opens_with_two_sides_and_says_what_to_do() -> None:
    app = AppTest.from_string(PAGE, default_timeout=30).run()
    assert not app.exception
    assert not app.error
    assert "press Compare" in words(app)
    assert app.selectbox(key="compare A preset").value == app.selectbox(key="compare B preset").value == "gamed"


def test_the_first_press_says_how_b_differs_and_offers_the_numbers(app: AppTest) -> None:
    start(app)
    assert not app.exception
    order = app.session_state["compare order"]
    assert order.comparison.finished
    assert order.comparison.a == with_values(find("gamed"), {"epochs": 3})
    assert order.comparison.b == with_values(find("gamed"), {"epochs": 3, "reward.audit_rate": 0.3})
    assert re.search(r"With B, the Gini of rewards by participant is 0\\?\.\d+ higher", words(app))
    assert len(app.dataframe[0].value) == len(MEASURES)
    assert order.command.startswith("sandbox compare gamed gamed --set-b=reward.audit_rate=0.3 --seeds=2 --epochs=3")


def test_equal_sides_differ_by_nothing(app: AppTest) -> None:
    app.button(key="same as a").click().run()
    start(app)
    assert words(app).count("is the same in A and B under 2 seeds") == len(MEASURES)


def test_changes_of_a_side_go_into_its_scenario(app: AppTest) -> None:
    app.selectbox(key="compare A gamed reward.pay").set_value("softmax").run()
    app.selectbox(key="compare A gamed consensus.mechanism").set_value("stake_mean").run()
    app.selectbox(key="compare A gamed emission.rule").set_value("hill_gate").run()
    app.slider(key="compare A gamed reward.pay_parameters.temperature softmax").set_value(2.0)
    start(app)
    scenario = app.session_state["compare order"].comparison.a
    assert (scenario.reward.pay, dict(scenario.reward.pay_parameters)) == ("softmax", {"temperature": 2.0})
    assert (scenario.consensus.mechanism, scenario.emission.rule) == ("stake_mean", "hill_gate")


def test_every_preset_can_stand_on_either_side(app: AppTest) -> None:
    for preset in app.selectbox(key="compare A preset").options:
        name = preset.lower().replace(" ", "-")
        app.selectbox(key="compare A preset").set_value(name)
        app.selectbox(key="compare B preset").set_value(name).run()
        assert not app.exception, name
        assert not app.error, name


def test_a_change_after_a_result_is_said_and_the_result_stays(app: AppTest) -> None:
    start(app)
    before = app.session_state["compare order"]
    app.slider(key="compare B gamed reward.audit_rate proportional").set_value(0.9).run()
    assert "The settings have changed since" in words(app)
    assert app.session_state["compare order"] is before
    assert "With B, the Gini" in words(app)


def test_weights_of_nothing_are_one_sentence_and_nothing_can_be_started(app: AppTest) -> None:
    for name in ("speed", "quality", "storage"):
        app.slider(key=f"compare A gamed reward.capability_weight.{name} proportional").set_value(0.0)
    app.run()
    assert not app.exception
    assert len(app.error) == 1
    assert "must be" in app.error[0].value
    assert app.button(key="compare start").disabled


def test_it_computes_in_slices_and_stops_when_told(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PLAY_SECONDS", 0.0)
    start(app)
    comparison = app.session_state["compare order"].comparison
    assert comparison.epochs_played == 1
    assert "first pair of runs is on its way" in words(app)
    app.run()
    assert comparison.epochs_played == 2
    app.button(key="compare stop").click().run()
    assert comparison.epochs_played == 2
    assert "Stopped before a pair was done" in words(app)


def test_runs_that_fail_are_one_sentence(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ValueError("the score <b>overflows</b>")

    monkeypatch.setattr("model.experiments.comparison.compare.Economy", break_down)
    start(app)
    assert not app.exception
    assert "4 of 4 runs failed" in app.error[0].value
    assert "\\<b\\>overflows" in app.error[0].value


def test_measures_chosen_are_measures_shown(app: AppTest) -> None:
    start(app)
    app.multiselect(key="compare measures").set_value(["wealth_gini_participant"]).run()
    assert len(app.dataframe[0].value) == 1
    assert "the Gini of wealth by participant" in words(app)


def test_every_knob_says_what_it_does(app: AppTest) -> None:
    knobs = (*app.slider, *app.selectbox, *app.number_input, *app.multiselect)
    assert [knob.label for knob in knobs if not knob.help] == []
