"""The nominator that stays."""

from dataclasses import dataclass

from agents.observation import Delegation, Draws, NominatorView
from agents.strategies import NOMINATORS


@NOMINATORS.register("loyal")
@dataclass(frozen=True, slots=True, kw_only=True)
class Loyal:
    """Leaves its stake where it is, whatever it yields.

    Source: the passive delegator of the chain's own economics; the martingale benchmark of CLOSED_FORMS 3.5.
    """

    def delegate(self, view: NominatorView, draws: Draws) -> Delegation:
        return Delegation(delegate=view.delegate)
