"""The relations once more, over many scenarios each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MANY = 200
GROUPS = sorted(path.stem for path in HERE.glob("test_*.py") if path.stem != Path(__file__).stem)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_relations_hold_over_many_scenarios(group):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", str(HERE / f"{group}.py")]
    done = subprocess.run(
        command, env=os.environ | {"RELATIONS_EXAMPLES": str(MANY)}, cwd=HERE.parents[1], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-5_000:]
