"""Commands that set a run beside others: what it could have delivered, and what made its rewards concentrated."""

import math
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pandas as pd

from model.commands.many_runs import many_runs, playing_many
from model.commands.terminal import PATH, chosen_scenario, command_line, plugged, print_table, progress_bar
from model.experiments.baselines import BASELINE_DICTIONARY, THEORY_DICTIONARY, baseline_table, theory_table
from model.experiments.decomposition import DECOMPOSITION_DICTIONARY, decompose
from model.experiments.many import finished
from model.experiments.runs.run import manifest_of, run
from model.experiments.sweeps.execution.plugged import load_plugins, recorded
from model.experiments.sweeps.store.endings import OK
from model.records import columns
from model.records.data_dictionary import Column, DataDictionary
from model.records.export import check_out, write_tables
from model.records.provenance import Manifest
from model.records.settling import COLUMN as SETTLING
from model.records.settling import sentence_of_many
from model.scenario.scenario_file import digest
from model.wording import MISSING, number

RUN_FAILED = 1
MEASURES = ("reward_gini_participant", "reward_hhi_participant")

BASELINE_EXPORT = DataDictionary(
    *BASELINE_DICTIONARY.columns,
    *THEORY_DICTIONARY.columns,
    keys={"baselines": ("baseline",), "theory": ("quantity",)},
)
DECOMPOSITION_EXPORT = DataDictionary(
    *DECOMPOSITION_DICTIONARY.columns,
    Column(
        name="causes", unit="name", meaning="causes at work in the run, joined by +; the others as in the reference"
    ),
    Column(name="seed", unit="index", meaning="seed of the run"),
    Column(
        name="status",
        unit="name",
        meaning="ok, failed, timeout or died; a seed with one that is not ok is left out",
    ),
    Column(name="error", unit="text", meaning="why a run did not end well; empty for the others"),
    Column(
        name="value", unit="as the measure", meaning="the part under this seed; causes and reference sum to scenario"
    ),
    SETTLING,
    *columns.DICTIONARY.columns,
    keys=DECOMPOSITION_DICTIONARY.keys,
)


@click.command("baselines")
@click.argument("scenario")
@click.option("--epochs", type=int, help="Epochs to play; the scenario's own number when not given.")
@click.option("--seed", type=int, help="Seed of the run; the scenario's own when not given.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a field, by dotted path.")
@click.option("--out", type=PATH, help="Folder for the tables as CSV; must be new or empty.")
@plugged
def baselines_command(
    scenario: str,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    out: Path | None,
    plugins: tuple[Path, ...],
) -> None:
    """Set the last epoch of SCENARIO beside planners, an all-honest run and, where there is one, the closed form.

    The planners move the same spending to where users value it most: all of it among the epoch's seats (miners' uids in
    subnets), each miner's among its own seats, each seat's among capabilities, or each miner's hardware as it is.
    Efficiency of the mix is users' value over that of the third, of the selection that of the third over that of the
    first. "dissipated" is what miners spent over what they were paid.
    """
    loaded = load_plugins(plugins)
    chosen = chosen_scenario(scenario, epochs, seed, settings)
    if out is not None:
        check_out(out)
    with progress_bar() as bar:
        task = bar.add_task(chosen.name, total=2 * chosen.epochs)
        economy = run(chosen, progress=lambda done, _: bar.update(task, completed=done))
        table = baseline_table(economy, lambda done, of: bar.update(task, completed=of + done))
    theory = theory_table(economy)
    _print_baselines(table, f"{chosen.name}, seed {economy.run_seed}, epoch {economy.epoch - 1}")
    if len(theory):
        cells = (theory["quantity"], theory["theory"].map(number), theory["measured"].map(number))
        print_table(("quantity", "closed form", "measured"), list(zip(*cells, strict=True)))
    if out is not None:
        given = {"epochs": epochs, "seed": seed, "set": settings, "plugin": [str(path) for path in plugins]}
        command = command_line("baselines", scenario, **given)
        tables = {"baselines": table, "theory": theory}
        folder = write_tables(out, tables, BASELINE_EXPORT, manifest_of(economy, command, recorded(loaded)))
        click.echo(f"written to {folder}")


@click.command("decompose")
@click.argument("scenario")
@click.option(
    "--seeds", type=click.IntRange(1, 10_000), default=5, show_default=True, help="How many, on from its own."
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    default=MEASURES,
    show_default=True,
    help="Column of the epochs table to explain, in the last epoch; may be given more than once.",
)
@click.option("--reference", metavar="SCENARIO", help="World to compare with; an equal one when not given.")
@click.option("--epochs", type=int, help="Epochs of every run; the scenario's own number when not given.")
@plugged
@many_runs(1)
def decompose_command(
    scenario: str,
    seeds: int,
    measures: tuple[str, ...],
    reference: str | None,
    epochs: int | None,
    plugins: tuple[Path, ...],
    workers: int,
    timeout: float | None,
    out: Path | None,
    resume: bool,
) -> None:
    """Split what makes SCENARIO's rewards concentrated into causes that add up: stake, skill, collusion, rule.

    Every combination of causes is run with every seed; a part is the cause's Shapley value, its mean over seeds with
    a 95 % interval. "reference" is the measure without any cause, "scenario" with all.
    """
    loaded = load_plugins(plugins)
    chosen = chosen_scenario(scenario, epochs, None, ())
    other = None if reference is None else chosen_scenario(reference, epochs, None, ())
    measures = tuple(dict.fromkeys(measures))
    with playing_many(chosen.name, workers, timeout, out, resume, loaded) as how:
        result = decompose(chosen, range(chosen.seed, chosen.seed + seeds), measures, other, how)
    summary = result.summary()
    _print_parts(summary, f"{chosen.name}, {seeds} seeds from {chosen.seed}, epoch {chosen.epochs - 1}")
    if unsettled := sentence_of_many(result.runs["settling"]):
        click.echo(unsettled)
    if out is not None:
        manifest = Manifest(
            scenario_name=chosen.name,
            scenario_digest=digest(chosen),
            seed=chosen.seed,
            epochs=chosen.epochs,
            command=command_line(
                "decompose",
                scenario,
                seeds=seeds,
                measure=measures,
                reference=reference,
                epochs=epochs,
                plugin=[str(path) for path in plugins],
            ),
            plugins=recorded(loaded),
        )
        tables = {"summary": summary, "parts": result.parts, "runs": result.runs}
        folder = write_tables(out, tables, DECOMPOSITION_EXPORT, manifest)
        finished(how)
        click.echo(f"written to {folder}")
    failed = result.runs[result.runs["status"] != OK]
    if len(failed):
        first = failed.iloc[0]
        click.echo(f"{len(failed)} runs failed, their seeds are left out; the first: seed {first['seed']}: "
                   f"{first['error']}", err=True)  # fmt: skip
        sys.exit(RUN_FAILED)


def _print_baselines(table: pd.DataFrame, title: str) -> None:
    shown: dict[str, Callable[[float], str]] = {
        "users_value": number,
        "spend_tao": number,
        "mix_efficiency_share": _percent,
        "selection_efficiency_share": _percent,
        "efficiency_share": _percent,
        "price_of_anarchy_ratio": number,
        "rent_dissipation_share": _percent,
    }
    heading = (
        "who allocates",
        "users'\nvalue",
        "TAO\nspent",
        "efficiency:\nmix",
        "selection",
        "both",
        "price of\nanarchy",
        "dissipated",
    )
    cells = [table["baseline"], *(table[name].map(show) for name, show in shown.items())]
    print_table(heading, list(zip(*cells, strict=True)), title=title)


def _print_parts(summary: pd.DataFrame, title: str) -> None:
    name = summary["measure"].where(summary["part"] == "reference", "")
    cells = [name, summary["part"], *(summary[column].map(number) for column in ("mean", "low", "high"))]
    print_table(("measure", "part", "mean", "low", "high"), list(zip(*cells, strict=True)), title=title)


def _percent(share: float) -> str:
    return MISSING if math.isnan(share) else f"{share:.1%}"
