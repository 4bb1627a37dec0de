"""The score that adds capabilities up."""

from dataclasses import dataclass

from ext import scoring
from model.reward_rules.score import SCORES, Measurement, Score
from model.units import FloatArray


@SCORES.register("linear")
@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(Score):
    """sum_l a_l m_l: capabilities replace each other one for one, so effort goes where a_l / c_l is largest.

    Source: Holmstrom, Milgrom 1991, "Multitask principal-agent analyses" (linear pay on several measures).
    """

    def score(self, measurement: Measurement) -> FloatArray:
        """Scores (subnet, validator, uid)."""
        m = measurement
        return scoring.linear_score(
            m.claimed, m.capability_weight, m.noise_sigma, m.key, m.validator, m.threads, m.first_uid
        )
