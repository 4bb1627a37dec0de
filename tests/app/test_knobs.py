"""On which scale a knob shows a number: on none that would show another."""

import pytest

from model.pages.knobs.knob import Knob, Scale, scale_of
from model.pages.knobs.table import all_knobs

KNOBS: dict[str, Knob] = {knob.path: knob for knob in all_knobs()}


@pytest.mark.parametrize(
    ("path", "value", "scale"),
    [
        ("reward.audit_rate", 0.3, Scale(step=0.01, number="percent")),
        ("reward.audit_rate", 0.035, Scale(step=0.001, number="percent")),
        ("reward.audit_rate", 1 / 3, Scale(step=0.01, number="%.6f", unit="share")),
        ("miners.skill_sd", 0.65, Scale(step=0.05, number="%.2f")),
        ("miners.skill_sd", 0.68, Scale(step=0.01, number="%.2f")),
        ("miners.skill_sd", 1e-9, Scale(step=0.05, number="%.6f", unit="number")),
        ("miners.cost_exponent", 1.25, Scale(step=0.01, number="%.2f")),
        ("market.price_tao_per_alpha", 0.0271, Scale(step=0.001, number="%.4f", unit="TAO")),
        ("miners.purse_tao", 12.345, Scale(step=10.0, number="%.3f")),
        ("subnets.count", 17, Scale(step=1, number="%d")),
    ],
)
def test_a_number_off_the_grid_has_a_finer_one_or_a_field(path: str, value: float, scale: Scale) -> None:
    knob = KNOBS[path]
    assert scale_of(knob, float(min(knob.low, value)), float(max(knob.high, value)), float(value)) == scale


def test_parts_of_a_mix_that_are_no_whole_numbers_are_written_in_full() -> None:
    part = Knob(path="", label="", help="", high=100, step=1, number="%d")
    assert scale_of(part, 0.0, 100.0, 98.5) == Scale(step=0.1, number="%.1f")
    assert scale_of(part, 0.0, 100.0, 33.0) == Scale(step=1, number="%d")
