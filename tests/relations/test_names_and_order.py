"""Names and order carry no weight: renamed or reordered worlds give permuted results, and one more changes no draw."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scenarios import (
    EXIT,
    FIXED_MINERS,
    ROUNDING,
    SMOOTH_PAYS,
    apart,
    figures,
    mixes,
    play,
    relation,
    scenario_of,
    seeds,
    worlds,
    written,
)

from agents.strategies import MINERS
from model.economy import Economy
from model.scenario.scenario_file import digest
from model.world.population import found

NAMES = ("speed", "quality", "storage")
OTHER_NAMES = ("attic", "beauty", "verve")
BY_CAPABILITY = ("reward.capability_weight", "value.capability_weight", "miners.unit_cost_tao", "miners.productivity")
NAMED = {
    "miners.parameters": {"speed": {"capability": "speed"}},
    "validators.parameters": {"speed_biased": {"capability": "speed"}},
    "owners.parameters": {"tuner": {"capability": "speed", "period_epochs": 1}},
    "miners.unit_cost_tao": {"speed": 0.01, "quality": 0.02, "storage": 0.005},
    "miners.productivity": {"speed": 1.0, "quality": 2.0, "storage": 0.5},
}


def renamed(values: Any, names: dict[str, str]) -> Any:
    """The world with its capabilities called otherwise, in keys and in parameters."""
    if isinstance(values, dict):
        kept = {name: renamed(one, names) for name, one in values.items()}
        is_table = set(kept) == set(names)
        is_choice = "capability" in kept
        kept = {names[name]: one for name, one in kept.items()} if is_table else kept
        return kept | {"capability": names[kept["capability"]]} if is_choice else kept
    return values


# Chance knows capabilities by their names, in whose order it counts them; imitators err in each by its name.
@relation
@given(worlds(miners__mix=mixes(sorted(set(MINERS.names()) - {"imitate"}))), seeds)
def test_capabilities_under_other_names_of_the_same_order_give_the_same_figures(values, seed):
    assert figures_apart_under(OTHER_NAMES, values | NAMED, seed) == {}


def figures_apart_under(names: tuple[str, ...], values: dict[str, Any], seed: int) -> dict[str, float]:
    """Figures that differ where the capabilities are called otherwise."""
    other = renamed(values, dict(zip(NAMES, names, strict=True))) | {"capabilities": list(names)}
    # Names order the sums over capabilities.
    return apart(figures(play(values, seed)), figures(play(other, seed)), rel=ROUNDING)


calm = {
    "miners__mix": mixes(FIXED_MINERS),
    "validators__mix": mixes(["honest", "speed_biased", "weight_copier"]),
    "nominators__mix": {"loyal": 1.0},
    "owners__mix": mixes(["fixed", "burner", "tuner"]),
    "reward__pay": st.sampled_from(SMOOTH_PAYS),
    "reward__pay_parameters": {},
    "reward__measurement_noise": 0.0,
    "reward__audit_rate": st.sampled_from([0.0, 1.0]),
    "reward__detection_share": 1.0,
    "miners__exit_window_epochs": 0,
    "miners__skill_sd": 0.0,
    "miners__purse_tao": 100.0,
    # Where money for audits is short, who of all miners is audited is drawn.
    "validators__audit_cost_tao": 0.0,
    "registration__newcomers": 0.0,
}


@relation
@given(worlds(**calm), seeds, st.permutations(OTHER_NAMES))
def test_capabilities_under_any_names_give_the_same_figures_where_no_chance_knows_them(values, seed, names):
    assert figures_apart_under(tuple(names), values | NAMED, seed) == {}


def with_capabilities_reversed(figure: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Figures with each subnet's rows by capability the other way round."""
    turned = {}
    for name, values in figure.items():
        if name.startswith("capabilities."):
            turned[name] = values.reshape(len(values), -1, 3)[:, :, ::-1].reshape(values.shape)
        else:
            turned[name] = values[:, :, ::-1] if name == "seats.resource" else values
    return turned


@relation
@given(worlds(**calm), seeds)
def test_capabilities_in_another_order_give_the_same_figures(values, seed):
    values = values | NAMED
    one, other = play(values, seed), play(values | {"capabilities": list(reversed(NAMES))}, seed)
    assert apart(figures(one), with_capabilities_reversed(figures(other)), 1e-7) == {}


@relation
@given(worlds(**calm | {"reward__measurement_noise": 0.3, "miners__skill_sd": 0.5}), seeds)
@example({"miners.mix": {"honest": 1.0}, "miners.skill_sd": 0.5}, 1)
@example({"miners.mix": {"honest": 1.0}, "reward.measurement_noise": 0.3}, 1)
def test_chance_belongs_to_a_capability_and_not_to_its_position(values, seed):
    values = values | NAMED
    one, other = play(values, seed), play(values | {"capabilities": list(reversed(NAMES))}, seed)
    assert apart(figures(one), with_capabilities_reversed(figures(other)), 1e-7) == {}


@relation
@given(worlds(**calm | {"subnets__count": 3, "validators__stake_sd": 0.5, "emission__rule": "price_burn"}), seeds)
def test_subnets_in_another_order_give_permuted_figures(values, seed):
    order = [2, 0, 1]
    differ = {
        "market.price_tao_per_alpha": [0.01, 0.02, 0.05],
        "market.tao_reserve_tao": [20_000.0, 9_000.0, 50.0],
        "market.demand_tao": [0.0, 0.0, 0.0],
        "owners.burn_share": [0.0, 0.2, 0.5],
        "value.subnet_weight": [1.0, 2.0, 0.5],
        "reward.capability_weight": {"speed": [0.2, 0.5, 1.0], "quality": [0.5, 0.0, 0.3], "storage": [0.1, 0.4, 0.0]},
    }
    # Owners are people of their own strategies; one for all keeps them out of the order.
    values = values | {"owners.mix": {"fixed": 1.0}}

    def moved(value: Any) -> Any:
        return {k: moved(v) for k, v in value.items()} if isinstance(value, dict) else [value[old] for old in order]

    one = play(values | differ, seed)
    other = play(values | {path: moved(value) for path, value in differ.items()}, seed)
    for name in one.records.subnets.columns:
        assert other.records.subnets.history(name) == pytest.approx(
            one.records.subnets.history(name)[:, order], rel=1e-6, abs=1e-6, nan_ok=True
        ), name
    for name in ("resource", "score", "incentive_share", "earned_tao", "bond"):
        assert getattr(other.state, name) == pytest.approx(getattr(one.state, name)[order], rel=1e-6, abs=1e-6), name


def rewritten(value: Any) -> Any:
    """The same tables with their entries written the other way round."""
    if isinstance(value, dict):
        return {name: rewritten(value[name]) for name in reversed(list(value))}
    return value


@relation
@given(worlds(), seeds)
@example({"miners.mix": {"honest": 0.5, "cheater": 0.5}}, 1)
@example({"validators.mix": {"honest": 0.5, "weight_copier": 0.5}, "miners.mix": {"honest": 1.0}}, 1)
def test_worlds_with_one_digest_are_one_run(values, seed):
    one, other = scenario_of(values), scenario_of(rewritten(values))
    assert (digest(one), one) == (digest(other), other)
    assert written(play(rewritten(values), seed)) == written(play(values, seed))


EQUALS = {"miners.skill_sd": 0.0, "reward.measurement_noise": 0.0, "subnets.n_miners": 5, "epochs": 2}


def pay_of_equals(pay: str, mix: dict[str, float]) -> np.ndarray:
    """Incentive of equal miners who do the same, (miner,)."""
    economy = play(EQUALS | {"reward.pay": pay, "miners.mix": mix, "subnets.count": 1})
    return economy.state.incentive_share[0, 2:]


@pytest.mark.parametrize(
    "pay",
    [
        "equal",
        "proportional",
        "softmax",
        "threshold",
        "rank",
        "winner_take_all",
        pytest.param("top_k", marks=[]),
    ],
)
@pytest.mark.parametrize("strategy", ["honest", "lazy", "speed"])
def test_equal_people_who_do_the_same_are_paid_the_same(pay, strategy):
    share = pay_of_equals(pay, {strategy: 1.0})
    assert share == pytest.approx(np.full(5, share.mean()), rel=1e-9)


def test_equal_people_share_too_few_places():
    economy = play(
        EQUALS | {"reward.pay": "top_k", "reward.pay_parameters": {"n_winners": 2}, "miners.mix": {"honest": 1.0}}
    )
    assert economy.state.incentive_share[:, 2:] == pytest.approx(np.full((2, 5), 0.2), rel=1e-9)


def first_spending(values: dict[str, Any], seed: int) -> np.ndarray:
    """Hardware of the first epoch, (subnet, miner, capability), in equal shares of the pot."""
    economy = play(values, seed, epochs=1)
    n_validators = economy.first_scenario.subnets.n_validators
    return economy.state.resource[:, n_validators:] * economy.first_scenario.subnets.n_miners


START = {"miners.purse_tao": 1000.0, "registration.n_waiting": 0, "miners.presence": "one_subnet"}
# Who draws in the first epoch.
DRAWING = ("best_response", "exp3", "gradient", "imitate")
drawing = st.sampled_from([{name: 1.0} for name in DRAWING])


@pytest.mark.parametrize(
    "name",
    [
        "best_response",
        "exp3",
        "gradient",
        "imitate",
    ],
)
@relation
@given(seeds, st.integers(3, 5))  # of one or two, gradient may want more than the pot, and is cut to it
@example(0, 3)
def test_a_miner_more_leaves_the_first_draws_of_its_only_subnet_alone(name, seed, n_miners):
    values = START | {"miners.mix": {name: 1.0}, "subnets.count": 1, "subnets.n_miners": n_miners}
    few, many = first_spending(values, seed), first_spending(values | {"subnets.n_miners": n_miners + 1}, seed)
    assert many[:, :n_miners] == pytest.approx(few, rel=1e-9)


@relation
@given(seeds, drawing, st.integers(1, 4), st.integers(2, 3))
@example(1, {"best_response": 1.0}, 3, 2)
def test_a_miner_more_leaves_the_first_draws_of_all_subnets_alone(seed, mix, n_miners, n_subnets):
    values = START | {"miners.mix": mix, "subnets.count": n_subnets, "subnets.n_miners": n_miners}
    few, many = first_spending(values, seed), first_spending(values | {"subnets.n_miners": n_miners + 1}, seed)
    assert many[:, :n_miners] == pytest.approx(few, rel=1e-9)


def skills(values: dict[str, Any], seed: int) -> np.ndarray:
    """Productivity by (subnet, miner, capability) at the start."""
    scenario = scenario_of(values | {"miners.skill_sd": 0.5})
    return found(scenario, seed).productivity[:, scenario.subnets.n_validators :]


@relation
@given(seeds, st.integers(1, 4), st.sampled_from(["one_subnet", "every_subnet"]))
def test_a_subnet_more_leaves_the_skills_of_others_alone(seed, n_subnets, presence):
    values = {"miners.presence": presence, "subnets.count": n_subnets}
    one, other = skills(values, seed), skills(values | {"subnets.count": n_subnets + 1}, seed)
    assert (other[:n_subnets] == one).all()


@relation
@given(seeds, st.integers(1, 4))
def test_a_validator_more_leaves_the_skills_of_miners_alone(seed, n_validators):
    values = {"subnets.n_validators": n_validators}
    assert (skills(values | {"subnets.n_validators": n_validators + 1}, seed) == skills(values, seed)).all()


@relation
@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_a_miner_more_leaves_the_skills_of_others_alone(seed, n_miners, n_subnets):
    values = {"subnets.n_miners": n_miners, "subnets.count": n_subnets}
    one, other = skills(values, seed), skills(values | {"subnets.n_miners": n_miners + 1}, seed)
    assert (other[:, :n_miners] == one).all()


def audits(values: dict[str, Any], seed: int) -> np.ndarray:
    """Who was audited in the first epoch, (subnet, miner)."""
    economy = play({"reward.audit_rate": 0.5, "miners.mix": {"honest": 1.0}} | values, seed, epochs=1)
    return economy.state.audited[:, economy.first_scenario.subnets.n_validators :]


@relation
@given(seeds, st.integers(1, 4), st.integers(1, 3), st.sampled_from(["validator", "subnet"]))
def test_a_validator_or_a_subnet_more_leaves_audits_alone(seed, n_miners, n_subnets, what):
    values = {"subnets.n_miners": n_miners, "subnets.count": n_subnets}
    more = {"subnets.n_validators": 3} if what == "validator" else {"subnets.count": n_subnets + 1}
    assert (audits(values | more, seed)[:n_subnets] == audits(values, seed)).all()


@relation
@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_a_miner_more_leaves_audits_of_others_alone(seed, n_miners, n_subnets):
    values = {"subnets.n_miners": n_miners, "subnets.count": n_subnets}
    many = audits(values | {"subnets.n_miners": n_miners + 1}, seed)
    assert (many[:, :n_miners] == audits(values, seed)).all()


@relation
@given(worlds(**calm | {"reward__measurement_noise": 0.3, "reward__audit_rate": 0.0}), seeds)
def test_a_validator_more_leaves_what_others_measure_alone(values, seed):
    values = values | {"validators.mix": {"honest": 1.0}, "owners.mix": {"fixed": 1.0}, "validators.stake_sd": 0.0}
    # The pot, and so what miners do, goes with the stake on root.
    values |= {"nominators.count": 0, "validators.root_stake_tao": 0.0, "epochs": 1}
    n_validators = values["subnets.n_validators"]
    few, many = weights_of(values, seed), weights_of(values | {"subnets.n_validators": n_validators + 1}, seed)
    assert many[:, :n_validators] == pytest.approx(few, rel=1e-12)


def weights_of(values: dict[str, Any], seed: int) -> np.ndarray:
    """Weights that validators submit in the first epoch, (subnet, validator, miner)."""
    return play(values, seed, epochs=1).state.weight[:, :, values["subnets.n_validators"] :]


def after_a_leave(values: dict[str, Any], seed: int, leaver: int | None) -> Economy:
    """Economy of one subnet after two epochs, in the second of which one of its miners may have left."""
    always = {"miners.broke_below_tao": 0.1, "market.kind": "fixed_price", "subnets.count": 1, "subnets.n_miners": 6}
    economy = play(always | values, seed, epochs=1)
    miners = economy.population.numbers("miner")
    if leaver is not None:
        economy.state.outside_tao_rao += int(economy.state.purse_rao[miners[leaver]])
        economy.state.purse_rao[miners[leaver]] = 0
    economy.step()
    return economy


@pytest.mark.parametrize("leaver", [0, 1])
def test_who_leaves_takes_no_level_drawn_by_others_along(leaver):
    values = {"miners.mix": {"exp3": 1.0}, "miners.parameters": {"exp3": {"exploration": 1.0, "n_levels": 50}}}
    stay, gone = (after_a_leave(values, 1, who).state.resource[0, 2:].sum(axis=1) for who in (None, leaver))
    others = np.arange(6) != leaver
    # The pot is shared by 5 in place of 6.
    assert 5 * gone[others] == pytest.approx(6 * stay[others], rel=1e-3)


@pytest.mark.parametrize("leaver", [0, 1])
def test_who_leaves_takes_no_error_of_imitators_along(leaver):
    values = {"miners.mix": {"imitate": 1.0}, "miners.parameters": {"imitate": {"look_share": 0.0}}}
    stay, gone = (after_a_leave(values, 1, who).state.resource[0, 2:] for who in (None, leaver))
    others = np.arange(6) != leaver
    assert gone[others] == pytest.approx(stay[others], rel=1e-9)


@relation
@given(seeds)
@example(1)
def test_a_subnet_more_changes_nobody_who_leaves(seed):
    values = EXIT | {"subnets.n_miners": 8, "miners.mix": {"honest": 1.0}, "subnets.count": 1, "epochs": 2}
    one, other = play(values, seed), play(values | {"subnets.count": 2}, seed)
    assert (other.population.vacant[:1] == one.population.vacant).all()


@relation
@given(seeds)
@example(1)
def test_a_validator_more_changes_nobody_who_leaves(seed):
    values = EXIT | {"subnets.n_miners": 8, "miners.mix": {"honest": 1.0}, "subnets.count": 1, "epochs": 2}
    one, other = play(values, seed), play(values | {"subnets.n_validators": 3}, seed)
    assert (other.population.vacant[:, 3:] == one.population.vacant[:, 2:]).all()


@relation
@given(worlds(**calm | {"subnets__count": st.integers(1, 3), "market__kind": "fixed_price"}), seeds)
def test_a_subnet_of_lone_miners_more_leaves_the_play_of_others_alone(values, seed):
    assume(values["miners.presence"] == "one_subnet")
    scalar = {"market.price_tao_per_alpha": 0.02, "market.tao_reserve_tao": 20_000.0, "market.demand_tao": 0.0}
    values = (
        values | scalar | {"owners.burn_share": 0.0, "owners.mix": {"fixed": 1.0}, "validators.root_stake_tao": 0.0}
    )
    n_subnets = values["subnets.count"]
    one, other = play(values, seed), play(values | {"subnets.count": n_subnets + 1}, seed)
    for name in ("resource", "score", "incentive_share", "earned_tao"):
        assert getattr(other.state, name)[:n_subnets] == pytest.approx(getattr(one.state, name), rel=1e-9), name


@pytest.mark.parametrize("pay", ["equal", "top_k", "winner_take_all"])
def test_among_equals_who_is_pushed_out_is_no_matter_of_the_strategys_name(pay):
    twins = {"honest-a": 0.5, "honest-b": 0.5}
    economy = Economy(
        "churn", reward__pay=pay, miners__mix=twins, miners__skill_sd=0.0, registration__newcomers=0.3,
        registration__n_waiting=192, registration__newcomer_subnets_per_year=0.0,
    )  # fmt: skip
    for _ in range(30):
        economy.step()
    people, first_miner = economy.population, economy.first_scenario.subnets.n_validators
    holder, since = people.holder[:, first_miner:], economy.state.registered_block[:, first_miner:]
    stayed = {name: int(((people.strategy[holder] == name) & (since < 0)).sum()) for name in twins}
    gone = [384 - n for n in stayed.values()]
    assert sum(gone) > 100
    # Both lose half of those who go, give or take four standard deviations of a fair coin.
    assert abs(gone[0] - gone[1]) < 4 * np.sqrt(sum(gone))
