"""How learners move: exact paths, fixed points, and bounds on steps and regret.

Source: Taylor & Jonker (1978) for the replicator; McKelvey & Palfrey, GEB 10 (1995), for quantal response; Freund &
Schapire (1997) and Auer et al., SIAM J. Comput. 32 (2002), for regret.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ext import elementary
from model.units import FloatArray

NEWTON_STEPS = 6  # from the worst start, z = e, the fifth is within rounding


def replicator_path(time: float, start_share: ArrayLike, prize: ArrayLike, n_agents: int) -> FloatArray:
    """Shares of N agents over subnets that pay p_k / n_k each, after some time of replicator dynamics, (subnet,).

    y(t) = y* + (y(0) - y*) exp(-P t / N) with y* = p / P, exactly: average payoffs are linear in the shares.
    """
    prizes = np.asarray(prize, dtype=np.float64)
    rest = prizes / prizes.sum()
    return rest + (np.asarray(start_share, dtype=np.float64) - rest) * elementary.exp(-prizes.sum() * time / n_agents)


def logit_equilibrium(prize: ArrayLike, n_agents: int, temperature: float) -> FloatArray:
    """Quantal response shares y_k proportional to exp(p_k / (N y_k temperature)), (subnet,).

    For a given normalisation m, log y_k - a_k / y_k = -m has one root, a_k over the Wright omega of m + ln a_k, with
    a = p / (N temperature); m makes the shares sum to 1.

    Parameters
    ----------
    prize : array (subnet,)
        p > 0.
    n_agents : int
        N.
    temperature : float
        > 0, in the unit of the payoffs; towards 0 the shares are p / P, towards infinity equal.
    """
    pull = np.asarray(prize, dtype=np.float64) / (n_agents * temperature)

    def share(level: float) -> FloatArray:
        return pull / _wright_omega(level + elementary.log(pull))

    # With the same pull everywhere m = K a + ln K; the weakest and the strongest pull bracket it.
    edges = [pull.size * extreme + elementary.log(pull.size) for extreme in (pull.min(), pull.max())]
    level = brentq(lambda m: share(m).sum() - 1, edges[0] - 1e-9, edges[1] + 1e-9, xtol=1e-14, rtol=1e-14)
    settled = share(level)
    return settled / settled.sum()


def _wright_omega(z: FloatArray) -> FloatArray:
    """The root w of w + ln w = z, by Newton's method from below; scipy's takes the C library's logarithm."""
    root = np.where(z > 1, z - elementary.log(np.maximum(z, 1.0)), elementary.exp(np.minimum(z, 1.0)))
    for _ in range(NEWTON_STEPS):
        root = root * ((1 + z - elementary.log(root)) / (1 + root))
    return root


def largest_gradient_step(prize: float, n_miners: int, unit_cost: float) -> float:
    """Step below which gradient play of a symmetric Tullock contest (r = 1) settles: 2 V (n-1) / (n^2 c^2)."""
    return 2 * prize * (n_miners - 1) / (n_miners * n_miners * unit_cost * unit_cost)


def hedge_step(n_rounds: int, n_choices: int) -> float:
    """Learning rate of Hedge with the least regret bound, for payoffs in [0, 1]: sqrt(8 ln K / T)."""
    return math.sqrt(8 * elementary.log(n_choices) / n_rounds)


def hedge_regret_bound(n_rounds: int, n_choices: int) -> float:
    """Most regret of Hedge at that rate, for payoffs in [0, 1]: sqrt(T ln K / 2)."""
    return math.sqrt(n_rounds * elementary.log(n_choices) / 2)


def exp3_regret_bound(n_rounds: int, n_choices: int) -> float:
    """Most expected regret of Exp3, tuned, for payoffs in [0, 1]: 2.63 sqrt(T K ln K)."""
    return 2.63 * math.sqrt(n_rounds * n_choices * elementary.log(n_choices))
