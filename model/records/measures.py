"""How concentrated amounts are, and what the work is worth: functions of arrays, over the last axis.

Every measure reads `amount[..., holder]`, so one call serves one population and 128 subnets alike.
Slots that nobody holds carry zero; where those with nothing count (Gini, Theil), `n_holders` states how many
people there are.

Source: Theil, Economics and Information Theory (1967); Shorrocks, Econometrica 48 (1980), for the split.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ext import elementary
from model.units import BoolArray, FloatArray, IntArray

# Shares that differ from the threshold by less than this are a tie, and a tie is not a majority.
TIE_SHARE = 1e-12


class Concentration(NamedTuple):
    """Measures of how concentrated each row is; see the functions of the same names."""

    gini: FloatArray
    hhi: FloatArray
    nakamoto: IntArray
    top_share: FloatArray


class TheilSplit(NamedTuple):
    """Theil index of a population and its two parts; `within + between == total`."""

    total: float
    within: float
    between: float


def share(amount: ArrayLike) -> FloatArray:
    """Share of each holder in the row's total; NaN where the total is zero.

    Parameters
    ----------
    amount : array (..., holder)
        What each holder has, any unit, finite and >= 0.

    Raises
    ------
    ValueError
        If an amount is negative, infinite or not a number.
    """
    part, nothing = _part(amount)
    part[nothing] = np.nan
    return part


def gini(amount: ArrayLike, n_holders: ArrayLike | None = None) -> FloatArray:
    """Gini coefficient of each row: 0 when all have the same, (n-1)/n when one of n has everything.

    Parameters
    ----------
    amount : array (..., holder)
        What each holder has, any unit, finite and >= 0.
    n_holders : array (...), optional
        Population of each row, those with nothing included; all slots when not given. It may differ from the
        number of slots, and is at least the number of positive amounts.

    Returns
    -------
    array (...)
        0 for a population that has nothing, NaN for no population.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or a population smaller than its positive amounts.
    """
    part, _ = _part(amount)
    n = _population(part, n_holders)
    part.sort(axis=-1)
    return _gini_of_sorted(part, n)


def concentration(amount: ArrayLike, n_top: int) -> Concentration:
    """Gini, HHI, Nakamoto coefficient and share of the `n_top` largest, read off one sorting of the amounts.

    Parameters and exceptions are those of the single measures, which give the same numbers.
    """
    part, nothing = _part(amount)
    part.sort(axis=-1)
    undefined = np.where(nothing, np.nan, 0.0)
    return Concentration(
        gini=_gini_of_sorted(part, _population(part, None)),
        hhi=((part * part).sum(axis=-1) + undefined)[()],
        nakamoto=_nakamoto_of_sorted(part, nothing, 0.5),
        top_share=(np.minimum(part[..., -n_top:].sum(axis=-1), 1.0) + undefined)[()],
    )


def _gini_of_sorted(part: FloatArray, n: FloatArray) -> FloatArray:
    n_slots = part.shape[-1]
    # Ranks count from the poorest. Weights are centred on the slots, and then moved to the population stated.
    total = part.sum(axis=-1)
    centred_rank = np.arange(1 - n_slots, n_slots, 2, dtype=np.float64)
    spread = (part * centred_rank).sum(axis=-1) + (n - n_slots) * total
    with np.errstate(invalid="ignore"):
        return np.clip(spread / n, 0.0, 1.0)[()]


def gini_unbiased(amount: ArrayLike, n_holders: ArrayLike | None = None) -> FloatArray:
    """Gini coefficient of each row times n/(n-1): what one holder of everything scores is 1, whatever n.

    Parameters and exceptions are those of `gini`; a population of one has no unbiased estimate and gives NaN.
    """
    part, _ = _part(amount)
    n = _population(part, n_holders)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, gini(amount, n) * n / (n - 1), np.nan)[()]


def hhi(amount: ArrayLike) -> FloatArray:
    """Herfindahl-Hirschman index of each row: sum of squared shares, in [1/n, 1]; NaN with nothing to share.

    Parameters and exceptions are those of `share`.
    """
    part, nothing = _part(amount)
    part *= part
    return np.where(nothing, np.nan, part.sum(axis=-1))[()]


def effective_number(amount: ArrayLike) -> FloatArray:
    """Number of equal holders that are as concentrated as each row: 1 / HHI; NaN where that is undefined.

    Parameters and exceptions are those of `share`.
    """
    return 1.0 / hhi(amount)


def nakamoto(amount: ArrayLike, threshold_share: float = 0.5) -> IntArray:
    """Least number of holders of each row whose shares together lie strictly above the threshold.

    Parameters
    ----------
    amount : array (..., holder)
        What each holder has, any unit, finite and >= 0.
    threshold_share : float
        Share to be exceeded, in [0, 1): 1/2 for a majority, 1/3 to stop a Byzantine agreement.
        Shares within `TIE_SHARE` of it are a tie and do not exceed it.

    Returns
    -------
    int array (...)
        0 where there are no holders or nothing to hold.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or the threshold lies outside [0, 1).
    """
    if not 0 <= threshold_share < 1:
        raise ValueError(f"threshold_share must lie in [0, 1), is {threshold_share}")
    part, nothing = _part(amount)
    part.sort(axis=-1)
    return _nakamoto_of_sorted(part, nothing, threshold_share)


def _nakamoto_of_sorted(part: FloatArray, nothing: BoolArray, threshold_share: float) -> IntArray:
    held = np.cumsum(part[..., ::-1], axis=-1)
    n_below = np.count_nonzero(held <= threshold_share + TIE_SHARE, axis=-1)
    return np.where(nothing, 0, n_below + 1)[()]


def theil(amount: ArrayLike, n_holders: ArrayLike | None = None) -> FloatArray:
    """Theil T index of each row in nats, mean of (x/mu) ln(x/mu): 0 when equal, ln n when one has everything.

    Parameters, exceptions and the population that has nothing (0) or is empty (NaN) are those of `gini`.
    """
    part, _ = _part(amount)
    n = _population(part, n_holders)
    # A share of zero adds zero (0 ln 0 = 0): its logarithm is taken at 1.
    relative = np.where(part > 0, part * n[..., None], 1.0)
    part *= elementary.log(relative)
    result = np.maximum(part.sum(axis=-1), 0.0)
    return np.where(n == 0, np.nan, result)[()]


def theil_split(amount: ArrayLike, group: ArrayLike, n_groups: int) -> TheilSplit:
    """Theil index of one population, split exactly into its parts within and between groups.

    Parameters
    ----------
    amount : array (holder,)
        What each holder has, any unit, finite and >= 0.
    group : int array (holder,)
        Group of each holder, in [0, n_groups).
    n_groups : int
        Number of groups; those without members add nothing.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, a group does not exist, or the shapes differ.
    """
    part, _ = _part(amount)
    n = part.size
    group_share = total_by(part, group, n_groups)
    if n == 0:
        return TheilSplit(np.nan, np.nan, np.nan)
    index = np.asarray(group)
    population_share = np.bincount(index, minlength=n_groups) / n
    held = group_share > 0
    between = float((group_share[held] * elementary.log(group_share[held] / population_share[held])).sum())
    some = part > 0
    part, index = part[some], index[some]
    within = float((part * elementary.log(part * n * population_share[index] / group_share[index])).sum())
    return TheilSplit(float(theil(amount)), max(within, 0.0), max(between, 0.0))


def top_share(amount: ArrayLike, n_top: int) -> FloatArray:
    """Share of each row's `n_top` largest holders; 1 where there are fewer, NaN with nothing to share.

    Parameters
    ----------
    amount : array (..., holder)
        What each holder has, any unit, finite and >= 0.
    n_top : int
        Number of holders counted, >= 1; the top one in a hundred of n holders is `ceil(n / 100)`.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or `n_top` is below 1.
    """
    if n_top < 1:
        raise ValueError(f"n_top must be at least 1, is {n_top}")
    part, nothing = _part(amount)
    part.sort(axis=-1)
    held = np.minimum(part[..., -n_top:].sum(axis=-1), 1.0)
    return np.where(nothing, np.nan, held)[()]


def lorenz(amount: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Lorenz curve of one population: share of holders, poorest first, and the share of the total they have.

    Parameters
    ----------
    amount : array (holder,)
        What each holder has, any unit, finite and >= 0.

    Returns
    -------
    holder_share, amount_share : float array (n + 1,)
        From (0, 0) to (1, 1). The diagonal when nobody has anything; one NaN each for no population.

    Raises
    ------
    ValueError
        If an amount is negative or not finite.
    """
    part, nothing = _part(amount)
    if part.size == 0:
        return np.array([np.nan]), np.array([np.nan])
    holder_share = np.arange(part.size + 1) / part.size
    if nothing:
        return holder_share, holder_share.copy()
    part.sort()
    amount_share = np.concatenate([[0.0], np.cumsum(part)])
    amount_share[-1] = 1.0
    return holder_share, np.minimum(amount_share, 1.0)


def total_by(amount: ArrayLike, group: ArrayLike, n_groups: int) -> FloatArray:
    """Total of each group: over the hotkeys of each participant, the population in which a Sybil split hides nothing.

    Parameters
    ----------
    amount : array, any shape
        What each hotkey has, any unit.
    group : int array, shape of `amount`
        Group of each amount, in [0, n_groups).
    n_groups : int
        Number of groups; the result has one entry for each, those without amounts at zero.

    Raises
    ------
    ValueError
        If the shapes differ or a group lies outside [0, n_groups).
    """
    value = np.asarray(amount, dtype=np.float64)
    index = np.asarray(group)
    if index.shape != value.shape:
        raise ValueError(f"group {index.shape} does not fit amount {value.shape}")
    if index.size == 0:
        return np.zeros(n_groups)
    if index.min() < 0 or index.max() >= n_groups:
        raise ValueError(
            f"group must lie in [0, {n_groups}), spans {index.min()} to {index.max()}",
        )
    total = np.bincount(index.ravel(), weights=value.ravel(), minlength=n_groups)
    return np.asarray(total, dtype=np.float64)


def _part(amount: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Shares in a new array, zeros in rows that have nothing, and which rows those are."""
    value = np.asarray(amount, dtype=np.float64)
    if value.ndim == 0:
        raise ValueError("amount must have an axis of holders, is a single number")
    if value.size and not (value.min() >= 0 and value.max() < np.inf):
        raise ValueError(f"amounts must be finite and >= 0, span {value.min()} to {value.max()}")
    # The largest becomes 1 first: totals of very large amounts do not overflow, small ones do not vanish.
    largest = value.max(axis=-1, keepdims=True, initial=0.0)
    nothing = largest == 0
    part = value / np.where(nothing, 1.0, largest)
    part /= np.where(nothing, 1.0, part.sum(axis=-1, keepdims=True))
    return part, nothing[..., 0]


def _population(part: FloatArray, n_holders: ArrayLike | None) -> FloatArray:
    """Population of each row: all slots, or the number stated, which must cover the positive shares."""
    rows = part.shape[:-1]
    if n_holders is None:
        return np.full(rows, float(part.shape[-1]))
    n = np.broadcast_to(np.asarray(n_holders, dtype=np.float64), rows)
    n_positive = np.count_nonzero(part > 0, axis=-1)
    if (n < n_positive).any():
        raise ValueError(f"n_holders must cover all positive amounts, is {n.min():g} at the least")
    return n
