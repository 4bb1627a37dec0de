"""The pay of several equal winners."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.parameters import Bounds
from model.reward_rules.pay_shape import PAYS, Pay, by_place, shares
from model.units import FloatArray


@PAYS.register("top_k")
@dataclass(frozen=True, slots=True, kw_only=True)
class TopK(Pay):
    """The same to each of the k best, nothing to the others; who ties for the last places shares them.

    Parameters
    ----------
    n_winners : int
        k >= 1; if fewer score above zero, these share everything. The default 10 is the
        size for which shares of the top are usually quoted.

    Source: Clark, Riis 1998, "Competition over more than one prize" (equal prizes).
    """

    n_winners: Annotated[int, Bounds(1, 1e9)] = 10

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return shares(by_place(score, (np.arange(score.shape[-1]) < self.n_winners).astype(np.float64)))
