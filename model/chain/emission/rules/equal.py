"""Equal shares."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("equal")
@dataclass(frozen=True, slots=True, kw_only=True)
class Equal:
    """Every eligible subnet gets the same: the baseline in which no demand is read."""

    stage: ClassVar[Stage] = "ours"
    in_force: ClassVar[str] = "never"
    source: ClassVar[str] = "the sandbox's own baseline"

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """1 for each subnet, (subnet,)."""
        return np.ones(signals.netuid.shape)
