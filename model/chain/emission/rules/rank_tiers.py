"""Fixed parts of emission for tiers of ranks, after the Hill gate."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.parameters import Bounds
from model.chain.emission.apportion import in_proportion
from model.chain.emission.rules.hill_gate import HillGate, RefreshBlocks, Steepness
from model.chain.emission.shares import EMISSION_RULES, N_NETUIDS, GatedRule, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("rank_tiers")
@dataclass(frozen=True, slots=True, kw_only=True)
class RankTiers(GatedRule):
    """Subnets are ranked by gated share; each tier shares a fixed part pro rata, those below get nothing.

    Ties go to the lower netuid. The part of a tier that nobody fills goes to the filled ones pro rata.
    """

    stage: ClassVar[Stage] = "proposed"
    in_force: ClassVar[str] = "never; proposed in August 2026"
    source: ClassVar[str] = "opentensor/subtensor, pull request 3010"

    tier_size: Annotated[tuple[int, ...], Bounds(1, N_NETUIDS)] = (32, 32)
    tier_share: Annotated[tuple[float, ...], Bounds(0, 1)] = (0.75, 0.25)
    quantile: Annotated[float, Bounds(0, 1, above=True)] = 0.61  # of the gate before the ranking
    steepness: Steepness = 3.0
    burn: bool = True
    refresh_blocks: RefreshBlocks = 360

    def __post_init__(self) -> None:
        if len(self.tier_size) != len(self.tier_share):
            raise ValueError(f"tier_share {self.tier_share} does not fit tier_size {self.tier_size}")
        if not abs(sum(self.tier_share) - 1) < 1e-9:
            raise ValueError(f"tier_share must sum to 1, is {self.tier_share}")

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Part of the subnet's tier by its gated share, (subnet,)."""
        gated = self._gate().weight(signals)
        order = np.lexsort((signals.netuid, -gated))
        weight = np.zeros_like(gated)
        start = 0
        for size, part in zip(self.tier_size, self.tier_share, strict=True):
            tier = order[start : start + size]
            weight[tier] = part * in_proportion(gated[tier])
            start += size
        return weight

    def fresh_gate_share(self, signals: SubnetSignals) -> float:
        """Threshold of the gate before the ranking."""
        return self._gate().fresh_gate_share(signals)

    def _gate(self) -> HillGate:
        return HillGate(
            quantile=self.quantile,
            steepness=self.steepness,
            burn=self.burn,
            refresh_blocks=self.refresh_blocks,
        )
