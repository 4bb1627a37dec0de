"""The validator that votes for itself."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents.observation import Draws, ValidatorView, Vote
from agents.parameters import Share
from agents.strategies import VALIDATORS


@VALIDATORS.register("self_voter")
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfVoter:
    """Gives part of its weight to its own uid and the rest by its measurements.

    The chain strikes out what a validator gives its own uid, unless it owns the subnet, and scales up the rest: it
    earns what an honest one does. It is the mask that stops it here; to gain it would have to vote for a second uid of
    its own, which is what `colluding` does.

    Parameters
    ----------
    self_share : float
        Share of its weight that it gives itself, in [0, 1]; at 1 nothing is left to count.

    Source: mask of the diagonal, pallets/subtensor/src/epoch/run_epoch.rs, subtensor 14bc6f9.
    """

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = False

    self_share: Share = 0.5

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        total = view.measured_weight.sum(axis=2, keepdims=True)
        weight = np.zeros_like(view.measured_weight)
        np.divide((1 - self.self_share) * view.measured_weight, total, out=weight, where=total > 0)
        row = np.arange(len(view.row_validator))
        weight[:, row, view.row_validator] += self.self_share
        return Vote(weight=weight)
