"""The miner whose budget flows to where it earns more than on average."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import purse_tao, spend, spend_share_by_slot, within_miner
from agents.effort import spent_tao
from agents.observation import Draws, FloatArray, MinerAction, MinerView
from agents.parameters import Bounds, PerSubnet
from agents.strategies import MINERS


@MINERS.register("replicator")
@dataclass(frozen=True, slots=True, kw_only=True)
class Replicator:
    """Share of its budget in a subnet grows at the rate by which the return there exceeds its average return.

    With share y and return f per TAO, y' = y (f - f_mean). Over an epoch the income y f of a subnet is held, as it is
    where all move together for a fixed pot, and the equation is solved exactly: shares move towards shares of income
    by 1 - exp(-pace f_mean). What earns nothing dies out, and what is dead stays so.

    Parameters
    ----------
    pace : float
        Time that passes in an epoch, > 0, in epochs of return.
    first_share : float or tuple of float, one per subnet
        Weights of its first split, >= 0; one number splits equally.
    spend_share : float
        Share of an equal split of the pots that it spends, >= 0, as far as its budget goes.

    Source: Taylor, Jonker 1978, "Evolutionary stable strategies and game dynamics"; CLOSED_FORMS 5, replicator.
    """

    pace: Annotated[float, Bounds(0, 1e3, above=True)] = 1.0
    first_share: Annotated[PerSubnet, Bounds(0, 1e6)] = 1.0
    spend_share: Annotated[float, Bounds(0, 1e3)] = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        share = spend_share_by_slot(view, self._first(view))
        income_tao, cost_tao = within_miner(view, view.earned_tao), within_miner(view, spent_tao(view))
        paid = (income_tao > 0) & (cost_tao > 0)
        mean_return = np.divide(income_tao, cost_tao, out=np.zeros_like(income_tao), where=paid)
        income_share = np.divide(view.earned_tao, income_tao, out=share.copy(), where=paid)
        share = share - view.public.maths.expm1(-self.pace * mean_return) * (income_share - share)
        return spend(view, share * purse_tao(view, self.spend_share), {})

    def _first(self, view: MinerView) -> FloatArray:
        n_subnets = len(view.public.pot_tao)
        return np.broadcast_to(np.asarray(self.first_share, dtype=float), (n_subnets,))[view.slot_subnet]
