"""The pay that grows exponentially with the score."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.parameters import Bounds, PerSubnet
from ext import elementary
from ext.readings import per_subnet
from model.reward_rules.pay_shape import PAYS, Pay, shares
from model.units import FloatArray


@PAYS.register("softmax")
@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax(Pay):
    """exp(s / tau) / sum exp(s / tau) over the uids with a score above zero.

    It counts differences of scores, not ratios: doubling every score sharpens it. Of log scores it is the
    proportional shape with r = 1 / tau.

    Parameters
    ----------
    temperature : float or tuple of float, one per subnet
        tau in [1e-9, 1e9], in units of the score. The default 1 counts a lead of one unit as a factor e.

    Source: Luce 1959, "Individual choice behavior"; Hirshleifer 1989, "Conflict and rent-seeking
    success functions".
    """

    temperature: Annotated[PerSubnet, Bounds(1e-9, 1e9)] = 1.0

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        tau = per_subnet("temperature", self.temperature, len(score))[:, None, None]
        best = score.max(axis=-1, keepdims=True, initial=0.0)
        return shares(np.where(score > 0, elementary.exp((score - best) / tau), 0.0))
