"""What commands share: reading their options, showing progress, printing tables for a terminal or as Markdown."""

import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from model.scenario import scenario_file
from model.scenario.scenario import Scenario
from model.wording import markdown_table


class Named(click.Path):
    """A path that has a name: an empty one would be the folder that the command was called in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; ends the command if it has no name."""
        if value == "":
            self.fail("must name a file or folder, is empty", param, ctx)
        return super().convert(value, param, ctx)


PATH = Named(path_type=Path)
WIDEST = 1_000_000  # characters of a line, as good as no limit


def chosen_scenario(name: str, epochs: int | None, seed: int | None, settings: Sequence[str]) -> Scenario:
    """Scenario of this name or file with the settings PATH=VALUE; epochs and seed are its own when not given.

    Raises
    ------
    ValueError
        If there is no such scenario, or a setting is not one.
    """
    named = list(map(_setting, settings))
    values = dict(named)
    for path in values:
        if (n_times := sum(path == other for other, _ in named)) > 1:
            raise ValueError(f"--set must name each field once, names {path!r} {n_times} times")
    if epochs is not None:
        values["epochs"] = epochs
    if seed is not None:
        values["seed"] = seed
    return scenario_file.with_values(scenario_file.find(name), values)


def plugged(command: Callable[..., None]) -> Callable[..., None]:
    """Option of a command that plays a user's own strategies and rules."""
    option = click.option(
        "--plugin", "plugins", type=PATH, multiple=True, help="Python file that registers strategies or rules."
    )
    return option(command)


def command_line(name: str, *arguments: str, **options: str | int | Sequence[str] | None) -> str:
    """The command as it is typed; of options give those that may change a byte of the result, so no folder."""
    words = ["sandbox", name, *arguments]
    for option, given in options.items():
        if given is not None:
            each = [given] if isinstance(given, str | int) else given
            words += [f"--{option.replace('_', '-')}={one}" for one in each]
    return shlex.join(words)


def progress_bar() -> Progress:
    """Bar with a count and an estimate, on standard error if that is a terminal; it goes away when done."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Heard:
    """Whether Ctrl-C or a signal to end has come, and which one was the first: `number`, 0 for none."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> bool:
        return self.number > 0


@contextmanager
def hearing_signals(*, at_once: bool = False) -> Iterator[Heard]:
    """What has been heard; a second signal, or the first if `at_once`, interrupts what goes on."""
    heard = Heard()

    def hear(number: int, _: FrameType | None) -> None:
        again, heard.number = heard(), heard.number or number
        if again or at_once:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_table(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    markdown: bool = False,
    left: bool = False,
) -> None:
    """Print a table; its first column is text on the left, the others are numbers on the right unless `left`.

    A table of numbers is as wide as they are, since half a number is another number. One of texts (`left`) is broken
    into the lines of a terminal, and has all its width elsewhere.
    """
    if markdown:
        click.echo(markdown_table(heading, rows, left=left))
        return
    table = Table(title=escape(title) or None, box=None)
    for position, name in enumerate(heading):
        table.add_column(escape(name), justify="left" if left or not position else "right")
    for row in rows:
        table.add_row(*map(escape, row))
    console = Console()
    if not (left and console.is_terminal):
        console.width = Console(width=WIDEST).measure(table).maximum
    console.print(table)


def _setting(text: str) -> tuple[str, Any]:
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise ValueError(f"--set must be PATH=VALUE, is {text!r}")
    return path.strip(), scenario_file.parse_value(value.strip())
