"""When a subnet's epoch runs."""

from dataclasses import dataclass

import numpy as np

from model.units import BoolArray, IntArray

NEVER = 2**64 - 1  # the chain's answer for a dormant subnet
MAX_TEMPO_BLOCKS = 50_400
MAX_EPOCHS_PER_BLOCK = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Due:
    """Which subnets run their epoch in this block.

    Attributes
    ----------
    runs : (subnet,) bool
    trigger_block : (subnet,) int64
        Block in which a deferred epoch is tried again, or one that was asked for before; 0 is none.
    """

    runs: BoolArray
    trigger_block: IntArray


def blocks_until_next_auto_epoch(last_epoch_block: int, tempo_blocks: int, block: int) -> int:
    """Blocks until the automatic epoch: 0 if it is due, 2^64 - 1 for a dormant subnet.

    Parameters
    ----------
    last_epoch_block, block : int
        In 0..2^64 - 1.
    tempo_blocks : int
        0 for a dormant subnet.

    Raises
    ------
    ValueError
        If an argument is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/tempo_control.rs.
    """
    for name, value in (
        ("last_epoch_block", last_epoch_block),
        ("tempo_blocks", tempo_blocks),
        ("block", block),
    ):
        if value < 0:
            raise ValueError(f"{name} must be >= 0, is {value}")
    if tempo_blocks == 0:
        return NEVER
    return max(min(last_epoch_block + tempo_blocks, NEVER) - block, 0)


def should_run_epoch(
    block: int,
    tempo_blocks: IntArray,
    last_epoch_block: IntArray,
    blocks_since_step: IntArray,
    trigger_block: IntArray,
) -> BoolArray:
    """Whether each subnet's epoch is due: tempo passed, or trigger reached, or 50,400 blocks over.

    Parameters
    ----------
    block : int
        Current block.
    tempo_blocks : (subnet,) int64
        0 for dormant subnets, which are never due.
    last_epoch_block : (subnet,) int64
    blocks_since_step : (subnet,) int64
        Blocks since the last epoch that ran through, the current one counted.
    trigger_block : (subnet,) int64
        Block from which on an epoch was asked for; 0 is none.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (should_run_epoch).
    """
    triggered = (trigger_block > 0) & (block >= trigger_block)
    passed = block - last_epoch_block >= tempo_blocks
    return (tempo_blocks != 0) & (triggered | passed | (blocks_since_step > MAX_TEMPO_BLOCKS))


def admit_epochs(
    block: int, due: BoolArray, trigger_block: IntArray, max_epochs_per_block: int = MAX_EPOCHS_PER_BLOCK
) -> Due:
    """Epochs that run in this block, the first due ones in the order of netuids; the others try in the next.

    Parameters
    ----------
    block : int
        Current block.
    due : (subnet,) bool
        From `should_run_epoch`, by netuid.
    trigger_block : (subnet,) int64
        0 is none.
    max_epochs_per_block : int
        At least 1.

    Raises
    ------
    ValueError
        If no epoch at all would be allowed.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (drain_pending).
    """
    if max_epochs_per_block < 1:
        raise ValueError(f"max_epochs_per_block must be >= 1, is {max_epochs_per_block}")
    runs = due & (np.cumsum(due) <= max_epochs_per_block)
    waiting = np.where(due, block + 1, trigger_block)
    return Due(runs=runs, trigger_block=np.where(runs, 0, waiting))


def first_last_epoch_block(block: int, netuid: IntArray, tempo_blocks: IntArray) -> IntArray:
    """Block that counts as the last epoch of a subnet registered now: its phase depends on its netuid."""
    return block - np.mod(netuid, np.maximum(tempo_blocks, 1))
