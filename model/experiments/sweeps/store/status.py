"""How far a sweep is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from model.experiments.sweeps.store.endings import DIED, ENDS, FAILED, OK, TIMEOUT
from model.experiments.sweeps.store.ledger import RUNNING

RATE_SECONDS = 60  # that a rate looks back
FINISHED, CANCELLED, STOPPED = "finished", "cancelled", "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far a sweep is.

    state : running, finished, cancelled, or stopped for any other reason
    done : runs that have ended, however they did; the sum of ok, failed, timeout and died
    ended_early : runs among the ok that a rule of the spec's `stop` ended before their last epoch
    rate_per_second : runs ended per second of late; NaN when not running
    remaining_seconds : until all runs have ended, at that rate; NaN when not running
    pid : process that is running it; 0 for none
    """

    name: str
    state: str
    n_runs: int
    done: int
    ok: int
    failed: int
    timeout: int
    died: int
    ended_early: int
    running: int
    pending: int
    rate_per_second: float
    remaining_seconds: float
    pid: int


def status_of(
    name: str, counts: Mapping[str, int], ended_early: int, how: str, pid: int, rate_per_second: float
) -> Status:
    """Status of the sweep of that name.

    Parameters
    ----------
    counts : mapping
        Runs by state, as the ledger has them.
    ended_early : int
        Runs that a rule ended before their last epoch.
    how : str
        How the last session ended.
    pid : int
        Process that holds the lock; what the ledger calls running is pending when there is none.
    """
    done, n_runs = sum(counts.get(end, 0) for end in ENDS), sum(counts.values())
    over = FINISHED if done == n_runs else CANCELLED if how == CANCELLED else STOPPED
    running = counts.get(RUNNING, 0) if pid else 0
    return Status(
        name=name,
        state=RUNNING if pid else over,
        n_runs=n_runs,
        done=done,
        ok=counts.get(OK, 0),
        failed=counts.get(FAILED, 0),
        timeout=counts.get(TIMEOUT, 0),
        died=counts.get(DIED, 0),
        ended_early=ended_early,
        running=running,
        pending=n_runs - done - running,
        rate_per_second=rate_per_second,
        remaining_seconds=(n_runs - done) / rate_per_second if rate_per_second > 0 else math.nan,
        pid=pid,
    )
