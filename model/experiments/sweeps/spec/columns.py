"""Columns of a sweep's tables: what runs, their factors and their outcomes mean, and in which unit."""

from model.experiments.sweeps.spec.lead import LEAD
from model.experiments.sweeps.spec.outcomes import SERIES, UNIT_ACROSS, Outcome
from model.experiments.sweeps.spec.spec import Spec
from model.records.columns import DICTIONARY
from model.records.data_dictionary import Column, DataDictionary

OWN_UNIT = "as the field"  # of the scenario that a factor sets, or of a task that is no economy


def columns(spec: Spec) -> DataDictionary:
    """Data dictionary of the sweep's tables."""
    factors = (
        Column(name=one.path, unit=OWN_UNIT, meaning=f"{one.kind}: the scenario's field {one.path}")
        for one in spec.factors
    )
    return DataDictionary(*LEAD, *factors, *map(_of_outcome, spec.outcomes))


def _of_outcome(outcome: Outcome) -> Column:
    unit, meaning = _of_measure(outcome)
    rows = " ".join(f"with {label} {value}" for label, value in outcome.where.items())
    across = f"{outcome.across} over the {outcome.table} table's rows {rows}".strip() if outcome.across else ""
    parts = [part for part in (meaning, across, _epochs_of(outcome)) if part]
    return Column(name=outcome.column, unit=UNIT_ACROSS.get(outcome.across, unit), meaning="; ".join(parts))


def _of_measure(outcome: Outcome) -> tuple[str, str]:
    try:
        found = DICTIONARY.line(outcome.table, outcome.measure)
    except ValueError:  # a task that is no economy measures what it likes
        return OWN_UNIT, f"{outcome.measure} as the task measures it"
    return found.unit, found.meaning


def _epochs_of(outcome: Outcome) -> str:
    if outcome.over == SERIES:
        return "epoch by epoch"
    if outcome.over == "last":
        return "in the run's last epoch"
    span = f"the last {outcome.last_epochs}" if outcome.last_epochs else "all"
    return f"{outcome.over} over {span} epochs of the run"
