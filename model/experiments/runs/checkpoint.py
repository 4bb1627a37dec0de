"""An economy between two epochs as arrays, and back: it plays on as if it had never been put away.

Nothing here is pickled: arrays of numbers and one text of facts in an `.npz`, which is data whoever wrote it.
"""

import dataclasses
import hashlib
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from model.economy import Economy
from model.epoch.turn_over import Turnover
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import dumps, loads, to_tree
from model.world.population import seat
from model.world.rules import SET_BY_OWNERS, Rules
from model.world.state import State
from model.yardsticks import planner

Arrays = dict[str, np.ndarray]

FACTS = "facts"
SHA256_LETTERS = 64


def save(economy: Economy) -> Arrays:
    """All that an economy is between two epochs, but the rows of its tables, which `restore` asks for."""
    facts = {
        "seed": economy.run_seed,
        "first_scenario": dumps(economy.first_scenario),
        "scenario": dumps(economy.rules.scenario),
        "interventions": [
            {"epoch": change.epoch, "values": to_tree(dict(change.values))} for change in economy.interventions
        ],
        "memory": {cohort: list(memory) for cohort, memory in economy.state.memory.items()},
        "columns": {
            name: {column: series.last(column).dtype.str for column in series.columns}
            for name, series in economy.records.series().items()
        },
    }
    people = economy.population
    arrays = {FACTS: np.array(json.dumps(facts)), "wealth_tao": economy.wealth_tao}
    arrays |= _fields("state", economy.state, _state_names())
    arrays |= _fields("population", people, ("holder", "vacant"))
    arrays |= _fields("rules", economy.rules, SET_BY_OWNERS)
    arrays |= _fields("turnover", economy.turnover, _names(Turnover))
    arrays |= {f"participant_tao.{name}": values for name, values in economy.records.participant_tao.items()}
    for cohort, memory in enumerate(economy.state.memory.values()):
        arrays |= {f"memory.{cohort}.{index}": array for index, array in enumerate(memory.values())}
    for cohort, name in enumerate(economy.state.memory):
        if name in economy.state.tenure:
            arrays[f"tenure.{cohort}"] = economy.state.tenure[name]
    return arrays


def columns(arrays: Arrays) -> dict[str, dict[str, str]]:
    """Columns that change from epoch to epoch and their NumPy types, by table."""
    found: dict[str, dict[str, str]] = json.loads(arrays[FACTS].item())["columns"]
    return found


def restore(arrays: Arrays, tables: Mapping[str, Mapping[str, np.ndarray]]) -> Economy:
    """Economy that `save` put away.

    Parameters
    ----------
    arrays : dict of array
        What `save` gave. The strategies that it names must be registered.
    tables : mapping
        By table, each of its `columns` over all epochs that were played, as values in the order of the rows.

    Raises
    ------
    ValueError, KeyError
        If the arrays are not those of an economy, or a strategy is not registered.
    """
    facts = json.loads(arrays[FACTS].item())
    changes = [Intervention(**change) for change in facts["interventions"]]
    economy = Economy(loads(facts["first_scenario"].encode()), rng=facts["seed"], interventions=changes)
    for name, series in economy.records.series().items():
        series.refill(tables[name])
    economy.state = _state(economy.state, arrays, facts["memory"])
    economy.population = seat(economy.population, arrays["population.holder"], arrays["population.vacant"])
    made: dict[str, Any] = {name: arrays[f"rules.{name}"] for name in SET_BY_OWNERS}
    economy.rules = replace(Rules.of(loads(facts["scenario"].encode())), **made)
    economy.turnover = Turnover(**{name: arrays[f"turnover.{name}"] for name in _names(Turnover)})
    economy.yields = planner.seat_yields(economy.rules, economy.population)
    economy.wealth_tao = arrays["wealth_tao"]
    held = {
        name.removeprefix("participant_tao."): values
        for name, values in arrays.items()
        if name.startswith("participant_tao.")
    }
    economy.records.participant_tao = held
    # What Mesa keeps by itself while it plays.
    economy.running = economy.epoch < economy.rules.scenario.epochs
    for name, values in economy.datacollector.model_vars.items():
        values[:] = economy.records.epochs.history(name)[:, 0].tolist() if economy.epoch else []
    return economy


def packed(arrays: Arrays) -> list[bytes]:
    """File of these arrays in pieces: the SHA-256 of an `.npz`, a line end, and the `.npz`.

    Raises
    ------
    ValueError
        If an array holds objects.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:  # NumPy would pickle it
            raise ValueError(f"arrays must hold numbers or texts, {name} holds objects")
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    content = file.getvalue()
    return [hashlib.sha256(content).hexdigest().encode() + b"\n", content]


def unpacked(data: bytes) -> Arrays:
    """Arrays from the bytes of a file that `packed` made.

    Raises
    ------
    ValueError
        If the bytes are not those that were written.
    """
    sha256, content = data[:SHA256_LETTERS], data[SHA256_LETTERS + 1 :]
    if hashlib.sha256(content).hexdigest().encode() != sha256:
        raise ValueError("its bytes are not those that were written")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def _state(begun: State, arrays: Arrays, memory: Mapping[str, Collection[str]]) -> State:
    """State of these arrays, each field of the kind that it has at the start of a run."""
    fields: dict[str, Any] = {}
    for name in _state_names():
        array, kind = arrays[f"state.{name}"], type(getattr(begun, name))
        fields[name] = array if kind is np.ndarray else kind(array.item())
    fields["memory"] = {
        cohort: {name: arrays[f"memory.{number}.{index}"] for index, name in enumerate(names)}
        for number, (cohort, names) in enumerate(memory.items())
    }
    fields["tenure"] = {
        cohort: arrays[f"tenure.{number}"] for number, cohort in enumerate(memory) if f"tenure.{number}" in arrays
    }
    return State(**fields)


def _state_names() -> list[str]:
    return [name for name in _names(State) if name not in ("memory", "tenure")]


def _names(kind: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _fields(part: str, held: object, names: Collection[str]) -> Arrays:
    return {f"{part}.{name}": np.asarray(getattr(held, name)) for name in names}
