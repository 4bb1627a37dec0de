"""The pay of one winner."""

from dataclasses import dataclass

import numpy as np

from model.reward_rules.pay_shape import PAYS, Pay, shares
from model.units import FloatArray


@PAYS.register("winner_take_all")
@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerTakeAll(Pay):
    """Everything to the highest score; who ties for it shares it.

    Source: Hillman, Riley 1989, "Politically contestable rents and transfers" (the all-pay auction).
    """

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        best = score.max(axis=-1, keepdims=True, initial=0.0)
        return shares(((score > 0) & (score == best)).astype(np.float64))
