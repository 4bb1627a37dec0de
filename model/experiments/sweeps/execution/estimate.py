"""What a sweep will take, before it starts."""

import time
from dataclasses import dataclass

from model.economy import Economy
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.watch import Watch
from model.scenario.scenario import Scenario

PLAYED_SECONDS = 0.5  # of the base scenario, to learn how long an epoch takes
PLAYED_EPOCHS = 20
# What the run folder takes, from the sweeps that come with the sandbox and one of 4,000 runs.
FOLDER_BYTES = 60_000
RUN_BYTES = 350
CELL_BYTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a sweep will take.

    n_runs : runs in all
    seconds_per_run : of one process, from the base scenario's first epochs; runs with other values may differ
    disk_bytes : of the run folder
    """

    n_runs: int
    seconds_per_run: float
    disk_bytes: int

    def seconds(self, n_workers: int) -> float:
        """Time for all runs with that many processes, none of them waiting for another."""
        return self.n_runs * self.seconds_per_run / min(n_workers, self.n_runs)


def estimate(spec: Spec, base: Scenario) -> Estimate:
    """What the sweep will take if all its runs are like the base scenario's first epochs, which are played for it.

    Parameters
    ----------
    base : Scenario
        As `EconomyTask` holds it.
    """
    return estimate_at(spec, base.epochs, seconds_per_run(base))


def estimate_at(spec: Spec, n_epochs: int, seconds: float) -> Estimate:
    """What the sweep will take if each of its runs has so many epochs and takes so many seconds."""
    n_series = sum(outcome.is_series for outcome in spec.outcomes)
    n_cells = len(spec.factors) + len(spec.outcomes) - n_series + n_series * n_epochs
    return Estimate(
        n_runs=spec.n_runs,
        seconds_per_run=seconds,
        disk_bytes=FOLDER_BYTES + spec.n_runs * (RUN_BYTES + CELL_BYTES * n_cells),
    )


def seconds_per_run(base: Scenario) -> float:
    """Time of a whole run of the scenario, by its first epochs, which are played."""
    start = time.perf_counter()
    economy = Economy(base)
    founded = time.perf_counter()
    while economy.running and economy.epoch < PLAYED_EPOCHS:
        economy.step()
        if time.perf_counter() - start > PLAYED_SECONDS:
            break
    seconds_per_epoch = (time.perf_counter() - founded) / economy.epoch
    return founded - start + seconds_per_epoch * base.epochs


def measured(base: Scenario, watch: Watch) -> float:
    """`seconds_per_run` as work of a job."""
    watch.look("nothing was played")
    return seconds_per_run(base)


def refuse_above(spec: Spec, max_runs: int) -> None:
    """Pass if the sweep has no more runs than allowed; otherwise a ValueError."""
    if spec.n_runs > max_runs:
        raise ValueError(f"the sweep {spec.name!r} must have <= {max_runs:,} runs, has {spec.n_runs:,}")
