"""What a sweep does at each of its points: one economy, played to its end, and the numbers kept of it."""

import contextlib
import functools
import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from model.bounds import no_such, shown
from model.economy import Economy
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.factors import canonical
from model.experiments.sweeps.spec.outcomes import ACROSS, TABLES, Outcome, Result
from model.experiments.sweeps.spec.points import Point
from model.experiments.sweeps.spec.spec import INTERVENTION, SAMPLED, Spec
from model.experiments.watch import UNWATCHED, Watch
from model.records.records import Records, Series
from model.records.settling import COLUMN as SETTLING
from model.scenario.interventions import Intervention, check_in_time, scenario_after
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import NoFieldError, digest, find, with_values
from model.units import BoolArray

TRIED_COMBINATIONS = 2_000  # before the first run, to find values that no combination can have
TRIED_ECONOMIES = 8  # to find rows that an outcome counts; where more are unlike each other, the runs will tell
ZERO_OF_NONE = ("sum", "positive")  # rows; of no rows there is no mean, least or largest
# Sections of fields that decide which subnets, people and capabilities a run has rows for.
LABELLING = ("capabilities", "subnets", "miners", "validators", "nominators", "owners", "cartel", "registration")


def base_of(spec: Spec) -> Scenario:
    """What the sweep varies: its scenario with its own values and epochs.

    Where that is none, since what the factors set has to go with it, the first combination that makes one.
    """
    own = {**spec.values, **({"epochs": spec.epochs} if spec.epochs else {})}
    found = find(spec.scenario)
    try:
        return with_values(found, own)
    except NoFieldError:
        raise
    except ValueError:
        for point in itertools.islice(combinations(spec), TRIED_COMBINATIONS) if spec.factors else ():
            with contextlib.suppress(ValueError):
                return with_values(found, {**own, **start_of(point)})
        raise


def start_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a point's values those with which its run starts; the others belong to changes on the way."""
    return {path: value for path, value in values.items() if not _is_change(path)}


def changes_of(spec: Spec, values: Mapping[str, Any]) -> tuple[Intervention, ...]:
    """Changes on the way at a point, as its values have them."""
    return spec.interventions_at({path: value for path, value in values.items() if _is_change(path)})


def different_starts(spec: Spec, sections: Collection[str]) -> Iterator[dict[str, Any]]:
    """Of points that give the fields in these sections the same values, with what the first one starts."""
    seen = set()
    for point in combinations(spec):
        start = start_of(point)
        known = repr({path: value for path, value in start.items() if path.partition(".")[0] in sections})
        if known not in seen:
            seen.add(known)
            yield start


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
        changes = spec.interventions_at({})
        varied = {factor.path for factor in spec.factors}
        fixed = [one for number, one in enumerate(changes) if f"{INTERVENTION}{number}.epoch" not in varied]
        check_in_time(fixed, self.base.epochs)
        _check_levels(self.base, spec)
        economy = Economy(self.base, interventions=changes)
        for outcome in self.outcomes:
            _check_outcome(outcome)
        # Rows that some combination has may be missing in another, where nobody plays the strategy: no fault of a run.
        self._found = {outcome.column for outcome in self.outcomes if _has_rows_somewhere(outcome, economy, spec)}
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
        scenario, changes = self.scenario_of(point), changes_of(self.spec, point.values)
        check_in_time(changes, scenario.epochs)
        economy = Economy(scenario, rng=point.seed, interventions=changes)
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
        records = economy.records
        held = [(one, _epochs_of(records, one, known=one.column in self._found)) for one in self.outcomes]
        return Result(
            row={outcome.column: outcome.number(values) for outcome, values in held if not outcome.is_series}
            | {SETTLING.name: economy.settling().state},
            # Copies, so that a result does not keep a run's whole record alive.
            series={outcome.column: values.copy() for outcome, values in held if outcome.is_series},
            epochs_played=economy.epoch,
        )


def _epochs_of(records: Records, outcome: Outcome, *, known: bool) -> np.ndarray:
    """Values of the outcome's measure, one number an epoch, (epoch,); only the last epoch where no other counts."""
    table: Series = getattr(records, outcome.table)
    held = table.history(outcome.measure)
    held = held[-1:] if outcome.over == "last" else held
    if not outcome.across:
        return held[:, 0]
    counted = held[:, _rows_of(table, outcome, known=known)].astype(float)
    if not counted.shape[1]:
        return np.full(len(counted), 0.0 if outcome.across in ZERO_OF_NONE else np.nan)
    return ACROSS[outcome.across](counted)


def _rows_of(table: Series, outcome: Outcome, *, known: bool = False) -> BoolArray:
    """Which rows of an epoch the outcome counts, (row,); none is an error unless its labels are `known`."""
    counted = np.ones(len(next(iter(table.label.values()))), dtype=bool)
    for label, value in outcome.where.items():
        counted &= table.label[label] == value
        if not counted.any() and not known:
            there = dict.fromkeys(map(str, table.label[label].tolist()))
            raise ValueError(
                f"outcome {outcome.column!r}: {no_such(label, value, there, f' in the table {outcome.table!r}')}"
            )
    return counted


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
            raise ValueError(f"outcome {outcome.column!r}: where: {no_such('label', label, known)}")
        kind = int if label == "subnet" else str
        if type(outcome.where[label]) is not kind:
            rule = f"{label} must be a {'whole number' if kind is int else 'name'}"
            raise ValueError(f"outcome {outcome.column!r}: where: {rule}, is {shown(outcome.where[label])}")


def _has_rows_somewhere(outcome: Outcome, economy: Economy, spec: Spec) -> bool:
    """Whether the base scenario or some combination has the rows that the outcome counts; False if only the runs tell.

    Raises
    ------
    ValueError
        If none of them has.
    """
    try:
        _check_rows(outcome, economy)
    except ValueError:
        for number, start in enumerate(different_starts(spec, LABELLING)):
            if number == TRIED_ECONOMIES:
                return False
            with contextlib.suppress(ValueError):
                _check_rows(outcome, Economy(with_values(economy.first_scenario, start)))
                return True
        raise
    return True


def _check_rows(outcome: Outcome, economy: Economy) -> None:
    """Pass if the economy has rows that the outcome counts, or would if a strategy of its mixes had a seat."""
    scenario = economy.first_scenario
    mixes = (scenario.miners.mix, scenario.validators.mix, scenario.nominators.mix, scenario.owners.mix)
    if outcome.where and not any(outcome.where.get("strategy") in mix for mix in mixes):
        _rows_of(getattr(economy.records, outcome.table), outcome)


def _check_levels(base: Scenario, spec: Spec) -> None:
    """Pass if every value of every factor makes a scenario in some combination; beyond many, those are not tried."""
    if spec.design in SAMPLED or spec.n_combinations > TRIED_COMBINATIONS:
        return
    unknown = {
        (factor.path, canonical(factor.path, value)): f"factors.{factor.path!r}: {shown(value)}"
        for factor in spec.factors
        for value in factor.levels(spec.levels)
    }
    why: dict[tuple[str, str], str] = {}
    for point in combinations(spec):
        keys = [(path, canonical(path, value)) for path, value in point.items()]
        if not unknown.keys() & set(keys):
            continue
        try:
            changes = changes_of(spec, point)
            check_in_time(changes, base.epochs)
            scenario_after(with_values(base, start_of(point)), changes)
        except ValueError as error:
            why |= dict.fromkeys(keys, str(error))
        else:
            unknown = {key: text for key, text in unknown.items() if key not in keys}
    for key, text in unknown.items():
        raise ValueError(f"{text} makes no valid scenario in any combination: {why[key]}")


def _check_measure(field: str, measure: str, table: str) -> None:
    known = getattr(tables_of_a_run(), table).columns
    if measure not in known:
        raise ValueError(f"{field}: {no_such('measure', measure, known, f' in the table {table!r}')}")


def _is_change(path: str) -> bool:
    """Whether a factor varies a change on the way, not the scenario."""
    return path.startswith(INTERVENTION)


def _check_path(base: Scenario, path: str) -> None:
    if not path:  # the epoch of a change
        return
    try:
        with_values(base, {path: ""})
    except NoFieldError:
        raise
    except ValueError:
        """That "" is no value for the field is no matter."""
