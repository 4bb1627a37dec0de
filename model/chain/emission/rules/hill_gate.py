"""Shares by price, pushed down smoothly below a threshold."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.parameters import Bounds
from ext import elementary
from model.chain.emission.rules.price_burn import price_share
from model.chain.emission.shares import EMISSION_RULES, GatedRule, Stage, SubnetSignals
from model.units import FloatArray

Steepness = Annotated[float, Bounds(0, 1000, above=True)]
RefreshBlocks = Annotated[int, Bounds(1, 1e9)]

_REACHED = 1e-12  # what rounding of the cumulative sum may miss of the quantile


@EMISSION_RULES.register("hill_gate")
@dataclass(frozen=True, slots=True, kw_only=True)
class HillGate(GatedRule):
    """Price shares through a Hill function: half at the threshold, a power `steepness` less far below it."""

    stage: ClassVar[Stage] = "live"
    in_force: ClassVar[str] = "since 27 July 2026 (spec 440); from 6 to 11 August 2026 (v444) without burn"
    source: ClassVar[str] = "opentensor/subtensor, pull requests 2990 and 3071; 3013 proposes quantile 0.8073"

    # Q: cumulative share, from the top, at which the threshold lies.
    quantile: Annotated[float, Bounds(0, 1, above=True)] = 0.61
    steepness: Steepness = 3.0  # h
    burn: bool = True  # price shares count what is left of miner pay
    refresh_blocks: RefreshBlocks = 360

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Gated price share, (subnet,)."""
        share = price_share(signals, burn=self.burn)
        held = signals.gate_share
        return hill(share, self._threshold(share) if np.isnan(held) else held, self.steepness)

    def fresh_gate_share(self, signals: SubnetSignals) -> float:
        """Share at which the cumulative sum from the top reaches the quantile; 0 when nobody has any."""
        return self._threshold(price_share(signals, burn=self.burn))

    def _threshold(self, share: FloatArray) -> float:
        descending = np.sort(share[share > 0])[::-1]
        if not descending.size:
            return 0.0
        reached = int(np.searchsorted(np.cumsum(descending), self.quantile - _REACHED))
        return float(descending[min(reached, descending.size - 1)])


def hill(share: FloatArray, gate_share: float, steepness: float) -> FloatArray:
    """share / (1 + (gate_share / share)^steepness), 0 where the share is 0."""
    ratio = np.divide(gate_share, share, out=np.zeros_like(share), where=share > 0)
    return share / (1.0 + elementary.power(ratio, steepness))
