"""A Dask cluster that plays the runs of a sweep."""

import functools
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from model.bounds import error_text, shown
from model.experiments.sweeps.execution.executors import ExecutorError, Lost, Task, play
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.store.endings import Ended
from model.records.provenance import sources_sha256

CONNECT_SECONDS = 10
PATIENCE_SECONDS = 15  # in which a worker must be there that can play
REFRESH_SECONDS = 2
TICK_SECONDS = 0.2
RUNS_A_THREAD = 2  # one to play and one to be there when it is done
SHOWN_REFUSALS = 3

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})/?")
# What these say of a lost connection is said here in a sentence.
_LOUD = ("distributed", "distributed.client", "distributed.core", "tornado", "tornado.application", "asyncio")
_LOG = logging.getLogger(__name__)


class Dask:
    """Plays runs on the workers of the Dask scheduler at `address`, such as "tcp://host:8786".

    Workers whose code of the packages is not the code here are left out, and named in a warning. The task travels with
    each run: kept on one worker, it would be out of reach while that one is busy or stuck. A worker's run can't be
    stopped from here: after a cancel, or when its time is over, it plays on and nobody listens.

    Raises
    ------
    ExecutorError
        If the package distributed is missing, the address is none, no scheduler answers, or no worker can play.
    """

    def __init__(self, address: str) -> None:
        port = _ADDRESS.fullmatch(address)
        if not port or not 0 < int(port[1]) < 2**16:
            raise ExecutorError(f"--dask must be a scheduler's address such as tcp://host:8786, is {shown(address)}")
        self._address = address
        self._client = _connected(address)
        self._sha256 = sources_sha256()
        self._task: Task | None = None
        self._since: dict[Future[Ended], float] = {}
        self._workers_of: dict[Future[Ended], frozenset[str]] = {}
        self._refused: dict[str, str] = {}  # worker: why
        self._pool: dict[frozenset[str], Any] = {}
        self._threads: dict[str, int] = {}  # of each worker that can play
        self._looked = self._played_last = -float(PATIENCE_SECONDS)

    @property
    def n_free(self) -> int:
        self._look()
        while not self._threads and not self._since:
            time.sleep(TICK_SECONDS)
            self._look()
        return RUNS_A_THREAD * sum(self._threads.values()) - len(self._since)

    def open(self, task: Task, stop: Callable[[], bool]) -> None:
        self._task, self._played_last = task, time.monotonic()

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        workers = frozenset(self._threads)
        if workers not in self._pool:
            self._pool[workers] = self._client.get_executor(pure=False, workers=sorted(workers))
        future: Future[Ended] = self._pool[workers].submit(_play_alike, self._sha256, self._task, point, seconds)
        self._since[future], self._workers_of[future] = time.monotonic(), workers
        return future

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        from distributed import KilledWorker

        del self._since[future], self._workers_of[future]
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
        self._since, self._workers_of = {}, {}
        self._client.close()

    def _look(self) -> None:
        """See now and then who can play; runs that only workers could play who are gone are dropped."""
        now = time.monotonic()
        try:
            if self._client.status != "running":
                raise OSError("the connection is lost")
            if now - self._looked > REFRESH_SECONDS or not self._threads:
                self._looked = now
                self._count_workers()
        except OSError as error:
            raise ExecutorError(
                f"the scheduler at {self._address} is gone; all runs on record are safe: --resume goes on"
            ) from error
        if self._threads:
            self._played_last = now
        elif now - self._played_last > PATIENCE_SECONDS:
            raise ExecutorError(
                f"no worker of {self._address} can play: {self._why()}; start one by `dask worker {self._address}` "
                "where this code is installed; all runs on record are safe: --resume goes on"
            )

    def _count_workers(self) -> None:
        there = self._client.nthreads()
        self._judge([worker for worker in there if worker not in self._threads and worker not in self._refused])
        self._threads = {worker: n for worker, n in there.items() if worker not in self._refused}
        for future in [one for one, workers in self._workers_of.items() if not workers & there.keys()]:
            future.cancel()

    def _judge(self, workers: list[str]) -> None:
        """Refuse those among the workers whose code is not the code here."""
        if not workers:
            return
        found = self._client.run(_code_finder(), workers=workers, on_error="return")
        for worker in workers:
            answer = found.get(worker, "it does not answer")
            if answer != self._sha256:
                self._refused[worker] = (
                    f"it has other code of the package, {answer[:16]} and not {self._sha256[:16]}"
                    if isinstance(answer, str) and re.fullmatch("[0-9a-f]{64}", answer)
                    else f"it cannot import the package ({answer if isinstance(answer, str) else error_text(answer)})"
                )
                _LOG.warning("worker %s is left out: %s", worker, self._refused[worker])

    def _why(self) -> str:
        said = [f"{worker} is left out, {why}" for worker, why in list(self._refused.items())[:SHOWN_REFUSALS]]
        more = len(self._refused) - len(said)
        return "; ".join([*said, *([f"and {more} more"] if more else [])]) or "there is none"


@functools.cache
def _code_here() -> str:
    """Digest of the code in this process, taken once."""
    return sources_sha256()


def _play_alike(sha256: str, task: Task, point: Point, seconds: float | None) -> Ended:
    """`play`, by the code of this digest alone."""
    if _code_here() != sha256:
        raise ExecutorError(f"it has other code of the package, {_code_here()[:16]} and not {sha256[:16]}")
    return play(task, point, seconds)


def _code_finder() -> Callable[[], str]:
    """Function that says which code a worker has; it travels as it is, to workers without the package as well."""

    def found() -> str:
        try:
            from model.records.provenance import sources_sha256 as there

            return there()
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    return found


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ExecutorError("--dask needs the package distributed: pip install 'subnet-sandbox[dask]'") from error
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ExecutorError(f"--dask must name a scheduler that answers, is {address}: {error_text(error)}") from error
