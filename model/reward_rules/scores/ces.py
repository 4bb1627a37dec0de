"""The score between adding and multiplying."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.parameters import Bounds, PerSubnet
from ext import scoring
from model.reward_rules.score import SCORES, Measurement, Score
from model.units import FloatArray


@SCORES.register("ces")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantElasticity(Score):
    """(sum_l a_l m_l^rho)^(1/rho), elasticity of substitution 1 / (1 - rho).

    Parameters
    ----------
    substitution_exponent : float or tuple of float, one per subnet
        rho in [-8, -0.05] or [0.05, 1]: 1 adds up, towards 0 it multiplies, below it asks for the weakest.
        The default 0.5 stands half way, with an elasticity of 2.

    Source: Arrow, Chenery, Minhas, Solow 1961, "Capital-labor substitution and economic efficiency".
    """

    substitution_exponent: Annotated[PerSubnet, Bounds(-8, 1)] = 0.5

    def __post_init__(self) -> None:
        scoring.check_substitution_exponent(np.asarray(self.substitution_exponent))

    def score(self, measurement: Measurement) -> FloatArray:
        """Scores (subnet, validator, uid)."""
        m = measurement
        return scoring.ces_score(
            m.claimed, m.capability_weight, m.noise_sigma, m.key, m.validator,
            self.substitution_exponent, m.threads, m.first_uid,
        )  # fmt: skip
