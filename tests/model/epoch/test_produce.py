"""The produce phase: who is audited and who pays for it, who is caught, and who is not scored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.economy import Economy
from model.scenario.interventions import Intervention

WORLD = {
    "subnets__count": 4,
    "subnets__n_validators": 4,
    "subnets__n_miners": 25,
    "miners__mix": {"honest": 0.6, "cheater": 0.4},
    "market__kind": "fixed_price",
    "market__demand_tao": 0.0,
    "nominators__count": 0,
    "reward__audit_rate": 0.5,
    "validators__reinvest_share": 1.0,
}


def played(n_epochs=1, interventions=(), **values):
    economy = Economy("gamed", interventions=interventions, **WORLD | values)
    for _ in range(n_epochs):
        economy.step()
    return economy


def column(economy, name):
    return economy.records.epochs.frame()[name].to_numpy()


def test_free_audits_are_as_many_as_the_rule_says_if_anybody_audits():
    honest, mixed = played(6), played(6, validators__mix={"honest": 0.25, "weight_copier": 0.75})
    assert column(honest, "audits").tolist() == column(mixed, "audits").tolist()
    copied = played(6, validators__mix={"weight_copier": 0.5, "lazy": 0.5})
    assert not column(copied, "audits").any()
    assert not column(copied, "caught").any()
    assert column(honest, "audits").mean() == pytest.approx(50, abs=4 * np.sqrt(25 / 6))
    assert not column(honest, "audit_cost_tao").any()


def test_audits_that_cost_something_are_paid_from_validators_purses_to_the_world_outside():
    economy = played(1, validators__audit_cost_tao=0.25, validators__purse_tao=100.0)
    free = played(1, validators__purse_tao=100.0)
    n_audits = column(free, "audits")[0]
    assert column(economy, "audits")[0] == n_audits
    assert column(economy, "audit_cost_tao")[0] == pytest.approx(0.25 * n_audits)
    paid_rao = free.state.purse_rao - economy.state.purse_rao
    validator = economy.population.numbers("validator")
    assert (paid_rao[validator] > 0).all()
    assert np.delete(paid_rao, validator).tolist() == [0] * (len(paid_rao) - 4)
    assert economy.state.outside_tao_rao - free.state.outside_tao_rao == paid_rao.sum()
    rows = economy.records.strategies.frame().set_index("role")
    assert rows.loc["validator", "audit_cost_tao"] == pytest.approx(0.25 * n_audits)
    assert rows.loc["validator", "profit_tao"] == pytest.approx(
        rows.loc["validator", "earned_tao"] - rows.loc["validator", "audit_cost_tao"]
    )


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ({"validators__purse_tao": 2.0}, 32),
        ({"validators__purse_tao": 100.0, "validators__audit_budget_tao": 1.0}, 16),
        ({"validators__purse_tao": 2.0, "validators__mix": {"honest": 0.25, "weight_copier": 0.75}}, 8),
        ({"validators__purse_tao": 2.0, "validators__mix": {"lazy": 0.5, "self_voter": 0.5}}, 0),
        ({"validators__purse_tao": 0.0}, 0),
    ],
)
def test_there_are_no_more_audits_than_those_who_audit_can_pay(values, most):
    economy = played(1, validators__audit_cost_tao=0.25, **values)
    assert column(economy, "audits")[0] == most
    assert column(economy, "audit_cost_tao")[0] == pytest.approx(0.25 * most, abs=1e-8)


def test_who_can_pay_twice_as_much_pays_twice_as_much():
    economy = played(0, validators__audit_cost_tao=0.01, validators__purse_tao=50.0)
    validator = economy.population.numbers("validator")
    economy.state.purse_rao[validator[0]] *= 2
    economy.state.outside_tao_rao -= 50 * 10**9
    before_rao = economy.state.purse_rao[validator].copy()
    economy.step()
    bill_rao = before_rao - economy.state.purse_rao[validator]
    assert bill_rao / bill_rao[1] == pytest.approx([2, 1, 1, 1], rel=1e-6)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.floats(0, 3), st.floats(0, 5), st.floats(0, 2), st.floats(0, 1))
def test_nobody_spends_more_on_audits_than_purse_and_budget(cost_tao, purse_tao, budget_tao, audit_rate):
    economy = played(
        1,
        validators__audit_cost_tao=cost_tao,
        validators__purse_tao=purse_tao,
        validators__audit_budget_tao=budget_tao,
        reward__audit_rate=audit_rate,
    )
    left_rao = economy.state.purse_rao[economy.population.numbers("validator")]
    assert (left_rao >= (purse_tao - min(purse_tao, budget_tao)) * 1e9 - 1).all()
    if round(cost_tao * 1e9):
        funds_rao = 4 * min(round(purse_tao * 1e9), round(budget_tao * 1e9))
        assert column(economy, "audits")[0] <= funds_rao // round(cost_tao * 1e9)


def test_what_audits_cost_can_change_during_a_run():
    change = Intervention(epoch=1, values={"validators.audit_cost_tao": 1.0, "validators.audit_budget_tao": 0.5})
    economy = played(2, [change], validators__purse_tao=10.0)
    assert column(economy, "audit_cost_tao").tolist() == pytest.approx([0, 2])


def test_an_audit_that_is_not_paid_for_catches_nobody_and_one_that_is_finds_its_share():
    economy = played(40, validators__audit_cost_tao=0.01, validators__audit_budget_tao=0.1, validators__purse_tao=50.0)
    frame = economy.records.epochs.frame()
    assert frame["lied"].tolist() == [40] * 40
    assert frame["audits"].tolist() == [40] * 40
    lies_audited = 40 * 40 * 0.4
    assert frame["caught"].sum() == pytest.approx(0.8 * lies_audited, abs=4 * np.sqrt(lies_audited * 0.24))


def test_without_confiscation_a_liar_that_is_caught_is_paid_as_if_it_were_not():
    kept, lost = (
        played(1, reward__audit_rate=1.0, reward__detection_share=1.0, reward__confiscate=confiscate)
        for confiscate in (False, True)
    )
    unseen = played(1, reward__audit_rate=0.0)
    assert column(kept, "caught").tolist() == column(lost, "caught").tolist() == [40]
    np.testing.assert_array_equal(kept.state.incentive_share, unseen.state.incentive_share)
    cheater = lost.population.strategy[lost.population.holder] == "cheater"
    assert cheater[:, 4:].sum() == 40
    assert not lost.state.incentive_share[cheater].any()
    assert kept.state.incentive_share[cheater].all()


def test_without_confiscation_exclusion_still_begins_with_the_next_epoch():
    economy = played(
        3,
        reward__audit_rate=1.0,
        reward__detection_share=1.0,
        reward__confiscate=False,
        reward__exclusion_epochs=1,
    )
    earned = economy.records.strategies.frame().query("strategy == 'cheater'")["earned_tao"].to_numpy()
    assert (earned > 0).tolist() == [True, False, True]
    # Whoever is excluded does nothing, and has nothing to lie about; it lies again when it is back.
    assert column(economy, "caught").tolist() == [40, 0, 40]
    spent = economy.records.strategies.frame().query("strategy == 'cheater'")["spend_tao"].to_numpy()
    assert (spent > 0).tolist() == [True, False, True]
