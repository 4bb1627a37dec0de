"""Shares by users' flow less the protocol's own."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.chain.emission.rules.tao_flow import CutoffTao, FlowExponent, weight_of_flow
from model.chain.emission.shares import EMISSION_RULES, Stage, SubnetSignals
from model.units import FloatArray


@EMISSION_RULES.register("net_flow")
@dataclass(frozen=True, slots=True, kw_only=True)
class NetFlow:
    """As `tao_flow` after taking off what the protocol itself put in, so that a subsidy earns no subsidy."""

    stage: ClassVar[Stage] = "historic"
    in_force: ClassVar[str] = "May 2026 to 22 June 2026"
    source: ClassVar[str] = "opentensor/subtensor, pull request 2634"

    cutoff_tao: CutoffTao = 0.0  # flow per block that earns nothing yet
    exponent: FlowExponent = 1.0  # FlowNormExponent, 1..2 on chain

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Power of the net flow above the lower limit, (subnet,)."""
        user, protocol = signals.user_flow_ema_tao, signals.protocol_flow_ema_tao
        put_in = np.maximum(protocol, 0.0)
        normaliser = min(1.0, np.maximum(user, 0.0).sum() / put_in.sum()) if put_in.any() else 0.0
        net_tao = user - normaliser * put_in + np.maximum(-protocol, 0.0)
        return weight_of_flow(net_tao, self.cutoff_tao, self.exponent)
