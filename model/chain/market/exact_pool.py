"""The pool in whole rao and whole 10^-18, as the chain counts: the judge of the float64 pool.

Source: subtensor 14bc6f9, pallets/swap/src/pallet/balancer.rs.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

from model.chain.market.trade import FEE_RATE_U16
from model.units import U16_MAX

UNIT = 10**18
MIN_WEIGHT_E18 = UNIT // 100
_PRECISE = Context(prec=110, rounding=ROUND_HALF_EVEN, Emin=-(10**6), Emax=10**6)  # 365 bits
_NEAR = Decimal(10) ** -60  # a power this close to a whole 10^-18 is that whole: its error is below 10^-100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactPool:
    """One subnet's pool; all integers.

    Attributes
    ----------
    tao_rao, alpha_rao : int
        Reserves, >= 0.
    quote_weight_e18 : int
        Weight of TAO in parts of 10^18; both weights are at least 0.01.
    """

    tao_rao: int
    alpha_rao: int
    quote_weight_e18: int = UNIT // 2

    def __post_init__(self) -> None:
        if min(self.tao_rao, self.alpha_rao) < 0:
            raise ValueError(f"tao_rao and alpha_rao must be >= 0, are {self.tao_rao} and {self.alpha_rao}")
        if not weight_valid(self.quote_weight_e18):
            raise ValueError(f"quote_weight_e18 must leave both weights {MIN_WEIGHT_E18}, is {self.quote_weight_e18}")

    @property
    def base_weight_e18(self) -> int:
        """Weight of alpha in parts of 10^18."""
        return UNIT - self.quote_weight_e18


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactTrade:
    """Pool after a trade, and what it moved, in rao."""

    pool: ExactPool
    input_rao: int
    output_rao: int
    fee_rao: int


def weight_valid(quote_weight_e18: int) -> bool:
    """Whether both weights are at least 0.01."""
    return MIN_WEIGHT_E18 <= quote_weight_e18 <= UNIT - MIN_WEIGHT_E18


def weight_mul_round(weight_e18: int, value: int) -> int:
    """weight x value to the nearest integer, halves up."""
    return (weight_e18 * value + UNIT // 2) // UNIT


def power_e18(numerator: int, denominator: int, exponent: tuple[int, int]) -> int:
    """(numerator / denominator)^(exponent[0] / exponent[1]) in parts of 10^18, rounded down."""
    if numerator == 0:
        return 0
    if exponent[0] == exponent[1]:
        return numerator * UNIT // denominator
    log = _PRECISE.ln(_PRECISE.divide(Decimal(numerator), Decimal(denominator)))
    power = _PRECISE.exp(_PRECISE.divide(_PRECISE.multiply(log, Decimal(exponent[0])), Decimal(exponent[1])))
    scaled = _PRECISE.multiply(power, Decimal(UNIT))
    nearest = scaled.to_integral_value(ROUND_HALF_EVEN)
    if abs(_PRECISE.subtract(scaled, nearest)) < _NEAR:
        return int(nearest)
    return int(scaled.to_integral_value(ROUND_FLOOR))


def exponent_sell_e18(pool: ExactPool, alpha_in_rao: int) -> int:
    """(x / (x + dx))^(w_alpha / w_tao), rounded down, at most 1; 0 when the pool is empty."""
    grown = pool.alpha_rao + alpha_in_rao
    return power_e18(pool.alpha_rao, grown, (pool.base_weight_e18, pool.quote_weight_e18)) if grown else 0


def exponent_buy_e18(pool: ExactPool, tao_in_rao: int) -> int:
    """(y / (y + dy))^(w_tao / w_alpha), rounded down, at most 1; 0 when the pool is empty."""
    grown = pool.tao_rao + tao_in_rao
    return power_e18(pool.tao_rao, grown, (pool.quote_weight_e18, pool.base_weight_e18)) if grown else 0


def price_e18(pool: ExactPool) -> int:
    """Spot price in TAO per alpha, parts of 10^18, rounded down; 0 without alpha."""
    if pool.alpha_rao == 0:
        return 0
    return pool.base_weight_e18 * pool.tao_rao * UNIT // (pool.quote_weight_e18 * pool.alpha_rao)


def input_to_price_ratio(reserve_rao: int, weight_e18: int, ratio: tuple[int, int]) -> int:
    """Input in rao after which the price has moved by the ratio numerator / denominator; 0 for at most 1.

    A buy lifts the price: TAO reserve, weight of alpha. A sale lowers it: alpha reserve, weight of TAO, and
    the ratio is old price over new.
    """
    if ratio[0] <= ratio[1]:
        return 0
    return reserve_rao * (power_e18(*ratio, (weight_e18, UNIT)) - UNIT) // UNIT


def alpha_needed_for_tao(pool: ExactPool, tao_out_rao: int) -> int:
    """Alpha in rao whose sale, without fee, brings `tao_out_rao`, which must be less than the reserve."""
    if not 0 <= tao_out_rao < pool.tao_rao:
        raise ValueError(f"tao_out_rao must lie in 0..{pool.tao_rao - 1}, is {tao_out_rao}")
    power = power_e18(pool.tao_rao, pool.tao_rao - tao_out_rao, (pool.quote_weight_e18, pool.base_weight_e18))
    return pool.alpha_rao * (power - UNIT) // UNIT


def buy(pool: ExactPool, tao_rao: int, fee_rate_u16: int = FEE_RATE_U16) -> ExactTrade:
    """Trade that buys alpha with all of `tao_rao` less its fee."""
    fee_rao = tao_rao * fee_rate_u16 // U16_MAX
    net = tao_rao - fee_rao
    out = pool.alpha_rao * (UNIT - exponent_buy_e18(pool, net)) // UNIT
    grown = ExactPool(
        tao_rao=pool.tao_rao + net, alpha_rao=pool.alpha_rao - out, quote_weight_e18=pool.quote_weight_e18
    )
    return ExactTrade(pool=grown, input_rao=net, output_rao=out, fee_rao=fee_rao)


def sell(pool: ExactPool, alpha_rao: int, fee_rate_u16: int = FEE_RATE_U16) -> ExactTrade:
    """Trade that sells all of `alpha_rao` less its fee for TAO."""
    fee_rao = alpha_rao * fee_rate_u16 // U16_MAX
    net = alpha_rao - fee_rao
    out = pool.tao_rao * (UNIT - exponent_sell_e18(pool, net)) // UNIT
    grown = ExactPool(
        tao_rao=pool.tao_rao - out, alpha_rao=pool.alpha_rao + net, quote_weight_e18=pool.quote_weight_e18
    )
    return ExactTrade(pool=grown, input_rao=net, output_rao=out, fee_rao=fee_rao)


def inject(pool: ExactPool, tao_in_rao: int, alpha_in_rao: int) -> ExactPool | None:
    """Pool after adding these amounts at an unchanged price; None where a weight would fall below 0.01.

    Without TAO or without alpha there is no price to keep, and the first unit of liquidity makes one: the amounts are
    taken at the weights 0.5, or at the present ones where only what there is none of is added. (The chain refuses the
    new weights there, which would be 0 and 1, and so keeps the old ones.)
    """
    grown_tao, grown_alpha = pool.tao_rao + tao_in_rao, pool.alpha_rao + alpha_in_rao
    q_alpha = weight_mul_round(pool.base_weight_e18, pool.tao_rao * grown_alpha)
    q_tao = weight_mul_round(pool.quote_weight_e18, pool.alpha_rao * grown_tao)
    total = q_alpha + q_tao
    weight = q_tao * UNIT // total if total else UNIT // 2
    if not weight_valid(weight):
        if pool.tao_rao and pool.alpha_rao:
            return None
        weight = pool.quote_weight_e18
    return ExactPool(tao_rao=grown_tao, alpha_rao=grown_alpha, quote_weight_e18=weight)
