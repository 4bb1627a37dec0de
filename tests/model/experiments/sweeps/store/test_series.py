"""Series: in the order of the runs whatever part they lie in, and never all of them in memory."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from model import CHECKOUT
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.spec.outcomes import Result
from model.experiments.sweeps.store import series, store
from model.experiments.sweeps.store.endings import Filed
from model.experiments.sweeps.store.parts import part_path, write_part
from model.experiments.sweeps.store.store import Store


def series_of(folder, spec, task):
    with Store.create(folder, spec) as kept:
        conduct(kept, task, InProcess())
        return kept.series()


def test_series_from_many_parts_come_in_the_order_of_the_runs(tmp_path, planted, spec_of_runs, monkeypatch):
    spec = spec_of_runs(13, 1)
    whole = series_of(tmp_path / "whole", spec, planted(n_series=4))
    monkeypatch.setattr(store, "PART_RUNS", 2)
    split = series_of(tmp_path / "split", spec, planted(n_series=4))
    assert len(split.sha256) == 7
    pd.testing.assert_frame_equal(split.frame(), whole.frame(), check_exact=True)
    assert split.frame()["run"].tolist() == sorted([*range(13)] * 4)


def test_pieces_are_of_whole_runs_and_join_to_the_table(tmp_path, planted, spec_of_runs):
    held = series_of(tmp_path / "s", spec_of_runs(), planted(n_series=3, failing=(1, 6)))
    with held.in_order() as ordered:
        pieces = list(ordered.pieces(7))
    assert [len(piece) for piece in pieces] == [9, 9]
    assert [piece["run"].unique().tolist() for piece in pieces] == [[0, 2, 3], [4, 5, 7]]
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), held.frame(), check_exact=True)


def test_a_column_is_of_one_kind_in_every_piece_though_runs_differ(tmp_path, spec_of_runs):
    def task(point, watch):
        kinds = [{"a": np.arange(2)}, {"a": np.array([0.5, 1.5])}, {"b": np.arange(2)}]
        return Result(row={}, series=kinds[point.number % 3])

    held = series_of(tmp_path / "s", spec_of_runs(3, 1), task)
    with held.in_order() as ordered:
        pieces = [ordered.head(), *ordered.pieces(1)]
    assert [piece.dtypes.astype(str).to_dict() for piece in pieces] == [
        {"run": "int64", "epoch": "int64", "a": "float64", "b": "float64"}
    ] * 4
    np.testing.assert_array_equal(held.frame()["a"], [0, 1, 0.5, 1.5, np.nan, np.nan])


def test_runs_of_equal_values_share_their_series(tmp_path, planted, spec_of_runs):
    twins = tuple({"x": value} for value in (0.5, 0.25, 0.5))
    spec = spec_of_runs(factors=(), design="list", points=twins, replicates=1)
    table = series_of(tmp_path / "s", spec, planted(n_series=2)).frame().groupby("run")["y_series"].first()
    assert table[0] == table[2] != table[1]


def test_the_series_of_single_runs_are_found_by_their_key(tmp_path, planted, spec_of_runs):
    held = series_of(tmp_path / "s", spec_of_runs(), planted(n_series=3))
    number, key = held.runs[5]
    found = held.of({key})
    assert list(found) == [key]
    np.testing.assert_array_equal(
        found[key]["y_series"], held.frame().loc[lambda table: table["run"] == number, "y_series"]
    )


def test_no_room_to_put_them_in_order_is_a_sentence(tmp_path, planted, spec_of_runs, monkeypatch):
    held = series_of(tmp_path / "s", spec_of_runs(), planted(n_series=5000))
    original = series.sqlite3.connect

    def small(*arguments, **options):
        connection = original(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 20")
        return connection

    monkeypatch.setattr(series.sqlite3, "connect", small)
    with pytest.raises(ValueError, match=r"series need room for a temporary file, to be put in order: .* is full"):
        held.frame()


MEASURE = """
import resource, sys
from pathlib import Path
from model.experiments.sweeps.store.series import Series
from model.experiments.sweeps.spec.spec import Spec
folder, n_parts, shas = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(",")
runs = [(n, str(n)) for n in range(1000 * n_parts)]
held = Series(spec=Spec(), runs=runs, folder=folder, sha256=dict(enumerate(shas[:n_parts])), held=[])
with held.in_order() as ordered:
    n_rows = sum(map(len, ordered.pieces(20_000)))
print(n_rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.slow
def test_twelve_times_the_series_take_no_more_memory(tmp_path):
    (tmp_path / "parts").mkdir()
    shas = []
    for part in range(12):
        # Run n lies in part n % 12: no order of reading parts is the order of runs.
        kept = [{"y": [row + epoch / 7 for epoch in range(200)]} for row in range(1000)]
        filed = [
            Filed(key=str(12 * row + part), epochs_played=200, outcome={}, series=one) for row, one in enumerate(kept)
        ]
        shas.append(write_part(part_path(tmp_path, part), filed))
    peaks = []
    for n_parts in (1, 12):
        command = [sys.executable, "-c", MEASURE, str(tmp_path), str(n_parts), ",".join(shas)]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=300)
        assert ended.returncode == 0, ended.stderr
        n_rows, peak = ended.stdout.split()
        peaks.append(float(peak))
    assert int(n_rows) == 12 * 1000 * 200
    assert peaks[1] - peaks[0] < 16  # MiB; the numbers alone are 19, and were 100 as lists
