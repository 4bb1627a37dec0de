"""The one place where rao (int) and TAO or alpha (float) meet, and where the chain's fixed ratios are read.

Source: subtensor 14bc6f9, common/src/lib.rs (rao, block time) and runtime/src/lib.rs (ratios).
"""

import numpy as np
from numpy.typing import NDArray

RAO_PER_TAO = 10**9
BLOCK_SECONDS = 12
BLOCKS_PER_DAY = 86_400 // BLOCK_SECONDS
SUPPLY_CAP = 21_000_000  # TAO of the network, and alpha of each of its subnets
SUPPLY_CAP_RAO = SUPPLY_CAP * RAO_PER_TAO
U16_MAX = 65_535

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def to_rao(amount_tao: float) -> int:
    """Whole rao in `amount_tao`, rounded to the nearest: the border where a designer's number enters the chain."""
    return round(amount_tao * RAO_PER_TAO)


def to_tao(amount_rao: IntArray | int) -> FloatArray | float:
    """TAO (or alpha) in `amount_rao` as float64."""
    return amount_rao / RAO_PER_TAO
