"""The commands of sweeps: what they write and print, their exit codes, and the one sentence on bad input."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pandas as pd
import pytest

from model import CHECKOUT, cli
from model.commands import sweep_progress
from model.experiments.sweeps.execution import work
from model.experiments.sweeps.store.store import Store

SPEC = """
name = "merit"
scenario = "cartel"
epochs = 2
replicates = 2
[factors]
"cartel.merit_share" = [0.2, 0.3]
"""


@pytest.fixture
def spec(tmp_path):
    """Writes a spec's text to a file; its path."""

    def write(text=SPEC, name="sweep.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def here(*arguments):
    """Arguments to play in this process."""
    return *arguments, "--workers", 0


def in_process(*arguments, **options):
    """The command in a process of its own, whose workers need not import the commands."""
    command = [sys.executable, "-c", "from model.cli import main; main()", *map(str, arguments)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def wait_for(ready, process, seconds=60):
    deadline = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def done(folder):
    """Number of runs on record in a sweep's folder."""
    try:
        with Store.open(folder, read_only=True) as store:
            return store.status().done
    except ValueError:  # not there yet
        return 0


def test_a_sweep_says_what_it_will_take_and_writes_one_row_for_each_run(sandbox, spec, tmp_path):
    code, printed, said = sandbox(*here("sweep", spec(), "--out", tmp_path / "out"))
    assert code == 0
    assert said.startswith("merit: 4 runs of about ")
    assert "4 of 4 runs done, written to" in printed
    table = pd.read_csv(tmp_path / "out" / "runs.csv")
    assert table["cartel.merit_share"].tolist() == [0.2, 0.3, 0.2, 0.3]
    assert table["status"].tolist() == ["ok"] * 4
    assert table["seed"].nunique() == 2


def test_one_and_two_workers_write_the_same_bytes(sandbox, spec, tmp_path):
    asked = spec()
    assert sandbox(*here("sweep", asked, "--out", tmp_path / "one"))[0] == 0
    assert sandbox("sweep", asked, "--out", tmp_path / "two", "--workers", 2)[0] == 0
    assert (tmp_path / "one" / "runs.csv").read_bytes() == (tmp_path / "two" / "runs.csv").read_bytes()


def test_a_dry_run_says_what_it_will_take_and_touches_nothing(sandbox, spec, tmp_path):
    code, printed, said = sandbox("sweep", spec(), "--out", tmp_path / "out", "--dry-run", "--workers", 2)
    assert (code, said) == (0, "")
    assert "4 runs of about" in printed
    assert "on 2 processes" in printed
    assert not (tmp_path / "out").exists()


@pytest.fixture
def levels_unseen(monkeypatch):
    """Sweeps as those were played that did not look first whether a value can ever be."""
    monkeypatch.setattr(work, "_check_levels", lambda base, spec: None)


def test_a_value_that_can_never_be_is_refused_before_the_first_run(sandbox, spec, tmp_path):
    code, _, said = sandbox(*here("sweep", spec(SPEC.replace("0.3", "7.0")), "--out", tmp_path / "out"))
    rule = "factors.'cartel.merit_share': 7.0 makes no valid scenario in any combination: cartel.merit_share must be in"
    assert code == 2
    assert rule in said
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("levels_unseen")
def test_a_sweep_with_failures_keeps_the_rest_and_says_so(sandbox, spec, tmp_path):
    code, printed, said = sandbox(*here("sweep", spec(SPEC.replace("0.3", "7.0")), "--out", tmp_path / "out"))
    assert code == 1
    assert "2 of 4 runs done" in printed
    assert "2 failed; the first: run 1: ValueError: cartel.merit_share must be in" in said
    assert pd.read_csv(tmp_path / "out" / "runs.csv")["status"].tolist() == ["ok", "failed"] * 2


@pytest.mark.parametrize("epochs", ["epochs = 3", ""])
def test_a_sweep_says_how_many_runs_a_rule_ended_early(sandbox, spec, tmp_path, epochs):
    out = tmp_path / "out"
    # A cartel's emission grows with its stake: from the second epoch on 0.18 at a tenth of it, and 0.32 at 0.45.
    text = SPEC.replace("epochs = 2", epochs).replace("merit_share", "stake_share").replace("0.2, 0.3", "0.1, 0.45")
    rule = '[[stop]]\nmeasure = "cartel_emission_share"\nabove = 0.2\n'
    code, printed, _ = sandbox(*here("sweep", spec(f"{text}\n{rule}"), "--out", out))
    runs = pd.read_csv(out / "runs.csv")
    n_early = int((runs["epochs_played"] == 2).sum())
    assert (code, n_early) == (0, 2)
    assert "4 of 4 runs done" in printed
    assert "2 of them ended early by [[stop]]" in printed
    assert sandbox("status", out)[1] == "merit: finished\n4 of 4 runs done, 2 ended early by [[stop]]\n"
    assert json.loads(sandbox("status", out, "--json")[1])["ended_early"] == 2


def test_a_sweep_is_extended_and_only_then(sandbox, spec, tmp_path):
    out = tmp_path / "out"
    assert sandbox(*here("sweep", spec(), "--out", out))[0] == 0
    again = sandbox(*here("sweep", spec(), "--out", out))
    assert again == (
        2,
        "",
        f"sandbox: {out} holds a sweep already: go on with it by --resume, or name another folder\n",
    )
    code, _, said = sandbox(*here("sweep", spec(SPEC.replace("epochs = 2", "epochs = 3")), "--out", out, "--resume"))
    assert (code, said) == (
        2,
        f"sandbox: {out} holds another sweep, and this is no extension of it: epochs is 2 there and 3 here\n",
    )
    wider = spec(SPEC.replace("0.3]", "0.3, 0.4]").replace("replicates = 2", "replicates = 3"))
    assert sandbox(*here("sweep", wider, "--out", out, "--resume"))[0] == 0
    assert sandbox(*here("sweep", wider, "--out", tmp_path / "whole"))[0] == 0
    assert (out / "runs.csv").read_bytes() == (tmp_path / "whole" / "runs.csv").read_bytes()


def test_to_go_on_with_nothing_is_to_begin(sandbox, spec, tmp_path):
    assert sandbox(*here("sweep", spec(), "--out", tmp_path / "out", "--resume"))[0] == 0
    code, printed, _ = sandbox(*here("sweep", spec(), "--out", tmp_path / "out", "--resume"))
    assert (code, "4 of 4 runs done" in printed) == (0, True)


def test_machines_read_a_line_of_json_for_each_thing_that_happens(sandbox, spec, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_progress, "JSON_SECONDS", 0.0)
    code, printed, said = sandbox(*here("sweep", spec(), "--out", tmp_path / "out", "--json"))
    assert (code, said) == (0, "")
    events = [json.loads(line) for line in printed.splitlines()]
    assert events[0]["event"] == "estimate"
    assert events[0]["n_runs"] == 4
    assert {event["event"] for event in events[1:-1]} == {"progress"}
    last = {name: events[-1][name] for name in ("event", "state", "done", "failed", "remaining_seconds")}
    assert last == {"event": "end", "state": "finished", "done": 4, "failed": 0, "remaining_seconds": None}


def test_a_pipe_gets_a_plain_line_now_and_then(sandbox, spec, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_progress, "PIPED_SECONDS", 0.0)
    _, _, said = sandbox(*here("sweep", spec(), "--out", tmp_path / "out"))
    lines = said.splitlines()[1:]
    assert lines[-1] == "merit: 4 of 4 runs done"
    assert all(line.startswith("merit: ") for line in lines)
    assert "\x1b" not in said


@pytest.mark.usefixtures("levels_unseen")
def test_status_tells_people_and_machines_how_far_it_is(sandbox, spec, tmp_path):
    out = tmp_path / "out"
    sandbox(*here("sweep", spec(SPEC.replace("0.3", "7.0")), "--out", out))
    assert sandbox("status", out) == (0, "merit: finished\n4 of 4 runs done, 2 failed\n", "")
    facts = json.loads(sandbox("status", out, "--json")[1])
    assert (facts["state"], facts["ok"], facts["failed"], facts["pid"]) == ("finished", 2, 2, 0)
    assert sandbox("status", tmp_path) == (2, "", f"sandbox: {tmp_path} holds no sweep\n")
    assert sandbox("cancel", out) == (0, f"nobody is running {out}\n", "")
    assert sandbox("cancel", tmp_path)[0] == 2


@pytest.mark.parametrize(
    ("options", "text", "sentence"),
    [
        (("--max-runs", 3), SPEC, "the sweep 'merit' must have <= 3 runs, has 4"),
        (("--timeout", 0), SPEC, "Invalid value for '--timeout'"),
        (("--timeout", "nan"), SPEC, "--timeout must be > 0, is nan"),
        ((), SPEC.replace('"cartel"', '"a\\u0000b.toml"'), "scenario must be a name or a path of 1 to 1000 printable"),
        ((), SPEC.replace("merit_share", "size"), "no field 'cartel.size'"),
        ((), SPEC.replace('"cartel"', '"nowhere"'), "no scenario 'nowhere'; there are"),
        ((), "runs = 3", "no field 'runs'"),
        ((), "name = ", "is not a TOML file"),
        (("--plugin", "absent.py"), SPEC, "absent.py cannot be read: No such file or directory"),
        (("--dask", ""), SPEC, "--dask must be a scheduler's address such as tcp://host:8786, is ''"),
        (("--dask", "host"), SPEC, "--dask must be a scheduler's address such as tcp://host:8786, is 'host'"),
        (
            ("--dask", "tcp://host:99999"),
            SPEC,
            "--dask must be a scheduler's address such as tcp://host:8786, is 'tcp:",
        ),
        (("--dask", "tcp://a b:1\nx"), SPEC, "--dask must be a scheduler's address such as tcp://host:8786, is 'tcp:"),
        (("--dask", "tcp://127.0.0.1:9"), SPEC, "--dask must name a scheduler that answers, is tcp://127.0.0.1:9"),
    ],
)
def test_bad_input_gets_one_sentence_and_code_2(sandbox, spec, tmp_path, monkeypatch, options, text, sentence):
    monkeypatch.setattr("model.experiments.sweeps.execution.cluster.CONNECT_SECONDS", 0.2)
    code, printed, said = sandbox("sweep", spec(text), "--out", tmp_path / "out", *options)
    assert (code, printed) == (2, "")
    assert said.splitlines()[-1].startswith("sandbox: ")
    assert sentence in said.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_cluster_needs_a_package_that_the_sentence_names(sandbox, spec, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, _, said = sandbox("sweep", spec(), "--out", tmp_path / "out", "--dask", "tcp://127.0.0.1:9")
    assert code == 2
    assert said.endswith("sandbox: --dask needs the package distributed: pip install 'subnet-sandbox[dask]'\n")


PLUGIN = """
from dataclasses import dataclass
import numpy as np
from agents.observation import MinerAction
from agents.strategies import MINERS

@MINERS.register("swept")
@dataclass(frozen=True)
class Swept:
    def decide(self, view, rng):
        return MinerAction(resource=np.full(view.resource.shape, 0.1))
"""


def test_a_strategy_of_the_users_own_is_swept_in_other_processes_and_a_changed_one_is_refused(spec, tmp_path):
    plugin = tmp_path / "swept.py"
    plugin.write_text(PLUGIN)
    text = SPEC.replace('"cartel.merit_share" = [0.2, 0.3]', '"miners.mix" = [{honest = 1.0}, {swept = 1.0}]')
    command = ("sweep", spec(text), "--out", tmp_path / "out", "--plugin", plugin)
    with in_process(*command, "--workers", 1) as first:
        assert first.wait(timeout=60) == 0, first.communicate()
    assert len(pd.read_csv(tmp_path / "out" / "runs.csv")["users_value"].unique()) > 1
    plugin.write_text(PLUGIN.replace("0.1", "0.2"))
    with in_process(*command, "--workers", 0, "--resume") as second:
        assert (second.wait(timeout=60), "other code, plugins" in second.stderr.read()) == (2, True)


def last_session(folder):
    """How the last session of a sweep ended, as it stands on record."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        return ledger.execute("SELECT how FROM sessions ORDER BY number DESC").fetchone()[0]


MANY = SPEC.replace("[factors]", '[values]\n"subnets.count" = 1\n[factors]').replace("s = 2", "s = 20")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Table of the runs of MANY, which nobody cancelled."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "sweep.toml").write_text(MANY)
    cli.main(["sweep", str(folder / "sweep.toml"), "--out", str(folder / "out"), "--workers", "0"])
    return (folder / "out" / "runs.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "n_workers"), [(signal.SIGINT, 2), (signal.SIGTERM, 2), ("cancel", 2), ("cancel", 0)])
def test_a_cancelled_sweep_stops_before_its_end_and_goes_on_to_the_same_bytes(
    sandbox, spec, tmp_path, undisturbed, how, n_workers
):
    out = tmp_path / "out"
    asked = spec(MANY)
    with in_process("sweep", asked, "--out", out, "--workers", n_workers, start_new_session=True) as process:
        wait_for(lambda: done(out) >= 2, process)
        if how == "cancel":
            assert sandbox("cancel", out)[1] == f"{out} was asked to stop\n"
        else:
            os.killpg(process.pid, how)
        wait_for(lambda: last_session(out) == "cancelled", process)
        assert process.wait(timeout=60) == 130
        said = process.stderr.read()
    assert f"cancelled; go on with: sandbox sweep {asked} --out {out} --resume" in said
    assert "Traceback" not in said
    status = json.loads(sandbox("status", out, "--json")[1])
    assert status["state"] == "cancelled"
    assert 2 <= status["done"] < 40
    assert sandbox(*here("sweep", asked, "--out", out, "--resume"))[0] == 0
    assert (out / "runs.csv").read_bytes() == undisturbed
