"""What the work is really worth to its users, and how much of that a network delivers.

Source: CLOSED_FORMS 4.1; Tullock (1980) for the dissipation of rents.
"""

import numpy as np
from numpy.typing import ArrayLike

from ext import elementary
from model.units import FloatArray


def value_by_subnet(
    output: FloatArray, capability_weight: FloatArray, subnet_weight: FloatArray, exponent: FloatArray
) -> FloatArray:
    """Users' value of each subnet's output: v_k (sum_i prod_l q[k,i,l]^b[k,l])^e_k, in users' units.

    Parameters
    ----------
    output : float array (subnet, miner, capability)
        True output, >= 0; slots without a miner carry zero.
    capability_weight : float array (subnet, capability)
        b, >= 0, at least one of them positive per subnet. A capability of weight zero does not matter, even
        when it is absent.
    subnet_weight : float array (subnet,)
        v, users' worth of a unit of the subnet's aggregate.
    exponent : float array (subnet,)
        e, > 0: below 1 the subnet's worth rises ever more slowly with its size.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a subnet weighs no capability.
    """
    n_subnets, _, n_capabilities = output.shape
    if capability_weight.shape != (n_subnets, n_capabilities):
        raise ValueError(f"capability_weight {capability_weight.shape} does not fit output {output.shape}")
    if subnet_weight.shape != (n_subnets,) or exponent.shape != (n_subnets,):
        raise ValueError(f"subnet_weight {subnet_weight.shape} and exponent {exponent.shape} must be ({n_subnets},)")
    if not (capability_weight.max(axis=1, initial=0.0) > 0).all():
        raise ValueError("capability_weight must be positive for at least one capability of every subnet")
    worth = np.ones(output.shape[:2])
    for capability in range(n_capabilities):
        weight = capability_weight[:, capability, None]
        worth *= elementary.power(output[:, :, capability], weight)
    return subnet_weight * elementary.power(worth.sum(axis=1), exponent)


def users_value(
    output: FloatArray, capability_weight: FloatArray, subnet_weight: FloatArray, exponent: FloatArray
) -> float:
    """Users' value of the whole network's output: the sum of `value_by_subnet`, whose parameters it takes."""
    return float(value_by_subnet(output, capability_weight, subnet_weight, exponent).sum())


def efficiency_share(value: float, planner_value: float) -> float:
    """Value delivered over the planner's best for the same resources; NaN where that is nothing.

    At an equilibrium its inverse is the price of anarchy.
    """
    return value / planner_value if planner_value > 0 else float("nan")


def rent_dissipation(cost_tao: ArrayLike, prize_tao: ArrayLike) -> float:
    """All that contestants spent over all there was to win: above 1 they lose money; NaN without a prize.

    Parameters
    ----------
    cost_tao, prize_tao : array, any shape
        Spending and prizes of one epoch or of many, TAO.
    """
    prize = float(np.sum(prize_tao))
    return float(np.sum(cost_tao)) / prize if prize > 0 else float("nan")
