"""The owner that leaves its rules alone."""

from dataclasses import dataclass
from typing import ClassVar

from agents.observation import Draws, OwnerAction, OwnerView
from agents.strategies import OWNERS


@OWNERS.register("fixed")
@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Keeps the rules that the scenario sets.

    Source: the committed designer of mechanism design.
    """

    MEASURES: ClassVar[bool] = False

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction:
        return OwnerAction(
            reward_weight=view.public.reward_weight[view.row_subnet],
            burn_share=view.burn_share,
            audit_rate=view.audit_rate,
        )
