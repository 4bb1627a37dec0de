"""A real Dask scheduler with two worker processes: the same bytes, whatever dies."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import dask
import psutil
import pytest
from distributed import LocalCluster

import model
from model.experiments.sweeps.execution.cluster import Dask
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import ExecutorError, InProcess
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_bytes

pytestmark = pytest.mark.slow


@contextmanager
def two_workers():
    """Scheduler and workers as on a cluster, on this machine and without their page; one death is a verdict."""
    with (
        pytest.MonkeyPatch.context() as patched,
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
    ):
        patched.syspath_prepend(str(Path(__file__).parent.parent))  # workers import the planted tasks from there
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as started:
            yield started


@pytest.fixture(scope="module")
def cluster():
    with two_workers() as started:
        yield started


def conducted(folder, spec, task, executor, **options):
    with Store.create(folder, spec) as kept:
        status = conduct(kept, task, executor, **options)
        return csv_bytes(kept.runs()), status


def test_a_cluster_whose_worker_is_killed_gives_the_same_bytes(tmp_path, planted, spec_of_runs, cluster):
    spec, task = spec_of_runs(30, 4), planted(seconds=0.02, failing=(7,), n_series=2)
    expected, _ = conducted(tmp_path / "alone", spec, task, InProcess())
    killed = []

    def kill_one(status):
        if status.done >= 20 and not killed:
            killed.append(cluster.workers[0].process.pid)
            psutil.Process(killed[0]).send_signal(signal.SIGKILL)

    table, status = conducted(tmp_path / "cluster", spec, task, Dask(cluster.scheduler_address), progress=kill_one)
    assert killed
    assert (status.ok, status.failed) == (119, 1)
    assert table == expected


def test_a_run_that_kills_every_worker_is_marked_and_costs_no_other(tmp_path, planted, spec_of_runs, cluster):
    notes = tmp_path / "notes"
    notes.mkdir()
    task = planted(deadly=(3,), notes=notes)
    _, status = conducted(tmp_path / "s", spec_of_runs(12, 1), task, Dask(cluster.scheduler_address))
    assert (status.ok, status.died) == (11, 1)


def test_a_cancelled_sweep_does_not_wait_for_what_is_to_come(tmp_path, planted, spec_of_runs, cluster):
    asked = []

    def ask(status):
        if status.done >= 4 and not asked:
            asked.append(True)
            (tmp_path / "s" / "cancel").touch()

    task = planted(seconds=0.2)
    _, status = conducted(tmp_path / "s", spec_of_runs(60, 1), task, Dask(cluster.scheduler_address), progress=ask)
    assert status.state == "cancelled"
    assert 4 <= status.done < 60


def test_a_run_without_end_is_a_timeout_and_a_scheduler_that_goes_away_is_named(
    tmp_path, planted, spec_of_runs, monkeypatch
):
    monkeypatch.setattr("model.experiments.sweeps.execution.conduct.GRACE_SECONDS", 0.2)
    closing = []

    def close(status):
        if status.done >= 4 and not closing:
            closing.append(threading.Thread(target=cluster.close))
            closing[0].start()

    with two_workers() as cluster:
        endless = Store.create(tmp_path / "endless", spec_of_runs(6, 1))
        status = conduct(endless, planted(hanging=(2,)), Dask(cluster.scheduler_address), timeout_seconds=2)
        assert (status.ok, status.timeout) == (5, 1)
        kept = Store.create(tmp_path / "left", spec_of_runs(60, 1))
        with pytest.raises(ExecutorError, match="all runs on record are safe"):
            conduct(kept, planted(seconds=0.1), Dask(cluster.scheduler_address), progress=close)
        closing[0].join()
    status = kept.status()
    assert 4 <= status.done < 60
    assert status.done + status.pending == 60
    endless.close()
    kept.close()


# Workers of one thread each, and one to which the package is not there.
WORKER = "import sys; {before}; from distributed.cli.dask_worker import main; main()"
OPTIONS = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--name")
SOURCES = Path(model.__file__).resolve().parents[1]


@contextmanager
def workers(address, *kinds):
    """Processes that work for the scheduler: `alike` with the code here, `other` with a copy of it that is changed,
    and `without` the package; they are told by name and code folder."""
    started = []
    for name, code in kinds:
        before = "sys.modules['model'] = None" if code is None else "pass"
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER.format(before=before), address, *OPTIONS, name],
                env=os.environ | {"PYTHONPATH": str(code or SOURCES)},
                cwd=code or SOURCES,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


@pytest.fixture
def alone():
    """Scheduler without workers."""
    with LocalCluster(n_workers=0, processes=True, host="127.0.0.1", dashboard_address=None) as started:
        yield started


@pytest.fixture
def other_code(tmp_path):
    """Folder with this package's code, in which Gini coefficients are half of what they are."""
    for package in ("agents", "ext", "model"):
        shutil.copytree(SOURCES / package, tmp_path / "other" / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "other" / "data").symlink_to(SOURCES / "data")
    changed = tmp_path / "other" / "model" / "records" / "measures.py"
    changed.write_text(
        changed.read_text() + "\n\n_whole = gini\n\n\ndef gini(*a, **k):\n    return _whole(*a, **k) / 2\n"
    )
    return tmp_path / "other"


def test_workers_with_other_code_and_without_any_are_named_and_play_nothing(tmp_path, alone, other_code, caplog):
    spec = Spec(
        scenario="gamed", factors=(Factor(path="reward.audit_rate", values=(0.0, 0.5)),), replicates=6, epochs=2,
        values={"subnets.count": 1, "subnets.n_miners": 4, "subnets.n_validators": 2},
    )  # fmt: skip
    expected, _ = conducted(tmp_path / "here", spec, EconomyTask(spec), InProcess())
    with workers(alone.scheduler_address, ("alike", SOURCES), ("other", other_code), ("without", None)):
        there = Dask(alone.scheduler_address)
        there._client.wait_for_workers(3, timeout=60)
        table, status = conducted(tmp_path / "there", spec, EconomyTask(spec), there)
    assert (status.ok, table) == (12, expected)
    said = sorted(caplog.messages)
    assert len(said) == 2
    assert any("is left out: it has other code of the package" in one for one in said)
    assert any("is left out: it cannot import the package (ModuleNotFoundError" in one for one in said)


def test_without_a_worker_that_can_play_a_sweep_ends_in_a_sentence(tmp_path, alone, planted, spec_of_runs, monkeypatch):
    monkeypatch.setattr("model.experiments.sweeps.execution.cluster.PATIENCE_SECONDS", 1)
    with pytest.raises(ExecutorError, match=r"can play: there is none; start one by `dask worker tcp://"):
        conducted(tmp_path / "none", spec_of_runs(3, 1), planted(), Dask(alone.scheduler_address))
    with workers(alone.scheduler_address, ("without", None)):
        there = Dask(alone.scheduler_address)
        there._client.wait_for_workers(1, timeout=60)
        with pytest.raises(ExecutorError, match=r"can play: tcp://\S+ is left out, it cannot import the package"):
            conducted(tmp_path / "strange", spec_of_runs(3, 1), planted(), there)
