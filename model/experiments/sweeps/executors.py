"""Who plays the runs of a sweep: this process, or processes of its own, each with one run at a time.

An executor is opened with a task, takes a run whenever it has room, and says of each run how it ended: `Ended`, or
`Lost` when its worker went away with it. All of them hand out futures of `concurrent.futures`.
"""

import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from model.cohorts import told
from model.experiments.sweeps.ledger import FAILED, OK, TIMEOUT, Ended
from model.experiments.sweeps.outcomes import Result
from model.experiments.sweeps.points import Point

# A run: its point and the seconds it may take, to what it leaves. Sent to each worker once, so it must pickle.
Task = Callable[[Point, float | None], Result]


class ExecutorError(ValueError):
    """Nobody can play the runs; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A run whose worker went away with it.

    blamed : the worker was alone with it, so the run may be what ended it
    """

    blamed: bool
    reason: str


class Executor(Protocol):
    """Plays runs of one task."""

    @property
    def n_free(self) -> int:
        """Runs it can take now."""

    def open(self, task: Task) -> None:
        """Get ready; raises ExecutorError if that can't be."""

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        """Take a run that may last so many seconds."""

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        """How a run ended whose future is done."""

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        """Runs that have been played for longer and don't end by themselves; their workers are stopped."""

    def close(self) -> None:
        """Stop at once, runs in flight too."""


def play(task: Task, point: Point, seconds: float | None) -> Ended:
    """How the run of `point` ended; whatever the task raises is an ending too."""
    began = time.perf_counter()
    worker = f"process {os.getpid()}"
    try:
        result = task(point, seconds)
        outcome = {str(name): _number_or_text(name, value) for name, value in result.row.items()}
        series = {str(name): np.ascontiguousarray(values) for name, values in result.series.items()}
    except (Exception, SystemExit) as error:
        return Ended(
            status=TIMEOUT if isinstance(error, TimeoutError) else FAILED,
            error=_sentence(error),
            traceback="".join(traceback.format_exception(error)),
            seconds=time.perf_counter() - began,
            worker=worker,
        )
    return Ended(
        status=OK,
        epochs_played=result.epochs_played,
        outcome=outcome,
        series=series,
        seconds=time.perf_counter() - began,
        worker=worker,
    )


class InProcess:
    """Plays run after run in this process: nothing to start, but a run can't be stopped from outside."""

    def __init__(self) -> None:
        self._task: Task | None = None

    @property
    def n_free(self) -> int:
        return 1

    def open(self, task: Task) -> None:
        self._task = task

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        assert self._task is not None
        future: Future[Ended] = Future()
        future.set_result(play(self._task, point, seconds))
        return future

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        return future.result()

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        return []

    def close(self) -> None:
        self._task = None


class Processes:
    """Plays runs in processes of its own, which start from nothing and know no more than the task.

    Each process is a pool of one and has one run at a time: when it dies, it is known with which run.
    """

    def __init__(self, n_workers: int) -> None:
        self._n_workers = n_workers
        self._pickled = b""
        self._idle: list[_Worker] = []
        self._busy: dict[Future[Ended], _Worker] = {}

    @property
    def n_free(self) -> int:
        return self._n_workers - len(self._busy)

    def open(self, task: Task) -> None:
        try:
            self._pickled = pickle.dumps(task)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ExecutorError(f"the task can't be sent to other processes: {told(error)}") from error

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        while True:
            worker = self._idle.pop() if self._idle else _Worker(self._pickled)
            try:
                future = worker.submit(point, seconds)
            except BrokenExecutor:  # it died while it had nothing to do
                worker.stop()
                continue
            self._busy[future] = worker
            return future

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        worker = self._busy.pop(future)
        try:
            ended = future.result()
        except Exception as error:
            lost = worker.loss(error)
            worker.stop()
            return lost
        self._idle.append(worker)
        return ended

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        late = [future for future, worker in self._busy.items() if not future.done() and worker.seconds() > seconds]
        for future in late:
            self._busy[future].kill()
        return late

    def close(self) -> None:
        workers = [*self._idle, *self._busy.values()]
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.stop()
        self._idle, self._busy = [], {}


class _Worker:
    """One process that plays one run at a time."""

    def __init__(self, pickled: bytes) -> None:
        others = set(active_children())
        with _interrupts_held():
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_settle)
            self._ready = self._pool.submit(_take_task, pickled)
        self._processes = set(active_children()) - others
        self._since = 0.0
        self._ready.add_done_callback(self._start_clock)

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        self._since = time.monotonic()
        return self._pool.submit(_play_here, point, seconds)

    def seconds(self) -> float:
        """How long it has been at its run; 0 while it gets ready."""
        return time.monotonic() - self._since if self._ready.done() else 0.0

    def loss(self, error: Exception) -> Lost:
        """What became of its run, when this came back instead of an ending."""
        cause = self._ready.exception() if self._ready.done() and not self._ready.cancelled() else error
        if cause is not None:
            return Lost(blamed=False, reason=f"a worker could not start: {told(cause)}")
        return Lost(blamed=True, reason="the worker process died" if isinstance(error, BrokenExecutor) else told(error))

    def kill(self) -> None:
        for process in self._processes:
            process.kill()

    def stop(self) -> None:
        self.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start_clock(self, _: Future[None]) -> None:
        self._since = time.monotonic()


_task: Task | None = None


def _settle() -> None:
    """Have this process end as soon as its parent does, even when that is killed; what it prints goes to the errors.

    The parent's standard output is for its own words, which a machine may be reading.
    """
    os.dup2(2, 1)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _take_task(pickled: bytes) -> None:
    global _task
    _task = pickle.loads(pickled)  # from our own parent


def _play_here(point: Point, seconds: float | None) -> Ended:
    if _task is None:
        raise ExecutorError("a worker has no task")
    return play(_task, point, seconds)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes that start inside never see Ctrl-C: their parent hears it, and stops them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _number_or_text(name: object, value: Any) -> float | int | str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, float | int | str):
        raise TypeError(f"outcome {name} must be a number or a text, is {type(value).__name__}")
    return value


def _sentence(error: BaseException) -> str:
    """Error and place on one line; a run out of time has no place of its own."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, TimeoutError) or not frames:
        return told(error)
    return f"{told(error)} ({Path(frames[-1].filename).name}:{frames[-1].lineno})"
