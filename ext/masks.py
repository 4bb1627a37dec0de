"""What the chain knows of the uids before an epoch: who may vote, and which weights and bonds are out of date."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext.checks import int_array

__all__ = ["NEVER", "NOTHING_MASKED", "EpochMasks", "chain_masks", "check_masks"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

NEVER = 2**62  # a block that never comes: no pending commit, nothing too new to be counted


class EpochMasks(NamedTuple):
    """What the chain knows of the uids before the epoch. Each array is (K, N) or (1, 1), the last two (K,) or (1,).

    Attributes
    ----------
    permit : bool
        Validator permits given by the last epoch; without one a row does not count.
    active : bool
        Uids that set weights recently; others keep their row but no stake stands behind it.
    registered_block : int64
        Block at which the uid was registered.
    newest_target_block : int64
        A validator's weights on uids registered after this block are dropped (indexed by the validator's uid).
    last_tempo_block : int64
        Bonds on uids registered at this block or later are dropped.
    owner_uid : int64
        Uid of the subnet owner's hotkey, -1 if it has none. It always has a permit and may weight itself.
    """

    permit: BoolArray
    active: BoolArray
    registered_block: IntArray
    newest_target_block: IntArray
    last_tempo_block: IntArray
    owner_uid: IntArray


NOTHING_MASKED = EpochMasks(
    permit=np.ones((1, 1), np.bool_),
    active=np.ones((1, 1), np.bool_),
    registered_block=np.zeros((1, 1), np.int64),
    newest_target_block=np.full((1, 1), NEVER),
    last_tempo_block=np.ones(1, np.int64),
    owner_uid=np.full(1, -1),
)


def chain_masks(
    *,
    block: ArrayLike,
    permit: ArrayLike,
    last_update_block: ArrayLike,
    registered_block: ArrayLike,
    last_tempo_block: ArrayLike,
    activity_cutoff_blocks: ArrayLike = 5000,
    commit_block: ArrayLike = NEVER,
    owner_uid: ArrayLike = -1,
) -> EpochMasks:
    """Masks of an epoch at `block`, from the blocks at which things happened.

    Parameters
    ----------
    block : int or (K,)
        Block of this epoch.
    permit : (K, N) bool
        Validator permits of the last epoch.
    last_update_block, registered_block : (K, N) int
        Block of the uid's last weights (or commit of weights), and of its registration.
    last_tempo_block : int or (K,)
        Block of the last epoch that ran plus one; `block` minus the tempo if there was none.
    activity_cutoff_blocks : int or (K,)
        Blocks without an update after which a validator's stake does not count: max(1, factor x tempo).
    commit_block : int or (K, N)
        Block of the uid's earliest unexpired weight commit, NEVER if there is none or commit-reveal is off.
    owner_uid : int or (K,)
        Uid of the subnet owner's hotkey, -1 if it has none.

    Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs.
    """
    update = np.atleast_2d(int_array("last_update_block", last_update_block))
    return EpochMasks(
        permit=np.atleast_2d(np.ascontiguousarray(permit, np.bool_)),
        active=update + _column("activity_cutoff_blocks", activity_cutoff_blocks) >= _column("block", block),
        registered_block=np.atleast_2d(int_array("registered_block", registered_block)),
        newest_target_block=np.minimum(update - 1, np.atleast_2d(int_array("commit_block", commit_block))),
        last_tempo_block=np.atleast_1d(int_array("last_tempo_block", last_tempo_block)),
        owner_uid=np.atleast_1d(int_array("owner_uid", owner_uid)),
    )


def _column(name: str, value: ArrayLike) -> IntArray:
    return int_array(name, value).reshape(-1, 1)


def check_masks(masks: EpochMasks, n_subnets: int, n_uids: int) -> None:
    """Raise ValueError unless every mask fits the subnets and uids, with the right type and owners that exist."""
    for name, mask in zip(EpochMasks._fields, masks, strict=True):
        shape, kind = (n_subnets, n_uids)[: mask.ndim], NOTHING_MASKED._asdict()[name]
        if mask.ndim != kind.ndim or mask.dtype != kind.dtype or not mask.flags.c_contiguous:
            raise ValueError(f"masks.{name} must be a C-contiguous array of {kind.dtype} with {kind.ndim} axes")
        if any(length not in (1, full) for length, full in zip(mask.shape, shape, strict=True)):
            raise ValueError(f"masks.{name} must have shape {shape} or ones in its place, has {mask.shape}")
    if masks.owner_uid.min() < -1 or masks.owner_uid.max() >= n_uids:
        raise ValueError(f"masks.owner_uid must lie in [-1, {n_uids - 1}], is {masks.owner_uid}")
