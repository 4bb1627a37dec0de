"""Supply: halvings on the days that the closed form names, a cap that holds, and recycling that puts halvings off."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.experiments.protocol.supply import DAYS_PER_YEAR, supply
from model.yardsticks.theory.tokens import halving_interval_days, halving_issuance_tao, issuance_tao


@pytest.mark.parametrize("recycled_share", [0.0, 0.3, 0.9])
def test_halvings_come_when_the_closed_form_says(recycled_share: float) -> None:
    halvings = supply(0.0, recycled_share, 60).halvings
    interval = halving_interval_days(recycled_share)
    assert len(halvings) == int(60 * DAYS_PER_YEAR / interval)
    # The chain floors a block's TAO to whole rao, so that late halvings come some minutes late.
    assert halvings["day"].tolist() == pytest.approx([k * interval for k in range(1, len(halvings) + 1)], abs=0.1)
    assert halvings["issuance_tao"].tolist() == pytest.approx(
        [halving_issuance_tao(k) for k in range(1, len(halvings) + 1)], abs=1.0
    )
    assert halvings["rao_per_block"].tolist() == [10**9 >> k for k in range(1, len(halvings) + 1)]


def test_the_path_is_that_of_the_closed_form() -> None:
    path = supply(0.0, 0.25, 20).path
    assert path["issuance_tao"].tolist() == pytest.approx([issuance_tao(day, 0.25) for day in path["day"]], abs=1.0)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.floats(0, 21e6), st.floats(0, 1), st.floats(0.1, 100))
def test_issuance_never_falls_and_never_exceeds_the_cap(start_tao: float, recycled_share: float, years: float) -> None:
    issuance = supply(start_tao, recycled_share, years).path["issuance_tao"]
    assert (issuance.diff().dropna() >= 0).all()
    assert issuance.iloc[0] == pytest.approx(start_tao, abs=1e-8)
    assert issuance.max() <= 21e6


def test_what_is_all_recycled_never_halves() -> None:
    result = supply(10_499_999.0, 1.0, 10)
    assert result.halvings.empty
    assert result.path["issuance_tao"].nunique() == 1


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1.0, 0.0, 1.0), "start_tao"), ((0.0, 1.1, 1.0), "recycled_share"), ((0.0, 0.0, 0.0), "years")],
)
def test_an_argument_out_of_range_is_named(arguments: tuple[float, float, float], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        supply(*arguments)
