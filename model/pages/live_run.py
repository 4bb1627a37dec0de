"""A run on the screen: its economy, a thinned history that charts can show at any length, and the edits made to it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from model import scenario_file
from model.charts.live import MOST_POINTS
from model.cohorts import StrategyError
from model.columns import concentration_name
from model.economy import Economy
from model.rules import Rules
from model.scenario import Scenario
from model.units import FloatArray

LONGEST_RUN = 10_000  # epochs; the records of a full network are 250 MB by then
FIGURES = (
    "users_value",
    "honest_share",
    "cartel_emission_share",
    *(
        concentration_name(amount, measure, holder)
        for amount, holder in (("reward", "hotkey"), ("reward", "owner"), ("wealth", "owner"))
        for measure in ("gini", "hhi", "nakamoto")
    ),
)
OPENING_EPOCHS = 24
OPENING_SEATS = 8_192  # uids; a larger network opens with one epoch, as each takes a tenth of a second


@dataclass(slots=True)
class Trace:
    """What line charts show of a run: evenly spaced epochs, at most `MOST_POINTS`, and the last one."""

    stride: int = 1
    epochs: list[int] = field(default_factory=list)
    rows: list[dict[str, FloatArray]] = field(default_factory=list)

    def append(self, epoch: int, row: dict[str, FloatArray]) -> None:
        """Add an epoch; the one before it stays only if it lies on the grid."""
        if self.epochs and self.epochs[-1] % self.stride:
            self.epochs.pop()
            self.rows.pop()
        self.epochs.append(epoch)
        self.rows.append(row)
        if len(self.epochs) >= MOST_POINTS:
            self.stride *= 2
            on_grid = [at for at, known in enumerate(self.epochs) if known % self.stride == 0 or known == epoch]
            self.epochs = [self.epochs[at] for at in on_grid]
            self.rows = [self.rows[at] for at in on_grid]

    def frame(self, label: Mapping[str, np.ndarray], *columns: str) -> pd.DataFrame:
        """Tidy table: epoch, the labels of a row, and these columns."""
        n_rows = len(next(iter(label.values())))
        table: dict[str, Any] = {"epoch": np.repeat(np.array(self.epochs, dtype=np.int64), n_rows)}
        table |= {name: np.tile(values, len(self.epochs)) for name, values in label.items()}
        for name in columns:
            table[name] = np.concatenate([row[name] for row in self.rows]) if self.rows else np.empty(0)
        return pd.DataFrame(table)


class LiveRun:
    """A run that one visitor plays, pauses, edits and starts again.

    Parameters
    ----------
    scenario : Scenario
        With what the run starts.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.playing = False
        self.until: int | None = None  # the epoch at which it pauses by itself
        self.number = 0  # of the run in this visit
        self.ticks = 0  # redraws while it played
        self.trouble = ""
        self._busy = threading.RLock()  # downloads, and redraws that a newer one has overtaken, are other threads
        self.start(scenario)

    def start(self, scenario: Scenario) -> None:
        """Begin a run of `scenario` at epoch 0; a ValueError leaves the present run as it is."""
        economy = Economy(scenario)
        with self._busy:
            self.economy, self.trace = economy, Trace()
            self.number += 1
            self.edits: list[tuple[int, dict[str, Any]]] = []
            self.base: dict[str, float] = {}
            self.base_epoch = 0
            self.until = None

    @property
    def scenario(self) -> Scenario:
        """Scenario of the coming epoch: edits made since the last one included."""
        with self._busy:
            return self.economy.coming_scenario

    def open(self) -> None:
        """Play the first epochs, so that there is something to see: always the same number of them."""
        self.play(60.0, OPENING_EPOCHS if self.economy.state.score.size <= OPENING_SEATS else 1)

    def play(self, seconds: float, most_epochs: int) -> None:
        """Play at least one epoch, and on until the time, the number or the run is over; pause on trouble."""
        self._play(seconds, most_epochs, self.number, only_if_playing=False)

    def tick(self, seconds: float, most_epochs: int) -> None:
        """Play as `play` does, but nothing once the run is paused or begun anew by somebody else meanwhile."""
        self._play(seconds, most_epochs, self.number, only_if_playing=True)

    def _play(self, seconds: float, most_epochs: int, number: int, only_if_playing: bool) -> None:
        deadline = time.perf_counter() + seconds
        for _ in range(most_epochs):
            with self._busy:
                if self.number != number or (only_if_playing and not self.playing):
                    return
                limit = LONGEST_RUN if self.until is None else min(self.until, LONGEST_RUN)
                if self.economy.epoch < limit and not self._step():
                    return
                if self.economy.epoch >= limit:
                    self.playing, self.until = False, None
                    return
            if time.perf_counter() > deadline:
                return

    def edit(self, values: Mapping[str, Any]) -> None:
        """Change rules from the coming epoch on; before the first epoch, change what the run starts with."""
        with self._busy:  # between two epochs, or the change would be noted for one that is under way
            if self.economy.epoch == 0:
                self.start(scenario_file.with_values(self.scenario, values))
                return
            self.economy.intervene(values)
            if self.edits and self.edits[-1][0] == self.economy.epoch:
                self.edits[-1][1].update(values)
            else:
                self.edits.append((self.economy.epoch, dict(values)))
                self.base, self.base_epoch = self.figures(), self.economy.epoch - 1

    def figures(self) -> dict[str, float]:
        """The last epoch's numbers by name, the first capability's share of spending among them; none at first."""
        with self._busy:
            if not self.economy.epoch:
                return {}
            figures = {name: float(self.economy.records.epochs.last(name)[0]) for name in FIGURES}
            return figures | {"first_capability_share": float(self._spend_share()[0])}

    def capabilities(self) -> pd.DataFrame:
        """The last epoch by subnet and capability, as recorded."""
        with self._busy:
            return self.economy.records.capabilities.frame(last=1)

    def capability_shares(self) -> pd.DataFrame:
        """By epoch and capability: share of all spending, and of the reward weights."""
        with self._busy:
            name = np.array(self.economy.first_scenario.capabilities, dtype=object)
            return self.trace.frame({"capability": name}, "spend_share", "weight_share")

    def strategies(self) -> pd.DataFrame:
        """By epoch, role and strategy: participants, what they earned and own."""
        with self._busy:
            groups = self.economy.groups
            label = {"role": groups.role, "strategy": groups.strategy, "participants": groups.participants}
            return self.trace.frame(label, "earned_tao", "wealth_tao")

    def reward_by_hotkey_tao(self) -> FloatArray:
        """What each uid earned in the last epoch, (hotkey,)."""
        with self._busy:
            return self.economy.state.earned_tao.ravel().copy()

    def wealth_by_owner_tao(self) -> FloatArray:
        """What each participant owns, (participant,)."""
        with self._busy:
            return self.economy.wealth_tao

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables of the run, between two epochs."""
        with self._busy:
            return self.economy.tables()

    def _step(self) -> bool:
        """Play one epoch and note what charts show of it; False, and the reason in `trouble`, if it can't be played."""
        with self._busy:
            try:
                self.economy.step()
            except (ValueError, ArithmeticError, StrategyError) as error:
                self.playing, self.until, self.trouble = False, None, str(error)
                return False
            strategies = self.economy.records.strategies
            row = {
                "spend_share": self._spend_share(),
                "weight_share": weight_share(self.economy.rules),
                "earned_tao": strategies.last("earned_tao").copy(),
                "wealth_tao": strategies.last("wealth_tao").copy(),
            }
            self.trace.append(self.economy.epoch - 1, row)
            if not self.base:
                self.base, self.base_epoch = self.figures(), self.economy.epoch - 1
            return True

    def _spend_share(self) -> FloatArray:
        scenario = self.economy.first_scenario
        spend_tao = self.economy.records.capabilities.last("spend_tao")
        by_capability = spend_tao.reshape(scenario.subnets.count, len(scenario.capabilities)).sum(axis=0)
        total = by_capability.sum()
        return np.asarray(by_capability / total if total > 0 else np.zeros_like(by_capability))


def weight_share(rules: Rules) -> FloatArray:
    """Share of each capability in a subnet's reward weights, mean over subnets, (capability,)."""
    weight = rules.reward_weight
    return np.asarray((weight / weight.sum(axis=1, keepdims=True)).mean(axis=0))
