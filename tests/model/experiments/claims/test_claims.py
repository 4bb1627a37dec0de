"""The five claims: what facts alone say, what small runs say, and where each claim must fail."""

import math

import numpy as np
import pytest

from model.experiments.claims import CLAIMS, frame, market_or_scheduler, rewarded_capability, scale, verified_rewards
from model.experiments.claims.facts import read_facts
from model.experiments.claims.study import FAILS, HOLDS, play
from model.records.measures import gini

FACTS = read_facts()


def played(cases):
    """Findings of two seeds, by quantity."""
    return play(cases, [1, 2]).set_index("quantity")


# Facts alone


def test_the_ratio_of_600_000_is_the_conversions():
    assert scale.claim_flops(FACTS) / 1e18 == pytest.approx(21.05, abs=0.01)
    rows = {row["setting"]: row for row in scale.from_facts(FACTS)}
    ratio = {name: row["mean"] for name, row in rows.items()}
    assert ratio["a hash is worth 12,697 operations; 21.05 EF"] == pytest.approx(600_000, rel=1e-12)
    assert ratio["a hash is worth one operation; 21.05 EF"] == pytest.approx(600_000 / 12_697, rel=1e-12)
    assert ratio["a hash is worth 12,697 operations; nine known machines"] == pytest.approx(1.36e6, rel=1e-3)
    assert ratio["floating-point operations that hashing machines execute"] == 0
    assert ratio["electric power, 21 joules per 10^12 hashes"] == pytest.approx(60.4, abs=0.1)
    assert ratio["electric power, 28.2 joules per 10^12 hashes"] == pytest.approx(81.2, abs=0.1)
    assert ratio["November 2013, as stated then"] == 256
    assert ratio["December 2015, as stated then"] == pytest.approx(10_996.8, abs=0.1)
    assert [row["verdict"] for row in rows.values()].count(HOLDS) == 2
    assert all(row["seeds"] == 0 for row in rows.values())


def test_the_ratio_grows_in_proportion_to_what_a_hash_is_worth():
    curve = scale.curves(FACTS)["conversion"]
    for _, part in curve.groupby("computers"):
        assert np.ptp(part["ratio"] / part["flop_per_hash"]) == pytest.approx(0, abs=1e-9)


def test_hash_rate_hardly_followed_its_reward():
    (row,) = rewarded_capability.from_facts(FACTS)
    assert row["mean"] == pytest.approx(0.175, abs=1e-3)
    assert row["verdict"] == FAILS


def test_fitted_subnets_meet_all_published_points_and_are_about_39():
    share = frame.fitted_price_share(FACTS)
    assert share[:30].sum() == pytest.approx(0.61)
    assert share[:64].sum() == pytest.approx(0.8073)
    assert share.sum() == pytest.approx(1)
    assert (share[29], share[63]) == pytest.approx((0.00789, 0.00441), rel=0.02)
    assert (np.diff(share) < 0).all()
    assert frame.effective_number(share) == pytest.approx(38.9, abs=0.1)
    # The published points alone bound it from below.
    assert gini(share) > 0.423


def test_128_slots_are_62_paid_subnets():
    paid, top = frame.from_facts(FACTS)
    assert (paid["mean"], paid["verdict"]) == (62, FAILS)
    assert top["verdict"] == FAILS


# Small runs


def test_a_larger_reward_out_scales_the_firm_and_half_of_it_does_not():
    rows = play(scale.cases((50.0, 100.0), ()), [1, 2])
    assert rows["mean"].tolist() == pytest.approx([24.5, 49.0, 0.5, 24.5], rel=1e-4)
    assert rows["verdict"].tolist() == [FAILS, HOLDS, FAILS, FAILS]


def test_a_wrong_rule_costs_its_divergence():
    rows = played(verified_rewards.cases(rules=((0.9, 0.05, 0.05),), audit_rates=(), stake_shares=())[:1])
    assert rows.loc["users' value over the best mix", "mean"] == pytest.approx(0.456273, abs=1e-5)
    assert rows.loc["spent on quality", "mean"] == pytest.approx(0.05, abs=1e-5)


def test_perfect_agreement_pays_validators_while_work_dies_out():
    lazy = [case for case in verified_rewards.cases() if "repeat" in case.setting]
    rows = played(lazy)
    assert rows.loc["work that the pot buys", "mean"] < 0.15
    assert rows.loc["validators' pay over miners'", "mean"] == pytest.approx(1)
    assert (rows["verdict"] == FAILS).all()


def test_clipping_protects_nothing_from_half_of_the_stake_on():
    rows = play(verified_rewards.cases(rules=(), audit_rates=(), stake_shares=(0.45, 0.55))[-2:], [1, 2])
    assert rows["verdict"].tolist() == [HOLDS, FAILS]
    assert rows["mean"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), abs=1e-6)


def test_points_that_are_added_up_send_all_money_to_one_capability():
    rows = played([case for case in rewarded_capability.cases() if case.study == "points are added up"])
    assert rows.loc["spent on speed", "mean"] == pytest.approx(1)
    assert rows.loc["spent on speed", "verdict"] == FAILS


def test_speed_is_bought_and_users_lose_by_it():
    rows = played(rewarded_capability.cases(speed_weights=(0.8,), pays=())[:1])
    assert rows["verdict"].to_dict() == {"spent on speed": HOLDS, "users' value over the best mix": FAILS}


def test_hardware_need_not_follow_rewards():
    costs = [case for case in rewarded_capability.cases() if case.study.startswith("hardware of different cost")]
    rows = play(costs, [1, 2])
    assert rows["mean"].to_numpy() == pytest.approx([0.677966, 0.203390, 0.101695, 0.016949], abs=1e-4)
    assert (rows["verdict"] == FAILS).all()


def test_a_misaligned_market_loses_to_a_scheduler_who_reads_values_well():
    cases = market_or_scheduler.cases(
        rewards={"fit": (16, 9, 4, 1), "reversed": (1, 2, 3, 4)}, sigmas=(), elasticities=()
    )
    rows = play(cases, [1, 2])
    assert rows["mean"].to_numpy() == pytest.approx([1, 0.791359], abs=1e-4)
    assert rows["verdict"].tolist() == [HOLDS, FAILS]


def test_paid_by_price_128_subnets_are_39():
    rows = play(frame.cases(rules=("equal", "price_ema"), recycled_every=())[-2:], [1, 2])
    assert rows["mean"].to_numpy() == pytest.approx([128, 38.96], abs=0.01)
    assert rows["verdict"].tolist() == [HOLDS, FAILS]


@pytest.mark.slow
def test_every_claim_holds_somewhere_and_fails_somewhere_and_runs_meet_the_closed_forms():
    for claim in CLAIMS.values():
        answer = claim.study()
        assert len(answer.where(HOLDS)), claim.letter
        assert len(answer.where(FAILS)), claim.letter
        known = answer.findings[answer.findings["theory"].notna()]
        spread = np.maximum(known["high"] - known["low"], 0).to_numpy()
        off = (known["mean"] - known["theory"]).abs().to_numpy()
        # Feedback runs end on their way to the limit, and stale weights leave the last work of imitators.
        allowed = np.maximum(0.1 * np.maximum(known["theory"].abs().to_numpy(), 0.6), spread)
        assert (off <= allowed).all(), known[off > allowed]
        assert math.isfinite(known["mean"].sum())
