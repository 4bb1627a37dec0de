"""What a subnet's place in the network costs, which subnet makes room, and what its holders get."""

from collections.abc import Sequence

import numpy as np

from model.chain.market.pool import EQUAL_WEIGHT, Pool
from model.units import RAO_PER_TAO, FloatArray, IntArray

MIN_LOCK_RAO = 1000 * RAO_PER_TAO
LOCK_REDUCTION_INTERVAL_BLOCKS = 57_600  # 8 days, after the chain's migration
NETWORK_IMMUNITY_BLOCKS = 864_000  # 120 days, after the chain's migration
NO_SUBNET = -1
_GROWTH = 2


def lock_cost_rao(
    last_lock_rao: int,
    blocks_since_last: int,
    block_emission_rao: int,
    *,
    registered_before: bool = True,
    min_lock_rao: int = MIN_LOCK_RAO,
    reduction_interval_blocks: int = LOCK_REDUCTION_INTERVAL_BLOCKS,
) -> int:
    """TAO in rao that registering a subnet costs: twice the last lock, falling in a line down to the minimum.

    The slope is the last lock divided by the interval, in whole rao, and the interval shrinks with block
    emission.

    Parameters
    ----------
    last_lock_rao : int
        Paid for the last registration, >= 0.
    blocks_since_last : int
        Since then, >= 0.
    block_emission_rao : int
        TAO per block now; 0 stops the fall.
    registered_before : bool
        False until the first registration, which costs the last lock once.
    min_lock_rao, reduction_interval_blocks : int

    Raises
    ------
    ValueError
        If an amount or time is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/root.rs (get_network_lock_cost).
    """
    if min(last_lock_rao, blocks_since_last, block_emission_rao) < 0:
        raise ValueError(
            f"last_lock_rao, blocks_since_last and block_emission_rao must be >= 0, "
            f"are {last_lock_rao}, {blocks_since_last} and {block_emission_rao}"
        )
    interval_blocks = reduction_interval_blocks * block_emission_rao // RAO_PER_TAO
    slope_rao = last_lock_rao // interval_blocks if interval_blocks else 0
    start_rao = last_lock_rao * (_GROWTH if registered_before else 1)
    return max(min_lock_rao, start_rao - slope_rao * blocks_since_last)


def subnet_to_prune(
    moving_price: FloatArray,
    registered_block: IntArray,
    block: int,
    immunity_blocks: int = NETWORK_IMMUNITY_BLOCKS,
) -> int:
    """Position of the subnet that makes room: the cheapest that is no longer immune; -1 if all are.

    Ties go to the earliest registered, then to the lower position.

    Parameters
    ----------
    moving_price : (subnet,) float64
    registered_block : (subnet,) int64
    block : int
        Current block.
    immunity_blocks : int

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/root.rs (get_network_to_prune).
    """
    immune = block < np.asarray(registered_block) + immunity_blocks
    if immune.all():
        return NO_SUBNET
    return int(np.lexsort((np.arange(immune.size), registered_block, moving_price, immune))[0])


def median_price(price_tao_per_alpha: FloatArray) -> float:
    """Median of the spot prices that are not 0, mean of the middle two if even in number, 1 if none."""
    priced = np.asarray(price_tao_per_alpha)[np.asarray(price_tao_per_alpha) > 0]
    return float(np.median(priced)) if priced.size else 1.0


def founding_pool(lock_paid_rao: IntArray, median_price: float, min_lock_rao: int = MIN_LOCK_RAO) -> Pool:
    """Pool of a new subnet: the lock as TAO reserve, alpha so that the price is the median, weights one half.

    Parameters
    ----------
    lock_paid_rao : (subnet,) int64
        >= 0; the TAO reserve is at least `min_lock_rao`.
    median_price : float
        TAO per alpha of the other subnets, > 0.
    min_lock_rao : int

    Raises
    ------
    ValueError
        If the price is not positive.

    Source: subtensor 14bc6f9, pallets/subtensor/src/subnets/subnet.rs.
    """
    if not median_price > 0:
        raise ValueError(f"median_price must be > 0, is {median_price}")
    tao_rao = np.maximum(np.asarray(lock_paid_rao, dtype=np.int64), min_lock_rao)
    return Pool(
        tao_rao=tao_rao,
        alpha_rao=np.floor(tao_rao / median_price).astype(np.int64),
        quote_weight=np.full(tao_rao.shape, EQUAL_WEIGHT),
    )


def dissolution_payout_rao(tao_reserve_rao: int, claim_rao: Sequence[int] | IntArray) -> IntArray:
    """TAO in rao of each claim when a subnet ends: the reserve pro rata, remainders to the largest fractions.

    The last claim is usually the protocol's own, whose part is recycled. Ties of fractions go to the earlier
    claim. Whole-number arithmetic throughout: the payouts sum to the reserve, or to 0 without any claim.

    Parameters
    ----------
    tao_reserve_rao : int
        >= 0.
    claim_rao : (claim,) int
        Alpha of each holder, >= 0.

    Raises
    ------
    ValueError
        If the reserve or a claim is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/remove_stake.rs.
    """
    claims = [int(claim) for claim in claim_rao]
    if tao_reserve_rao < 0 or min(claims, default=0) < 0:
        raise ValueError(
            f"tao_reserve_rao and claim_rao must be >= 0, are {tao_reserve_rao} and {min(claims, default=0)}"
        )
    total = sum(claims)
    if total == 0:
        return np.zeros(len(claims), dtype=np.int64)
    # The products pass 64 bits; a subnet ends rarely enough for Python's own integers.
    parts = [divmod(tao_reserve_rao * claim, total) for claim in claims]
    paid_rao = np.array([whole for whole, _ in parts], dtype=np.int64)
    left_rao = tao_reserve_rao - int(paid_rao.sum())
    first = sorted(range(len(claims)), key=lambda claim: -parts[claim][1])[:left_rao]
    paid_rao[first] += 1
    return paid_rao
