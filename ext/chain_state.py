"""What one epoch of one subnet reads, in the chain's own units: its parameters and its stored state.

Source: subtensor 14bc6f9, CHAIN 3 and 8.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ext.fixed_point import U16_MAX
from ext.fixed_vectors import Rows

__all__ = ["LOWEST_ALPHA_U16", "PARTS_PER_MILLION", "EpochRule", "SubnetSnapshot", "alpha_refusal"]

PARTS_PER_MILLION = 1_000_000
LOWEST_ALPHA_U16 = 1_638  # 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRule:
    """Parameters of a subnet as the chain stores them (CHAIN 8.2 for defaults and ranges)."""

    kappa_u16: int = 32_767
    bonds_penalty_u16: int = 65_535
    bonds_moving_average_ppm: int = 900_000  # weight of the old bond
    liquid_alpha: bool = False  # acts with yuma3 only
    alpha_low_u16: int = 45_875
    alpha_high_u16: int = 58_982
    alpha_sigmoid_steepness_hundredths: int = 1_000
    yuma3: bool = True
    max_allowed_validators: int = 64
    stake_threshold_rao: int = 0
    tempo_blocks: int = 360
    activity_cutoff_factor_milli: int = 13_889  # thousandths of a tempo
    commit_reveal: bool = True

    def __post_init__(self) -> None:
        for name in ("kappa_u16", "bonds_penalty_u16", "alpha_low_u16", "alpha_high_u16"):
            if not 0 <= getattr(self, name) <= U16_MAX:
                raise ValueError(f"{name} must lie in [0, 65535], is {getattr(self, name)}")
        if not 0 <= self.bonds_moving_average_ppm <= PARTS_PER_MILLION:
            raise ValueError(f"bonds_moving_average_ppm must lie in [0, 1000000], is {self.bonds_moving_average_ppm}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetSnapshot:
    """What the epoch reads of a subnet. Lists are indexed by uid; matrices are rows of (uid, u16) pairs."""

    block: int
    emission_rao: int
    stake_rao: Sequence[int]
    last_update_block: Sequence[int]
    registered_block: Sequence[int]
    weight_u16: Rows  # as stored, the largest of a row at 65535
    bond_u16: Rows
    permit: Sequence[bool]
    commit_block: Sequence[int] = ()  # earliest unexpired commit; empty = nobody has one
    owner_uid: int | None = None
    last_step_block: int = 0  # block of the last epoch that ran; 0 = never

    def __post_init__(self) -> None:
        n_uids = len(self.stake_rao)
        for name in ("last_update_block", "registered_block", "weight_u16", "bond_u16", "permit"):
            if len(getattr(self, name)) != n_uids:
                raise ValueError(f"{name} must have {n_uids} entries, one per uid, has {len(getattr(self, name))}")
        if len(self.commit_block) not in (0, n_uids):
            raise ValueError(f"commit_block must have {n_uids} entries or none, has {len(self.commit_block)}")
        if self.owner_uid is not None and not 0 <= self.owner_uid < n_uids:
            raise ValueError(f"owner_uid must lie in [0, {n_uids}), is {self.owner_uid}")
        for name in ("weight_u16", "bond_u16"):
            for uid, row in enumerate(getattr(self, name)):
                if any(not (0 <= column < n_uids and 0 <= value <= 65_535) for column, value in row):
                    raise ValueError(f"{name}[{uid}] must hold (uid below {n_uids}, u16) pairs")


def alpha_refusal(alpha_low_u16: int, alpha_high_u16: int, *, liquid_alpha: bool = True) -> str | None:
    """Return the chain's name for why an owner may not set these liquid-alpha limits, None when it may."""
    if not liquid_alpha:
        return "LiquidAlphaDisabled"
    if alpha_high_u16 < LOWEST_ALPHA_U16:
        return "AlphaHighTooLow"
    if not LOWEST_ALPHA_U16 <= alpha_low_u16 <= alpha_high_u16:
        return "AlphaLowOutOfRange"
    return None
