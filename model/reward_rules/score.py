"""What a score is: one number per validator and uid, made of what the validator reads of each capability."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.registry import Registry
from ext.pay import proportional_weight
from model.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What is measured in one epoch, by whom, and how exactly. `ext.readings` checks the arrays.

    Parameters
    ----------
    claimed : ndarray, (subnet, uid, capability)
        Output as the miners claim it, >= 0.
    capability_weight : ndarray, (subnet, capability)
        a_l >= 0 of the reward rule; at least one per subnet above zero.
    noise_sigma : ndarray, (subnet, capability)
        Standard deviation of a reading as a share of the output, >= 0.
    key : int
        64-bit key of the epoch's readings (`model.world.randomness.stream_key`).
    validator : ndarray of int, (validator,) or (subnet, validator)
        Numbers of the validators that measure.
    threads : int
        Threads that share the subnets; the result does not depend on it.
    first_uid : int
        First uid of a miner: its readings are draw number 0, whatever sits in front of it.
    """

    claimed: FloatArray
    capability_weight: FloatArray
    noise_sigma: FloatArray
    key: int
    validator: NDArray[np.integer]
    threads: int = 1
    first_uid: int = 0


class Score(ABC):
    """A rule that scores; its entries are frozen dataclasses of their parameters."""

    __slots__ = ()

    @abstractmethod
    def score(self, measurement: Measurement) -> FloatArray:
        """Scores (subnet, validator, uid), >= 0."""

    def proportional_weight(self, measurement: Measurement, decisiveness: ArrayLike) -> FloatArray:
        """Weight rows s^r / sum s^r of the scores s; an entry that knows a shorter way overrides this."""
        return proportional_weight(self.score(measurement), decisiveness)


SCORES: Registry[Score] = Registry("score", "model.reward_rules.scores")
