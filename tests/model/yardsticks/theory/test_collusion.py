"""Collusion: printed formulas against the general two-bloc evaluation, and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yardsticks.theory import collusion

TABLE = [
    (0.4, 0.3, 1.0, 1.0, (0.416667, 0.166667, 0.291667), 0.35),
    (0.4, 0.3, 1.0, 0.5, (0.416667, 0.246212, 0.331439), 0.35),
    (0.4, 0.3, 1.0, 0.0, (0.416667, 0.287356, 0.352011), 0.35),
    (0.2, 0.1, 1.0, 1.0, (0.121951, 0.024390, 0.073171), 0.15),
    (0.45, 0.7, 1.0, 1.0, (0.809249, 0.364162, 0.586705), 0.575),
]


@settings(deadline=None, derandomize=True)
@given(st.floats(0.01, 0.49), st.floats(0.01, 0.98), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_clipped_cabal_gets_what_the_printed_formula_says(stake, merit, extra, penalty, to_validators):
    weight = merit + extra * (1 - merit)
    kept = 1 - stake * (weight - merit)
    bonded = (1 - penalty) * weight + penalty * merit
    incentive = merit / kept
    dividend = (stake * (1 - weight) + merit * stake * bonded / ((1 - stake) * merit + stake * bonded)) / kept
    emission = to_validators * dividend + (1 - to_validators) * incentive
    taken = collusion.two_blocs(stake, merit, weight, penalty, 0.5, to_validators)
    assert taken == pytest.approx((incentive, dividend, emission))


@settings(deadline=None, derandomize=True)
@given(st.floats(0.01, 0.49), st.floats(0.01, 0.98), st.floats(0, 1))
def test_truth_pays_stake_and_merit(stake, merit, penalty):
    taken = collusion.two_blocs(stake, merit, merit, penalty)
    assert taken == pytest.approx((merit, stake, (merit + stake) / 2))


@settings(deadline=None, derandomize=True)
@given(st.floats(0.05, 0.45), st.floats(0.05, 0.5))
def test_above_the_deterring_penalty_a_little_self_weight_loses(stake, merit):
    penalty = collusion.deterring_penalty(stake, merit)
    truthful = (stake + merit) / 2
    for sign in (-1, 1):
        near = penalty + sign * 0.05
        if 0 <= near <= 1:
            gain = collusion.two_blocs(stake, merit, merit + 1e-6, near).emission_share - truthful
            assert sign * gain < 0


@settings(deadline=None, derandomize=True)
@given(st.floats(0.01, 0.49), st.floats(0, 1), st.floats(0, 1))
def test_a_cabal_without_miners_never_gains(stake, weight, penalty):
    taken = collusion.two_blocs(stake, 0.0, weight, penalty)
    assert taken.incentive_share == 0
    assert taken.dividend_share <= stake + 1e-12


@pytest.mark.parametrize(("stake", "merit", "weight", "penalty", "printed", "truthful"), TABLE)
def test_table_of_two_blocs(stake, merit, weight, penalty, printed, truthful):
    assert collusion.two_blocs(stake, merit, weight, penalty) == pytest.approx(printed, abs=1e-6)
    assert (stake + merit) / 2 == pytest.approx(truthful)


@pytest.mark.parametrize(("stake", "merit", "penalty"), [(0.4, 0.3, 0.5), (0.2, 0.1, 0.125), (0.3, 0.6, 0.857143)])
def test_deterring_penalties(stake, merit, penalty):
    assert collusion.deterring_penalty(stake, merit) == pytest.approx(penalty, abs=1e-6)


@pytest.mark.parametrize(
    ("stake", "kappa", "printed"),
    [
        (0.45, 0.4, (0.56, 0.45, 0.505)),
        (0.45, 0.5, (0.3125, 0.140625, 0.226563)),
        (0.45, 0.6, (1, 0.45, 0.725)),
        (0.55, 0.5, (1, 0.859375, 0.929688)),
        (0.5, 0.5, (0.6, 0.5, 0.55)),
        (0.5, 32767 / 65535, (0.6, 0.5, 0.55)),
    ],
)
def test_regimes_of_kappa(stake, kappa, printed):
    assert collusion.two_blocs(stake, 0.2, 1.0, 1.0, kappa) == pytest.approx(printed, abs=1e-6)


def test_a_cabal_that_hides_its_miners_is_refused():
    with pytest.raises(ValueError, match=r"self_weight must lie in \[merit_share, 1\], is 0.2 with merit 0.3"):
        collusion.two_blocs(0.4, 0.3, 0.2)


@pytest.mark.parametrize(("stake", "weight"), [(0.6, 0.555556), (0.7, 0.625), (0.8, 0.714286), (0.9, 0.833333)])
def test_weight_that_retains_stake_against_pure_self_voting(stake, weight):
    retaining = collusion.retaining_weight(stake)
    assert retaining == pytest.approx(weight, abs=1e-6)
    # At that weight the cabal's emission is exactly its stake.
    cabal = collusion.two_blocs(1 - stake, 1 - retaining, 1.0)
    assert cabal.emission_share == pytest.approx(1 - stake)


@pytest.mark.parametrize(
    ("coalition", "bias"), [(0.1, 0.1397), (0.2, 0.3186), (0.3, 0.5659), (0.4, 0.9674), (0.45, 1.3352)]
)
def test_bias_of_a_weighted_median(coalition, bias):
    down, up = collusion.median_bias(coalition)
    assert up == pytest.approx(bias, abs=1e-4)
    assert down == pytest.approx(-up)


def test_bias_is_that_of_a_median_with_a_lying_coalition():
    rng = np.random.default_rng(5)
    honest = rng.standard_normal(60_001)
    liars = np.full(int(60_001 * 0.3 / 0.7), 100.0)
    pushed = np.median(np.concatenate([honest, liars]))
    assert pushed == pytest.approx(collusion.median_bias(0.3)[1], abs=0.02)


def test_a_coalition_of_kappa_has_no_bound():
    with pytest.raises(ValueError, match=r"coalition_share must lie in \[0, 0.5\), is 0.5"):
        collusion.median_bias(0.5)


@pytest.mark.parametrize(("memory", "late", "loss"), [(0.1, 1, 10), (0.1, 5, 14), (0.3, 5, 7.3333)])
def test_a_late_copier_loses_epochs(memory, late, loss):
    assert collusion.late_copier_loss(late, memory) == pytest.approx(loss, abs=1e-4)


@pytest.mark.parametrize(("share", "price"), [(0.2, 2500), (0.4, 6666.6667)])
def test_price_of_a_part_of_the_reserve(share, price):
    assert collusion.reserve_price_tao(10_000, share) == pytest.approx(price, abs=1e-4)
