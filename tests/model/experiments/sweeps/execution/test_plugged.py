"""Sweeps with a user's own strategies: every process loads them once, and a changed file is refused before it runs."""

import hashlib
import pickle
import subprocess
import sys

import pytest

from agents.strategies import MINERS
from model.experiments.sweeps.execution import plugged
from model.experiments.sweeps.execution.plugged import PluggedTask, load_plugins
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec_file import spec_of
from model.experiments.watch import Watch

STRATEGY = """
from dataclasses import dataclass
import numpy as np
from agents.observation import MinerAction
from agents.strategies import MINERS

@MINERS.register("even")
@dataclass(frozen=True, slots=True, kw_only=True)
class Even:
    units: float = 0.5

    def decide(self, view, rng):
        return MinerAction(resource=np.full(view.resource.shape, self.units))
"""
SPEC = spec_of({"scenario": "cartel", "epochs": 2, "values": {"miners.mix": {"even": 1.0}}, "outcomes": ["spend_tao"]})


@pytest.fixture
def plugin(tmp_path):
    """Path of a file that registers the miner strategy `even`; afterwards all is as before."""
    kept = dict(MINERS)
    path = tmp_path / "mine.py"
    path.write_text(STRATEGY)
    yield path
    MINERS._entry = kept
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]
    plugged._load.cache_clear()


def test_a_plug_in_plays_in_a_sweep_and_is_recorded_by_name_and_digest(plugin):
    loaded = load_plugins([plugin])
    assert plugged.recorded(loaded)[0] == {"file": "mine.py", "sha256": hashlib.sha256(STRATEGY.encode()).hexdigest()}
    task = PluggedTask(plugins=loaded, task=EconomyTask(SPEC))
    assert task(points(SPEC)[0]) == task(points(SPEC)[0], Watch(600))
    assert task(points(SPEC)[0]).row["spend_tao"] > 0


def test_another_process_loads_the_plug_in_by_itself(plugin, tmp_path):
    task = PluggedTask(plugins=load_plugins([plugin]), task=EconomyTask(SPEC))
    (tmp_path / "sent").write_bytes(pickle.dumps((task, points(SPEC)[0])))
    code = "import pickle, sys; task, point = pickle.load(open(sys.argv[1], 'rb')); print(task(point).row['spend_tao'])"
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "sent")], capture_output=True, text=True, check=True
    )
    assert float(said.stdout) == task(points(SPEC)[0]).row["spend_tao"]


def test_a_file_that_has_changed_since_is_refused_and_not_run(plugin, tmp_path):
    task = PluggedTask(plugins=load_plugins([plugin]), task=EconomyTask(SPEC))
    plugged._load.cache_clear()
    plugin.write_text(STRATEGY + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(ValueError, match=r"mine\.py has changed since the sweep began: its SHA-256 must be "):
        task(points(SPEC)[0])
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"absent\.py cannot be read: No such file"):
        load_plugins([tmp_path / "absent.py"])
