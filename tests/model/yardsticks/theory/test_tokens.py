"""Token economics against simulated recursions and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.emission.issuance import block_emission_rao
from model.records.measures import hhi
from model.yardsticks.theory import tokens

APPEAL = (4, 2, 1, 1)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 21_000_000))
def test_block_emission_is_the_chains(issuance_tao):
    exact = block_emission_rao(issuance_tao * 10**9)
    assert exact == pytest.approx(tokens.block_emission_tao(issuance_tao) * 1e9, abs=1)


@pytest.mark.parametrize(("issuance", "emission"), [(0, 1), (10_500_000, 0.5), (10_499_999, 1), (21_000_000, 0)])
def test_block_emission_at_the_edges(issuance, emission):
    assert tokens.block_emission_tao(issuance) == emission


def test_halvings_and_their_interval():
    levels = [tokens.halving_issuance_tao(n) for n in (1, 2, 3, 4)]
    assert levels == [10.5e6, 15.75e6, 18.375e6, 19.6875e6]
    assert tokens.halving_interval_days() == pytest.approx(1458.3333, abs=1e-4)
    assert tokens.halving_interval_days(0.1) == pytest.approx(1620.37, abs=1e-2)


@pytest.mark.parametrize(("days", "tao"), [(2000, 12.45e6), (3000, 15.9e6), (3652.5, 17_074_500), (7305, 20_346_750)])
def test_issuance_by_day(days, tao):
    assert tokens.issuance_tao(days) == pytest.approx(tao, abs=1e-3)


def test_recycling_stretches_the_same_curve():
    assert tokens.issuance_tao(2000 / 0.9, 0.1) == pytest.approx(tokens.issuance_tao(2000))


def test_hand_made_trades():
    bought = tokens.bought_alpha(10_000, 100_000, 100)
    assert bought == pytest.approx(990.099010, abs=1e-6)
    assert 10_100 / (100_000 - bought) == pytest.approx(0.102010)
    assert tokens.sold_tao(10_100, 100_000 - bought, bought) == pytest.approx(100)
    assert tokens.bought_alpha(10_000, 100_000, 100, 0.6) == pytest.approx(1481.466316, abs=1e-6)


def test_round_trip_loses_the_fee_twice():
    bought = tokens.bought_alpha(10_000, 100_000, 100 * 0.9995)
    back = tokens.sold_tao(10_000 + 99.95, 100_000 - bought, bought * 0.9995)
    assert back == pytest.approx(99.900519, abs=1e-6)


@settings(deadline=None, derandomize=True)
@given(st.floats(1, 1e4), st.floats(0.1, 0.9))
def test_a_weighted_pool_gives_back_what_it_took(paid, weight):
    bought = tokens.bought_alpha(10_000, 100_000, paid, weight)
    assert tokens.sold_tao(10_000 + paid, 100_000 - bought, bought, weight) == pytest.approx(paid)


@pytest.mark.parametrize("start", [500.0, 9000.0])
def test_reserve_follows_the_path_of_steady_trade(start):
    bought, sold, product = 0.2, 1.0, 9e7
    reserve = start
    for _ in range(5000):
        reserve += bought
        reserve -= tokens.sold_tao(reserve, product / reserve, sold)
    path = tokens.tao_reserve_path(5000, start, bought, sold, product)
    assert reserve == pytest.approx(float(path), rel=1e-3)


def test_reserve_comes_to_rest_at_the_steady_price():
    rest = float(tokens.tao_reserve_path(1e7, 1000.0, 0.2, 1.0, 9e7))
    assert rest**2 / 9e7 == pytest.approx(tokens.steady_price(0.2, 1.0))
    assert tokens.steady_price(0.2, 1.0) == pytest.approx(0.2)
    half = tokens.reserve_half_life_blocks(0.2, 1.0, 9e7)
    assert half == pytest.approx(7352, abs=1)
    near = [float(tokens.tao_reserve_path(t, rest * 1.001, 0.2, 1.0, 9e7)) - rest for t in (0, half)]
    assert near[1] / near[0] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("elasticity", "share"),
    [
        (0.0, (0.5, 0.25, 0.125, 0.125)),
        (0.3, (0.606973, 0.225489, 0.083769, 0.083769)),
        (0.6, (0.806922, 0.142645, 0.025216, 0.025216)),
        (1.1, (1, 0, 0, 0)),
    ],
)
def test_emission_locks_in_where_demand_follows_it(elasticity, share):
    assert tokens.locked_in_share(APPEAL, elasticity) == pytest.approx(share, abs=1e-6)


def test_concentration_of_locked_in_shares():
    assert hhi(tokens.locked_in_share(APPEAL, 0.3)) == pytest.approx(0.433296, abs=1e-6)
    assert hhi(tokens.locked_in_share(APPEAL, 0.6)) == pytest.approx(0.672743, abs=1e-6)
    assert tokens.locked_in_share(APPEAL, 0.9)[0] == pytest.approx(0.999022, abs=1e-6)


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 0.8, 1.3])
@pytest.mark.parametrize("start", [(0.25, 0.25, 0.25, 0.25), (0.1, 0.5, 0.2, 0.2), (0.05, 0.1, 0.8, 0.05)])
def test_moving_average_of_shares_ends_where_the_formula_says(elasticity, start):
    share = np.array(start)
    for _ in range(4000):
        demand = np.array(APPEAL) * share**elasticity
        share = share + 0.02 * (demand / demand.sum() - share)
    assert share == pytest.approx(tokens.locked_in_share(APPEAL, elasticity, start), abs=1e-4)


def test_displacement_fades_more_slowly_the_stronger_the_feedback():
    share = tokens.locked_in_share(APPEAL, 0.6)
    moved, rate = share + np.array([-1e-6, 1e-6, 0, 0]), 1e-3
    n_steps = round(tokens.displacement_half_life(np.log(2) / rate, 0.6))
    for _ in range(n_steps):
        demand = np.array(APPEAL) * moved**0.6
        moved = moved + rate * (demand / demand.sum() - moved)
    assert abs(moved[1] - share[1]) == pytest.approx(0.5e-6, rel=1e-3)
    assert tokens.displacement_half_life(32, 1.1) == np.inf


def test_compounding_stake_keeps_its_mean():
    urn = tokens.polya(0.2, 100, 1, 2000)
    assert urn.mean == 0.2
    assert urn.variance == pytest.approx(0.001509, abs=1e-6)
    assert urn.limit == pytest.approx((20, 80))


def test_variance_of_the_urn_is_that_of_draws():
    rng = np.random.default_rng(3)
    held = np.full(40_000, 2.0)
    for done in range(30):
        held += rng.random(held.size) * (10 + done) < held
    urn = tokens.polya(0.2, 10, 1, 30)
    assert (held / 40).mean() == pytest.approx(urn.mean, abs=0.003)
    assert (held / 40).var() == pytest.approx(urn.variance, rel=0.03)
