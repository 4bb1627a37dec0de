"""Tables of a sweep's runs, made from its ledger and its parts: the same runs give the same table, bit for bit."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from model.experiments.sweeps.spec.factors import in_one_form
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec import Spec

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
    table = points(spec)
    values = [table[number].values for number in lead["run"].tolist()]
    factors = pd.DataFrame(
        {factor.path: [_cell(value[factor.path]) for value in values] for factor in spec.factors}, index=lead.index
    )
    named = [outcome.column for outcome in spec.outcomes if outcome.column in outcomes.columns]
    rest = sorted(set(outcomes.columns) - {"key", *named})
    found = outcomes.set_index("key")[[*named, *rest]].reindex(lead["key"]).set_axis(lead.index)
    return pd.concat([lead.drop(columns="key"), factors, found], axis=1)


def failures_table(failures: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """One row for each run that did not end well; see `Store.failures`."""
    return pd.DataFrame(list(failures), columns=[*RUN, "traceback", "attempts"])


def _cell(value: Any) -> Any:
    """Value as a cell: numbers, texts, true and false as they are, lists and tables as JSON."""
    return value if isinstance(value, int | float | str) else json.dumps(in_one_form(value), ensure_ascii=False)
