"""What a pay shape is: a rule that turns a validator's scores into the weights it submits.

Every shape gives nothing to a score of zero: a uid without output, an empty slot, a miner caught lying. A
row of zeros stays a row of zeros (the validator has nobody to vote for).
"""

from abc import ABC, abstractmethod
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from agents.registry import Registry
from model.units import FloatArray


class Pay(ABC):
    """A rule that pays; its entries are frozen dataclasses of their parameters."""

    __slots__ = ()

    @abstractmethod
    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid) of scores >= 0; each sums to 1, or to 0 without a score."""


PAYS: Registry[Pay] = Registry("pay shape", "model.reward_rules.pay")


def at_rows(pay: Pay, subnet: NDArray[np.integer]) -> Pay:
    """The pay with the parameters of these subnets, for scores whose first axis lists them, (row,)."""
    given = {field.name: getattr(pay, field.name) for field in fields(pay)}  # type: ignore[arg-type]
    listed = {name: tuple(np.asarray(value)[subnet].tolist()) for name, value in given.items() if np.ndim(value) == 1}
    return replace(pay, **listed) if listed else pay  # type: ignore[type-var]


def by_rank(score: FloatArray) -> NDArray[np.intp]:
    """Uids from the best to the worst score along the last axis; ties are broken by uid, the lower one first.

    Only uids with a score above zero are certain to be in order, as no shape pays the others.
    """
    order = np.argsort(-score, axis=-1)
    in_order = np.take_along_axis(score, order, axis=-1)
    tied = ((in_order[..., 1:] == in_order[..., :-1]) & (in_order[..., 1:] > 0)).any(axis=-1)
    order[tied] = np.argsort(-score[tied], axis=-1, kind="stable")
    return order


def shares(prize: FloatArray) -> FloatArray:
    """Rows of prizes >= 0 scaled to sum to 1; rows of zeros stay."""
    total = prize.sum(axis=-1, keepdims=True)
    return np.divide(prize, total, out=np.zeros(prize.shape), where=total > 0)
