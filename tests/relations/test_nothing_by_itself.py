"""Nothing happens by itself: no part, no effect; no change, no effect; and an epoch is played whole or not at all."""

import copy
import pickle
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scenarios import (
    EXIT,
    ROUNDING,
    apart,
    begun,
    figures,
    go_on,
    mixes,
    play,
    relation,
    scenario_of,
    seeds,
    worlds,
    written,
)

from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.economy import Economy
from model.epoch.asking import StrategyError
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import to_tree

# Measures over owners; those who can hold nothing are among them today.
OVER_OWNERS = ("_owner",)
YARDSTICKS = ("planner_value", "efficiency", "price_of_anarchy")
COUNTS = (".participants",)
STAY = {"miners.exit_window_epochs": 0}
NOBODY_COMES = {"registration.newcomers": 0.0, "registration.open_uids": 0}


def with_penniless_nominator(values: dict[str, Any], seed: int) -> Economy:
    """Economy with one nominator more than the world says, who has no stake."""
    # A cartel's stake share is of all votes, those of the nominator counted that is made penniless only afterwards.
    assume("colluding" not in values.get("validators.mix", {}))
    economy = begun(values | {"nominators.count": values["nominators.count"] + 1}, seed)
    state = economy.state
    state.nominated_alpha_rao[-1] = 0
    state.alpha_issuance_rao = state.alpha_held_rao()
    return go_on(economy, economy.first_scenario.epochs)


one_kind_of_nominator = st.sampled_from([{name: 1.0} for name in NOMINATORS.names()])


@relation
@given(worlds(nominators__mix=one_kind_of_nominator, miners__exit_window_epochs=0), seeds)
def test_a_nominator_without_stake_changes_no_figure_of_others(values, seed):
    one, other = play(values, seed), with_penniless_nominator(values, seed)
    assert apart(figures(one), figures(other), ROUNDING, but=(*OVER_OWNERS, *COUNTS), last=1) == {}


@relation
@given(worlds(nominators__mix=one_kind_of_nominator), seeds)
@example(EXIT | {"nominators.count": 0, "subnets.n_miners": 8}, 1)
def test_a_nominator_without_stake_changes_nobody_who_leaves(values, seed):
    one, other = play(values, seed), with_penniless_nominator(values, seed)
    assert apart(figures(one), figures(other), ROUNDING, but=(*OVER_OWNERS, *COUNTS), last=1) == {}


@relation
@given(worlds(nominators__mix=one_kind_of_nominator, miners__exit_window_epochs=0), seeds)
@example(STAY | {"nominators.count": 0}, 1)
def test_a_nominator_without_stake_changes_no_measure(values, seed):
    one, other = play(values, seed), with_penniless_nominator(values, seed)
    assert apart(figures(one), figures(other), ROUNDING, but=COUNTS, last=1) == {}


def with_idle_bench(values: dict[str, Any], seed: int) -> Economy:
    """Economy with two people more who wait for a uid where nobody can come."""
    return play(values | {"registration.n_waiting": values.get("registration.n_waiting", 0) + 2}, seed)


closed = {"registration__newcomers": 0.0, "registration__open_uids": 0}


BENCH = (*OVER_OWNERS, *COUNTS, *YARDSTICKS, "strategies.miner", "wealth_")


@relation
@given(worlds(**closed, miners__mix=mixes(sorted(set(MINERS.names()) - {"hopper"}))), seeds)
def test_who_waits_where_nobody_can_come_changes_no_figure_of_others(values, seed):
    one, other = play(values, seed), with_idle_bench(values, seed)
    assert apart(figures(one), figures(other), ROUNDING, but=BENCH, last=2) == {}


@relation
@given(worlds(**closed, miners__mix={"hopper": 1.0}), seeds)
@example(
    {
        "miners.mix": {"hopper": 1.0},
        "miners.parameters": {"hopper": {"inertia_share": 0.2}},
        "miners.presence": "every_subnet",
        "subnets.count": 4,
        "market.price_tao_per_alpha": [0.01, 0.02, 0.03, 0.04],
    },
    1,
)
def test_a_hopper_who_waits_where_nobody_can_come_changes_no_figure_of_others(values, seed):
    one, other = play(values, seed), with_idle_bench(values, seed)
    assert apart(figures(one), figures(other), ROUNDING, but=BENCH, last=2) == {}


@relation
@given(worlds(**closed), seeds)
@example({"miners.cost_exponent": 2.0, "miners.mix": {"honest": 1.0}}, 1)
def test_who_waits_where_nobody_can_come_changes_no_yardstick(values, seed):
    one, other = play(values, seed).records.epochs, with_idle_bench(values, seed).records.epochs
    for name in ("planner_value", "efficiency_share", "price_of_anarchy_ratio"):
        assert other.history(name) == pytest.approx(one.history(name), rel=ROUNDING, nan_ok=True)


@relation
@given(worlds(**closed), seeds)
@example({"miners.mix": {"honest": 1.0}}, 1)
def test_who_waits_where_nobody_can_come_changes_no_measure_of_reward_and_spending(values, seed):
    one, other = play(values, seed).records.epochs, with_idle_bench(values, seed).records.epochs
    for name in ("reward_gini_participant", "spend_gini_participant"):
        assert other.history(name) == pytest.approx(one.history(name), rel=ROUNDING, nan_ok=True)


UNPLAYED = [
    (section, name, parameter)
    for section, registry in (
        ("miners", MINERS),
        ("validators", VALIDATORS),
        ("nominators", NOMINATORS),
        ("owners", OWNERS),
    )
    for name in registry.names()
    for parameter, default in registry.defaults(name).items()
    if isinstance(default, float) and 0 < default < 1
]


@relation
@given(worlds(), seeds, st.sampled_from(UNPLAYED))
def test_a_parameter_of_a_strategy_that_nobody_plays_changes_nothing(values, seed, unplayed):
    section, name, parameter = unplayed
    assume(name not in values[f"{section}.mix"])
    given_parameters = values[f"{section}.parameters"]
    other = values | {f"{section}.parameters": given_parameters | {name: {parameter: 0.123}}}
    assert apart(figures(play(other, seed)), figures(play(values, seed))) == {}


@relation
@given(
    worlds(),
    seeds,
    st.fixed_dictionaries(
        {
            "cartel.stake_share": st.sampled_from([0.0, 0.9]),
            "cartel.self_weight": st.sampled_from([0.0, 0.5]),
            "cartel.merit_share": st.sampled_from([0.0, 0.9]),
            "cartel.side_payment_share": st.sampled_from([0.3, 1.0]),
            "cartel.vote_rule": st.sampled_from(["even_split", "within_consensus"]),
        }
    ),
)
def test_a_cartel_without_members_changes_nothing(values, seed, cartel):
    for section in ("miners", "validators"):
        assume("colluding" not in values[f"{section}.mix"])
    assert apart(figures(play(values | cartel, seed)), figures(play(values, seed))) == {}


# Fields that can be edited in mid-run, with another value for each.
EDITS = {
    "story": "another",
    "chain.owner_cut_share": 0.3,
    "chain.tempo_blocks": 720,
    "reward.score": "linear",
    "reward.pay": "softmax",
    "reward.measurement_noise": 0.1,
    "reward.fine_tao": 2.0,
    "reward.confiscate": False,
    "reward.exclusion_epochs": 1,
    "reward.reentry_fee_tao": 0.1,
    "reward.detection_share": 0.4,
    "consensus.mechanism": "stake_mean",
    "consensus.kappa": 0.7,
    "consensus.bonds_moving_average": 0.5,
    "emission.rule": "equal",
    "emission.enabled": [True, False],
    "market.fee_share": 0.01,
    "registration.entry": "profitable",
    "registration.max_price_tao": 5.0,
    "registration.identity_cost_tao": 0.02,
    "miners.sell_share": 0.5,
    "miners.hardware_price_tao": 20.0,
    "miners.outside_option_tao": 0.2,
    "miners.broke_below_tao": 0.05,
    "validators.take_share": 0.5,
    "validators.reinvest_share": 0.3,
    "validators.audit_cost_tao": 0.1,
    "validators.audit_budget_tao": 5.0,
    "owners.recycle": True,
    "cartel.self_weight": 0.5,
    "cartel.merit_share": 0.1,
    "cartel.side_payment_share": 0.2,
    "cartel.vote_rule": "even_split",
    "value.subnet_weight": 2.0,
    "value.exponent": 0.7,
}
# Rules that an owner may move.
OWNED_RULES = {
    "owners.burn_share": 0.4,
    "reward.audit_rate": 0.7,
    "reward.capability_weight": {"speed": 0.5, "quality": 0.3, "storage": 0.2},
}
edits = st.sampled_from(sorted(EDITS | OWNED_RULES))
two_subnets: dict[str, Any] = {"subnets__count": 2, "reward__pay": "proportional", "reward__pay_parameters": {}}
plain = two_subnets | {"reward__score": "cobb_douglas", "reward__score_parameters": {}}
no_entry = plain | {"registration__entry": "always"}


def in_force(values: dict[str, Any], path: str) -> Any:
    """Value of a path in the world's scenario, as plain data."""
    found = to_tree(scenario_of(values))
    for name in path.split("."):
        found = found[name]
    return found


def edited(values: dict[str, Any], seed: int, epoch: int, *changes: dict[str, Any]) -> Economy:
    """Economy played to the end with these changes, all at one epoch."""
    return play(values, seed, interventions=[Intervention(epoch=epoch, values=change) for change in changes])


@relation
@given(worlds(owners__mix={"fixed": 1.0}, **no_entry), seeds, st.integers(0, 2), edits)
def test_an_edit_to_the_value_in_force_changes_nothing(values, seed, epoch, path):
    other = edited(values, seed, epoch, {path: in_force(values, path)})
    assert apart(figures(other), figures(play(values, seed))) == {}


@relation
@given(worlds(**no_entry), seeds, st.integers(0, 2), edits)
def test_an_edit_that_is_undone_in_the_same_epoch_changes_nothing(values, seed, epoch, path):
    there, back = {path: (EDITS | OWNED_RULES)[path]}, {path: in_force(values, path)}
    assert apart(figures(edited(values, seed, epoch, there, back)), figures(play(values, seed))) == {}


@relation
@given(worlds(registration__entry="profitable", owners__mix={"fixed": 1.0}, **plain), seeds, st.integers(0, 3))
@example(
    {
        "registration.entry": "profitable",
        "registration.newcomers": 3.0,
        "registration.n_waiting": 3,
        "registration.open_uids": 2,
        "registration.price_tao": 0.0005,
        "registration.payback_epochs": 1e9,
        "miners.mix": {"honest": 1.0},
    },
    1,
    1,
)
def test_an_edit_of_a_text_changes_nothing_where_entry_must_be_profitable(values, seed, epoch):
    assert apart(figures(edited(values, seed, epoch, {"story": "another"})), figures(play(values, seed))) == {}


@relation
@given(worlds(**plain), seeds, edits)
def test_an_edit_at_epoch_0_equals_the_scenario_that_starts_so(values, seed, path):
    change = {path: (EDITS | OWNED_RULES)[path]}
    assert apart(figures(edited(values, seed, 0, change)), figures(play(values | change, seed))) == {}


@relation
@given(worlds(), seeds, st.sampled_from(["market.price_tao_per_alpha", "registration.price_tao"]))
@example({"market.kind": "fixed_price"}, 1, "market.price_tao_per_alpha")
@example({"market.kind": "pool"}, 1, "market.price_tao_per_alpha")
@example({}, 1, "registration.price_tao")
def test_an_edit_at_epoch_0_of_a_price_that_a_run_starts_from_equals_the_scenario_that_starts_so(values, seed, path):
    change = {path: 0.3}
    assert apart(figures(edited(values, seed, 0, change)), figures(play(values | change, seed))) == {}


def rules_after_edit(owner: str, path: str, name: str, epoch: int = 2) -> np.ndarray:
    """A rule in force after an edit, to what the scenario says, in the epoch after an owner has moved it."""
    values = {"epochs": epoch + 1, "owners.mix": {owner: 1.0}, "owners.parameters": {"tuner": {"period_epochs": 1}}}
    values |= {"miners.mix": {"honest": 1.0}}
    economy = play(values, epochs=epoch)
    economy.intervene({path: in_force(values, path)})
    seen = {}

    def note(rules: Any) -> Any:
        seen["rule"] = getattr(rules, name).copy()
        return rules

    economy._apply_interventions()
    note(economy.rules)
    return seen["rule"], getattr(play(values, epochs=0).rules, name)


@pytest.mark.parametrize(
    ("owner", "path", "name"),
    [
        ("tuner", "reward.capability_weight", "reward_weight"),
        ("tuner", "reward.capability_weight.speed", "reward_weight"),
        ("burner", "owners.burn_share", "burn_share"),
        ("inspector", "reward.audit_rate", "audit_rate"),
    ],
)
def test_what_an_edit_names_is_set_where_an_owner_has_moved_it(owner, path, name):
    in_force_now, stated = rules_after_edit(owner, path, name)
    first = in_force_now[:, 0] if path.endswith("speed") else in_force_now
    assert first == pytest.approx(stated[:, 0] if path.endswith("speed") else stated)


def test_an_edit_leaves_what_it_does_not_name_to_the_owner():
    values = {"owners.mix": {"tuner": 1.0}, "owners.parameters": {"tuner": {"period_epochs": 1}}}
    economy = play(values, epochs=3)
    before = economy.rules.reward_weight.copy()
    economy.intervene({"reward.capability_weight.speed": 0.9})
    economy._apply_interventions()
    assert economy.rules.reward_weight[:, 1:] == pytest.approx(before[:, 1:])


def test_the_length_of_a_run_is_no_rule():
    with pytest.raises(ValueError, match="epochs"):
        play({}, epochs=1).intervene({"epochs": 7})


@relation
@given(worlds(), seeds, st.integers(0, 3), st.sampled_from(["pickle", "copy", "twice"]))
def test_a_run_that_is_kept_and_taken_up_again_goes_on_the_same(values, seed, first, way):
    epochs = scenario_of(values).epochs
    first = min(first, epochs)
    economy = play(values, seed, epochs=first)
    if way == "twice":
        economy = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(economy))))
    else:
        economy = pickle.loads(pickle.dumps(economy)) if way == "pickle" else copy.deepcopy(economy)
    assert written(go_on(economy, epochs - first)) == written(play(values, seed))


@relation
@given(worlds(), seeds)
def test_a_copy_that_is_played_leaves_its_original_alone(values, seed):
    economy = play(values, seed, epochs=1)
    go_on(copy.deepcopy(economy), 1)
    assert apart(figures(go_on(economy, 1)), figures(play(values, seed, epochs=2))) == {}


@relation
@given(worlds(**plain), seeds, st.integers(0, 2), edits)
def test_changes_noted_on_the_way_played_from_the_start_give_the_same_run(values, seed, epoch, path):
    epochs = scenario_of(values).epochs
    economy = play(values, seed, epochs=min(epoch, epochs))
    economy.intervene({path: (EDITS | OWNED_RULES)[path]})
    go_on(economy, epochs - economy.epoch)
    assert apart(figures(play(values, seed, interventions=economy.interventions)), figures(economy)) == {}


class BrokenError(Exception):
    """Planted."""


@dataclass(frozen=True)
class Breaking:
    """Plays a strategy, but its method `verb` fails."""

    strategy: Any
    verb: str

    def __getattr__(self, name: str) -> Any:
        if name == object.__getattribute__(self, "verb"):
            raise BrokenError("planted")
        return getattr(object.__getattribute__(self, "strategy"), name)


BREAKS = [("owner", "govern"), ("nominator", "delegate"), ("miner", "decide"), ("validator", "vote")]


def broken_once(values: dict[str, Any], seed: int, role: str, verb: str, epochs: int) -> tuple[bool, Economy]:
    """Whether an attempt at another epoch broke in this phase, and the economy after it; the gone are not asked."""
    economy = play(values, seed, epochs=epochs)
    sound = economy.population
    *_, last = (cohort for cohort in sound.cohorts if cohort.role == role)
    plant = replace(last, strategy=Breaking(last.strategy, verb))
    economy.population = replace(sound, cohorts=tuple(plant if one is last else one for one in sound.cohorts))
    broke = False
    try:
        economy.step()
    except (StrategyError, BrokenError):
        broke = True
    # What the epoch made of the people stays, but for the plant.
    mended = (replace(c, strategy=last.strategy) if c.name == last.name else c for c in economy.population.cohorts)
    economy.population = replace(economy.population, cohorts=tuple(mended))
    return broke, economy


@relation
@given(worlds(nominators__count=st.integers(1, 2)), seeds, st.sampled_from(BREAKS), st.integers(1, 2))
def test_an_epoch_that_breaks_leaves_the_tables_as_they_were(values, seed, where, epochs):
    played = play(values, seed, epochs=epochs)
    broke, economy = broken_once(values, seed, *where, epochs)
    assume(broke)
    assert economy.epoch == epochs
    assert apart(figures_of_tables(played), figures_of_tables(economy)) == {}


def figures_of_tables(economy: Economy) -> dict[str, np.ndarray]:
    """Figures of the epochs that are on record."""
    return {name: history for name, history in figures(economy).items() if name.split(".")[0] in RECORDED}


RECORDED = ("epochs", "subnets", "capabilities", "strategies")


@pytest.mark.parametrize(("role", "verb"), BREAKS)
def test_an_epoch_that_breaks_can_be_played_again(role, verb):
    values = {"registration.newcomers": 2.0, "registration.n_waiting": 4, "nominators.count": 1}
    values |= {"subnets.n_miners": 12, "registration.immunity_blocks": 0}
    broke, economy = broken_once(values, 1, role, verb, 1)
    assert broke
    assert written(go_on(economy, 2)) == written(play(values))
