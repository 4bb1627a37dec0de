"""Each participant's profit: at a fixed price its wealth grows by it, tables report it, and by it a miner leaves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.economy import Economy
from model.epoch import observe
from model.records.measures import total_by

FIXED = {"market__kind": "fixed_price", "market__demand_tao": 0.0}
SMALL = {"subnets__count": 2, "subnets__n_validators": 4, "subnets__n_miners": 12, "market__price_tao_per_alpha": 0.02}
ROOT = {"validators__root_stake_tao": 50_000.0, "market__price_tao_per_alpha": 1.0}
OWNED = {"miners__hardware": "owned", "miners__hardware_price_tao": 0.5, "miners__depreciation_share": 0.05}
COLLUDING = {
    "miners__mix": {"honest": 0.5, "colluding": 0.5},
    "validators__mix": {"honest": 0.5, "colluding": 0.5},
    "cartel__side_payment_share": 0.4,
}
AUDITED = {
    "miners__mix": {"cheater": 0.5, "honest": 0.5},
    "reward__audit_rate": 0.5,
    "reward__fine_tao": 0.1,
    "reward__exclusion_epochs": 3,
    "reward__reentry_fee_tao": 0.2,
    "validators__audit_cost_tao": 0.01,
    "validators__purse_tao": 5.0,
}
COMING = {
    "registration__newcomers": 2.0,
    "registration__n_waiting": 6,
    "registration__immunity_blocks": 0,
    "registration__price_tao": 0.01,
    "registration__identity_cost_tao": 0.001,
}
LEAVING = {"miners__outside_option_tao": 0.05, "miners__exit_window_epochs": 1, "miners__exit_share": 0.5}
WORLDS = {
    "rented": {},
    "owned": OWNED,
    "owned, sold on leaving and on being pushed out": OWNED | COMING | LEAVING | {"miners__hardware_resale_share": 0.7},
    "owned, for a purse without end": OWNED | {"miners__reinvest": "purse", "miners__hardware_start_share": 0.1},
    "sybils": {"miners__mix": {"honest": 0.5, "sybil": 0.5}, "miners__identities": 3} | COMING,
    "side payments by stake": COLLUDING,
    "side payments alike": COLLUDING | LEAVING | COMING | {"cartel__side_payment_rule": "equal"},
    "fines, audits and re-entry": AUDITED,
    "root swapped": ROOT,
    "root kept": ROOT | {"validators__root_claim": "keep"},
    "root that nobody buys": ROOT | {"market__tao_reserve_tao": 0.0, "chain__initial_issuance_tao": 206_000.0},
    "nominators": ROOT | {"nominators__count": 3},
    "alpha kept": COMING | LEAVING | {"miners__sell_share": 0.3, "validators__reinvest_share": 0.5},
    "burn": {"owners__burn_share": 0.6, "owners__recycle": True},
    "all of it": OWNED | COLLUDING | AUDITED | COMING | LEAVING | ROOT | {"miners__sell_share": 0.5}
    | {"miners__mix": {"cheater": 0.4, "colluding": 0.3, "sybil": 0.3}, "nominators__count": 2},
}  # fmt: skip
FLOWS = {
    "earned_tao": 1,
    "side_payment_tao": 1,
    "hardware_sold_tao": 1,
    "spend_tao": -1,
    "hardware_cost_tao": -1,
    "identity_cost_tao": -1,
    "audit_cost_tao": -1,
    "fine_tao": -1,
    "registration_tao": -1,
    "reentry_tao": -1,
    "unsold_tao": -1,
}


def noted(monkeypatch):
    """Accounts of the epochs that are played from now on."""
    accounts, plain = [], observe.holdings

    def holdings(state, population, account, price):
        accounts.append(account)
        return plain(state, population, account, price)

    monkeypatch.setattr(observe, "holdings", holdings)
    return accounts


@settings(deadline=None, derandomize=True, max_examples=4)
@given(seed=st.integers(0, 99), presence=st.sampled_from(["one_subnet", "every_subnet"]))
@pytest.mark.parametrize("world", WORLDS)
def test_at_a_fixed_price_everybodys_wealth_grows_by_the_profit(world, seed, presence):
    values = SMALL | FIXED | {"miners__presence": presence} | WORLDS[world]
    economy = Economy("gamed", rng=seed, **values)
    # A rao for each of a participant's accounts that are rounded.
    tolerance_tao = 1e-9 * 4 * (economy.population.holder.shape[1] * SMALL["subnets__count"] + 10)
    with pytest.MonkeyPatch.context() as patch:
        accounts = noted(patch)
        for _ in range(6):
            before = economy.wealth_tao
            economy.step()
            np.testing.assert_allclose(
                economy.wealth_tao - before, accounts[-1].profit_tao, rtol=1e-12, atol=tolerance_tao
            )
            table = economy.records.strategies
            of_group = total_by(accounts[-1].profit_tao, economy.groups.group, len(economy.groups.role))
            assert table.last("profit_tao") == pytest.approx(of_group, abs=1e-9)
            told = sum(sign * table.last(name) for name, sign in FLOWS.items())
            assert told == pytest.approx(of_group, abs=1e-9)


def test_every_flow_occurs_in_one_of_these_worlds():
    seen = set()
    for values in WORLDS.values():
        economy = Economy("gamed", **SMALL | FIXED | values)
        for _ in range(6):
            economy.step()
        seen |= {name for name in FLOWS if economy.records.strategies.history(name).any()}
    assert seen >= FLOWS.keys() - {"unsold_tao"}


def test_alpha_that_nobody_buys_from_who_leaves_is_a_loss_in_its_profit():
    values = SMALL | FIXED | LEAVING | {"miners__sell_share": 0.0}
    economy = Economy("gamed", **values)
    economy.step()
    state = economy.state
    state.below_epochs[economy.population.role == "miner"] = 1
    # The world outside and the reserves have burned all they had.
    state.burned_tao_rao += state.outside_tao_rao + int(state.tao_reserve_rao.sum())
    state.outside_tao_rao, state.tao_reserve_rao = 0, np.zeros_like(state.tao_reserve_rao)
    before = economy.wealth_tao.sum()
    economy.step()
    table = economy.records.strategies
    assert table.last("unsold_tao").sum() > 0
    assert economy.wealth_tao.sum() - before == pytest.approx(table.last("profit_tao").sum(), abs=1e-6)


def test_who_leaves_counts_side_payments_and_who_has_left_gets_none():
    values = SMALL | FIXED | COLLUDING | {"cartel__side_payment_rule": "equal"}
    economy = Economy("gamed", **values | LEAVING | {"cartel__side_payment_share": 1.0, "miners__exit_share": 1.0})
    for _ in range(4):
        purse_rao = economy.state.purse_rao
        economy.step()
        gone = (economy.population.role == "miner") & (economy.population.n_miner_uids() == 0)
        if economy.epoch > 3:
            assert (economy.state.purse_rao == purse_rao)[gone].all()
    # Half of the cartel's pay is far above what they could earn elsewhere.
    seated = economy.population.strategy[economy.population.holder[~economy.population.vacant]]
    assert (seated == "colluding").sum() > 4


def test_who_is_pushed_out_of_its_last_uid_sells_its_hardware():
    economy = Economy("gamed", **SMALL | OWNED | COMING | {"miners__hardware_resale_share": 1.0})
    for _ in range(6):
        economy.step()
    assert economy.records.epochs.history("exits").sum() == 0
    assert economy.records.epochs.history("registrations").sum() > 0
    assert economy.records.epochs.history("hardware_sold_tao").sum() > 0
    gone = (economy.population.role == "miner") & (economy.population.n_miner_uids() == 0)
    assert gone.any()
    assert not economy.state.hardware[gone].any()


@pytest.mark.parametrize("values", [{"market__kind": "pool"} | COMING, AUDITED | {"market__kind": "pool"}])
def test_what_is_burned_in_the_turn_over_is_told(values):
    economy = Economy("gamed", **SMALL | values)
    before_rao = economy.state.burned_tao_rao
    for _ in range(5):
        economy.step()
    told_tao = economy.records.epochs.history("burned_tao").sum()
    assert told_tao > 0
    assert (economy.state.burned_tao_rao - before_rao) / 1e9 == pytest.approx(told_tao, abs=1e-9)


def test_all_that_churn_burns_is_told():
    economy = Economy("churn")
    for _ in range(40):
        economy.step()
    told = economy.records.epochs.history("burned_tao").sum()
    assert told == pytest.approx(economy.state.burned_tao_rao / 1e9, abs=1e-9)
    assert told > 0
