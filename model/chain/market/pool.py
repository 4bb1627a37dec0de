"""The weighted pool of TAO and alpha that prices a subnet: prices, amounts, injections of all at once."""

from dataclasses import dataclass

import numpy as np

from ext import elementary
from model.units import BoolArray, FloatArray, IntArray

MIN_WEIGHT = 0.01
EQUAL_WEIGHT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Reserves and weights of the pools, one entry per subnet.

    Attributes
    ----------
    tao_rao, alpha_rao : (subnet,) int64
        Reserves, >= 0.
    quote_weight : (subnet,) float64
        Weight of TAO in [0.01, 0.99]; alpha has the rest. At 0.5 the pool is a constant product.
    """

    tao_rao: IntArray
    alpha_rao: IntArray
    quote_weight: FloatArray

    def __post_init__(self) -> None:
        shape = self.tao_rao.shape
        if self.alpha_rao.shape != shape or self.quote_weight.shape != shape:
            raise ValueError(
                f"alpha_rao {self.alpha_rao.shape} and quote_weight {self.quote_weight.shape} "
                f"do not fit tao_rao {shape}"
            )
        for name in ("tao_rao", "alpha_rao"):
            reserve = getattr(self, name)
            if reserve.dtype != np.int64 or np.any(reserve < 0):
                raise ValueError(f"{name} must be int64 and >= 0, is {reserve.dtype} {reserve.min(initial=0)}")
        if not weight_valid(self.quote_weight).all():
            raise ValueError(f"quote_weight must lie in [{MIN_WEIGHT}, {1 - MIN_WEIGHT}], is {self.quote_weight}")


def weight_valid(quote_weight: FloatArray) -> BoolArray:
    """Whether both weights are at least 0.01."""
    quote_weight = np.asarray(quote_weight)
    return (quote_weight >= MIN_WEIGHT) & (1.0 - quote_weight >= MIN_WEIGHT)


def pool_at_price(tao_rao: IntArray, alpha_rao: IntArray, price_tao_per_alpha: FloatArray) -> Pool:
    """Pool with these reserves and the weights that make this its spot price.

    Raises
    ------
    ValueError
        If that takes a weight outside [0.01, 0.99].

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/balancer.rs.
    """
    tao = np.asarray(tao_rao, dtype=np.float64)
    worth = np.asarray(price_tao_per_alpha) * np.asarray(alpha_rao, dtype=np.float64)
    weight = np.divide(tao, tao + worth, out=np.full(tao.shape, EQUAL_WEIGHT), where=tao + worth > 0)
    return Pool(tao_rao=np.asarray(tao_rao), alpha_rao=np.asarray(alpha_rao), quote_weight=weight)


def spot_price(pool: Pool) -> FloatArray:
    """TAO per alpha for the smallest trade, (subnet,); 0 where there is no alpha.

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/balancer.rs (price = w_alpha y / (w_tao x)).
    """
    alpha = pool.alpha_rao.astype(np.float64)
    ratio = np.divide(pool.tao_rao, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    return (1.0 - pool.quote_weight) / pool.quote_weight * ratio


def paid_share(reserve_in: IntArray, delta_in: IntArray | FloatArray, exponent: FloatArray) -> FloatArray:
    """Share of the output reserve that `delta_in` buys: 1 - (reserve / (reserve + delta))^exponent.

    With `expm1` and `log1p` it keeps 15 digits where the power itself is 1 to within float64: a trade of one
    rao on a reserve of 21 million TAO still has an output, in the right order among such trades.
    """
    reserve = np.asarray(reserve_in, dtype=np.float64)
    ratio = np.divide(delta_in, reserve, out=np.zeros_like(reserve), where=reserve > 0)
    return -elementary.expm1(-exponent * elementary.log1p(ratio))


def buy_output(pool: Pool, tao_in: IntArray | FloatArray) -> FloatArray:
    """Alpha in rao, before rounding, that `tao_in` rao of TAO buy without fee or limit, (subnet,)."""
    weight = pool.quote_weight
    return pool.alpha_rao * paid_share(pool.tao_rao, tao_in, weight / (1.0 - weight))


def sell_output(pool: Pool, alpha_in: IntArray | FloatArray) -> FloatArray:
    """TAO in rao, before rounding, that `alpha_in` rao of alpha sell for without fee or limit, (subnet,)."""
    weight = pool.quote_weight
    return pool.tao_rao * paid_share(pool.alpha_rao, alpha_in, (1.0 - weight) / weight)


def buy_input_to_price(
    tao_rao: IntArray, quote_weight: FloatArray, price: FloatArray, target_price: FloatArray
) -> FloatArray:
    """TAO in rao, before rounding, whose purchase lifts the price to the target; 0 if it is there already."""
    return _input_to_ratio(tao_rao, 1.0 - quote_weight, target_price, price)


def sell_input_to_price(
    alpha_rao: IntArray, quote_weight: FloatArray, price: FloatArray, target_price: FloatArray
) -> FloatArray:
    """Alpha in rao, before rounding, whose sale lowers the price to the target; 0 if it is there already."""
    return _input_to_ratio(alpha_rao, quote_weight, price, target_price)


def alpha_needed_for_tao(pool: Pool, tao_out_rao: IntArray) -> IntArray:
    """Alpha in rao whose sale, without fee, brings `tao_out_rao`, less than the reserve, (subnet,).

    Raises
    ------
    ValueError
        If more is asked for than the reserve holds.

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/balancer.rs.
    """
    if np.any(tao_out_rao >= pool.tao_rao):
        raise ValueError(f"tao_out_rao must be below the reserve {pool.tao_rao}, is {tao_out_rao}")
    exponent = pool.quote_weight / (1.0 - pool.quote_weight)
    grown = elementary.expm1(-exponent * elementary.log1p(-np.asarray(tao_out_rao) / pool.tao_rao))
    return np.floor(pool.alpha_rao * grown).astype(np.int64)


def inject_weight(pool: Pool, tao_in_rao: IntArray, alpha_in_rao: IntArray) -> tuple[FloatArray, BoolArray]:
    """Weight of TAO that keeps the price when these amounts are added, and whether the pool takes them.

    Refused where a weight would fall below 0.01; the weight then stays as it is and both amounts count as 0.

    Source: subtensor 14bc6f9, pallets/swap/src/pallet/balancer.rs (update_weights_for_added_liquidity).
    """
    both = (pool.tao_rao > 0) & (pool.alpha_rao > 0)
    old = np.where(both, pool.quote_weight, EQUAL_WEIGHT)
    tao_growth = 1.0 + np.divide(tao_in_rao, pool.tao_rao, out=np.zeros(old.shape), where=both)
    alpha_growth = 1.0 + np.divide(alpha_in_rao, pool.alpha_rao, out=np.zeros(old.shape), where=both)
    weighted = old * tao_growth
    weight = weighted / (weighted + (1.0 - old) * alpha_growth)
    accepted = weight_valid(weight)
    return np.where(accepted, weight, pool.quote_weight), accepted


def inject(pool: Pool, tao_in_rao: IntArray, alpha_in_rao: IntArray) -> tuple[Pool, BoolArray]:
    """Pool after adding these amounts at an unchanged price, and where they were taken.

    The chain buys with the excess between the two halves of this (weights first, reserves last): see
    `model.chain.market.trade.inject_around_buy`.
    """
    weight, accepted = inject_weight(pool, tao_in_rao, alpha_in_rao)
    grown = Pool(
        tao_rao=pool.tao_rao + np.where(accepted, tao_in_rao, 0),
        alpha_rao=pool.alpha_rao + np.where(accepted, alpha_in_rao, 0),
        quote_weight=weight,
    )
    return grown, accepted


def _input_to_ratio(reserve: IntArray, exponent: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        grown = elementary.expm1(exponent * elementary.log(np.asarray(upper) / lower))
        return np.where(np.asarray(upper) > lower, reserve * grown, 0.0)
