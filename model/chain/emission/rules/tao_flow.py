"""Shares by net inflow of users' TAO."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.parameters import Bounds
from ext import elementary
from model.chain.emission.apportion import in_proportion
from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray

CutoffTao = Annotated[float, Bounds(-21e6, 21e6)]
FlowExponent = Annotated[float, Bounds(0, 100, above=True)]


@EMISSION_RULES.register("tao_flow")
@dataclass(frozen=True, slots=True, kw_only=True)
class TaoFlow:
    """TAO follows the moving average of what users stake less what they unstake."""

    stage: ClassVar[Stage] = "historic"
    in_force: ClassVar[str] = "November 2025 to May 2026"
    source: ClassVar[str] = "subtensor 14bc6f9, pallets/subtensor/src/coinbase/subnet_emissions.rs, now uncalled"

    cutoff_tao: CutoffTao = 0.0  # flow per block that earns nothing yet
    exponent: FlowExponent = 1.0  # FlowNormExponent, 1..2 on chain

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Power of the flow above the lower limit, (subnet,)."""
        return weight_of_flow(signals.user_flow_ema_tao, self.cutoff_tao, self.exponent)


def weight_of_flow(flow_tao: FloatArray, cutoff_tao: float, exponent: float) -> FloatArray:
    """max(flow - L, 0)^exponent with L = max(cutoff, min(0, smallest flow)), scaled to sum to 1."""
    limit_tao = max(cutoff_tao, min(0.0, float(flow_tao.min(initial=0.0))))
    return power_in_proportion(np.maximum(flow_tao - limit_tao, 0.0), exponent)


def power_in_proportion(value: FloatArray, exponent: float) -> FloatArray:
    """value^exponent over its sum; all 0 stays all 0. Scaled by the largest first, so nothing overflows."""
    largest = value.max(initial=0.0)
    if largest == 0:
        return np.zeros_like(value)
    return in_proportion(elementary.power(value / largest, exponent))
