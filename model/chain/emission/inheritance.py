"""Stake that parents lend to childkeys, and the dividends that go back for it."""

from dataclasses import dataclass

import numpy as np

from model.chain.emission.coinbase import TAO_WEIGHT
from model.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relations:
    """Who lends which proportion of its stake to whom, one entry per pair.

    `parent` and `child` index hotkeys in the flattened arrays that the functions are given: with arrays of
    (subnet, hotkey), hotkey h of subnet k is k * n_hotkeys + h.

    Attributes
    ----------
    parent, child : (relation,) int64
    proportion_share : (relation,) float64
        In [0, 1]; the proportions of a parent sum to at most 1.
    same_owner : (relation,) bool
        One coldkey owns both; then no childkey take is due.
    """

    parent: IntArray
    child: IntArray
    proportion_share: FloatArray
    same_owner: BoolArray

    def __post_init__(self) -> None:
        shape = self.parent.shape
        for name in ("child", "proportion_share", "same_owner"):
            if getattr(self, name).shape != shape or len(shape) != 1:
                raise ValueError(f"{name} {getattr(self, name).shape} does not fit parent {shape}")
        if np.any(self.parent == self.child):
            raise ValueError(f"parent must differ from child, is {self.parent[self.parent == self.child][0]} twice")
        if not np.all((self.proportion_share >= 0) & (self.proportion_share <= 1)):
            raise ValueError(f"proportion_share must lie in [0, 1], is {self.proportion_share}")
        lent = self.lent_share(int(self.parent.max(initial=-1)) + 1)
        if np.any(lent > 1 + 1e-9):
            raise ValueError(f"proportion_share of a parent must sum to at most 1, sums to {lent.max()}")

    def lent_share(self, n_hotkeys: int) -> FloatArray:
        """Share of its stake that each hotkey lends, (hotkey,)."""
        return _summed(self.parent, self.proportion_share, n_hotkeys)


def _summed(hotkey: IntArray, amount: FloatArray, n_hotkeys: int) -> FloatArray:
    """Sum of the amounts of each hotkey; float64 also where there are none."""
    return np.bincount(hotkey, amount, n_hotkeys).astype(np.float64)


NO_RELATIONS = Relations(
    parent=np.zeros(0, dtype=np.int64),
    child=np.zeros(0, dtype=np.int64),
    proportion_share=np.zeros(0),
    same_owner=np.zeros(0, dtype=np.bool_),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedDividend:
    """A dividend after parents had their part; shape of the dividend, any unit.

    Attributes
    ----------
    received : each hotkey's part, of its own dividend and of its children's
    burned : what a hotkey's parents lost to the childkey burn
    """

    received: FloatArray
    burned: FloatArray


def inherited_stake_rao(stake_rao: IntArray, relations: Relations) -> IntArray:
    """Stake that counts for each hotkey: its own, less what it lends, plus what it is lent; one level deep.

    Parameters
    ----------
    stake_rao : (..., hotkey) int64
        Own stake, >= 0.
    relations : Relations

    Returns
    -------
    int64, shape of `stake_rao`, truncated to rao, at least 0.

    Source: subtensor 14bc6f9, pallets/subtensor/src/staking/stake_utils.rs (inherited stake).
    """
    if not relations.parent.size:
        return np.array(stake_rao, dtype=np.int64)
    own = np.asarray(stake_rao, dtype=np.float64).ravel()
    moved = own[relations.parent] * relations.proportion_share
    lent = _summed(relations.parent, moved, own.size)
    borrowed = _summed(relations.child, moved, own.size)
    inherited = np.maximum(own - lent, 0.0) + borrowed
    whole = (lent == 0) & (borrowed == 0)
    counted = np.where(whole, np.asarray(stake_rao).ravel(), np.floor(inherited).astype(np.int64))
    return counted.reshape(np.shape(stake_rao))


def share_with_parents(
    dividend: FloatArray,
    alpha_stake: FloatArray,
    root_stake: FloatArray,
    relations: Relations,
    *,
    childkey_take_share: FloatArray | float = 0.0,
    childkey_burn_share: float = 0.0,
    tao_weight: float = TAO_WEIGHT,
) -> SharedDividend:
    """Dividends divided among each hotkey and its parents by the stake that each contributed.

    A hotkey contributes what it does not lend, a parent what it lends to it, root stake counted `tao_weight`
    times. From the part of a parent with another owner the childkey burn and the childkey's take come off
    first.

    Parameters
    ----------
    dividend : (..., hotkey) float64
        Dividends by the epoch, >= 0, any unit.
    alpha_stake, root_stake : (..., hotkey) float64
        Own stake on the subnet and on root, >= 0, not inherited.
    relations : Relations
    childkey_take_share : float, or (..., hotkey) float64
        Take of each hotkey as a childkey, in [0, 1]; the chain allows 0 to 0.18.
    childkey_burn_share : float
        In [0, 1]; with the take at most 1.
    tao_weight : float

    Returns
    -------
    SharedDividend
        Received and burned sum to the dividends.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs
    (get_parent_child_dividends_distribution).
    """
    shape = np.shape(dividend)
    if not relations.parent.size:
        return SharedDividend(received=np.array(dividend, dtype=np.float64), burned=np.zeros(shape))
    paid = np.asarray(dividend, dtype=np.float64).ravel()
    stake = (np.asarray(alpha_stake) + tao_weight * np.asarray(root_stake, dtype=np.float64)).ravel()
    take = np.broadcast_to(np.asarray(childkey_take_share, dtype=np.float64), shape).ravel()
    parent, child = relations.parent, relations.child
    own = np.floor(stake * np.maximum(1.0 - relations.lent_share(paid.size), 0.0))
    lent = stake[parent] * relations.proportion_share
    total = own + _summed(child, lent, paid.size)
    part = np.divide(lent * paid[child], total[child], out=np.zeros_like(lent), where=total[child] > 0)
    foreign = np.where(relations.same_owner, 0.0, part)
    burned, taken = foreign * childkey_burn_share, foreign * take[child]
    received = paid - _summed(child, part - taken, paid.size) + _summed(parent, part - burned - taken, paid.size)
    lost = _summed(child, burned, paid.size)
    return SharedDividend(received=np.maximum(received, 0.0).reshape(shape), burned=lost.reshape(shape))
