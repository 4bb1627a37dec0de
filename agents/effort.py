"""How a miner turns money into hardware: the arithmetic that strategies share."""

import numpy as np

from agents.observation import FloatArray, MinerView


def equal_share_tao(view: MinerView) -> FloatArray:
    """Equal share of the subnet's pot for each slot: pot over number of miners, (slot,), TAO."""
    public = view.public
    share = public.pot_tao / np.maximum(public.n_miners, 1)
    return share[view.slot_subnet]


def spend_to_resource(spend_tao: FloatArray, mix: FloatArray, unit_cost_tao: FloatArray) -> FloatArray:
    """Hardware that `spend_tao` rents when it is split as `mix`, (slot, capability), in units.

    Parameters
    ----------
    spend_tao : (slot,), >= 0
    mix : (slot, capability), >= 0
        Weights of the split; rows of zeros rent nothing.
    unit_cost_tao : (slot, capability), > 0
    """
    total = mix.sum(axis=1, keepdims=True)
    share = np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)
    return spend_tao[:, np.newaxis] * share / unit_cost_tao
