"""Whole rao from a pot by shares, with what rounding leaves over named."""

import numpy as np

from model.units import FloatArray, IntArray

_SUM_TOLERANCE = 1e-9


def apportion_rao(pot_rao: IntArray, share: FloatArray) -> tuple[IntArray, IntArray]:
    """Rao of each holder, floor(pot x share), and what of the pot is left.

    Paid plus left is the pot, to the rao. Where rounding of the shares themselves would pay more than the pot
    (their sum is 1 to within float64 only), the largest holder gives the difference back.

    Parameters
    ----------
    pot_rao : (row,) int64, or one int
        Pots, >= 0.
    share : (row, holder) float64, or (holder,) for one pot
        Shares in [0, 1]; each row's sum is at most 1.

    Returns
    -------
    amount_rao : int64, shape of `share`
    dust_rao : int64, shape of `pot_rao`

    Raises
    ------
    ValueError
        If a pot or a share is negative or not finite, a row's sum is above 1, or the shapes do not fit.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs (credits are truncated).
    """
    pot_rao = np.asarray(pot_rao, dtype=np.int64)
    share = np.asarray(share, dtype=np.float64)
    if share.shape[:-1] != pot_rao.shape:
        raise ValueError(f"share {share.shape} does not fit pot_rao {pot_rao.shape}")
    if np.any(pot_rao < 0):
        raise ValueError(f"pot_rao must be >= 0, is {pot_rao.min()}")
    total = share.sum(axis=-1)
    if not np.all(share >= 0) or not np.all(total <= 1 + _SUM_TOLERANCE):
        raise ValueError(f"share must be >= 0 and sum to at most 1, has minimum {share.min()}, sum {total.max()}")
    amount_rao = np.floor(pot_rao[..., None] * share).astype(np.int64)
    dust_rao = pot_rao - amount_rao.sum(axis=-1)
    if np.any(dust_rao < 0):
        largest = np.expand_dims(amount_rao.argmax(axis=-1), -1)
        kept_rao = np.take_along_axis(amount_rao, largest, -1) + np.minimum(dust_rao, 0)[..., None]
        np.put_along_axis(amount_rao, largest, kept_rao, -1)
        dust_rao = np.maximum(dust_rao, 0)
    return amount_rao, dust_rao


def in_proportion(weight: FloatArray) -> FloatArray:
    """Shares of each row in proportion to `weight`; a row without any weight stays all 0.

    Parameters
    ----------
    weight : (..., holder) float64
        >= 0, finite.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.
    """
    weight = np.asarray(weight, dtype=np.float64)
    if not np.all((weight >= 0) & np.isfinite(weight)):
        raise ValueError(f"weight must be finite and >= 0, is between {weight.min()} and {weight.max()}")
    if weight.shape[-1] == 0:
        return weight.copy()
    # Dividing by the largest first keeps the sum finite for any finite weights.
    largest = weight.max(axis=-1, keepdims=True)
    scaled = np.divide(weight, largest, out=np.zeros_like(weight), where=largest > 0)
    total = scaled.sum(axis=-1, keepdims=True)
    return np.divide(scaled, total, out=scaled, where=total > 0)
