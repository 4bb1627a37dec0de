"""The miner that goes where the yield was best."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import drawn, highest_within_miner, purse_tao, return_of, spend, within_miner
from agents.effort import spent_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds, Share
from agents.strategies import MINERS


@MINERS.register("hopper")
@dataclass(frozen=True, slots=True, kw_only=True)
class Hopper:
    """Puts all it spends into one subnet and moves, now and then, to where it would have earned most last epoch.

    It counts its own weight in the subnet it looks at, so a crowd of hoppers of whom few move at a time ends at the
    equilibrium of the congestion game; without inertia all rush to the same place and never settle.

    Parameters
    ----------
    inertia_share : float
        Probability of staying whatever the others earn, in [0, 1].
    least_gain_share : float
        By how much the yield must be better to move, as a share of the present yield, >= 0.
    spend_share : float
        Share of an equal split of the pots that it spends, >= 0, as far as its budget goes.

    Source: better-response paths of Rosenthal 1973, "A class of games possessing pure-strategy Nash equilibria";
    CLOSED_FORMS 1.8.
    """

    inertia_share: Share = 0.9
    least_gain_share: Annotated[float, Bounds(0, 1e3)] = 0.0
    spend_share: Annotated[float, Bounds(0, 1e3)] = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        purse = purse_tao(view, self.spend_share)
        spend_tao = spent_tao(view)
        stayer = draws.uniform("stays", per="member")[view.slot_miner] < self.inertia_share
        present = spend_tao > 0
        lost = within_miner(view, spend_tao) <= 0
        offered = return_of(view, purse)
        best = highest_within_miner(view, offered)
        now = highest_within_miner(view, np.where(present, offered, -np.inf))
        moves = ~stayer & (best > now * (1 + self.least_gain_share))
        candidate = np.where(lost, 1.0, np.where(moves, offered == best, spend_tao))
        share = candidate / within_miner(view, candidate)
        chosen = drawn(view, share[:, np.newaxis], draws)[:, 0]
        return spend(view, chosen * purse, {})
