"""The cells of a small subnet: what the kernel says, taken apart so that every number can be followed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.experiments.protocol.consensus_cells import PRESETS, VARIANTS, Votes, cell_table, cells, support

HALF = 32_767 / 65_535
tables = arrays(np.float64, (4, 5), elements=st.integers(0, 20).map(float))
stakes = arrays(np.float64, 4, elements=st.integers(0, 20).map(float))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(tables, stakes, st.floats(0.05, 1.0), st.sampled_from(sorted(VARIANTS)))
def test_what_is_shown_adds_up_to_what_the_kernel_says(
    weight: np.ndarray, stake: np.ndarray, kappa: float, variant: str
) -> None:
    found = cells(Votes(stake=stake, weight=weight), kappa, 1.0, 3, variant)
    assert found.kept.sum(axis=1) == pytest.approx(found.trust, abs=1e-9)
    rank = found.stake_share @ found.kept
    assert found.incentive == pytest.approx(rank / rank.sum() if rank.sum() > 0 else np.zeros(5), abs=1e-9)
    assert found.clipped.tolist() == (found.weight - found.kept > 1e-12).tolist()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(tables, stakes.filter(lambda stake: stake.sum() > 0), st.floats(0.05, 1.0))
def test_consensus_is_the_largest_weight_with_enough_stake_behind_it(
    weight: np.ndarray, stake: np.ndarray, kappa: float
) -> None:
    found = cells(Votes(stake=stake, weight=weight), kappa, 1.0, 1)
    for miner in range(5):
        given_weight, behind = support(found, miner)
        assert (np.diff(given_weight) < 0).all()
        assert (np.diff(behind) >= -1e-12).all()
        enough = behind >= kappa - 1e-9
        assert found.consensus[miner] == pytest.approx(given_weight[enough.argmax()] if enough.any() else 0.0)


def test_a_liar_with_a_tenth_of_stake_is_clipped_to_what_the_others_gave() -> None:
    found = cells(PRESETS["one liar"], HALF, 1.0, 1)
    assert found.clipped[3].tolist() == [False, False, False, False, True]
    assert found.consensus[4] == pytest.approx(0.1)
    assert found.trust[3] == pytest.approx(0.1)


def test_a_cartel_wins_the_vote_only_with_more_than_kappa() -> None:
    beaten, winning = (cells(PRESETS[f"cartel with {share} %"], HALF, 1.0, 1) for share in (40, 60))
    assert beaten.stake_share[2:].sum() == pytest.approx(0.4)
    assert winning.stake_share[2:].sum() == pytest.approx(0.6)
    assert beaten.incentive[3:].sum() < 0.4
    assert winning.incentive[3:].sum() == pytest.approx(1.0)


def test_bonds_grow_with_the_epochs_and_the_penalty_takes_from_what_was_clipped() -> None:
    votes = PRESETS["one liar"]
    first, later = (cells(votes, HALF, 1.0, n) for n in (1, 20))
    assert (later.bond[0] > first.bond[0]).all()
    mild = cells(votes, HALF, 0.0, 20)
    assert mild.bond[3, 4] == pytest.approx(10 * later.bond[3, 4])
    assert mild.dividend[3] > later.dividend[3]


def test_nobody_with_stake_means_nobody_paid() -> None:
    found = cells(Votes(stake=np.zeros(4), weight=PRESETS["honest"].weight), HALF, 1.0, 1)
    assert found.consensus.sum() == found.incentive.sum() == found.dividend.sum() == 0


def test_the_table_of_cells_has_a_row_for_each_and_its_rows_sum_as_the_cells_do() -> None:
    found = cells(PRESETS["one liar"], HALF, 1.0, 10)
    table = cell_table(found)
    assert len(table) == 20
    assert table.groupby("validator")["kept_weight_share"].sum().to_numpy() == pytest.approx(found.trust)
    last = table.query("validator == 4 and miner == 5")[["weight_share", "kept_weight_share"]]
    assert last.to_numpy()[0] == pytest.approx([1.0, 0.1])


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "empty"), (-1.0, "-1"), (np.inf, "inf"), (1e300, r"1e\+300")])
def test_a_cell_that_is_no_weight_is_named(value: float, shown: str) -> None:
    weight = np.ones((2, 3))
    weight[1, 2] = value
    with pytest.raises(ValueError, match=f"^weight of V2 on M3 must be a number from 0 to 1e.12, is {shown}$"):
        Votes(stake=np.ones(2), weight=weight)
    with pytest.raises(ValueError, match=r"^stake of V1 must"):
        Votes(stake=np.array([value, 1.0]), weight=np.ones((2, 3)))


def test_a_choice_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no variant 'yuma4'"):
        cells(PRESETS["honest"], HALF, 1.0, 1, "yuma4")
    with pytest.raises(ValueError, match="n_epochs"):
        cells(PRESETS["honest"], HALF, 1.0, 0)
    with pytest.raises(ValueError, match="fit stake"):
        Votes(stake=np.ones(3), weight=np.ones((2, 3)))
