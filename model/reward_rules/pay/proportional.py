"""The pay of a Tullock contest."""

from dataclasses import dataclass
from typing import Annotated

from agents.parameters import Bounds, PerSubnet
from ext.pay import proportional_weight
from model.reward_rules.pay_shape import PAYS, Pay
from model.units import FloatArray


@PAYS.register("proportional")
@dataclass(frozen=True, slots=True, kw_only=True)
class Proportional(Pay):
    """s^r / sum s^r: pay in proportion to scores, or to a power of them.

    Parameters
    ----------
    decisiveness : float or tuple of float, one per subnet
        r > 0. The default 1 pays in proportion and leaves splitting a miner into several worth nothing.

    Source: Tullock 1980, "Efficient rent seeking".
    """

    decisiveness: Annotated[PerSubnet, Bounds(0, 1e4, above=True)] = 1.0

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return proportional_weight(score, self.decisiveness)
