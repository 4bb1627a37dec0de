"""Knobs of the sandbox: what each says and shows, and what turning it does to the scenario."""

from typing import Any

import pytest
from sandbox_page import (
    QUALITY,
    SPEED,
    STORAGE,
    choice,
    epochs,
    figure,
    launch,
    mix,
    number,
    pause,
    slider,
    toggle,
    unfold,
)

from agents.registry import Registry
from model.chain.emission.shares import EMISSION_RULES
from model.pages.knobs.knob import Knob, Scale, scale_of
from model.pages.knobs.table import HERO_OF, SECTIONS, all_knobs
from model.pages.sandbox.settings import MASTER, resized
from model.reward_rules import PAYS, SCORES
from model.scenario.people import STRATEGIES
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, find, shipped, to_tree, value_at, with_values

KNOBS: dict[str, Knob] = {knob.path: knob for knob in all_knobs()}


@pytest.mark.parametrize(
    ("path", "value", "scale"),
    [
        ("reward.audit_rate", 0.3, Scale(step=0.01, number="percent")),
        ("reward.audit_rate", 0.035, Scale(step=0.001, number="percent")),
        ("reward.audit_rate", 1 / 3, Scale(step=0.01, number="%.6f", unit="share")),
        ("miners.skill_sd", 0.65, Scale(step=0.05, number="%.2f")),
        ("miners.skill_sd", 0.68, Scale(step=0.01, number="%.2f")),
        ("miners.skill_sd", 1e-9, Scale(step=0.05, number="%.6f", unit="number")),
        ("miners.cost_exponent", 1.25, Scale(step=0.01, number="%.2f")),
        ("market.price_tao_per_alpha", 0.0271, Scale(step=0.001, number="%.4f", unit="TAO")),
        ("miners.purse_tao", 12.345, Scale(step=10.0, number="%.3f")),
        ("subnets.count", 17, Scale(step=1, number="%d")),
    ],
)
def test_a_number_off_the_grid_has_a_finer_one_or_a_field(path: str, value: float, scale: Scale) -> None:
    knob = KNOBS[path]
    assert scale_of(knob, float(min(knob.low, value)), float(max(knob.high, value)), float(value)) == scale


def test_parts_of_a_mix_that_are_no_whole_numbers_are_written_in_full() -> None:
    part = Knob(path="", label="", help="", high=100, step=1, number="%d")
    assert scale_of(part, 0.0, 100.0, 98.5) == Scale(step=0.1, number="%.1f")
    assert scale_of(part, 0.0, 100.0, 33.0) == Scale(step=1, number="%d")


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


def test_all_knobs_go_back_to_the_preset() -> None:
    app = launch()
    slider(app, SPEED).set_value(0.9).run()
    pause(app)
    app.button(key="back").click().run()
    assert slider(app, SPEED).value == 0.2
    assert slider(app, MASTER).value == 25
    assert app.session_state.run.economy.first_scenario == find("speed-or-quality")


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
