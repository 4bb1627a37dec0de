"""A tampered cell is found and named, wherever it lies; an untouched sweep passes."""

import hashlib
import json
import sqlite3
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.export import exports, verify
from model.experiments.sweeps.export.evidence import read_evidence, same_bits, same_but_rounding
from model.experiments.sweeps.export.verify_export import check_export, check_runs_file
from model.experiments.sweeps.spec.outcomes import Outcome, Result
from model.experiments.sweeps.store.ledger import StoreError
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_bytes

OUTCOMES = (Outcome(measure="y"), Outcome(measure="y_series", over="series"))
PART = "parts/part-000000.parquet"


@pytest.fixture
def sweep(tmp_path, planted, spec_of_runs):
    """Folder of a finished sweep of eight runs, of which run 6 failed, and its task."""
    task = planted(n_series=3, failing=(6,))
    with Store.create(tmp_path / "sweep", spec_of_runs(outcomes=OUTCOMES)) as store:
        conduct(store, task, InProcess())
    return tmp_path / "sweep", task


def rewrite_part(folder, change, believed=False):
    """Rewrite the part with another content; with `believed` the ledger is made to vouch for it."""
    path = folder / PART
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd", write_page_checksum=True)
    if believed:
        with sqlite3.connect(folder / "ledger.sqlite") as ledger:
            ledger.execute("UPDATE parts SET sha256 = ?", (hashlib.sha256(path.read_bytes()).hexdigest(),))


def key_of_run(folder, number):
    return next(row[1] for row in read_evidence(folder).rows if row[0] == number)


def test_an_untouched_sweep_comes_out_the_same(sweep):
    folder, task = sweep
    evidence = read_evidence(folder)
    played, findings = verify.play_again(evidence, task, 100)
    assert played == list(range(8))
    assert (findings, evidence.findings, evidence.whole) == ([], (), True)


def test_the_evidence_reads_as_the_store_does(sweep):
    folder, _ = sweep
    with Store.open(folder, read_only=True) as store:
        trusted = exports.recorded(store)
    held = read_evidence(folder).held
    pd.testing.assert_frame_equal(held.runs, trusted.runs)
    pd.testing.assert_frame_equal(held.series.frame(), trusted.series.frame())
    assert (held.spec, held.scenario, held.code) == (trusted.spec, trusted.scenario, trusted.code)


def test_whole_numbers_are_written_the_same_in_the_table_of_runs_and_in_its_check(tmp_path, spec_of_runs):
    with Store.create(tmp_path / "s", spec_of_runs()) as store:
        conduct(store, lambda point, watch: Result(row={"y": point.number}), InProcess())
        (tmp_path / "runs.csv").write_bytes(csv_bytes(store.runs()))
    assert b",7\n" in (tmp_path / "runs.csv").read_bytes()
    assert check_runs_file(read_evidence(tmp_path / "s").held, tmp_path / "runs.csv") == []


def test_the_sample_is_drawn_by_its_seed(sweep):
    folder, task = sweep
    evidence = read_evidence(folder)
    first = verify.play_again(evidence, task, 3, seed=1)[0]
    assert first == verify.play_again(evidence, task, 3, seed=1)[0]
    assert len(first) == 3
    assert any(verify.play_again(evidence, task, 3, seed=seed)[0] != first for seed in range(2, 6))
    assert verify.play_again(evidence, task, 0)[0] == []


def test_a_changed_number_in_a_part_is_named_even_outside_the_sample(sweep):
    folder, task = sweep
    key = key_of_run(folder, 2)

    def change(rows):
        row = next(row for row in rows if row["key"] == key)
        row["outcome"]["y"] += 1e-9
        row["outcome"]["label"] = "point 9"

    rewrite_part(folder, change)
    evidence = read_evidence(folder)
    assert [(found.file, found.column) for found in evidence.findings] == [(PART, "SHA-256")]
    _, findings = verify.play_again(evidence, task, 0)
    assert {(found.file, found.where, found.column) for found in findings} == {
        (PART, "run 2", "y"), (PART, "run 2", "label"),
    }  # fmt: skip


def test_a_changed_last_bit_is_found_by_playing_again_when_nothing_else_shows_it(sweep):
    folder, task = sweep
    key = key_of_run(folder, 4)

    def change(rows):
        row = next(row for row in rows if row["key"] == key)
        row["series"]["y_series"][1] *= 1 + 2**-52

    rewrite_part(folder, change, believed=True)
    evidence = read_evidence(folder)
    assert evidence.findings == ()
    _, findings = verify.play_again(evidence, task, 8)
    assert [(found.file, found.where, found.column) for found in findings] == [(PART, "run 4, epoch 1", "y_series")]
    assert findings[0].stored != findings[0].recomputed


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("UPDATE runs SET seed = seed + 1 WHERE number = 3", "seed"),
        ("UPDATE runs SET combination = 0 WHERE number = 3", "combination"),
        ("UPDATE runs SET epochs_played = 2 WHERE number = 3", "epochs_played"),
        ("UPDATE runs SET state = 'failed', error = 'ValueError: no' WHERE number = 3", "status"),
    ],
)
def test_a_changed_cell_of_the_ledger_is_named(sweep, change, column):
    folder, task = sweep
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        ledger.execute(change)
    evidence = read_evidence(folder)
    found = [*evidence.findings, *verify.play_again(evidence, task, 8)[1]]
    assert (found[0].file, found[0].where, found[0].column) == ("ledger.sqlite", "run 3", column)


def test_a_failed_run_that_was_passed_off_as_another_failure_is_named(sweep):
    folder, task = sweep
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE runs SET error = 'bad luck' WHERE number = 6")
    _, findings = verify.play_again(read_evidence(folder), task, 8)
    assert [(found.where, found.column, found.stored) for found in findings] == [("run 6", "error", "bad luck")]
    assert "planted at 6" in findings[0].recomputed


@pytest.mark.parametrize(("library", "found"), [("9.9", []), (None, ["y"])])
def test_other_libraries_may_round_in_their_own_way_and_the_same_may_not(sweep, library, found):
    folder, task = sweep
    held = read_evidence(folder).held
    rounded = dict(held.code, versions=held.code["versions"] | ({"numpy": library} if library else {}))
    evidence = read_evidence(folder)
    key = next(row[1] for row in evidence.rows if row[5] == "ok")
    near = evidence.outcome[key] | {"y": evidence.outcome[key]["y"] * (1 + 1e-12)}
    evidence = replace(
        evidence, held=replace(evidence.held, code=rounded), outcome=dict(evidence.outcome) | {key: near}
    )
    assert bool(verify.other_libraries(evidence.held)) == bool(library)
    assert [finding.column for finding in verify.play_again(evidence, task, 8)[1]] == found


@pytest.mark.parametrize(
    ("stored", "recomputed", "same"),
    [(1.0, 1.0 + 1e-10, True), (1.0, 1.0 + 1e-8, False), ("0.1", "0.1000000000001", True), (3, 4, False),
     ("-30000000000", "-30000000001", False), ("ann", "bob", False), (None, 0.0, False), (0.0, 1e-17, True)],
)  # fmt: skip
def test_rounding_is_a_matter_of_floats_and_of_one_part_in_a_thousand_million(stored, recomputed, same):
    assert same_but_rounding(stored, recomputed) == same


def test_a_changed_spec_is_found_by_its_digest(sweep):
    folder, _ = sweep
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        spec = ledger.execute("SELECT value FROM facts WHERE name = 'spec'").fetchone()[0]
        forged = json.dumps(json.loads(spec) | {"question": "another one"})
        ledger.execute("UPDATE facts SET value = ? WHERE name = 'spec'", (forged,))
    assert [found.column for found in read_evidence(folder).findings] == ["digest"]


def test_a_missing_and_a_broken_part_are_named_and_the_rest_is_still_read(sweep):
    folder, task = sweep
    path = folder / PART
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    broken = read_evidence(folder)
    assert [(found.file, found.column) for found in broken.findings] == [(PART, "SHA-256"), (PART, "content")]
    assert not broken.whole
    path.unlink()
    assert read_evidence(folder).findings[0].stored == "nothing"
    assert len(verify.play_again(broken, task, 8)[0]) == 8


def test_a_folder_without_a_sweep_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match="holds no sweep"):
        read_evidence(tmp_path)


@pytest.mark.parametrize("name", ["runs", "outcomes", "summary", "series"])
def test_a_changed_cell_of_an_exported_csv_is_named(sweep, tmp_path, name):
    held = read_evidence(sweep[0]).held
    out = exports.export(held, tmp_path / "out")
    assert check_export(held, out) == []
    path = out / f"{name}.csv"
    lines = path.read_text().split("\n")
    cells = lines[4].split(",")
    before, cells[-1] = cells[-1], cells[-1] + "1"
    lines[4] = ",".join(cells)
    path.write_text("\n".join(lines))
    findings = check_export(held, out)
    column = lines[0].split(",")[-1]
    assert [(found.file, found.column) for found in findings] == [(f"out/{name}.csv", column)]
    assert (findings[0].stored, findings[0].recomputed) == (before + "1", before or "an empty cell")
    assert findings[0].where.startswith("combination" if name == "summary" else "run")


def test_a_row_that_was_dropped_or_added_is_named(sweep, tmp_path):
    held = read_evidence(sweep[0]).held
    out = exports.export(held, tmp_path / "out")
    path = out / "runs.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert [(found.where, found.stored) for found in check_export(held, out)] == [("run 7", "nothing")]
    path.write_text("".join([*lines, lines[-1]]))
    assert [(found.where, found.recomputed) for found in check_export(held, out)] == [("run 7", "nothing")]
    path.write_text("".join(["x" + lines[0], *lines[1:]]))
    assert [found.column for found in check_export(held, out)] == ["heading"]


def test_a_changed_cell_of_exported_parquet_is_named_and_another_compression_is_not(sweep, tmp_path):
    held = read_evidence(sweep[0]).held
    out = exports.export(held, tmp_path / "out", "parquet")
    path = out / "runs.parquet"
    table = pq.read_table(path)
    pq.write_table(table, path, compression="none")
    assert check_export(held, out) == []
    place = table.column_names.index("y")
    cells = table.column("y").to_pylist()
    cells[2] += 1e-12
    pq.write_table(table.set_column(place, table.schema.field("y"), pa.array(cells)), path)
    assert [(found.where, found.column) for found in check_export(held, out)] == [("run 2", "y")]
    path.write_bytes(b"PAR1 nothing of the kind")
    assert check_export(held, out)[0].stored.startswith("no Parquet")


def test_changed_and_missing_files_beside_the_tables_are_named(sweep, tmp_path):
    held = read_evidence(sweep[0]).held
    out = exports.export(held, tmp_path / "out")
    (out / "spec.toml").write_text((out / "spec.toml").read_text().replace("replicates = 2", "replicates = 3"))
    (out / "series.csv").unlink()
    found = {finding.file: finding for finding in check_export(held, out)}
    assert set(found) == {"out/spec.toml", "out/series.csv"}
    assert (found["out/spec.toml"].stored, found["out/spec.toml"].recomputed) == ("replicates = 3", "replicates = 2")
    assert found["out/series.csv"].stored == "nothing"


def test_an_export_from_before_the_sweep_went_on_is_one_finding(sweep, tmp_path, planted, spec_of_runs):
    folder, task = sweep
    out = exports.export(read_evidence(folder).held, tmp_path / "out")
    with Store.open(folder) as store:
        store.extend(spec_of_runs(replicates=3, outcomes=OUTCOMES))
        conduct(store, task, InProcess())
    findings = check_export(read_evidence(folder).held, out)
    assert [finding.column for finding in findings] == ["spec_digest"]
    assert findings[0].recomputed.endswith("export again")


def test_bits_are_compared_and_not_just_values():
    assert same_bits(float("nan"), None)
    assert same_bits(1, 1.0)
    assert not same_bits(0.0, -0.0)
    assert not same_bits(1.0, 1.0 + 2**-52)
    assert not same_bits("1.0", 1.0)
    assert not same_bits(2**53, float(2**53) + 2)
