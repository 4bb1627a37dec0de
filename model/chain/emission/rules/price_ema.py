"""Shares by moving price: the first dTAO rule."""

from dataclasses import dataclass
from typing import ClassVar

from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("price_ema")
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEma:
    """TAO follows the moving price of a subnet's alpha."""

    stage: ClassVar[Stage] = "historic"
    in_force: ClassVar[str] = "February 2025 to November 2025"
    source: ClassVar[str] = "opentensor/subtensor, dTAO launch"

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Moving price, (subnet,)."""
        return signals.price_ema
