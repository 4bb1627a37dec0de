"""The miner that works as users would want."""

from dataclasses import dataclass

from agents.effort import equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS


@MINERS.register("honest")
@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """Spends on the mix of capabilities that users value, whatever the rule scores, and never lies.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1]. 0.9 is near the (n-1)/n of a symmetric contest.

    Source: the all-honest baseline of mechanism design; users' weights b of CLOSED_FORMS 1.11.
    """

    spend_share: Share = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix = view.public.value_weight[view.slot_subnet]
        return MinerAction(resource=hardware_for(view, self.spend_share * equal_share_tao(view), mix))
