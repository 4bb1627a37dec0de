"""What it costs miners to stay, and what they are left with: the record by which they come and go."""

import numpy as np

from model.units import FloatArray, IntArray, to_rao
from model.world import hardware
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


def charge_identities(state: State, rules: Rules, population: Population) -> IntArray:
    """Burn what miners' uids cost for an epoch; what each participant paid, as far as it could, (participant,), rao."""
    fee_rao = to_rao(rules.scenario.registration.identity_cost_tao)
    if not fee_rao:
        return np.zeros_like(state.purse_rao)
    paid_rao = np.minimum(population.n_miner_uids() * fee_rao, state.purse_rao)
    state.purse_rao = state.purse_rao - paid_rao
    state.burned_tao_rao += int(paid_rao.sum())
    return paid_rao


def note_who_is_below(profit_tao: FloatArray, state: State, rules: Rules, population: Population) -> None:
    """Note which miners have earned less than their outside option, in the epoch and in how many before it.

    Parameters
    ----------
    profit_tao : (participant,)
    """
    miners = rules.scenario.miners
    if miners.exit_window_epochs:
        stays_below = (profit_tao < miners.outside_option_tao) & (population.n_miner_uids() > 0)
        state.below_epochs = np.where(stays_below, state.below_epochs + 1, 0)


def note_crowd(
    earned_tao: FloatArray, paid_tao: FloatArray, state: State, rules: Rules, population: Population
) -> None:
    """Note what share of the pot miners are left with where there are so many of them, before identities.

    Parameters
    ----------
    earned_tao, paid_tao : (subnet, uid)
        Pay, and costs of hardware and fines, of the epoch; owned hardware is in it by its wear.
    """
    first = rules.scenario.subnets.n_validators
    pot_tao = earned_tao[:, first:].sum(axis=1)
    cost_tao = paid_tao[:, first:].sum(axis=1)
    if rules.scenario.miners.hardware == "owned":
        worn = hardware.stock_by_uid(state, population).sum(axis=1)
        cost_tao = cost_tao + (worn * hardware.wear_tao(rules)).sum(axis=1)
    n_miners = population.n_seated(rules.scenario.subnets.n_miners)
    paid = np.flatnonzero((pot_tao > 0) & (n_miners > 0))
    left_share = 1 - cost_tao[paid] / pot_tao[paid]
    state.crowd_profit_share[paid, n_miners[paid]] = left_share / n_miners[paid]
