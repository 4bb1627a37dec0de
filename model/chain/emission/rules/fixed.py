"""Shares as the designer types them in."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.parameters import Bounds
from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("fixed")
@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Each subnet gets the share typed in for it, whatever its price; without any, the first one gets all."""

    stage: ClassVar[Stage] = "ours"
    in_force: ClassVar[str] = "never"
    source: ClassVar[str] = "the sandbox's own baseline"

    # By netuid from 0; subnets beyond the list get 0; scaled to sum to 1.
    share: Annotated[tuple[float, ...], Bounds(0, 1e9)] = (1.0,)

    def __post_init__(self) -> None:
        if not any(self.share):
            raise ValueError(f"share of fixed must be > 0 for a subnet, is {self.share}")

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Typed share of each subnet, (subnet,)."""
        typed = np.asarray(self.share)
        listed = signals.netuid < len(typed)
        return np.where(listed, typed[np.where(listed, signals.netuid, 0)], 0.0)
