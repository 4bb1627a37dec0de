"""What a block (or an epoch of them) brings a subnet: injection and chain buys in TAO, four pots in alpha."""

from dataclasses import dataclass

import numpy as np

from model.units import U16_MAX, BoolArray, FloatArray, IntArray

TAO_WEIGHT = 971_718_665_099_567_868 / (2**64 - 1)  # runtime/src/lib.rs: 0.0526769744
OWNER_CUT_SHARE = 11_796 / U16_MAX  # runtime/src/lib.rs: 18 %
_ROOT_PART_OF_VALIDATOR_HALF = 0.5  # of root proportion x alpha: validators get half of alpha, root a part of that
_ROOT_SELL_PRICE_SUM = 1.0  # TAO per alpha


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubnetTerms:
    """Where a subnet's TAO goes, before rounding; all (subnet,) float64 in rao.

    Attributes
    ----------
    tao_in, alpha_in : put into the pool
    excess_tao : buys alpha on the pool
    """

    tao_in: FloatArray
    alpha_in: FloatArray
    excess_tao: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlphaSplit:
    """Where a subnet's new outstanding alpha goes; all (subnet,) int64, and they sum to what was minted.

    Attributes
    ----------
    owner_rao, server_rao, validator_rao, root_rao : into the four pending pots
    recycled_rao : root's part while root dividends are not sold; it leaves issuance again
    dust_rao : lost to rounding, owned by nobody
    """

    owner_rao: IntArray
    server_rao: IntArray
    validator_rao: IntArray
    root_rao: IntArray
    recycled_rao: IntArray
    dust_rao: IntArray


def root_proportion(
    root_tao_rao: IntArray | int, alpha_issuance_rao: IntArray, tao_weight: float = TAO_WEIGHT
) -> FloatArray:
    """Share of root stake in each subnet's weight: R w / (R w + A), 0 if both are 0.

    Parameters
    ----------
    root_tao_rao : int
        TAO staked on root, R, >= 0.
    alpha_issuance_rao : (subnet,) int64
        Pool alpha plus outstanding alpha, A, >= 0.
    tao_weight : float
        Weight w of a TAO against an alpha, >= 0.

    Returns
    -------
    (subnet,) float64

    Raises
    ------
    ValueError
        If an argument is negative.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/block_step.rs.
    """
    _check_at_least_zero("root_tao_rao", root_tao_rao)
    _check_at_least_zero("alpha_issuance_rao", alpha_issuance_rao)
    _check_at_least_zero("tao_weight", tao_weight)
    weighted = np.float64(tao_weight) * np.asarray(root_tao_rao, dtype=np.float64)
    total = weighted + np.asarray(alpha_issuance_rao, dtype=np.float64)
    return np.divide(weighted, total, out=np.zeros_like(total), where=total > 0)


def subnet_terms(
    tao_emission_rao: IntArray | FloatArray,
    price_tao_per_alpha: FloatArray,
    alpha_emission_rao: IntArray | FloatArray,
    root_proportion: FloatArray,
) -> SubnetTerms:
    """Pool injection at spot price, at most root proportion x alpha emission, and the TAO left over to buy.

    Parameters
    ----------
    tao_emission_rao : (subnet,)
        TAO for the subnet in these blocks, >= 0.
    price_tao_per_alpha : (subnet,) float64
        Spot price, >= 0. At price 0 all TAO is injected and no alpha.
    alpha_emission_rao : (subnet,)
        Alpha by the halving curve in the same blocks, >= 0.
    root_proportion : (subnet,) float64
        In [0, 1].

    Returns
    -------
    SubnetTerms
        `tao_in + excess_tao` is the TAO emission.

    Raises
    ------
    ValueError
        If an argument is negative or not a number.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (get_subnet_terms).
    """
    _check_at_least_zero("tao_emission_rao", tao_emission_rao)
    _check_at_least_zero("price_tao_per_alpha", price_tao_per_alpha)
    _check_at_least_zero("alpha_emission_rao", alpha_emission_rao)
    _check_at_least_zero("root_proportion", root_proportion)
    tao = np.asarray(tao_emission_rao, dtype=np.float64)
    price = np.broadcast_to(np.asarray(price_tao_per_alpha, dtype=np.float64), tao.shape)
    # At a price next to nothing the wanted alpha may be infinite; the cap holds then as ever.
    with np.errstate(over="ignore"):
        wanted = np.divide(tao, price, out=np.zeros_like(tao), where=price > 0)
    cap = np.asarray(root_proportion) * np.asarray(alpha_emission_rao, dtype=np.float64)
    capped = wanted > cap
    tao_in = np.where(capped, np.minimum(cap * price, tao), tao)
    return SubnetTerms(tao_in=tao_in, alpha_in=np.where(capped, cap, wanted), excess_tao=tao - tao_in)


def root_sell_flag(moving_price: FloatArray, eligible: BoolArray) -> bool:
    """Whether root dividends are paid and may be sold: eligible moving prices sum to more than 1.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs.
    """
    return bool(np.sum(moving_price, where=eligible) > _ROOT_SELL_PRICE_SUM)


def alpha_split(
    alpha_out_rao: IntArray,
    root_proportion: FloatArray,
    *,
    owner_cut_share: FloatArray | float = OWNER_CUT_SHARE,
    root_sells: bool = True,
) -> AlphaSplit:
    """Pots that new outstanding alpha fills: owner cut, then half to miners, half to validators and root.

    Every pot is truncated to rao once for all the blocks; the chain truncates block by block, which leaves up
    to one rao per pot and block more in the dust.

    Parameters
    ----------
    alpha_out_rao : (subnet,) int64
        Newly minted outstanding alpha, >= 0; 0 for subnets that are not eligible.
    root_proportion : (subnet,) float64
        In [0, 1], as it is after the injection.
    owner_cut_share : float, or (subnet,) float64
        In [0, 1]; 0 where the owner cut is switched off.
    root_sells : bool
        `root_sell_flag` of this block. If not, root's part is recycled.

    Returns
    -------
    AlphaSplit

    Raises
    ------
    ValueError
        If alpha is negative or a share lies outside [0, 1].

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (emit_to_subnets).
    """
    _check_at_least_zero("alpha_out_rao", alpha_out_rao)
    _check_share("root_proportion", root_proportion)
    _check_share("owner_cut_share", owner_cut_share)
    minted = np.asarray(alpha_out_rao, dtype=np.float64)
    owner = minted * owner_cut_share
    rest = minted - owner
    server = 0.5 * rest
    root = root_proportion * rest * _ROOT_PART_OF_VALIDATOR_HALF
    owner_rao, server_rao, validator_rao, root_rao = (
        np.floor(part).astype(np.int64) for part in (owner, server, rest - server - root, root)
    )
    paid_rao = owner_rao + server_rao + validator_rao + root_rao
    nothing = np.zeros_like(root_rao)
    return AlphaSplit(
        owner_rao=owner_rao,
        server_rao=server_rao,
        validator_rao=validator_rao,
        root_rao=root_rao if root_sells else nothing,
        recycled_rao=nothing if root_sells else root_rao,
        dust_rao=np.asarray(alpha_out_rao, dtype=np.int64) - paid_rao,
    )


def _check_at_least_zero(name: str, value: IntArray | FloatArray | float) -> None:
    if not np.all(np.asarray(value) >= 0):
        raise ValueError(f"{name} must be >= 0, is {np.min(value)}")


def _check_share(name: str, value: FloatArray | float) -> None:
    if not np.all((np.asarray(value) >= 0) & (np.asarray(value) <= 1)):
        raise ValueError(f"{name} must lie in [0, 1], is between {np.min(value)} and {np.max(value)}")
