"""Block emission and powered shares in the chain's fixed-point arithmetic: the judge of the float64 versions."""

from __future__ import annotations

from collections.abc import Sequence

from ext.fixed_point import I32F32, I96F32, U64F64, log2, power
from ext.fixed_vectors import normalise

__all__ = ["block_emission_rao", "power_shares"]

RAO_PER_BLOCK = 10**9
SUPPLY_CAP_RAO = 21 * 10**15


def block_emission_rao(issuance_rao: int) -> int:
    """Return the emission of the next block: 10^9 / 2^k, k the whole part of log2(1 / (1 - issuance/cap)).

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/block_emission.rs.
    """
    if not issuance_rao >= 0:
        raise ValueError(f"issuance_rao must be >= 0, is {issuance_rao}")
    if issuance_rao >= SUPPLY_CAP_RAO:
        return 0
    issued = I96F32.divide(I96F32.from_int(issuance_rao), I96F32.from_int(SUPPLY_CAP_RAO))
    scarcity = I96F32.divide(I96F32.one, I96F32.one - issued)
    return RAO_PER_BLOCK >> (log2(scarcity, I96F32) >> I96F32.fraction_bits)


def power_shares(value: Sequence[int], exponent: int) -> list[int]:
    """Return the shares of value^exponent (raw 64.64 numbers, raw 32.32 exponent), raw 32.32; all 0 stays 0.

    Values are first divided by the largest, so that no power leaves the range.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/subnet_emissions.rs (now uncalled).
    """
    peak = max(value, default=0)
    scaled = [U64F64.convert(U64F64.divide(part, peak), I32F32) for part in value]
    return normalise([power(part, exponent) for part in scaled])
