"""How those who were caught lying come back before their exclusion ends: by paying, as for a new identity."""

import numpy as np

from model.units import BoolArray, IntArray, to_rao
from model.world import trading
from model.world.ledger import Ledger
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


def reenter(
    population: Population, state: State, rules: Rules, ledger: Ledger, excluded: BoolArray
) -> tuple[IntArray, IntArray]:
    """Let those who were caught buy an end to their exclusion, as a new identity would: whoever has the money does.

    Returns
    -------
    reentries : (subnet,) int64
    paid_rao : (participant,) int64
        TAO for re-entry; it goes where the price of a uid goes.
    """
    subnet, uid = np.nonzero(excluded)
    holder, fee_rao = population.holder[subnet, uid], to_rao(rules.scenario.reward.reentry_fee_tao)
    can_pay = (_rank_within(holder) + 1.0) * fee_rao <= state.purse_rao[holder]
    subnet, uid, holder = subnet[can_pay], uid[can_pay], holder[can_pay]
    count, paid_rao = np.bincount(subnet, minlength=len(excluded)), np.zeros_like(state.purse_rao)
    if fee_rao and len(subnet):
        spent_rao, recycled_rao = trading.buy_and_recycle(state, rules, count * fee_rao)
        ledger.returned_alpha = ledger.returned_alpha + recycled_rao
        accepted = spent_rao[subnet] > 0
        subnet, uid, holder = subnet[accepted], uid[accepted], holder[accepted]
        count = np.where(spent_rao > 0, count, 0)
        # Where the pool took less than was offered, the first pay a rao more than the others.
        each_rao, odd_rao = spent_rao[subnet] // count[subnet], spent_rao[subnet] % count[subnet]
        np.add.at(paid_rao, holder, each_rao + (_rank_within(subnet) < odd_rao))
        state.purse_rao = state.purse_rao - paid_rao
    state.excluded_until[subnet, uid] = 0
    return count, paid_rao


def _rank_within(group: IntArray) -> IntArray:
    """How many entries before each belong to the same group, (entry,)."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    rank = np.empty_like(group)
    rank[order] = np.arange(len(group)) - np.searchsorted(ordered, ordered)
    return rank
