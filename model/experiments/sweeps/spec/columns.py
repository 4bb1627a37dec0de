"""Columns of a sweep's tables: what runs, their factors and their outcomes mean, and in which unit."""

from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.lead import LEAD
from model.experiments.sweeps.spec.outcomes import SERIES, UNIT_ACROSS, WHOLE_ACROSS, WHOLE_OVER, Outcome
from model.experiments.sweeps.spec.spec import Spec
from model.records.columns import DICTIONARY
from model.records.data_dictionary import ANY, NUMBER, TEXT, TRUTH, WHOLE, Column, DataDictionary

OWN_UNIT = "as the field"  # of the scenario that a factor sets, or of a task that is no economy
KEYS = {
    "runs": ("run",),
    "outcomes": ("run", "outcome"),
    "summary": ("combination", "outcome"),
    "series": ("run", "epoch"),
}
_TYPE = {bool: TRUTH, int: WHOLE, float: NUMBER, str: TEXT}


def columns(spec: Spec) -> DataDictionary:
    """Data dictionary of the sweep's tables."""
    factors = (
        Column(name=one.path, unit=OWN_UNIT, meaning=f"{one.kind}: the scenario's field {one.path}", type=type_of(one))
        for one in spec.factors
    )
    return DataDictionary(*LEAD, *factors, *map(_of_outcome, spec.outcomes), keys=KEYS)


def type_of(factor: Factor) -> str:
    """Type of a factor's column: that which all its values have, whichever of them were played; lists are text."""
    if not factor.values:
        return WHOLE if factor.whole else NUMBER
    types = {_TYPE.get(type(value), TEXT) for value in factor.values}
    if types == {WHOLE, NUMBER}:
        return NUMBER
    return types.pop() if len(types) == 1 else ANY


def _of_outcome(outcome: Outcome) -> Column:
    measure = _of_measure(outcome)
    rows = " ".join(f"with {label} {value}" for label, value in outcome.where.items())
    across = f"{outcome.across} over the {outcome.table} table's rows {rows}".strip() if outcome.across else ""
    parts = [part for part in (measure.meaning, across, _epochs_of(outcome)) if part]
    unit = UNIT_ACROSS.get(outcome.across, measure.unit)
    return Column(name=outcome.column, unit=unit, meaning="; ".join(parts), type=_type_of(outcome, measure.type))


def _type_of(outcome: Outcome, type_: str) -> str:
    """Type of an outcome of a measure of that type."""
    if type_ == ANY:
        return ANY
    is_count = outcome.across == "positive" or (type_ == WHOLE and outcome.across in WHOLE_ACROSS)
    return WHOLE if is_count and outcome.over in WHOLE_OVER else NUMBER


def _of_measure(outcome: Outcome) -> Column:
    try:
        return DICTIONARY.line(outcome.table, outcome.measure)
    except ValueError:  # a task that is no economy measures what it likes
        return Column(name=outcome.measure, unit=OWN_UNIT, meaning=f"{outcome.measure} as the task measures it")


def _epochs_of(outcome: Outcome) -> str:
    if outcome.over == SERIES:
        return "epoch by epoch"
    if outcome.over == "last":
        return "in the run's last epoch"
    span = f"the last {outcome.last_epochs}" if outcome.last_epochs else "all"
    return f"{outcome.over} over {span} epochs of the run"
