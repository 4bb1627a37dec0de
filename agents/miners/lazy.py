"""The miner that does as little as it can."""

from dataclasses import dataclass

from agents.effort import equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS


@MINERS.register("lazy")
@dataclass(frozen=True, slots=True, kw_only=True)
class Lazy:
    """Does the least that still counts, in the mix that users value, whatever the others do.

    A proportional rule pays it little and an equal one as much as anybody.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].

    Source: shirking in Alchian, Demsetz 1972, "Production, information costs, and economic organization".
    """

    spend_share: Share = 0.05

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix = view.public.value_weight[view.slot_subnet]
        return MinerAction(resource=hardware_for(view, self.spend_share * equal_share_tao(view), mix))
