"""Commands that play one scenario, and that list those that come with the sandbox."""

import shlex
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import click

from model.commands.terminal import (
    PATH,
    chosen_scenario,
    command_line,
    hearing_signals,
    plugged,
    print_table,
    progress_bar,
)
from model.economy import Economy
from model.experiments.runs.run import INTERVENTIONS_FILE, SCENARIO_FILE, play
from model.experiments.runs.run_folder import RunFolder, WritingError, is_unfinished
from model.experiments.runs.same_run import Asked, n_finished_epochs
from model.records.export import MANIFEST_FILE
from model.scenario import scenario_file
from model.scenario.interventions import check_in_time, parse_intervention, read_interventions
from model.scenario.plugin import load_plugin
from model.world.remarks import remarks

RUN_FAILED, SIGNALLED = 1, 128  # a process that a signal ends has this and the signal's number as its code


@click.command("scenarios")
def scenarios_command() -> None:
    """List the scenarios that come with the sandbox."""
    rows = []
    for name, path in scenario_file.shipped().items():
        scenario = scenario_file.load(path)
        size = f"{scenario.subnets.count} x {scenario.subnets.n_uids}"
        rows.append((name, size, str(scenario.epochs), scenario.story))
    print_table(("scenario", "subnets x uids", "epochs", "what it shows"), rows, left=True)


@click.command("run")
@click.argument("scenario", required=False)
@click.option("--epochs", type=int, help="Epochs to play; the scenario's own number when not given.")
@click.option("--seed", type=int, help="Seed of the run; the scenario's own when not given.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a field, by dotted path.")
@click.option("--interventions", type=PATH, help="File of changes while the run is under way.")
@click.option("--at", multiple=True, metavar="EPOCH:PATH=VALUE", help="Change a field from this epoch on.")
@plugged
@click.option("--out", type=PATH, required=True, help="Folder to write; must be new or empty.")
@click.option(
    "--resume", is_flag=True, help="Go on with the run in the folder, if there is one; SCENARIO may be left out."
)
def run_command(
    scenario: str | None,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    interventions: Path | None,
    at: tuple[str, ...],
    plugins: tuple[Path, ...],
    out: Path,
    resume: bool,
) -> None:
    """Run SCENARIO (a name, a .toml file, or the folder of a run, with its changes) and write its tables as CSV.

    A long run is written as it is played. Stopped by Ctrl-C or a signal to end, it ends with code 130 or 143, and what
    was played is written. Stopped or killed, it goes on with --resume, to the same bytes; a finished run is left as it
    is. If a strategy breaks down, the epochs before that are written.
    """
    loaded = [load_plugin(path) for path in plugins]
    asked = _asked(scenario, epochs, seed, settings, interventions, at)
    plugged = [word for path in plugins for word in ("--plugin", str(path))]
    # Without the folder, which must not change a byte of the result.
    command = command_line(
        "run",
        *([scenario] if scenario else []),
        epochs=epochs,
        seed=seed,
        set=settings,
        interventions=str(interventions) if interventions else None,
        at=at,
        plugin=[str(path) for path in plugins],
    )
    go_on = shlex.join(["sandbox", "run", "--out", str(out), *plugged, "--resume"])
    if resume and not is_unfinished(out) and (n_epochs := n_finished_epochs(out, asked)):
        click.echo(f"{out.resolve()} holds a finished run of {n_epochs:,} epochs; nothing to do")
        return
    begun = False
    with hearing_signals(at_once=True) as heard:
        try:
            folder, economy = _opened(out, asked, resume, loaded, command)
            begun = True
            for remark in remarks(economy.first_scenario):
                click.echo(f"note: {remark}", err=True)
            with folder:
                _play(economy, folder, go_on)
            _print_results(economy)
            click.echo(f"written to {folder.out}")
        except WritingError as error:
            _end(str(error), RUN_FAILED)
        except KeyboardInterrupt:
            _end(f"stopped; {_so_far(out.resolve(), go_on, begun=begun)}", SIGNALLED + (heard.number or signal.SIGINT))


def _asked(
    scenario: str | None,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    interventions: Path | None,
    at: tuple[str, ...],
) -> Asked | None:
    """Scenario and the changes on its way; None if no scenario is given."""
    if scenario is None:
        options = {"epochs": epochs, "seed": seed, "set": settings, "interventions": interventions, "at": at}
        for name, given in options.items():
            if given not in (None, ()):
                raise click.UsageError(f"--{name} must go with a SCENARIO.")
        return None
    folder = Path(scenario) if Path(scenario).is_dir() else None
    chosen = chosen_scenario(str(folder / SCENARIO_FILE) if folder else scenario, epochs, seed, settings)
    beside = (folder or Path(scenario).parent) / INTERVENTIONS_FILE
    if folder is None and interventions is None and Path(scenario).name == SCENARIO_FILE and beside.is_file():
        click.echo(f"note: the changes in {beside} are not played; sandbox run {beside.parent} plays them", err=True)
    files = [file for file in (beside if folder and beside.is_file() else None, interventions) if file]
    changes = (*(change for file in files for change in read_interventions(file)), *map(parse_intervention, at))
    check_in_time(changes, chosen.epochs)
    return chosen, changes


def _opened(
    out: Path, asked: Asked | None, resume: bool, plugins: list[Mapping[str, str]], command: str
) -> tuple[RunFolder, Economy]:
    """Folder at `out` and the economy that is played into it: the one that is there, or a new one."""
    if resume and (asked is None or is_unfinished(out)):
        return RunFolder.resume(out, plugins, asked)
    if asked is None:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    scenario, changes = asked
    folder = RunFolder.begin(out, command, plugins)
    economy = Economy(scenario, interventions=changes)
    folder.check(economy)
    return folder, economy


def _play(economy: Economy, folder: RunFolder, go_on: str) -> None:
    """Play what is left, into the folder; ends the process if the run does not come to its end.

    `go_on` is the command that goes on with it then.
    """
    with hearing_signals() as heard:
        try:
            with progress_bar() as bar:
                task = bar.add_task(economy.first_scenario.name, total=economy.first_scenario.epochs)

                def played(done: int, _: int) -> None:
                    bar.update(task, completed=done)
                    folder.keep_up(economy)

                play(economy, played, heard)
            if economy.epoch:
                folder.finish(economy)
        except KeyboardInterrupt:
            _end(f"stopped; {_so_far(folder.out, go_on)}", SIGNALLED + (heard.number or signal.SIGINT))
        except WritingError:
            raise
        except MemoryError:
            said = f"the first {folder.n_safe:,} epochs are safe in {folder.out}, go on with: {go_on}"
            _end(f"out of memory; {said if folder.n_safe else 'nothing was written'}", RUN_FAILED)
        except Exception:
            if economy.epoch:
                folder.finish(economy, broken=True)
                click.echo(f"the {economy.epoch} epochs before it broke are written to {folder.out}", err=True)
            raise
    if economy.running:
        said = f"the {economy.epoch:,} epochs played are written to {folder.out}, go on with: {go_on}"
        _end(f"stopped; {said if economy.epoch else 'nothing was written'}", SIGNALLED + heard.number)


def _so_far(out: Path, go_on: str, *, begun: bool = True) -> str:
    """What the folder of a run that was interrupted holds; nothing of it unless the run was `begun` or unfinished."""
    if is_unfinished(out):
        return f"what {out} holds is safe, go on with: {go_on}"
    return f"{out} is written" if begun and (out / MANIFEST_FILE).is_file() else "nothing was written"


def _end(sentence: str, code: int) -> NoReturn:
    click.echo(f"sandbox: {sentence}", err=True)
    sys.exit(code)


def _print_results(economy: Economy) -> None:
    """A short table of the last epoch: what each strategy has, and how concentrated rewards are."""
    frame = economy.records.strategies.frame(last=1)
    rows = [
        (
            f"{row.role}: {row.strategy}",
            f"{row.participants}",
            f"{row.earned_tao:,.2f}",
            f"{row.earned_share:.1%}",
            f"{row.spend_tao:,.2f}",
            f"{row.wealth_tao:,.0f}",
        )
        for row in frame.itertuples(index=False)
    ]
    heading = ("role and strategy", "number", "earned TAO", "share", "spent TAO", "wealth TAO")
    title = f"{economy.first_scenario.name}, seed {economy.run_seed}, after epoch {economy.epoch - 1}"
    print_table(heading, rows, title=title)
    last = economy.records.epochs.frame(last=1).iloc[0]
    click.echo(
        f"rewards by participant: Gini {last.reward_gini_participant:.3f}, HHI {last.reward_hhi_participant:.4f}, "
        f"Nakamoto {int(last.reward_nakamoto_participant)}; by hotkey: Gini {last.reward_gini_hotkey:.3f}"
    )
    spent = economy.records.capabilities.frame(last=1).groupby("capability", sort=False)["spend_tao"].sum()
    if spent.sum():
        shares = ", ".join(f"{name} {amount / spent.sum():.1%}" for name, amount in spent.items())
        click.echo(f"spending by capability: {shares}")
    click.echo(economy.settling().sentence())
