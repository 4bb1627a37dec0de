import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.chain.emission.rules.net_flow import NetFlow
from model.chain.emission.rules.tao_flow import TaoFlow, power_in_proportion
from model.chain.emission.shares import subnet_shares


def test_outflow_lowers_the_limit_only_below_the_cutoff(signals):
    # limit = max(0, min(0, -2)) = 0, so the subnet with outflow gets nothing and the others their inflow
    flows = signals([1] * 3, user_flow_ema_tao=[3, 1, -2])
    assert_allclose(subnet_shares(TaoFlow(), flows), [3 / 4, 1 / 4, 0])


def test_a_negative_cutoff_lets_the_smallest_flow_set_the_limit(signals):
    flows = signals([1] * 3, user_flow_ema_tao=[3, 1, -2])
    assert_allclose(subnet_shares(TaoFlow(cutoff_tao=-5), flows), [5 / 8, 3 / 8, 0])


def test_the_exponent_is_a_concentration_knob(signals):
    flows = signals([1] * 2, user_flow_ema_tao=[2, 1])
    assert_allclose(subnet_shares(TaoFlow(exponent=2), flows), [4 / 5, 1 / 5])


def test_net_flow_is_user_flow_where_the_protocol_put_nothing_in(signals):
    flows = signals([1] * 3, user_flow_ema_tao=[3, 1, -2])
    assert_allclose(subnet_shares(NetFlow(), flows), subnet_shares(TaoFlow(), flows))


def test_net_flow_takes_off_at_most_what_users_put_in(signals):
    # users put in 4, the protocol 8: half of each protocol flow comes off, 3 - 2 and 1 - 2
    flows = signals([1] * 2, user_flow_ema_tao=[3, 1], protocol_flow_ema_tao=[4, 4])
    assert_allclose(subnet_shares(NetFlow(), flows), [1, 0])


def test_net_flow_credits_what_the_protocol_took_out_in_full(signals):
    flows = signals([1] * 2, user_flow_ema_tao=[3, 1], protocol_flow_ema_tao=[0, -1])
    assert_allclose(subnet_shares(NetFlow(), flows), [3 / 5, 2 / 5])


def test_powers_reproduce_the_chain(golden):
    for vector in golden("coinbase.json", "pow_normalise"):
        values = np.array(vector["inputs"]["values"])
        share = power_in_proportion(values, vector["inputs"]["p"])
        if isinstance(vector["expected"], dict):
            assert share.sum() == pytest.approx(vector["expected"]["sum"], abs=vector["tol"])
            low, high = vector["expected"]["each_in"]
            assert ((share >= low) & (share <= high)).all()
        else:
            # the chain's tolerance is 1 %; ours is the exact power
            assert_allclose(share, vector["expected"], rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("rule", [TaoFlow, NetFlow])
@pytest.mark.parametrize("parameter", [{"exponent": 0.0}, {"exponent": np.inf}, {"cutoff_tao": np.nan}])
def test_impossible_parameters_are_refused(rule, parameter):
    with pytest.raises(ValueError, match=next(iter(parameter))):
        rule(**parameter)
