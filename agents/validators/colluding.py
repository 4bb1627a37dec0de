"""The validator that votes for its cartel."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from agents.observation import FloatArray, ValidatorView, Vote
from agents.strategies import VALIDATORS


@VALIDATORS.register("colluding")
@dataclass(frozen=True, slots=True, kw_only=True)
class Colluding:
    """Gives the agreed self-weight to its cartel's miners and the rest to all others.

    Inside each group it follows its own measurements, so that only the split between the groups is a lie; a group
    that scored nothing is weighted equally.

    Source: cabal self-weight w of THEORY 2.2; docs/consensus.md, subtensor 14bc6f9.
    """

    MEASURES: ClassVar[bool] = True

    def vote(self, view: ValidatorView, rng: Generator) -> Vote:
        inside = view.cartel_miner[:, np.newaxis, :]
        outside = (view.miner & ~view.cartel_miner)[:, np.newaxis, :]
        weight = view.cartel_self_weight * _within(view.measured_weight, inside)
        weight += (1 - view.cartel_self_weight) * _within(view.measured_weight, outside)
        return Vote(weight=weight)


def _within(weight: FloatArray, group: np.ndarray) -> FloatArray:
    """Weights inside the group, (subnet, row, uid), rows summing to 1 where the group has members."""
    part = np.where(group, weight, 0.0)
    total = part.sum(axis=2, keepdims=True)
    part = np.where(total > 0, part, group.astype(float))
    total = part.sum(axis=2, keepdims=True)
    return np.divide(part, total, out=np.zeros_like(part), where=total > 0)
