"""Exports of a sweep: equal for equal sweeps, whole, documented, and safe to open."""

import csv
import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.export import exports
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec_file import parse_spec
from model.experiments.sweeps.store.store import Store

OUTCOMES = (Outcome(measure="y"), Outcome(measure="y_series", over="series"))


@pytest.fixture
def played(tmp_path, planted, spec_of_runs):
    """Makes what is on record of a finished sweep, in a folder of its own."""

    def make(name="sweep", stop=lambda: False, spec=None, **planted_points):
        spec = spec or spec_of_runs(outcomes=OUTCOMES)
        with Store.create(tmp_path / name, spec) as store:
            conduct(store, planted(n_series=3, **planted_points), InProcess(), stop=stop)
        with Store.open(tmp_path / name, read_only=True) as store:
            return exports.recorded(store)

    return make


def bytes_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("form", exports.FORMATS)
def test_two_sweeps_of_one_spec_export_the_same_bytes(played, tmp_path, form):
    one = exports.export(played("one", failing=(2,)), tmp_path / "out-one", form)
    other = exports.export(played("other", failing=(2,)), tmp_path / "out-other", form)
    assert bytes_in(one) == bytes_in(other)


def test_an_export_holds_every_table_and_the_sum_of_every_file(played, tmp_path):
    out = exports.export(played(), tmp_path / "out")
    names = {"runs.csv", "outcomes.csv", "summary.csv", "series.csv", "data_dictionary.csv", "spec.toml"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(bytes_in(out)) == names | {"manifest.json"}
    assert set(manifest["files"]) == names
    for name in names:
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == manifest["files"][name]["sha256"]


def test_the_manifest_and_the_spec_say_how_to_do_it_again(played, tmp_path):
    held = played(failing=(5,))
    out = exports.export(held, tmp_path / "out")
    manifest = json.loads((out / "manifest.json").read_text())
    assert parse_spec((out / "spec.toml").read_bytes()) == held.spec
    assert manifest["spec_digest"] == held.spec.digest()
    assert manifest["runs_by_status"] == {"failed": 1, "ok": 7}
    assert manifest["runs_planned"] == 8
    seeds = {str(point.replicate): point.seed for point in points(held.spec)}
    assert manifest["run_seeds"] == seeds
    assert set(manifest["code"]) == {"versions", "machine", "sources_sha256", "git_commit", "plugins"}
    assert str(tmp_path) not in (out / "manifest.json").read_text()


def test_every_column_of_every_table_has_a_unit_and_a_meaning(played, tmp_path):
    out = exports.export(played(), tmp_path / "out")
    lines = pd.read_csv(out / "data_dictionary.csv").set_index(["table", "column"])
    for table in ("runs", "outcomes", "summary", "series"):
        heading = next(csv.reader((out / f"{table}.csv").open(newline="")))
        assert [column for of, column in lines.index if of == table] == heading
    assert lines.drop(columns="key").notna().all().all()


def test_the_long_table_is_the_wide_one_turned(played, tmp_path):
    held = played(failing=(3,))
    out = exports.export(held, tmp_path / "out")
    wide, long = pd.read_csv(out / "runs.csv"), pd.read_csv(out / "outcomes.csv")
    good = wide[wide["status"] == "ok"]
    assert long["value"].tolist() == good["y"].tolist()
    assert long["run"].tolist() == good["run"].tolist()
    assert 3 in wide["run"].tolist()
    assert "planted at 3" in wide.set_index("run").loc[3, "error"]


def test_the_summary_is_the_mean_of_the_runs_it_counts(played, tmp_path):
    out = exports.export(played(failing=(3,)), tmp_path / "out")
    wide = pd.read_csv(out / "runs.csv")
    summary = pd.read_csv(out / "summary.csv").set_index("combination")
    expected = wide[wide["status"] == "ok"].groupby("combination")["y"].mean()
    assert summary["mean"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)
    assert summary.loc[3, ["runs", "left_out"]].tolist() == [1, 1]
    assert np.isnan(summary.loc[3, "low"])


def test_parquet_has_the_same_cells_as_csv_and_carries_the_units(played, tmp_path):
    held = played(failing=(3,))
    exports.export(held, tmp_path / "csv")
    exports.export(held, tmp_path / "parquet", "parquet")
    for table in ("runs", "outcomes", "summary", "series"):
        file = tmp_path / "parquet" / f"{table}.parquet"
        text = pd.read_csv(tmp_path / "csv" / f"{table}.csv")
        cells = pq.read_table(file).to_pandas()
        assert cells.columns.tolist() == text.columns.tolist()
        for name in text:
            if pd.api.types.is_numeric_dtype(text[name]):
                assert cells[name].astype(float).tolist() == pytest.approx(
                    text[name].astype(float).tolist(), abs=0, nan_ok=True
                )
    schema = pq.read_schema(tmp_path / "parquet" / "runs.parquet")
    assert schema.field("seed").metadata == {b"unit": b"index", b"meaning": b"seed of the run"}


def test_long_tables_are_written_in_pieces_that_join_without_a_seam(played, tmp_path, monkeypatch):
    held = played()
    whole = exports.export(held, tmp_path / "whole", "parquet")
    monkeypatch.setattr(exports, "CHUNK_ROWS", 5)
    pieces = exports.export(held, tmp_path / "pieces", "parquet")
    series = pq.ParquetFile(pieces / "series.parquet")
    assert series.num_row_groups == 4  # of whole runs, three rows each
    assert series.read().equals(pq.read_table(whole / "series.parquet"))


def test_a_text_that_a_spreadsheet_would_run_is_escaped(played, tmp_path, spec_of_runs):
    spec = spec_of_runs(factors=(Factor(path="x", values=("=1+1", 2)),), outcomes=OUTCOMES)
    out = exports.export(played(spec=spec), tmp_path / "out")
    cells = pd.read_csv(out / "runs.csv", dtype=str)
    assert cells["x"].tolist() == ["'=1+1", "2", "'=1+1", "2"]
    assert all(error.startswith("ValueError") for error in cells.loc[cells["status"] == "failed", "error"])
    exports.export(played("again", spec=spec), tmp_path / "parquet", "parquet")
    assert pq.read_table(tmp_path / "parquet" / "runs.parquet")["x"].to_pylist() == ["=1+1", "2", "=1+1", "2"]


def test_a_sweep_under_way_exports_the_runs_that_have_ended(played, tmp_path):
    whole = played()
    held = replace(whole, runs=whole.runs.head(5), series=replace(whole.series, runs=whole.series.runs[:5]))
    out = exports.export(held, tmp_path / "out")
    assert len(pd.read_csv(out / "runs.csv")) == 5
    assert pd.read_csv(out / "series.csv")["run"].unique().tolist() == [0, 1, 2, 3, 4]
    assert json.loads((out / "manifest.json").read_text())["runs_planned"] == 8


def test_a_sweep_of_nothing_but_failures_still_exports(played, tmp_path):
    out = exports.export(played(failing=tuple(range(8))), tmp_path / "out")
    assert len(pd.read_csv(out / "runs.csv")) == 8
    summary = pd.read_csv(out / "summary.csv")
    assert summary["runs"].tolist() == [0] * 4
    assert summary["left_out"].tolist() == [2] * 4
    assert summary["mean"].isna().all()


@pytest.mark.parametrize("form", exports.FORMATS)
def test_a_failed_run_changes_no_column_and_no_type_of_any_table(played, tmp_path, form):
    shapes = []
    for number, failing in enumerate(((), (3,), tuple(range(8)))):
        out = exports.export(played(f"sweep-{number}", failing=failing), tmp_path / f"out-{number}", form)
        headings = {path.name: next(csv.reader(path.open(newline=""))) for path in out.glob("*.csv")}
        headings |= {
            path.name: [(one.name, one.type) for one in pq.read_schema(path)] for path in out.glob("*.parquet")
        }
        # The planted task measures more than it is asked for.
        shapes.append({name: [one for one in of if "label" not in one] for name, of in headings.items()})
    assert shapes[0] == shapes[1] == shapes[2]


def test_the_keys_of_the_dictionary_tell_all_rows_apart(played, tmp_path):
    out = exports.export(played(failing=(3,)), tmp_path / "out")
    lines = pd.read_csv(out / "data_dictionary.csv")
    for table in ("runs", "outcomes", "summary", "series"):
        key = lines.loc[(lines["table"] == table) & (lines["key"] == "yes"), "column"].tolist()
        assert key
        assert not pd.read_csv(out / f"{table}.csv").duplicated(key).any()


def test_nothing_is_exported_of_nothing_and_nothing_is_overwritten(played, tmp_path):
    held = played(stop=lambda: True)
    with pytest.raises(ValueError, match="no run of the sweep has ended yet"):
        exports.export(held, tmp_path / "out")
    full = played("full")
    exports.export(full, tmp_path / "out")
    with pytest.raises(ValueError, match="must name a new or empty folder"):
        exports.export(full, tmp_path / "out")
    exports.export(full, tmp_path / "out", overwrite=True)
    with pytest.raises(ValueError, match="--format must be one of csv, parquet, is 'xlsx'"):
        exports.export(full, tmp_path / "other", "xlsx")
