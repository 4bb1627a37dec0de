"""The folder of a sweep: what is on record stays, what is damaged is named, and the same runs give the same table."""

import errno
import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import CHECKOUT
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.export.evidence import read_evidence
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.points import key_of, points
from model.experiments.sweeps.spec.spec import Factor
from model.experiments.sweeps.store import parts, store
from model.experiments.sweeps.store.endings import Ended, Filed
from model.experiments.sweeps.store.folder import ask_to_cancel, is_store
from model.experiments.sweeps.store.ledger import StoreError
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_bytes


def played(folder, spec, task, **options):
    with Store.create(folder, spec, **options) as kept:
        conduct(kept, task, InProcess())
        return csv_bytes(kept.runs())


def ended_with(spec, number, **outcome):
    return key_of(points(spec)[number]), Ended(status="ok", epochs_played=2, outcome=outcome)


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(store, "PART_RUNS", 3)


def test_a_table_has_a_row_for_each_run_with_factors_and_outcomes(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs()
    with Store.create(tmp_path / "s", spec) as kept:
        conduct(kept, planted(failing=(2,)), InProcess())
        table = kept.runs()
    assert list(table.columns) == [
        *("run", "combination", "replicate", "seed", "status", "error", "epochs_played", "settling", "x", "y", "label")
    ]
    assert table["run"].tolist() == list(range(8))
    assert table["x"].tolist() == [0.0, 0.125, 0.25, 0.375] * 2
    assert table["status"].tolist() == ["ok", "ok", "failed", *["ok"] * 5]
    assert table["y"].isna().tolist() == [False, False, True, *[False] * 5]
    assert table.loc[table["replicate"] == 0, "seed"].nunique() == 1


def test_a_failure_is_on_record_with_its_traceback(tmp_path, planted, spec_of_runs):
    with Store.create(tmp_path / "s", spec_of_runs()) as kept:
        conduct(kept, planted(failing=(2,)), InProcess())
        failures = kept.failures()
    assert failures["run"].tolist() == [2]
    assert failures["error"][0].startswith("ZeroDivisionError: planted at 2 (planted_tasks.py:")
    assert "in _misbehave" in failures["traceback"][0]
    assert failures["attempts"][0] == 1


def test_series_keep_every_epoch_of_every_run(tmp_path, planted, spec_of_runs):
    with Store.create(tmp_path / "s", spec_of_runs()) as kept:
        conduct(kept, planted(n_series=3), InProcess())
        runs, series = kept.runs(), kept.series().frame()
    assert series["run"].tolist() == sorted([*range(8)] * 3)
    assert series["epoch"].tolist() == [0, 1, 2] * 8
    first = series.groupby("run")["y_series"].first()
    np.testing.assert_array_equal(first.to_numpy(), runs["y"].to_numpy())


def test_results_in_parts_and_results_in_the_ledger_give_the_same_bytes(tmp_path, planted, spec_of_runs, monkeypatch):
    spec, task = spec_of_runs(), planted(failing=(5,), n_series=2)
    whole = played(tmp_path / "whole", spec, task)
    monkeypatch.setattr(store, "PART_RUNS", 3)
    split = played(tmp_path / "split", spec, task)
    assert len(list((tmp_path / "split" / "parts").iterdir())) == 3
    assert split == whole
    with Store.open(tmp_path / "split", read_only=True) as one, Store.open(tmp_path / "whole", read_only=True) as other:
        pd.testing.assert_frame_equal(one.series().frame(), other.series().frame(), check_exact=True)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(
    value=st.lists(st.one_of(st.floats(), st.integers(-(2**63), 2**63 - 1)), min_size=8, max_size=8),
    sizes=st.permutations([3, 4, 1]),
)
def test_any_number_comes_back_to_the_bit_however_results_are_filed(tmp_path_factory, value, sizes):
    folder = tmp_path_factory.mktemp("parts")
    (folder / "parts").mkdir()
    filed = [Filed(key=str(n), epochs_played=1, outcome={"y": one}, series={}) for n, one in enumerate(value)]
    start, sha256 = 0, {}
    for number, size in enumerate(sizes):
        sha256[number] = parts.write_part(parts.part_path(folder, number), filed[start : start + size])
        start += size
    split = parts.read_outcomes(folder, sha256, [])["y"]
    whole = parts.read_outcomes(folder, {}, filed)["y"]
    np.testing.assert_array_equal(split.to_numpy(), whole.to_numpy())
    if all(isinstance(one, float) for one in value):
        np.testing.assert_array_equal(split.to_numpy(), np.array(value))


def test_combinations_of_equal_values_are_played_once_and_both_have_their_row(tmp_path, planted, spec_of_runs):
    twins = tuple({"x": value} for value in (0.5, 0.25, 0.5))
    spec = spec_of_runs(factors=(), design="list", points=twins, replicates=1)
    notes = tmp_path / "notes"
    notes.mkdir()
    with Store.create(tmp_path / "s", spec) as kept:
        conduct(kept, planted(notes=notes), InProcess())
        table = kept.runs()
    assert len(list(notes.iterdir())) == 2
    assert table["run"].tolist() == [0, 1, 2]
    assert table["y"][0] == table["y"][2] != table["y"][1]


def test_what_was_received_outlives_a_kill_right_after(tmp_path, spec_of_runs):
    spec = spec_of_runs()

    def receive_and_die():
        kept = Store.create(tmp_path / "s", spec)
        kept.begin()
        kept.record(dict([ended_with(spec, 0, y=0.1), ended_with(spec, 3, y=0.2)]), [key_of(points(spec)[1])])
        os.kill(os.getpid(), signal.SIGKILL)

    process = multiprocessing.get_context("fork").Process(target=receive_and_die)
    process.start()
    process.join()
    with Store.open(tmp_path / "s", read_only=True) as kept:
        status = kept.status()
        assert (status.state, status.done, status.running, status.pending, status.pid) == ("stopped", 2, 0, 6, 0)
        assert kept.runs()["y"].tolist() == [0.1, 0.2]
    with Store.open(tmp_path / "s") as kept:
        assert {point.number for point in kept.pending()} == {1, 2, 4, 5, 6, 7}


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("step", ["write_part", "file_away"])
def test_a_kill_while_results_are_filed_loses_and_doubles_nothing(tmp_path, planted, spec_of_runs, monkeypatch, step):
    spec = spec_of_runs()
    expected = played(tmp_path / "whole", spec, planted())
    owner = parts if step == "write_part" else store.Ledger
    original = getattr(owner, step)

    def killed(*arguments):
        if step == "write_part":
            original(*arguments)  # whole on the disk, but not yet on record
        raise MemoryError("killed here")

    monkeypatch.setattr(owner, step, killed)
    kept = Store.create(tmp_path / "s", spec)
    with pytest.raises(MemoryError):
        conduct(kept, planted(), InProcess())
    kept.close()
    monkeypatch.setattr(owner, step, original)
    with Store.open(tmp_path / "s") as kept:
        assert list((tmp_path / "s" / "parts").iterdir()) == []
        conduct(kept, planted(), InProcess())
        assert csv_bytes(kept.runs()) == expected


def test_a_sweep_is_extended_by_replicates_and_by_values_and_plays_only_what_is_new(tmp_path, planted, spec_of_runs):
    notes = tmp_path / "notes"
    notes.mkdir()
    played(tmp_path / "s", spec_of_runs(3, 1), planted())
    wider = spec_of_runs(5, 2)
    with Store.open(tmp_path / "s") as kept:
        assert kept.extend(wider) == 7
        assert kept.status().done == 3
        conduct(kept, planted(notes=notes), InProcess())
        table = csv_bytes(kept.runs())
    assert len(list(notes.iterdir())) == 7
    # The label of a planted run tells its number when it was played, which an extension may change.
    drop = lambda text: [line.rsplit(b",", 1)[0] for line in text.splitlines()]  # noqa: E731
    assert drop(table) == drop(played(tmp_path / "whole", wider, planted()))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"epochs": 7}, "epochs is 0 there and 7 here"),
        ({"seed": 2}, "seed is 1 there and 2 here"),
        ({"scenario": "gamed"}, "scenario is 'speed-or-quality' there and 'gamed' here"),
        ({"outcomes": (Outcome(measure="z"),)}, "outcomes is "),
        ({"factors": (Factor(path="x", values=(0.0, 9.0)),)}, "factors.x.values is [0.0, 0.125, 0.25, 0.375] there"),
        ({"replicates": 1}, "replicates is 2 there and 1 here; it would drop 4 of 8 runs"),
    ],
)
def test_another_sweep_in_the_same_folder_is_refused_by_what_differs(tmp_path, planted, spec_of_runs, fields, sentence):
    before = played(tmp_path / "s", spec_of_runs(), planted())
    with Store.open(tmp_path / "s") as kept:
        with pytest.raises(StoreError, match="holds another sweep, and this is no extension of it: ") as caught:
            kept.extend(spec_of_runs(**fields))
        assert sentence in str(caught.value)
        assert csv_bytes(kept.runs()) == before
        assert kept.spec == spec_of_runs()


def test_a_changed_base_scenario_is_refused(tmp_path, spec_of_runs):
    with Store.create(tmp_path / "s", spec_of_runs(), scenario="a = 1") as kept:
        assert kept.extend(spec_of_runs(), "a = 1") == 0
        with pytest.raises(StoreError, match="the scenario has changed since"):
            kept.extend(spec_of_runs(), "a = 2")


def test_a_folder_that_holds_something_is_refused(tmp_path, spec_of_runs):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"--out must name a new or empty folder, is .*, which holds 1 entries"):
        Store.create(tmp_path, spec_of_runs())
    with pytest.raises(StoreError, match="--out must name a folder, is the file"):
        Store.create(tmp_path / "mine.txt", spec_of_runs())
    Store.create(tmp_path / "s", spec_of_runs()).close()
    with pytest.raises(StoreError, match="holds a sweep already: go on with it by --resume"):
        Store.create(tmp_path / "s", spec_of_runs())
    with pytest.raises(StoreError, match="holds no sweep"):
        Store.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["mine.txt"]


def test_a_kill_before_the_sweep_is_on_record_leaves_a_folder_that_can_begin_it(tmp_path, spec_of_runs, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            Store.create(tmp_path / "s", spec_of_runs())
    assert not is_store(tmp_path / "s")
    with Store.create(tmp_path / "s", spec_of_runs()) as kept:
        assert kept.status().pending == 8


def test_a_second_process_is_refused_by_the_first_ones_number_and_the_lock_dies_with_it(tmp_path, spec_of_runs):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    code = "import sys, pathlib; from model.experiments.lock import Lock\n"
    code += "lock = Lock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "s" / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=rf"in use by process {other.pid}: wait for it, or stop it with sandbox"):
            Store.open(tmp_path / "s")
        with Store.open(tmp_path / "s", read_only=True) as kept:
            assert (kept.status().state, kept.status().pid) == ("running", other.pid)
        assert ask_to_cancel(tmp_path / "s")
        other.kill()
    assert not ask_to_cancel(tmp_path / "s")
    with Store.open(tmp_path / "s") as kept:
        assert kept.cancel_wanted()
        kept.begin()
        assert not kept.cancel_wanted()


def test_a_ledger_that_is_none_or_damaged_is_named_and_left_alone(tmp_path, planted, spec_of_runs):
    played(tmp_path / "s", spec_of_runs(300, 5), planted())
    path = tmp_path / "s" / "ledger.sqlite"
    sound = path.read_bytes()
    middle = len(sound) // 2 // 4096 * 4096
    for damaged in (b"not a ledger" * 400, sound[:middle] + b"\xff" * 4096 + sound[middle + 4096 :]):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"ledger\.sqlite is damaged \(.*\); nothing was changed: put back a copy"):
            Store.open(tmp_path / "s")
        assert path.read_bytes() == damaged
    path.write_bytes(sound)
    with Store.open(tmp_path / "s") as kept:
        assert len(kept.runs()) == 1500


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DELETE FROM facts", "what it says of the sweep makes no sense: KeyError: 'spec'"),
        ("UPDATE facts SET value = '{' WHERE name = 'spec'", "makes no sense: JSONDecodeError: "),
        ("UPDATE facts SET value = '3' WHERE name = 'spec'", "makes no sense: TypeError: "),
        ("UPDATE facts SET value = '{\"runs\": 3}' WHERE name = 'spec'", "makes no sense: ValueError: no field 'runs'"),
        ("UPDATE facts SET value = 'x' WHERE name = 'code'", "makes no sense: JSONDecodeError: "),
        ("UPDATE runs SET number = 1000 WHERE number = 7", "its spec has 8 runs, it has 8 up to number 1,000"),
        ("DELETE FROM runs WHERE number = 3", "its spec has 8 runs, it has 7 up to number 7"),
        ("DROP TABLE runs", "no such table: runs"),
    ],
)
def test_a_ledger_whose_content_makes_no_sense_is_named(tmp_path, spec_of_runs, change, sentence):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    with closing(sqlite3.connect(tmp_path / "s" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute(change)
    for read in (Store.open, partial(Store.open, read_only=True), read_evidence):
        with pytest.raises(StoreError, match=r"ledger\.sqlite is damaged") as caught:
            read(tmp_path / "s")
        assert sentence in str(caught.value)


def test_a_ledger_of_another_version_is_refused(tmp_path, spec_of_runs):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    ledger = sqlite3.connect(tmp_path / "s" / "ledger.sqlite")
    ledger.execute("PRAGMA user_version = 99")
    ledger.close()
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"its ledger has version 99, this one reads 2; nothing was changed"):
            Store.open(tmp_path / "s", read_only=read_only)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("harm", ["missing", "cut", "same_size"])
def test_a_missing_part_is_named_and_its_runs_alone_are_played_again_when_asked(tmp_path, planted, spec_of_runs, harm):
    notes = tmp_path / "notes"
    notes.mkdir()
    expected = played(tmp_path / "s", spec_of_runs(), planted())
    part = tmp_path / "s" / "parts" / "part-000001.parquet"
    if harm == "missing":
        part.unlink()
    elif harm == "cut":
        part.write_bytes(part.read_bytes()[:-1])
    else:
        rotten = bytearray(part.read_bytes())
        rotten[len(rotten) // 2] ^= 1
        part.write_bytes(rotten)
    with Store.open(tmp_path / "s", read_only=True) as kept:
        with pytest.raises(StoreError, match=r"^part-000001\.parquet of .* is missing or was changed: put back a copy"):
            kept.runs()
        assert kept.status().done == 8
    with pytest.raises(StoreError, match=r"part-000001\.parquet"):
        Store.open(tmp_path / "s")
    with Store.open(tmp_path / "s", replay_lost=True) as kept:
        conduct(kept, planted(notes=notes), InProcess())
        assert csv_bytes(kept.runs()) == expected
    assert len(list(notes.iterdir())) == 3


def test_a_part_that_a_stranger_wrote_anew_is_named_however_well_formed(tmp_path, planted, spec_of_runs):
    played(tmp_path / "s", spec_of_runs(), planted(n_series=2))
    part = tmp_path / "s" / "parts" / "part-000000.parquet"
    parts.pq.write_table(parts.pq.read_table(part), part, compression="none", write_page_checksum=True)
    with Store.open(tmp_path / "s", read_only=True) as kept:
        for read in (kept.runs, kept.series().frame):
            with pytest.raises(StoreError, match=r"^part-000000\.parquet of .* is missing or was changed"):
                read()


def test_other_code_is_refused_unless_it_is_accepted(tmp_path, planted, spec_of_runs, monkeypatch):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    monkeypatch.setattr("model.experiments.code.git_commit", lambda: "abc")
    monkeypatch.setattr("model.experiments.code.versions", lambda: {"numpy": "9.9"})
    with pytest.raises(StoreError, match=r"begun with other code, numpy '[\d.]+' there and '9\.9' here: .*--accept"):
        Store.open(tmp_path / "s")
    with Store.open(tmp_path / "s", accept_version=True) as kept:
        here = {name: kept.code[name] for name in ("versions", "git_commit", "plugins")}
        assert here == {"versions": {"numpy": "9.9"}, "git_commit": "abc", "plugins": []}
    Store.open(tmp_path / "s").close()
    with pytest.raises(StoreError, match="other code, plugins"):
        Store.open(tmp_path / "s", plugins=({"file": "mine.py", "sha256": "0"},))


def test_the_code_that_plays_decides_and_not_its_commit(tmp_path, planted, spec_of_runs, monkeypatch):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    monkeypatch.setattr("model.experiments.code.git_commit", lambda: "abc")
    Store.open(tmp_path / "s").close()
    monkeypatch.setattr("model.experiments.code.sources_sha256", lambda: "f00")
    with pytest.raises(StoreError, match=r"begun with other code, sources_sha256 '\w+' there and 'f00' here"):
        Store.open(tmp_path / "s")


def test_another_processor_is_not_refused_as_runs_are_the_same_on_all(tmp_path, planted, spec_of_runs, monkeypatch):
    Store.create(tmp_path / "s", spec_of_runs()).close()
    monkeypatch.setattr("model.experiments.code.machine", lambda: {"processor_level": "x86-64"})
    Store.open(tmp_path / "s").close()


@pytest.mark.usefixtures("small_parts")
def test_a_full_disk_stops_with_a_sentence_and_what_is_on_record_is_kept(tmp_path, planted, spec_of_runs, monkeypatch):
    expected = played(tmp_path / "whole", spec_of_runs(), planted())
    original = parts.pq.write_table

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts.pq, "write_table", full)
    with Store.create(tmp_path / "s", spec_of_runs()) as kept:
        with pytest.raises(StoreError, match=r"the disk of .* is full; all runs on record are safe: make room and"):
            conduct(kept, planted(), InProcess())
        assert len(kept.runs()) == 3
    monkeypatch.setattr(parts.pq, "write_table", original)
    with Store.open(tmp_path / "s") as kept:
        conduct(kept, planted(), InProcess())
        assert csv_bytes(kept.runs()) == expected


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from planted_tasks import Planted
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.store.endings import Ended, Filed
from model.experiments.sweeps.export.evidence import read_evidence
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.store.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
with Store.open(Path(sys.argv[1])) as kept:
    try:
        conduct(kept, Planted(n_series=2_000), InProcess())
    except ValueError as error:
        print(error)
"""


def test_a_ledger_that_can_grow_no_more_stops_with_a_sentence_and_is_not_damaged(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs(20, 1)
    Store.create(tmp_path / "s", spec).close()
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "s"), str(Path(__file__).parent.parent)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=CHECKOUT)
    assert "is full; all runs on record are safe" in said.stdout, said.stderr
    with Store.open(tmp_path / "s") as kept:
        assert 0 < len(kept.runs()) < 20
        conduct(kept, planted(n_series=2_000), InProcess())
        assert len(kept.series().frame()) == 40_000


def test_a_folder_that_cannot_be_written_is_named(tmp_path, spec_of_runs, monkeypatch):
    Store.create(tmp_path / "s", spec_of_runs()).close()

    def refused(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("model.experiments.lock.os.open", refused)
    with pytest.raises(StoreError, match=r"s/lock cannot be used: Permission denied"):
        Store.open(tmp_path / "s")
    with pytest.raises(StoreError, match=r"cannot be used: Permission denied"):
        Store.create(tmp_path / "other", spec_of_runs())


def test_a_folder_where_nothing_can_be_written_can_still_be_read(tmp_path, planted, spec_of_runs, monkeypatch):
    expected = played(tmp_path / "s", spec_of_runs(), planted())
    original = store.Ledger.version
    refused = []

    def version(ledger):
        if not refused:
            refused.append(ledger)
            raise sqlite3.OperationalError("attempt to write a readonly database")  # the notes beside the file
        return original(ledger)

    monkeypatch.setattr(store.Ledger, "version", version)
    monkeypatch.setattr("model.experiments.sweeps.store.store.is_store", lambda _: True)
    with Store.open(tmp_path / "s", read_only=True) as kept:
        assert csv_bytes(kept.runs()) == expected
    assert refused


def test_the_spec_lies_in_the_folder_for_people_and_in_the_ledger_for_the_machine(tmp_path, spec_of_runs):
    from model.experiments.sweeps.spec.spec_file import read_spec

    spec = spec_of_runs()
    Store.create(tmp_path / "s", spec, command="sandbox sweep x").close()
    assert read_spec(tmp_path / "s" / "spec.toml") == spec
    (tmp_path / "s" / "spec.toml").unlink()
    with Store.open(tmp_path / "s", read_only=True) as kept:
        assert (kept.spec, kept.command) == (spec, "sandbox sweep x")
        assert json.dumps(kept.code)
