"""Conducting: any number of workers gives the same bytes, one bad run costs no other, and a wish to stop is heard."""

import os
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import active_children

import numpy as np
import pytest

from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import ExecutorError, InProcess, Lost, play
from model.experiments.sweeps.execution.processes import Processes
from model.experiments.sweeps.spec.outcomes import Result
from model.experiments.sweeps.spec.points import key_of, order, points
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_bytes


def conducted(folder, spec, task, executor, **options):
    """Table of the runs, and the status after them."""
    with Store.create(folder, spec) as kept:
        status = conduct(kept, task, executor, **options)
        return kept.runs(), status


class Cluster:
    """Plays several runs at once; `plan` says by number how often a run is lost, and whether it is to blame."""

    def __init__(self, plan, room=3):
        self.left = {number: times for number, (times, _) in plan.items()}
        self.blamed = {number: blamed for number, (_, blamed) in plan.items()}
        self.room, self.flight, self.log = room, {}, []

    @property
    def n_free(self):
        return self.room - len(self.flight)

    def open(self, task, stop):
        self.task, self.pool = task, ThreadPoolExecutor(self.room)

    def submit(self, point, seconds):
        future = self.pool.submit(play, self.task, point, seconds)
        self.flight[future] = point.number
        self.log.append((point.number, len(self.flight)))
        return future

    def outcome(self, future):
        number = self.flight.pop(future)
        if self.left.get(number, 0) > 0:
            self.left[number] -= 1
            return Lost(blamed=self.blamed[number], reason="planted")
        return future.result()

    def overrun(self, seconds):
        return []

    def close(self):
        self.pool.shutdown()


def test_this_process_and_two_others_give_the_same_bytes(tmp_path, planted, spec_of_runs):
    spec, task = spec_of_runs(6, 3), planted(failing=(4,), quitting=(9,), n_series=2)
    alone, together = (
        csv_bytes(conducted(tmp_path / name, spec, task, executor)[0])
        for name, executor in (("alone", InProcess()), ("together", Processes(2)))
    )
    assert alone == together
    assert alone.count(b"failed") == 2


def test_a_failing_point_is_one_failed_row_and_the_others_are_done(tmp_path, planted, spec_of_runs):
    runs, status = conducted(tmp_path / "s", spec_of_runs(), planted(failing=(5,)), InProcess())
    assert (status.state, status.ok, status.failed, status.pending) == ("finished", 7, 1, 0)
    assert runs.loc[runs["status"] != "ok", "run"].tolist() == [5]


def test_runs_are_started_in_the_order_that_keeps_the_sample_balanced(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs(7, 2)
    cluster = Cluster({})
    conducted(tmp_path / "s", spec, planted(), cluster)
    assert [number for number, _ in cluster.log] == order(spec).tolist()


def test_no_more_runs_are_in_flight_than_there_is_room_for(tmp_path, planted, spec_of_runs):
    cluster = Cluster({}, room=4)
    conducted(tmp_path / "s", spec_of_runs(20, 2), planted(), cluster)
    assert max(in_flight for _, in_flight in cluster.log) == 4


def test_a_run_that_kills_its_worker_twice_is_marked_and_was_alone_the_second_time(tmp_path, planted, spec_of_runs):
    cluster = Cluster({2: (9, True)})
    runs, status = conducted(tmp_path / "s", spec_of_runs(8, 1), planted(), cluster)
    assert (status.ok, status.died) == (7, 1)
    assert runs.set_index("run")["status"][2] == "died"
    assert runs.set_index("run")["error"][2] == "its worker process died, twice"
    tries = [in_flight for number, in_flight in cluster.log if number == 2]
    assert len(tries) == 2
    assert cluster.log[-1] == (2, 1)


def test_a_run_that_was_lost_once_is_played_again_and_not_marked(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs(8, 1)
    expected = csv_bytes(conducted(tmp_path / "whole", spec, planted(), InProcess())[0])
    for name, blamed in (("suspect", True), ("innocent", False)):
        runs, _ = conducted(tmp_path / name, spec, planted(), Cluster({1: (1, blamed), 6: (1, blamed)}))
        assert csv_bytes(runs) == expected


def test_workers_that_never_start_end_the_sweep_with_a_sentence(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs(8, 1)
    nobody = Cluster(dict.fromkeys(range(8), (10000, False)))
    with Store.create(tmp_path / "s", spec) as kept:
        with pytest.raises(ExecutorError, match="nobody can play: planted; all runs on record are safe"):
            conduct(kept, planted(), nobody)
        assert (kept.status().done, kept.status().pending) == (0, 8)


def test_a_task_that_cannot_be_sent_is_refused(tmp_path, spec_of_runs):
    with Store.create(tmp_path / "s", spec_of_runs()) as kept, pytest.raises(ExecutorError, match="can't be sent"):
        conduct(kept, lambda point, seconds: None, Processes(1))


def test_dead_and_hanging_workers_cost_their_own_runs_alone(tmp_path, planted, spec_of_runs, monkeypatch):
    monkeypatch.setattr("model.experiments.sweeps.execution.conduct.GRACE_SECONDS", 0.2)
    notes = tmp_path / "notes"
    notes.mkdir()
    task = planted(deadly=(3,), deadly_once=(1,), hanging=(6,), notes=notes)
    runs, status = conducted(tmp_path / "s", spec_of_runs(10, 1), task, Processes(2), timeout_seconds=0.3)
    assert (status.ok, status.died, status.timeout) == (8, 1, 1)
    rows = runs.set_index("run")
    assert rows["status"][3] == "died"
    assert (rows["status"][6], rows["error"][6]) == ("timeout", "took longer than 0.3 s")
    tries = {int(path.name): path.stat().st_size for path in notes.iterdir()}
    assert tries == {number: 2 if number in (1, 3) else 1 for number in range(10)}


def test_a_run_that_ends_itself_when_its_time_is_over_is_a_timeout(tmp_path, spec_of_runs):
    def late(point, watch):
        raise TimeoutError(f"after {time.time()}")

    runs, status = conducted(tmp_path / "s", spec_of_runs(), late, InProcess(), timeout_seconds=2)
    assert status.timeout == 8
    assert set(runs["error"]) == {"took longer than 2 s"}


def test_an_outcome_that_is_no_number_is_a_failed_run(tmp_path, spec_of_runs):
    runs, _ = conducted(tmp_path / "s", spec_of_runs(), lambda point, _: Result(row={"y": [1]}), InProcess())
    assert set(runs["status"]) == {"failed"}
    assert runs["error"][0].startswith("TypeError: outcome y must be a number or a text, is list")


@pytest.mark.parametrize(
    ("row", "series", "sentence"),
    [
        ({"y": 2**63}, {}, "ValueError: outcome y must be a whole number of 64 bits, is 9223372036854775808"),
        ({}, {"z": np.ones((2, 2))}, "TypeError: series z must be one number an epoch, is float64 (2, 2)"),
        ({}, {"z": np.array([object()])}, "TypeError: series z must be one number an epoch, is object (1,)"),
        ({}, {"z": np.ones(2), "w": np.ones(3)}, "ValueError: series must be equally long, are {'z': 2, 'w': 3}"),
    ],
)
def test_what_no_file_can_hold_is_a_failed_run_and_costs_no_other(tmp_path, spec_of_runs, row, series, sentence):
    def odd(point, watch):
        return Result(row=row, series=series) if point.number == 3 else Result(row={"y": 1})

    runs, status = conducted(tmp_path / "s", spec_of_runs(), odd, InProcess())
    assert (status.ok, status.failed) == (7, 1)
    assert runs["error"][3].startswith(sentence)


def test_texts_with_marks_that_are_no_characters_are_kept_as_far_as_files_can(tmp_path, spec_of_runs):
    def odd(point, watch):
        if point.number == 3:
            raise ValueError("name \udc80")
        return Result(row={"y": "\udc81"})

    runs, _ = conducted(tmp_path / "s", spec_of_runs(), odd, InProcess())
    assert runs["error"][3].startswith("ValueError: name \\udc80")
    assert runs["y"][0] == "\\udc81"


def test_a_wish_to_stop_is_heard_while_runs_hang_and_those_in_flight_are_pending_again(tmp_path, planted, spec_of_runs):
    spec, asked = spec_of_runs(8, 1), []
    first, second, *others = order(spec).tolist()

    def ask(status):
        if status.done == 2 and not asked:
            asked.append(True)
            (tmp_path / "s" / "cancel").touch()

    with Store.create(tmp_path / "s", spec) as kept:
        status = conduct(kept, planted(hanging=tuple(others)), Processes(2), progress=ask)
        assert (status.state, status.done, status.running, status.pending) == ("cancelled", 2, 0, 6)
        assert active_children() == []
        assert not kept.cancel_wanted()
    with Store.open(tmp_path / "s", read_only=True) as kept:
        assert kept.status().state == "cancelled"
        assert sorted(kept.runs()["run"]) == sorted([first, second])


@pytest.mark.parametrize("how", ["file", "caller"])
def test_a_wish_to_stop_is_heard_while_this_process_plays_a_run(tmp_path, planted, spec_of_runs, how):
    spec, asked = spec_of_runs(8, 1), []
    third = order(spec)[2]

    def play_and_ask(point, watch):
        if point.number == third:
            asked.append(True)
            if how == "file":
                (tmp_path / "s" / "cancel").touch()
        return planted(endless=(third,))(point, watch)

    stop = {"stop": lambda: bool(asked)} if how == "caller" else {}
    runs, status = conducted(tmp_path / "s", spec, play_and_ask, InProcess(), **stop)
    assert (status.state, status.done, status.running, status.pending) == ("cancelled", 2, 0, 6)
    assert third not in runs["run"].tolist()


def test_whoever_conducts_can_ask_it_to_stop(tmp_path, planted, spec_of_runs):
    _, status = conducted(tmp_path / "s", spec_of_runs(8, 1), planted(), Cluster({}), stop=lambda: True)
    assert status.state == "cancelled"
    assert status.done < 8


def test_an_interrupt_in_this_process_stops_the_run_under_way(tmp_path, planted, spec_of_runs):
    def interrupted(point, watch):
        if point.number == order(spec)[3]:
            os.kill(os.getpid(), signal.SIGINT)
        return planted()(point, watch)

    spec = spec_of_runs(8, 1)
    _, status = conducted(tmp_path / "s", spec, interrupted, InProcess())
    assert (status.state, status.done, status.pending) == ("cancelled", 3, 5)


def test_progress_tells_counts_that_add_up_and_a_rate(tmp_path, planted, spec_of_runs):
    told = []
    task = planted(seconds=0.05, failing=(3,))
    conducted(tmp_path / "s", spec_of_runs(8, 1), task, InProcess(), progress=told.append)
    assert all(one.done + one.running + one.pending == one.n_runs == 8 for one in told)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert 1 < told[-2].rate_per_second < 20
    assert (told[-1].state, told[-1].done, told[-1].failed) == ("finished", 8, 1)


def test_the_key_of_a_run_under_way_is_on_record(tmp_path, planted, spec_of_runs):
    spec = spec_of_runs()
    seen = []

    def look(point, watch):
        with Store.open(tmp_path / "s", read_only=True) as other:
            seen.append(other.status().running)
        return planted()(point, watch)

    conducted(tmp_path / "s", spec, look, InProcess())
    assert seen == [1] * 8
    assert len({key_of(point) for point in points(spec)}) == 8


def test_a_run_out_of_time_is_played_again_with_a_longer_limit_and_its_old_error_kept(tmp_path, spec_of_runs):
    spec = spec_of_runs(4, 1)

    def slow(point, watch):
        if point.number == 2:
            for _ in range(100):
                watch.look("some")
                time.sleep(0.005)
        return Result(row={"y": point.number})

    with Store.create(tmp_path / "s", spec) as kept:
        status = conduct(kept, slow, InProcess(), timeout_seconds=0.05)
    assert (status.ok, status.timeout) == (3, 1)
    with Store.open(tmp_path / "s") as kept:
        assert kept.status().pending == 1
        status = conduct(kept, slow, InProcess(), timeout_seconds=60)
        assert (status.ok, status.timeout) == (4, 0)
        assert kept.runs()["y"].tolist() == [0, 1, 2, 3]
    with closing(sqlite3.connect(tmp_path / "s" / "ledger.sqlite")) as ledger:
        note, attempts = ledger.execute("SELECT traceback, attempts FROM runs WHERE number = 2").fetchone()
    assert "before: took longer than 0.05 s" in note
    assert attempts == 2


def test_a_run_that_its_own_rules_failed_stays_failed(tmp_path, spec_of_runs):
    def wrong(point, watch):
        if point.number == 1:
            raise ValueError("never")
        if point.number == 2:
            raise MemoryError
        return Result(row={"y": 0})

    with Store.create(tmp_path / "s", spec_of_runs(4, 1)) as kept:
        conduct(kept, wrong, InProcess())
    with Store.open(tmp_path / "s") as kept:
        assert (kept.status().pending, kept.status().failed) == (1, 1)
