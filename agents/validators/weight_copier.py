"""The validator that saves itself the work."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.observation import Draws, Memory, ValidatorView, Vote
from agents.parameters import Bounds
from agents.strategies import VALIDATORS


@VALIDATORS.register("weight_copier")
@dataclass(frozen=True, slots=True, kw_only=True)
class WeightCopier:
    """Measures nothing and repeats the last epoch's consensus, or an older one; abstains while there is none.

    Parameters
    ----------
    delay_epochs : int
        Age of the consensus that it repeats, in [1, 1000]; more than 1 where weights are revealed late.

    Source: "weight copying", Bittensor documentation on commit-reveal; CLOSED_FORMS 2.5.
    """

    MEASURES: ClassVar[bool] = False
    AUDITS: ClassVar[bool] = False

    delay_epochs: Annotated[int, Bounds(1, 1000)] = 1

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        consensus = view.public.consensus
        memory: Memory = {}
        if self.delay_epochs > 1:
            n_older = self.delay_epochs - 1
            older = view.memory.get("consensus", np.zeros((n_older, *consensus.shape)))
            memory = {"consensus": np.concatenate([older[1:], consensus[np.newaxis]])}
            consensus = older[0]
        n_subnets, n_uids = consensus.shape
        weight = np.broadcast_to(consensus[:, np.newaxis, :], (n_subnets, len(view.row_validator), n_uids))
        return Vote(weight=weight, memory=memory)
