"""A run on the screen: its economy, its all-honest twin, what the page keeps of each epoch, and the edits to it."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from model.charts.lines import stride
from model.economy import Economy
from model.epoch.asking import StrategyError
from model.experiments.baselines import all_honest
from model.experiments.runs.run import archive
from model.pages.limits import LONGEST_RUN_EPOCHS, check_size
from model.pages.sandbox.past import Past
from model.records.columns import concentration_name
from model.records.settling import Settling
from model.scenario import scenario_file
from model.scenario.interventions import Intervention
from model.scenario.scenario import Scenario
from model.units import FloatArray
from model.world.ledger import ConservationError

FIGURES = (
    "users_value",
    "honest_share",
    "miner_profit_tao",
    "paid_from_purse_share",
    "cartel_emission_share",
    concentration_name("reward", "gini", "participant"),
    concentration_name("reward", "nakamoto", "participant"),
)
COUNTS = ("miners", "lied", "audits")  # of the table of subnets, added up
HARDWARE = {
    True: "hardware_units",
    False: "resource_units",
}  # of the capabilities' table, by whether it is owned
OPENING_EPOCHS = 24
OPENING_SEATS = 8_192  # uids; a larger network opens with fewer epochs, of a tenth of a second each, and has no twin
LARGE_OPENING_EPOCHS = 6
BREAKDOWNS = (ValueError, ArithmeticError, StrategyError, ConservationError)


class LiveRun:
    """A run that one visitor plays, pauses, edits and starts again.

    Parameters
    ----------
    scenario : Scenario
        With what the run starts.
    interventions : iterable of Intervention
        Edits that are to be made again while it plays.
    preset : str
        Shipped scenario by which it is described. It is kept here, not in the visit's state: a second click ends the
        first one's callback at its next look at that state, and a run would have begun under another's name.
    """

    def __init__(self, scenario: Scenario, interventions: Iterable[Intervention] = (), preset: str = "") -> None:
        self.playing = False
        self.number = 0  # of the run in this visit
        self.ticks = 0  # redraws while it played
        self.trouble = ""
        self._busy = threading.RLock()  # downloads, and redraws that a newer one has overtaken, are other threads
        self.preset = preset
        self.start(scenario, interventions)

    def start(self, scenario: Scenario, interventions: Iterable[Intervention] = (), preset: str = "") -> None:
        """Begin a run of `scenario` at epoch 0, of the same preset unless another is named.

        A ValueError leaves the present run as it is.
        """
        check_size(scenario)
        economy = Economy(scenario, interventions=interventions)
        twin = _twin(economy)
        with self._busy:
            self.economy, self.twin, self.past = economy, twin, Past.of(economy)
            self.preset = preset or self.preset
            self.number += 1
            self.until: int | None = None  # the epoch at which it pauses by itself
            self.hurrying = False  # it plays as fast as it can until then
            self.shown: int | None = None  # the epoch that is looked back at

    @property
    def scenario(self) -> Scenario:
        """Scenario of the coming epoch: edits made since the last one included."""
        with self._busy:
            return self.economy.coming_scenario

    @property
    def epoch(self) -> int:
        """The epoch on the screen, -1 before the first: the last one played, unless an earlier one is looked at."""
        with self._busy:
            return self.economy.epoch - 1 if self.shown is None else min(self.shown, self.economy.epoch - 1)

    @property
    def owns_hardware(self) -> bool:
        """Whether miners own their hardware, so that it stays when they don't use it."""
        return self.economy.first_scenario.miners.hardware == "owned"

    @property
    def edits(self) -> list[tuple[int, dict[str, Any]]]:
        """Edits up to now by their first epoch, in order; those for one epoch together."""
        merged: dict[int, dict[str, Any]] = {}
        with self._busy:
            for change in sorted(self.economy.interventions, key=lambda change: change.epoch):
                if change.epoch <= self.economy.epoch:
                    merged.setdefault(change.epoch, {}).update(change.values)
        return list(merged.items())

    @property
    def base_epoch(self) -> int:
        """Epoch with which figures are compared: the last one before the latest edit in force, or the first."""
        earlier = [epoch for epoch, _ in self.edits if 0 < epoch <= self.epoch + 1]
        return earlier[-1] - 1 if earlier else 0

    def open(self) -> None:
        """Play the first epochs, so that there is something to see: always the same number of them."""
        self.play(60.0, OPENING_EPOCHS if self.economy.state.score.size <= OPENING_SEATS else LARGE_OPENING_EPOCHS)
        self.follow(60.0)

    def play(self, seconds: float, most_epochs: int) -> None:
        """Play at least one epoch, and on until the time, the number or the run is over; pause on trouble."""
        self._play(seconds, most_epochs, self.number, only_if_playing=False)

    def tick(self, seconds: float, most_epochs: int) -> None:
        """Play as `play` does, but nothing once the run is paused or begun anew by somebody else meanwhile."""
        self._play(seconds, most_epochs, self.number, only_if_playing=True)

    def follow(self, seconds: float) -> None:
        """Let the all-honest twin catch up for at most this time; one that breaks down is given up."""
        deadline = time.perf_counter() + seconds
        while self.is_twin_behind() and time.perf_counter() < deadline:
            with self._busy:
                try:
                    if self.twin is not None:
                        self.twin.step()
                except BREAKDOWNS:
                    self.twin = None

    def is_twin_behind(self) -> bool:
        """Whether the twin has epochs to play."""
        with self._busy:
            return self.twin is not None and self.twin.epoch < self.economy.epoch

    def go_to(self, epoch: int) -> None:
        """Show an epoch that has been played, or play up to one that has not."""
        with self._busy:
            self.trouble = ""
            if epoch < self.economy.epoch:
                self.playing, self.until = False, None
                self.shown = epoch if epoch < self.economy.epoch - 1 else None
            else:
                self.playing, self.until, self.shown = True, min(epoch + 1, LONGEST_RUN_EPOCHS), None
            self.hurrying = self.playing

    def edit(self, values: Mapping[str, Any]) -> None:
        """Change rules from the coming epoch on; before the first epoch, change what the run starts with."""
        with self._busy:
            if self.economy.epoch == 0:
                self.start(scenario_file.with_values(self.scenario, values), self.economy.interventions)
                return
            self.economy.intervene(values)
            self.shown = None
            if self.twin is not None:
                self.twin.intervene(values, self.economy.epoch)

    def figures(self, epoch: int) -> dict[str, float]:
        """An epoch's numbers by name, the first capability's share of spending among them; none before the first."""
        with self._busy:
            if not 0 <= epoch < self.economy.epoch:
                return {}
            records = self.economy.records
            figures = {name: float(records.epochs.at(epoch, name)[0]) for name in FIGURES}
            figures |= {name: float(records.subnets.at(epoch, name).sum()) for name in COUNTS}
            figures |= {f"{name}_share": figures[name] / max(figures["miners"], 1.0) for name in ("lied", "audits")}
            figures["hardware_units"] = float(records.capabilities.at(epoch, HARDWARE[self.owns_hardware]).sum())
            return figures | {"first_capability_share": float(self.past.shares.at(epoch, "spend_share")[0])}

    def capabilities(self) -> pd.DataFrame:
        """The shown epoch by subnet and capability, as recorded."""
        with self._busy:
            series, epoch = self.economy.records.capabilities, self.epoch
            shown = {name: series.at(epoch, name) for name in ("spend_tao", "spend_share")}
            return pd.DataFrame({"epoch": epoch} | dict(series.label) | shown)

    def subnet_emission_share(self) -> FloatArray:
        """Share of the shown epoch's TAO emission, (subnet,)."""
        with self._busy:
            return self.economy.records.subnets.at(self.epoch, "emission_share")

    def over_time(self, table: str, *columns: str) -> pd.DataFrame:
        """Columns of a table at no more epochs than a line shows; `twin` is the all-honest twin's table of epochs."""
        with self._busy:
            if table == "twin":
                series = self.twin.records.epochs if self.twin is not None else None
            else:
                series = self.past.shares if table == "shares" else getattr(self.economy.records, table)
            return series.frame(every=stride(len(series)), columns=columns) if series else pd.DataFrame()

    def lorenz(self) -> pd.DataFrame:
        """Lorenz curves of the shown epoch."""
        with self._busy:
            return self.past.lorenz(self.epoch)

    def top_earners(self) -> pd.DataFrame:
        """Participants who earned most in the shown epoch."""
        with self._busy:
            return self.past.top_earners(self.epoch, self.economy)

    def field_of_scores(self) -> FloatArray:
        """Scores of one subnet's miners in the last epoch, the lowest first; even ones where nobody has scored."""
        with self._busy:
            score = self.economy.state.score[0, self.economy.first_scenario.subnets.n_validators :]
            return np.sort(score) if score.any() else np.ones(len(score))

    def settling(self) -> Settling:
        """Whether the run stands still since its last edit."""
        with self._busy:
            return self.economy.settling()

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables of the run, between two epochs."""
        with self._busy:
            return self.economy.tables()

    def archive(self, command: str) -> bytes:
        """Zip of all tables, the scenario and the manifest, between two epochs."""
        with self._busy:
            return archive(self.economy, command)

    def _play(self, seconds: float, most_epochs: int, number: int, only_if_playing: bool) -> None:
        deadline = time.perf_counter() + seconds
        for _ in range(most_epochs):
            with self._busy:
                if self.number != number or (only_if_playing and not self.playing):
                    return
                limit = LONGEST_RUN_EPOCHS if self.until is None else min(self.until, LONGEST_RUN_EPOCHS)
                if self.economy.epoch < limit and not self._step():
                    return
                if self.economy.epoch >= limit:
                    self.playing, self.until = False, None
                    return
            if time.perf_counter() > deadline:
                return

    def _step(self) -> bool:
        """Play one epoch and note what charts show of it; False, and the reason in `trouble`, if it can't be played."""
        self.shown = None
        try:
            self.economy.step()
        except BREAKDOWNS as error:
            self.playing, self.until, self.trouble = False, None, str(error)
            return False
        self.past.note(self.economy)
        return True


def _twin(economy: Economy) -> Economy | None:
    """The same run with everybody honest; None where it is the run itself, can't be, or would take too long."""
    scenario = all_honest(economy.first_scenario)
    if scenario == economy.first_scenario or economy.state.score.size > OPENING_SEATS:
        return None
    return Economy(scenario, interventions=economy.interventions)
