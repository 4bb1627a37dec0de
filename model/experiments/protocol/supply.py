"""How issuance grows from a day on, and on which days the block's TAO halves, by the chain's own function."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from model.bounds import within
from model.chain.emission.issuance import block_emission_rao, mint
from model.units import BLOCKS_PER_DAY, RAO_PER_TAO, SUPPLY_CAP, to_rao

MOST_YEARS = 100
DAYS_PER_YEAR = 365.25
N_POINTS = 200


class Supply(NamedTuple):
    """Issuance along the path, and a row per halving; columns day, issuance_tao, tao_per_day, rao_per_block."""

    path: pd.DataFrame
    halvings: pd.DataFrame


def supply(start_tao: float, recycled_share: float, years: float) -> Supply:
    """Issuance from `start_tao` on when a share of what is minted is taken back from issuance.

    Halvings follow issuance, not time. Taken back block by block, a share r lets it grow as if only 1 - r of the
    blocks came, which is how it is computed here.

    Parameters
    ----------
    start_tao : float
        Total issuance on day 0, in [0, 21e6].
    recycled_share : float
        Of minted TAO, in [0, 1].
    years : float
        Length of the path, in (0, 100].

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    within("start_tao", start_tao, 0, SUPPLY_CAP)
    within("recycled_share", recycled_share, 0, 1)
    within("years", years, 0, MOST_YEARS, above=True)
    start_rao, kept_share = to_rao(start_tao), 1 - recycled_share
    n_blocks = round(years * DAYS_PER_YEAR * BLOCKS_PER_DAY)
    halving_block = mint(start_rao, round(kept_share * n_blocks)).halving_block
    return Supply(
        path=_points(start_rao, np.linspace(0, n_blocks, N_POINTS), kept_share),
        halvings=_points(start_rao, np.array(halving_block) / (kept_share or 1.0), kept_share),
    )


def _points(start_rao: int, block: np.ndarray, kept_share: float) -> pd.DataFrame:
    issuance_rao = [start_rao + mint(start_rao, round(kept_share * one)).total_rao for one in block.tolist()]
    emission_rao = np.array([block_emission_rao(one) for one in issuance_rao], dtype=np.int64)
    return pd.DataFrame(
        {
            "day": block / BLOCKS_PER_DAY,
            "issuance_tao": np.array(issuance_rao, dtype=np.float64) / RAO_PER_TAO,
            "tao_per_day": emission_rao * BLOCKS_PER_DAY / RAO_PER_TAO,
            "rao_per_block": emission_rao,
        }
    )
