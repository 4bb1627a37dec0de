"""Processes of this machine that play the runs of a sweep, each with one run at a time."""

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process, resource_tracker

from model.bounds import error_text
from model.experiments.sweeps.execution.executors import ExecutorError, Lost, Task, play
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.store.endings import Ended


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

    def open(self, task: Task, stop: Callable[[], bool]) -> None:
        try:
            self._pickled = pickle.dumps(task)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ExecutorError(f"the task can't be sent to other processes: {error_text(error)}") from error

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
            return Lost(blamed=False, reason=f"a worker could not start: {error_text(cause)}")
        return Lost(
            blamed=True, reason="the worker process died" if isinstance(error, BrokenExecutor) else error_text(error)
        )

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
    # Where it has to start, multiprocessing's tracker of resources ends by letting Ctrl-C through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
