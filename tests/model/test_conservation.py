"""Nothing appears or vanishes: small random economies with the books checked every epoch, and a leak that is caught."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.chain.consensus.mechanism import MECHANISMS
from model.chain.emission.shares import EMISSION_RULES
from model.economy import Economy
from model.reward_rules import PAYS, SCORES
from model.scenario.people import Cartel
from model.units import SUPPLY_CAP_RAO
from model.world.ledger import ConservationError


def mixes(names):
    """Mixes of up to three strategies."""

    def mix(chosen):
        total = sum(weight for _, weight in chosen)
        return {name: weight / total for name, weight in chosen}

    pairs = st.tuples(st.sampled_from(names), st.integers(1, 5))
    return st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(mix)


@st.composite
def worlds(draw):
    """Values of a small scenario, from one uid of a kind to a few of everything."""
    n_subnets = draw(st.integers(1, 3))
    pooled = draw(st.booleans())
    owned = draw(st.booleans())

    def per_subnet(numbers):
        return draw(numbers | st.lists(numbers, min_size=n_subnets, max_size=n_subnets))

    values = {
        "subnets.count": n_subnets,
        "subnets.n_validators": draw(st.integers(1, 4)),
        "subnets.n_miners": draw(st.integers(1, 5)),
        "chain.tempo_blocks": draw(st.sampled_from([1, 360, 50_400])),
        "chain.initial_issuance_tao": draw(st.sampled_from([10_499_900.0, 11_200_000.0, 20_999_999.5])),
        "chain.owner_cut_share": draw(st.sampled_from([0.0, 0.18, 1.0])),
        "reward.score": draw(st.sampled_from(SCORES.names())),
        "reward.pay": draw(st.sampled_from(PAYS.names())),
        "reward.measurement_noise": draw(st.sampled_from([0.0, 0.3])),
        "reward.audit_rate": draw(st.sampled_from([0.0, 1.0])),
        "reward.fine_tao": draw(st.sampled_from([0.0, 1.0, 1e6])),
        "reward.exclusion_epochs": draw(st.integers(0, 2)),
        "reward.confiscate": draw(st.booleans()),
        "reward.reentry_fee_tao": draw(st.sampled_from([0.0, 0.3, 2.1e7])),
        "consensus.mechanism": draw(st.sampled_from(MECHANISMS.names())),
        "emission.rule": draw(st.sampled_from(EMISSION_RULES.names())),
        "emission.eligible": draw(st.booleans() | st.lists(st.booleans(), min_size=n_subnets, max_size=n_subnets)),
        "market.kind": "pool" if pooled else "fixed_price",
        "market.price_tao_per_alpha": per_subnet(st.sampled_from([0.003, 0.5, 3.0])),
        "market.tao_reserve_tao": per_subnet(st.sampled_from([0.001, 50.0, 20_000.0])),
        "market.outstanding_alpha": per_subnet(st.sampled_from([0.0, 1e6])),
        "market.demand_tao": per_subnet(st.sampled_from([0.0, 7.0, 2e7])) if pooled else 0.0,
        "market.demand_elasticity": draw(st.sampled_from([0.0, 2.0])),
        "miners.mix": draw(mixes(MINERS.names())),
        "miners.presence": draw(st.sampled_from(["one_subnet", "every_subnet"])),
        "miners.purse_tao": draw(st.sampled_from([0.0, 0.01, 500.0])),
        "miners.sell_share": draw(st.sampled_from([0.0, 0.7, 1.0])),
        "miners.skill_sd": draw(st.sampled_from([0.0, 1.0])),
        "miners.hardware": "owned" if owned else "rented",
        "miners.cost_exponent": 1.0 if owned else draw(st.sampled_from([1.0, 1.0, 2.5, 10.0])),
        "miners.hardware_price_tao": draw(st.sampled_from([0.001, 10.0])),
        "miners.depreciation_share": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "miners.hardware_start_share": draw(st.sampled_from([0.0, 1.0])),
        "miners.hardware_resale_share": draw(st.sampled_from([0.0, 1.0])),
        "miners.reinvest": draw(st.sampled_from(["profit", "purse"])),
        "miners.outside_option_tao": draw(st.sampled_from([0.0, 1e6])),
        "miners.exit_window_epochs": draw(st.integers(0, 2)),
        "miners.exit_share": draw(st.sampled_from([0.5, 1.0])),
        "miners.broke_below_tao": draw(st.sampled_from([0.0, 0.1])),
        "validators.mix": draw(mixes(VALIDATORS.names())),
        "validators.stake_alpha": draw(st.sampled_from([0.0, 1_000.0])),
        "validators.root_stake_tao": draw(st.sampled_from([0.0, 5_000.0])),
        "validators.reinvest_share": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "validators.take_share": draw(st.sampled_from([0.0, 0.18, 1.0])),
        "validators.purse_tao": draw(st.sampled_from([0.0, 1.0])),
        "validators.audit_cost_tao": draw(st.sampled_from([0.0, 0.3])),
        "cartel.vote_rule": draw(st.sampled_from(Cartel.VOTE_RULES)),
        "cartel.side_payment_share": draw(st.sampled_from([0.0, 0.7, 1.0])),
        "cartel.side_payment_rule": draw(st.sampled_from(Cartel.SIDE_PAYMENT_RULES)),
        "nominators.count": draw(st.integers(0, 3)),
        "nominators.mix": draw(mixes(NOMINATORS.names())),
        "owners.burn_share": per_subnet(st.sampled_from([0.0, 0.3, 1.0])),
        "owners.recycle": draw(st.booleans()),
        "owners.mix": draw(mixes(OWNERS.names())),
        "registration.n_waiting": draw(st.integers(1, 4)),
        "registration.newcomers": draw(st.sampled_from([0.0, 2.0])),
        "registration.identity_cost_tao": draw(st.sampled_from([0.0, 0.01, 1e4])),
        "registration.open_uids": draw(st.integers(0, 1)),
        "registration.entry": draw(st.sampled_from(["always", "profitable"])),
        "registration.price_tao": draw(st.sampled_from([0.0005, 0.1, 5.0])),
        "registration.immunity_blocks": draw(st.sampled_from([0, 1000])),
        "registration.newcomer_subnets_per_year": draw(st.sampled_from([0.0, 10_000.0])) if pooled else 0.0,
        "registration.subnet_immunity_blocks": 0,
        "registration.min_lock_tao": draw(st.sampled_from([0.001, 500.0])),
        "registration.subnet_rate_limit_blocks": 0,
    }
    return {path.replace(".", "__"): value for path, value in values.items()}


@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 99))
def test_every_token_is_in_exactly_one_account_in_any_small_world(values, seed):
    economy = Economy("gamed", rng=seed, **values)
    before_rao = economy.state.tao_held_rao()
    for _ in range(4):
        economy.step()
    state, table = economy.state, economy.records.epochs.frame()
    assert state.tao_held_rao() == state.issuance_rao <= SUPPLY_CAP_RAO
    assert (state.alpha_held_rao() == state.alpha_issuance_rao).all()
    if not values["registration__newcomer_subnets_per_year"]:  # a dissolved subnet takes TAO out of issuance
        minted_rao = round((table["minted_tao"] - table["recycled_tao"]).sum() * 1e9)
        assert state.tao_held_rao() - before_rao == pytest.approx(minted_rao, abs=4)
    numbers = [frame.select_dtypes("number").to_numpy(float, na_value=np.nan) for frame in economy.tables().values()]
    assert not any(np.isinf(block).any() for block in numbers)


ACCOUNTS = [
    ("purse_rao", "TAO accounts hold +1000 rao too many"),
    ("tao_reserve_rao", "TAO accounts hold +1000 rao too many"),
    ("root_stake_rao", "TAO accounts hold +1000 rao too many"),
    ("outside_alpha_rao", "alpha accounts of subnet 0 hold +1000 rao too many"),
    ("miner_alpha_rao", "alpha accounts of subnet 0 hold +1000 rao too many"),
    ("nominated_alpha_rao", "alpha accounts of subnet 0 hold +1000 rao too many"),
]


@pytest.mark.parametrize(("account", "sentence"), ACCOUNTS)
def test_a_leak_into_any_account_is_caught_in_its_epoch(account, sentence):
    economy = Economy("gamed", subnets__count=2, nominators__count=1)
    economy.step()
    getattr(economy.state, account).flat[0] += 1000
    with pytest.raises(ConservationError) as caught:
        economy.step()
    assert str(caught.value) == f"epoch 1: {sentence}"


def test_an_account_below_zero_is_caught_though_the_sums_are_right():
    economy = Economy("gamed", subnets__count=2)
    economy.state.burned_tao_rao -= 10**9
    economy.state.outside_tao_rao += 10**9
    with pytest.raises(ConservationError, match=r"epoch 0: account burned_tao_rao is below zero"):
        economy.step()


def test_a_payment_to_nobody_is_caught(monkeypatch):
    economy = Economy("gamed", subnets__count=2)
    credit = type(economy.state).staked_alpha_rao

    def forget(state):
        state.miner_alpha_rao[0, -1] = 0
        return credit(state)

    economy.step()
    economy.state.miner_alpha_rao[0, -1] += 5
    economy.state.outside_alpha_rao[0] -= 5
    monkeypatch.setattr(type(economy.state), "staked_alpha_rao", forget)
    with pytest.raises(ConservationError, match=r"alpha accounts of subnet 0 hold -5 rao too many"):
        economy.step()
