"""What a sweep does at each of its points: one economy, played to its end, and the numbers kept of it."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.bounds import shown
from model.economy import Economy
from model.experiments.sweeps.spec.outcomes import ACROSS, TABLES, Outcome, Result
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.spec.spec import INTERVENTION, Spec
from model.experiments.watch import UNWATCHED, Watch
from model.records.records import Records, Series
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, find, with_values


def base_of(spec: Spec) -> Scenario:
    """What the sweep varies: its scenario with its own values and epochs."""
    own_epochs = {"epochs": spec.epochs} if spec.epochs else {}
    return with_values(find(spec.scenario), {**spec.values, **own_epochs})


def start_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a point's values those with which its run starts; the others belong to changes on the way."""
    return {path: value for path, value in values.items() if not _is_change(path)}


class EconomyTask:
    """Plays a point of a sweep; made once from its spec, and sent once to each worker.

    Parameters
    ----------
    spec : Spec

    Raises
    ------
    ValueError
        If the base scenario is not valid, a factor's path leads nowhere, or there is no such measure.
    """

    def __init__(self, spec: Spec) -> None:
        self.base = base_of(spec)
        self.spec, self.outcomes, self.stop = spec, spec.outcomes, spec.stop
        for factor in spec.factors:
            _check_path(self.base, factor.path.partition(".values.")[2] if _is_change(factor.path) else factor.path)
        Economy(self.base, interventions=spec.interventions_at({}))
        for outcome in self.outcomes:
            _check_outcome(outcome)
        for stop in self.stop:
            _check_measure("stop", stop.measure, TABLES[0])

    @property
    def scenario_digest(self) -> str:
        """Digest of the base scenario, the spec's own values and epochs included."""
        return digest(self.base)

    def __call__(self, point: Point, watch: Watch = UNWATCHED) -> Result:
        """Outcomes of one run.

        Parameters
        ----------
        watch : Watch
            Looked at after each epoch; raises what ends the run before its time.

        Raises
        ------
        ValueError
            If the point's values make no valid scenario, or an outcome's labels fit no row.
        """
        changes = self.spec.interventions_at({path: at for path, at in point.values.items() if _is_change(path)})
        economy = Economy(self.scenario_of(point), rng=point.seed, interventions=changes)
        while economy.running:
            economy.step()
            if any(stop.holds(economy.records.epochs.history(stop.measure)[:, 0]) for stop in self.stop):
                break
            if economy.running:
                watch.look(f"{economy.epoch} of {economy.first_scenario.epochs} epochs were played")
        return self._result(economy)

    def scenario_of(self, point: Point) -> Scenario:
        """Scenario of one run."""
        return with_values(self.base, start_of(point.values))

    def _result(self, economy: Economy) -> Result:
        held = [(outcome, _epochs_of(economy.records, outcome)) for outcome in self.outcomes]
        return Result(
            row={outcome.column: outcome.number(values) for outcome, values in held if not outcome.is_series},
            # Copies, so that a result does not keep a run's whole record alive.
            series={outcome.column: values.copy() for outcome, values in held if outcome.is_series},
            epochs_played=economy.epoch,
        )


def _epochs_of(records: Records, outcome: Outcome) -> np.ndarray:
    """Values of the outcome's measure, one number an epoch, (epoch,); only the last epoch where no other counts."""
    table: Series = getattr(records, outcome.table)
    held = table.history(outcome.measure)
    held = held[-1:] if outcome.over == "last" else held
    if not outcome.across:
        return held[:, 0]
    counted = np.ones(held.shape[1], dtype=bool)
    for label, value in outcome.where.items():
        counted &= table.label[label] == value
        if not counted.any():
            known = ", ".join(map(str, dict.fromkeys(table.label[label].tolist())))
            raise ValueError(f"outcome {outcome.column!r}: no row has {label} {value!r}; there are {known}")
    return ACROSS[outcome.across](held[:, counted].astype(float))


@functools.cache
def tables_of_a_run() -> Records:
    """Records of the smallest economy after an epoch, to know what is measured."""
    economy = Economy("cartel", epochs=1)
    economy.step()
    return economy.records


def _check_outcome(outcome: Outcome) -> None:
    _check_measure("outcomes", outcome.measure, outcome.table)
    known = tuple(getattr(tables_of_a_run(), outcome.table).label)
    for label in outcome.where:
        if label not in known:
            raise ValueError(f"outcome {outcome.column!r}: where must name one of {', '.join(known)}, names {label!r}")


def _check_measure(field: str, measure: str, table: str) -> None:
    known = getattr(tables_of_a_run(), table).columns
    if measure not in known:
        raise ValueError(f"{field}: no measure {shown(measure)} in the table {table!r}; there are {', '.join(known)}")


def _is_change(path: str) -> bool:
    """Whether a factor varies a change on the way, not the scenario."""
    return path.startswith(INTERVENTION)


def _check_path(base: Scenario, path: str) -> None:
    if not path:  # the epoch of a change
        return
    try:
        with_values(base, {path: ""})
    except ValueError as error:  # that "" is no value for the field is no matter
        if str(error).startswith("no field"):
            raise
