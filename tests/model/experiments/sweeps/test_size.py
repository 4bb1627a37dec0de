"""Ten thousand tiny runs: what a sweep needs besides the runs themselves does not grow with their number."""

import subprocess
import sys
from pathlib import Path

import pytest

from model import CHECKOUT

PLAY = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from planted_tasks import Planted
from model.experiments.sweeps.execution.conduct import conduct
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.execution.processes import Processes
from model.experiments.sweeps.spec.spec import Factor, Spec
from model.experiments.sweeps.store.store import Store

if __name__ == "__main__":
    peak = []
    for replicates in (10, 100):
        values = tuple(number / 8 for number in range(100))
        spec = Spec(
            factors=(Factor(path="x", values=values),), outcomes=(Outcome(measure="y"),), replicates=replicates
        )
        with Store.create(Path(sys.argv[2]) / str(replicates), spec) as kept:
            assert conduct(kept, Planted(), Processes(2)).ok == spec.n_runs
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(peak[1] - peak[0])
"""


@pytest.mark.slow
def test_ten_times_the_runs_take_no_more_memory(tmp_path):
    script = tmp_path / "play.py"
    script.write_text(PLAY)
    command = [sys.executable, str(script), str(Path(__file__).parent), str(tmp_path)]
    ended = subprocess.run(
        command, capture_output=True, text=True, cwd=CHECKOUT, env={"PYTHONPATH": str(CHECKOUT)}, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) < 16  # MiB, of a process of about 200
