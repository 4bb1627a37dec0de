"""Who reinvests or keeps everything sells what it needs to go on: for audits, and for another epoch's work."""

import numpy as np
import pytest

from model.economy import Economy

WORLD = {
    "subnets__count": 3,
    "subnets__n_validators": 4,
    "subnets__n_miners": 25,
    "nominators__count": 0,
    "reward__audit_rate": 0.3,
    "validators__audit_cost_tao": 0.01,
    "validators__reinvest_share": 1.0,
    "market__demand_tao": 0.0,
}


def played(n_epochs, **values):
    economy = Economy("gamed", **WORLD | values)
    for _ in range(n_epochs):
        economy.step()
    return economy


def validators(economy, name):
    return economy.records.strategies.frame().query("role == 'validator'").groupby("epoch")[name].sum().to_numpy()


@pytest.mark.parametrize("kind", ["fixed_price", "pool"])
def test_validators_who_reinvest_everything_pay_for_audits_from_the_second_epoch_on(kind):
    economy, free = (played(30, market__kind=kind, validators__audit_cost_tao=cost) for cost in (0.01, 0.0))
    audits, wanted = (one.records.epochs.frame()["audits"].to_numpy() for one in (economy, free))
    assert audits[0] == 0
    assert audits[1:].tolist() == wanted[1:].tolist()
    assert validators(economy, "audit_cost_tao") == pytest.approx(0.01 * audits)
    # What lies in the purses is for the next epoch's audits: 22.5 on average, and three standard deviations more.
    purse_tao = economy.state.purse_rao[economy.population.numbers("validator")].sum() / 1e9
    # A fixed price takes no fee of what was provided for.
    assert purse_tao <= 1.001 * 0.01 * np.ceil(22.5 + 3 * np.sqrt(75 * 0.3 * 0.7))


def test_only_those_who_audit_keep_back_and_in_proportion_to_what_they_earn():
    economy = played(1, validators__mix={"honest": 0.5, "weight_copier": 0.5}, validators__stake_sd=1.0)
    number = economy.population.numbers("validator")
    audits = economy.population.strategy[number] == "honest"
    purse_rao, dividends = economy.state.purse_rao[number], economy.state.dividend_share[:, :4].sum(axis=0)
    assert not purse_rao[~audits].any()
    assert purse_rao[audits] / purse_rao[audits].sum() == pytest.approx(dividends[audits] / dividends[audits].sum())


def test_a_budget_limits_what_is_kept_back_and_dear_audits_leave_no_dividend():
    limited = played(20, validators__audit_budget_tao=0.021)
    assert (limited.records.epochs.frame()["audits"].to_numpy()[1:] == 8).all()
    first, dear = (played(epochs, validators__audit_cost_tao=1e6) for epochs in (0, 20))
    assert not dear.records.epochs.frame()["audits"].any()
    assert dear.state.validator_alpha_rao == pytest.approx(first.state.validator_alpha_rao, rel=1e-9)


def test_without_audits_nothing_is_sold_to_pay_for_them():
    economy = played(5, reward__audit_rate=0.0)
    assert not economy.state.purse_rao[economy.population.numbers("validator")].any()


@pytest.mark.parametrize("kind", ["fixed_price", "pool"])
def test_a_miner_that_keeps_its_alpha_sells_what_another_epoch_costs(kind):
    world = {"market__kind": kind, "miners__mix": {"honest": 1.0}, "miners__sell_share": 0.0, "miners__purse_tao": 20.0}
    economy, seller = played(60, **world), played(60, **world | {"miners__sell_share": 1.0})
    spent, sold = (one.records.epochs.frame()["spend_tao"].to_numpy() for one in (economy, seller))
    assert (spent[-10:] > 0.5 * sold[-10:]).all()
    assert economy.state.miner_alpha_rao.any()
    purse_tao = economy.state.purse_rao[economy.population.numbers("miner")] / 1e9
    assert purse_tao.max() < 20


def test_who_has_alpha_is_not_broke():
    world = {"market__kind": "fixed_price", "miners__purse_tao": 20.0, "miners__broke_below_tao": 15.0}
    economy = played(60, miners__mix={"honest": 1.0}, miners__sell_share=0.0, **world)
    purse_tao = economy.state.purse_rao[economy.population.numbers("miner")] / 1e9
    assert (purse_tao < 15).all()
    assert not economy.records.subnets.frame()["exits"].any()
