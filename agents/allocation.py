"""How a miner divides what it spends over its subnets: sums and choices within each miner's slots."""

import numpy as np

from agents.effort import expected_pot_tao, hardware_for, pot_share, score_mix, spent_tao
from agents.observation import BoolArray, Draws, FloatArray, Memory, MinerAction, MinerView


def within_miner(view: MinerView, amount: FloatArray) -> FloatArray:
    """Sum of `amount` (slot,) over all slots of the slot's miner, (slot,)."""
    total: FloatArray = np.bincount(view.slot_miner, amount, len(view.budget_tao)).astype(float)
    return total[view.slot_miner]


def highest_within_miner(view: MinerView, amount: FloatArray) -> FloatArray:
    """Largest of `amount` (slot,) among all slots of the slot's miner, (slot,)."""
    highest = np.full(len(view.budget_tao), -np.inf)
    np.maximum.at(highest, view.slot_miner, amount)
    return highest[view.slot_miner]


def purse_tao(view: MinerView, spend_share: float) -> FloatArray:
    """What the slot's miner spends in all, (slot,): `spend_share` of equal shares of expected pots, if it has it."""
    equal_tao = expected_pot_tao(view) / np.maximum(view.public.n_miners[view.slot_subnet], 1)
    return np.minimum(view.budget_tao[view.slot_miner], spend_share * within_miner(view, equal_tao))


def spend_share_by_slot(view: MinerView, first: FloatArray) -> FloatArray:
    """Each slot's share of what its miner spent last, (slot,); shares of `first` (slot,) where it spent nothing."""
    spend_tao = spent_tao(view)
    idle = within_miner(view, spend_tao) <= 0
    weight = np.where(idle, first, spend_tao)
    total = within_miner(view, weight)
    n_slots = within_miner(view, np.ones(len(weight)))
    return np.divide(weight, total, out=1 / n_slots, where=total > 0)


def return_of(view: MinerView, spend_tao: FloatArray) -> FloatArray:
    """Pay per TAO that spending `spend_tao` (slot,) in one subnet alone would have brought last epoch, (slot,)."""
    pot_tao = expected_pot_tao(view)
    return np.divide(pot_tao * pot_share(view, spend_tao), spend_tao, out=np.zeros_like(spend_tao), where=spend_tao > 0)


def softmax_within_miner(view: MinerView, log_weight: FloatArray) -> FloatArray:
    """Shares proportional to exp(log_weight), (slot, level), that sum to 1 over the slots and levels of a miner."""
    highest = highest_within_miner(view, log_weight.max(axis=1))
    weight = view.public.maths.exp(log_weight - highest[:, np.newaxis])
    return weight / within_miner(view, weight.sum(axis=1))[:, np.newaxis]


def drawn(view: MinerView, share: FloatArray, draws: Draws) -> BoolArray:
    """One (slot, level) for each miner, drawn by `share`, which sums to 1 over its slots and levels."""
    n_slots, n_levels = share.shape
    order = np.argsort(view.slot_miner, kind="stable")
    miner = view.slot_miner[order]
    upto = np.cumsum(share[order].ravel())
    first = np.flatnonzero(np.diff(miner, prepend=-1))
    last = np.append(first[1:], n_slots) - 1
    start = np.where(first > 0, upto[first * n_levels - 1], 0.0)
    position = draws.uniform("action", per="member")[miner[first]]
    target = start + position * (upto[(last + 1) * n_levels - 1] - start)
    hit = np.clip(np.searchsorted(upto, target, side="right"), first * n_levels, (last + 1) * n_levels - 1)
    chosen = np.zeros(n_slots * n_levels, dtype=bool)
    chosen[hit] = True
    by_slot = np.empty((n_slots, n_levels), dtype=bool)
    by_slot[order] = chosen.reshape(n_slots, n_levels)
    return by_slot


def spend(view: MinerView, spend_tao: FloatArray, memory: Memory) -> MinerAction:
    """Action that spends `spend_tao` (slot,) in the mix of capabilities that scores most."""
    return MinerAction(resource=hardware_for(view, spend_tao, score_mix(view)[0]), memory=memory)


def levels_tao(view: MinerView, spend_share: float, n_levels: int) -> FloatArray:
    """Spending of each action, (slot, level): equal steps up to all that the miner spends."""
    return purse_tao(view, spend_share)[:, np.newaxis] * np.arange(1, n_levels + 1) / n_levels


def gain_share(view: MinerView, profit_tao: FloatArray, purse: FloatArray) -> FloatArray:
    """Profit of actions, (slot, ...), on a scale from 0 (all spent, nothing earned) to 1 (the largest pot for free)."""
    purse = purse.reshape(-1, *(1,) * (profit_tao.ndim - 1))
    range_tao = view.public.pot_tao.max(initial=0.0) + purse
    return np.divide(profit_tao + purse, range_tao, out=np.zeros_like(profit_tao), where=range_tao > 0)


def remembered(view: MinerView, name: str, first: FloatArray) -> FloatArray:
    """What the cohort noted for each slot under `name`, (slot, ...); `first` for slots that are new to it."""
    if name not in view.memory:
        return first
    return np.where(view.known.reshape(-1, *(1,) * (first.ndim - 1)), view.memory[name], first)
