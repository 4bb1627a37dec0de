"""The miner that bets more on what would have paid, having seen what everything would have paid."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.allocation import (
    drawn,
    gain_share,
    levels_tao,
    purse_tao,
    remembered,
    softmax_within_miner,
    spend,
)
from agents.effort import expected_pot_tao, pot_share
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds
from agents.strategies import MINERS


@MINERS.register("hedge")
@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """Draws a subnet and a level of spending, with weights exp(learning_rate * sum of gains so far).

    An action's gain is the profit that it would have made against last epoch's rivals, from 0 (all spent, nothing
    earned) to 1 (the largest pot for free). It goes to one subnet at a time, as the heads of the congestion game do
    and as the theorem asks, which is about randomised choice; who wants fractions of a budget takes `replicator`.
    With learning_rate = sqrt(8 ln K / T) regret over T epochs and K actions is at most sqrt(T ln K / 2).

    Parameters
    ----------
    learning_rate : float
        > 0, per unit of gain.
    n_levels : int
        Levels of spending to choose from, in equal steps, >= 1; 1 always spends all.
    spend_share : float
        Share of an equal split of the pots that it spends at the highest level, >= 0, as far as its budget goes.

    Source: Freund, Schapire 1997, "A decision-theoretic generalization of on-line learning"; Cesa-Bianchi, Lugosi
    2006, theorem 2.2, for the rate; CLOSED_FORMS 5.
    """

    learning_rate: Annotated[float, Bounds(0, 1e3, above=True)] = 0.1
    n_levels: Annotated[int, Bounds(1, 100)] = 1
    spend_share: Annotated[float, Bounds(0, 1e3)] = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        level_tao = levels_tao(view, self.spend_share, self.n_levels)
        log_weight = remembered(view, "log_weight", np.zeros(level_tao.shape))
        if view.known.any():
            pot_tao = expected_pot_tao(view)[:, np.newaxis]
            profit_tao = pot_tao * pot_share(view, level_tao) - level_tao
            gain = gain_share(view, profit_tao, purse_tao(view, self.spend_share))
            log_weight = log_weight + self.learning_rate * np.where(view.known[:, np.newaxis], gain, 0.0)
        chosen = drawn(view, softmax_within_miner(view, log_weight), draws)
        return spend(view, (chosen * level_tao).sum(axis=1), {"log_weight": log_weight})
