"""Commands that play one scenario, and that list those that come with the sandbox."""

import shlex
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from model.commands.terminal import chosen_scenario, progress_bar
from model.economy import Economy
from model.epoch.asking import StrategyError
from model.experiments.run import export, play
from model.records.export import check_out
from model.scenario import scenario_file
from model.scenario.interventions import parse_intervention, read_interventions
from model.scenario.plugin import load_plugin


@click.command("scenarios")
def scenarios_command() -> None:
    """List the scenarios that come with the sandbox."""
    table = Table("scenario", "subnets x uids", "epochs", "what it shows", box=None)
    for name, path in scenario_file.shipped().items():
        scenario = scenario_file.load(path)
        size = f"{scenario.subnets.count} x {scenario.subnets.n_uids}"
        table.add_row(name, size, str(scenario.epochs), scenario.story)
    Console().print(table)


@click.command("run")
@click.argument("scenario")
@click.option("--epochs", type=int, help="Epochs to play; the scenario's own number when not given.")
@click.option("--seed", type=int, help="Seed of the run; the scenario's own when not given.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a field, by dotted path.")
@click.option("--interventions", type=click.Path(path_type=Path), help="File of changes while the run is under way.")
@click.option("--at", multiple=True, metavar="EPOCH:PATH=VALUE", help="Change a field from this epoch on.")
@click.option(
    "--plugin", "plugins", type=click.Path(path_type=Path), multiple=True, help="Python file that registers strategies."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write; must be new or empty.")
def run_command(
    scenario: str,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    interventions: Path | None,
    at: tuple[str, ...],
    plugins: tuple[Path, ...],
    out: Path,
) -> None:
    """Run SCENARIO (a name or a .toml file) and write its tables as CSV.

    If a strategy breaks down, the epochs before that are written.
    """
    loaded = [load_plugin(path) for path in plugins]
    chosen = chosen_scenario(scenario, epochs, seed, settings)
    changes = (*(read_interventions(interventions) if interventions else ()), *map(parse_intervention, at))
    for change in changes:
        if change.epoch >= chosen.epochs:
            raise ValueError(
                f"interventions must be for an epoch before {chosen.epochs}, the run's number of epochs, "
                f"one is for {change.epoch}"
            )
    check_out(out)
    economy = Economy(chosen, interventions=changes)
    try:
        with progress_bar() as bar:
            task = bar.add_task(chosen.name, total=chosen.epochs)
            play(economy, lambda done, _: bar.update(task, completed=done))
    except StrategyError:
        if economy.epoch:
            folder = export(economy, out, _command_line(), loaded, broken=True)
            click.echo(f"the {economy.epoch} epochs before it broke are written to {folder}", err=True)
        raise
    folder = export(economy, out, _command_line(), loaded)
    _print_results(economy)
    click.echo(f"written to {folder}")


def _print_results(economy: Economy) -> None:
    """A short table of the last epoch: what each strategy has, and how concentrated rewards are."""
    frame = economy.records.strategies.frame(last=1)
    table = Table(title=f"{economy.first_scenario.name}, seed {economy.run_seed}, after epoch {economy.epoch - 1}")
    for heading in ("role", "strategy", "number", "earned TAO", "share", "spent TAO", "wealth TAO"):
        table.add_column(heading, justify="left" if heading in ("role", "strategy") else "right")
    for row in frame.itertuples(index=False):
        table.add_row(
            row.role,
            row.strategy,
            f"{row.participants}",
            f"{row.earned_tao:,.2f}",
            f"{row.earned_share:.1%}",
            f"{row.spend_tao:,.2f}",
            f"{row.wealth_tao:,.0f}",
        )
    console = Console()
    console.print(table)
    last = economy.records.epochs.frame(last=1).iloc[0]
    console.print(
        f"rewards by owner: Gini {last.reward_gini_owner:.3f}, HHI {last.reward_hhi_owner:.4f}, "
        f"Nakamoto {int(last.reward_nakamoto_owner)}; by hotkey: Gini {last.reward_gini_hotkey:.3f}"
    )
    spent = economy.records.capabilities.frame(last=1).groupby("capability", sort=False)["spend_tao"].sum()
    if spent.sum():
        shares = ", ".join(f"{name} {amount / spent.sum():.1%}" for name, amount in spent.items())
        console.print(f"spending by capability: {shares}")


def _command_line() -> str:
    return shlex.join(["sandbox", *sys.argv[1:]])
