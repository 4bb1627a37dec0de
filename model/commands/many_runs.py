"""What commands share that play many runs: their options, and the way in which the runs are played."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from model.commands.terminal import PATH, hearing_signals, progress_bar
from model.experiments.many import How
from model.experiments.sweeps.execution.plugged import Plugin, loading, recorded
from model.records.export import check_out


def many_runs(workers: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options of a command that plays many runs: where to, on how many processes, how long, and whether to go on."""
    options = (
        click.option(
            "--workers", type=click.IntRange(1, 256), default=workers, show_default=True, help="Processes to use."
        ),
        click.option(
            "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Longest time of a run."
        ),
        click.option("--out", type=PATH, help="Folder for tables as CSV; must be new or empty."),
        click.option("--resume", is_flag=True, help="Go on with what an earlier call with the same --out has left."),
    )

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


@contextmanager
def playing_many(
    name: str,
    workers: int,
    timeout: float | None,
    out: Path | None,
    resume: bool,
    plugins: tuple[Plugin, ...] = (),
) -> Iterator[How]:
    """In which way a command plays its runs: with a bar, hearing signals, and kept beside `out` until that is written.

    Raises
    ------
    ValueError
        If `out` can't be written, or there is nothing to go on with.
    """
    if resume and out is None:
        raise ValueError("--resume needs --out: without it nothing was kept")
    if out is not None:
        check_out(out)
    folder = out.with_name(f"{out.name}.runs") if out is not None else None
    with progress_bar() as bar, hearing_signals(at_once=workers == 1) as stop:
        task = bar.add_task(name, total=None)
        how = How(
            n_workers=workers,
            timeout_seconds=timeout,
            folder=folder,
            resume=resume,
            progress=lambda status: bar.update(task, completed=status.done, total=status.n_runs),
            stop=stop,
            plugins=recorded(plugins),
            with_plugins=loading(plugins),
        )
        yield how
