"""Whether a run that was found in a folder is the one that was asked for, and whether it is finished."""

import json
from collections.abc import Sequence
from pathlib import Path

from model.bounds import shown
from model.economy import Economy
from model.experiments.runs.run import SCENARIO_FILE
from model.files import read_file
from model.records.export import LARGEST_MANIFEST_BYTES, MANIFEST_FILE
from model.records.provenance import FINISHED
from model.scenario.interventions import Intervention
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import dumps, flat, to_tree

Asked = tuple[Scenario, Sequence[Intervention]]


def check_same(out: Path, economy: Economy, scenario: Scenario, changes: Sequence[Intervention]) -> None:
    """Pass if the economy that was found in `out` plays this scenario, with these changes on the way.

    Raises
    ------
    ValueError
        If it does not; the sentence names a difference.
    """
    there, here = flat(to_tree(economy.first_scenario)), flat(to_tree(scenario))
    path = next((path for path in {**there, **here} if there.get(path) != here.get(path)), None)
    if path:
        difference = f"{path} {shown(there.get(path))}, not {shown(here.get(path))}"
    elif dumps(economy.first_scenario) != dumps(scenario):
        difference = "the same scenario in another order"
    elif list(map(_as_tree, economy.interventions)) != list(map(_as_tree, changes)):
        difference = "other interventions"
    else:
        return
    raise ValueError(
        f"--resume must name the run that was begun, {out} holds one with {difference}: "
        "leave SCENARIO and its options out to go on with it"
    )


def n_finished_epochs(out: Path, asked: Asked | None = None) -> int:
    """Epochs of the finished run in `out`, if that is the one that was asked for or none was; 0 without one."""
    try:
        manifest = json.loads(read_file(out / MANIFEST_FILE, MANIFEST_FILE, LARGEST_MANIFEST_BYTES))
        held = read_file(out / SCENARIO_FILE, SCENARIO_FILE, LARGEST_MANIFEST_BYTES)
        n_epochs = int(manifest["epochs"]) if manifest["status"] == FINISHED else 0
        changes_held = manifest["interventions"]
    except (RecursionError, ValueError, KeyError, TypeError):
        return 0
    if asked:
        scenario, changes = asked
        values = [{"epoch": change.epoch, "values": to_tree(dict(change.values))} for change in changes]
        if (held, changes_held) != (dumps(scenario).encode(), values):
            return 0
    return n_epochs


def _as_tree(change: Intervention) -> tuple[int, object]:
    return change.epoch, to_tree(dict(change.values))
