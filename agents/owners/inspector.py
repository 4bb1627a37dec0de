"""The owner that audits when it expects lies."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.observation import Draws, OwnerAction, OwnerView
from agents.parameters import Bounds
from agents.strategies import OWNERS


@OWNERS.register("inspector")
@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """Learns by fictitious play whether to audit: it expects as many lies as there have been so far.

    It has every miner audited in the coming epoch when the harm that audits are expected to prevent is worth more
    than what validators pay for them, and nobody otherwise. Its experience begins with one imagined epoch, drawn at
    random; `anticipation` is that of the miner `inspectee`, its opponent.

    Parameters
    ----------
    harm_tao : float
        What an undetected lie costs it in an epoch, >= 0.
    anticipation : float
        How often more the last epoch counts, in [0, 100]; 0 is fictitious play as Brown has it.

    Source: Avenhaus, von Stengel, Zamir 2002, "Inspection games"; Brown 1951, "Iterative solution of games by
    fictitious play"; CLOSED_FORMS 2.1 and 5.
    """

    MEASURES: ClassVar[bool] = True

    harm_tao: Annotated[float, Bounds(0, 1e6)] = 2.0
    anticipation: Annotated[float, Bounds(0, 100)] = 1.0

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction:
        epochs = view.memory.get("epochs", np.zeros(1)) + 1
        if epochs[0] > 1:
            lies = view.memory["lies"] + view.lied_share
            lied_share = (lies + self.anticipation * view.lied_share) / (epochs + self.anticipation)
        else:
            lied_share = lies = draws.uniform("imagined")
        prevented_tao = self.harm_tao * view.public.detection_share * lied_share
        return OwnerAction(
            reward_weight=view.public.reward_weight[view.row_subnet],
            burn_share=view.burn_share,
            audit_rate=(prevented_tao > view.audit_cost_tao).astype(float),
            memory={"epochs": epochs, "lies": lies},
        )
