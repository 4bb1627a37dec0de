"""Mechanisms to hold Yuma against: what validators' weights earn when consensus is formed in another way.

Each takes and returns what `ext.consensus.yuma_epoch` does; only the sentences in its docstring differ. Permits, masks
and the split of emission are the chain's. Oracle: `ext.reference.epoch` with the same switches.
"""

from typing import TypedDict, Unpack

from numpy.typing import ArrayLike

from ext.consensus import NO_BUFFERS, WHERE_POSITIVE, EpochBuffers, YumaEpoch, run_epoch
from ext.masks import NOTHING_MASKED, EpochMasks

__all__ = ["Comparison", "pro_rata", "stake_mean", "unweighted_median"]


class Comparison(TypedDict, total=False):
    """Keyword arguments of the three mechanisms, with the meaning and the defaults of `yuma_epoch`."""

    masks: EpochMasks
    buffers: EpochBuffers
    bonds_penalty: ArrayLike
    bonds_moving_average: ArrayLike
    yuma3: ArrayLike
    max_validators: ArrayLike
    stake_threshold: ArrayLike
    quantise_bonds: ArrayLike


def stake_mean(
    weight: ArrayLike, stake: ArrayLike, bond: ArrayLike, validator_uid: ArrayLike, **options: Unpack[Comparison]
) -> YumaEpoch:
    """Shares, permits and bonds when the consensus is the mean of all weights, by active stake.

    Nothing is clipped: consensus is the rank itself, incentive is proportional to it, and every voter's trust is 1.
    Validators bond with their full weights, so `bonds_penalty` has no effect; bonds and dividends are those of Yuma.
    """
    return _run(weight, stake, bond, validator_uid, **options, count_heads=False, clip=False, bonded=True)


def unweighted_median(
    weight: ArrayLike,
    stake: ArrayLike,
    bond: ArrayLike,
    validator_uid: ArrayLike,
    *,
    kappa: ArrayLike = 0.5,
    **options: Unpack[Comparison],
) -> YumaEpoch:
    """Shares, permits and bonds when every validator with active stake has one vote, however small its stake.

    Consensus is the largest weight that at least `kappa` of these validators support; the rank, and with it the
    incentive, is the plain mean of the clipped weights. Bonds and dividends are those of Yuma, by stake.
    """
    return _run(weight, stake, bond, validator_uid, **options, kappa=kappa, count_heads=True, clip=True, bonded=True)


def pro_rata(
    weight: ArrayLike, stake: ArrayLike, bond: ArrayLike, validator_uid: ArrayLike, **options: Unpack[Comparison]
) -> YumaEpoch:
    """Shares and permits when validators earn by stake alone and miners by the mean weight.

    Consensus and incentive are those of `stake_mean`. A validator's dividend is its share of the active stake, whatever
    it voted; there are no bonds, those returned are 0.
    """
    return _run(weight, stake, bond, validator_uid, **options, count_heads=False, clip=False, bonded=False)


def _run(
    weight: ArrayLike,
    stake: ArrayLike,
    bond: ArrayLike,
    validator_uid: ArrayLike,
    *,
    count_heads: bool,
    clip: bool,
    bonded: bool,
    kappa: ArrayLike = 0.5,
    masks: EpochMasks = NOTHING_MASKED,
    buffers: EpochBuffers = NO_BUFFERS,
    bonds_penalty: ArrayLike = 1.0,
    bonds_moving_average: ArrayLike = 0.9,
    yuma3: ArrayLike = True,
    max_validators: ArrayLike = 64,
    stake_threshold: ArrayLike = 0.0,
    quantise_bonds: ArrayLike = True,
) -> YumaEpoch:
    return run_epoch(
        weight, stake, bond, validator_uid, masks, WHERE_POSITIVE, buffers,
        kappa=kappa, bonds_penalty=bonds_penalty, bonds_moving_average=bonds_moving_average,
        alpha_low=1.0, alpha_high=1.0, alpha_sigmoid_steepness=0.0,
        stake_threshold=stake_threshold, max_validators=max_validators, yuma3=yuma3, liquid_alpha=False,
        count_heads=count_heads, clip=clip, bonded=bonded, quantise_bonds=quantise_bonds,
    )  # fmt: skip
