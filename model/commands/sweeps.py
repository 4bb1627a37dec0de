"""The commands that play a sweep, tell how far it is, and stop it."""

import json
import sys
from contextlib import closing
from pathlib import Path

import click
import pandas as pd

from model.bounds import within
from model.commands.sweep_progress import SweepSays, counts, facts_of, pace
from model.commands.terminal import PATH, command_line, hearing_signals, plugged
from model.experiments.battery.battery import default_workers
from model.experiments.sweeps.execution.cluster import Dask
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.estimate import estimate, refuse_above
from model.experiments.sweeps.execution.executors import Executor, InProcess
from model.experiments.sweeps.execution.plugged import Plugin, load_plugins, loading, recorded
from model.experiments.sweeps.execution.processes import Processes
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec import spec_file
from model.experiments.sweeps.spec.columns import columns
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.folder import ask_to_cancel, is_store, store_errors
from model.experiments.sweeps.store.status import CANCELLED
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_chunks, write_whole
from model.records.settling import sentence_of_many
from model.scenario import scenario_file

RUNS_FILE = "runs.csv"
SOME_FAILED, INTERRUPTED = 1, 130
LARGEST_UNASKED = 100_000


@click.command("sweep")
@click.argument("spec")
@click.option("--out", type=PATH, required=True, help="Folder of the sweep.")
@click.option("--resume", is_flag=True, help="Go on with the sweep in the folder; SPEC may ask for more runs than it.")
@click.option(
    "--workers",
    type=click.IntRange(0, 256),
    default=default_workers(),
    show_default="one per core, up to 2",
    help="Processes to use; 0 plays in this one.",
)
@click.option("--dask", metavar="ADDRESS", help="Play on the workers of this Dask scheduler instead.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Longest time of a run.")
@click.option(
    "--max-runs",
    type=click.IntRange(1),
    default=LARGEST_UNASKED,
    show_default=True,
    help="Refuse a sweep of more runs.",
)
@click.option("--dry-run", is_flag=True, help="Say how long it will take, and play nothing.")
@plugged
@click.option("--accept-version", is_flag=True, help="Go on although the code has changed since the sweep began.")
@click.option("--replay-lost", is_flag=True, help="Play runs again whose results are missing from the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each thing that happens.")
def sweep_command(
    spec: str,
    out: Path,
    resume: bool,
    workers: int,
    dask: str | None,
    timeout: float | None,
    max_runs: int,
    dry_run: bool,
    plugins: tuple[Path, ...],
    accept_version: bool,
    replay_lost: bool,
    as_json: bool,
) -> None:
    """Play all runs of SPEC (a name or a .toml file), every one on record in the folder as soon as it has ended.

    Ends with code 0 if all runs ended well, 1 if some did not, 130 if it was cancelled. Killed or cancelled, it goes
    on from where it was with --resume, to the same bytes.
    """
    if timeout is not None:
        within("--timeout", timeout, 0, above=True)
    loaded = load_plugins(plugins)
    asked = spec_file.read_spec(spec_file.shipped().get(spec) or Path(spec))
    refuse_above(asked, max_runs)
    task = EconomyTask(asked)
    expected = estimate(asked, task.base)
    say = SweepSays(asked, as_json, n_workers=0 if dask is not None else max(workers, 1))
    if dry_run:
        say.before(expected, out=sys.stdout)
        return
    line = command_line("sweep", spec, plugin=[str(path) for path in plugins])
    executor: Executor = Dask(dask) if dask is not None else Processes(workers) if workers else InProcess()
    with (
        closing(executor),  # connected before there is a folder
        _opened(out, asked, task, line, loaded, resume, accept_version, replay_lost) as store,
    ):
        say.before(expected, out=sys.stderr)
        with hearing_signals(at_once=not workers and dask is None) as stop, say.during() as progress:
            status = conduct(
                store, loading(loaded)(task), executor, timeout_seconds=timeout, progress=progress, stop=stop
            )
        runs = _write_runs(store)
        say.after(status, store, sentence_of_many(runs["settling"]), f"sandbox sweep {spec} --out {out} --resume")
    if status.state == CANCELLED:
        sys.exit(INTERRUPTED)
    if status.ok < status.n_runs:
        sys.exit(SOME_FAILED)


@click.command("status")
@click.argument("folder", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status_command(folder: Path, as_json: bool) -> None:
    """Tell how far the sweep in FOLDER is."""
    with Store.open(folder, read_only=True) as store:
        status = store.status()
    if as_json:
        click.echo(json.dumps(facts_of(status)))
        return
    process = f" by process {status.pid}" if status.pid else ""
    click.echo(f"{status.name}: {status.state}{process}")
    click.echo(counts(status))
    if left := pace(status):
        click.echo(left)


@click.command("cancel")
@click.argument("folder", type=PATH)
def cancel_command(folder: Path) -> None:
    """Stop the sweep in FOLDER; all runs that have ended stay on record."""
    if ask_to_cancel(folder):
        click.echo(f"{folder} was asked to stop")
    else:
        click.echo(f"nobody is running {folder}")


def _opened(
    out: Path,
    spec: Spec,
    task: EconomyTask,
    line: str,
    plugins: tuple[Plugin, ...],
    resume: bool,
    accept_version: bool,
    replay_lost: bool,
) -> Store:
    """Store at `out`: the one that is there, extended if need be, or a new one."""
    scenario = scenario_file.dumps(task.base)
    if not (resume and is_store(out)):
        return Store.create(out, spec, command=line, scenario=scenario, plugins=recorded(plugins))
    store = Store.open(out, accept_version=accept_version, replay_lost=replay_lost, plugins=recorded(plugins))
    try:
        store.extend(spec, scenario)
    except BaseException:
        store.close()
        raise
    return store


def _write_runs(store: Store) -> pd.DataFrame:
    """Write the table of runs as CSV beside the sweep, whole or not at all; the table."""
    runs = columns(store.spec).arrange("runs", store.runs())
    with store_errors(store.folder):
        write_whole(store.folder / RUNS_FILE, csv_chunks(runs))
    return runs
