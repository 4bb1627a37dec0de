"""What every consensus mechanism takes and gives, and the registry of those there are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agents.registry import Registry
from ext.consensus import YumaEpoch
from ext.masks import NOTHING_MASKED, EpochMasks
from model.units import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:  # a scenario names its mechanism, so it imports this registry
    from model.design import Consensus


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What validators bring to an epoch.

    weight (subnet, validator, uid) : as submitted, >= 0
    stake (subnet, uid) : stake weight of each uid, in any one unit, >= 0
    bond (subnet, validator, uid) : carried from the last epoch, in [0, 1]
    permit (subnet, uid) : validator permits of the last epoch
    validator_uid (subnet, validator) : uid of each row of weights
    parameters : kappa, bonds and liquid alpha
    """

    weight: FloatArray
    stake: FloatArray
    bond: FloatArray
    permit: BoolArray
    validator_uid: IntArray
    parameters: "Consensus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What consensus makes of a ballot.

    consensus, incentive_share (subnet, uid) : incentive sums to 1 in a subnet, or is 0 if nobody earned any
    validator_share (subnet, uid) : what validators' pots are divided by; dividends, or stake if nobody voted
    bond (subnet, validator, uid), permit (subnet, uid) : to carry into the next epoch
    """

    consensus: FloatArray
    incentive_share: FloatArray
    validator_share: FloatArray
    bond: FloatArray
    permit: BoolArray


def masks(ballot: Ballot) -> EpochMasks:
    """What the chain masks of a ballot."""
    return NOTHING_MASKED._replace(permit=ballot.permit)


def verdict(epoch: YumaEpoch) -> Verdict:
    """What the economy needs of a kernel's epoch."""
    return Verdict(
        consensus=epoch.consensus,
        incentive_share=epoch.incentive,
        validator_share=epoch.validator_share,
        bond=epoch.bond,
        permit=epoch.permit,
    )


class Mechanism(Protocol):
    """Turns a ballot into a verdict; a pure function of arrays."""

    def agree(self, ballot: Ballot) -> Verdict: ...


MECHANISMS: Registry[Mechanism] = Registry("consensus mechanism", "model.consensus")
