"""A small spec and a module of tasks that spawned processes can import."""

from pathlib import Path

import pytest

from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import Factor, Spec


@pytest.fixture
def planted(monkeypatch):
    """The class of tasks that know no economy."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import planted_tasks

    return planted_tasks.Planted


@pytest.fixture
def spec_of_runs():
    """Makes a spec of so many combinations and replicates, for tasks that know no economy."""

    def make(n_combinations=4, replicates=2, **fields):
        values = tuple(number / 8 for number in range(n_combinations))
        given = {"factors": (Factor(path="x", values=values),), "outcomes": (Outcome(measure="y"),)} | fields
        return Spec(name="planted", replicates=replicates, **given)

    return make
