"""What the rule promised miners for what they scored, and what they were paid: by that they judge the pay to come."""

import numpy as np

from model.epoch.pay import Payout
from model.units import FloatArray
from model.world.rules import Rules
from model.world.state import State

MEMORY_SHARE = 1 / 8  # weight of the last epoch in the averages: half of the past is forgotten in five of them
HARDLY = 0.1  # weights are 16-bit numbers and measurements noisy: who is paid nine tenths was paid as promised
HOPE_SHARE = 1e-3  # what is still believed of a promise that is never kept: such a trace of work finds out if that ends


def note_payments(payout: Payout, state: State, rules: Rules) -> None:
    """Take the epoch into each uid's averages of the shares of the pot that it was promised and that it was paid.

    Promised is the share of its score, without noise, under the published pay, of half of the subnet's pots less what
    the owner withholds. A uid that was promised and paid nothing learns nothing.
    """
    first_miner = rules.scenario.subnets.n_validators
    promised, paid = np.zeros((2, *state.score.shape))
    # In a subnet without a pot nothing is promised.
    scored = np.where(payout.miner_pot_rao[:, np.newaxis] > 0, state.score, 0.0)[:, np.newaxis, first_miner:]
    promised[:, first_miner:] = rules.pay.weight(scored)[:, 0]
    pot_rao = np.where(promised.any(axis=1), payout.miner_pot_rao, np.inf)
    paid[:, first_miner:] = payout.incentive_rao[:, first_miner:] / pot_rao[:, np.newaxis]
    heard = (promised > 0) | (paid > 0)
    state.promised_pot_share = _averaged(state.promised_pot_share, promised, heard)
    state.paid_pot_share = _averaged(state.paid_pot_share, paid, heard)


def forget_payments(state: State) -> None:
    """Promises under other rules are no guide."""
    state.promised_pot_share, state.paid_pot_share = np.zeros((2, *state.score.shape))


def paid_ratio(state: State) -> tuple[FloatArray, FloatArray]:
    """Part of what the rule promised that was paid lately: to a subnet's miners together (subnet,), and (subnet, uid).

    In [`HOPE_SHARE`, 1]. Whoever was promised nothing yet goes by its subnet, and a subnet in which nobody was by the
    rule: 1.
    """
    promised, paid = state.promised_pot_share, state.paid_pot_share
    together = _believed(paid.sum(axis=1), promised.sum(axis=1), np.ones(len(paid)))
    return together, _believed(paid, promised, np.broadcast_to(together[:, np.newaxis], paid.shape))


def _believed(paid: FloatArray, promised: FloatArray, otherwise: FloatArray) -> FloatArray:
    kept = np.divide(paid, promised, out=otherwise.copy(), where=promised > 0)
    return np.where(kept > 1 - HARDLY, 1.0, np.maximum(kept, HOPE_SHARE))


def _averaged(average: FloatArray, now: FloatArray, heard: np.ndarray) -> FloatArray:
    return np.where(heard, average + MEMORY_SHARE * (now - average), average)
