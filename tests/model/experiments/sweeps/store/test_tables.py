"""The table of runs: what its cells hold."""

import io
import json
import math

import pandas as pd
import pytest

from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.tables import runs_table
from model.records.export import csv_bytes


def test_lists_and_tables_among_a_factors_values_are_json():
    values = ([0.5, 1.0], {"rule": "equal", "on": True}, "text")
    spec = Spec(
        name="t", scenario="baseline", outcomes=(Outcome(measure="y"),), factors=(Factor(path="a", values=values),)
    )
    ended = [(number, str(number), number, 0, 1, "ok", "", 3) for number in range(3)]
    runs = runs_table(spec, ended, pd.DataFrame({"key": ["0", "1", "2"], "y": [1.0, 2.0, 3.0]}))
    assert [json.loads(text) for text in runs["a"][:2]] == list(values[:2])
    assert runs["a"][2] == "text"


COUNTS = (
    Outcome(measure="audits"),
    Outcome(measure="audits", over="mean"),
    Outcome(measure="spend_tao", table="subnets", across="positive"),
    Outcome(measure="halving_block", over="max"),
    Outcome(measure="users_value"),
)
TYPES = {
    "run": "int64", "epochs_played": "Int64", "miners.skill_sd": "float64", "subnets.count": "int64", "name": "str",
    "audits": "Int64", "audits_mean": "float64", "spend_tao_positive": "Int64", "halving_block_max": "Int64",
    "users_value": "float64",
}  # fmt: skip


@pytest.mark.parametrize("failing", [(), (1,), (0, 1, 2)])
def test_columns_and_their_types_follow_from_the_spec_and_not_from_the_runs(failing):
    factors = (
        Factor(path="miners.skill_sd", values=(0, 0.5, 1)),
        Factor(path="subnets.count", values=(2, 3, 4)),
        Factor(path="name", values=("a", "b", "c")),
    )
    spec = Spec(name="t", scenario="baseline", outcomes=COUNTS, factors=factors, design="zip")
    ended = [
        (number, str(number), number, 0, 1, "failed" if number in failing else "ok", "", 0 if number in failing else 3)
        for number in range(3)
    ]
    found = [
        {"key": str(number), "audits": 2, "audits_mean": 2, "spend_tao_positive": 1.0, "users_value": 3,
         "halving_block_max": math.nan}
        for number in range(3) if number not in failing
    ]  # fmt: skip
    runs = runs_table(spec, ended, pd.DataFrame(found or {"key": pd.Series(dtype=object)}))
    assert {name: runs[name].dtype.name for name in TYPES} == TYPES
    text = pd.read_csv(io.BytesIO(csv_bytes(runs)), dtype=str, keep_default_na=False)
    assert text["audits"].tolist() == ["" if number in failing else "2" for number in range(3)]
    assert text["epochs_played"].tolist() == ["" if number in failing else "3" for number in range(3)]
    assert text["miners.skill_sd"].tolist() == ["0.0", "0.5", "1.0"]
    assert text["halving_block_max"].tolist() == [""] * 3
