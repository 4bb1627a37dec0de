"""What a sweep will take, said before it starts."""

import pytest

from model.economy import Economy
from model.experiments.sweeps.execution import estimate as estimates
from model.experiments.sweeps.execution.estimate import Estimate, estimate, refuse_above
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.spec_file import spec_of

SPEC = spec_of({"scenario": "cartel", "factors": {"cartel.stake_share": [0.1, 0.2]}, "replicates": 50})


def test_the_time_of_a_run_is_that_of_its_epochs(monkeypatch):
    base = EconomyTask(SPEC).base
    played = []
    monkeypatch.setattr(estimates.time, "perf_counter", lambda: 1.0 + 0.01 * len(played))
    monkeypatch.setattr(Economy, "step", lambda economy: played.append(economy))
    monkeypatch.setattr(Economy, "epoch", property(lambda economy: len(played)))
    found = estimate(SPEC, base)
    assert len(played) == 20
    assert found.n_runs == 100
    assert found.seconds_per_run == pytest.approx(200 * 0.01)


def test_workers_share_the_time_and_no_more_of_them_than_there_are_runs():
    found = Estimate(n_runs=4, seconds_per_run=3.0, disk_bytes=0)
    assert (found.seconds(1), found.seconds(2), found.seconds(99)) == (12.0, 6.0, 3.0)


def test_series_take_their_place_on_the_disk():
    base = EconomyTask(SPEC).base
    plain, long = (
        estimate(spec_of(SPEC.to_tree() | {"outcomes": [{"measure": "users_value", "over": over}]}), base).disk_bytes
        for over in ("last", "series")
    )
    assert long - plain > 100 * 200 * 8
    assert plain > 0


def test_a_sweep_of_too_many_runs_is_refused():
    refuse_above(SPEC, 100)
    with pytest.raises(ValueError, match=r"^the sweep 'sweep' must have <= 99 runs, has 100$"):
        refuse_above(SPEC, 99)
