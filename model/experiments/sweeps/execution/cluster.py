"""A Dask cluster that plays the runs of a sweep."""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from model.bounds import error_text
from model.experiments.sweeps.execution.executors import ExecutorError, Lost, Task, play
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.store.endings import Ended

CONNECT_SECONDS = 10
REFRESH_SECONDS = 2
RUNS_A_THREAD = 2  # one to play and one to be there when it is done


class Dask:
    """Plays runs on the workers of the Dask scheduler at `address`, such as "tcp://host:8786".

    The task travels with each run: kept on one worker, it would be out of reach while that one is busy or stuck. A
    worker's run can't be stopped from here: after a cancel, or when its time is over, it plays on and nobody listens.

    Raises
    ------
    ExecutorError
        If the package distributed is missing, or no scheduler answers.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = _connected(address)
        self._pool: Any = None
        self._task: Task | None = None
        self._since: dict[Future[Ended], float] = {}
        self._n_threads, self._counted = 1, -float(REFRESH_SECONDS)

    @property
    def n_free(self) -> int:
        if self._client.status != "running":
            raise ExecutorError(
                f"the scheduler at {self._address} is gone; all runs on record are safe: --resume goes on"
            )
        if time.monotonic() - self._counted > REFRESH_SECONDS:
            self._n_threads = max(sum(self._client.nthreads().values()), 1)
            self._counted = time.monotonic()
        return RUNS_A_THREAD * self._n_threads - len(self._since)

    def open(self, task: Task, stop: Callable[[], bool]) -> None:
        self._task = task
        self._pool = self._client.get_executor(pure=False)

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        future: Future[Ended] = self._pool.submit(play, self._task, point, seconds)
        self._since[future] = time.monotonic()
        return future

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        from distributed import KilledWorker

        del self._since[future]
        try:
            return future.result()
        except KilledWorker:
            return Lost(blamed=True, reason="every worker process died that played it")
        except CancelledError:
            return Lost(blamed=False, reason="the cluster dropped a run")
        except Exception as error:
            return Lost(blamed=False, reason=f"a worker could not start a run: {error_text(error)}")

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        # A run waits for those before it at most; when it starts is known to its worker alone.
        limit = (RUNS_A_THREAD + 1) * seconds
        late = [future for future, since in self._since.items() if time.monotonic() - since > limit]
        return [future for future in late if future.cancel()]

    def close(self) -> None:
        for future in self._since:
            future.cancel()
        self._since = {}
        self._client.close()


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ExecutorError("--dask needs the package distributed: pip install 'subnet-sandbox[dask]'") from error
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ExecutorError(f"--dask must name a scheduler that answers, is {address}: {error_text(error)}") from error
