"""What hardware costs those who own it: what of it they use, what they would own, what they buy and sell, and its wear.

Owned hardware is used at its running cost and bought at its full cost, which adds the wear. So a miner uses more than
it would buy: between the two answers its stock decides. That is what makes hardware sunk.
"""

import numpy as np

from model.units import FloatArray, IntArray
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


def price_tao(rules: Rules) -> FloatArray:
    """Price of a unit of each capability, (capability,)."""
    price, names = rules.scenario.miners.hardware_price_tao, rules.scenario.capabilities
    return np.array([float(price if isinstance(price, int | float) else price[name]) for name in names])


def wear_tao(rules: Rules) -> FloatArray:
    """What a unit loses in an epoch at the price of a new one, (capability,)."""
    return price_tao(rules) * rules.scenario.miners.depreciation_share


def by_miner(resource: FloatArray, slot_miner: IntArray, n_miners: int) -> FloatArray:
    """Sum over each miner's slots, (miner, capability)."""
    return np.stack([np.bincount(slot_miner, of_one, n_miners) for of_one in resource.T], axis=1)


def stock_by_uid(state: State, population: Population) -> FloatArray:
    """Hardware behind each uid, (subnet, uid, capability): an equal part of its holder's for each of its uids."""
    each = state.hardware / np.maximum(population.n_miner_uids(), 1)[:, np.newaxis]
    return np.where(population.vacant[:, :, np.newaxis], 0.0, each[population.holder])
