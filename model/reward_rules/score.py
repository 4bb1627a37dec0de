"""What a score is: one number per validator and uid, made of what the validator reads of each capability."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.registry import Registry
from ext.noise import normals_of, split_key
from ext.pay import proportional_weight
from ext.readings import checked_readings
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

    def readings(self) -> FloatArray:
        """What each validator reads, claimed x max(0, 1 + sigma z), (subnet, validator, uid, capability).

        For a score that is no kernel: the same numbers as the kernels take, at the price of an array of them all.
        """
        claimed, _, sigma, row_key = checked_readings(
            self.claimed, self.capability_weight, self.noise_sigma, self.key, self.validator, self.first_uid
        )
        uid = np.arange(claimed.shape[1])[:, np.newaxis]
        z = normals_of(split_key(row_key[:, :, np.newaxis], uid))
        return claimed[:, np.newaxis] * np.maximum(0.0, 1.0 + sigma[:, np.newaxis, np.newaxis] * z)


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
