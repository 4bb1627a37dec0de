"""The validator that votes for its cartel."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents.observation import Draws, FloatArray, ValidatorView, Vote
from agents.strategies import VALIDATORS


@VALIDATORS.register("colluding")
@dataclass(frozen=True, slots=True, kw_only=True)
class Colluding:
    """Gives the agreed self-weight to its cartel's miners and the rest to all others.

    Inside each group it follows its own measurements, so that only the split between the groups is a lie; a group
    that scored nothing is weighted equally. Where none of its miners sits it votes what it measured, and where nobody
    else does they get everything. Under the vote rule `even_split` its own miners all get the same, whether they work
    or not. Under `within_consensus` they get no more than the last consensus gave them all together: a cartel below
    kappa then votes as honest validators do and loses no bonds, one above takes all that it has agreed on.

    Source: cabal self-weight w of CLOSED_FORMS 2.2; docs/consensus.md, subtensor 14bc6f9.
    """

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = False

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        inside = view.cartel_miner[:, np.newaxis, :]
        outside = (view.miner & ~view.cartel_miner)[:, np.newaxis, :]
        own_share = np.where(outside.any(axis=2, keepdims=True), self._own_share(view), 1.0)
        merit = np.zeros_like(view.measured_weight) if view.cartel_vote_rule == "even_split" else view.measured_weight
        weight = own_share * _within(merit, inside)
        weight += (1 - own_share) * _within(view.measured_weight, outside)
        return Vote(weight=np.where(inside.any(axis=2, keepdims=True), weight, view.measured_weight))

    @staticmethod
    def _own_share(view: ValidatorView) -> FloatArray:
        """Weight that the cartel's miners get together in each subnet, (subnet, 1, 1)."""
        agreed = np.full((len(view.miner), 1, 1), view.cartel_self_weight)
        consensus = view.public.consensus
        if view.cartel_vote_rule != "within_consensus":
            return agreed
        let_through = np.where(view.cartel_miner, consensus, 0.0).sum(axis=1)
        known = consensus.any(axis=1)
        return np.where(known, np.minimum(agreed[:, 0, 0], let_through), agreed[:, 0, 0])[:, np.newaxis, np.newaxis]


def _within(weight: FloatArray, group: np.ndarray) -> FloatArray:
    """Weights inside the group, (subnet, row, uid), rows summing to 1 where the group has members."""
    part = np.where(group, weight, 0.0)
    total = part.sum(axis=2, keepdims=True)
    part = np.where(total > 0, part, group.astype(float))
    total = part.sum(axis=2, keepdims=True)
    return np.divide(part, total, out=np.zeros_like(part), where=total > 0)
