"""The miner that is fast and nothing else."""

from dataclasses import dataclass

import numpy as np

from agents.effort import equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Capability, Share
from agents.strategies import MINERS


@MINERS.register("speed")
@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Puts everything into the fast, measured thing.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].
    capability : str
        The capability it lives on; a scenario without it gets nothing from this miner.
    focus_share : float
        Share of its spending that goes there, in [0, 1]; the rest is spread evenly, so that a rule that asks for a
        bit of everything (`cobb_douglas`) still pays it.

    Source: claim (c) of model/experiments/claims/CLAIMS.md; Goodhart's law.
    """

    spend_share: Share = 0.9
    capability: Capability = "speed"
    focus_share: Share = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        names = view.public.capability
        fast = np.array([name == self.capability for name in names], dtype=float)
        others = (1 - fast) / max(len(names) - fast.sum(), 1)
        mix = np.tile(self.focus_share * fast + (1 - self.focus_share) * others, (len(view.slot_subnet), 1))
        spend_tao = self.spend_share * equal_share_tao(view) * fast.any()
        return MinerAction(resource=hardware_for(view, spend_tao, mix))
