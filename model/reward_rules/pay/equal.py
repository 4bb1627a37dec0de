"""The pay that does not look at the score."""

from dataclasses import dataclass

import numpy as np

from model.reward_rules.pay_shape import PAYS, Pay, shares
from model.units import FloatArray


@PAYS.register("equal")
@dataclass(frozen=True, slots=True, kw_only=True)
class Equal(Pay):
    """The same to every uid with a score above zero: the limit of the proportional shape as r goes to 0.

    Nothing rewards effort beyond the least, and every further identity earns a full share.

    Source: the equal split of free entry and of Sybil arithmetic, CLOSED_FORMS 1.8 and 1.14.
    """

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return shares((score > 0).astype(np.float64))
