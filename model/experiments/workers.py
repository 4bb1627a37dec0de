"""The same work on one process or many."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_order(work: Callable[[Task], Result], tasks: Sequence[Task], n_workers: int) -> Iterator[Result]:
    """Results in the order of the tasks, as they finish, whatever the number of workers.

    Parameters
    ----------
    work : callable
        A module's own function, so that a spawned process finds it.
    n_workers : int
        Processes; with 1 everything stays in this one.
    """
    if n_workers == 1:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(work, tasks, chunksize=1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
