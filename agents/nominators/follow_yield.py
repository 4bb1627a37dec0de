"""The nominator that moves to where its stake earns more."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.observation import Delegation, Draws, NominatorView
from agents.parameters import Bounds, Share
from agents.strategies import NOMINATORS


@NOMINATORS.register("follow_yield")
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowYield:
    """Moves a stake, now and then, to the validator of its subnet that paid most per stake, after take.

    Of validators that pay the same it prefers the one it is with, then the lowest number.

    Parameters
    ----------
    inertia_share : float
        Probability that a stake stays where it is, whatever it earns, in [0, 1].
    least_gain_share : float
        By how much the yield must be better, as a share of the present one, >= 0.

    Source: yield-chasing delegators of proof of stake, Cong, He, Tang 2022, "The tokenomics of staking";
    CLOSED_FORMS 3.4.
    """

    inertia_share: Share = 0.9
    least_gain_share: Annotated[float, Bounds(0, 1e3)] = 0.01

    def delegate(self, view: NominatorView, draws: Draws) -> Delegation:
        subnet = np.arange(view.delegate.shape[1])
        best = np.argmax(view.yield_share, axis=1)
        better = view.yield_share[subnet, best] > (1 + self.least_gain_share) * view.yield_share[subnet, view.delegate]
        moves = better & (draws.uniform("stays", view.delegate.shape[1:]) >= self.inertia_share)
        return Delegation(delegate=np.where(moves, best, view.delegate))
