"""What a coalition of validators can take, and what stops it.

Source: subtensor 14bc6f9, docs/consensus.md, for the rules of two blocs under Yuma; the closed forms are derived from
them.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class Bloc(NamedTuple):
    """A cabal's shares of incentive, of dividends and of the emission."""

    incentive_share: float
    dividend_share: float
    emission_share: float


def two_blocs(
    stake_share: float,
    merit_share: float,
    self_weight: float,
    penalty: float = 1.0,
    kappa: float = 0.5,
    emission_to_validators: float = 0.5,
) -> Bloc:
    """What a cabal gets under Yuma when two blocs vote without noise and bonds have settled.

    With s < kappa <= 1 - s this is, for M = 1 - s (w-u) and h = (1-beta) w + beta u: incentive u / M, and dividends
    (s (1-w) + u s h / ((1-s) u + s h)) / M.

    Parameters
    ----------
    stake_share : float
        s, of the cabal's validators, in (0, 1).
    merit_share : float
        u, what honest validators give the cabal's miners, in [0, 1).
    self_weight : float
        w >= u, what the cabal gives its own miners, in [u, 1].
    penalty : float
        beta: 0 for bonds on raw weights, 1 for bonds on clipped ones.
    kappa : float
        Stake share that must support a weight; exactly kappa is enough.
    emission_to_validators : float
        xi, dividends' share of what is paid.

    Raises
    ------
    ValueError
        If the cabal gives itself less than its merit.
    """
    if not 0 <= merit_share <= self_weight <= 1:
        raise ValueError(f"self_weight must lie in [merit_share, 1], is {self_weight!r} with merit {merit_share!r}")
    stake = np.array([stake_share, 1 - stake_share])  # cabal, honest
    weight = np.array([[self_weight, 1 - self_weight], [merit_share, 1 - merit_share]])  # (bloc, miners of bloc)
    # Each bloc is the higher bidder for its own miners; alone it carries them only with kappa of the stake.
    consensus = np.where(stake >= kappa, weight.max(axis=0), weight.min(axis=0))
    clipped = np.minimum(weight, consensus)
    rank = (stake[:, np.newaxis] * clipped).sum(axis=0)
    incentive = rank / rank.sum()
    bond = stake[:, np.newaxis] * ((1 - penalty) * weight + penalty * clipped)
    held = bond.sum(axis=0)
    bond_share = np.divide(bond[0], held, out=np.zeros(2), where=held > 0)
    incentive_share, dividend_share = float(incentive[0]), float((incentive * bond_share).sum())
    to_validators = emission_to_validators
    emission_share = to_validators * dividend_share + (1 - to_validators) * incentive_share
    return Bloc(incentive_share, dividend_share, emission_share)


def deterring_penalty(stake_share: float, merit_share: float, emission_to_validators: float = 0.5) -> float:
    """Least bond penalty at which a cabal below kappa loses by giving itself a little more than its merit.

    (1-xi) u / (xi (1-s)); above 1 no penalty is enough.
    """
    return (1 - emission_to_validators) * merit_share / (emission_to_validators * (1 - stake_share))


def retaining_weight(stake_share: float, emission_to_validators: float = 0.5) -> float:
    """Utility that an honest side of this stake needs to keep it against a cabal that votes for itself only.

    Full bond penalty, no noise; honest stake above kappa.
    """
    incentive = stake_share * (1 - emission_to_validators) / (1 - emission_to_validators * stake_share)
    return incentive / (stake_share + incentive * (1 - stake_share))


def consensus_quantiles(coalition_share: float, kappa: float = 0.5) -> tuple[float, float]:
    """Lowest and highest quantile of honest scores to which a coalition below kappa can move a weighted median.

    Raises
    ------
    ValueError
        If the coalition alone supports a weight, or can withhold support from all: then there is no bound.
    """
    if not 0 <= coalition_share < min(kappa, 1 - kappa):
        raise ValueError(f"coalition_share must lie in [0, {min(kappa, 1 - kappa):g}), is {coalition_share!r}")
    honest = 1 - coalition_share
    return 1 - kappa / honest, (1 - kappa) / honest


def median_bias(coalition_share: float, kappa: float = 0.5) -> tuple[float, float]:
    """Largest shift of the consensus down and up when honest scores are normal, in their standard deviations."""
    low, high = consensus_quantiles(coalition_share, kappa)
    return NormalDist().inv_cdf(low), NormalDist().inv_cdf(high)


def late_copier_loss(epochs_late: float, bond_memory_share: float) -> float:
    """Epochs of a new miner's dividends that a copier loses under moving-average bonds: L + (1-alpha) / alpha.

    Parameters
    ----------
    epochs_late : float
        L, >= 1.
    bond_memory_share : float
        alpha in (0, 1]: weight of the new bond in the moving average.
    """
    return epochs_late + (1 - bond_memory_share) / bond_memory_share


def reserve_price_tao(tao_reserve_tao: float, bought_share: float) -> float:
    """TAO that it costs to buy a share of a constant-product pool's alpha: tau f / (1-f)."""
    return tao_reserve_tao * bought_share / (1 - bought_share)
