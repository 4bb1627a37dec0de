"""The command that runs experiments of known outcome on the real economy, with a placebo for each."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pandas as pd

from model.commands.many_runs import many_runs, playing_many
from model.commands.terminal import print_table
from model.experiments.battery import battery
from model.experiments.battery import spec as battery_spec
from model.experiments.intervals import ROUNDING_SHARE
from model.experiments.many import finished
from model.records.export import write_tables
from model.wording import number


@click.command("battery")
@click.option("--only", multiple=True, metavar="NAME", help="Run this experiment alone; may be given again.")
@click.option(
    "--seeds", type=click.IntRange(1, 1000), help="Runs of each arm; each experiment's own number when not given."
)
@many_runs(battery.default_workers())
@click.option("--markdown", is_flag=True, help="Print one line for each experiment, as Markdown.")
def battery_command(
    only: tuple[str, ...],
    seeds: int | None,
    workers: int,
    timeout: float | None,
    out: Path | None,
    resume: bool,
    markdown: bool,
) -> None:
    """Run experiments whose outcome is known beforehand, and broken variants of them that must fail.

    Answers come from theory, outcomes from the running economy with its own strategies and kernels. "placebo" says
    whether the broken variant fails, as it must. The command ends with code 1 if an answer is missed or a placebo
    passes.
    """
    experiments = battery_spec.find(only, battery_spec.shipped())
    wanted = battery.tasks(experiments, seeds or 0)
    with playing_many("battery", workers, timeout, out, resume) as how:
        found = battery.run_all(wanted, how)
    verdicts = battery.table(wanted, found)
    if not markdown:
        for one in experiments:
            _print_answers(f"{one.title} ({one.source})", verdicts[verdicts["experiment"] == one.name])
    _print_summary(experiments, verdicts, battery.seconds_table(wanted, found), markdown)
    if out is not None:
        options = [*(f"--only={name}" for name in only), *([f"--seeds={seeds}"] if seeds else [])]
        manifest = battery.manifest_of(experiments, seeds or 0, shlex.join(["sandbox", "battery", *options]))
        folder = write_tables(out, {"battery": verdicts}, battery.DICTIONARY, manifest)
        finished(how)
        click.echo(f"written to {folder}", err=markdown)
    if failed := [one for one in found if one.error]:
        click.echo(f"{len(failed)} runs failed; the first: {failed[0].error}", err=True)
    if not battery.passed(verdicts):
        sys.exit(1)


def _print_answers(title: str, verdicts: pd.DataFrame) -> None:
    rows = [_answer_cells(row) for row in verdicts.to_dict("records")]
    print_table(("outcome", "theory", "mean", "sd", "N", "z", "tolerance", "met", "placebo"), rows, title=title)


def _answer_cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    rounding = ROUNDING_SHARE * max(abs(row["theory"]), row["tolerance"])
    return (
        f"{row['arm']}: {row['outcome']}",
        number(row["theory"], digits=6),
        number(row["mean"], digits=6, rounding=rounding),
        number(row["sd"], rounding=rounding),
        number(row["seeds"]),
        number(row["z"], signed=True),
        number(row["tolerance"]),
        "yes" if row["met"] else "NO",
        row["placebo"],
    )


def _print_summary(
    experiments: list[battery_spec.Experiment], verdicts: pd.DataFrame, seconds: pd.DataFrame, markdown: bool
) -> None:
    took = {row["experiment"]: row for row in seconds.to_dict("records")}
    rows = []
    for one in experiments:
        mine = verdicts[verdicts["experiment"] == one.name]
        error = ((mine["mean"] - mine["theory"]).abs() / mine["tolerance"]).max()
        tried = mine.loc[mine["placebo"] != "not run"].drop_duplicates("arm")
        red = tried["placebo"] == "fails"
        rows.append(
            (
                f"{one.title} ({one.source})" if markdown else one.name,
                f"{mine['met'].sum()} of {len(mine)}",
                number(error),
                f"{red.sum()} of {len(red)}",
                number(took[one.name]["runs"]),
                f"{took[one.name]['seconds']:.1f}",
            )
        )
    heading = ("experiment", "answers met", "error / tolerance", "placebos that fail", "runs", "seconds")
    print_table(heading, rows, markdown=markdown)
