"""The miner that pretends to be many."""

from dataclasses import dataclass

import numpy as np

from agents.allocation import spend
from agents.effort import equal_share_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS


@MINERS.register("sybil")
@dataclass(frozen=True, slots=True, kw_only=True)
class Sybil:
    """Spreads the work of one miner evenly over all the uids that it holds in a subnet (`miners.identities`).

    Under pay of decisiveness r, splitting x over m uids multiplies its odds by m ** (1 - r): it pays below r = 1 and
    hurts above. Where each uid is paid alike it earns m shares for the work of one.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends in a subnet, on all its uids together, in [0, 1], in the mix
        that scores most.

    Source: Douceur 2002, "The Sybil attack"; CLOSED_FORMS 1.14.
    """

    spend_share: Share = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        place = view.slot_miner * len(view.public.pot_tao) + view.slot_subnet
        _, first, n_uids = np.unique(place, return_inverse=True, return_counts=True)
        return spend(view, self.spend_share * equal_share_tao(view) / n_uids[first], {})
