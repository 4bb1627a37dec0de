"""Every group may be empty, and each says what it does then."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scenarios import mixes, play, relation, scenario_of, seeds, worlds

from agents.strategies import MINERS, VALIDATORS
from model.economy import Economy
from model.world.remarks import remarks

# Ways in which somebody is missing.
EMPTY: dict[str, dict[str, Any]] = {
    "one of a kind": {"subnets.count": 1, "subnets.n_validators": 1, "subnets.n_miners": 1},
    "nobody mines": {"registration.open_uids": 2, "subnets.n_miners": 2, "registration.newcomers": 0.0},
    "nobody can pay": {"miners.purse_tao": 0.0},
    "no stake": {"validators.stake_alpha": 0.0, "validators.root_stake_tao": 0.0, "nominators.count": 0},
    "only nominators have stake": {"validators.stake_alpha": 0.0, "nominators.count": 2},
    "only root has stake": {"validators.stake_alpha": 0.0, "validators.root_stake_tao": 100.0, "nominators.count": 0},
    "no stake counts": {"consensus.stake_threshold_alpha": 2.1e7},
    "no emission": {"emission.eligible": False},
    "no TAO": {"emission.enabled": False},
    "all excluded": {
        "miners.mix": {"cheater": 1.0},
        "reward.audit_rate": 1.0,
        "reward.detection_share": 1.0,
        "reward.exclusion_epochs": 100,
    },
    "all leave": {"miners.outside_option_tao": 1e6, "miners.exit_window_epochs": 1, "miners.exit_share": 1.0},
    "all in the cartel": {"miners.mix": {"colluding": 1.0}, "validators.mix": {"colluding": 1.0}},
    "no miner in the cartel": {"miners.mix": {"honest": 1.0}, "validators.mix": {"colluding": 1.0}},
    "no validator in the cartel": {"miners.mix": {"colluding": 1.0}, "validators.mix": {"honest": 1.0}},
    "nobody votes": {"validators.mix": {"weight_copier": 1.0}},
    "everybody copies": {"miners.mix": {"copycat": 1.0}},
    "all burned": {"owners.burn_share": 1.0},
    "a subnet is founded each epoch": {
        "market.kind": "pool",
        "registration.newcomer_subnets_per_year": 10_000.0,
        "registration.subnet_immunity_blocks": 0,
        "registration.subnet_rate_limit_blocks": 0,
    },
    "fixed, and the others nothing": {
        "subnets.count": 2,
        "emission.rule": "fixed",
        "emission.parameters": {"share": [1.0, 0.0]},
    },
}
# What may be missing: there is nothing to share, or to hold against.
MAY_BE_MISSING = (
    *("_hhi_", "_nakamoto_", "_top10_", "_gini_", "incentive_", "efficiency", "anarchy", "planner", "rent_"),
    *("halving_block", "moved_spend_share", "participant"),
)


def check_sane(economy: Economy) -> None:
    """Pass if every number is finite or may be missing, and every share is one."""
    for table, frame in economy.tables().items():
        for name, column in frame.select_dtypes("number").items():
            numbers = column.to_numpy(dtype=float)
            assert not np.isinf(numbers).any(), (table, name)
            if not any(part in name for part in MAY_BE_MISSING):
                assert not np.isnan(numbers).any(), (table, name)
            known = numbers[~np.isnan(numbers)]
            if name.endswith("_share") and name != "rent_dissipation_share":
                assert ((known >= 0) & (known <= 1 + 1e-9)).all(), (table, name)
            if name in ("spend_tao", "earned_tao", "users_value", "wealth_tao", "burned_tao"):
                assert (known >= 0).all(), (table, name)


@pytest.mark.parametrize("empty", EMPTY)
def test_a_plain_world_in_which_a_group_is_empty_is_played(empty):
    plain = {"market.kind": "pool", "registration.entry": "profitable", "nominators.count": 1}
    check_sane(play({"miners.mix": {"honest": 1.0}} | plain | EMPTY[empty], epochs=4))


@relation
@given(worlds(), seeds, st.sampled_from([name for name in EMPTY if "founded" not in name]))
def test_any_world_in_which_a_group_is_empty_is_played(values, seed, empty):
    check_sane(play(values | EMPTY[empty], seed))


@pytest.mark.parametrize("name", MINERS.names())
@pytest.mark.parametrize("hardware", ["rented", "owned"])
def test_a_miner_alone_plays_on(name, hardware):
    alone = EMPTY["one of a kind"] | {"miners.mix": {name: 1.0}, "miners.hardware": hardware}
    check_sane(play(alone, epochs=4))


@pytest.mark.parametrize("name", VALIDATORS.names())
@pytest.mark.parametrize("miner", ["honest", "colluding"])
def test_a_validator_alone_plays_on(name, miner):
    check_sane(play(EMPTY["one of a kind"] | {"miners.mix": {miner: 1.0}, "validators.mix": {name: 1.0}}, epochs=4))


def spending(values: dict[str, Any], epochs: int = 8) -> np.ndarray:
    """What miners spent in each epoch, (epoch,), TAO."""
    return play(values, epochs=epochs).records.epochs.history("spend_tao")[:, 0]


def test_a_cartel_of_all_does_not_flicker():
    spent = spending({"miners.mix": {"colluding": 1.0}})
    assert (spent[1:] > 0).all() or not spent[2:].any()


def test_a_cartel_without_validators_does_not_flicker():
    spent = spending({"miners.mix": {"colluding": 0.5, "honest": 0.5}, "subnets.n_miners": 4})
    # The price of alpha, and with it the pot, moves on.
    assert spent[1:] == pytest.approx(spent[:-1], rel=0.1)


@pytest.mark.parametrize("vote_rule", ["self_weight", "even_split"])
def test_cartel_validators_vote_where_no_miner_of_theirs_sits(vote_rule):
    values = {"miners.mix": {"honest": 1.0}, "validators.mix": {"honest": 0.5, "colluding": 0.5}}
    economy = play(values | {"cartel.vote_rule": vote_rule, "subnets.n_validators": 4}, epochs=6)
    assert (economy.state.dividend_share[:, :2] > 0).all()


def test_a_copycat_goes_by_the_rule_while_nobody_has_been_paid():
    values = {"subnets.count": 1, "subnets.n_miners": 4, "validators.mix": {"weight_copier": 1.0}}
    values |= {"miners.mix": {"cheater": 0.5, "copycat": 0.5}, "miners.purse_tao": 1000.0}
    values |= {"value.capability_weight": {"speed": 1.0, "quality": 0.0, "storage": 0.0}}  # which cheaters go by
    economy = play(values, epochs=3)
    copycats = economy.state.resource[0, 4:]
    mix = copycats / copycats.sum(axis=1, keepdims=True)
    assert mix == pytest.approx(np.tile([0.4, 0.4, 0.2], (2, 1)), rel=1e-6)


@pytest.mark.parametrize("member", ["cheater", "best_response"])
def test_whatever_it_plays_a_cartels_member_is_voted_for(member):
    values = {"miners.mix": {member: 0.5, "honest": 0.5}, "validators.mix": {"colluding": 1.0}, "subnets.n_miners": 4}
    alone, inside = (play(values | {"cartel.strategies": names}, epochs=4) for names in ([], ["colluding", member]))
    assert not alone.population.cartel.any()
    member_miner = (inside.population.role == "miner") & (inside.population.strategy == member)
    assert (inside.population.cartel == (member_miner | (inside.population.role == "validator"))).all()
    assert inside.records.epochs.last("cartel_incentive_share") == 1
    assert alone.records.epochs.last("honest_share") > 0


def told(values):
    """What is said of settings without effect, in one text."""
    return " ".join(remarks(scenario_of(values)))


@relation
@given(mixes(MINERS.names()), st.integers(1, 12), st.integers(0, 6))
@example({"honest": 0.99, "cheater": 0.01}, 8, 0)
@example({"honest": 0.9, "cheater": 0.1}, 12, 4)
def test_a_strategy_that_is_named_in_a_mix_is_played_or_said_to_be_nobody(mix, n_miners, n_waiting):
    values = {"miners.mix": mix, "subnets.n_miners": n_miners, "registration.n_waiting": n_waiting}
    population = play(values, epochs=0).population
    strategy = population.strategy[population.role == "miner"]
    seated, waiting = strategy[: len(strategy) - n_waiting], strategy[len(strategy) - n_waiting :]
    for name in mix:
        for group, of in ((seated, f"{n_miners} miners of a subnet"), (waiting, f"{n_waiting} who wait")):
            said = f"miners.mix gives {name} a share of {mix[name]:g}, which among {of} is nobody"
            assert (name in group or not len(group)) != (said in told(values))


def test_newcomers_come_to_a_small_subnet_or_are_said_not_to():
    values = {"registration.newcomers": 3.0, "registration.n_waiting": 4, "registration.immunity_blocks": 0}
    values |= {"registration.price_tao": 0.001, "market.kind": "fixed_price"}
    for n_miners in (8, 12):
        came = play(values | {"subnets.n_miners": n_miners}, epochs=4).records.epochs.history("registrations").sum()
        assert (came > 0) != (
            "registration.newcomers never find a uid" in told(values | {"subnets.n_miners": n_miners})
        )


def test_a_mix_of_nobody_is_said_to_do_nothing():
    assert "nominators.mix" in told({"nominators.count": 0, "nominators.mix": {"follow_yield": 1.0}})
    assert not told({"nominators.count": 2, "nominators.mix": {"follow_yield": 1.0}})


def test_default_validators_pay_for_audits():
    values = {"miners.mix": {"cheater": 1.0}, "reward.audit_rate": 1.0, "validators.audit_cost_tao": 0.01}
    assert play(values, epochs=4).records.epochs.history("audits").sum() > 0


def test_nobody_is_audited_where_no_validator_audits():
    values = {"miners.mix": {"cheater": 1.0}, "reward.audit_rate": 1.0, "validators.mix": {"weight_copier": 1.0}}
    assert play(values, epochs=4).records.epochs.history("audits").sum() == 0
