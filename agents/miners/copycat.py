"""The miner that copies the best-paid one."""

from dataclasses import dataclass

import numpy as np

from agents.effort import cost_tao, equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS


@MINERS.register("copycat")
@dataclass(frozen=True, slots=True, kw_only=True)
class Copycat:
    """Copies the proportions of what its subnet's best-paid miner of the last epoch claims; of equals the first.

    It takes the claims for what was done, and rents what gives the same output at its own productivity. How much it
    spends is its own affair. While nobody has been paid it goes by what the rule scores.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].

    Source: model copying among miners of the same subnet, Bittensor documentation; "imitate the best", Vega-Redondo
    1997.
    """

    spend_share: Share = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        public = view.public
        best = np.argmax(public.miner_earned_tao, axis=1)
        claimed = public.miner_claimed[np.arange(len(best)), best]
        paid = (public.miner_earned_tao > 0).any(axis=1) & claimed.any(axis=1)
        resource = claimed[view.slot_subnet] / view.productivity
        worth_tao = cost_tao(resource, view.unit_cost_tao, public.cost_exponent, public.maths)
        mix = np.where(paid[view.slot_subnet, np.newaxis], worth_tao, public.reward_weight[view.slot_subnet])
        return MinerAction(resource=hardware_for(view, self.spend_share * equal_share_tao(view), mix))
