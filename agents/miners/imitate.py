"""The miner that does what those who do better do."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.effort import cost_tao, equal_share_tao, hardware_for, score_mix, spent_tao
from agents.observation import Draws, FloatArray, MinerAction, MinerView
from agents.parameters import Bounds, Share
from agents.strategies import MINERS


@MINERS.register("imitate")
@dataclass(frozen=True, slots=True, kw_only=True)
class Imitate:
    """Looks at another miner of its subnet, copies what it claims if that would have been more profitable, and errs.

    It sees claims and pay, takes the claims for what was done, and reckons with its own productivity and costs.

    Who compares with others rather than with what else it could do learns to beat them: a crowd of imitators ends
    where relative profit is highest, at spending V r in all in a Tullock contest of decisiveness r, all of the pot
    for r = 1, and not at the Nash equilibrium V r (n - 1) / n.

    Parameters
    ----------
    look_share : float
        Probability of looking at somebody in an epoch, in [0, 1].
    mutation_spread : float
        Standard deviation of log hardware, per capability, of the errors in each epoch, >= 0.
    first_spend_share : float
        Share of an equal split of the pot that it spends at first, in [0, 1].

    Source: Vega-Redondo 1997, "The evolution of Walrasian behavior"; Hehenkamp, Leininger, Possajennikov 2004,
    "Evolutionary equilibrium in Tullock contests: spite and overdissipation".
    """

    look_share: Share = 0.5
    mutation_spread: Annotated[float, Bounds(0, 2)] = 0.05
    first_spend_share: Share = 0.5

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix, _ = score_mix(view)
        looks = draws.uniform("looks") < self.look_share
        peer_resource, peer_profit_tao = self._peer(view, draws)
        profit_tao = view.earned_tao - spent_tao(view)
        copies = looks & (peer_profit_tao > profit_tao) & (peer_resource.sum(axis=1) > 0)
        model = np.where(copies[:, np.newaxis], peer_resource, view.resource)
        first = hardware_for(view, self.first_spend_share * equal_share_tao(view), mix)
        model = np.where(model.any(axis=1, keepdims=True), model, first)
        errs = np.stack([draws.normal(f"errs in {name}") for name in view.public.capability], axis=1)
        error = view.public.maths.exp(self.mutation_spread * errs)
        return MinerAction(resource=np.where(view.barred[:, np.newaxis], 0.0, model * error))

    @staticmethod
    def _peer(view: MinerView, draws: Draws) -> tuple[FloatArray, FloatArray]:
        """Hardware for the claims of a miner drawn for each slot, and the profit from it, both at the slot's own."""
        n_seats = view.public.miner_earned_tao.shape[1]
        seat = draws.integers("whom", n_seats)
        resource = view.public.miner_claimed[view.slot_subnet, seat] / view.productivity
        earned_tao = view.public.miner_earned_tao[view.slot_subnet, seat]
        return resource, earned_tao - cost_tao(
            resource, view.unit_cost_tao, view.public.cost_exponent, view.public.maths
        ).sum(axis=1)
