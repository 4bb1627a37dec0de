"""Tables of a sweep's runs, made from its ledger and its parts: the same runs give the same table, bit for bit."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from model.experiments.sweeps.spec.columns import columns
from model.experiments.sweeps.spec.factors import in_one_form
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.endings import OK
from model.records.data_dictionary import WHOLE
from model.records.settling import COLUMN as SETTLING

RUN = ["run", "combination", "replicate", "seed", "status", "error"]


def runs_table(spec: Spec, ended: Sequence[tuple[Any, ...]], outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row for each run that has ended; see `Store.runs`.

    Parameters
    ----------
    ended : sequence of tuple
        As `Ledger.ended` gives them.
    outcomes : frame
        Outcomes by key, in any order of rows.
    """
    lead = pd.DataFrame(list(ended), columns=[RUN[0], "key", *RUN[1:], "epochs_played"])
    lead["epochs_played"] = lead["epochs_played"].astype("Int64").where(lead["status"] == OK)
    table = points(spec)
    values = [table[number].values for number in lead["run"].tolist()]
    factors = pd.DataFrame(
        {factor.path: [_cell(value[factor.path]) for value in values] for factor in spec.factors}, index=lead.index
    )
    named = [outcome.column for outcome in spec.outcomes if not outcome.is_series]
    found = outcomes.set_index("key").reindex(lead["key"]).set_axis(lead.index)
    if SETTLING.name not in found:  # of a task that is no economy
        found[SETTLING.name] = None
    lead[SETTLING.name] = found.pop(SETTLING.name).astype(object)
    dictionary = columns(spec)
    known = dictionary.arrange(
        "runs", pd.concat([lead.drop(columns="key"), factors, found.reindex(columns=named)], axis=1)
    )
    whole = [name for name in named if dictionary.line("runs", name).type == WHOLE]
    known = known.astype(dict.fromkeys(whole, "Int64"))  # whether or not a cell is missing
    return pd.concat([known, found[sorted(set(found.columns) - set(named))]], axis=1)


def failures_table(failures: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """One row for each run that did not end well; see `Store.failures`."""
    return pd.DataFrame(list(failures), columns=[*RUN, "traceback", "attempts"])


def _cell(value: Any) -> Any:
    """Value as a cell: numbers, texts, true and false as they are, lists and tables as JSON."""
    return value if isinstance(value, int | float | str) else json.dumps(in_one_form(value), ensure_ascii=False)
