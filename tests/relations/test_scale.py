"""Scale: TAO at a fixed price, everybody twice, halves of what can be divided, and the ends of ranges."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scenarios import FIXED_MINERS, SMOOTH_PAYS, apart, mixes, play, relation, seeds, tables, worlds

from agents.strategies import MINERS

AT_A_FIXED_PRICE = {
    "market__kind": "fixed_price",
    "market__demand_tao": 0.0,
    "market__price_tao_per_alpha": 0.02,
    "market__tao_reserve_tao": 20_000.0,
    "validators__root_stake_tao": 0.0,
}
# Every amount of TAO that a world states.
TAO = (
    "market.price_tao_per_alpha",
    "market.tao_reserve_tao",
    "miners.purse_tao",
    "miners.hardware_price_tao",
    "miners.outside_option_tao",
    "miners.broke_below_tao",
    "validators.purse_tao",
    "validators.audit_cost_tao",
    "reward.fine_tao",
    "registration.price_tao",
    "registration.min_price_tao",
    "registration.max_price_tao",
    "registration.identity_cost_tao",
)


def scaled(values: dict[str, Any], factor: float) -> dict[str, Any]:
    """The world with all its TAO times a factor."""
    stated = {"registration.min_price_tao": 0.0005, "registration.max_price_tao": 10.0} | values
    other = stated | {path: factor * stated[path] for path in TAO}
    other["reward.reentry_fee_tao"] = min(factor * stated["reward.reentry_fee_tao"], 2.1e7)
    unit_cost = dict.fromkeys(("speed", "quality", "storage"), 0.01 * factor)
    harm = {"inspector": {"harm_tao": 2.0 * factor}}
    return other | {"miners.unit_cost_tao": unit_cost, "owners.parameters": harm}


# Their entries for TAO; the others are quantities, shares and counts. Emission is minted whatever a price is.
SCALED = ("_tao", "price_tao_per_alpha", "price_ema_tao_per_alpha")
MINTED = (
    "issuance",
    "minted",
    "pooled",
    "recycled",
    "returned",
    "tao_in",
    "chain_buy",
    "tao_reserve",
    "wealth",
    "stake",
)


@relation
@given(
    worlds(
        **AT_A_FIXED_PRICE,
        miners__mix=mixes(FIXED_MINERS),
        owners__mix=mixes(["fixed", "burner", "inspector"]),
        reward__fine_tao=0.5,
        # What is left of an empty purse is rounding.
        miners__purse_tao=100.0,
        emission__rule=st.sampled_from(["equal", "price_burn", "price_ema"]),
        reward__pay=st.sampled_from(SMOOTH_PAYS),
        reward__pay_parameters={},
    ),
    seeds,
    st.sampled_from([0.5, 3.0]),
)
def test_tao_at_a_fixed_price_is_a_unit(values, seed, factor):
    one, other = tables(play(scaled(values, 1.0), seed)), tables(play(scaled(values, factor), seed))
    for name in one:
        # A count up to a half of all jumps where shares are equal.
        if not any(part in name for part in (*MINTED, "_nakamoto_")):
            by = factor if name.endswith(SCALED) else 1.0
            assert other[name] == pytest.approx(by * one[name], rel=1e-5, abs=1e-6 * by, nan_ok=True), name


@relation
@given(seeds, st.sampled_from(MINERS.names()), st.sampled_from([0.25, 4.0]))
def test_every_miner_thinks_in_shares_of_the_pot(seed, name, factor):
    values = {"miners.mix": {name: 1.0}, "market.kind": "fixed_price", "owners.parameters": {}, "reward.fine_tao": 0.5}
    values |= {"market.price_tao_per_alpha": 0.02, "market.tao_reserve_tao": 20_000.0, "miners.purse_tao": 100.0}
    values |= {"miners.hardware_price_tao": 1.0, "miners.outside_option_tao": 0.0, "miners.broke_below_tao": 0.0}
    values |= {"validators.purse_tao": 0.0, "validators.audit_cost_tao": 0.0, "registration.price_tao": 1.0}
    values |= {"registration.identity_cost_tao": 0.0, "reward.reentry_fee_tao": 2.1e7, "reward.audit_rate": 0.5}
    one, other = play(scaled(values, 1.0), seed), play(scaled(values, factor), seed)
    assert other.state.resource == pytest.approx(one.state.resource, rel=1e-5, abs=1e-6)


doubling = {
    "miners__mix": st.sampled_from([{"honest": 0.5, "lazy": 0.5}, {"honest": 0.5, "cheater": 0.5}, {"speed": 1.0}]),
    "subnets__n_miners": st.sampled_from([2, 4]),
    "validators__mix": st.sampled_from([{"honest": 1.0}, {"honest": 0.5, "speed_biased": 0.5}]),
    "subnets__n_validators": st.sampled_from([2, 4]),
    "validators__stake_sd": 0.0,
    "nominators__count": 0,
    "miners__skill_sd": 0.0,
    "miners__presence": "one_subnet",
    "miners__purse_tao": 1000.0,
    "miners__exit_window_epochs": 0,
    "miners__hardware": "rented",
    "miners__cost_exponent": 1.0,
    "registration__newcomers": 0.0,
    "registration__n_waiting": 0,
    "registration__open_uids": 0,
    "registration__identity_cost_tao": 0.0,
    "reward__measurement_noise": 0.0,
    "reward__audit_rate": 0.0,
    "reward__pay": st.sampled_from(["equal", "proportional", "softmax", "threshold"]),
    "reward__pay_parameters": {},
    "owners__mix": {"fixed": 1.0},
    "owners__burn_share": st.sampled_from([0.0, 0.3]),
}


@relation
@given(worlds(**AT_A_FIXED_PRICE | doubling), seeds)
def test_twice_as_many_equals_are_as_unequal_and_half_as_concentrated(values, seed):
    twice = {f"subnets.{name}": 2 * values[f"subnets.{name}"] for name in ("n_miners", "n_validators")}
    # The same pot per head.
    twice |= {"market.price_tao_per_alpha": 0.04, "validators.stake_alpha": 5_000.0}
    one, other = play(values, seed).records.epochs, play(values | twice, seed).records.epochs
    for amount in ("stake", "spend"):  # rewards are over the subnet's owner as well, and there is one
        gini, hhi = f"{amount}_gini_hotkey", f"{amount}_hhi_hotkey"
        assert other.history(gini) == pytest.approx(one.history(gini), abs=1e-6, nan_ok=True)
        assert other.history(hhi) == pytest.approx(one.history(hhi) / 2, rel=1e-5, nan_ok=True)
    assert other.history("spend_tao") == pytest.approx(2 * one.history("spend_tao"), rel=1e-6)
    assert other.history("rent_dissipation_share") == pytest.approx(
        one.history("rent_dissipation_share"), rel=1e-6, nan_ok=True
    )


SUMMED = ("participants", "_holders_", "_gini_", "_hhi_", "_nakamoto_", "_top10_")


@relation
@given(
    worlds(
        nominators__mix={"loyal": 1.0},
        nominators__count=st.integers(1, 3),
        subnets__n_validators=1,
        miners__exit_window_epochs=0,
        miners__mix=mixes(FIXED_MINERS),
        reward__pay=st.sampled_from(SMOOTH_PAYS),
    ),
    seeds,
)
def test_a_nominators_half_given_to_a_second_self_changes_nothing(values, seed):
    halves = {"nominators.count": 2 * values["nominators.count"], "nominators.stake_alpha": 500.0}
    one, other = tables(play(values, seed)), tables(play(values | halves, seed))
    assert apart(one, other, 1e-6, but=SUMMED) == {}


@relation
@given(
    worlds(
        **doubling | {"nominators__count": 0, "consensus__mechanism": st.sampled_from(["yuma3", "yuma2", "stake_mean"])}
    ),
    seeds,
)
def test_a_validators_half_given_to_a_second_self_changes_no_miner(values, seed):
    values = values | {"validators.mix": {"honest": 1.0}}
    halves = {"subnets.n_validators": 2 * values["subnets.n_validators"], "validators.stake_alpha": 5_000.0}
    halves |= {"validators.root_stake_tao": values["validators.root_stake_tao"] / 2}
    one, other = tables(play(values, seed)), tables(play(values | halves, seed))
    names = ("emission_share", "miner_pot_tao", "spend_tao", "users_value", "incentive_gini", "price_tao_per_alpha")
    for name in names:
        assert other[f"subnets.{name}"] == pytest.approx(one[f"subnets.{name}"], rel=1e-6, abs=1e-6, nan_ok=True), name


# An end of a field's range and what stands a millionth away.
NEAR = 1e-6
ENDS = [
    ("owners.burn_share", 0.0),
    ("owners.burn_share", 1.0),
    ("validators.take_share", 0.0),
    ("validators.take_share", 1.0),
    ("validators.reinvest_share", 0.0),
    ("validators.reinvest_share", 1.0),
    ("miners.sell_share", 0.0),
    ("miners.sell_share", 1.0),
    ("miners.reinvest_share", 0.0),
    ("miners.reinvest_share", 1.0),
    ("miners.hardware_resale_share", 0.0),
    ("miners.hardware_resale_share", 1.0),
    ("miners.depreciation_share", 0.0),
    ("miners.depreciation_share", 1.0),
    ("miners.hardware_start_share", 0.0),
    ("miners.skill_sd", 0.0),
    ("reward.measurement_noise", 0.0),
    ("reward.audit_rate", 0.0),
    ("reward.audit_rate", 1.0),
    ("reward.detection_share", 0.0),
    ("reward.detection_share", 1.0),
    ("reward.fine_tao", 0.0),
    ("chain.owner_cut_share", 0.0),
    ("chain.owner_cut_share", 1.0),
    ("chain.tao_weight", 0.0),
    ("chain.tao_weight", 1.0),
    ("market.fee_share", 0.0),
    ("market.demand_elasticity", 0.0),
    ("consensus.kappa", 1.0),
    ("consensus.bonds_penalty", 0.0),
    ("consensus.bonds_penalty", 1.0),
    ("consensus.bonds_moving_average", 0.0),
    ("cartel.stake_share", 0.0),
    ("cartel.stake_share", 1.0),
    ("cartel.self_weight", 0.0),
    ("cartel.self_weight", 1.0),
    ("cartel.merit_share", 0.0),
    ("cartel.side_payment_share", 0.0),
    ("cartel.side_payment_share", 1.0),
    ("registration.identity_cost_tao", 0.0),
    ("value.exponent", 1.0),
]
smooth = {
    "subnets__count": 2,
    "miners__mix": mixes([*FIXED_MINERS, "colluding"]),
    "validators__mix": mixes(["honest", "colluding", "speed_biased", "self_voter"]),
    "nominators__mix": {"loyal": 1.0},
    "owners__mix": mixes(["fixed"]),
    "reward__pay": st.sampled_from(SMOOTH_PAYS),
    "reward__pay_parameters": {},
    "miners__exit_window_epochs": 0,
    "miners__broke_below_tao": 0.0,
    "miners__purse_tao": 100.0,
    "registration__newcomers": 0.0,
    "reward__reentry_fee_tao": 2.1e7,
    "owners__burn_share": 0.0,
    # A root of a millionth is a thousandth.
    "miners__cost_exponent": 1.0,
    "value__exponent": 1.0,
}
# Ends that are not as their neighbours, and why.
BREAKS = {
    (
        "miners.hardware_start_share",
        0.0,
    ): "who owns a millionth of its hardware buys out of profit, who owns none out of its purse",
}
# Shares of a pot that has vanished: nothing has no share, and nobody lies who does nothing. Where validators take all a
# millionth less is something for nominators, in proportion to the pot.
SHARES_OF_NOTHING = (".spend_share", ".honest_share", ".paid_from_purse_share", "incentive_", ".lied")
SHARES_OF_NOTHING += ("spend_gini", "spend_hhi", "spend_top10", "moved_spend")
OF_NOTHING = {
    ("owners.burn_share", 1.0): SHARES_OF_NOTHING,
    ("chain.owner_cut_share", 1.0): ("_share", "_gini", "_hhi", "_top10", ".lied"),
    ("validators.take_share", 1.0): ("nominator",),
}
# Where miners' pot ends, and all that they do for it.
NO_POT = [("owners.burn_share", 1.0), ("chain.owner_cut_share", 1.0)]
smooth_ends = st.sampled_from([end for end in ENDS if end not in (*BREAKS, *NO_POT)])
# Counts of holders jump where shares are equal, a Gini coefficient counts who has anything at all, and of costs that
# vanish any part may come from purses.
JUMPY = ("_nakamoto_", "paid_from_purse", "price_of_anarchy", "planner", "efficiency", "rent_dissipation")


def gap_at(path: str, end: float, values: dict[str, Any], seed: int, near: float = NEAR) -> dict[str, float]:
    """Figures that differ between an end and its neighbour by more than their distance explains."""
    neighbour = end + near if end == 0 else end - near
    one, other = (tables(play(values | {path: value}, seed)) for value in (end, neighbour))
    return apart(one, other, 1e-3, but=(*JUMPY, *OF_NOTHING.get((path, end), ())))


@pytest.mark.parametrize(
    ("path", "end"),
    [
        pytest.param(
            path,
            end,
            id=f"{path}={end:g}",
            marks=[pytest.mark.xfail(strict=True, reason=BREAKS[path, end])] if (path, end) in BREAKS else [],
        )
        for path, end in ENDS
    ],
)
def test_an_end_of_a_range_is_as_its_neighbour_in_a_plain_world(path, end):
    owned = path in ("miners.depreciation_share", "miners.hardware_start_share", "miners.reinvest_share")
    values = {"miners.mix": {"honest": 0.5, "colluding": 0.5}, "subnets.n_miners": 4, "nominators.count": 1}
    values |= {"validators.mix": {"honest": 0.5, "colluding": 0.5}, "reward.audit_rate": 0.5, "epochs": 4}
    values |= {"miners.hardware": "owned" if owned else "rented", "validators.root_stake_tao": 5_000.0}
    values |= {"miners.hardware_price_tao": 1.0}
    if path == "cartel.stake_share":  # a millionth of all root stake is more than all that a small cartel has
        values |= {"validators.root_stake_tao": 0.0}
    assert gap_at(path, end, values, 1) == {}


@relation
@given(worlds(**smooth), seeds, smooth_ends)
def test_an_end_of_a_range_is_as_its_neighbour(values, seed, at):
    path, end = at
    assume(not (path == "value.exponent" and values["miners.hardware"] == "owned"))
    assert gap_at(path, end, values, seed) == {}


without_a_pot = smooth | {
    # A lie is fined whatever its size, and where all burn all the chain's rules by burn share out nothing.
    "reward__audit_rate": 0.0,
    "chain__tempo_blocks": 360,
    "emission__rule": st.sampled_from(["equal", "price_ema"]),
    "value__capability_weight": st.sampled_from(
        [{"speed": 0.5, "quality": 0.3, "storage": 0.2}, {"speed": 1.0, "quality": 0.0, "storage": 0.0}]
    ),
}


@relation
@given(worlds(**without_a_pot), seeds, st.sampled_from(NO_POT))
def test_the_end_of_miners_pot_is_as_its_neighbour(values, seed, at):
    path, end = at
    # A millionth of a pot still buys thousandths of a unit of hardware.
    assert gap_at(path, end, values, seed, near=NEAR / 1000) == {}


@relation
@given(worlds(**smooth), seeds, st.sampled_from([0.0, 0.5, 1.0]))
@example({"miners.mix": {"honest": 1.0}, "reward.audit_rate": 0.0, "miners.purse_tao": 0.0}, 1, 1.0)
@example({"miners.mix": {"honest": 1.0}, "chain.owner_cut_share": 1.0}, 1, 0.5)
def test_a_share_is_burned_whether_anybody_works_or_not(values, seed, burn_share):
    values = values | {"owners.burn_share": burn_share, "owners.mix": {"fixed": 1.0}}
    economy = play(values, seed)
    assert economy.state.miner_burned_share == pytest.approx(np.full(len(economy.state.price_ema), burn_share))
