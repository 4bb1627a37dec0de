"""What the page keeps of each epoch beyond the records: who earned most, Lorenz curves, and shares of spending."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.records import measures
from model.records.records import Series, share_of
from model.units import FloatArray
from model.world.rules import Rules

N_TOP = 10
# Shares of holders at which a curve is kept: closer together towards the richest, where it bends most.
HOLDER_SHARE = 1 - (1 - np.linspace(0, 1, 61)) ** 2
CURVES = ("rewards, by hotkey", "wealth, by participant")


@dataclass(slots=True)
class Past:
    """Small tables of a run on the screen, one block of rows for each epoch."""

    shares: Series
    curves: Series
    earners: Series

    @classmethod
    def of(cls, economy: Economy) -> "Past":
        """Empty tables for this economy."""
        n_top = min(N_TOP, economy.population.n_participants)
        return cls(
            shares=Series({"capability": np.array(economy.first_scenario.capabilities, dtype=object)}),
            curves=Series({"holder_share": HOLDER_SHARE}),
            earners=Series({"rank": np.arange(1, n_top + 1)}),
        )

    def note(self, economy: Economy) -> None:
        """Add the epoch that `economy` has just played."""
        epoch = economy.epoch - 1
        reward_tao, wealth_tao = economy.records.participant_tao["reward"], economy.records.participant_tao["wealth"]
        self.shares.append(epoch, {"spend_share": _spend_share(economy), "weight_share": weight_share(economy.rules)})
        held = dict(zip(CURVES, (economy.state.earned_tao.ravel(), wealth_tao), strict=True))
        self.curves.append(epoch, {name: _curve(amount) for name, amount in held.items()})
        top = np.argsort(-reward_tao, kind="stable")[: len(self.earners.label["rank"])]
        total = np.array(reward_tao.sum())
        self.earners.append(
            epoch, {"participant": top, "reward_tao": reward_tao[top], "reward_share": share_of(reward_tao[top], total)}
        )

    def lorenz(self, epoch: int) -> pd.DataFrame:
        """Lorenz curves of an epoch: holders, holder_share, amount_share."""
        parts: dict[str, Any] = {
            "holders": np.repeat(np.array(CURVES, dtype=object), len(HOLDER_SHARE)),
            "holder_share": np.tile(HOLDER_SHARE, len(CURVES)),
            "amount_share": np.concatenate([self.curves.at(epoch, name) for name in CURVES]),
        }
        return pd.DataFrame(parts)

    def top_earners(self, epoch: int, economy: Economy) -> pd.DataFrame:
        """Participants who earned most in an epoch, largest first."""
        participant = self.earners.at(epoch, "participant")
        people = economy.population
        return pd.DataFrame(
            {"rank": self.earners.label["rank"], "participant": participant,
             "role": people.role[participant], "strategy": people.strategy[participant]}
            | {name: self.earners.at(epoch, name) for name in ("reward_tao", "reward_share")}
        )  # fmt: skip


def weight_share(rules: Rules) -> FloatArray:
    """Share of each capability in a subnet's reward weights, mean over subnets, (capability,)."""
    weight = rules.reward_weight
    return np.asarray((weight / weight.sum(axis=1, keepdims=True)).mean(axis=0))


def _spend_share(economy: Economy) -> FloatArray:
    scenario = economy.first_scenario
    spend_tao = economy.records.capabilities.last("spend_tao")
    by_capability = spend_tao.reshape(scenario.subnets.count, len(scenario.capabilities)).sum(axis=0)
    return share_of(by_capability, np.array(by_capability.sum()))


def _curve(amount: FloatArray) -> FloatArray:
    return np.interp(HOLDER_SHARE, *measures.lorenz(amount))
