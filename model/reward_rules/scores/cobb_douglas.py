"""The score that multiplies capabilities."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from ext import pay, scoring
from model.reward_rules.score import SCORES, Measurement, Score
from model.units import FloatArray


@SCORES.register("cobb_douglas")
@dataclass(frozen=True, slots=True, kw_only=True)
class CobbDouglas(Score):
    """prod_l m_l^a_l: every capability is needed, and spending follows the exponents whatever the costs.

    Source: Cobb, Douglas 1928, "A theory of production".
    """

    def score(self, measurement: Measurement) -> FloatArray:
        """Scores (subnet, validator, uid)."""
        m = measurement
        return scoring.cobb_douglas_score(
            m.claimed, m.capability_weight, m.noise_sigma, m.key, m.validator, m.threads, m.first_uid
        )

    def proportional_weight(self, measurement: Measurement, decisiveness: ArrayLike) -> FloatArray:
        """Weight rows s^r / sum s^r, without leaving the logarithms in which the score is computed."""
        m = measurement
        return pay.cobb_douglas_weight(
            m.claimed, m.capability_weight, m.noise_sigma, m.key, m.validator, decisiveness, m.threads, m.first_uid
        )
