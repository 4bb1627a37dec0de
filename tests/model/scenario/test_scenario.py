"""A scenario checks itself: each broken rule is one sentence that names the field."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from model.economy import Economy
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, dumps, find, loads, shipped, with_values
from model.world.population import found
from model.world.remarks import remarks
from model.world.rules import Rules

SECTIONS = [field.name for field in fields(Scenario)]


def broken(path, value):
    """Sentence with which the default scenario refuses `value` at `path`."""
    with pytest.raises(ValueError, match=r".") as caught:
        with_values(Scenario(), {path: value})
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_are_valid_and_bear_the_name_of_their_file(name):
    assert find(name).name == name
    assert find(name).story


def test_equal_scenarios_have_equal_hashes():
    assert hash(Scenario()) == hash(Scenario())
    assert Scenario() == Scenario()
    assert replace(Scenario(), seed=2) != Scenario()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("epochs", 0),
        ("seed", -1),
        ("chain.tempo_blocks", 0),
        ("chain.initial_issuance_tao", 21_000_001),
        ("chain.owner_cut_share", 1.1),
        ("subnets.count", 0),
        ("subnets.n_validators", 0),
        ("subnets.n_miners", 0),
        ("subnets.age_blocks", -1),
        ("reward.capability_weight.speed", -0.1),
        ("reward.capability_weight.speed", float("nan")),
        ("reward.measurement_noise", -1),
        ("reward.audit_rate", 1.5),
        ("reward.detection_share", float("inf")),
        ("reward.fine_tao", -5),
        ("reward.exclusion_epochs", -1),
        ("consensus.kappa", 0),
        ("consensus.bonds_penalty", 1.01),
        ("consensus.alpha_low", 0.95),
        ("market.kind", "barter"),
        ("market.price_tao_per_alpha", 0),
        ("market.tao_reserve_tao", 0),
        ("market.fee_share", 0.5),
        ("market.demand_tao", -1),
        ("miners.presence", "nowhere"),
        ("miners.unit_cost_tao.speed", 0),
        ("miners.skill_sd", 6),
        ("miners.purse_tao", -1),
        ("miners.sell_share", 2),
        ("miners.mix.honest", 0.5),
        ("validators.stake_alpha", -1),
        ("validators.take_share", 1.2),
        ("validators.root_stake_tao", -1),
        ("nominators.count", -1),
        ("owners.burn_share", 1.1),
        ("cartel.stake_share", -0.1),
        ("cartel.merit_share", 1),
        ("cartel.vote_rule", "lottery"),
        ("cartel.side_payment_share", 1.1),
        ("cartel.side_payment_rule", "need"),
        ("validators.purse_tao", -1),
        ("validators.audit_cost_tao", -0.1),
        ("validators.audit_budget_tao", -1),
        ("reward.reentry_fee_tao", 2.2e7),
        ("value.exponent", 0),
        ("value.subnet_weight", -1),
        ("market.price_tao_per_alpha", [0.1, 0.2]),
        ("value.exponent", [1.0]),
        ("miners.cost_factor", [1.0, 2.0]),
        ("miners.budget_tao", [1.0]),
        ("reward.capability_weight.quality", [0.5, 0.5]),
    ],
)
def test_a_value_outside_its_range_is_refused_by_the_name_of_its_field(path, value):
    field = path.removesuffix(".speed").removesuffix(".honest") if value != [0.5, 0.5] else path
    assert field in broken(path, value)


@pytest.mark.parametrize(
    ("path", "value", "unknown"),
    [
        ("miners.mix", {"honset": 1.0}, "no miner strategy 'honset' (did you mean 'honest'?)"),
        ("validators.mix", {"": 1.0}, "no validator strategy ''"),
        ("nominators.mix", {"honest": 1.0}, "no nominator strategy 'honest'"),
        ("reward.score", "quadratic", "no score 'quadratic'"),
        ("reward.pay", "lottery", "no pay shape 'lottery'"),
        ("consensus.mechanism", "yuma9", "no consensus mechanism 'yuma9' (did you mean"),
        ("emission.rule", "fair", "no emission rule 'fair'"),
        ("miners.parameters", {"honest": {"zeal": 1.0}}, "miner strategy 'honest' has no parameter 'zeal'"),
        ("miners.parameters", {"honest": {"spend_share": 2.0}}, "spend_share of honest must lie in [0, 1]"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_are(path, value, unknown):
    assert broken(path, value).startswith(unknown)


def test_capabilities_must_be_named_everywhere():
    assert broken("capabilities", ["speed", "quality"]).startswith("reward.capability_weight must name each capability")
    assert broken("capabilities", ["speed", "speed"]).startswith("capabilities must be one or more different names")
    assert broken("capabilities", []).startswith("capabilities must be one or more different names")


NOISE = {"speed": 0.1, "quality": 0.0, "storage": 0.5}


def test_noise_is_one_number_or_one_for_each_capability():
    one, table = (with_values(Scenario(), {"reward.measurement_noise": noise}) for noise in (0.25, NOISE))
    assert Rules.of(one).measurement_noise.tolist() == [[0.25, 0.25, 0.25]] * 16
    assert Rules.of(table).measurement_noise.tolist() == [[0.1, 0.0, 0.5]] * 16
    assert with_values(table, {"reward.measurement_noise.speed": 0.2}).reward.noise_of("speed") == 0.2


def test_a_table_of_noise_survives_toml_and_shows_in_the_digest():
    scenario = with_values(Scenario(), {"reward.measurement_noise": NOISE})
    assert loads(dumps(scenario).encode()) == scenario
    assert hash(loads(dumps(scenario).encode())) == hash(scenario)
    other = with_values(Scenario(), {"reward.measurement_noise": NOISE | {"storage": 0.4}})
    assert len({digest(known) for known in (scenario, other, Scenario())}) == 3


@pytest.mark.parametrize(
    ("noise", "sentence"),
    [
        (
            NOISE | {"memory": 0.1},
            " must name each capability (speed, quality, storage), names speed, quality, storage, mem",
        ),
        ({"speed": 0.1}, " must name each capability (speed, quality, storage), names speed"),
        ({}, " must name each capability"),
        (NOISE | {"speed": -0.1}, ".speed must be in [0, 10], is -0.1"),
        (NOISE | {"speed": float("nan")}, ".speed must be in [0, 10], is nan"),
        ("loud", " must be a number or a table of numbers, is 'loud'"),
        ([0.1, 0.2, 0.3], " must be a number or a table of numbers, is [0.1, 0.2, 0.3]"),
    ],
)
def test_noise_that_fits_no_capability_is_refused(noise, sentence):
    assert broken("reward.measurement_noise", noise).startswith(f"reward.measurement_noise{sentence}")


def test_one_number_and_a_table_of_it_are_the_same_measurements():
    def played(noise):
        economy = Economy("gamed", subnets__count=2, reward__measurement_noise=noise)
        economy.step()
        return economy.records.epochs.frame()

    assert played(0.3).equals(played(dict.fromkeys(NOISE, 0.3)))
    assert not played(0.3).equals(played({"speed": 0.3, "quality": 0.3, "storage": 0.2}))


def test_noise_of_what_is_not_scored_changes_nothing():
    def played(noise):
        weight = {"speed": 0.5, "quality": 0.5, "storage": 0.0}
        settings = {"reward__capability_weight": weight, "reward__measurement_noise": noise}
        economy = Economy("gamed", subnets__count=2, **settings)
        economy.step()
        return economy.records.epochs.frame()

    assert played({"speed": 0.0, "quality": 0.0, "storage": 2.0}).equals(played(0.0))


@pytest.mark.parametrize("section", ["reward", "value"])
def test_a_subnet_must_weigh_something(section):
    weight = {"speed": [1.0] * 15 + [0.0], "quality": 0.0, "storage": 0.0}
    sentence = broken(f"{section}.capability_weight", weight)
    assert sentence == f"{section}.capability_weight must be > 0 for a capability, is 0 in subnet 15"


def test_money_at_the_start_must_have_been_issued():
    assert broken("chain.initial_issuance_tao", 1000.0).startswith("chain.initial_issuance_tao must cover purses")


def test_alpha_at_the_start_must_fit_under_the_cap_of_its_curve():
    assert broken("market.price_tao_per_alpha", 1e-9).startswith("subnet 0 must start with <= 21,000,000 alpha")
    assert broken("nominators.count", 100_000).startswith("subnet 0 must start with <= 21,000,000 alpha")


def test_a_network_too_large_for_memory_is_refused_before_it_is_built():
    sentence = broken("subnets", {"count": 1024, "n_validators": 256, "n_miners": 4096})
    assert sentence == "subnets x validators x uids must be <= 50,000,000, is 1,140,850,688"


def test_parameters_of_rules_must_be_one_for_all_subnets_or_one_for_each():
    ces = {"score": "ces", "score_parameters": {"substitution_exponent": [0.5, 0.5]}}
    assert "reward.score_parameters.substitution_exponent must be one number or one per subnet" in broken("reward", ces)
    pay = {"pay_parameters": {"decisiveness": [1.0] * 3}}
    assert "reward.pay_parameters.decisiveness must be one number or one per subnet" in broken("reward", pay)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_refuses_what_is_no_section(section):
    assert section in broken(section, {"nonsense": 1})


def test_a_list_that_is_not_one_per_subnet_may_have_any_length():
    tiers = {"tier_size": [8, 8], "tier_share": [0.5, 0.5]}
    scenario = with_values(Scenario(), {"emission.rule": "rank_tiers", "emission.parameters": tiers})
    assert scenario.subnets.count == 16
    economy = Economy(scenario, subnets__n_miners=4, subnets__n_validators=2)
    economy.step()
    assert np.isfinite(economy.datacollector.get_model_vars_dataframe().select_dtypes("number").to_numpy()).all()


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("emission.parameters", {"burn": "False"}, "burn of hill_gate must be true or false, is 'False'"),
        ("emission.parameters", {"steepness": True}, "steepness of hill_gate must lie in (0, 1000], is True"),
        ("emission.parameters", {"refresh_blocks": float("inf")}, "refresh_blocks of hill_gate must be a whole number"),
        ("miners.parameters", {"speed": {"capability": "sped"}}, "speed.capability must be one of speed, quality"),
        ("miners.parameters", {"replicator": {"first_share": [1.0, 2.0]}}, "first_share must be one number or one per"),
        ("validators.parameters", {"lazy": {"period_epochs": "10"}}, "period_epochs of lazy must be a whole number"),
    ],
)
def test_parameters_are_checked_against_the_entry_s_own_types(path, value, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        with_values(Scenario(), {"emission.rule": "hill_gate", path: value})


def test_variants_of_a_strategy_play_side_by_side_each_with_parameters_of_its_own():
    late = {"weight_copier-day": {"delay_epochs": 20}, "weight_copier-week": {"delay_epochs": 140}}
    mix = {"honest": 0.5, "weight_copier-day": 0.25, "weight_copier-week": 0.25}
    scenario = with_values(Scenario(), {"validators.mix": mix, "validators.parameters": late})
    assert loads(dumps(scenario).encode()) == scenario
    cohorts = found(scenario, 1).of_role("validator")
    assert [(one.name, len(one.member)) for one in cohorts] == [
        ("validator/honest", 8), ("validator/weight_copier-day", 4), ("validator/weight_copier-week", 4),
    ]  # fmt: skip
    assert [one.strategy.delay_epochs for one in cohorts[1:]] == [20, 140]
    assert not remarks(scenario)


def test_a_variant_of_a_cartel_s_member_belongs_to_the_cartel():
    scenario = with_values(Scenario(), {"miners.mix": {"honest-a": 0.5, "colluding-b": 0.5}})
    people = found(scenario, 1)
    assert (people.cartel == (people.strategy == "colluding-b")).all()
    assert people.cartel.any()


def test_a_variant_with_the_parameters_of_its_strategy_plays_like_it():
    values = {"subnets.count": 2, "subnets.n_miners": 6, "subnets.n_validators": 4, "epochs": 5}
    plain, variant = (
        Economy(with_values(Scenario(), values | {"miners.mix": {name: 1.0}})) for name in ("honest", "honest-b")
    )
    for economy in (plain, variant):
        for _ in range(5):
            economy.step()
    tables = [one.datacollector.get_model_vars_dataframe() for one in (plain, variant)]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("value.capability_weight", {"speed": 40.0, "quality": 40.0, "storage": 20.0},
         "value.capability_weight must sum to <= 5 where capabilities are multiplied, sums to 100 in subnet 0"),
        ("reward.capability_weight", {"speed": 1.0, "quality": 4.0, "storage": 0.5},
         "reward.capability_weight must sum to <= 5 where capabilities are multiplied, sums to 5.5 in subnet 0"),
        ("value.capability_weight.speed", 1e-300, "value.capability_weight.speed must be 0 or >= 1e-06, is 1e-300"),
        ("value.subnet_weight", 1e308, "value.subnet_weight must be in [0, 1,000,000,000], is 1e+308"),
        ("miners.cost_factor", 1e-300, "miners.cost_factor must be in [1e-06, 1,000,000,000], is 1e-300"),
        ("reward.pay_parameters", {"decisiveness": 1e308},
         "decisiveness of proportional must be a number or a list of numbers in [1e-09, 10000], is 1e+308"),
    ],
)  # fmt: skip
def test_what_would_leave_the_range_of_numbers_is_refused(path, value, sentence):
    assert broken(path, value) == sentence


def test_weights_of_scores_that_add_up_may_be_per_cent():
    percent = {"reward.score": "linear", "reward.capability_weight": {"speed": 40.0, "quality": 40.0, "storage": 20.0}}
    assert with_values(Scenario(), percent).reward.capability_weight["speed"] == 40


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\nb", "a" * 101])
def test_a_capability_has_a_name_that_can_be_read(name):
    tables = ("reward.capability_weight", "value.capability_weight", "miners.unit_cost_tao", "miners.productivity")
    with pytest.raises(ValueError, match=r"^(capabilities must be|reward.capability_weight must have names of) "):
        with_values(Scenario(), {"capabilities": [name]} | {path: {name: 1.0} for path in tables})


def test_a_scenario_has_a_name_without_nul():
    assert "name must be a text in UTF-8 without NUL" in broken("name", "a\x00b")
