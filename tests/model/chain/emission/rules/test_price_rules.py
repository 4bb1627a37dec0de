import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.chain.emission.rules.fixed import Fixed
from model.chain.emission.rules.hill_gate import HillGate
from model.chain.emission.rules.price_burn import PriceBurn
from model.chain.emission.rules.price_root_burn import PriceRootBurn
from model.chain.emission.rules.rank_gate import RankGate
from model.chain.emission.rules.rank_tiers import RankTiers
from model.chain.emission.shares import subnet_shares


def test_burning_half_of_miner_pay_halves_the_weight(signals):
    burning = signals([2, 1, 1], miner_burned_share=[0.5, 0, 0])
    assert_allclose(subnet_shares(PriceBurn(), burning), [1 / 3] * 3)


def test_where_everybody_burns_all_the_plain_price_counts(signals):
    assert_allclose(subnet_shares(PriceBurn(), signals([3, 1], miner_burned_share=1.0)), [3 / 4, 1 / 4])


def test_root_proportion_favours_the_young(signals):
    young = signals([1, 1], root_proportion=[0.6, 0.2])
    assert_allclose(subnet_shares(PriceRootBurn(), young), [3 / 4, 1 / 4])


def test_two_subnets_at_one_to_two_pass_the_gate_at_one_to_nine(signals):
    assert_allclose(subnet_shares(HillGate(), signals([1, 2])), [1 / 10, 9 / 10], rtol=1e-15)


def test_the_threshold_is_the_share_at_which_the_sum_from_the_top_reaches_the_quantile(signals):
    prices = signals([4, 3, 2, 1])
    assert HillGate(quantile=0.4).fresh_gate_share(prices) == pytest.approx(0.4)
    assert HillGate(quantile=0.41).fresh_gate_share(prices) == pytest.approx(0.3)
    assert HillGate(quantile=0.9).fresh_gate_share(prices) == pytest.approx(0.2)
    assert HillGate(quantile=1.0).fresh_gate_share(prices) == pytest.approx(0.1)


def test_at_the_threshold_half_passes(signals):
    gated = HillGate().weight(signals([1, 1], gate_share=0.5))
    assert_allclose(gated, [0.25, 0.25])


def test_the_gate_without_burn_reads_the_plain_price(signals):
    burning = signals([2, 1], miner_burned_share=[0.9, 0])
    assert_allclose(subnet_shares(HillGate(burn=False), burning), [9 / 10, 1 / 10])


def test_the_gate_of_rank_two_halves_the_second_subnet(signals):
    gated = RankGate(rank=2).weight(signals([5, 3, 2]))
    assert gated[1] == pytest.approx(0.15)
    assert RankGate(rank=2).fresh_gate_share(signals([5, 3, 2])) == pytest.approx(0.3)


def test_with_fewer_subnets_than_the_rank_the_smallest_positive_share_is_the_threshold(signals):
    assert RankGate().fresh_gate_share(signals([5, 3, 2, 0])) == pytest.approx(0.2)


def test_forty_equal_subnets_fill_the_first_tier_and_a_quarter_of_the_second(signals):
    share = subnet_shares(RankTiers(), signals([1.0] * 40))
    assert_allclose(share, [0.75 / 32] * 32 + [0.25 / 8] * 8)


def test_ties_go_to_the_lower_netuid_wherever_it_stands(signals):
    share = subnet_shares(RankTiers(), signals([1.0] * 40, netuid=np.arange(40)[::-1]))
    assert_allclose(share, [0.25 / 8] * 8 + [0.75 / 32] * 32)


def test_thirty_two_subnets_or_fewer_share_everything(signals):
    assert_allclose(subnet_shares(RankTiers(), signals([1.0] * 32)), [1 / 32] * 32)


def test_below_the_tiers_is_nothing(signals):
    share = subnet_shares(RankTiers(), signals(np.arange(70, 0, -1)))
    assert (share[:64] > 0).all()
    assert not share[64:].any()


def test_inside_a_tier_the_gated_share_counts(signals):
    prices = signals([4, 2, 1])
    tiers = subnet_shares(RankTiers(tier_size=(2, 1), tier_share=(0.75, 0.25)), prices)
    gated = subnet_shares(HillGate(), prices)
    assert tiers[2] == pytest.approx(0.25)
    assert tiers[0] / tiers[1] == pytest.approx(gated[0] / gated[1])


@pytest.mark.parametrize(
    ("rule", "parameter"),
    [
        (HillGate, {"quantile": 0.0}),
        (HillGate, {"quantile": 1.1}),
        (HillGate, {"steepness": 0.0}),
        (HillGate, {"refresh_blocks": 0}),
        (RankGate, {"rank": 0}),
        (RankGate, {"steepness": np.nan}),
        (RankTiers, {"tier_size": (32,)}),
        (RankTiers, {"tier_size": (32, 0)}),
        (RankTiers, {"tier_share": (0.7, 0.2)}),
        (RankTiers, {"quantile": -1.0}),
        (Fixed, {"share": (0.0, 0.0)}),
        (Fixed, {"share": (-1.0, 2.0)}),
        (Fixed, {"share": ()}),
    ],
)
def test_impossible_parameters_are_refused(rule, parameter):
    with pytest.raises(ValueError, match=next(iter(parameter))):
        rule(**parameter)
