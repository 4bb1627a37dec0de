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


def by_place(score: FloatArray, prize: FloatArray) -> FloatArray:
    """Prize of each uid for its place along the last axis; who ties shares the prizes of the places tied for.

    Parameters
    ----------
    score : ndarray, (subnet, validator, uid)
        Scores >= 0; one of zero wins nothing.
    prize : ndarray, (uid,)
        Prizes >= 0 of the places, best first.
    """
    order = np.argsort(-score, axis=-1)
    in_order = np.take_along_axis(score, order, axis=-1)
    won = np.where(in_order > 0, prize, 0.0)
    same = (in_order[..., 1:] == in_order[..., :-1]) & (in_order[..., 1:] > 0)
    if same.any():
        opens = np.ones(score.shape, dtype=bool)
        opens[..., 1:] = ~same
        first = np.flatnonzero(opens)
        n_tied = np.diff(np.append(first, score.size))
        won = np.repeat(np.add.reduceat(won.ravel(), first) / n_tied, n_tied).reshape(score.shape)
    by_uid = np.empty(score.shape)
    np.put_along_axis(by_uid, order, won, axis=-1)
    return by_uid


def shares(prize: FloatArray) -> FloatArray:
    """Rows of prizes >= 0 scaled to sum to 1; rows of zeros stay."""
    total = prize.sum(axis=-1, keepdims=True)
    return np.divide(prize, total, out=np.zeros(prize.shape), where=total > 0)
