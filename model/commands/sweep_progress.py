"""What a sweep says on the terminal while it goes on: a bar, now and then a line where there is no bar, or JSON."""

import dataclasses
import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from model.commands.terminal import progress_bar
from model.experiments.sweeps.execution.conduct import Progress
from model.experiments.sweeps.execution.estimate import Estimate
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.status import CANCELLED, Status
from model.experiments.sweeps.store.store import Store
from model.wording import number

PIPED_SECONDS, JSON_SECONDS = 5.0, 1.0


class SweepSays:
    """What one sweep says, for people or for machines.

    Parameters
    ----------
    n_workers : int
        Processes of this machine that play; 0 if they are elsewhere.
    """

    def __init__(self, spec: Spec, as_json: bool, n_workers: int) -> None:
        self._spec, self._as_json, self._n_workers = spec, as_json, n_workers

    def before(self, expected: Estimate, out: Any) -> None:
        """What it will take."""
        if self._as_json:
            seconds = expected.seconds(self._n_workers) if self._n_workers else None
            self._event("estimate", dataclasses.asdict(expected) | {"seconds": seconds})
            return
        took = number(expected.seconds_per_run, digits=2)
        each = f"{expected.n_runs:,} run{'s' if expected.n_runs > 1 else ''} of about {took} s"
        where = f"on {self._n_workers} process{'es' if self._n_workers > 1 else ''}"
        total = f", {duration(expected.seconds(self._n_workers))} {where}" if self._n_workers else ""
        size = f"{max(expected.disk_bytes / 1e6, 0.1):,.1f} MB"
        click.echo(f"{self._spec.name}: {each}{total}, {size}; by the first epochs of the base scenario", file=out)

    @contextmanager
    def during(self) -> Iterator[Progress]:
        """To be told the status again and again."""
        with progress_bar() as bar:
            if self._as_json:
                yield _now_and_then(JSON_SECONDS, lambda status: self._event("progress", facts_of(status)))
            elif bar.disable:
                yield _now_and_then(PIPED_SECONDS, lambda status: click.echo(_line(status), err=True))
            else:
                task = bar.add_task(self._spec.name, total=self._spec.n_runs)
                yield lambda status: bar.update(
                    task, completed=status.done, description=f"{self._spec.name}, {_rate(status)}"
                )

    def after(self, status: Status, store: Store, unsettled: str, go_on: str) -> None:
        """How it ended, how many of its runs have not settled, and what can be done next."""
        if self._as_json:
            self._event("end", facts_of(status))
            return
        click.echo(f"{status.ok:,} of {status.n_runs:,} runs done, written to {store.folder}")
        if status.ended_early:
            click.echo(
                f"{status.ended_early:,} of them ended early by [[stop]]: see epochs_played in the table of runs"
            )
        if unsettled:
            click.echo(unsettled)
        bad = store.failures()
        if len(bad):
            first = bad.iloc[0]
            click.echo(f"{len(bad)} failed; the first: run {first['run']}: {first['error']}", err=True)
        if status.state == CANCELLED:
            click.echo(f"cancelled; go on with: {go_on}", err=True)
        else:
            click.echo(f"next: sandbox analyse {store.folder}, or sandbox export {store.folder}")

    def _event(self, name: str, facts: dict[str, Any]) -> None:
        click.echo(json.dumps({"event": name} | facts))


def _now_and_then(seconds: float, tell: Progress) -> Progress:
    last = time.monotonic()

    def progress(status: Status) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(status)

    return progress


def counts(status: Status) -> str:
    """How many runs have ended, how many of them not well, and how many a rule ended before their last epoch."""
    bad = ", ".join(f"{n:,} {name}" for name in ("failed", "timeout", "died") if (n := getattr(status, name)))
    early = f"{status.ended_early:,} ended early by [[stop]]" if status.ended_early else ""
    return ", ".join(part for part in (f"{status.done:,} of {status.n_runs:,} runs done", bad, early) if part)


def pace(status: Status) -> str:
    """How fast it goes and how long it will take; empty if it does not run."""
    if not status.rate_per_second > 0:
        return ""
    return f"{_rate(status)}, {duration(status.remaining_seconds)} left"


def _rate(status: Status) -> str:
    return f"{number(status.rate_per_second, digits=3)} runs/s"


def _line(status: Status) -> str:
    return ", ".join(part for part in (f"{status.name}: {counts(status)}", pace(status)) if part)


def duration(seconds: float) -> str:
    """Time in words, in a unit that fits."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {max(seconds, 1):.0f} s"


def facts_of(status: Status) -> dict[str, Any]:
    """Status as JSON has it; what is not known is null."""
    facts = dataclasses.asdict(status)
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in facts.items()}
