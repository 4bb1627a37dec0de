"""The miner that claims more than it did."""

from dataclasses import dataclass
from typing import Annotated

from agents.effort import equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds, Share
from agents.strategies import MINERS


@MINERS.register("cheater")
@dataclass(frozen=True, slots=True, kw_only=True)
class Cheater:
    """Works less than an honest miner, in the same mix, and claims a multiple of its true output.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].
    claim_factor : float
        Claimed over true output, >= 1.

    Source: the one-shot gain of CLOSED_FORMS 2.1; only audits can find it.
    """

    spend_share: Share = 0.3
    claim_factor: Annotated[float, Bounds(1, 1e6)] = 3.0

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix = view.public.value_weight[view.slot_subnet]
        spend_tao = self.spend_share * equal_share_tao(view)
        return MinerAction(resource=hardware_for(view, spend_tao, mix), claim_factor=self.claim_factor)
