"""The miner that prefers better subnets, but not infallibly."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import purse_tao, return_of, softmax_within_miner, spend, spend_share_by_slot
from agents.effort import spent_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds
from agents.strategies import MINERS


@MINERS.register("logit")
@dataclass(frozen=True, slots=True, kw_only=True)
class Logit:
    """Divides its budget by exp(return / temperature), return being what a TAO brought in each subnet last epoch.

    Where all do so they rest at a quantal response equilibrium: near Nash when cold, an equal split when hot.

    Parameters
    ----------
    temperature : float
        > 0, in TAO earned per TAO spent.
    step : float
        Part of the way that it moves per epoch, in (0, 1]. The rest point is stable below about
        2 / (1 + return / temperature).
    spend_share : float
        Share of an equal split of the pots that it spends, >= 0, as far as its budget goes.

    Source: McKelvey, Palfrey 1995, "Quantal response equilibria for normal form games"; CLOSED_FORMS 5, logit.
    """

    temperature: Annotated[float, Bounds(1e-6, 1e6)] = 0.1
    step: Annotated[float, Bounds(0, 1, above=True)] = 0.1
    spend_share: Annotated[float, Bounds(0, 1e3)] = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        share = spend_share_by_slot(view, np.ones(len(view.slot_subnet)))
        purse, spend_tao = purse_tao(view, self.spend_share), spent_tao(view)
        active = spend_tao > 0
        if active.any():
            earned = np.divide(view.earned_tao, spend_tao, out=np.zeros_like(spend_tao), where=active)
            expected = np.where(active, earned, return_of(view, share * purse))
            target = softmax_within_miner(view, expected[:, np.newaxis] / self.temperature)[:, 0]
            share = share + self.step * (target - share)
        return spend(view, share * purse, {})
