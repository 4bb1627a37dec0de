"""The planner who must leave everything with its owner: miners' hardware or money, on whichever subnet is best.

Users' value is U = sum_k v_k (sum_i A[k,i] prod_l x[k,i,l]^b[k,l])^e_k. ln U is convex in the logarithms of the parts
x, so that sharing each stock by x dU/dx never lowers U. Where sum b <= 1 and e <= 1, U is concave: the best on a
tangent plane bounds it everywhere, and the search ends within `tolerance` of that bound, or at the bound it has when
its rounds are used up. Where each miner can serve one subnet only, there is nothing to search.

Source: Baum & Eagon, Bulletin of the AMS 73 (1967), for the ascent; Frank & Wolfe (1956), for the bound.
"""

import math

import numpy as np

from ext import elementary
from model.units import FloatArray
from model.yardsticks.best_spending import LINEAR, Plan, Wants

MOST_ROUNDS = 2_000
LEAST_ROUNDS = 30
LARGEST_WORK = 200_000_000  # entries of shares visited in all; a full network gets fewer rounds and a wider bound
LEAST_SHARE = 1e-290  # no share vanishes, so that it can come back
LARGEST_STEP = 1e6


def best_for_stock(
    stock: FloatArray,
    log_yield: FloatArray,
    weight: FloatArray,
    wants: Wants,
    tolerance: float = 1e-4,
    largest_work: int = LARGEST_WORK,
) -> Plan:
    """Use of what each miner has, (subnet, miner, kind), when every part of it may serve any subnet.

    Parameters
    ----------
    stock : float array (miner, kind)
        What each miner has of each kind, >= 0: its money as the only kind, or its hardware by capability.
    log_yield : float array (subnet, miner)
        Logarithm of the miner's aggregate there from one unit of every kind; minus infinity where it has no seat.
    weight : float array (subnet, kind)
        Exponent of each kind in the aggregate, >= 0.
    wants : Wants
        What users value; its capability weights are not read here.
    tolerance : float
        The search ends when value and bound differ by less than this share, at the latest after `MOST_ROUNDS`.
    largest_work : int
        Entries of shares visited in all, but for `LEAST_ROUNDS`.

    Returns
    -------
    Plan
        Its bound is infinite where some exponents sum to more than 1 and a miner can serve several subnets: U is not
        concave then.
    """
    concave = bool((weight.sum(axis=1) <= 1 + LINEAR).all() and (wants.exponent <= 1 + LINEAR).all())
    log_capacity = _log_capacity(stock, log_yield, weight)
    able = log_capacity > -np.inf
    n_able = able.sum(axis=0)
    open_to = np.where(n_able > 0, able / np.maximum(n_able, 1), 1 / len(weight))
    share = np.maximum(np.repeat(open_to[:, :, np.newaxis], stock.shape[1], axis=2), LEAST_SHARE)
    step, (value, pull) = 1.0, _worth_and_pull(share, log_capacity, weight, wants)
    if (n_able <= 1).all():
        return Plan(share * stock, value, value)
    bound = math.inf
    for _ in range(max(LEAST_ROUNDS, min(MOST_ROUNDS, largest_work // max(share.size, 1)))):
        if concave:
            bound = min(bound, value + _tangent_gain(share, pull))
            if bound - value <= tolerance * value:
                break
        tried = _share_by(share, pull, step)
        worth, tried_pull = _worth_and_pull(tried, log_capacity, weight, wants)
        if worth < value and step > 1:
            step = 1.0
            continue
        settled = worth - value <= 1e-12 * value
        share, value, pull = tried, worth, tried_pull
        step = min(2 * step, LARGEST_STEP)
        if settled and not concave:
            break
    return Plan(share * stock, value, max(bound, value))


def _log_capacity(stock: FloatArray, log_yield: FloatArray, weight: FloatArray) -> FloatArray:
    """Logarithm of the aggregate that a miner's whole stock gives in a subnet, (subnet, miner)."""
    result = log_yield.copy()
    log_stock = elementary.log(stock)
    for kind in range(weight.shape[1]):
        needed = weight[:, kind] > 0
        result[needed] += weight[needed, kind, np.newaxis] * log_stock[:, kind]
    return result


def _worth_and_pull(
    share: FloatArray, log_capacity: FloatArray, weight: FloatArray, wants: Wants
) -> tuple[float, FloatArray]:
    """U when the stocks are shared like this, and share x dU/dshare of each part, (subnet, miner, kind)."""
    log_share = elementary.log(share)
    aggregate = elementary.exp(log_capacity + (weight[:, np.newaxis, :] * log_share).sum(axis=2))
    total = aggregate.sum(axis=1)
    worth = wants.subnet_weight * elementary.power(total, wants.exponent)
    reached = np.maximum(total, LEAST_SHARE)
    slope = wants.exponent * wants.subnet_weight * elementary.power(reached, wants.exponent - 1)
    return float(worth.sum()), (slope[:, np.newaxis] * aggregate)[:, :, np.newaxis] * weight[:, np.newaxis, :]


def _tangent_gain(share: FloatArray, pull: FloatArray) -> float:
    """Most that U's tangent plane gains by sharing the same stocks otherwise."""
    return float(((pull / share).max(axis=0) - pull.sum(axis=0)).sum())


def _share_by(share: FloatArray, pull: FloatArray, step: float) -> FloatArray:
    """Stocks shared by share x dU/dshare; a step above 1 goes further that way. What nobody needs stays put."""
    total = pull.sum(axis=0)
    aim = np.divide(pull, total, out=share.copy(), where=total > 0)
    log_share = elementary.log(share)
    log_new = log_share + step * (elementary.log(np.maximum(aim, LEAST_SHARE)) - log_share)
    new = np.maximum(elementary.exp(log_new - log_new.max(axis=0)), LEAST_SHARE)
    return new / new.sum(axis=0)
