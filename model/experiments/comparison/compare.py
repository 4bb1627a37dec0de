"""Two scenarios under the same seeds, run to their last epochs.

Both sides of a seed draw from the same named streams, so that what chance does to both cancels in the difference.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.bounds import error_text
from model.economy import Economy
from model.experiments.comparison.paired import DIFFERENCE_DICTIONARY, MEASURES, SIDES
from model.experiments.decomposition import check_measures
from model.experiments.many import HERE, How, play_jobs
from model.experiments.runs.run import last_epoch_of, run
from model.experiments.sweeps.store.endings import FAILED, OK
from model.experiments.watch import Watch
from model.records import columns
from model.records.data_dictionary import Column, DataDictionary
from model.records.provenance import Manifest
from model.records.settling import COLUMN as SETTLING
from model.scenario.interventions import Intervention, check_in_time
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, flat, to_tree

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
    SETTLING,
    *columns.DICTIONARY.columns,
    keys={"differences": ("measure",), "fields": ("field",), "runs": ("side", "seed")},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run: a side of the comparison under one seed, with its changes on the way."""

    side: str
    scenario: Scenario
    seed: int
    interventions: tuple[Intervention, ...] = ()

    def row(self, status: str, error: str, outcome: dict[str, Any] | None) -> dict[str, Any]:
        """Row of the run as it ended: what its last epoch says, if it was played to the end."""
        return {"side": self.side, "seed": self.seed, "status": status, "error": error} | (outcome or {})


def tasks(
    a: Scenario,
    b: Scenario,
    seeds: Sequence[int],
    changes: tuple[Sequence[Intervention], Sequence[Intervention]] = ((), ()),
) -> list[Task]:
    """Runs of a comparison, both sides of a seed before the next one: any beginning of it holds whole pairs.

    Raises
    ------
    ValueError
        If there is no seed, one comes twice, the sides do not play the same number of epochs, or not to a change.
    """
    if not seeds:
        raise ValueError("seeds must name at least one seed, is empty")
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must differ, are {', '.join(map(str, seeds))}")
    if a.epochs != b.epochs:
        raise ValueError(f"epochs must be the same on both sides, are {a.epochs} in A and {b.epochs} in B")
    for changed in changes:
        check_in_time(changed, a.epochs)
    return [
        Task(side=side, scenario=scenario, seed=seed, interventions=tuple(changed))
        for seed in seeds
        for side, scenario, changed in zip(SIDES, (a, b), changes, strict=True)
    ]


def compare(
    a: Scenario,
    b: Scenario,
    seeds: Sequence[int],
    measures: Sequence[str] = MEASURES,
    how: How = HERE,
    changes: tuple[Sequence[Intervention], Sequence[Intervention]] = ((), ()),
) -> pd.DataFrame:
    """Runs of both sides under every seed, one row each: side, seed, status, error, and the last epoch's measures.

    Parameters
    ----------
    measures : sequence of str
        Columns of the epochs table that will be asked for; checked before anything is played.
    how : How
        In which way the runs are played; the result does not depend on it.
    changes : pair of sequences of Intervention
        What happens to A and to B on the way.

    Raises
    ------
    ValueError
        As `tasks`, if a measure is not recorded, or a change breaks a rule.
    """
    wanted = tasks(a, b, seeds, changes)
    check_measures(a, measures)
    for one in wanted[:2]:
        Economy(one.scenario, rng=one.seed, interventions=one.interventions)
    asked = repr((digest(a), digest(b), list(seeds), changes))
    found = play_jobs("compare", _last_epoch, wanted, asked, how)
    return pd.DataFrame(
        [task.row(done.status, done.error, done.answer) for task, done in zip(wanted, found, strict=True)]
    )


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
            row = task.row(OK, "", last_epoch_of(self._economy))
        except Exception as error:  # a run that fails is a row with its error; the others go on
            row = task.row(FAILED, error_text(error), None)
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


def _last_epoch(task: Task, watch: Watch) -> dict[str, Any]:
    return last_epoch_of(run(task.scenario, task.seed, task.interventions, watch=watch))
