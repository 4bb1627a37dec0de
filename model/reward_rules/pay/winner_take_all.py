"""The pay of one winner."""

from dataclasses import dataclass

import numpy as np

from model.reward_rules.pay_shape import PAYS, Pay
from model.units import FloatArray


@PAYS.register("winner_take_all")
@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerTakeAll(Pay):
    """Everything to the highest score; ties are broken by uid, the lowest wins.

    Source: Hillman, Riley 1989, "Politically contestable rents and transfers" (the all-pay auction).
    """

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        weight = np.zeros(score.shape)
        if score.size:
            winner = score.argmax(axis=-1, keepdims=True)
            won = np.take_along_axis(score, winner, axis=-1) > 0
            np.put_along_axis(weight, winner, won.astype(np.float64), axis=-1)
        return weight
