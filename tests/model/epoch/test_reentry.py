"""Re-entry: who was caught lying buys the end of its exclusion, as far as its money goes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.economy import Economy
from model.epoch import reentry
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.world.ledger import Ledger

SMALL = {
    "subnets.count": 3,
    "subnets.n_validators": 3,
    "subnets.n_miners": 14,
    "miners.mix": {"honest": 0.5, "cheater": 0.5},
    "reward.audit_rate": 1.0,
    "reward.detection_share": 1.0,
    "reward.exclusion_epochs": 1000,
}


def economy(seed: int = 5, **values: object) -> Economy:
    return Economy(
        with_values(Scenario(), SMALL | {name.replace("__", "."): v for name, v in values.items()}), rng=seed
    )


@pytest.mark.parametrize("kind", ["fixed_price", "pool"])
def test_who_was_caught_comes_back_in_the_next_epoch_at_the_price_of_re_entry(kind):
    world = economy(reward__reentry_fee_tao=2.0, market__kind=kind)
    world.step()
    purse_rao = world.state.purse_rao.copy()
    ledger = Ledger.open(world.state)
    excluded = world.state.excluded_until > 1
    issuance_alpha, reserve_rao = world.state.alpha_issuance_rao.copy(), world.state.tao_reserve_rao.copy()
    reentries, paid_rao = reentry.reenter(world.population, world.state, world.rules, ledger, excluded)
    ledger.check(world.state, 1)
    assert reentries.tolist() == excluded.sum(axis=1).tolist() == [7, 7, 7]
    assert not (world.state.excluded_until > 1).any()
    liars = world.population.holder[excluded]
    assert paid_rao[liars].tolist() == [2 * 10**9] * 21
    assert (purse_rao - world.state.purse_rao).tolist() == paid_rao.tolist()
    recycled = issuance_alpha - world.state.alpha_issuance_rao
    assert (recycled > 0).all() == (kind == "pool")
    assert (world.state.tao_reserve_rao > reserve_rao).all()


def test_re_entry_counts_in_profit_and_in_the_tables():
    world = economy(reward__reentry_fee_tao=0.5)
    for _ in range(3):
        world.step()
    assert world.tables()["epochs"]["reentries"].tolist() == [0, 21, 21]
    cheater = world.tables()["strategies"].query("strategy == 'cheater'")
    lost = (cheater["earned_tao"] - cheater["spend_tao"] - cheater["profit_tao"]).to_numpy()
    assert lost == pytest.approx([0, 10.5, 10.5], abs=1e-6)


def test_who_has_not_the_money_stays_out():
    world = economy(reward__reentry_fee_tao=2.0, miners__presence="every_subnet", miners__purse_tao=5.0)
    world.step()
    liars = world.population.holder[0][world.population.strategy[world.population.holder[0]] == "cheater"]
    world.state.outside_tao_rao += int(world.state.purse_rao[liars].sum()) - 5 * 10**9 * len(liars)
    world.state.purse_rao[liars] = 5 * 10**9
    world.state.purse_rao[liars[0]], world.state.outside_tao_rao = 0, world.state.outside_tao_rao + 5 * 10**9
    reentries, paid_rao = reentry.reenter(
        world.population, world.state, world.rules, Ledger.open(world.state), world.state.excluded_until > 1
    )
    # Five TAO pay for two of three seats.
    assert reentries.tolist() == [6, 6, 0]
    assert paid_rao[liars[1:]].tolist() == [4 * 10**9] * 6
    assert paid_rao[liars[0]] == 0


def test_by_default_nobody_can_come_back_and_at_no_price_everybody_does():
    dear, free = economy(), economy(reward__reentry_fee_tao=0.0)
    for world in (dear, free):
        for _ in range(2):
            world.step()
    assert dear.tables()["epochs"]["reentries"].tolist() == [0, 0]
    assert free.tables()["epochs"]["reentries"].tolist() == [0, 21]
    assert not free.turnover.reentry_tao.any()


@settings(deadline=None, derandomize=True, max_examples=10)
@given(st.floats(0, 50), st.integers(0, 100))
def test_re_entry_balances_the_books(fee_tao, seed):
    world = economy(seed, reward__reentry_fee_tao=fee_tao)
    for _ in range(3):
        world.step()
    assert (world.state.purse_rao >= 0).all()
