"""Kills at random instants: whatever is killed, and however often, the finished sweep is the one nobody touched."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pyarrow.parquet as pq
import pytest

from model import CHECKOUT
from model.experiments.sweeps.store.store import Store
from model.records.export import csv_bytes

N_RUNS, SEED = 500, 6
VICTIMS = ["worker"] * 14 + ["parent"] * 6  # of the three processes two are workers
SPEC = """
name = "killed"
scenario = "gamed"
epochs = 2
replicates = 25
outcomes = ["users_value", "reward_gini_participant", { measure = "honest_share", over = "series" }]
[values]
"subnets.count" = 1
"subnets.n_miners" = 8
"subnets.n_validators" = 4
[factors]
"reward.audit_rate" = [0.0, 0.1, 0.2, 0.3, 0.4]
"miners.skill_sd" = [0.0, 0.1, 0.2, 0.3]
"""


def swept(spec, out, n_workers=2):
    """The command, without the other commands, which take longer to import than a hundred of these runs to play."""
    command = [sys.executable, "-c", "from model.commands.sweeps import sweep_command; sweep_command()", str(spec)]
    command += ["--out", str(out), "--workers", str(n_workers), "--resume"]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def progress(out):
    """Times that the sweep was begun or resumed, and runs done."""
    try:
        with closing(sqlite3.connect(f"{(out / 'ledger.sqlite').as_uri()}?mode=ro", uri=True)) as ledger:
            (begun,) = ledger.execute("SELECT count(*) FROM sessions").fetchone()
            return begun, ledger.execute("SELECT count(*) FROM runs WHERE state = 'ok'").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return 0, 0


def workers_of(process):
    children = psutil.Process(process.pid).children()
    return [child for child in children if any("spawn_main" in word for word in child.cmdline())]


def tables(out):
    with Store.open(out, read_only=True) as kept:
        return csv_bytes(kept.runs()), csv_bytes(kept.series().frame())


def kill(process, victim, rng):
    """Kill the sweep or one of its workers; the workers of a killed sweep end by themselves."""
    workers = workers_of(process)
    time.sleep(rng.random() * 0.03)
    if victim == "worker":
        if workers:
            rng.choice(workers).send_signal(signal.SIGKILL)
        return
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []


@pytest.mark.slow
def test_a_sweep_killed_twenty_times_ends_as_the_one_that_never_was(tmp_path):
    rng = random.Random(SEED)
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC)
    instants = sorted(rng.sample(range(1, N_RUNS - 25), len(VICTIMS)))
    victims = rng.sample(VICTIMS, len(VICTIMS))
    out, process, begun = tmp_path / "killed", None, 0
    for instant, victim in zip(instants, victims, strict=True):
        if process is None:
            process, begun = swept(spec, out), begun + 1
        while progress(out) < (begun, instant):
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        kill(process, victim, rng)
        process = None if victim == "parent" else process
    last = process or swept(spec, out)
    assert (last.wait(timeout=600), last.communicate()[1].count("Traceback")) == (0, 0)
    whole = swept(spec, tmp_path / "whole", n_workers=0)
    assert whole.wait(timeout=600) == 0, whole.communicate()
    assert tables(out) == tables(tmp_path / "whole")
    assert (out / "runs.csv").read_bytes() == (tmp_path / "whole" / "runs.csv").read_bytes()
    keys = [key for part in (out / "parts").iterdir() for key in pq.read_table(part)["key"].to_pylist()]
    assert len(keys) == len(set(keys)) == N_RUNS
    ledger = sqlite3.connect(out / "ledger.sqlite")
    assert ledger.execute("SELECT count(*), count(DISTINCT key) FROM runs WHERE state = 'ok'").fetchone() == (500, 500)
    assert ledger.execute("SELECT count(*) FROM results").fetchone() == (0,)
    ledger.close()
    assert progress(out) == (1 + victims.count("parent"), N_RUNS)
