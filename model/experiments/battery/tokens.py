"""What the battery measures of money: issuance and its halvings, and how fast emission forgets where it started."""

import numpy as np

from ext import elementary
from model.economy import Economy
from model.units import FloatArray
from model.yardsticks.theory.tokens import SUPPLY_CAP_TAO

BLOCKS_PER_DAY = 7200
PRICE_HALF_LIFE_BLOCKS = 231_049  # of the moving price of an old subnet; CLOSED_FORMS 3.4


def issuance_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """Issuance on a day, counted from the start of the run."""
    frame = economy.records.epochs.frame()
    row = frame.loc[frame["block"] == round(float(argument) * BLOCKS_PER_DAY), "issuance_tao"]
    if row.empty:
        raise ValueError(f"issuance_tao@{argument} needs an epoch that ends on that day; there is none")
    return row.to_numpy(dtype=float)


def halving_days(economy: Economy, last: int, argument: str) -> FloatArray:
    """Days between halvings, the first counted from the start of the run, (halving,)."""
    block = economy.records.epochs.frame()["halving_block"].to_numpy(dtype=float)
    return np.diff(block[~np.isnan(block)], prepend=0.0) / BLOCKS_PER_DAY


def alpha_halving_days(economy: Economy, last: int, argument: str) -> FloatArray:
    """Days from the start of the run until the first subnet's alpha issuance reaches half of its cap.

    Reckoned on from the last epoch below it, at that epoch's pace: in the epoch that crosses, the pace changes.
    """
    frame = economy.records.subnets.frame()
    issuance = frame.loc[frame["subnet"] == 0, "alpha_issuance_alpha"].to_numpy(dtype=float)
    below = np.flatnonzero(issuance < SUPPLY_CAP_TAO / 2)
    if len(below) < 2 or len(below) == len(issuance):
        raise ValueError("alpha_halving_days needs two epochs below half of the cap and one above")
    before = below[-1]
    pace = issuance[before] - issuance[before - 1]
    epochs = before + 1 + (SUPPLY_CAP_TAO / 2 - issuance[before]) / pace
    return np.asarray(epochs * economy.rules.scenario.chain.tempo_blocks / BLOCKS_PER_DAY)


def minted_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """TAO minted in the last epoch, per block."""
    minted = economy.records.epochs.last("minted_tao")
    return minted / economy.rules.scenario.chain.tempo_blocks


def displacement_decay_ratio(economy: Economy, last: int, argument: str) -> FloatArray:
    """Decay rate of the first two subnets' log ratio of emission, over that of the moving price, in the last epochs.

    The subnets must be alike, so that their ratio ends at 1.
    """
    share = economy.records.subnets.frame()[["subnet", "emission_share"]]
    first, second = (share.loc[share["subnet"] == subnet, "emission_share"].to_numpy(dtype=float) for subnet in (0, 1))
    displacement = elementary.log(first / second)
    blocks = (last - 1) * economy.rules.scenario.chain.tempo_blocks
    rate = elementary.log(displacement[-last] / displacement[-1]) / blocks
    return np.asarray(rate * PRICE_HALF_LIFE_BLOCKS / elementary.log(2))
