"""Shares by moving price, root proportion and what is left of miner pay."""

from dataclasses import dataclass
from typing import ClassVar

from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("price_root_burn")
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRootBurn:
    """TAO follows price, and favours subnets with much root stake against their own issuance: young ones."""

    stage: ClassVar[Stage] = "historic"
    in_force: ClassVar[str] = "22 June 2026 to 30 June 2026"
    source: ClassVar[str] = "opentensor/subtensor, spec 421, pull request 2781"

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Moving price x root proportion x (1 - burned), (subnet,)."""
        return signals.price_ema * signals.root_proportion * (1.0 - signals.miner_burned_share)
