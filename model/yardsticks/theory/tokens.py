"""Token economics: issuance, pools, feedback from emission to price, and stake that compounds.

Source: subtensor 14bc6f9, coinbase/block_emission.rs and swap/src/pallet/balancer.rs; Eggenberger & Polya, ZAMM 3
(1923), for the urn. The paths are solutions of the differential equations stated.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ext import elementary
from model.units import BLOCKS_PER_DAY, FloatArray

SUPPLY_CAP_TAO = 21_000_000.0


class Polya(NamedTuple):
    """Share of one staker in an urn: its mean and variance after the rounds, and the Beta law of its limit."""

    mean: float
    variance: float
    limit: tuple[float, float]


def halving_issuance_tao(halving: int) -> float:
    """Issuance at which a halving begins: cap (1 - 2^-n)."""
    return SUPPLY_CAP_TAO * (1 - math.ldexp(1.0, -halving))


def block_emission_tao(issuance_tao: float) -> float:
    """TAO of a block: 2^-floor(log2(1 / (1 - I / cap))), 0 from the cap on; exactly at a halving, the lower one."""
    if issuance_tao >= SUPPLY_CAP_TAO:
        return 0.0
    _, exponent = math.frexp(SUPPLY_CAP_TAO / (SUPPLY_CAP_TAO - issuance_tao))  # floor(log2) is exponent - 1
    return math.ldexp(1.0, 1 - exponent)


def halving_interval_days(recycled_share: float = 0.0) -> float:
    """Days between two halvings when a share of what is minted leaves issuance again."""
    return SUPPLY_CAP_TAO / 2 / BLOCKS_PER_DAY / (1 - recycled_share)


def issuance_tao(days: float, recycled_share: float = 0.0) -> float:
    """Issuance this many days after it was zero."""
    interval = halving_interval_days(recycled_share)
    era = math.floor(days / interval)
    return halving_issuance_tao(era) + (days - era * interval) * BLOCKS_PER_DAY * math.ldexp(1 - recycled_share, -era)


def bought_alpha(tao_reserve_tao: float, alpha_reserve: float, paid_tao: float, quote_weight: float = 0.5) -> float:
    """Alpha that a weighted pool gives for TAO, without fee: x (1 - (y / (y + dy))^(w_tao / w_alpha))."""
    kept_share = elementary.power(tao_reserve_tao / (tao_reserve_tao + paid_tao), quote_weight / (1 - quote_weight))
    return alpha_reserve * (1 - kept_share)


def sold_tao(tao_reserve_tao: float, alpha_reserve: float, sold_alpha: float, quote_weight: float = 0.5) -> float:
    """TAO that a weighted pool gives for alpha, without fee."""
    kept_share = elementary.power(alpha_reserve / (alpha_reserve + sold_alpha), (1 - quote_weight) / quote_weight)
    return tao_reserve_tao * (1 - kept_share)


def steady_price(bought_tao: float, sold_alpha: float) -> float:
    """Price at which a pool comes to rest under steady buys of TAO and sells of alpha: b / f."""
    return bought_tao / sold_alpha


def tao_reserve_path(
    blocks: ArrayLike, start_tao: float, bought_tao: float, sold_alpha: float, product: float
) -> FloatArray:
    """TAO reserve of a constant-product pool under steady trade: the solution of tau' = b - f tau^2 / k.

    Towards tau* = sqrt(b k / f) along tau* tanh(sqrt(b f / k) t + c0), from above along the hyperbolic cotangent.

    Parameters
    ----------
    blocks : array
        Time since the start, in the unit of the trades.
    start_tao : float
        Reserve at the start, > 0.
    bought_tao, sold_alpha : float
        b and f per block, > 0.
    product : float
        k, TAO times alpha.
    """
    rest = math.sqrt(bought_tao * product / sold_alpha)
    step = elementary.tanh(math.sqrt(bought_tao * sold_alpha / product) * np.asarray(blocks, dtype=np.float64))
    start = start_tao / rest
    return rest * (start + step) / (1 + start * step)


def reserve_half_life_blocks(bought_tao: float, sold_alpha: float, product: float) -> float:
    """Blocks in which a small displacement of the reserve from rest halves: ln 2 / (2 sqrt(b f / k))."""
    return elementary.log(2.0) / (2 * math.sqrt(bought_tao * sold_alpha / product))


def locked_in_share(appeal: ArrayLike, elasticity: float, start_share: ArrayLike | None = None) -> FloatArray:
    """Shares in which emission comes to rest when demand g_i s_i^eta follows emission and emission follows demand.

    Below eta = 1 they are proportional to g^(1 / (1-eta)), whatever the start. From 1 on one subnet takes all: the
    one with the largest g s^(eta-1) at the start, the first of several.

    Parameters
    ----------
    appeal : array (subnet,)
        g > 0.
    elasticity : float
        eta >= 0; a rule that raises shares to a power multiplies it.
    start_share : array (subnet,), optional
        Shares at the start; equal when not given.
    """
    pull = np.asarray(appeal, dtype=np.float64)
    if elasticity < 1:
        logs = elementary.log(pull) / (1 - elasticity)
        share = elementary.exp(logs - logs.max())
        return share / share.sum()
    start = np.ones(pull.size) if start_share is None else np.asarray(start_share, dtype=np.float64)
    return np.eye(pull.size)[np.argmax(pull * elementary.power(start, elasticity - 1))]


def displacement_half_life(average_half_life: float, elasticity: float) -> float:
    """Time in which a displacement from those shares halves, for a moving average of this half-life: H / (1-eta)."""
    return average_half_life / (1 - elasticity) if elasticity < 1 else math.inf


def polya(start_share: float, start_stake: float, reward: float, n_rounds: int) -> Polya:
    """Stake that earns each round's reward with probability its share: the mean stays, the variance grows to a limit.

    Parameters
    ----------
    start_share : float
        In [0, 1].
    start_stake, reward : float
        All stake at the start, and what a round adds.
    n_rounds : int
        T, >= 0.
    """
    weight = start_stake / reward
    spread = start_share * (1 - start_share)
    return Polya(
        mean=start_share,
        variance=spread * n_rounds / ((weight + 1) * (weight + n_rounds)),
        limit=(start_share * weight, (1 - start_share) * weight),
    )
