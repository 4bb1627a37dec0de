"""The validator that likes it fast."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents.observation import Draws, FloatArray, PublicView, ValidatorView, Vote
from agents.parameters import Capability, Share
from agents.strategies import VALIDATORS


@VALIDATORS.register("speed_biased")
@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedBiased:
    """Measures like an honest validator and scores by weights of its own, in which one capability counts for more.

    Parameters
    ----------
    capability : str
        What it likes; a scenario without it leaves this validator honest.
    bias_share : float
        Share of the rule's weights that it shifts to its favourite, in [0, 1].

    Source: validators who disagree with the majority, docs/consensus.md, subtensor 14bc6f9; claim (c) of
    model/experiments/claims/CLAIMS.md.
    """

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = True

    capability: Capability = "speed"
    bias_share: Share = 0.5

    def score_weight(self, public: PublicView) -> FloatArray:
        favourite = np.array([name == self.capability for name in public.capability], dtype=float)
        bias_share = self.bias_share * favourite.any()
        total = public.reward_weight.sum(axis=1, keepdims=True)
        return (1 - bias_share) * public.reward_weight + bias_share * total * favourite

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        return Vote(weight=view.measured_weight)
