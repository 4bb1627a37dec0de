"""The pay of a Tullock contest."""

from dataclasses import dataclass

from ext.pay import proportional_weight
from model.reward_rules.parameters import as_positive_parameter
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

    decisiveness: float | tuple[float, ...] = 1.0

    def __post_init__(self) -> None:
        as_positive_parameter(self, "decisiveness")

    def weight(self, score: FloatArray) -> FloatArray:
        """Weight rows (subnet, validator, uid)."""
        return proportional_weight(score, self.decisiveness)
