from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents.registry import Registry
from model.pages.knobs import MASTER, resized
from model.reward_rules import PAYS, SCORES
from model.scenario_file import find, shipped

APP = str(Path(__file__).parents[2] / "app.py")
SPEED = "reward.capability_weight.speed"
QUALITY = "reward.capability_weight.quality"
STORAGE = "reward.capability_weight.storage"


def launch() -> AppTest:
    """The page with its first preset, after the epochs it opens with."""
    return AppTest.from_file(APP, default_timeout=30).run()


def figure(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def slider(app: AppTest, path: str) -> Any:
    """Slider that now shows the knob at `path`."""
    return next(one for one in app.slider if one.key.startswith(f"knob {path} "))


def choice(app: AppTest, path: str) -> Any:
    return next(one for one in app.selectbox if one.key.startswith(f"knob {path} "))


def epochs(app: AppTest) -> int:
    return app.session_state.run.economy.epoch


def pause(app: AppTest) -> None:
    app.session_state.run.playing = False


def test_the_page_opens_with_numbers_on_it_and_nothing_wrong() -> None:
    app = launch()
    assert not app.exception
    assert not app.error
    assert figure(app, "Spending on speed") == "20.0%"
    assert len(app.metric) == 5


def test_every_preset_opens_and_steps() -> None:
    app = launch()
    for preset in shipped():
        app.selectbox(key="preset").set_value(preset).run()
        played = epochs(app)
        app.button(key="step").click().run()
        assert not app.exception, preset
        assert not app.error, preset
        assert app.session_state.run.economy.first_scenario == find(preset)
        assert epochs(app) == played + 1


def test_moving_a_weight_moves_the_hardware() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    assert figure(app, "Spending on speed") == "52.9%"  # 0.9 of 0.9 + 0.6 + 0.2


def test_the_master_moves_reward_from_quality_to_speed_and_keeps_the_sum() -> None:
    app = launch()
    slider(app, MASTER).set_value(100).run()
    assert slider(app, SPEED).value == pytest.approx(0.8)
    assert slider(app, QUALITY).value == 0.0
    assert figure(app, "Spending on speed") == "80.0%"


def test_a_weight_moves_the_master_along() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.6).run()
    assert slider(app, MASTER).value == 50


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


def test_rewarding_nothing_is_one_sentence_and_the_run_stays() -> None:
    app = launch()
    app.toggle(key="play on").set_value(False).run()
    for key in (SPEED, QUALITY, STORAGE):
        slider(app, key).set_value(0.0)
    app.run()
    assert not app.exception
    assert len(app.error) == 1
    assert "must be \\> 0 for a capability" in app.error[0].value
    assert figure(app, "Spending on speed") == "20.0%"
    slider(app, SPEED).set_value(0.4).run()
    assert not app.error


def test_a_mix_of_nobody_is_one_sentence_and_the_run_stays() -> None:
    app = launch()
    slider(app, "miners.mix.best_response").set_value(0).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "at least one strategy of the miners must have a part above 0. The run stays as it is."
    ]
    assert epochs(app) == 24


def test_another_mix_starts_a_new_run_once() -> None:
    app = launch()
    slider(app, "miners.mix.cheater").set_value(50).run()
    run = app.session_state.run
    assert run.economy.first_scenario.miners.mix == pytest.approx({"best_response": 2 / 3, "cheater": 1 / 3})
    assert run.edits == []
    economy = run.economy
    app.run()
    assert app.session_state.run.economy is economy


def test_another_number_of_subnets_keeps_the_range_of_their_prices() -> None:
    app = launch()
    slider(app, "subnets.count").set_value(5).run()
    assert not app.error
    price = app.session_state.run.economy.first_scenario.market.price_tao_per_alpha
    assert len(price) == 5
    assert (price[0], price[-1]) == (0.05, 0.0051)


def test_a_scenario_of_plain_numbers_has_nothing_to_resize() -> None:
    assert resized(find("gamed"), 5) == {}


@pytest.mark.parametrize(("path", "registry"), [("reward.pay", PAYS), ("reward.score", SCORES)])
def test_every_rule_can_be_chosen_and_played(path: str, registry: Registry[Any]) -> None:
    app = launch()
    for name in registry.names():
        choice(app, path).set_value(name).run()
        assert not app.exception, name
        assert not app.error, name
        reward = app.session_state.run.economy.rules.scenario.reward
        assert getattr(reward, path.removeprefix("reward.")) == name


def test_reset_goes_back_to_the_start_with_the_knobs_as_they_are() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    app.button(key="reset").click().run()
    assert epochs(app) == 0
    assert figure(app, "Spending on speed") == "–"
    assert slider(app, SPEED).value == 0.9
    app.button(key="step").click().run()
    assert figure(app, "Spending on speed") == "52.9%"


def test_all_knobs_go_back_to_the_preset() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    pause(app)
    app.button(key="back").click().run()
    assert slider(app, SPEED).value == 0.2
    assert slider(app, MASTER).value == 25
    assert app.session_state.run.economy.first_scenario == find("speed-or-quality")


def test_two_visitors_do_not_disturb_each_other() -> None:
    first, second = launch(), launch()
    slider(first, SPEED).set_value(0.9).run()
    second.run()
    assert figure(first, "Spending on speed") == "52.9%"
    assert figure(second, "Spending on speed") == "20.0%"


def test_every_knob_says_what_it_does() -> None:
    app = launch()
    assert [knob.label for knob in (*app.slider, *app.selectbox) if not knob.help] == []
