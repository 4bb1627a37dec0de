"""Shares as the designer types them in."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("fixed")
@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Each subnet gets the share typed in for it, whatever its price; without any, the first one gets all."""

    stage: ClassVar[Stage] = "ours"
    in_force: ClassVar[str] = "never"
    source: ClassVar[str] = "the sandbox's own baseline"

    share: tuple[float, ...] = (1.0,)  # by netuid from 0; subnets beyond the list get 0; scaled to sum to 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", tuple(float(each) for each in self.share))
        share = np.asarray(self.share)
        if not np.all(np.isfinite(share) & (share >= 0)) or not share.sum() > 0:
            raise ValueError(f"share must be finite, >= 0 and not all 0, is {self.share}")

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Typed share of each subnet, (subnet,)."""
        typed = np.asarray(self.share)
        listed = signals.netuid < len(typed)
        return np.where(listed, typed[np.where(listed, signals.netuid, 0)], 0.0)
