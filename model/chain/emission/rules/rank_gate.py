"""The Hill gate with its threshold at a rank instead of a quantile."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.parameters import Bounds
from model.chain.emission.rules.hill_gate import RefreshBlocks, Steepness, hill
from model.chain.emission.rules.price_burn import price_share
from model.chain.emission.shares import EMISSION_RULES, N_NETUIDS, GatedRule, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("rank_gate")
@dataclass(frozen=True, slots=True, kw_only=True)
class RankGate(GatedRule):
    """Price shares through a Hill function with the threshold at the share of rank `rank`.

    With fewer than `rank` subnets of positive share the threshold is the smallest positive share.
    """

    stage: ClassVar[Stage] = "proposed"
    in_force: ClassVar[str] = "never; proposed in August 2026"
    source: ClassVar[str] = "opentensor/subtensor, pull request 3014"

    rank: Annotated[int, Bounds(1, N_NETUIDS)] = 64  # N
    steepness: Steepness = 3.0  # h
    burn: bool = True  # price shares count what is left of miner pay
    refresh_blocks: RefreshBlocks = 360

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Gated price share, (subnet,)."""
        share = price_share(signals, burn=self.burn)
        held = signals.gate_share
        return hill(share, self._threshold(share) if np.isnan(held) else held, self.steepness)

    def fresh_gate_share(self, signals: SubnetSignals) -> float:
        """Share of the subnet of rank `rank`; 0 when nobody has any."""
        return self._threshold(price_share(signals, burn=self.burn))

    def _threshold(self, share: FloatArray) -> float:
        descending = np.sort(share[share > 0])[::-1]
        return float(descending[min(self.rank, descending.size) - 1]) if descending.size else 0.0
