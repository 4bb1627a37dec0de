"""Cases of a claim played in slices, for whoever wants to look on: findings so far, and a stop between two epochs."""

import hashlib
import math
import threading
import time
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.experiments.battery.battery import scenario_with
from model.experiments.claims.study import FINDING_COLUMNS, Case, finding
from model.scenario import scenario_file
from model.scenario.scenario import Scenario

PENDING = ""  # verdict of a case that has not been played
FEWEST_RUNS = 2  # for an interval
NUMBERS = ("position", "theory", "mean", "sd", "low", "high", "claimed_low", "claimed_high")

Known = MutableMapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Run:
    """One seed of one case, by the case's place among all."""

    place: int
    case: Case
    seed: int

    @property
    def key(self) -> str:
        """Digest of all that decides what is measured: scenario, interventions, measures and seed."""
        changes = [(one.epoch, dict(one.values)) for one in self.case.interventions]
        inputs = (self.case.base, dict(self.case.settings), changes, [one.of for one in self.case.measures], self.seed)
        return hashlib.sha256(repr(inputs).encode()).hexdigest()


def scenario_of(case: Case) -> Scenario:
    """Scenario that a case plays, apart from its interventions."""
    return scenario_with(scenario_file.find(case.base), case.settings)


class Playing:
    """Cases under way; one seed of all cases is played before the next seed, those of `first` before all others.

    Parameters
    ----------
    first, others : sequence of Case
        In the order of their findings.
    seeds : sequence of int
        Two or more.
    known : mutable mapping
        What runs measured before, by `Run.key`; these are not played again, and what is played is added.

    Raises
    ------
    ValueError
        If there are fewer than two seeds, or one comes twice.
    """

    def __init__(self, first: Sequence[Case], others: Sequence[Case], seeds: Sequence[int], known: Known) -> None:
        if len(seeds) < FEWEST_RUNS or len(set(seeds)) < len(seeds):
            raise ValueError(f"seeds must be two or more different numbers, are {list(seeds)}")
        self.cases, self.seeds = (*first, *others), tuple(seeds)
        self.troubles: list[str] = []
        places = (range(len(first)), range(len(first), len(self.cases)))
        self._runs = [Run(place, self.cases[place], seed) for part in places for seed in seeds for place in part]
        self._values: list[list[tuple[float, ...]]] = [[] for _ in self.cases]
        self._known = known
        self._economy: Economy | None = None
        self._busy = threading.Lock()
        self.n_done = 0
        self._take_known()

    @property
    def n_runs(self) -> int:
        """Runs in all."""
        return len(self._runs)

    @property
    def finished(self) -> bool:
        """Whether every run has ended."""
        return self.n_done == self.n_runs

    @property
    def done_share(self) -> float:
        """Part of the runs that has been played; a run under way counts by its epochs."""
        under_way = self._economy
        part = under_way.epoch / under_way.first_scenario.epochs if under_way else 0.0
        return (self.n_done + part) / self.n_runs if self.n_runs else 1.0

    def play(self, seconds: float) -> None:
        """Play at least one epoch, and on until the time is over or all runs have ended."""
        deadline = time.perf_counter() + seconds
        with self._busy:
            while not self.finished:
                self._step(self._runs[self.n_done])
                self._take_known()
                if time.perf_counter() >= deadline:
                    return

    def findings(self, n_cases: int | None = None) -> pd.DataFrame:
        """A row for each case and quantity, as `study.play` makes them; not yet played ones are empty and pending.

        Parameters
        ----------
        n_cases : int, optional
            Number of cases from the first one on; all when not given.
        """
        rows = [
            self._finding(case, entry, values)
            for case, values in list(zip(self.cases, self._values, strict=True))[:n_cases]
            for entry in range(len(case.measures))
        ]
        frame = pd.DataFrame(rows, columns=[column.name for column in FINDING_COLUMNS])
        return frame.astype(dict.fromkeys(NUMBERS, float) | {"seeds": int})

    def _finding(self, case: Case, entry: int, values: list[tuple[float, ...]]) -> dict[str, Any]:
        one = case.measures[entry]
        measured = np.array([value[entry] for value in values])
        if len(values) >= FEWEST_RUNS:
            return finding(case.claim, case.study, case.setting, one, measured, case.position)
        row = finding(case.claim, case.study, case.setting, one, np.array([math.nan]), case.position)
        return row | {"seeds": len(values), "verdict": PENDING}

    def _take_known(self) -> None:
        """Pass over the runs whose outcome is known."""
        while not self.finished and self._economy is None:
            run = self._runs[self.n_done]
            if (value := self._known.get(run.key)) is None:
                return
            self._values[run.place].append(value)
            self.n_done += 1

    def _step(self, run: Run) -> None:
        try:
            if self._economy is None:
                self._economy = Economy(scenario_of(run.case), rng=run.seed, interventions=run.case.interventions)
            self._economy.step()
            if self._economy.running:
                return
            value = tuple(float(one.of(self._economy)) for one in run.case.measures)
            self._known[run.key] = value
            self._values[run.place].append(value)
        except Exception as error:  # a run that fails is said and left out; the others go on
            self.troubles.append(f"{run.case.study}, {run.case.setting}, seed {run.seed}: {error}")
        self._economy = None
        self.n_done += 1
