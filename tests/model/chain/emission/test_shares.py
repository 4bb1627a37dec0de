from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.chain.emission.apportion import apportion_rao
from model.chain.emission.rules.equal import Equal
from model.chain.emission.rules.fixed import Fixed
from model.chain.emission.rules.hill_gate import HillGate
from model.chain.emission.rules.price_burn import PriceBurn
from model.chain.emission.rules.price_ema import PriceEma
from model.chain.emission.shares import EMISSION_RULES, SubnetSignals, held_gate_share, subnet_shares

RULES = {name: EMISSION_RULES.build(name) for name in EMISSION_RULES.names()}


@st.composite
def signal_sets(draw, min_size=1):
    n = draw(st.integers(min_size, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    price = np.where(rng.random(n) < 0.2, 0.0, rng.lognormal(-3, 2, n))
    return SubnetSignals(
        netuid=rng.permutation(40)[:n],
        price_ema=price,
        miner_burned_share=np.where(rng.random(n) < 0.3, 1.0, rng.random(n)),
        user_flow_ema_tao=rng.normal(0, 1, n),
        protocol_flow_ema_tao=rng.normal(0, 1, n),
        root_proportion=rng.random(n),
        eligible=rng.random(n) < 0.8,
        enabled=rng.random(n) < 0.8,
    )


def rearranged(signals, order):
    names = [name for name in SubnetSignals.__slots__ if name != "gate_share"]
    return SubnetSignals(**{name: getattr(signals, name)[order] for name in names})


def test_the_registry_holds_the_rules_of_every_version():
    assert set(EMISSION_RULES.names()) == {
        "equal", "fixed", "hill_gate", "net_flow", "price_burn", "price_ema", "price_root_burn",
        "rank_gate", "rank_tiers", "tao_flow",
    }  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_every_rule_states_stage_dates_and_source(name):
    assert RULES[name].stage in ("historic", "live", "proposed", "ours")
    assert RULES[name].in_force
    assert RULES[name].source


@pytest.mark.parametrize("name", RULES)
@given(signals=signal_sets())
@settings(deadline=None, derandomize=True, max_examples=20)
def test_shares_sum_to_one_or_are_all_zero_and_go_to_those_who_may_receive(name, signals):
    share = subnet_shares(RULES[name], signals)
    assert (share >= 0).all()
    assert share.sum() == pytest.approx(1) or not share.any()
    assert not share[~(signals.eligible & signals.enabled)].any()


@pytest.mark.parametrize("name", RULES)
@given(signals=signal_sets(), random=st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=20)
def test_permuting_subnets_permutes_their_shares(name, signals, random):
    order = np.array(random.sample(range(len(signals.netuid)), len(signals.netuid)))
    permuted = subnet_shares(RULES[name], rearranged(signals, order))
    assert_allclose(permuted, subnet_shares(RULES[name], signals)[order], atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(RULES) - {"tao_flow", "net_flow"}))
@given(signals=signal_sets(), scale=st.floats(1e-3, 1e3))
@settings(deadline=None, derandomize=True, max_examples=15)
def test_only_the_ratio_of_prices_counts(name, signals, scale):
    names = [name for name in SubnetSignals.__slots__ if name not in ("gate_share", "price_ema")]
    scaled = SubnetSignals(price_ema=signals.price_ema * scale, **{name: getattr(signals, name) for name in names})
    assert_allclose(subnet_shares(RULES[name], scaled), subnet_shares(RULES[name], signals), atol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_without_any_eligible_subnet_nobody_gets_anything(name, signals):
    assert subnet_shares(RULES[name], signals([1.0, 2.0], eligible=False)).tolist() == [0, 0]
    assert subnet_shares(RULES[name], signals([])).size == 0


def test_the_share_of_a_disabled_subnet_goes_to_the_others_pro_rata(signals):
    share = subnet_shares(PriceEma(), signals([1.0, 2.0, 1.0], enabled=[True, True, False]))
    assert_allclose(share, [1 / 3, 2 / 3, 0])


def test_a_disabled_subnet_with_all_the_share_leaves_nothing_to_anybody(signals):
    share = subnet_shares(PriceEma(), signals([1.0, 0.0], enabled=[False, True]))
    assert share.tolist() == [0, 0]


def test_an_ineligible_subnet_is_invisible_to_the_rule(signals):
    seen = subnet_shares(RULES["tao_flow"], signals([1] * 3, user_flow_ema_tao=[3, 1, -2]))
    unseen = subnet_shares(
        RULES["tao_flow"],
        signals([1] * 3, user_flow_ema_tao=[3, 1, -2], eligible=[True, True, False]),
    )
    assert_allclose(seen, unseen)


def test_shares_reproduce_the_chain(golden, signals):
    for vector in golden("coinbase.json", "subnet_shares"):
        given_ = vector["inputs"]
        share = subnet_shares(
            PriceBurn(),
            signals(
                given_["moving_price"],
                miner_burned_share=given_["miner_burned"],
                root_proportion=given_.get("root_prop", 1.0),
                enabled=given_["emission_enabled"],
            ),
        )
        assert_allclose(share, vector["expected"], atol=vector["tol"])


def test_emission_of_subnets_reproduces_the_chain(golden, signals):
    for vector in golden("coinbase.json", "subnet_block_emission"):
        given_ = vector["inputs"]
        share = subnet_shares(
            PriceBurn(),
            signals(
                given_["moving_price"],
                miner_burned_share=given_["miner_burned"],
                enabled=given_["emission_enabled"],
            ),
        )
        amount_rao, _ = apportion_rao(given_["block_emission"], share)
        assert_allclose(amount_rao, vector["expected"], atol=vector["tol"], rtol=0)


def test_a_gate_is_held_between_refreshes_and_fresh_at_each(signals):
    rule, before, after = HillGate(), signals([1.0, 2.0]), signals([1.0, 1.0], gate_share=2 / 3)
    assert held_gate_share(rule, before, block=5) == pytest.approx(2 / 3)
    assert held_gate_share(rule, after, block=719) == 2 / 3
    assert held_gate_share(rule, after, block=720) == 0.5
    assert held_gate_share(rule, after, block=750, blocks=100) == 0.5
    assert_allclose(rule.weight(after), [0.5 / (1 + (4 / 3) ** 3)] * 2)


def test_a_rule_without_a_gate_holds_nothing(signals):
    assert isnan(held_gate_share(Equal(), signals([1.0]), block=0))


def test_feedback_with_elasticity_below_one_settles_at_the_power_of_demand(signals):
    demand, elasticity = np.array([4.0, 2.0, 1.0, 1.0]), 0.6
    share = np.full(4, 0.25)
    for _ in range(200):
        share = subnet_shares(PriceEma(), signals(demand * share**elasticity))
    assert_allclose(share, [0.806922, 0.142645, 0.025216, 0.025216], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("price", [-1.0, 1.0], "price_ema must be >= 0"),
        ("price", [nan, 1.0], "price_ema must be >= 0"),
        ("miner_burned_share", 1.5, "miner_burned_share must be <= 1"),
        ("root_proportion", -0.5, "root_proportion must be >= 0"),
        ("user_flow_ema_tao", np.inf, "user_flow_ema_tao must be finite"),
        ("netuid", [0, 1, 2], "does not fit netuid"),
    ],
)
def test_impossible_signals_are_refused(signals, name, value, message):
    arguments = {"price": [1.0, 1.0]} | {name: value}
    with pytest.raises(ValueError, match=message):
        signals(**arguments)


def test_fixed_shares_are_scaled_and_subnets_beyond_the_list_get_nothing(signals):
    rule = Fixed(share=(1.0, 3.0))
    assert subnet_shares(rule, signals([9.0, 1.0, 5.0])).tolist() == [0.25, 0.75, 0]
    assert subnet_shares(rule, signals([9.0, 1.0, 5.0], netuid=[2, 1, 0])).tolist() == [0, 0.75, 0.25]
