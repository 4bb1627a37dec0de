"""The pay of a bar that is passed or not."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.parameters import Bounds
from model.reward_rules.pay_shape import PAYS, Pay, shares
from model.units import FloatArray


@PAYS.register("threshold")
@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Pay):
    """The same to every uid whose score reaches a share of the best score in the row; nothing below.

    The pass mark of an examination: effort beyond the bar earns nothing, effort that misses it is lost.

    Parameters
    ----------
    bar_share : float
        Score needed, as a share of the row's best, in (0, 1]. The default 0.5 asks for half of it.

    Source: ours, for comparison.
    """

    bar_share: Annotated[float, Bounds(0, 1, above=True)] = 0.5

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        best = score.max(axis=-1, keepdims=True, initial=0.0)
        return shares(((score > 0) & (score >= self.bar_share * best)).astype(np.float64))
