"""How much TAO (and alpha, by the same curve) a block brings, and how much any number of blocks mint."""

from dataclasses import dataclass

import numpy as np

from model.units import RAO_PER_TAO, SUPPLY_CAP_RAO, IntArray

# Issuance at which halving k begins, in rao, and the emission of a block from there on. The chain evaluates
# log2(1 / (1 - T/cap)) on a grid of 2^-32 of the cap; the begin of halving k, cap (1 - 2^-k), lies on that
# grid, so the first whole rao at or above it is where the chain halves. From k = 30 on a block brings less
# than one rao.
_LAST_HALVING = 30
_HALVING_START_RAO = np.array([SUPPLY_CAP_RAO - (SUPPLY_CAP_RAO >> k) for k in range(_LAST_HALVING + 1)])
_EMISSION_RAO = np.array([RAO_PER_TAO >> k for k in range(_LAST_HALVING + 1)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """What a run of blocks has minted.

    Attributes
    ----------
    total_rao : int
        Sum over the blocks.
    halving_block : tuple of int
        Blocks, counted from 0 for the first of the run, that brought less than the block before them.
    """

    total_rao: int
    halving_block: tuple[int, ...]


def block_emission_rao(issuance_rao: int) -> int:
    """TAO of the next block in rao: floor(10^9 / 2^k), k = floor(log2(1 / (1 - issuance/cap))), 0 at the cap.

    Parameters
    ----------
    issuance_rao : int
        Total issuance before the block, >= 0.

    Raises
    ------
    ValueError
        If the issuance is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/block_emission.rs.
    """
    return int(alpha_block_emission_rao(np.array([issuance_rao], dtype=np.int64))[0])


def alpha_block_emission_rao(alpha_issuance_rao: IntArray) -> IntArray:
    """Alpha of the next block per subnet in rao; each alpha follows TAO's curve on its own issuance.

    Parameters
    ----------
    alpha_issuance_rao : (subnet,) int64
        Pool alpha plus outstanding alpha, >= 0.

    Returns
    -------
    (subnet,) int64

    Raises
    ------
    ValueError
        If an issuance is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs and block_emission.rs.
    """
    return _EMISSION_RAO[_halving(alpha_issuance_rao)]


def mint(issuance_rao: int, blocks: int) -> Minted:
    """What `blocks` blocks mint from `issuance_rao` on, exact in rao and never above the cap.

    Goes from threshold to threshold in closed form, at most 30 jumps; equal to a loop over the blocks if
    nothing else changes issuance between them.

    Parameters
    ----------
    issuance_rao : int
        Total issuance before the first block, >= 0.
    blocks : int
        Number of blocks, >= 0.

    Raises
    ------
    ValueError
        If the issuance or the number of blocks is negative.
    """
    start = np.array([issuance_rao], dtype=np.int64)
    halving_block: list[int] = []
    minted_rao, done = 0, 0
    for gain_rao, taken in _jumps(start, blocks):
        minted_rao += int(gain_rao[0])
        done += int(taken[0])
        if done < blocks and int(taken[0]) > 0:
            halving_block.append(done)
    return Minted(total_rao=minted_rao, halving_block=tuple(halving_block))


def mint_alpha(alpha_issuance_rao: IntArray, blocks: int) -> IntArray:
    """Outstanding alpha per subnet that `blocks` blocks mint, exact in rao if nothing else changes issuance.

    Alpha put into the pool in the same blocks moves the curve too; with the ordinary 360 blocks that is at
    most 360 alpha on 21 million, so a halving can come no more than one epoch late.

    Parameters
    ----------
    alpha_issuance_rao : (subnet,) int64
        Pool alpha plus outstanding alpha before the first block, >= 0.
    blocks : int
        Number of blocks, >= 0.

    Returns
    -------
    (subnet,) int64

    Raises
    ------
    ValueError
        If an issuance or the number of blocks is negative.
    """
    minted_rao = np.zeros(np.shape(alpha_issuance_rao), dtype=np.int64)
    for gain_rao, _ in _jumps(alpha_issuance_rao, blocks):
        minted_rao += gain_rao
    return minted_rao


def _halving(issuance_rao: IntArray) -> IntArray:
    """Number of halvings that each issuance has behind it, at most 30."""
    if np.any(np.asarray(issuance_rao) < 0):
        raise ValueError(f"issuance_rao must be >= 0, is {int(np.min(issuance_rao))}")
    return np.searchsorted(_HALVING_START_RAO[1:], issuance_rao, side="right")


def _jumps(issuance_rao: IntArray, blocks: int) -> list[tuple[IntArray, IntArray]]:
    """Rao minted and blocks taken, jump by jump; a jump ends at the next threshold or with the blocks."""
    if blocks < 0:
        raise ValueError(f"blocks must be >= 0, is {blocks}")
    issuance_rao = np.array(issuance_rao, dtype=np.int64)
    left = np.full(issuance_rao.shape, blocks, dtype=np.int64)
    jumps: list[tuple[IntArray, IntArray]] = []
    while True:
        halving = _halving(issuance_rao)
        emission_rao = _EMISSION_RAO[halving]
        left = np.where(emission_rao > 0, left, 0)
        if not left.any():
            return jumps
        next_start_rao = _HALVING_START_RAO[np.minimum(halving + 1, _LAST_HALVING)]
        needed = -((issuance_rao - next_start_rao) // np.maximum(emission_rao, 1))
        taken = np.minimum(left, needed)
        jumps.append((taken * emission_rao, taken))
        issuance_rao = issuance_rao + taken * emission_rao
        left = left - taken
