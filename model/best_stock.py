"""The planner who must leave everything with its owner: miners' hardware or money, on whichever subnet is best.

Users' value is U = sum_k v_k (sum_i A[k,i] prod_l x[k,i,l]^b[k,l])^e_k. ln U is convex in the logarithms of the parts
x, so that sharing each stock by x dU/dx never lowers U. Where sum b <= 1 and e <= 1, U is concave: the best on a
tangent plane bounds it everywhere, and the search ends within `tolerance` of that bound.

Source: Baum & Eagon, Bulletin of the AMS 73 (1967), for the ascent; Frank & Wolfe (1956), for the bound.
"""

import math

import numpy as np

from model.best_spending import LINEAR, Plan, Wants
from model.units import FloatArray

ROUNDS = 2_000
TINY = 1e-290  # parts of a stock never vanish, so that they can come back
LOG_LEAST_PART = -650.0


def best_for_stock(
    stock: FloatArray, log_yield: FloatArray, weight: FloatArray, wants: Wants, tolerance: float = 1e-6
) -> Plan:
    """Use of what each miner has, (subnet, miner, kind), when every part of it may serve any subnet.

    Parameters
    ----------
    stock : float array (miner, kind)
        What each miner has of each kind, >= 0: its money as the only kind, or its hardware by capability.
    log_yield : float array (subnet, miner)
        Logarithm of the miner's aggregate there from one unit of every kind.
    weight : float array (subnet, kind)
        Exponent of each kind in the aggregate, >= 0.
    wants : Wants
        What users value; its capability weights are not read here.
    tolerance : float
        The search ends when value and bound differ by less than this share.

    Returns
    -------
    Plan
        Its bound is infinite where some exponents sum to more than 1: U is not concave then.
    """
    concave = bool((weight.sum(axis=1) <= 1 + LINEAR).all() and (wants.exponent <= 1 + LINEAR).all())
    part = np.broadcast_to(stock / len(weight), (len(weight), *stock.shape)).copy()
    step, value, pull = 1.0, *_worth_and_pull(part, log_yield, weight, wants)
    bound = math.inf
    for _ in range(ROUNDS):
        if concave:
            bound = min(bound, value + _tangent_gain(part, pull, stock))
            if bound - value <= tolerance * value:
                break
        tried = _share_by(part, pull, stock, step)
        worth, tried_pull = _worth_and_pull(tried, log_yield, weight, wants)
        if worth < value and step > 1:
            step = 1.0
            continue
        settled = worth - value <= 1e-12 * value
        part, value, pull = tried, worth, tried_pull
        step = min(2 * step, 1e6)
        if settled and not concave:
            break
    return Plan(part, value, max(bound, value))


def _worth_and_pull(
    part: FloatArray, log_yield: FloatArray, weight: FloatArray, wants: Wants
) -> tuple[float, FloatArray]:
    """U of this use of the stocks, and x dU/dx of each part, (subnet, miner, kind)."""
    log_part = np.log(np.maximum(part, TINY))
    # An empty stock gives nothing where it is needed.
    log_part[part == 0] = -np.inf
    log_aggregate = log_yield.copy()
    for kind in range(weight.shape[1]):
        needed = weight[:, kind] > 0
        log_aggregate[needed] += weight[needed, kind, np.newaxis] * log_part[needed, :, kind]
    aggregate = np.exp(log_aggregate)
    total = np.maximum(aggregate.sum(axis=1), TINY)
    worth = wants.subnet_weight * total**wants.exponent
    slope = wants.exponent * wants.subnet_weight * total ** (wants.exponent - 1)
    return float(worth.sum()), (slope[:, np.newaxis] * aggregate)[:, :, np.newaxis] * weight[:, np.newaxis, :]


def _tangent_gain(part: FloatArray, pull: FloatArray, stock: FloatArray) -> float:
    """Most that U's tangent plane gains by another use of the same stocks."""
    slope = np.divide(pull, part, out=np.zeros_like(pull), where=part > 0)
    return float((stock * slope.max(axis=0) - pull.sum(axis=0)).sum())


def _share_by(part: FloatArray, pull: FloatArray, stock: FloatArray, step: float) -> FloatArray:
    """Stocks shared by x dU/dx; a step above 1 goes further in the same direction. What nobody needs stays put."""
    total = pull.sum(axis=0)
    log_part = np.log(np.maximum(part, TINY))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_aim = np.where(total > 0, np.log(pull) - np.log(total) + np.log(stock), log_part)
    log_new = log_part + step * (np.maximum(log_aim, LOG_LEAST_PART) - log_part)
    log_new -= log_new.max(axis=0)
    new = np.exp(np.maximum(log_new, LOG_LEAST_PART))
    return np.where(stock > 0, new / new.sum(axis=0) * stock, 0.0)
