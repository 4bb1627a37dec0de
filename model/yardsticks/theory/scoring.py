"""What is scored is what is done: effort over several capabilities, measured or not, and over several identities.

Source: Holmstrom & Milgrom, JLEO 7 (1991), for pay by several measures; the rest is derived from the first-order
conditions of a Tullock contest on Cobb-Douglas scores.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ext import elementary
from model.units import FloatArray


class ScoredContest(NamedTuple):
    """What each of the equals spends on a capability and how much it rents, (capability,)."""

    spend: FloatArray
    resource: FloatArray


class MultitaskPay(NamedTuple):
    """The best pay per unit of each measure, and the efforts that it brings, (task,)."""

    pay: FloatArray
    effort: FloatArray


class UidRace(NamedTuple):
    """Identities that one operator buys where a copy scores as well as its original, and what that pays."""

    n_uids: float
    burned_share: float


def scored_contest(prize: float, n_miners: int, score_weight: ArrayLike, unit_cost: ArrayLike) -> ScoredContest:
    """Tullock contest among equals on scores prod x_l^a_l: each spends a_l V (n-1) / n^2 on capability l.

    Spending shares are a_l / sum a, whatever n, V and the costs. A pure equilibrium needs sum a <= n / (n-1).

    Parameters
    ----------
    score_weight : array (capability,)
        a >= 0.
    unit_cost : array (capability,)
        c > 0.
    """
    spend = np.asarray(score_weight, dtype=np.float64) * prize * (n_miners - 1) / (n_miners * n_miners)
    return ScoredContest(spend=spend, resource=spend / np.asarray(unit_cost))


def divergence(valued: ArrayLike, scored: ArrayLike) -> float:
    """Kullback-Leibler divergence sum b ln(b / a) of the shares that users value from those that are scored, nats.

    Infinite where something valued is not scored.
    """
    b, a = (np.asarray(weight, dtype=np.float64) for weight in (valued, scored))
    wanted = b > 0
    with np.errstate(divide="ignore"):
        return float((b[wanted] * elementary.log(b[wanted] / a[wanted])).sum())


def scored_value_share(valued: ArrayLike, scored: ArrayLike) -> float:
    """Value achieved over the best achievable with the same spending: exp(-divergence).

    Parameters
    ----------
    valued, scored : array (capability,)
        Exponents b of users' value and a of the score, each summing to 1.

    Raises
    ------
    ValueError
        If either does not sum to 1.
    """
    for name, weight in (("valued", valued), ("scored", scored)):
        total = float(np.sum(weight))
        if abs(total - 1) > 1e-9:
            raise ValueError(f"{name} weights must sum to 1, sum to {total:g}")
    return elementary.exp(-divergence(valued, scored))


def multitask_pay(
    benefit: ArrayLike, interaction: ArrayLike, noise_variance: ArrayLike, risk_aversion: float
) -> MultitaskPay:
    """Linear pay that is best for the principal when efforts compete and some are measured badly or not at all.

    The agent's cost is t' K t / 2 and its risk premium r b' S b / 2: b solves (K^-1 + r S) b = K^-1 B over the tasks
    that are measured, and effort is K^-1 b.

    Parameters
    ----------
    benefit : array (task,)
        B, of a unit of effort to the principal.
    interaction : array (task, task)
        K, positive definite; positive off the diagonal where effort on one task makes the other harder.
    noise_variance : array (task,)
        Diagonal of S; infinite for a task that is not measured.
    risk_aversion : float
        r, >= 0.
    """
    variance = np.asarray(noise_variance, dtype=np.float64)
    response = np.linalg.inv(np.asarray(interaction, dtype=np.float64))
    measured = np.isfinite(variance)
    slope = response[np.ix_(measured, measured)] + risk_aversion * np.diag(variance[measured])
    pay = np.zeros(variance.size)
    pay[measured] = np.linalg.solve(slope, (response @ np.asarray(benefit, dtype=np.float64))[measured])
    return MultitaskPay(pay=pay, effort=response @ pay)


def sybil_factor(n_identities: float, decisiveness: float) -> float:
    """Factor on the odds of winning from splitting one's effort over identities: m^(1-r); 1 at r = 1."""
    return elementary.power(n_identities, 1 - decisiveness)


def copies_against_honest(prize: float, n_honest: int, uid_price: float) -> float:
    """Identities of highest payoff for the one who copies, against n honest ones: sqrt(V n / F) - n, not rounded."""
    return math.sqrt(prize * n_honest / uid_price) - n_honest


def copies_payoff(prize: float, n_copies: int, n_honest: int, uid_price: float) -> float:
    """What the copies earn after their registrations: V m / (m + n) - F m."""
    return prize * n_copies / (n_copies + n_honest) - uid_price * n_copies


def uid_race(prize: float, n_operators: int, uid_price: float) -> UidRace:
    """Identities of each of N operators who all copy, V (N-1) / (N^2 F), and the share of the prize so burned."""
    return UidRace(
        n_uids=prize * (n_operators - 1) / (n_operators * n_operators * uid_price),
        burned_share=(n_operators - 1) / n_operators,
    )
