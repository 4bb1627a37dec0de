"""Which share of the block's TAO each subnet gets: the rules' registry, what they see, what holds for all."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from math import nan
from typing import ClassVar, Literal, Protocol

import numpy as np

from agents.registry import Registry
from model.chain.emission.apportion import in_proportion
from model.units import BoolArray, FloatArray, IntArray

N_NETUIDS = 65_536  # the chain numbers subnets in 16 bits

Stage = Literal["historic", "live", "proposed", "ours"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubnetSignals:
    """What an emission rule may look at, one entry per subnet.

    Attributes
    ----------
    netuid : (subnet,) int64
        Identity of the subnet, from 0; lower ones come first in ties.
    price_ema : (subnet,) float64
        Moving price in TAO per alpha, >= 0.
    miner_burned_share : (subnet,) float64
        Share of miner incentive withheld in the last epoch, in [0, 1].
    user_flow_ema_tao, protocol_flow_ema_tao : (subnet,) float64
        Moving averages of TAO per block that users, and the protocol, put into the pool (negative: took out).
    root_proportion : (subnet,) float64
        Share in [0, 1] of root stake in the subnet's weight.
    eligible : (subnet,) bool
        Takes part in emission at all: started, sub-token enabled, registration open.
    enabled : (subnet,) bool
        TAO emission is switched on for it.
    gate_share : float
        Threshold that a gate has held since its last refresh; NaN: none is held, the rule takes a fresh one.
    """

    netuid: IntArray
    price_ema: FloatArray
    miner_burned_share: FloatArray
    user_flow_ema_tao: FloatArray
    protocol_flow_ema_tao: FloatArray
    root_proportion: FloatArray
    eligible: BoolArray
    enabled: BoolArray
    gate_share: float = nan

    def __post_init__(self) -> None:
        for name in _PER_SUBNET:
            shape = getattr(self, name).shape
            if shape != self.netuid.shape or len(shape) != 1:
                raise ValueError(f"{name} {shape} does not fit netuid {self.netuid.shape}; both are (subnet,)")
        for name in ("price_ema", "miner_burned_share", "root_proportion"):
            if not np.all(getattr(self, name) >= 0):
                raise ValueError(f"{name} must be >= 0, is {getattr(self, name).min()}")
        for name in ("price_ema", "user_flow_ema_tao", "protocol_flow_ema_tao"):
            if not np.all(np.isfinite(getattr(self, name))):
                raise ValueError(f"{name} must be finite, is {getattr(self, name)}")
        for name in ("miner_burned_share", "root_proportion"):
            if not np.all(getattr(self, name) <= 1):
                raise ValueError(f"{name} must be <= 1, is {getattr(self, name).max()}")

    def of(self, chosen: BoolArray) -> "SubnetSignals":
        """The signals of the chosen subnets alone."""
        picked = {name: getattr(self, name)[chosen] for name in _PER_SUBNET}
        return SubnetSignals(gate_share=self.gate_share, **picked)


_PER_SUBNET = tuple(field.name for field in fields(SubnetSignals) if field.name != "gate_share")


class EmissionRule(Protocol):
    """A rule that shares out the block's TAO: a frozen dataclass of its parameters.

    `weight` sees eligible subnets only and answers with their weights before normalisation.
    """

    stage: ClassVar[Stage]
    in_force: ClassVar[str]
    source: ClassVar[str]

    def weight(self, signals: SubnetSignals) -> FloatArray:
        """Weight >= 0 of each subnet, (subnet,)."""


class GatedRule(ABC):
    """A rule with a threshold that is kept for some blocks."""

    __slots__ = ()
    refresh_blocks: int

    @abstractmethod
    def fresh_gate_share(self, signals: SubnetSignals) -> float:
        """Threshold that these signals of eligible subnets give; 0 when nobody has any weight."""


EMISSION_RULES: Registry[EmissionRule] = Registry("emission rule", "model.chain.emission.rules")


def subnet_shares(rule: EmissionRule, signals: SubnetSignals) -> FloatArray:
    """Share of the block's TAO of each subnet; sums to 1, or all are 0 when nobody may receive anything.

    Ineligible subnets are left out before the rule sees the rest. Subnets whose emission is switched off then
    lose their share to the others, pro rata; if the others have none, everybody gets 0.

    Parameters
    ----------
    rule : EmissionRule
    signals : SubnetSignals

    Returns
    -------
    (subnet,) float64

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/subnet_emissions.rs.
    """
    share = np.zeros(signals.netuid.shape)
    if not signals.eligible.any():
        return share
    share[signals.eligible] = in_proportion(rule.weight(signals.of(signals.eligible)))
    return in_proportion(np.where(signals.enabled, share, 0.0))


def held_gate_share(rule: EmissionRule, signals: SubnetSignals, block: int, blocks: int = 1) -> float:
    """Threshold that a gate holds at `block`: the one in `signals`, or a fresh one if a refresh has come due.

    Hand the answer to the next step as `signals.gate_share`. A refresh is due at every multiple of the rule's
    `refresh_blocks` within the last `blocks` blocks, and when nothing is held yet. NaN for rules without a
    gate.

    Parameters
    ----------
    rule : EmissionRule
    signals : SubnetSignals
        With the threshold held so far.
    block : int
        Current block.
    blocks : int
        Blocks that passed since the last question, `block` included.
    """
    if not isinstance(rule, GatedRule):
        return nan
    due = block // rule.refresh_blocks > (block - blocks) // rule.refresh_blocks
    if not due and not np.isnan(signals.gate_share):
        return signals.gate_share
    return rule.fresh_gate_share(signals.of(signals.eligible))
