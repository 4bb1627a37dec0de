"""The running economy against the closed forms of contests, collusion and issuance, within stated tolerances."""

import math

import numpy as np
import pytest

from model.economy import Economy
from model.epoch import pay

# Contests


def contest(n_miners, exponents, unit_cost_tao, *, epochs, **values):
    """Economy after a contest of best-responding miners for a pot of 1,000 TAO, without noise or skill."""
    names = ["speed", "quality", "storage"][: len(exponents)]
    world = {
        "capabilities": names,
        "subnets__count": 1,
        "subnets__n_validators": 2,
        "subnets__n_miners": n_miners,
        "reward__measurement_noise": 0.0,
        "reward__capability_weight": dict(zip(names, exponents, strict=True)),
        "value__capability_weight": dict(zip(names, exponents, strict=True)),
        "miners__unit_cost_tao": dict(zip(names, unit_cost_tao, strict=True)),
        "miners__productivity": dict.fromkeys(names, 1.0),
        "miners__skill_sd": 0.0,
        "miners__purse_tao": 10_000.0,
        "validators__mix": {"honest": 1.0},
        "market__price_tao_per_alpha": 1.0,
        **values,
    }
    at_price_one = Economy("speed-or-quality", **world)
    pot_alpha = pay.expected_miner_pot_alpha(at_price_one.state, at_price_one.rules)[0]
    economy = Economy("speed-or-quality", **world | {"market__price_tao_per_alpha": 1000.0 / pot_alpha})
    for _ in range(epochs):
        economy.step()
    return economy


def resource_of(economy):
    """Hardware of the only subnet's miners, (miner, capability)."""
    return economy.state.resource[0, economy.rules.scenario.subnets.n_validators :]


def profit_of(economy):
    """Profit of the only subnet's miners in the last epoch, (miner,), TAO."""
    first = economy.rules.scenario.subnets.n_validators
    cost = (economy.state.resource * economy.population.unit_cost_tao)[0, first:].sum(axis=1)
    return economy.state.earned_tao[0, first:] - cost


@pytest.mark.parametrize(("decisiveness", "resource"), [(1.0, 94.1915), (0.8, 75.3532)])
def test_symmetric_contest_ends_at_the_tullock_equilibrium(decisiveness, resource):
    economy = contest(7, [1.0], [1.3], epochs=60, reward__pay_parameters={"decisiveness": decisiveness})
    exact = decisiveness * 1000 * 6 / (49 * 1.3)
    assert exact == pytest.approx(resource, rel=1e-6)
    assert resource_of(economy)[:, 0] == pytest.approx(exact, rel=1e-4)
    assert profit_of(economy) == pytest.approx(1000 / 7 - 1.3 * exact, abs=0.01)


def test_cheap_miners_drive_dear_ones_out():
    cost = np.array([1, 1.1, 1.25, 1.4, 2, 3])
    economy = contest(6, [1.0], [1.0], epochs=80, miners__cost_factor=cost.tolist())
    critical_cost = cost[:4].sum() / 3
    share = np.maximum(1 - cost / critical_cost, 0)
    assert share[:4] == pytest.approx([0.368421, 0.305263, 0.210526, 0.115789], abs=1e-6)
    assert economy.state.incentive_share[0, 2:] == pytest.approx(share, abs=1e-5)
    assert resource_of(economy)[:, 0].sum() == pytest.approx(1000 / critical_cost, rel=1e-5)
    # Total profit over the prize is the concentration of pay.
    assert profit_of(economy).sum() / 1000 == pytest.approx((share**2).sum(), abs=1e-5)
    assert economy.records.subnets.last("incentive_hhi")[0] == pytest.approx((share**2).sum(), abs=1e-5)


def test_what_is_scored_is_what_is_done():
    faster = {"miners__parameters": {"best_response": {"damping": 1.5}}}
    economy = contest(10, [0.6, 0.3, 0.1], [1.0, 2.0, 0.5], epochs=60, **faster)
    assert resource_of(economy) == pytest.approx(np.tile([54, 13.5, 18], (10, 1)), rel=1e-4)
    assert economy.records.capabilities.last("spend_tao") == pytest.approx([540, 270, 90], rel=1e-4)


def test_an_attribute_that_is_not_scored_is_not_done():
    economy = contest(10, [0.6, 0.0, 0.4], [1.0, 2.0, 0.5], epochs=3)
    assert economy.records.capabilities.last("spend_share") == pytest.approx([0.6, 0, 0.4])


@pytest.mark.parametrize("weight", [(0.6, 0.3, 0.1), (0.9, 0.05, 0.05)])
def test_value_lost_to_wrong_weights_is_the_divergence_of_the_weights(weight):
    valued = np.array([0.4, 0.4, 0.2])
    named = dict(zip(["speed", "quality", "storage"], valued.tolist(), strict=True))
    cost = [1.0, 2.0, 0.5]
    alike = {"miners__parameters": {"best_response": {"first_spend_spread": 0.0}}}
    right = contest(10, valued.tolist(), cost, epochs=3, **alike)
    wrong = contest(10, list(weight), cost, epochs=3, **alike, value__capability_weight=named)
    ratio = wrong.records.epochs.last("users_value")[0] / right.records.epochs.last("users_value")[0]
    assert ratio == pytest.approx(np.exp(-(valued * np.log(valued / weight)).sum()), rel=1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_spending_follows_the_weights_also_when_they_change(seed):
    economy = Economy("speed-or-quality", rng=seed, subnets__n_miners=12, market__price_tao_per_alpha=0.02)
    for weight in ((0.2, 0.6, 0.2), (0.7, 0.1, 0.2)):
        if economy.epoch:
            names = ("speed", "quality", "storage")
            economy.intervene({f"reward.capability_weight.{n}": w for n, w in zip(names, weight, strict=True)})
        for _ in range(5):
            economy.step()
        spend_tao = economy.records.capabilities.last("spend_tao").reshape(16, 3).sum(axis=0)
        assert spend_tao / spend_tao.sum() == pytest.approx(weight, rel=0.02)
        assert economy.records.capabilities.last("spend_share").reshape(16, 3) == pytest.approx(
            np.tile(weight, (16, 1)), rel=0.02
        )


def test_spending_on_subnets_follows_their_prizes():
    price = [0.05, 0.03, 0.015, 0.005]
    economy = Economy(
        "speed-or-quality",
        subnets__count=4,
        subnets__n_miners=8,
        market__price_tao_per_alpha=price,
        reward__measurement_noise=0.0,
        miners__skill_sd=0.0,
    )
    for _ in range(60):
        economy.step()
    spend_tao = economy.records.subnets.last("spend_tao")
    assert spend_tao / spend_tao.sum() == pytest.approx(np.array(price) / sum(price), rel=1e-3)


# Collusion

TABLE = [
    (0.4, 0.3, 1.0, 1.0, (0.416667, 0.166667, 0.291667)),
    (0.4, 0.3, 1.0, 0.5, (0.416667, 0.246212, 0.331439)),
    (0.4, 0.3, 1.0, 0.0, (0.416667, 0.287356, 0.352011)),
    (0.2, 0.1, 1.0, 1.0, (0.121951, 0.024390, 0.073171)),
    (0.45, 0.7, 1.0, 1.0, (0.809249, 0.364162, 0.586705)),
]


@pytest.mark.parametrize(("stake", "merit", "self_weight", "penalty", "printed"), TABLE)
def test_cartel_takes_what_the_two_bloc_formula_says(stake, merit, self_weight, penalty, printed):
    kept = 1 - stake * (self_weight - merit)
    bonded = (1 - penalty) * self_weight + penalty * merit
    incentive = merit / kept
    served = merit * stake * bonded / ((1 - stake) * merit + stake * bonded)
    dividend = (stake * (1 - self_weight) + served) / kept
    exact = (incentive, dividend, (incentive + dividend) / 2)
    assert exact == pytest.approx(printed, abs=1e-6)
    economy = Economy(
        "cartel",
        epochs=45,
        consensus__bonds_moving_average=0.6,  # the limit is the same, and nearer
        miners__purse_tao=10_000.0,
        cartel__stake_share=stake,
        cartel__merit_share=merit,
        cartel__self_weight=self_weight,
        consensus__bonds_penalty=penalty,
    )
    while economy.running:
        economy.step()
    columns = ("cartel_incentive_share", "cartel_dividend_share", "cartel_emission_share")
    assert [economy.records.epochs.last(name)[0] for name in columns] == pytest.approx(exact, abs=1e-6)


def test_shipped_cartel_ends_at_the_first_row_of_the_table():
    economy = Economy("cartel")
    while economy.running:
        economy.step()
    assert economy.records.epochs.last("cartel_emission_share")[0] == pytest.approx(0.7 / 2.4, abs=1e-6)


def test_cartel_that_votes_by_merit_gets_its_merit_and_its_stake():
    economy = Economy("cartel", epochs=45, consensus__bonds_moving_average=0.6, cartel__self_weight=0.3)
    while economy.running:
        economy.step()
    last = economy.records.epochs.last
    assert last("cartel_incentive_share")[0] == pytest.approx(0.3, abs=1e-6)
    assert last("cartel_dividend_share")[0] == pytest.approx(0.4, abs=1e-6)


# Issuance

BLOCKS_PER_DAY = 7200


def test_issuance_passes_the_points_of_its_curve():
    day = 1400
    economy = Economy(
        "halving",
        chain__initial_issuance_tao=float(day * BLOCKS_PER_DAY),
        chain__tempo_blocks=5 * BLOCKS_PER_DAY,
        subnets__n_validators=1,
        subnets__n_miners=1,
    )
    issuance_rao = {}
    while day < 3000:
        economy.step()
        day += 5
        issuance_rao[day] = economy.state.issuance_rao
    assert {day: issuance_rao[day] for day in (2000, 3000)} == {2000: 12_450_000 * 10**9, 3000: 15_900_000 * 10**9}
    halved = economy.records.epochs.frame()["halving_block"]
    days = 1400 + halved[halved >= 0] / BLOCKS_PER_DAY
    assert days.tolist() == pytest.approx([1458.3333, 2916.6667], abs=1e-4)


def test_halving_falls_on_its_block_and_not_on_an_epoch():
    economy = Economy("halving", chain__initial_issuance_tao=10_490_000.0, chain__tempo_blocks=7_000)
    for _ in range(3):
        economy.step()
    table = economy.records.epochs.frame()
    assert table["halving_block"].tolist() == pytest.approx([math.nan, 10_000, math.nan], nan_ok=True)
    assert table["minted_tao"].tolist() == [7_000, 3_000 + 2_000, 3_500]


@pytest.mark.slow
def test_issuance_of_twenty_years_is_exact():
    economy = Economy("halving")
    issuance_rao = {}
    while economy.running:
        economy.step()
        issuance_rao[economy.state.block] = economy.state.issuance_rao
    days = {2000: 12_450_000, 3000: 15_900_000, 3652.5: 17_074_500, 7305: 20_346_750}
    assert {day: issuance_rao[round(day * BLOCKS_PER_DAY)] for day in days} == {
        day: tao * 10**9 for day, tao in days.items()
    }
    halved = economy.records.epochs.frame()["halving_block"]
    assert halved[halved >= 0].tolist() == [10_500_000 * n for n in (1, 2, 3, 4, 5)]


# Stake


def test_stake_that_compounds_at_the_same_rate_keeps_its_shares():
    economy = Economy(
        "speed-or-quality",
        subnets__count=2,
        market__price_tao_per_alpha=0.02,
        reward__measurement_noise=0.0,
        validators__mix={"honest": 1.0},
        validators__stake_sd=1.0,
    )
    before = economy.state.staked_alpha_rao() / 1e9
    for _ in range(150):
        economy.step()
    after = economy.state.staked_alpha_rao() / 1e9
    assert after.sum() > 1.05 * before.sum()
    share_before, share_after = (held / held.sum(axis=1, keepdims=True) for held in (before, after))
    assert share_after == pytest.approx(share_before, rel=1e-6)
