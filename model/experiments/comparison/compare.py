"""Two scenarios under the same seeds, run to their last epochs.

Both sides of a seed draw from the same named streams, so that what chance does to both cancels in the difference.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.economy import Economy
from model.experiments.comparison.paired import DIFFERENCE_DICTIONARY, MEASURES, SIDES
from model.experiments.decomposition import check_measures
from model.experiments.runs.run import Progress, play
from model.experiments.workers import in_order
from model.records import columns
from model.records.data_dictionary import Column, DataDictionary
from model.records.provenance import Manifest
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, flat, to_tree

OK, FAILED = "ok", "failed"
NOT_A_DIFFERENCE = ("name", "story", "seed")

EXPORT_DICTIONARY = DataDictionary(
    *DIFFERENCE_DICTIONARY.columns,
    Column(name="field", unit="path", meaning="field of the scenario in which the sides differ"),
    Column(name="a", unit="as the field", meaning="its value on side A; empty where it has no such field"),
    Column(name="b", unit="as the field", meaning="its value on side B"),
    Column(name="side", unit="name", meaning="A or B"),
    Column(name="seed", unit="index", meaning="seed of the run, the same for both sides of a pair"),
    Column(name="status", unit="name", meaning="ok or failed"),
    Column(name="error", unit="text", meaning="why a failed run stopped; empty for the others"),
    *columns.DICTIONARY.columns,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run: a side of the comparison under one seed."""

    side: str
    scenario: Scenario
    seed: int

    def ended(self, economy: Economy) -> dict[str, Any]:
        """Row of a run that was played to its end: what its last epoch says."""
        outcome = economy.records.epochs.frame(last=1)
        return self._row(OK, "") | {str(name): held.iloc[0].item() for name, held in outcome.items()}

    def broke(self, error: Exception) -> dict[str, Any]:
        """Row of a run that stopped with an error."""
        return self._row(FAILED, f"{type(error).__name__}: {error}".splitlines()[0])

    def _row(self, status: str, error: str) -> dict[str, Any]:
        return {"side": self.side, "seed": self.seed, "status": status, "error": error}


def tasks(a: Scenario, b: Scenario, seeds: Sequence[int]) -> list[Task]:
    """Runs of a comparison, both sides of a seed before the next one: any beginning of it holds whole pairs.

    Raises
    ------
    ValueError
        If there is no seed, one comes twice, or the sides do not play the same number of epochs.
    """
    if not seeds:
        raise ValueError("seeds must name at least one seed, is empty")
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must differ, are {', '.join(map(str, seeds))}")
    if a.epochs != b.epochs:
        raise ValueError(f"epochs must be the same on both sides, are {a.epochs} in A and {b.epochs} in B")
    return [
        Task(side=side, scenario=scenario, seed=seed)
        for seed in seeds
        for side, scenario in zip(SIDES, (a, b), strict=True)
    ]


def compare(
    a: Scenario,
    b: Scenario,
    seeds: Sequence[int],
    measures: Sequence[str] = MEASURES,
    n_workers: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Runs of both sides under every seed, one row each: side, seed, status, error, and the last epoch's measures.

    Parameters
    ----------
    measures : sequence of str
        Columns of the epochs table that will be asked for; checked before anything is played.
    n_workers : int
        Processes that share the runs; the result does not depend on it.
    progress : callable, optional
        Called after each run with runs done and runs in all.

    Raises
    ------
    ValueError
        As `tasks`, and if a measure is not recorded.
    """
    wanted = tasks(a, b, seeds)
    check_measures(a, measures)
    rows = []
    for row in in_order(_played, wanted, n_workers):
        rows.append(row)
        if progress:
            progress(len(rows), len(wanted))
    return pd.DataFrame(rows)


class Comparison:
    """A comparison under way, played in slices: whoever asks may stop between two epochs.

    Parameters
    ----------
    a, b : Scenario
        Of the same number of epochs.
    seeds : sequence of int
        Each is played on both sides.
    """

    def __init__(self, a: Scenario, b: Scenario, seeds: Sequence[int]) -> None:
        self.a, self.b, self.seeds = a, b, tuple(seeds)
        self._waiting = tasks(a, b, seeds)
        self.n_epochs = len(self._waiting) * a.epochs
        self._rows: list[dict[str, Any]] = []
        self._economy: Economy | None = None
        self._busy = threading.Lock()

    @property
    def finished(self) -> bool:
        """Whether every run has ended."""
        return not self._waiting

    @property
    def epochs_played(self) -> int:
        """Epochs played so far, of all runs; those that a failed run left out count as played."""
        return len(self._rows) * self.a.epochs + (self._economy.epoch if self._economy else 0)

    def play(self, seconds: float) -> None:
        """Play at least one epoch, and on until the time is over or all runs have ended."""
        deadline = time.perf_counter() + seconds
        with self._busy:
            while self._waiting:
                self._step(self._waiting[0])
                if time.perf_counter() >= deadline:
                    return

    def runs(self) -> pd.DataFrame:
        """Runs that have ended, in whole pairs, as `compare` gives them."""
        rows = self._rows[: len(self._rows) // 2 * 2]
        return pd.DataFrame(rows)

    def _step(self, task: Task) -> None:
        try:
            if self._economy is None:
                self._economy = Economy(task.scenario, rng=task.seed)
            self._economy.step()
            if self._economy.running:
                return
            row = task.ended(self._economy)
        except Exception as error:  # a run that fails is a row with its error; the others go on
            row = task.broke(error)
        self._economy = None
        self._waiting.pop(0)
        self._rows.append(row)


def changed_fields(a: Scenario, b: Scenario) -> pd.DataFrame:
    """Fields in which two scenarios differ, as text: columns field, a, b; name, story and seed do not count."""
    one, other = flat(to_tree(a)), flat(to_tree(b))
    paths = [
        path
        for path in dict.fromkeys([*one, *other])
        if path not in NOT_A_DIFFERENCE and one.get(path) != other.get(path)
    ]
    rows = [{"field": path, "a": str(one.get(path, "")), "b": str(other.get(path, ""))} for path in paths]
    return pd.DataFrame(rows, columns=["field", "a", "b"])


def pair_manifest(a: Scenario, b: Scenario, seed: int, command: str) -> Manifest:
    """What it takes to compute a comparison again: both names and both digests, A's before B's.

    Parameters
    ----------
    seed : int
        The first one.
    """
    return Manifest(
        scenario_name=f"{a.name}, {b.name}",
        scenario_digest=f"{digest(a)}, {digest(b)}",
        seed=seed,
        epochs=a.epochs,
        command=command,
    )


def _played(task: Task) -> dict[str, Any]:
    try:
        economy = Economy(task.scenario, rng=task.seed)
        play(economy)
    except Exception as error:  # a run that fails is a row with its error; the others go on
        return task.broke(error)
    return task.ended(economy)
