"""The miner that climbs the slope of its profit."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import spend
from agents.effort import TRACE_SHARE, equal_share_tao, expected_pot_tao, pot_share, score_mix, spent_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds, Share
from agents.strategies import MINERS


@MINERS.register("gradient")
@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """Changes its spending in each subnet by a step times the slope of its profit there.

    With share s of a pot V and spending S the slope is V e s (1 - s) / S - 1, e being the exponent of power in
    spending. It never spends more than the pot.

    Parameters
    ----------
    step : float
        TAO per unit of slope, as a multiple of an equal split V / n of the pot, > 0. With n such miners and e = 1
        the equilibrium is stable below 2 (n - 1) / n; in units of hardware of cost c that is the step limit
        2 V (n - 1) / (n**2 c**2).
    first_spend_share : float
        Share of an equal split of the pot that it spends at first, in [0, 1].
    first_spend_spread : float
        Standard deviation of log spending in the first epoch, >= 0.

    Source: Rosen 1965, "Existence and uniqueness of equilibrium points for concave n-person games"; Arrow, Hurwicz
    1960, "Stability of the gradient process in n-person games"; CLOSED_FORMS 5, gradient play.
    """

    step: Annotated[float, Bounds(0, 1e3, above=True)] = 0.2
    first_spend_share: Share = 0.5
    first_spend_spread: Annotated[float, Bounds(0, 5)] = 0.5

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        equal_tao, spend_tao = equal_share_tao(view), spent_tao(view)
        pot_tao = expected_pot_tao(view)
        spread = view.public.maths.exp(self.first_spend_spread * draws.normal("first"))
        first_tao = self.first_spend_share * equal_tao * spread
        climbed_tao = spend_tao + self.step * equal_tao * self._slope(view, spend_tao, pot_tao)
        # At zero there is no slope to climb.
        climbed_tao = np.clip(climbed_tao, TRACE_SHARE * equal_tao, pot_tao)
        return spend(view, np.where(spend_tao > 0, climbed_tao, first_tao), {})

    @staticmethod
    def _slope(view: MinerView, spend_tao: np.ndarray, pot_tao: np.ndarray) -> np.ndarray:
        share = pot_share(view, spend_tao)
        marginal = np.zeros_like(spend_tao)
        np.divide(pot_tao * score_mix(view)[1] * share * (1 - share), spend_tao, out=marginal, where=spend_tao > 0)
        return marginal - 1
