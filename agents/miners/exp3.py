"""The miner that tries things out and knows only what its own choices paid."""

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
    within_miner,
)
from agents.effort import spent_tao
from agents.observation import Draws, MinerAction, MinerView
from agents.parameters import Bounds
from agents.strategies import MINERS


@MINERS.register("exp3")
@dataclass(frozen=True, slots=True, kw_only=True)
class Exp3:
    """Draws a subnet and a level of spending by exponential weights of estimated gains, and sometimes at random.

    Like `hedge`, but an action's gain is known only when it was played, and then counts divided by its probability.
    It therefore needs no idea of the pay shape. It puts all on one subnet at a time, since what was earned must be
    owed to one action. With exploration g over K actions, regret over T epochs is at most
    (e - 1) g T + K ln K / g, or 2.63 sqrt(T K ln K) at the best g.

    Parameters
    ----------
    exploration : float
        Share of draws at random, in (0, 1], which is also the step of learning.
    n_levels : int
        Levels of spending to choose from, in equal steps, >= 1; 1 always spends all.
    spend_share : float
        Share of an equal split of the pots that it spends at the highest level, >= 0, as far as its budget goes.

    Source: Auer, Cesa-Bianchi, Freund, Schapire 2002, "The nonstochastic multiarmed bandit problem"; CLOSED_FORMS 5.
    """

    exploration: Annotated[float, Bounds(0, 1, above=True)] = 0.1
    n_levels: Annotated[int, Bounds(1, 100)] = 1
    spend_share: Annotated[float, Bounds(0, 1e3)] = 0.9

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        level_tao = levels_tao(view, self.spend_share, self.n_levels)
        nothing = np.zeros(level_tao.shape)
        n_actions = within_miner(view, np.full(len(level_tao), float(self.n_levels)))[:, np.newaxis]
        # 1 / probability of the action played last, 0 for all others.
        played = remembered(view, "played", nothing)
        profit_tao = view.earned_tao - spent_tao(view)
        gain = np.clip(gain_share(view, profit_tao, purse_tao(view, self.spend_share)), 0.0, 1.0)[:, np.newaxis]
        log_weight = remembered(view, "log_weight", nothing) + self.exploration * gain * played / n_actions
        share = (1 - self.exploration) * softmax_within_miner(view, log_weight) + self.exploration / n_actions
        chosen = drawn(view, share, draws)
        spend_tao = (chosen * level_tao).sum(axis=1)
        return spend(view, spend_tao, {"log_weight": log_weight, "played": chosen / share})
