"""Money: what people have grows by the profit that is reported, and what decides is what is reported."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scenarios import begun, play, relation, seeds, worlds

from agents.strategies import MINERS
from model.economy import Economy
from model.records.measures import total_by

RAO = 1e-6  # TAO; what rounding to rao leaves over an epoch's flows
fixed = {"market__kind": "fixed_price", "market__demand_tao": 0.0}
closed = {"registration__newcomers": 0.0, "registration__open_uids": 0, "miners__exit_window_epochs": 0}
closed |= {"miners__broke_below_tao": 0.0}
rented = {"miners__hardware": "rented", "validators__root_claim": "swap"}


def unexplained(economy: Economy, epochs: int) -> dict[str, float]:
    """Largest difference of wealth gained and profit reported in an epoch, TAO, by role and strategy."""
    groups, found = economy.groups, {}
    for _ in range(epochs):
        before = total_by(economy.wealth_tao, groups.group, len(groups.role))
        economy.step()
        table = economy.records.strategies
        gap = table.last("wealth_tao") - before - table.last("profit_tao")
        for role, strategy, one in zip(groups.role, groups.strategy, gap, strict=True):
            if abs(one) > RAO * (1 + np.abs(before).max()):
                found[f"{role}/{strategy}"] = float(one)
    return found


@relation
@given(worlds(**fixed, **closed, **rented), seeds)
def test_wealth_grows_by_the_profit_reported_where_nobody_comes_or_goes(values, seed):
    assert unexplained(begun(values, seed), values["epochs"]) == {}


@relation
@given(worlds(**fixed, **rented), seeds)
def test_wealth_grows_by_the_profit_reported_where_people_come_and_go(values, seed):
    assert unexplained(begun(values, seed), values["epochs"]) == {}


@relation
@given(worlds(**fixed, **closed, **rented | {"miners__hardware": "owned"}), seeds)
def test_wealth_grows_by_the_profit_reported_where_hardware_is_owned(values, seed):
    assert unexplained(begun(values, seed), values["epochs"]) == {}


ROOT = {"validators.root_stake_tao": 5_000.0, "validators.root_claim": "keep", "market.kind": "fixed_price"}


@relation
@given(worlds(**fixed, **closed, **rented | {"validators__root_claim": "keep"}), seeds)
@example(ROOT | {"epochs": 3, "market.price_tao_per_alpha": 1.0}, 1)
def test_root_dividends_that_are_kept_are_earned(values, seed):
    assert unexplained(begun(values, seed), values["epochs"]) == {}


SELLERS = {
    "epochs": 4,
    "market.kind": "fixed_price",
    "miners.hardware": "owned",
    "miners.hardware_resale_share": 1.0,
    "miners.outside_option_tao": 1e6,
    "miners.exit_window_epochs": 1,
    "miners.exit_share": 1.0,
}


@relation
@given(worlds(**fixed, **rented | {"miners__hardware": "owned", "miners__hardware_resale_share": 1.0}), seeds)
@example(SELLERS, 1)
def test_hardware_that_is_sold_is_profit(values, seed):
    assert unexplained(begun(values, seed), values["epochs"]) == {}


@relation
@given(worlds(), seeds)
def test_issuance_grows_by_the_flows_reported(values, seed):
    economy = begun(values, seed)
    before = economy.state.issuance_rao
    for _ in range(values["epochs"]):
        economy.step()
    last = economy.records.epochs
    flow = last.history("minted_tao") - last.history("recycled_tao") - last.history("returned_tao")
    assert (economy.state.issuance_rao - before) / 1e9 == pytest.approx(flow.sum(), abs=1e-6)
    pooled = last.history("pooled_tao") + last.history("recycled_tao")
    assert pooled == pytest.approx(last.history("minted_tao"), abs=1e-6)


@relation
@given(worlds(**closed), seeds)
def test_burned_tao_is_what_is_burned_where_nobody_comes_or_goes(values, seed):
    economy = begun(values | {"reward.exclusion_epochs": 0}, seed)
    assert burned_but_not_told(economy, values["epochs"]) == pytest.approx(0.0, abs=RAO)


REGISTERS = {"market.kind": "pool", "registration.newcomers": 3.0, "registration.n_waiting": 4, "subnets.n_miners": 12}


@relation
@given(worlds(market__kind="pool"), seeds)
@example(REGISTERS | {"registration.immunity_blocks": 0, "epochs": 4}, 1)
def test_burned_tao_is_what_is_burned(values, seed):
    assert burned_but_not_told(begun(values, seed), values["epochs"]) == pytest.approx(0.0, abs=1e-9)


def burned_but_not_told(economy: Economy, epochs: int) -> float:
    """Growth of the account of burned TAO beyond the column, TAO."""
    before = economy.state.burned_tao_rao
    for _ in range(epochs):
        economy.step()
    told = economy.records.epochs.history("burned_tao").sum()
    return (economy.state.burned_tao_rao - before) / 1e9 - told


@relation
@given(worlds(**fixed, **closed, **rented), seeds)
def test_flows_add_up_to_what_the_world_outside_gets(values, seed):
    economy = begun(values, seed)
    state = economy.state
    before = state.outside_tao_rao + int(state.tao_reserve_rao.sum())
    for _ in range(values["epochs"]):
        economy.step()
    epochs, strategies = economy.records.epochs, economy.records.strategies
    people = int(economy.state.purse_rao.sum()) + int(economy.state.root_stake_rao.sum())
    grown = economy.state.outside_tao_rao + int(economy.state.tao_reserve_rao.sum()) - before
    own = begun(values, seed)
    people -= int(own.state.purse_rao.sum()) + int(own.state.root_stake_rao.sum())
    burned = epochs.history("burned_tao").sum()
    minted = (epochs.history("minted_tao") - epochs.history("recycled_tao")).sum()
    assert grown / 1e9 + people / 1e9 + burned == pytest.approx(minted, abs=1e-5)
    assert strategies.history("side_payment_tao").sum() == pytest.approx(0.0, abs=1e-6)


def test_columns_of_strategies_add_up_to_those_of_epochs():
    economy = play(
        {"miners.mix": {"honest": 0.5, "cheater": 0.5}, "reward.audit_rate": 1.0, "miners.hardware": "owned"}
    )
    for name in ("spend_tao", "hardware_cost_tao", "identity_cost_tao", "audit_cost_tao"):
        whole = economy.records.epochs.history(name)[:, 0]
        assert economy.records.strategies.history(name).sum(axis=1) == pytest.approx(whole, abs=1e-9)


# One miner of a kind in one subnet: the row of a strategy is a person.
KINDS = sorted(set(MINERS.names()) - {"sybil"})
LONERS = {
    "subnets.count": 1,
    "subnets.n_miners": 4,
    "miners.exit_window_epochs": 100,
    "epochs": 4,
    "market.kind": "fixed_price",
}


def deciders(kinds: list[str], option_tao: float, values: dict[str, Any], seed: int) -> None:
    """Pass if who is noted to earn less than elsewhere is who reports so."""
    mix = {"miners.mix": dict.fromkeys(kinds, 0.25), "miners.outside_option_tao": option_tao}
    economy = begun(LONERS | mix | values, seed)
    table = economy.records.strategies
    below = np.zeros(4)
    miners = economy.population.numbers("miner")
    row = economy.groups.group[miners]
    for _ in range(4):
        economy.step()
        profit = table.last("profit_tao")[row]
        sure = np.abs(profit - option_tao) > RAO
        below = np.where(profit < option_tao, below + 1, 0)
        assert (economy.state.below_epochs[miners] == below)[sure].all()


four = st.lists(st.sampled_from(KINDS), min_size=4, max_size=4, unique=True)
options = st.sampled_from([-0.2, 0.0, 0.1, 0.5])


@relation
@given(four, options, st.sampled_from([0.0, 0.01]), st.sampled_from([0.0, 0.7]), seeds)
def test_who_leaves_goes_by_the_profit_that_is_reported(kinds, option_tao, identity_tao, audit_rate, seed):
    other = {"registration.identity_cost_tao": identity_tao, "reward.audit_rate": audit_rate, "reward.fine_tao": 0.1}
    deciders(kinds, option_tao, other, seed)


@relation
@given(options, st.sampled_from(["equal", "stake"]), seeds)
@example(0.0, "equal", 1)
@example(0.1, "stake", 1)
def test_who_leaves_counts_side_payments(option_tao, rule, seed):
    side = {"cartel.side_payment_share": 0.9, "cartel.side_payment_rule": rule, "validators.mix": {"colluding": 1.0}}
    side |= {"miners.outside_option_tao": option_tao, "cartel.self_weight": 0.7}
    deciders(["colluding", "honest", "lazy", "cheater"], option_tao, side, seed)


@pytest.mark.parametrize("option_tao", [0.05, 0.2])
def test_who_leaves_counts_hardware_bought(option_tao):
    owned = {"miners.hardware": "owned", "miners.hardware_price_tao": 0.5, "miners.depreciation_share": 0.1}
    owned |= {"miners.hardware_start_share": 0.5}
    deciders(["honest", "lazy", "cheater", "speed"], option_tao, owned, 1)


def test_who_has_left_the_cartels_seats_gets_no_side_payment():
    values = {"miners.mix": {"colluding": 0.5, "honest": 0.5}, "validators.mix": {"colluding": 1.0}}
    values |= {"cartel.side_payment_share": 0.5, "cartel.side_payment_rule": "equal", "market.kind": "fixed_price"}
    values |= {"miners.outside_option_tao": 1e6, "miners.exit_window_epochs": 1, "miners.exit_share": 1.0}
    economy = play(values | {"subnets.n_miners": 4}, epochs=3)
    gone = (economy.population.role == "miner") & (economy.population.n_miner_uids() == 0)
    assert gone.all() == (economy.population.role == "miner").all()
    before = economy.state.purse_rao[gone].copy()
    economy.step()
    assert (economy.state.purse_rao[gone] == before).all()


def kept_hardware(values: dict[str, Any]) -> float:
    """Units of hardware that people without a uid own after some epochs."""
    economy = play(values, epochs=5)
    gone = (economy.population.role == "miner") & (economy.population.n_miner_uids() == 0)
    return float(economy.state.hardware[gone].sum())


def test_who_leaves_sells_its_hardware():
    assert kept_hardware(SELLERS) == 0


def test_who_is_pushed_out_sells_its_hardware_as_who_leaves():
    values = {"registration.newcomers": 2.0, "registration.n_waiting": 4, "registration.immunity_blocks": 0}
    values |= {"registration.price_tao": 0.001, "miners.hardware": "owned", "miners.hardware_resale_share": 1.0}
    values |= {"subnets.n_miners": 12}
    assert kept_hardware(values | {"market.kind": "fixed_price", "miners.mix": {"honest": 1.0}}) == 0


@relation
@given(worlds(), seeds)
def test_what_the_epoch_left_miners_with_is_what_their_strategies_were_left_with(values, seed):
    economy = play(values, seed)
    rows = economy.tables()["strategies"].query("role == 'miner'").groupby("epoch")["profit_tao"].sum()
    epochs = economy.records.epochs
    assert epochs.history("miner_profit_tao").ravel() == pytest.approx(rows.to_numpy(), rel=1e-9, abs=1e-9)
    assert ((epochs.history("paid_from_purse_share") >= 0) & (epochs.history("paid_from_purse_share") <= 1)).all()
