"""Every registered rule on one demand: shares that sum to 1, and the differences that tell the versions apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chain.emission.shares import EMISSION_RULES
from model.experiments.protocol.one_demand import one_demand, rule_summary, shares_by_rule
from model.records.measures import hhi


def shares(rule: str, **demand: float) -> np.ndarray:
    table = shares_by_rule(
        one_demand(**({"n_subnets": 8, "inequality": 1.0, "burn_share": 0.0, "leaving_share": 0.0} | demand))
    )  # type: ignore[arg-type]
    return table[table["rule"] == rule]["share"].to_numpy()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(1, 128), st.floats(0, 5), st.floats(0, 1), st.floats(0, 1))
def test_each_rule_shares_out_everything_or_nothing(n: int, inequality: float, burn: float, leaving: float) -> None:
    total = shares_by_rule(one_demand(n, inequality, burn, leaving)).groupby("rule")["share"].sum()
    assert set(total.index) == set(EMISSION_RULES.names())
    assert all(one == pytest.approx(1.0) or one == 0.0 for one in total)


def test_an_equal_demand_without_burn_is_shared_alike_by_rules_of_price() -> None:
    for rule in ("price_ema", "price_burn", "hill_gate", "rank_gate", "tao_flow", "equal"):
        assert shares(rule, inequality=0.0) == pytest.approx(np.full(8, 1 / 8))


def test_burn_costs_a_subnet_only_under_rules_that_read_it() -> None:
    plain, burned = shares("price_ema", burn_share=0.5), shares("price_burn", burn_share=0.5)
    assert plain == pytest.approx(shares("price_ema"))
    assert burned[1] / burned[0] == pytest.approx(plain[1] / plain[0] / 2)


def test_the_gate_takes_from_the_small_and_the_young_gain_from_root() -> None:
    assert shares("hill_gate")[-1] < shares("price_burn")[-1]
    assert shares("price_root_burn")[-1] > shares("price_ema")[-1]


def test_the_summary_says_what_the_shares_say() -> None:
    table = shares_by_rule(one_demand(128, 0.7, 0.5, 0.3))
    summary = rule_summary(table).set_index("rule")
    for name, of_rule in table.groupby("rule"):
        assert summary.loc[name, "paid"] == (of_rule["share"] > 0).sum()
        assert summary.loc[name, "hhi"] == pytest.approx(float(hhi(of_rule["share"])))
        assert summary.loc[name, "in_force"] == EMISSION_RULES.get(str(name)).in_force
    assert summary.loc["rank_tiers", "paid"] == 64
    assert summary["stage"].tolist() == sorted(summary["stage"], key=["live", "proposed", "historic", "ours"].index)


def test_a_demand_out_of_range_is_named() -> None:
    with pytest.raises(ValueError, match="n_subnets"):
        one_demand(129, 1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="burn_share"):
        one_demand(8, 1.0, 1.5, 0.0)
