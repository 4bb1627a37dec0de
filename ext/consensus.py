"""Yuma consensus for many subnets at once: what validators' weights and stakes earn everybody in one epoch.

The chain's epoch in float64, and the facts of the chain (permits, activity, registrations) that mask it. The three
comparison mechanisms are in `ext.comparison`, the same formulas in plain NumPy in `ext.reference`.

Shapes: K subnets, V rows of validators, N uids. Row r of subnet k belongs to uid `validator_uid[k, r]`.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext import _consensus
from ext.checks import LARGEST, check_range, check_shape, float_array, int_array
from ext.masks import NEVER, NOTHING_MASKED, BoolArray, EpochMasks, IntArray, chain_masks, check_masks

__all__ = [
    "NEVER",
    "NOTHING_MASKED",
    "NO_BUFFERS",
    "WHERE_POSITIVE",
    "EpochBuffers",
    "EpochMasks",
    "YumaEpoch",
    "chain_masks",
    "epoch_buffers",
    "yuma_epoch",
]

FloatArray = NDArray[np.float64]

SMALLEST_KAPPA = float(np.nextafter(0.0, 1.0))

# Name and range of every parameter, in the order of the table that the kernel takes.
PARAMETERS: dict[str, tuple[float, float]] = {
    "kappa": (SMALLEST_KAPPA, 1.0),
    "bonds_penalty": (0.0, 1.0),
    "bonds_moving_average": (0.0, 1.0),
    "alpha_low": (0.0, 1.0),
    "alpha_high": (0.0, 1.0),
    "alpha_sigmoid_steepness": (-1e6, 1e6),
    "stake_threshold": (0.0, LARGEST),
    "max_validators": (0.0, 2.0**31),
    "yuma3": (0.0, 1.0),
    "liquid_alpha": (0.0, 1.0),
    "count_heads": (0.0, 1.0),
    "clip": (0.0, 1.0),
    "bonded": (0.0, 1.0),
    "quantise_bonds": (0.0, 1.0),
}
PARAMETER_LOW = np.array([low for low, _ in PARAMETERS.values()])[:, None]
PARAMETER_HIGH = np.array([high for _, high in PARAMETERS.values()])[:, None]
ALPHA_LOW, ALPHA_HIGH, MAX_VALIDATORS = (
    list(PARAMETERS).index(name) for name in ("alpha_low", "alpha_high", "max_validators")
)

WHERE_POSITIVE: BoolArray = np.empty((0, 0, 0), np.bool_)


class YumaEpoch(NamedTuple):
    """What one epoch gives every uid. Arrays are (K, N) float64 where nothing else is said.

    Attributes
    ----------
    stake_share : share of the subnet's stake; 0 below the stake threshold.
    active_share : share of the stake that has a row, a permit and recent weights.
    active : bool, as in the masks.
    permit : bool, validator permits for the next epoch.
    consensus : largest weight that at least kappa of the active stake supports.
    validator_trust : sum of a validator's clipped weights.
    incentive : share of what miners earn.
    dividend : share of what validators earn.
    server_share, validator_share : shares of the epoch's emission earned by mining and by validating.
    emission_share : both together; sums to 1, or to 0 if nobody has stake.
    bond : (K, V, N) new bonds in [0, 1]. In Yuma 2 in units of the largest bond on the uid.
    """

    stake_share: FloatArray
    active_share: FloatArray
    active: BoolArray
    permit: BoolArray
    consensus: FloatArray
    validator_trust: FloatArray
    incentive: FloatArray
    dividend: FloatArray
    server_share: FloatArray
    validator_share: FloatArray
    emission_share: FloatArray
    bond: FloatArray


class EpochBuffers(NamedTuple):
    """Memory for the results and the work of an epoch, made by `epoch_buffers`."""

    vector: FloatArray
    permit: NDArray[np.uint8]
    bond: FloatArray
    number: FloatArray
    pointer: NDArray[np.intp]
    byte: NDArray[np.uint8]


NO_BUFFERS = EpochBuffers(
    vector=np.empty((9, 0, 0)),
    permit=np.empty((0, 0), np.uint8),
    bond=np.empty((0, 0, 0)),
    number=np.empty(0),
    pointer=np.empty(0, np.intp),
    byte=np.empty(0, np.uint8),
)


def epoch_buffers(n_subnets: int, n_validators: int, n_uids: int) -> EpochBuffers:
    """Memory that `yuma_epoch` can use again and again for arrays of this size."""
    n_numbers, n_pointers, n_bytes = _consensus.work_size(n_validators, n_uids)
    return EpochBuffers(
        vector=_aligned(9, n_subnets, n_uids),
        permit=np.empty((n_subnets, n_uids), np.uint8),
        bond=_aligned(n_subnets, n_validators, n_uids),
        number=_aligned(n_numbers),
        pointer=np.empty(n_pointers, np.intp),
        byte=np.empty(n_bytes, np.uint8),
    )


def _aligned(*shape: int) -> FloatArray:
    """Empty float64 array that begins on a cache line: loads that straddle two lines take twice as long."""
    n, line = math.prod(shape), 8
    room = np.empty(n + line)
    start = -(room.ctypes.data // room.itemsize) % line
    return room[start : start + n].reshape(shape)


def yuma_epoch(
    weight: ArrayLike,
    stake: ArrayLike,
    bond: ArrayLike,
    validator_uid: ArrayLike,
    *,
    masks: EpochMasks = NOTHING_MASKED,
    present: BoolArray = WHERE_POSITIVE,
    kappa: ArrayLike = 32767 / 65535,
    bonds_penalty: ArrayLike = 1.0,
    bonds_moving_average: ArrayLike = 0.9,
    yuma3: ArrayLike = True,
    liquid_alpha: ArrayLike = False,
    alpha_low: ArrayLike = 45875 / 65535,
    alpha_high: ArrayLike = 58982 / 65535,
    alpha_sigmoid_steepness: ArrayLike = 10.0,
    max_validators: ArrayLike = 64,
    stake_threshold: ArrayLike = 0.0,
    quantise_bonds: ArrayLike = True,
    buffers: EpochBuffers = NO_BUFFERS,
) -> YumaEpoch:
    """Shares, permits and bonds after one epoch of Yuma consensus in every subnet.

    Where nobody has active stake there is no vote: consensus, incentive and dividends are 0, and emission follows all
    stake, or goes to nobody where there is none. A uid whose bonds, old or new, sum to less than 2^-900 counts as one
    without; the chain's weights are fixed-point and can't be that small.

    A parameter is one number for all subnets or one per subnet (K,). Defaults are those of a new subnet.

    Parameters
    ----------
    weight : (K, V, N)
        What each validator submitted, in any unit: rows are normalised here, after masking.
    stake : (K, N)
        Stake of every uid, in any unit. A uid without a row has no vote.
    bond : (K, V, N)
        Bonds after the last epoch, in [0, 1]; zeros at the start.
    validator_uid : (K, V) int
        Uid of each row; no uid twice; -1 for a row that stands for nobody.
    masks : EpochMasks
        Permits, activity and registrations; by default everybody counts.
    present : (K, V, N) bool
        Which weights were submitted at all: positive ones always. Differs from `weight > 0` (the default) by explicit
        zeros, which keep a bond alive under liquid alpha.
    kappa : in (0, 1]
        Share of the active stake that must support a weight. Sums closer than 1e-12 count as equal to it.
    bonds_penalty : in [0, 1]
        How much of a weight above consensus is taken away before bonding.
    bonds_moving_average : in [0, 1]
        Weight of the old bond per epoch.
    yuma3 : bool
        Bonds as fixed proportions (Yuma 3) or as competing shares (Yuma 2).
    liquid_alpha : bool
        Whether the weight of the new bond depends on how far it lies from consensus (Yuma 3 only).
    alpha_low, alpha_high : in [0, 1]
        Range of that weight.
    alpha_sigmoid_steepness : float
        Slope of its sigmoid.
    max_validators : int
        Permits given for the next epoch. Shares are ranked at the chain's resolution of 2^-32; among equals the
        higher uid wins.
    stake_threshold : in the unit of `stake`
        Smaller stakes count as none, except the owner's.
    quantise_bonds : bool
        Whether bonds are cut to multiples of 1/65535 as the chain stores them.
    buffers : EpochBuffers
        Memory for the results, overwritten by the next epoch that uses it; by default new arrays. `bond` may be
        `buffers.bond`, which then moves on in place.

    Returns
    -------
    YumaEpoch

    Raises
    ------
    ValueError
        If an array has the wrong shape, type or range; it names the array, the rule and the value.

    Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs and math.rs.
    """
    return run_epoch(
        weight, stake, bond, validator_uid, masks, present, buffers,
        kappa=kappa, bonds_penalty=bonds_penalty, bonds_moving_average=bonds_moving_average,
        alpha_low=alpha_low, alpha_high=alpha_high, alpha_sigmoid_steepness=alpha_sigmoid_steepness,
        stake_threshold=stake_threshold, max_validators=max_validators, yuma3=yuma3, liquid_alpha=liquid_alpha,
        count_heads=False, clip=True, bonded=True, quantise_bonds=quantise_bonds,
    )  # fmt: skip


def run_epoch(
    weight: ArrayLike,
    stake: ArrayLike,
    bond: ArrayLike,
    validator_uid: ArrayLike,
    masks: EpochMasks,
    present: BoolArray,
    buffers: EpochBuffers,
    **parameters: ArrayLike,
) -> YumaEpoch:
    """Result of the epoch kernel, whatever the mechanism; `parameters` are all of PARAMETERS."""
    weight = float_array("weight", weight)
    stake = float_array("stake", stake)
    bond = float_array("bond", bond)
    uid = int_array("validator_uid", validator_uid)
    if weight.ndim != 3:
        raise ValueError(f"weight must have the axes (subnet, validator, uid), has shape {weight.shape}")
    n_subnets, n_validators, n_uids = weight.shape
    if not 0 < n_validators <= n_uids or not n_subnets:
        raise ValueError(f"weight must have subnets and at most as many validators as uids, has {weight.shape}")
    check_shape("stake", stake, (n_subnets, n_uids))
    check_shape("bond", bond, weight.shape)
    check_shape("validator_uid", uid, (n_subnets, n_validators))
    check_range("weight", weight)
    check_range("stake", stake)
    check_range("bond", bond, 0.0, 1.0)
    _check_uids(uid, n_uids)
    if masks is not NOTHING_MASKED:
        check_masks(masks, n_subnets, n_uids)
    if present is not WHERE_POSITIVE:
        check_shape("present", present, weight.shape)
    table = _parameter_table(n_subnets, parameters)
    if buffers is NO_BUFFERS:
        buffers = epoch_buffers(n_subnets, n_validators, n_uids)
    _check_buffers(buffers, weight, stake, bond)
    _consensus.epoch(
        weight, np.ascontiguousarray(present, np.bool_).view(np.uint8), stake, bond, uid, table,
        masks.permit.view(np.uint8), masks.active.view(np.uint8), masks.registered_block,
        masks.newest_target_block, masks.last_tempo_block, masks.owner_uid, *buffers,
    )  # fmt: skip
    share, active_share, consensus, trust, incentive, dividend, server, validator, combined = buffers.vector
    return YumaEpoch(
        stake_share=share,
        active_share=active_share,
        active=np.broadcast_to(masks.active, (n_subnets, n_uids)),
        permit=buffers.permit.view(np.bool_),
        consensus=consensus,
        validator_trust=trust,
        incentive=incentive,
        dividend=dividend,
        server_share=server,
        validator_share=validator,
        emission_share=combined,
        bond=buffers.bond,
    )


def _parameter_table(n_subnets: int, parameters: dict[str, ArrayLike]) -> FloatArray:
    table = np.empty((len(PARAMETERS), n_subnets))
    for row, name in enumerate(PARAMETERS):
        try:
            table[row] = parameters[name]
        except (TypeError, ValueError):
            raise ValueError(
                f"{name} must be one number or one per subnet ({n_subnets}), is {parameters[name]!r}"
            ) from None
    if not ((table >= PARAMETER_LOW) & (table <= PARAMETER_HIGH)).all():
        for name, given, (low, high) in zip(PARAMETERS, table, PARAMETERS.values(), strict=True):
            wrong = ~((given >= low) & (given <= high))
            if wrong.any():
                interval = "(0, 1]" if name == "kappa" else f"[{low}, {high}]"
                raise ValueError(f"{name} must lie in {interval}, is {given[wrong.argmax()]}")
    if (table[ALPHA_LOW] > table[ALPHA_HIGH]).any():
        raise ValueError(f"alpha_low must not exceed alpha_high, {table[ALPHA_LOW]} against {table[ALPHA_HIGH]}")
    if (table[MAX_VALIDATORS] % 1.0).any():
        raise ValueError(f"max_validators must be a whole number, is {table[MAX_VALIDATORS]}")
    return table


def _check_uids(uid: IntArray, n_uids: int) -> None:
    ordered = np.sort(uid, axis=1)
    if ordered[:, 0].min() < -1 or ordered[:, -1].max() >= n_uids:
        raise ValueError(f"validator_uid must lie in [-1, {n_uids - 1}], spans {uid.min()} to {uid.max()}")
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if twice.any():
        subnet, row = np.argwhere(twice)[0]
        raise ValueError(f"validator_uid must not repeat a uid, subnet {subnet} has {ordered[subnet, row]} twice")


def _check_buffers(buffers: EpochBuffers, *inputs: FloatArray) -> None:
    weight, stake, bond = inputs
    work = buffers.number.size, buffers.pointer.size, buffers.byte.size
    if (
        buffers.bond.shape != weight.shape
        or buffers.vector.shape != (9, *stake.shape)
        or buffers.permit.shape != stake.shape
        or work != _consensus.work_size(*weight.shape[1:])
    ):
        raise ValueError(f"buffers must be made by epoch_buffers{weight.shape}, bond in them has {buffers.bond.shape}")
    in_place = bond.ctypes.data == buffers.bond.ctypes.data
    for name, array in (("weight", weight), ("stake", stake)) + (() if in_place else (("bond", bond),)):
        if any(np.may_share_memory(array, buffer) for buffer in buffers):
            raise ValueError(f"{name} must not lie in the buffers' memory")
