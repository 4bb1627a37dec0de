"""Conducting a sweep: every run that is missing is played, and each is on record as soon as it has ended."""

import math
import queue
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from model.experiments.sweeps.execution.executors import Executor, ExecutorError, Lost, Task
from model.experiments.sweeps.spec.points import Point, key_of
from model.experiments.sweeps.store.endings import DIED, FAILED, OK, TIMEOUT, Ended
from model.experiments.sweeps.store.status import CANCELLED, FINISHED, RATE_SECONDS, STOPPED, Status
from model.experiments.sweeps.store.store import Store

TICK_SECONDS = 0.1
PROGRESS_SECONDS = 0.25
GRACE_SECONDS = 2  # a run ends itself between epochs; one that does not is given this long
LOSSES_IN_A_ROW = 5

Progress = Callable[[Status], None]


def conduct(
    store: Store,
    task: Task,
    executor: Executor,
    *,
    timeout_seconds: float | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Status:
    """Status of the sweep after all its runs have been played, or after somebody asked it to stop.

    A run whose worker died is played again at the end, when nothing else runs beside it, and marked if its worker dies
    again. A run that fails is marked at once. Neither keeps the others from being played.

    Parameters
    ----------
    store : Store
        Opened for writing.
    timeout_seconds : float, optional
        Longest time a run may take.
    progress : callable, optional
        Told the status a few times a second.
    stop : callable
        Asked several times a second whether to stop; runs in flight are then pending again.

    Raises
    ------
    StoreError, ExecutorError
        If the store can't be written, or nobody can play. All runs on record are safe.
    """
    how = STOPPED
    conductor = _Conductor(store, executor, timeout_seconds)
    try:
        store.begin()
        executor.open(task, lambda: stop() or store.cancel_wanted())
        how = conductor.play_all(progress, stop)
    except KeyboardInterrupt:
        how = CANCELLED
    finally:
        executor.close()
        store.finish(how)
    status = replace(store.status(), state=how, pid=0, rate_per_second=math.nan, remaining_seconds=math.nan)
    if progress:
        progress(status)
    return status


class _Conductor:
    """What is in flight, what comes next, and how fast it goes."""

    def __init__(self, store: Store, executor: Executor, timeout_seconds: float | None) -> None:
        self._store, self._executor, self._timeout = store, executor, timeout_seconds
        self._pending = store.pending()
        self._again: deque[Point] = deque()  # lost through no fault of theirs
        self._suspects: deque[Point] = deque()
        self._strikes: set[str] = set()
        self._flight: dict[Future[Ended], tuple[str, Point]] = {}
        self._flying: set[str] = set()
        self._landed: queue.SimpleQueue[Future[Ended]] = queue.SimpleQueue()
        self._late: set[Future[Ended]] = set()
        self._losses = 0
        self._status = store.status()
        self._pace: deque[tuple[float, int]] = deque([(time.monotonic(), self._status.done)])

    def play_all(self, progress: Progress | None, stop: Callable[[], bool]) -> str:
        """How it ended: finished or cancelled."""
        ended: dict[str, Ended] = {}
        looked = told = -math.inf
        while True:
            starting = self._next_points()
            if ended or starting:
                self._store.record(ended, [key for key, _ in starting])
                self._count(ended, len(starting))
            for key, point in starting:
                self._submit(key, point)
            if not self._flight:
                return FINISHED
            now = time.monotonic()
            if now - looked > TICK_SECONDS:
                looked = now
                if stop() or self._store.cancel_wanted():
                    return CANCELLED
                if self._timeout is not None:
                    self._late.update(self._executor.overrun(self._timeout + GRACE_SECONDS))
            if progress and now - told > PROGRESS_SECONDS:
                told = now
                progress(self._with_pace())
            ended = self._land()

    def _next_points(self) -> list[tuple[str, Point]]:
        """Runs to start now, as many as there is room for; suspects one by one, once nothing else is left."""
        chosen: list[tuple[str, Point]] = []
        for _ in range(self._executor.n_free):
            found = self._next()
            if found is None:
                break
            chosen.append(found)
            self._flying.add(found[0])
        if not chosen and not self._flight and self._suspects:
            point = self._suspects.popleft()
            chosen.append((key_of(point), point))
            self._flying.add(chosen[0][0])
        return chosen

    def _next(self) -> tuple[str, Point] | None:
        if self._again:
            point = self._again.popleft()
            return key_of(point), point
        for point in self._pending:
            key = key_of(point)
            # A point with the values of one that is being played ends together with it.
            if key not in self._flying and key not in self._strikes:
                return key, point
        return None

    def _submit(self, key: str, point: Point) -> None:
        future = self._executor.submit(point, self._timeout)
        self._flight[future] = (key, point)
        future.add_done_callback(self._landed.put)

    def _land(self) -> dict[str, Ended]:
        """How the runs ended that are back; waits for one, for a short while."""
        ended: dict[str, Ended] = {}
        try:
            future = self._landed.get(timeout=TICK_SECONDS)
            while True:
                key, point = self._flight.pop(future)
                self._flying.discard(key)
                found = self._judged(key, point, self._executor.outcome(future), future in self._late)
                self._late.discard(future)
                if found:
                    ended[key] = found
                future = self._landed.get_nowait()
        except queue.Empty:
            return ended

    def _judged(self, key: str, point: Point, outcome: Ended | Lost, late: bool) -> Ended | None:
        """How a run ended, or None if it is to be played again."""
        if isinstance(outcome, Ended):
            self._losses = 0
            if outcome.status == TIMEOUT:
                return replace(outcome, error=f"took longer than {self._timeout:g} s")
            return outcome
        if late:
            return Ended(status=TIMEOUT, error=f"took longer than {self._timeout:g} s", traceback="worker stopped")
        if not outcome.blamed:
            self._losses += 1
            if self._losses >= LOSSES_IN_A_ROW + 2 * len(self._flight):
                raise ExecutorError(f"nobody can play: {outcome.reason}; all runs on record are safe")
            self._again.append(point)
            return None
        if key in self._strikes:
            return Ended(status=DIED, error="its worker process died, twice", traceback=outcome.reason)
        self._strikes.add(key)
        self._suspects.append(point)
        return None

    def _count(self, ended: dict[str, Ended], n_started: int) -> None:
        counts = Counter(run.status for run in ended.values())
        now = self._status
        done = now.done + len(ended)
        self._status = replace(
            now,
            done=done,
            ok=now.ok + counts[OK],
            failed=now.failed + counts[FAILED],
            timeout=now.timeout + counts[TIMEOUT],
            died=now.died + counts[DIED],
            running=len(self._flight) + n_started,
            pending=now.n_runs - done - len(self._flight) - n_started,
        )

    def _with_pace(self) -> Status:
        """Status with the rate of the last while and the time that is left at it."""
        now = time.monotonic()
        self._pace.append((now, self._status.done))
        while now - self._pace[0][0] > RATE_SECONDS and len(self._pace) > 2:
            self._pace.popleft()
        since, done = self._pace[0]
        rate = (self._status.done - done) / max(now - since, 1e-9)
        left = (self._status.n_runs - self._status.done) / rate if rate else math.nan
        return replace(self._status, rate_per_second=rate, remaining_seconds=left)
