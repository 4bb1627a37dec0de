"""How owned hardware follows a reward that moves: what is there wears out, what is missing is bought out of profits.

Source: putty-clay capital, Johansen 1959, "Substitution versus fixed production coefficients"; irreversible investment,
Dixit, Pindyck 1994, "Investment under uncertainty". The law of motion below is derived for the proportional contest.
"""

import math

import numpy as np


def share_in_use(
    epochs: int, reward_share: float, depreciation_share: float, running_share: float, spend_share: float
) -> float:
    """Share of the hardware in use of one of two capabilities, some epochs after its half of the reward has changed.

    Each capability asks for `spend_share` times its reward at full cost, 1 for a unit, and for more at running cost.
    What is owned is used up to the latter, wears out, and is bought up to the former as far as the epoch's profit goes.

    Parameters
    ----------
    epochs : int
        Epochs played under the new rule, >= 1; in the first, hardware is that of the old one.
    reward_share : float
        Of the whole reward, to the capability from now on, in (0, 1).
    depreciation_share : float
        Of owned hardware per epoch, in (0, 1].
    running_share : float
        Running cost over full cost, in (0, 1]; at 1 nothing is sunk and hardware is asked for anew in every epoch.
    spend_share : float
        Of the reward, spent in all where hardware is at rest, in (0, 1].
    """
    wanted = spend_share * np.array([1 - reward_share, reward_share])
    if running_share == 1:
        return reward_share
    price = (1 - running_share) / depreciation_share
    stock = np.full(2, spend_share / 2)
    for _ in range(epochs - 1):
        profit = 1 - running_share * np.minimum(stock, wanted / running_share).sum()
        kept = stock * (1 - depreciation_share)
        missing = np.maximum(wanted - kept, 0.0)
        stock = kept + missing * min(1.0, profit / max(price * missing.sum(), math.ulp(0.0)))
    used = np.minimum(stock, wanted / running_share)
    return float(used[1] / used.sum())
