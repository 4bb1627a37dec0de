"""The command that sets two scenarios side by side under the same seeds."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from model.charts.compare import sentence
from model.commands.many_runs import many_runs, playing_many
from model.commands.terminal import chosen_scenario, command_line, plugged, print_table
from model.experiments.comparison.compare import EXPORT_DICTIONARY, changed_fields, compare, pair_manifest
from model.experiments.comparison.paired import MEASURES, differences
from model.experiments.many import finished
from model.experiments.sweeps.execution.plugged import load_plugins, recorded
from model.experiments.sweeps.store.endings import OK
from model.records.export import write_tables
from model.records.settling import sentence_of_many
from model.scenario.interventions import parse_intervention
from model.scenario.scenario import Scenario
from model.wording import number

RUN_FAILED = 1


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.option("--set-a", "settings_a", multiple=True, metavar="PATH=VALUE", help="Change a field of A, by dotted path.")
@click.option("--set-b", "settings_b", multiple=True, metavar="PATH=VALUE", help="Change a field of B.")
@click.option(
    "--seeds", type=click.IntRange(1, 10_000), default=8, show_default=True, help="How many, on from A's own."
)
@click.option("--epochs", type=int, help="Epochs of every run; the scenarios' own number when not given.")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    default=MEASURES,
    show_default=True,
    help="Column of the epochs table to compare, in the last epoch; may be given more than once.",
)
@click.option(
    "--at-a", "changes_a", multiple=True, metavar="EPOCH:PATH=VALUE", help="Change a rule of A from an epoch on."
)
@click.option("--at-b", "changes_b", multiple=True, metavar="EPOCH:PATH=VALUE", help="Change a rule of B.")
@plugged
@many_runs(1)
def compare_command(
    a: str,
    b: str,
    settings_a: tuple[str, ...],
    settings_b: tuple[str, ...],
    seeds: int,
    epochs: int | None,
    measures: tuple[str, ...],
    changes_a: tuple[str, ...],
    changes_b: tuple[str, ...],
    plugins: tuple[Path, ...],
    workers: int,
    timeout: float | None,
    out: Path | None,
    resume: bool,
) -> None:
    """Run scenarios A and B under the same seeds and print how B differs from A.

    Both sides of a seed draw the same chance, so "B - A" is paired: its mean over seeds, half of its 95 % interval, and
    its standard deviation. The intervals hold for all measures together, and however often one adds seeds and looks
    again. "needed" is the number of seeds that would make the difference clear in 80 of 100 cases, if it and its
    deviation are as they look. B may be A again with --set-b, or with --at-b: a change from an epoch on, against none.
    """
    loaded = load_plugins(plugins)
    one = chosen_scenario(a, epochs, None, settings_a)
    other = chosen_scenario(b, epochs, None, settings_b)
    if any(setting.partition("=")[0].strip() == "seed" for setting in settings_b):
        raise ValueError("--set-b must not name seed: both sides play under the same seeds, on from that of A")
    measures = tuple(dict.fromkeys(measures))
    wanted = range(one.seed, one.seed + seeds)
    changes = tuple(map(parse_intervention, changes_a)), tuple(map(parse_intervention, changes_b))
    with playing_many("compare", workers, timeout, out, resume, loaded) as how:
        runs = compare(one, other, wanted, measures, how, changes)
    failed = runs[runs["status"] != OK]
    if len(failed) < len(runs):
        table = differences(runs, measures)
        _print(table, one, other, wanted)
        for side, of_side in runs.groupby("side"):
            if unsettled := sentence_of_many(of_side["settling"]):
                click.echo(f"side {side}: {unsettled}")
        if out is not None:
            command = command_line(
                "compare", a, b, set_a=settings_a, set_b=settings_b, seeds=seeds, epochs=epochs, measure=measures,
                at_a=changes_a, at_b=changes_b, plugin=[str(path) for path in plugins],
            )  # fmt: skip
            tables = {"differences": table, "runs": runs, "fields": changed_fields(one, other)}
            manifest = replace(pair_manifest(one, other, wanted[0], command), plugins=recorded(loaded))
            folder = write_tables(out, tables, EXPORT_DICTIONARY, manifest)
            finished(how)
            click.echo(f"written to {folder}")
    if len(failed):
        first = failed.iloc[0]
        click.echo(
            f"{len(failed)} runs failed; the first: side {first.side}, seed {first.seed}: {first.error}", err=True
        )
        sys.exit(RUN_FAILED)


def _print(table: pd.DataFrame, a: Scenario, b: Scenario, seeds: range) -> None:
    rows = [_cells(row) for row in table.to_dict("records")]
    title = f"A {a.name}, B {b.name}, seeds {seeds[0]} to {seeds[-1]}, epoch {a.epochs - 1}"
    print_table(("measure", "A", "B", "B - A", "+-", "sd", "N", "needed"), rows, title=title)
    click.echo()
    for row in table.to_dict("records"):
        click.echo(sentence(row))


def _cells(row: Mapping[Any, Any]) -> list[str]:
    half = (row["high"] - row["low"]) / 2
    amounts = (row["a_mean"], row["b_mean"], row["difference"], half, row["sd"], row["seeds"], row["seeds_needed"])
    return [row["measure"], *map(number, amounts)]
