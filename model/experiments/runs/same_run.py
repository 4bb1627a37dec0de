"""Whether a run that was found in a folder is the one that was asked for."""

from collections.abc import Sequence
from pathlib import Path

from model.bounds import shown
from model.economy import Economy
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
    elif list(map(_plain, economy.interventions)) != list(map(_plain, changes)):
        difference = "other interventions"
    else:
        return
    raise ValueError(
        f"--resume must name the run that was begun, {out} holds one with {difference}: "
        "leave SCENARIO and its options out to go on with it"
    )


def _plain(change: Intervention) -> tuple[int, object]:
    return change.epoch, to_tree(dict(change.values))
