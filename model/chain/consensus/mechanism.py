"""The consensus section of a scenario, what every mechanism takes and gives, and the registry of those there are."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agents.registry import Registry
from ext.consensus import YumaEpoch
from ext.masks import NOTHING_MASKED, EpochMasks
from model.bounds import within
from model.units import SUPPLY_CAP, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """How weights become incentive and dividend. Defaults: subtensor 14bc6f9, subnets/subnet.rs and lib.rs."""

    mechanism: str = "yuma3"
    kappa: float = 32_767 / 65_535  # stake share that must support a weight
    bonds_penalty: float = 1.0  # 0: bonds on raw weights, 1: on clipped ones
    bonds_moving_average: float = 0.9  # per epoch, weight of the old bond
    alpha_low: float = 45_875 / 65_535  # liquid alpha only
    alpha_high: float = 58_982 / 65_535
    alpha_sigmoid_steepness: float = 10.0
    stake_threshold_alpha: float = 0.0  # stake weight below which a validator does not count
    quantise_bonds: bool = False  # carry bonds as the chain stores them, in 65,535ths

    def __post_init__(self) -> None:
        MECHANISMS.get(self.mechanism)
        within("consensus.kappa", self.kappa, 0, 1, above=True)
        for name in ("bonds_penalty", "alpha_low", "alpha_high"):
            within(f"consensus.{name}", getattr(self, name), 0, 1)
        # At 1 no bond is ever formed and votes earn nothing. On chain an owner can set .975 at most.
        within("consensus.bonds_moving_average", self.bonds_moving_average, 0, 1, below=True)
        within("consensus.stake_threshold_alpha", self.stake_threshold_alpha, 0, SUPPLY_CAP)
        within("consensus.alpha_sigmoid_steepness", self.alpha_sigmoid_steepness, -1000, 1000)
        if self.alpha_low > self.alpha_high:
            raise ValueError(f"consensus.alpha_low must be <= alpha_high = {self.alpha_high:g}, is {self.alpha_low!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What validators bring to an epoch.

    weight (subnet, validator, uid) : as submitted, >= 0
    stake (subnet, uid) : stake weight of each uid, in rao of alpha, >= 0
    bond (subnet, validator, uid) : carried from the last epoch, in [0, 1]
    permit (subnet, uid) : validator permits of the last epoch
    validator_uid (subnet, validator) : uid of each row of weights
    parameters : kappa, bonds and liquid alpha
    masks : which weights and bonds are older than their uids; the permits of this ballot go before those in it
    """

    weight: FloatArray
    stake: FloatArray
    bond: FloatArray
    permit: BoolArray
    validator_uid: IntArray
    parameters: Consensus
    masks: EpochMasks = NOTHING_MASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What consensus makes of a ballot.

    consensus, incentive_share (subnet, uid) : incentive sums to 1 in a subnet, or is 0 if nobody earned any
    validator_share (subnet, uid) : what validators' pots are divided by; dividends, or stake if nobody voted
    stake_share (subnet, uid) : of the stake of those who can vote, or of all stake where nobody can
    bond (subnet, validator, uid), permit (subnet, uid) : to carry into the next epoch
    """

    consensus: FloatArray
    incentive_share: FloatArray
    validator_share: FloatArray
    stake_share: FloatArray
    bond: FloatArray
    permit: BoolArray


def masks(ballot: Ballot) -> EpochMasks:
    """What the chain masks of a ballot."""
    return ballot.masks._replace(permit=ballot.permit)


def verdict(epoch: YumaEpoch) -> Verdict:
    """What the economy needs of a kernel's epoch."""
    return Verdict(
        consensus=epoch.consensus,
        incentive_share=epoch.incentive,
        validator_share=epoch.validator_share,
        stake_share=np.where(epoch.active_share.any(axis=1, keepdims=True), epoch.active_share, epoch.stake_share),
        bond=epoch.bond,
        permit=epoch.permit,
    )


class Mechanism(Protocol):
    """Turns a ballot into a verdict; a pure function of arrays."""

    def agree(self, ballot: Ballot) -> Verdict: ...


MECHANISMS: Registry[Mechanism] = Registry("consensus mechanism", "model.chain.consensus")
