"""The moving price that emission shares are read from."""

import numpy as np

from model.units import FloatArray, IntArray

MOVING_ALPHA = 3e-6  # per block, once the subnet is old: half-life 231,049 blocks, 32 days
PRICE_HALVING_BLOCKS = 201_600  # age at which half of that weight is reached
SPOT_PRICE_CAP = 1.0  # TAO per alpha
_BLOCKS_AT_ONCE = 4096


def moving_price(
    price_ema: FloatArray,
    spot_price: FloatArray,
    blocks_since_start_call: IntArray,
    *,
    blocks: int = 1,
    moving_alpha: float = MOVING_ALPHA,
    halving_blocks: int = PRICE_HALVING_BLOCKS,
) -> FloatArray:
    """Moving price after `blocks` updates at one spot price; exact, every update's weight multiplied in.

    Parameters
    ----------
    price_ema : (subnet,) float64
        Moving price so far, TAO per alpha; 0 for a subnet that has just started.
    spot_price : (subnet,) float64
        Pool price in each of the blocks; what is above 1 counts as 1.
    blocks_since_start_call : (subnet,) int64
        Age at the first of these updates, >= 0; 1 in the block of first emission. It rises by 1 a block.
    blocks : int
        Number of updates, >= 0.
    moving_alpha : float
        Weight of the newest price for an old subnet, in [0, 1].
    halving_blocks : int
        Age at which half of this weight is reached, >= 1.

    Returns
    -------
    (subnet,) float64

    Raises
    ------
    ValueError
        If a parameter is out of range or a price is negative or not finite.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/stake_utils.rs (update_moving_price).
    """
    if blocks < 0 or halving_blocks < 1 or not 0 <= moving_alpha <= 1:
        raise ValueError(
            f"blocks must be >= 0, halving_blocks >= 1 and moving_alpha in [0, 1], "
            f"are {blocks}, {halving_blocks} and {moving_alpha}"
        )
    age = np.asarray(blocks_since_start_call, dtype=np.float64)
    spot = np.asarray(spot_price, dtype=np.float64)
    price = np.asarray(price_ema, dtype=np.float64)
    if not np.all((spot >= 0) & np.isfinite(price)) or not np.all(age >= 0):
        raise ValueError(f"spot_price and age must be >= 0, are at least {spot.min()} and {age.min()}")
    kept = np.ones(age.shape)
    for first in range(0, blocks, _BLOCKS_AT_ONCE):
        later = age + np.arange(first, min(blocks, first + _BLOCKS_AT_ONCE)).reshape(-1, *([1] * age.ndim))
        kept *= np.prod(1.0 - moving_alpha * later / (later + halving_blocks), axis=0)
    target = np.minimum(spot, SPOT_PRICE_CAP)
    return target + kept * (price - target)
