"""One run from scenario to files."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.economy import Economy
from model.experiments.watch import UNWATCHED, Watch, never
from model.records.columns import DICTIONARY
from model.records.export import write_tables, zip_bytes
from model.records.provenance import BROKEN, FINISHED, STOPPED, Manifest
from model.scenario.interventions import Intervention, dumps_interventions
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, dumps

Progress = Callable[[int, int], None]
Plugins = Iterable[Mapping[str, str]]

SCENARIO_FILE, INTERVENTIONS_FILE = "scenario.toml", "interventions.toml"


def run(
    scenario: Scenario,
    seed: int | None = None,
    interventions: Iterable[Intervention] = (),
    progress: Progress | None = None,
    watch: Watch = UNWATCHED,
) -> Economy:
    """Economy after all epochs of `scenario`.

    Parameters
    ----------
    seed : int, optional
        Seed of the run; the scenario's own when not given.
    progress : callable, optional
        Called after each epoch with epochs done and epochs in all.
    watch : Watch
        Looked at after each epoch; raises what ends the run before its time.
    """
    economy = Economy(scenario, rng=seed, interventions=interventions)
    play(economy, progress, watch=watch)
    return economy


def play(
    economy: Economy,
    progress: Progress | None = None,
    stop: Callable[[], object] = never,
    watch: Watch = UNWATCHED,
) -> None:
    """Play all epochs that are left, or until somebody asks between two of them to stop, or `watch` ends it."""
    while economy.running and not stop():
        economy.step()
        if progress:
            progress(economy.epoch, economy.first_scenario.epochs)
        watch.look(f"{economy.epoch} of {economy.first_scenario.epochs} epochs were played")


def last_epoch_of(economy: Economy) -> dict[str, Any]:
    """Last row of the epochs table, and whether the run has settled."""
    row = {str(name): held.iloc[0].item() for name, held in economy.records.epochs.frame(last=1).items()}
    return row | {"settling": economy.settling().state}


def played_scenario(economy: Economy) -> Scenario:
    """Scenario that plays what this economy has played: its first rules, its seed, as many epochs as are done."""
    return replace(economy.first_scenario, seed=economy.run_seed, epochs=max(economy.epoch, 1))


def manifest_of(economy: Economy, command: str, plugins: Plugins = (), *, broken: bool = False) -> Manifest:
    """What it takes to compute this economy's tables again.

    `command` is the command line, or the page, that asked for them; `broken` says that an epoch broke off.
    """
    return Manifest(
        scenario_name=economy.first_scenario.name,
        scenario_digest=digest(played_scenario(economy)),
        seed=economy.run_seed,
        epochs=economy.epoch,
        command=command,
        interventions=tuple({"epoch": one.epoch, "values": dict(one.values)} for one in _played_changes(economy)),
        plugins=tuple(plugins),
        status=BROKEN if broken else STOPPED if economy.running else FINISHED,
    )


def export(economy: Economy, out: Path, command: str, plugins: Plugins = (), *, broken: bool = False) -> Path:
    """Folder with the run's tables, data dictionary, scenario and manifest.

    Parameters
    ----------
    plugins : iterable of mapping
        Name and SHA-256 of each file that brought strategies.
    broken : bool
        An epoch broke off, and was taken back.

    Raises
    ------
    ValueError
        If the folder can't be written or is in use by something else.
    """
    manifest = manifest_of(economy, command, plugins, broken=broken)
    return write_tables(out, economy.tables(), DICTIONARY, manifest, inputs=inputs_of(economy))


def archive(economy: Economy, command: str) -> bytes:
    """Zip of the files that `export` writes."""
    return zip_bytes(economy.tables(), DICTIONARY, manifest_of(economy, command), inputs_of(economy))


def inputs_of(economy: Economy) -> dict[str, bytes]:
    """Files that go with the tables: the scenario that plays what was played, and the changes on its way, if any."""
    files = {SCENARIO_FILE: dumps(played_scenario(economy)).encode()}
    if changes := _played_changes(economy):
        files[INTERVENTIONS_FILE] = dumps_interventions(changes).encode()
    return files


def _played_changes(economy: Economy) -> list[Intervention]:
    return [change for change in economy.interventions if change.epoch < economy.epoch]
