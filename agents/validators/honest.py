"""The validator that measures and says what it saw."""

from dataclasses import dataclass
from typing import ClassVar

from agents.observation import Draws, ValidatorView, Vote
from agents.strategies import VALIDATORS


@VALIDATORS.register("honest")
@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """Submits its own measurements, turned into weights by the subnet's reward rule.

    Source: the truthful validator of docs/consensus.md, subtensor 14bc6f9.
    """

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = True

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        return Vote(weight=view.measured_weight)
