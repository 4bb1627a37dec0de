"""The consensus of one small subnet, cell by cell: what the kernel makes of a table of votes and stakes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ext.consensus import YumaEpoch, yuma_epoch
from ext.reference import norm
from model.bounds import no_such, within
from model.units import BoolArray, FloatArray

MOST_EPOCHS = 200
LARGEST_VOTE = 1e12
ROUNDING = 1e-12  # weights closer than this are the same; the kernel counts votes to the same precision
VARIANTS = {"yuma3": True, "yuma2": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """What validators of a small subnet bring.

    stake (validator,) : in any unit, >= 0
    weight (validator, miner) : in any unit, >= 0; a row of zeros abstains
    """

    stake: FloatArray
    weight: FloatArray

    def __post_init__(self) -> None:
        if self.weight.ndim != 2 or self.stake.shape != self.weight.shape[:1]:
            raise ValueError(f"weight {self.weight.shape} must be (validator, miner) and fit stake {self.stake.shape}")
        cells = [(f"stake of V{v + 1}", value) for v, value in enumerate(self.stake)]
        cells += [(f"weight of V{v + 1} on M{m + 1}", value) for (v, m), value in np.ndenumerate(self.weight)]
        for name, value in cells:
            if not 0 <= value <= LARGEST_VOTE:
                shown = "empty" if np.isnan(value) else f"{value:g}"
                raise ValueError(f"{name} must be a number from 0 to {LARGEST_VOTE:g}, is {shown}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What consensus makes of the votes, cell by cell.

    stake_share, trust, dividend (validator,) : trust is the sum of what is left of a row after clipping
    weight, kept, bond (validator, miner) : rows normalised; what is left after clipping; bonds after the last epoch
    consensus, incentive (miner,)
    """

    stake_share: FloatArray
    weight: FloatArray
    consensus: FloatArray
    kept: FloatArray
    trust: FloatArray
    incentive: FloatArray
    bond: FloatArray
    dividend: FloatArray

    @property
    def clipped(self) -> BoolArray:
        """Which weights lie above the consensus, (validator, miner)."""
        return np.asarray(self.weight > self.consensus + ROUNDING)


PRESETS: dict[str, Votes] = {
    name: Votes(stake=np.array(stake, dtype=np.float64), weight=np.array(weight, dtype=np.float64))
    for name, stake, weight in (
        (
            "honest",
            [40, 30, 20, 10],
            [[30, 25, 20, 15, 10], [28, 27, 20, 15, 10], [31, 24, 19, 15, 11], [30, 25, 22, 14, 9]],
        ),
        (
            "one liar",
            [40, 30, 20, 10],
            [[30, 25, 20, 15, 10], [28, 27, 20, 15, 10], [31, 24, 19, 15, 11], [0, 0, 0, 0, 100]],
        ),
        (
            "cartel with 40 %",
            [30, 30, 25, 15],
            [[30, 25, 20, 15, 10], [28, 27, 20, 15, 10], [0, 0, 0, 50, 50], [0, 0, 0, 50, 50]],
        ),
        (
            "cartel with 60 %",
            [20, 20, 35, 25],
            [[30, 25, 20, 15, 10], [28, 27, 20, 15, 10], [0, 0, 0, 50, 50], [0, 0, 0, 50, 50]],
        ),
    )
}


def cells(votes: Votes, kappa: float, bonds_penalty: float, n_epochs: int, variant: str = "yuma3") -> Cells:
    """What an epoch of Yuma consensus makes of the votes, after `n_epochs` with the same ones.

    Parameters
    ----------
    kappa : float
        Stake share that must support a weight, in (0, 1].
    bonds_penalty : float
        How much of a weight above consensus is taken away before bonding, in [0, 1].
    n_epochs : int
        In [1, 200]; bonds start at 0 and are carried from epoch to epoch.
    variant : str
        One of `VARIANTS`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    within("n_epochs", n_epochs, 1, MOST_EPOCHS)
    if variant not in VARIANTS:
        raise ValueError(no_such("variant", variant, VARIANTS))
    n_validators, n_miners = votes.weight.shape
    weight = np.zeros((1, n_validators, n_validators + n_miners))
    weight[0, :, n_validators:] = votes.weight
    stake = np.zeros((1, n_validators + n_miners))
    stake[0, :n_validators] = votes.stake
    epoch = _epoch(weight, stake, np.zeros_like(weight), kappa, bonds_penalty, yuma3=VARIANTS[variant])
    for _ in range(n_epochs - 1):
        epoch = _epoch(weight, stake, epoch.bond, kappa, bonds_penalty, yuma3=VARIANTS[variant])
    miners = slice(n_validators, None)
    row = norm(votes.weight)
    return Cells(
        stake_share=epoch.stake_share[0, :n_validators],
        weight=row,
        consensus=epoch.consensus[0, miners],
        kept=np.minimum(row, epoch.consensus[0, miners]),
        trust=epoch.validator_trust[0, :n_validators],
        incentive=epoch.incentive[0, miners],
        bond=epoch.bond[0, :, miners],
        dividend=epoch.dividend[0, :n_validators],
    )


def cell_table(found: Cells) -> pd.DataFrame:
    """One row per validator and miner, numbered from 1: its weight, what is left of it, bond, and pay."""
    n_validators, n_miners = found.weight.shape
    validator, miner = (one.ravel() for one in np.indices((n_validators, n_miners)))
    return pd.DataFrame(
        {
            "validator": validator + 1,
            "miner": miner + 1,
            "stake_share": found.stake_share[validator],
            "weight_share": found.weight.ravel(),
            "consensus_share": found.consensus[miner],
            "kept_weight_share": found.kept.ravel(),
            "bond_share": found.bond.ravel(),
            "trust_share": found.trust[validator],
            "incentive_share": found.incentive[miner],
            "dividend_share": found.dividend[validator],
        }
    )


def support(found: Cells, miner: int) -> tuple[FloatArray, FloatArray]:
    """Weights that a miner was given, from the largest down, and the stake share that gives it at least as much."""
    column = found.weight[:, miner]
    given = np.unique(np.round(column, 12))[::-1]
    behind = [found.stake_share[column >= weight - ROUNDING].sum() for weight in given]
    return given, np.array(behind)


def _epoch(
    weight: FloatArray, stake: FloatArray, bond: FloatArray, kappa: float, bonds_penalty: float, *, yuma3: bool
) -> YumaEpoch:
    uid = np.arange(weight.shape[1])[np.newaxis]
    return yuma_epoch(
        weight, stake, bond, uid, kappa=kappa, bonds_penalty=bonds_penalty, yuma3=yuma3,
        max_validators=weight.shape[1], quantise_bonds=False,
    )  # fmt: skip
