"""Shares by moving price and what is left of miner pay."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.chain.emission.apportion import in_proportion
from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("price_burn")
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBurn:
    """TAO follows price, less the fraction of miner pay withheld; plain price if everybody burns all."""

    stage: ClassVar[Stage] = "historic"
    in_force: ClassVar[str] = "30 June 2026 (spec 425) to 27 July 2026"
    source: ClassVar[str] = "subtensor 14bc6f9, pallets/subtensor/src/coinbase/subnet_emissions.rs"

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Moving price x (1 - burned), or the moving price if that is 0 for all, (subnet,)."""
        return price_share(signals, burn=True)


def price_share(signals: SubnetSignals, *, burn: bool) -> FloatArray:
    """Shares by moving price, with (`price_burn`) or without the factor for withheld miner pay, (subnet,)."""
    share = in_proportion(signals.price_ema)
    kept = share * (1.0 - signals.miner_burned_share) if burn else share
    return in_proportion(kept if np.any(kept > 0) else share)
