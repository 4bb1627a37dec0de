"""The pay of a rank-order tournament."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.parameters import Bounds
from ext import elementary
from model.reward_rules.pay_shape import PAYS, Pay, by_place, shares
from model.units import FloatArray


@PAYS.register("rank")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rank(Pay):
    """Prizes that shrink by the same ratio from rank to rank, whatever the distance between the scores.

    Equal scores share the prizes of the places that they tie for.

    Parameters
    ----------
    prize_ratio : float
        Prize of a rank over the prize of the rank above it, in (0, 1]; 1 pays all the same. With the default
        0.9 the first ten of many share 65 %.

    Source: Lazear, Rosen 1981, "Rank-order tournaments as optimum labor contracts"; several prizes:
    Moldovanu, Sela 2001, "The optimal allocation of prizes in contests".
    """

    prize_ratio: Annotated[float, Bounds(0, 1, above=True)] = 0.9

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return shares(by_place(score, elementary.power(self.prize_ratio, np.arange(score.shape[-1]))))
