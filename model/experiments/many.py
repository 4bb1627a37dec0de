"""Many runs for one question: the jobs of a study are the points of a sweep, and what plays sweeps plays them.

So a comparison, a decomposition, the battery and the claims have what sweeps have: each job is on record as soon as it
has ended, a job that fails is a row and costs no other, time limits, one way to stop, and going on from there.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.experiments.sweeps.execution.conduct import Progress, conduct
from model.experiments.sweeps.execution.executors import Executor, InProcess, Task
from model.experiments.sweeps.execution.processes import Processes
from model.experiments.sweeps.spec.outcomes import Outcome, Result
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.spec.spec import LIST, Spec
from model.experiments.sweeps.store.endings import OK
from model.experiments.sweeps.store.folder import is_store
from model.experiments.sweeps.store.status import CANCELLED
from model.experiments.sweeps.store.store import Store
from model.experiments.watch import UNWATCHED, StoppedError, Watch, never
from model.scenario.frozen_map import FrozenMap

JOB, ANSWER = "job", "answer"
# What is done in one job, and when to look up; what it gives must survive JSON.
Work = Callable[[Any, Watch], Any]


def as_it_is(task: Task) -> Task:
    """The task: nothing is to be loaded before it."""
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """In which way a study is played; nothing of it changes an answer.

    n_workers : processes; with 1 everything stays in this one
    timeout_seconds : longest time of a job
    folder : of the jobs that have ended, until `finished`; a temporary one when not given
    resume : go on with what is in the folder
    progress : told the status a few times a second
    stop : asked several times a second whether to stop
    plugins : name and SHA-256 of a user's own files
    with_plugins : makes a task of a task, such as one that loads those files in whatever process it is called
    """

    n_workers: int = 1
    timeout_seconds: float | None = None
    folder: Path | None = None
    resume: bool = False
    progress: Progress | None = None
    stop: Callable[[], bool] = never
    plugins: tuple[Mapping[str, str], ...] = ()
    with_plugins: Callable[[Task], Task] = as_it_is


HERE = How()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended.

    status : ok, failed, timeout or died
    error : why it did not end well, in a line
    answer : what it gave, if it ended well
    """

    status: str
    error: str
    answer: Any

    @property
    def ok(self) -> bool:
        return self.status == OK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jobs:
    """Task of the sweep: the job that the point numbers."""

    work: Work
    jobs: Sequence[Any]

    def __call__(self, point: Point, watch: Watch = UNWATCHED) -> Result:
        return Result(row={ANSWER: json.dumps(self.work(self.jobs[point.values[JOB]], watch))})


def play_jobs(name: str, work: Work, jobs: Sequence[Any], asked: str, how: How = HERE) -> list[Done]:
    """How each job ended, in their order, whatever the number of workers.

    Parameters
    ----------
    name : str
        Of the study.
    work : callable
        A module's own function, so that other processes find it.
    asked : str
        All that the jobs' answers hang on: who goes on with another question is told so.

    Raises
    ------
    StoppedError
        If somebody asked to stop.
    ValueError
        If the folder holds another study, is in use, or can't be written.
    """
    points = tuple(FrozenMap({JOB: number}) for number in range(len(jobs)))
    spec = Spec(name=name, scenario=name, design=LIST, points=points, outcomes=(Outcome(measure=ANSWER),))
    executor: Executor = Processes(how.n_workers) if how.n_workers > 1 else InProcess()
    played = _Jobs(work=work, jobs=jobs)
    with _folder(how.folder) as folder, _opened(folder, spec, asked, how) as store:
        status = conduct(
            store,
            how.with_plugins(played),
            executor,
            timeout_seconds=how.timeout_seconds,
            progress=how.progress,
            stop=how.stop,
        )
        if status.state == CANCELLED:
            kept = f"; {status.done} of {status.n_runs} runs are kept, go on with --resume" if how.folder else ""
            raise StoppedError(f"stopped; nothing was written{kept}")
        rows = store.runs().sort_values("run")
    answers = rows[ANSWER] if ANSWER in rows else [None] * len(rows)
    return [
        Done(status=ended, error=error, answer=json.loads(answer) if ended == OK else None)
        for ended, error, answer in zip(rows["status"], rows["error"], answers, strict=True)
    ]


def finished(how: How) -> None:
    """The study has been written: what it kept to go on is no longer needed."""
    if how.folder is not None:
        shutil.rmtree(how.folder)


@contextmanager
def _folder(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        yield asked
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _opened(folder: Path, spec: Spec, asked: str, how: How) -> Store:
    question = hashlib.sha256(asked.encode()).hexdigest()
    if not (how.resume and is_store(folder)):
        return Store.create(folder, spec, scenario=question, plugins=how.plugins)
    store = Store.open(folder, plugins=how.plugins)
    try:
        store.extend(spec, question)
    except BaseException:
        store.close()
        raise
    return store
