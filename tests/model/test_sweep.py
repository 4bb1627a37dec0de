"""Sweeps: every combination with every seed, a failure is a row, any number of workers gives the same bytes."""

import pytest

from model.cohorts import StrategyError
from model.experiments import sweep as sweeps
from model.experiments.sweep import Sweep, dictionary, points, read_sweep, run_all, run_point, table
from model.export import csv_bytes
from model.frozen_map import FrozenMap

TEXT = """
name = "penalty"
scenario = "cartel"
epochs = 2
seeds = [1, 2, 3]

[factors]
"cartel.merit_share" = [0.2, 0.3]
consensus.bonds_penalty = [0.0, 1.0]
"""


def written(tmp_path, text):
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    return path


def small(**factors):
    return Sweep(scenario="cartel", epochs=2, seeds=(4,), factors=FrozenMap(factors))


def test_a_file_says_what_to_run_with_quoted_and_with_nested_paths(tmp_path):
    sweep = read_sweep(written(tmp_path, TEXT))
    assert (sweep.name, sweep.seeds, sweep.n_runs) == ("penalty", (1, 2, 3), 12)
    assert list(sweep.factors) == ["cartel.merit_share", "consensus.bonds_penalty"]


def test_all_combinations_come_once_before_the_next_seed(tmp_path):
    runs = points(read_sweep(written(tmp_path, TEXT)))
    assert [run.number for run in runs] == list(range(12))
    assert [run.seed for run in runs] == [1] * 4 + [2] * 4 + [3] * 4
    assert [run.combination for run in runs] == [0, 1, 2, 3] * 3
    assert len({tuple(run.values.items()) for run in runs[:4]}) == 4
    assert runs[0].values == runs[4].values
    assert runs[0].base.epochs == 2


def test_no_factors_means_one_run_for_each_seed():
    assert len(points(Sweep(scenario="cartel", seeds=(1, 2)))) == 2


def test_a_run_that_fails_is_a_row_with_its_error_and_the_others_go_on():
    sweep = small(**{"cartel.stake_share": [0.3, 1.5], "miners.purse_tao": [100.0]})
    rows = list(run_all(points(sweep), 1))
    assert [row["status"] for row in rows] == ["ok", "failed"]
    assert rows[1]["error"].startswith("ValueError: cartel.stake_share must be in [0, 1], is 1.5 (")
    assert rows[1]["cartel.stake_share"] == 1.5
    frame = table(rows)
    assert frame["cartel_emission_share"].isna().tolist() == [False, True]
    assert list(dictionary(sweep).arrange("runs", frame).columns)[:2] == ["run", "combination"]


def test_a_run_that_breaks_while_running_says_where(monkeypatch):
    def broken(scenario, seed):
        raise StrategyError("miner/honest in epoch 3: resource must be finite")

    monkeypatch.setattr(sweeps, "run", broken)
    row = run_point(points(small())[0])
    assert row["error"].startswith("StrategyError: miner/honest in epoch 3: resource must be finite (test_sweep.py:")


def test_one_and_two_workers_write_the_same_bytes():
    sweep = Sweep(
        scenario="gamed",
        epochs=2,
        seeds=(1, 2),
        factors=FrozenMap({"reward.audit_rate": [0.0, 0.5], "subnets.count": [2]}),
    )
    alone, together = (csv_bytes(table(list(run_all(points(sweep), n_workers)))) for n_workers in (1, 2))
    assert alone == together
    assert alone.count(b"\n") == 5


def test_counts_of_a_row_are_whole_numbers():
    row = run_point(points(small())[0])
    assert (row["block"], type(row["block"]), type(row["issuance_tao"])) == (720, int, float)


def test_rows_that_differ_in_seed_alone_differ_in_result():
    sweep = Sweep(scenario="gamed", epochs=2, seeds=(1, 2), factors=FrozenMap({"subnets.count": [1]}))
    one, other = run_all(points(sweep), 1)
    assert one["users_value"] != other["users_value"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds = []", "seeds must name at least one seed"),
        ("seeds = [-1]", "seeds must be in"),
        ("seeds = 3", "seeds must be a list, is 3"),
        ("epochs = -1", "epochs must be in"),
        ("workers = 3", "no field 'workers'"),
        ("factors = 3", "factors must be a table of lists, is 3"),
        ("[factors]\n'cartel.merit_share' = 0.3", "factors.'cartel.merit_share' must be a list of values to try"),
        ("[factors]\n'cartel.merit_share' = []", "factors.'cartel.merit_share' must be a list of values to try"),
        ("[factors]\nseed = [1, 2]", "factors must not name seed"),
        (f"seeds = [{'1, ' * 1000}]\n[factors]\n'a.b' = [{'1, ' * 101}]", "a sweep must have <= 100000 runs"),
        ("seeds = ", "Invalid value"),
    ],
)
def test_a_sweep_that_cannot_be_run_is_refused_by_its_file_and_field(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=r"^sweep file ") as caught:
        read_sweep(written(tmp_path, text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_factor_that_is_no_field_is_refused_before_anything_runs():
    with pytest.raises(ValueError, match=r"^no field 'cartel.size'"):
        points(small(**{"cartel.size": [1]}))
    with pytest.raises(ValueError, match=r"^no scenario 'nowhere'"):
        points(Sweep(scenario="nowhere"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"absent\.toml cannot be read: No such file"):
        read_sweep(tmp_path / "absent.toml")
