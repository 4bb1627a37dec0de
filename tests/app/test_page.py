"""The page of the sandbox: runs, links, files, and what stands on the screen."""

from typing import Any

import pytest
from sandbox_page import GOOD, SPEED, epochs, figure, launch, number, pause, preset, settle, slider, timeline, upload

from model.pages.sandbox import page
from model.pages.sandbox.cards import CARDS
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import find, shipped


def test_the_page_opens_with_numbers_on_it_and_nothing_wrong() -> None:
    app = launch()
    assert not app.exception
    assert not app.error
    assert figure(app, "Spending on speed") == "20.0%"
    assert len(app.metric) == 5


def test_miners_who_live_on_their_purse_stand_below_the_numbers() -> None:
    app = launch(**{"validators.mix.weight_copier": "0.75", "validators.mix.honest": "0.25"})
    run = app.session_state.run
    paid_tao = run.economy.records.subnets.last("miner_pot_tao").sum()
    assert paid_tao == 0
    assert run.figures(run.epoch)["paid_from_purse_share"] == 1
    assert any("100% of miners' costs" in caption.value for caption in app.caption)
    assert run.figures(run.epoch)["miner_profit_tao"] < 0


def test_every_preset_opens_and_steps() -> None:
    app = launch()
    for name in shipped():
        preset(app).set_value(name).run()
        played = epochs(app)
        app.button(key="step").click().run()
        assert not app.exception, name
        assert not app.error, name
        assert app.session_state.run.economy.first_scenario == find(name)
        assert epochs(app) == played + 1


def test_a_chosen_preset_begins_although_its_callback_was_lost() -> None:
    app = launch()
    app.session_state["chosen preset"] = "cartel"  # what the browser shows; nobody called back
    app.run()
    run = app.session_state.run
    assert (run.preset, run.scenario.name) == ("cartel", "cartel")
    assert run.economy.epoch > 0
    number = run.number
    app.run()
    assert app.session_state.run.number == number


def test_a_knob_moved_while_paused_plays_on_for_a_while_and_stops() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    assert app.session_state.run.playing
    for _ in range(40):
        if not app.session_state.run.playing:
            break
        app.run()
    assert not app.session_state.run.playing
    assert epochs(app) == 24 + 40


def test_a_knob_only_waits_for_the_next_epoch_when_playing_on_is_switched_off() -> None:
    app = launch()
    app.toggle(key="play on").set_value(False).run()
    slider(app, SPEED).set_value(0.9).run()
    assert epochs(app) == 24
    assert figure(app, "Spending on speed") == "20.0%"
    app.button(key="step").click().run()
    assert figure(app, "Spending on speed") == "52.9%"


def test_reset_goes_back_to_the_start_with_the_knobs_as_they_are() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    app.button(key="reset").click().run()
    assert epochs(app) == 0
    assert figure(app, "Spending on speed") == "–"
    assert slider(app, SPEED).value == 0.9
    app.button(key="step").click().run()
    assert figure(app, "Spending on speed") == "52.9%"


def test_two_visitors_do_not_disturb_each_other() -> None:
    first, second = launch(), launch()
    slider(first, SPEED).set_value(0.9).run()
    second.run()
    assert figure(first, "Spending on speed") == "52.9%"
    assert figure(second, "Spending on speed") == "20.0%"


def test_the_line_of_time_shows_the_past_and_live_returns() -> None:
    app = launch()
    gini = figure(app, "Gini of rewards")
    timeline(app).set_value(0).run()
    assert figure(app, "Gini of rewards") != gini
    assert app.session_state.run.shown == 0
    app.button(key="live").click().run()
    assert figure(app, "Gini of rewards") == gini
    assert app.session_state.run.shown is None


def test_going_to_an_epoch_plays_up_to_it() -> None:
    app = launch()
    app.number_input(key="go to").set_value(60).run()
    for _ in range(40):
        if not app.session_state.run.playing:
            break
        app.run()
    assert epochs(app) == 61


@pytest.mark.parametrize("tab", CARDS)
@pytest.mark.parametrize("name", ["speed-or-quality", "gamed"])
def test_every_tab_draws_each_of_its_cards_once(tab: str, name: str) -> None:
    app = launch(preset=name)
    app.segmented_control(key="charts").set_value(tab).run()
    assert not app.exception
    assert not app.error
    shown = [one.value for one in app.markdown]
    for card in CARDS[tab]:
        assert len([text for text in shown if card.title in text]) == 1


def test_the_address_restores_rules_seed_edits_and_epoch() -> None:
    app = launch()
    number(app, "seed").set_value(5).run()
    slider(app, "reward.audit_rate").set_value(0.5).run()
    pause(app)
    app.run()
    address = dict(app.query_params)
    run = app.session_state.run
    other = launch(**address)
    settle(other)
    again = other.session_state.run
    assert again.economy.first_scenario == run.economy.first_scenario
    assert again.edits == run.edits
    assert again.economy.epoch == run.economy.epoch
    assert again.economy.records.epochs.frame().equals(run.economy.records.epochs.frame())
    assert slider(other, "reward.audit_rate").value == 0.5


def test_an_edit_of_a_link_that_comes_later_moves_its_knob_when_it_comes() -> None:
    app = launch(preset="cartel", at="3:reward.audit_rate=0.5", epochs="2")
    assert slider(app, "reward.audit_rate").value == 0.0
    app.button(key="step").click().run()
    app.button(key="step").click().run()
    assert slider(app, "reward.audit_rate").value == 0.5
    assert app.session_state.run.economy.rules.scenario.reward.audit_rate == 0.5
    assert app.session_state.run.edits == [(3, {"reward.audit_rate": 0.5})]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"preset": "no-such"}, "no preset"),
        ({"preset": "../../secret.toml"}, "no preset"),
        ({"cartel.stake_share": "2"}, "cartel"),
        ({"utm": "x"}, "no field"),
        ({"reward.audit_rate": "nan"}, "audit"),
        ({"at": "x"}, "EPOCH"),
        ({"at": "3:miners.mix={}"}, "start a new one"),
        ({"epochs": "-1"}, "epochs must be"),
        ({"seed": "[" * 3_000}, "seed"),
        ({"name": "<script>alert(1)</script>", "seed": "x"}, "seed"),
    ],
)
def test_a_link_that_says_nonsense_is_one_sentence_and_the_first_preset(query: dict[str, str], sentence: str) -> None:
    app = launch(**query)
    assert not app.exception
    assert len(app.error) == 1
    assert sentence in app.error[0].value.replace("\\", "")
    assert "\n" not in app.error[0].value
    assert app.session_state.run.economy.first_scenario == find("speed-or-quality")
    assert epochs(app) == 24


def test_an_uploaded_scenario_starts_a_run_and_its_text_is_only_text() -> None:
    app = launch()
    upload(app, "mine.toml", GOOD)
    assert not app.error
    run = app.session_state.run
    assert run.economy.first_scenario.subnets.count == 2
    assert slider(app, "reward.audit_rate").value == 0.5
    assert "&lt;b&gt;bold&lt;/b&gt;" in "".join(one.value for one in app.get("html"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x00\xff\xfe binary", "is not a TOML file"),
        (b"a = " + b"[" * 5_000, "is not a TOML file"),
        (b"x" * 900_000, "must have lines of"),
        (b"[reward]\naudit_rate = nan", "audit_rate must be"),
        (b"[reward]\nfrom_the_future = 1", "no field"),
        (b"version = 99", "no field"),
        (b"seed = " + b"9" * 400, "seed must be at most"),
        (b"[subnets]\ncount = 1024\nn_validators = 256\nn_miners = 4096", "must be <="),
        (b"[subnets]\ncount = 128\nn_validators = 250\nn_miners = 250\n[miners]\npurse_tao = 0\n"
         b"[market]\ntao_reserve_tao = 1.0", "on this page"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_sentence_and_the_run_on_screen_stays(data: bytes, sentence: str) -> None:
    app = launch()
    economy = app.session_state.run.economy
    upload(app, "evil *name*.toml", data)
    assert not app.exception
    assert [sentence in error.value.replace("\\", "") for error in app.error] == [True]
    assert len(app.error[0].value) < 1_000
    assert app.session_state.run.economy is economy
    app.button(key="step").click().run()
    assert not app.error
    assert epochs(app) == 25


def test_trouble_on_the_page_is_a_sentence_and_never_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    app = launch()

    def fail(*_: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr("model.pages.sandbox.answer.draw_figures", fail)
    app.run()
    assert not app.exception
    assert ["broke down (KeyError)" in error.value.replace("\\", "") for error in app.error] == [True]


def test_an_address_that_breaks_the_page_does_not_break_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opening = page.LiveRun.__init__

    def of_cartel_breaks(run: Any, scenario: Scenario, *rest: Any) -> None:
        if scenario.name == "cartel":
            raise TypeError("broken")
        opening(run, scenario, *rest)

    monkeypatch.setattr(page.LiveRun, "__init__", of_cartel_breaks)
    app = launch(preset="cartel")
    assert not app.exception
    assert ["broke down (TypeError); reload to begin anew" in error.value.replace("\\", "") for error in app.error] == [
        True
    ]
    assert not app.query_params
    app.run()
    assert not app.error
    assert epochs(app) == 24


def test_what_cannot_be_drawn_is_never_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    app = launch()
    assert app.query_params["preset"] == "speed-or-quality"
    monkeypatch.setattr("model.pages.sandbox.answer.draw_figures", lambda run: run.no_such_figure)
    app.button(key="step").click().run()
    assert not app.query_params
    monkeypatch.undo()
    app.run()
    assert app.query_params["epochs"] == "25"


@pytest.mark.parametrize(
    ("preset_name", "labels"),
    [
        ("free-entry", ["Miners"]),
        ("inspection", ["Miners who lie", "Miners audited"]),
        ("owned-hardware", ["Hardware"]),
        ("gamed", ["Miners who lie"]),
    ],
)
def test_the_first_numbers_are_those_that_the_preset_is_about(preset_name: str, labels: list[str]) -> None:
    app = launch(preset=preset_name, epochs="3")
    assert [metric.label for metric in app.metric][: len(labels)] == labels
    assert len(app.metric) == 5
    figures = app.session_state.run.figures(2)
    subnets = app.session_state.run.economy.records.subnets
    assert figures["lied_share"] == subnets.at(2, "lied").sum() / subnets.at(2, "miners").sum()
    assert figures["miners"] == subnets.at(2, "miners").sum()


def test_what_a_scenario_says_in_vain_stands_above_the_controls():
    assert not launch().warning
    app = launch(**{"miners.mix": "{honest=0.99,cheater=0.01}"})
    assert [warning.value for warning in app.warning] == [
        "miners.mix gives cheater a share of 0.01, which among 48 miners of a subnet is nobody."
    ]
