"""The validator that saves itself the work."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from agents.observation import ValidatorView, Vote
from agents.strategies import VALIDATORS


@VALIDATORS.register("weight_copier")
@dataclass(frozen=True, slots=True, kw_only=True)
class WeightCopier:
    """Measures nothing and repeats the last epoch's consensus; abstains while there is none.

    Source: "weight copying", Bittensor documentation on commit-reveal; THEORY 2.5.
    """

    MEASURES: ClassVar[bool] = False

    def vote(self, view: ValidatorView, rng: Generator) -> Vote:
        consensus = view.public.consensus[:, np.newaxis, :]
        n_subnets, _, n_uids = consensus.shape
        return Vote(weight=np.broadcast_to(consensus, (n_subnets, len(view.row_validator), n_uids)))
