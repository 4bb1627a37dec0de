"""What a sweep costs besides its runs, and what a second worker gains. `pytest --benchmark-only tests/benchmarks`."""

from pathlib import Path

import pytest

from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.execution.executors import InProcess
from model.experiments.sweeps.execution.processes import Processes
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Factor, Spec
from model.experiments.sweeps.store.store import Store

PLANTED = Path(__file__).parents[1] / "model" / "experiments" / "sweeps"


def timed(benchmark, folder, spec, task, executor):
    """One sweep from an empty folder, workers' start included; milliseconds per run go to the table."""

    def play():
        with Store.create(folder, spec) as kept:
            return conduct(kept, task, executor)

    status = benchmark.pedantic(play)
    assert status.ok == spec.n_runs
    benchmark.extra_info["ms_per_run"] = round(1000 * benchmark.stats["mean"] / spec.n_runs, 3)


@pytest.mark.parametrize("n_workers", [0, 1, 2])
def test_ten_thousand_runs_that_do_nothing(benchmark, tmp_path, monkeypatch, n_workers):
    monkeypatch.syspath_prepend(str(PLANTED))
    from planted_tasks import Planted

    values = tuple(number / 8 for number in range(100))
    spec = Spec(factors=(Factor(path="x", values=values),), outcomes=(Outcome(measure="y"),), replicates=100)
    timed(benchmark, tmp_path / "s", spec, Planted(), Processes(n_workers) if n_workers else InProcess())


@pytest.mark.parametrize("n_workers", [1, 2])
def test_runs_of_a_fifth_of_a_second_and_more(benchmark, tmp_path, n_workers):
    audited = Factor(path="reward.audit_rate", values=(0.0, 0.1, 0.2, 0.3))
    spec = Spec(scenario="gamed", factors=(audited,), replicates=25, epochs=40)
    timed(benchmark, tmp_path / "s", spec, EconomyTask(spec), Processes(n_workers))
