"""Sweeps as files: short and full forms mean the same, and a bad file is refused with its name and the field."""

import pytest

from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome, Stop
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.spec.spec_file import dumps, parse_spec, read_spec, shipped, spec_of

TEXT = b"""
name = "penalty"
question = "What does the penalty cost a cartel?"
scenario = "cartel"
design = "grid"
replicates = 3
epochs = 2
outcomes = ["users_value", {measure = "spend_tao", over = "mean"}]

[values]
miners.purse_tao = 50.0

[factors]
"cartel.merit_share" = [0.2, 0.3]
consensus.bonds_penalty = {low = 0, high = 1.0, kind = "uncertainty"}
market.kind = ["pool", "fixed_price"]

[stop]
measure = "users_value"
below = 1
"""
MEANT = Spec(
    name="penalty",
    question="What does the penalty cost a cartel?",
    scenario="cartel",
    replicates=3,
    epochs=2,
    values={"miners.purse_tao": 50.0},
    factors=(
        Factor(path="cartel.merit_share", values=(0.2, 0.3)),
        Factor(path="consensus.bonds_penalty", low=0.0, high=1.0, kind="uncertainty"),
        Factor(path="market.kind", values=("pool", "fixed_price")),
    ),
    outcomes=(Outcome(measure="users_value"), Outcome(measure="spend_tao", over="mean")),
    stop=(Stop(measure="users_value", below=1.0),),
)


def test_a_file_says_in_short_what_python_says_in_full(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_bytes(TEXT)
    assert read_spec(path) == MEANT


@pytest.mark.parametrize(
    "spec",
    [
        MEANT,
        Spec(),
        Spec(design="list", points=({"a.b": [1, 2], "c": True}, {"a.b": [3, 4], "c": False})),
        Spec(factors=(Factor(path="emission", values=({"rule": "equal"}, {"rule": "price_burn"})),)),
        Spec(design="sobol", n_points=4, second_order=True, factors=(Factor(path="a", low=1, high=9, scale="log"),)),
        Spec(
            outcomes=(
                Outcome(
                    measure="output_units",
                    table="capabilities",
                    where={"capability": "speed"},
                    across="sum",
                    over="max",
                ),
                Outcome(measure="users_value", over="series"),
            )
        ),
    ],
    ids=["all", "defaults", "list", "tables", "sobol", "outcomes"],
)
def test_what_is_written_reads_back_as_the_same_spec(spec):
    again = parse_spec(dumps(spec).encode())
    assert again == spec
    assert again.digest() == spec.digest()
    assert spec_of(spec.to_tree()) == spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("workers = 3", "no field 'workers'; there are name, question, scenario"),
        ("replicates = 'many'", "replicates must be a whole number, is 'many'"),
        ("factors = 3", "factors must be a table of fields by dotted path, is 3"),
        ("[factors]\n'a.b' = 0.3", "factors.'a.b' must be a list of values to try or a table, is 0.3"),
        ("[factors]\n'a.b' = []", "factors.'a.b' must be a list of values to try"),
        (
            "[factors]\n'a.b' = {low = 0, hihg = 1}",
            "no field 'hihg' in factors.'a.b' (did you mean 'high'?)",
        ),
        ("[factors]\n'a.b' = {low = 0, high = 'much'}", "factors.'a.b': high must be a number, is 'much'"),
        ("[factors]\n'a.b' = {values = 3}", "factors.'a.b': values must be a list, is 3"),
        ("[factors]\n'a.b' = {values = [1], path = 'c'}", "the table's own name is the path"),
        ("[factors]\n'a.b' = [2020-01-01]", "must be finite numbers"),
        ("outcomes = 'users_value'", "outcomes must be a list, is 'users_value'"),
        ("outcomes = [3]", "outcomes must be names of measures, or tables with a measure, one is 3"),
        ("outcomes = [{measure = 'x', of = 3}]", "no field 'outcomes.of'"),
        ("stop = 3", "stop must be a list, is 3"),
        ("stop = [3]", "stop must be a table"),
        ("points = [3]\ndesign = 'list'", "points must be a table of fields"),
        ("seed = ", "is not a TOML file"),
        ("name = '" + "x" * 20_000 + "'", "must have lines of <="),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_field(tmp_path, text, sentence):
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^sweep file .*sweep\.toml") as caught:
        read_spec(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"absent\.toml cannot be read: No such file"):
        read_spec(tmp_path / "absent.toml")
    with pytest.raises(ValueError, match=r"^sweep must be <= 1000000 bytes"):
        parse_spec(b"#" * 1_000_001)


def test_every_sweep_that_comes_with_the_sandbox_can_be_run_and_asks_something():
    specs = [read_spec(path) for path in shipped().values()]
    assert [spec.name for spec in specs] == list(shipped())
    assert all(spec.question.endswith("?") and EconomyTask(spec).base for spec in specs)


@pytest.mark.parametrize("stop", [b"[stop]\nabove = 1.0", b"[[stop]]\nbelow = 1.0"])
def test_a_stop_without_a_measure_is_refused(stop):
    with pytest.raises(ValueError, match=r"^sweep: stop.measure must be given, is missing$"):
        parse_spec(stop)
