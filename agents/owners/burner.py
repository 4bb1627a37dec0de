"""The owner that withholds miners' pay."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents.observation import Draws, OwnerAction, OwnerView
from agents.parameters import Share
from agents.strategies import OWNERS


@OWNERS.register("burner")
@dataclass(frozen=True, slots=True, kw_only=True)
class Burner:
    """Has a share of miners' incentive directed to its own key, where the chain withholds it.

    Miners sell less, and work less: what they spend falls with the pot (CLOSED_FORMS 1.1).

    Parameters
    ----------
    burn_share : float
        Of miners' incentive, in [0, 1]; in place of the scenario's own number.

    Source: withheld miner emission, subtensor 14bc6f9 and pull request 2781; CLOSED_FORMS 3.4.
    """

    MEASURES: ClassVar[bool] = False

    burn_share: Share = 0.5

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction:
        return OwnerAction(
            reward_weight=view.public.reward_weight[view.row_subnet],
            burn_share=np.full(len(view.row_subnet), self.burn_share),
            audit_rate=view.audit_rate,
        )
