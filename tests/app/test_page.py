from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents.registry import Registry
from model.chain.emission.shares import EMISSION_RULES
from model.pages.knobs.table import HERO_OF, MIXES_OF, SECTIONS, all_knobs
from model.pages.sandbox import page
from model.pages.sandbox.cards import CARDS
from model.pages.sandbox.settings import MASTER, resized
from model.reward_rules import PAYS, SCORES
from model.scenario.people import STRATEGIES
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, find, shipped, to_tree, value_at, with_values

APP = str(Path(__file__).parents[2] / "app.py")
SPEED = "reward.capability_weight.speed"
QUALITY = "reward.capability_weight.quality"
STORAGE = "reward.capability_weight.storage"


def launch(**query: Any) -> AppTest:
    """The page as a link with these parameters shows it; without any, the first preset after its opening epochs."""
    app = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def settle(app: AppTest) -> None:
    """Run until nothing plays any more."""
    for _ in range(60):
        if not app.session_state.run.playing:
            return
        app.run()


def upload(app: AppTest, name: str, data: bytes) -> None:
    """Hand a file in; the next redraw shows what came of it."""
    app.file_uploader[0].upload(name, data, "application/toml").run()


def figure(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def opened(app: AppTest, path: str) -> AppTest:
    """The page with the tab and the section unfolded in which the knob at `path` is."""
    for title, sections in SECTIONS.items():
        for name, section in sections.items():
            mixes = tuple(f"{kind}.{part}" for kind in MIXES_OF.get(name, ()) for part in ("mix", "parameters"))
            parameters = tuple(f"{PARAMETERS_OF[knob.path]}." for knob in section if knob.path in PARAMETERS_OF)
            paths = [knob.path.partition("{")[0] for knob in section]
            if path.startswith((*mixes, *parameters)) or any(path.startswith(one) for one in paths):
                unfold(app, title, name)
    return app


def unfold(app: AppTest, title: str, *sections: str) -> None:
    """Open a tab of the sidebar and sections in it."""
    wanted = {"knob tabs": title} | {f"section {name}": True for name in sections}
    if not all(key in app.session_state and app.session_state[key] == value for key, value in wanted.items()):
        for key, value in wanted.items():
            app.session_state[key] = value
        app.run()


def slider(app: AppTest, path: str) -> Any:
    """Slider that now shows the knob at `path`."""
    return next(one for one in opened(app, path).slider if one.key.startswith(f"knob {path} "))


def choice(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).selectbox if one.key.startswith(f"knob {path} "))


def mix(app: AppTest, section: str) -> Any:
    return next(one for one in opened(app, f"{section}.mix").multiselect if one.key.startswith(f"knob {section}.mix "))


def number(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).number_input if one.key.startswith(f"knob {path} "))


def toggle(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).toggle if one.key.startswith(f"knob {path} "))


def preset(app: AppTest) -> Any:
    return app.selectbox(key="chosen preset")


def timeline(app: AppTest) -> Any:
    return next(one for one in app.slider if one.key.startswith("shown "))


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
    mix(app, "miners").set_value([]).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "At least one strategy of the miners must have a part above 0. The run stays as it is."
    ]
    assert epochs(app) == 24


def test_another_mix_starts_a_new_run_once() -> None:
    app = launch()
    mix(app, "miners").set_value(["best_response", "cheater"]).run()
    run = app.session_state.run
    assert run.economy.first_scenario.miners.mix == pytest.approx({"best_response": 0.8, "cheater": 0.2})
    assert run.edits == []
    slider(app, "miners.mix.cheater").set_value(50).run()
    assert run.economy.first_scenario.miners.mix == pytest.approx({"best_response": 2 / 3, "cheater": 1 / 3})
    assert slider(app, "miners.mix.cheater").value == 50
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


def test_a_list_that_is_not_one_per_subnet_keeps_its_length() -> None:
    tiers = {"tier_size": [8, 8], "tier_share": [0.5, 0.5]}
    found = with_values(find("gamed"), {"emission.rule": "rank_tiers", "emission.parameters": tiers})
    assert resized(found, 5) == {}


def test_a_variant_in_the_mix_has_knobs_of_its_own_and_plays_on() -> None:
    mix = {"validators.mix.lazy-week": "0.5", "validators.mix.honest": "0.5", "validators.mix.weight_copier": "0"}
    app = launch(**mix, **{"validators.parameters.lazy-week.period_epochs": "140"})
    assert not app.exception
    assert not app.error
    given = app.session_state.run.economy.first_scenario.validators
    assert {name: share for name, share in given.mix.items() if share} == {"lazy-week": 0.5, "honest": 0.5}
    assert given.parameters["lazy-week"]["period_epochs"] == 140


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


def test_every_knob_says_what_it_does_in_which_unit_and_its_default() -> None:
    app = launch()
    found: dict[str, str] = {}
    for title, sections in SECTIONS.items():
        unfold(app, title, *sections)
        assert not app.exception, title
        found |= {one.key: one.help or ""
                  for one in (*app.slider, *app.selectbox, *app.multiselect, *app.number_input, *app.toggle)
                  if one.key.startswith("knob ")}  # fmt: skip
    assert len(found) > 80
    assert [key for key, text in found.items() if "efault" not in text] == []


# Fields that a scenario file sets and the page does not, each for its reason.
ONLY_IN_THE_FILE = {
    "name": "said by the file",
    "story": "said by the file",
    "epochs": "said by Run and Pause",
    "capabilities": "every knob of a capability depends on it",
    "cartel.strategies": "a list of names of strategies",
    "chain.tao_weight": "a constant of the chain",
    "subnets.age_blocks": "only matters to who replays the chain",
    "consensus.alpha_low": "a constant of the chain's liquid alpha",
    "consensus.alpha_high": "a constant of the chain's liquid alpha",
    "consensus.alpha_sigmoid_steepness": "a constant of the chain's liquid alpha",
    "consensus.stake_threshold_alpha": "a constant of the chain",
    "consensus.quantise_bonds": "rounding of the chain; it moves no figure that the page shows",
    "emission.eligible": "a list with one entry for each subnet",
    "emission.enabled": "a list with one entry for each subnet",
    "market.outstanding_alpha": "only matters to who replays the chain",
    "market.fee_share": "a constant of the chain",
    "registration.min_price_tao": "a constant of the chain",
    "registration.max_price_tao": "a constant of the chain",
    "registration.price_half_life_blocks": "a constant of the chain",
    "registration.price_growth": "a constant of the chain",
    "registration.subnet_immunity_blocks": "a constant of the chain",
    "registration.min_lock_tao": "a constant of the chain",
    "registration.lock_interval_blocks": "a constant of the chain",
    "registration.subnet_rate_limit_blocks": "a constant of the chain",
    "registration.new_subnet_enabled": "a switch of the chain's root",
    "registration.restake_share": "a detail of dissolved subnets",
    "miners.cost_factor": "a list with one entry for each miner",
    "miners.budget_tao": "a list with one entry for each miner",
    "validators.root_claim": "a detail of root's dividends",
    "validators.childkeys": "a table of parents and children",
    "validators.childkey_take_share": "only matters with childkeys",
    "value.subnet_weight": "a list with one entry for each subnet",
}


def test_every_field_of_a_scenario_has_a_knob_or_a_reason_to_be_set_in_the_file_alone() -> None:
    tree = {**to_tree(Scenario())}
    fields = {f"{name}.{part}" for name, section in tree.items() if isinstance(section, dict) for part in section}
    fields |= {name for name, value in tree.items() if not isinstance(value, dict)}
    turned = {knob.path.removesuffix(".{capability}") for knob in all_knobs()} | set(PARAMETERS_OF.values())
    turned |= {f"{kind}.{part}" for kind in STRATEGIES for part in ("mix", "parameters")}
    assert sorted(fields - turned - set(ONLY_IN_THE_FILE)) == []
    assert sorted(turned & set(ONLY_IN_THE_FILE)) == []
    assert sorted(set(ONLY_IN_THE_FILE) - fields) == []


@pytest.mark.parametrize(
    ("query", "path", "kind", "value"),
    [
        ({"preset": "owned-hardware"}, "miners.depreciation_share", number, 0.02),
        ({"preset": "owned-hardware"}, "miners.hardware_price_tao", number, 80.0),
        ({"preset": "owned-hardware"}, "miners.hardware", choice, "rented"),
        ({"preset": "speed-or-quality"}, "miners.cost_exponent", slider, 2.0),
        ({"preset": "free-entry"}, "miners.outside_option_tao", slider, 3.0),
        ({"preset": "free-entry"}, "miners.broke_below_tao", slider, 5.0),
        ({"preset": "free-entry"}, "registration.identity_cost_tao", slider, 9.0),
        ({"preset": "inspection"}, "validators.audit_cost_tao", slider, 1.0),
        ({"preset": "inspection"}, "validators.audit_budget_tao", number, 3.0),
        ({"preset": "inspection"}, "reward.reentry_fee_tao", number, 2.0),
        ({"preset": "inspection"}, "reward.confiscate", toggle, False),
        ({"preset": "inspection"}, "owners.parameters.inspector.harm_tao", slider, 5.0),
        ({"preset": "cartel"}, "cartel.vote_rule", choice, "within_consensus"),
        ({"preset": "cartel"}, "cartel.side_payment_share", slider, 0.5),
        ({"preset": "cartel"}, "cartel.side_payment_rule", choice, "equal"),
        ({"preset": "speed-or-quality"}, "validators.parameters.weight_copier.delay_epochs", slider, 5),
    ],
)
def test_a_knob_of_people_hardware_audits_or_cartel_moves_the_scenario(
    query: dict[str, str], path: str, kind: Any, value: Any
) -> None:
    app = launch(**query, epochs="2")
    kind(app, path).set_value(value).run()
    assert not app.exception
    assert not app.error
    assert value_at(to_tree(app.session_state.run.scenario), path) == value


def test_a_knob_that_was_folded_away_still_says_what_it_was_set_to() -> None:
    app = launch()
    app.toggle(key="play on").set_value(False).run()
    slider(app, "reward.audit_rate").set_value(0.25).run()
    unfold(app, "Market")
    app.run()
    assert [one.key for one in app.slider if "audit_rate" in one.key] == []
    assert app.session_state.run.scenario.reward.audit_rate == 0.25
    assert slider(app, "reward.audit_rate").value == 0.25


def test_the_knob_on_top_is_the_one_that_the_preset_is_about() -> None:
    app = launch(preset="free-entry", epochs="1")
    assert app.slider[0].label == "Cost of holding a uid"
    app.slider[0].set_value(3.0).run()
    assert app.session_state.run.scenario.registration.identity_cost_tao == 3.0
    assert set(HERO_OF) <= set(shipped())
    assert set(HERO_OF.values()) <= {knob.path for knob in all_knobs()}


def test_every_numeric_field_that_has_a_line_in_the_table_moves_the_scenario() -> None:
    app = launch()
    slider(app, "reward.audit_rate").set_value(0.25).run()
    slider(app, "miners.unit_cost_tao.speed").set_value(0.02).run()
    number(app, "seed").set_value(9).run()
    choice(app, "emission.rule").set_value("equal").run()
    scenario = app.session_state.run.scenario
    assert not app.error
    assert scenario.reward.audit_rate == 0.25
    assert scenario.miners.unit_cost_tao["speed"] == 0.02
    assert (scenario.seed, app.session_state.run.economy.run_seed) == (9, 9)
    assert scenario.emission.rule == "equal"


def test_every_emission_rule_can_be_chosen_in_a_market_with_pools() -> None:
    app = launch(preset="churn", epochs="1")
    app.toggle(key="play on").set_value(False)
    for rule in EMISSION_RULES.names():
        choice(app, "emission.rule").set_value(rule).run()
        app.button(key="step").click().run()
        assert not app.exception, rule
        assert not app.error, rule
        assert app.session_state.run.economy.rules.scenario.emission.rule == rule


def test_a_pool_without_demand_follows_the_choice_of_a_fixed_price() -> None:
    app = launch(preset="gamed")
    choice(app, "market.kind").set_value("fixed_price").run()
    assert not app.error
    assert app.session_state.run.scenario.market.kind == "fixed_price"
    assert app.session_state.run.scenario.market.demand_tao == 0.0


def test_a_rule_chosen_again_starts_with_its_defaults() -> None:
    app = launch()
    app.toggle(key="play on").set_value(False).run()
    slider(app, "reward.pay_parameters.decisiveness").set_value(3.0).run()
    choice(app, "reward.pay").set_value("softmax").run()
    choice(app, "reward.pay").set_value("proportional").run()
    assert slider(app, "reward.pay_parameters.decisiveness").value == 1.0
    assert app.session_state.run.scenario.reward.pay_parameters == {}


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


GOOD = b'name = "mine"\nstory = "<b>bold</b> **bold**"\n[subnets]\ncount = 2\n[reward]\naudit_rate = 0.5\n'


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
