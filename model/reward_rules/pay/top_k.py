"""The pay of several equal winners."""

from dataclasses import dataclass

import numpy as np

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

    n_winners: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.n_winners, int) or self.n_winners < 1:
            raise ValueError(f"n_winners must be a whole number >= 1, is {self.n_winners!r}")

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return shares(by_place(score, (np.arange(score.shape[-1]) < self.n_winners).astype(np.float64)))
