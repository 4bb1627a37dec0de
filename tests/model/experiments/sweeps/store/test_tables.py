"""The table of runs: what its cells hold."""

import json

import pandas as pd

from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.tables import runs_table


def test_lists_and_tables_among_a_factors_values_are_json():
    values = ([0.5, 1.0], {"rule": "equal", "on": True}, "text")
    spec = Spec(
        name="t", scenario="baseline", outcomes=(Outcome(measure="y"),), factors=(Factor(path="a", values=values),)
    )
    ended = [(number, str(number), number, 0, 1, "ok", "", 3) for number in range(3)]
    runs = runs_table(spec, ended, pd.DataFrame({"key": ["0", "1", "2"], "y": [1.0, 2.0, 3.0]}))
    assert [json.loads(text) for text in runs["a"][:2]] == list(values[:2])
    assert runs["a"][2] == "text"
