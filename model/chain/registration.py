"""What a neuron's place on a subnet costs, and whose place it takes."""

import functools

import numpy as np

from ext import elementary
from model.units import BoolArray, IntArray

MIN_BURN_RAO = 500_000  # pallets/subtensor/src/lib.rs: 0.0005 TAO
MAX_BURN_RAO = 100 * 10**9
BURN_HALF_LIFE_BLOCKS = 360
BURN_INCREASE_MULT = 1.26
MIN_NON_IMMUNE_UIDS = 10
MAX_UIDS = 256
IMMUNE_OWNER_UIDS_LIMIT = 1
NOBODY = -1
_ONE_Q32 = 2**32
_HALF_Q32 = 2**31


@functools.cache
def burn_factor_q32(half_life_blocks: int) -> int:
    """Factor of one block in 2^-32: the largest whose power to the half-life is at most 1/2.

    Raises
    ------
    ValueError
        If the half-life is below 1.

    Source: subtensor 14bc6f9, pallets/subtensor/src/utils/misc.rs (bisection over truncated Q32 powers).
    """
    if half_life_blocks < 1:
        raise ValueError(f"half_life_blocks must be >= 1, is {half_life_blocks}")
    low, high = 0, _ONE_Q32
    while high - low > 1:
        middle = (low + high) // 2
        if _power_q32(middle, half_life_blocks) > _HALF_Q32:
            high = middle
        else:
            low = middle
    return low


def decayed_burn_rao(
    burn_rao: IntArray,
    blocks: int,
    half_life_blocks: int = BURN_HALF_LIFE_BLOCKS,
    *,
    min_burn_rao: int = MIN_BURN_RAO,
    max_burn_rao: int = MAX_BURN_RAO,
) -> IntArray:
    """Registration price after `blocks` blocks without a registration.

    One block is exact: floor(burn x factor), then between minimum and maximum. Several go in one power of the
    factor instead of one truncation each, so the price is at most 1 / (1 - factor) rao (520 at the default
    half-life) above the chain's, and never below it.

    Parameters
    ----------
    burn_rao : (subnet,) int64
        Price before, >= 0.
    blocks : int
        >= 0.
    half_life_blocks : int
        1..36,100 on chain.
    min_burn_rao, max_burn_rao : int

    Returns
    -------
    (subnet,) int64

    Raises
    ------
    ValueError
        If a price or `blocks` is negative, or the minimum above the maximum.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/registration.rs.
    """
    if blocks < 0 or np.any(np.asarray(burn_rao) < 0):
        raise ValueError(f"blocks and burn_rao must be >= 0, are {blocks} and at least {np.min(burn_rao)}")
    if min_burn_rao > max_burn_rao:
        raise ValueError(f"min_burn_rao must be <= max_burn_rao, is {min_burn_rao} > {max_burn_rao}")
    burn = np.asarray(burn_rao, dtype=np.int64)
    if blocks == 0:
        return burn.copy()
    factor = burn_factor_q32(half_life_blocks)
    if blocks == 1:
        # In two parts, so that rao x 2^32 stays within 64 bits, up to 140,000 TAO.
        high, low = np.divmod(burn, 2**16)
        burn = (high * factor + low * factor // 2**16) // 2**16
    else:
        kept = factor / _ONE_Q32
        burn = np.ceil(np.minimum(burn, max_burn_rao / kept) * elementary.power(kept, blocks)).astype(np.int64)
    return np.clip(burn, min_burn_rao, max_burn_rao)


def bumped_burn_rao(
    burn_rao: IntArray,
    increase_mult: float = BURN_INCREASE_MULT,
    *,
    min_burn_rao: int = MIN_BURN_RAO,
    max_burn_rao: int = MAX_BURN_RAO,
) -> IntArray:
    """Registration price after one registration: floor(burn x multiplier), between minimum and maximum.

    Raises
    ------
    ValueError
        If the multiplier is below 1.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/registration.rs.
    """
    if not increase_mult >= 1:
        raise ValueError(f"increase_mult must be >= 1, is {increase_mult}")
    return np.clip(np.floor(np.asarray(burn_rao) * increase_mult), min_burn_rao, max_burn_rao).astype(np.int64)


def immortal_uid(
    owner_key: BoolArray,
    owner_hotkey: BoolArray,
    registered_block: IntArray,
    limit: int = IMMUNE_OWNER_UIDS_LIMIT,
) -> BoolArray:
    """Uids that are never replaced: the owner hotkey, then the owner's oldest other keys, `limit` in all.

    Parameters
    ----------
    owner_key : (subnet, uid) bool
        Registered hotkeys of the owner's coldkey.
    owner_hotkey : (subnet, uid) bool
        The subnet's owner hotkey, at most one a row.
    registered_block : (subnet, uid) int64
        Ties go to the lower uid.
    limit : int
        1..10 on chain.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/registration.rs l. 250.
    """
    n_uids = registered_block.shape[-1]
    uid = np.broadcast_to(np.arange(n_uids), registered_block.shape)
    order = np.lexsort((uid, registered_block, ~owner_key, ~owner_hotkey), axis=-1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, uid, axis=-1)
    return (owner_key | owner_hotkey) & (place < limit)


def uid_to_replace(
    emission_rao: IntArray,
    registered_block: IntArray,
    immune: BoolArray,
    immortal: BoolArray,
    occupied: BoolArray,
    min_non_immune_uids: int = MIN_NON_IMMUNE_UIDS,
) -> IntArray:
    """Uid that a newcomer gets on each subnet: the first free one, else the weakest neuron's; -1 if none.

    The weakest has the lowest stored emission, then the earliest registration, then the lowest uid. It is
    sought among those that are not immune while there are more than `min_non_immune_uids` of them, else among
    the immune.

    Parameters
    ----------
    emission_rao, registered_block : (subnet, uid) int64
    immune : (subnet, uid) bool
        Registered less than the immunity period ago.
    immortal : (subnet, uid) bool
        From `immortal_uid`.
    occupied : (subnet, uid) bool
        Taken places; the width of the arrays is the number of places.
    min_non_immune_uids : int

    Returns
    -------
    (subnet,) int64

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/registration.rs.
    """
    mortal = occupied & ~immortal
    exposed = mortal & ~immune
    enough = exposed.sum(axis=-1, keepdims=True) > min_non_immune_uids
    candidate = np.where(enough, exposed, mortal & immune)
    uid = np.broadcast_to(np.arange(emission_rao.shape[-1]), emission_rao.shape)
    weakest = np.lexsort((uid, registered_block, emission_rao, ~candidate), axis=-1)[..., 0]
    free = ~occupied
    chosen = np.where(candidate.any(axis=-1), weakest, NOBODY)
    return np.where(free.any(axis=-1), free.argmax(axis=-1), chosen)


def _power_q32(base: int, exponent: int) -> int:
    """base^exponent in 2^-32 by squaring, each product truncated."""
    result = _ONE_Q32
    while exponent:
        if exponent & 1:
            result = result * base >> 32
        base = base * base >> 32
        exponent >>= 1
    return result
