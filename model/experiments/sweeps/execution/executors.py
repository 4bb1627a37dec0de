"""Who plays the runs of a sweep, and how a run is played; here by this process itself, one at a time.

An executor is opened with a task, takes a run whenever it has room, and says of each run how it ended: `Ended`, or
`Lost` when its worker went away with it. All of them hand out futures of `concurrent.futures`.
"""

import os
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from model.bounds import LARGEST_WHOLE, error_text, shown
from model.experiments.sweeps.spec.outcomes import Result
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.store.endings import FAILED, OK, TIMEOUT, Ended
from model.experiments.watch import Watch, never

# A run: its point and the watch that it looks at now and then, to what it leaves. Each worker gets it once, pickled.
Task = Callable[[Point, Watch], Result]


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

    def open(self, task: Task, stop: Callable[[], bool]) -> None:
        """Get ready; raises ExecutorError if that can't be.

        Parameters
        ----------
        stop : callable
            Whether the sweep is to stop; asked while this process plays, as nobody else could then.
        """

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        """Take a run that may last so many seconds."""

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        """How a run ended whose future is done."""

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        """Runs that have been played for longer and don't end by themselves; their workers are stopped."""

    def close(self) -> None:
        """Stop at once, runs in flight too."""


def play(task: Task, point: Point, seconds: float | None, stop: Callable[[], bool] = never) -> Ended:
    """How the run of `point` ended; whatever the task raises is an ending too, but for an interrupt."""
    began = time.perf_counter()
    worker = f"process {os.getpid()}"
    try:
        result = task(point, Watch(seconds, stop))
        outcome = {str(name): _number_or_text(name, value) for name, value in result.row.items()}
        series = _checked(result.series)
    except (Exception, SystemExit) as error:
        return Ended(
            status=TIMEOUT if isinstance(error, TimeoutError) else FAILED,
            error=_storable(_sentence(error)),
            traceback=_storable("".join(traceback.format_exception(error))),
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
    """Plays run after run in this process: nothing to start, but only a run that looks at its watch can be stopped."""

    def __init__(self) -> None:
        self._task: Task | None = None
        self._stop = never

    @property
    def n_free(self) -> int:
        return 1

    def open(self, task: Task, stop: Callable[[], bool]) -> None:
        self._task, self._stop = task, stop

    def submit(self, point: Point, seconds: float | None) -> Future[Ended]:
        assert self._task is not None
        future: Future[Ended] = Future()
        future.set_result(play(self._task, point, seconds, self._stop))
        return future

    def outcome(self, future: Future[Ended]) -> Ended | Lost:
        return future.result()

    def overrun(self, seconds: float) -> list[Future[Ended]]:
        return []

    def close(self) -> None:
        self._task = None


def _number_or_text(name: object, value: Any) -> float | int | str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, float | int | str):
        raise TypeError(f"outcome {name} must be a number or a text, is {type(value).__name__}")
    if isinstance(value, int) and not -LARGEST_WHOLE <= value < LARGEST_WHOLE:
        raise ValueError(f"outcome {name} must be a whole number of 64 bits, is {shown(value)}")
    return _storable(value) if isinstance(value, str) else value


def _checked(series: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Series as arrays that every file can hold: of numbers, one for each epoch, equally long."""
    found = {str(name): np.ascontiguousarray(values) for name, values in series.items()}
    for name, values in found.items():
        if values.ndim != 1 or values.dtype.kind not in "biuf":
            raise TypeError(f"series {name} must be one number an epoch, is {values.dtype} {values.shape}")
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"series must be equally long, are {lengths}")
    return found


def _storable(text: str) -> str:
    """Text that files can hold: what stands for no character is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _sentence(error: BaseException) -> str:
    """Error and place on one line; a run out of time has no place of its own."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, TimeoutError) or not frames:
        return error_text(error)
    return f"{error_text(error)} ({Path(frames[-1].filename).name}:{frames[-1].lineno})"
