"""The miner that lives on its cartel's votes."""

from dataclasses import dataclass

import numpy as np

from agents.effort import LARGEST_POWER, equal_share_tao, hardware_for
from agents.observation import BoolArray, Draws, FloatArray, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS

ROUNDING = 1e-12  # of a subnet's power: outsiders with less have none, and what is left is rounding


@MINERS.register("colluding")
@dataclass(frozen=True, slots=True, kw_only=True)
class Colluding:
    """Does just enough honest-looking work that honest validators would give the cartel its merit share.

    It works in the mix that users value and aims its score at u / (1 - u) of what all others score together,
    shared equally within the cartel; the rest of its pay is to come from the cartel's validators. Where no outsider
    scores there is nothing to be measured against: it spends what it spent at first.

    Parameters
    ----------
    first_spend_share : float
        Share of an equal split of the pot that it spends while no outsider's score is known, in [0, 1].

    Source: honest weight u of the two-bloc cabal, CLOSED_FORMS 2.2.
    """

    first_spend_share: Share = 0.3

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix = view.public.value_weight[view.slot_subnet]
        first = hardware_for(view, self.first_spend_share * equal_share_tao(view), mix)
        aimed, outsiders_score = self._aimed(view)
        # Who deserves nothing aims at no score; for others one of zero is a score to start anew from.
        goes_on = outsiders_score & ((view.score > 0) | (view.merit_share == 0))
        resource = np.where(goes_on[:, np.newaxis], aimed, first)
        return MinerAction(resource=np.where(view.barred[:, np.newaxis], 0.0, resource))

    @staticmethod
    def _aimed(view: MinerView) -> tuple[FloatArray, BoolArray]:
        """Last epoch's hardware scaled to the power (score ** decisiveness) that the merit share asks for.

        Returns
        -------
        resource : (slot, capability)
        outsiders_score : (slot,)
            Whether anybody outside the cartel scored in the subnet.
        """
        subnet, n_subnets = view.slot_subnet, len(view.public.pot_tao)
        decisiveness, maths = view.public.decisiveness[subnet], view.public.maths
        power = np.minimum(maths.power(view.score, decisiveness), LARGEST_POWER)
        cartel_power = np.bincount(subnet, power, n_subnets)[subnet]
        n_members = np.maximum(np.bincount(subnet, ~view.barred, n_subnets)[subnet], 1)
        outsider_power = np.maximum(view.rival_power + power - cartel_power, 0.0)
        outsiders_score = outsider_power > ROUNDING * cartel_power
        target = view.merit_share / (1 - view.merit_share) * outsider_power / n_members
        degree = view.public.reward_weight.sum(axis=1)[subnet] if view.public.score == "cobb_douglas" else 1.0
        exponent = np.maximum(decisiveness * degree, 1e-9)
        with np.errstate(divide="ignore", over="ignore"):
            scale = np.where(power > 0, maths.power(target / np.where(power > 0, power, 1.0), 1 / exponent), 0.0)
        return view.resource * np.minimum(scale, 1e6)[:, np.newaxis], outsiders_score
