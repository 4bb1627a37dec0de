"""The miner that lies when it does not expect to be looked at."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import remembered
from agents.effort import equal_share_tao, hardware_for
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds, Share
from agents.strategies import MINERS


@MINERS.register("inspectee")
@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectee:
    """Learns by fictitious play whether to lie: it expects to be audited as often as it has been so far.

    It either works like an honest miner, in the mix that users value, or does little of that work and claims all of
    it. Lying saves it the rest of its spending; if it is found it pays the fine and, where pay is confiscated, loses
    an equal share of the pot. It lies when that is worth it. Its experience begins with one imagined epoch, drawn at
    random. With `anticipation` the last epoch counts again as a guess of the coming one: averages then settle in
    hundreds of epochs, not tens of thousands. What it does from epoch to epoch never settles.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that its work costs, in [0, 1].
    work_share : float
        Share of this work that it does when it lies, in [1e-6, 1].
    anticipation : float
        How often more the last epoch counts, in [0, 100]; 0 is fictitious play as Brown has it.

    Source: Avenhaus, von Stengel, Zamir 2002, "Inspection games"; Brown 1951, "Iterative solution of games by
    fictitious play"; Rakhlin, Sridharan 2013, "Optimization, learning, and games with predictable sequences";
    CLOSED_FORMS 2.1 and 5.
    """

    spend_share: Share = 0.9
    work_share: Annotated[float, Bounds(1e-6, 1)] = 0.1
    anticipation: Annotated[float, Bounds(0, 100)] = 1.0

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        n_slots, audited = len(view.score), view.audited.astype(float)
        epochs = remembered(view, "epochs", np.zeros(n_slots)) + 1
        seen = np.where(epochs > 1, audited, draws.uniform("imagined"))
        audits = remembered(view, "audits", np.zeros(n_slots)) + seen
        again = np.where(epochs > 1, self.anticipation, 0.0)
        audit_rate = (audits + again * audited) / (epochs + again)
        pay_tao = equal_share_tao(view)
        work_tao = self.spend_share * pay_tao
        loss_tao = view.public.fine_tao + view.public.confiscates * pay_tao
        saved_tao = (1 - view.public.maths.power(self.work_share, view.public.cost_exponent)) * work_tao
        lies = saved_tao > audit_rate * view.public.detection_share * loss_tao
        done_share = np.where(lies, self.work_share, 1.0)
        mix = view.public.value_weight[view.slot_subnet]
        return MinerAction(
            resource=done_share[:, np.newaxis] * hardware_for(view, work_tao, mix),
            claim_factor=1 / done_share,
            memory={"epochs": epochs, "audits": audits},
        )
