"""The miner that works for the metric."""

from dataclasses import dataclass

from agents.allocation import spend
from agents.effort import equal_share_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Share
from agents.strategies import MINERS


@MINERS.register("metric_maximizer")
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricMaximizer:
    """Spends what an honest miner spends, on the mix of capabilities that scores most under the subnet's rule.

    Parameters
    ----------
    spend_share : float
        Share of an equal split of the pot that it spends, in [0, 1].

    Source: Goodhart's law; effort split of a scored contest, CLOSED_FORMS 1.11.
    """

    spend_share: Share = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        return spend(view, self.spend_share * equal_share_tao(view), {})
