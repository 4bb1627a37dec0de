"""The miner that copies the best-paid one."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.effort import cost_tao, equal_share_tao, hardware_for
from agents.observation import MinerAction, MinerView
from agents.parameters import within
from agents.strategies import MINERS


@MINERS.register("copycat")
@dataclass(frozen=True, slots=True, kw_only=True)
class Copycat:
    """Copies the proportions of hardware of its subnet's best-paid miner of the last epoch; of equals the first.

    How much it spends is its own affair. While nobody has been paid it goes by what the rule scores.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].

    Source: model copying among miners of the same subnet, Bittensor documentation; "imitate the best", Vega-Redondo
    1997.
    """

    spend_share: float = 0.9

    def __post_init__(self) -> None:
        within("spend_share of copycat", self.spend_share, 0, 1)

    def decide(self, view: MinerView, rng: Generator) -> MinerAction:
        public = view.public
        best = np.argmax(public.miner_earned_tao, axis=1)
        resource = public.miner_resource[np.arange(len(best)), best][view.slot_subnet]
        worth_tao = cost_tao(resource, view.unit_cost_tao, public.cost_exponent, public.maths)
        paid = public.miner_earned_tao.max(axis=1, initial=0.0)[view.slot_subnet, np.newaxis] > 0
        mix = np.where(paid & resource.any(axis=1, keepdims=True), worth_tao, public.reward_weight[view.slot_subnet])
        return MinerAction(resource=hardware_for(view, self.spend_share * equal_share_tao(view), mix))
