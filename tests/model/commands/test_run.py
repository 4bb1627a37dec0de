"""A run that is stopped, killed or out of room: what was played is written, and goes on to the same bytes."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model.commands import run
from model.experiments.runs import checkpoint
from model.experiments.runs.run import play
from model.experiments.runs.run_folder import RunFolder
from model.records import export as files

ROOT = Path(run.__file__).resolve().parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
SMALL = ("run", "gamed", "--epochs", 5, "--set", "subnets.count=1", "--at", "3:owners.burn_share=0.5")
# The command with a folder that is written ten times a second, which a run of a few seconds would not be.
OFTEN = """
from model.cli import main
from model.experiments.runs.run_folder import RunFolder
RunFolder.every_seconds = 0.1
main()
"""


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tables(folder):
    return {name: held for name, held in content(folder).items() if name != "manifest.json"}


@pytest.fixture
def playing(monkeypatch):
    """Makes something happen once, after so many epochs."""

    def make(happens, epoch):
        left = [happens]

        def played(economy, progress, stop):
            def after(done, total):
                progress(done, total)
                if done == epoch and left:
                    left.pop()()

            play(economy, after, stop)

        monkeypatch.setattr(run, "play", played)

    return make


def test_the_folder_of_a_run_plays_again_with_its_changes(sandbox, tmp_path):
    first, again, other, elsewhere = (tmp_path / name for name in ("first", "again", "other", "elsewhere"))
    changed = "run", "gamed", "--epochs", 4, "--at", "2:reward.audit_rate=0.5", "--at", "3:reward.fine_tao=0.25"
    assert sandbox(*changed, "--out", first)[0] == 0
    assert sandbox("run", first, "--out", again)[0] == 0
    held, played = content(first), content(again)
    assert "interventions.toml" in json.loads(held["manifest.json"])["files"]
    assert {name for name in held if held[name] != played.get(name)} == {"manifest.json"}
    # Where it is written to is no part of what was played.
    assert sandbox(*changed, "--out", elsewhere)[0] == 0
    assert content(elsewhere) == held
    ended, _, said = sandbox("run", first / "scenario.toml", "--out", other)
    assert (ended, f"the changes in {first / 'interventions.toml'} are not played; sandbox run {first}" in said) == (
        0,
        True,
    )
    assert content(other)["epochs.csv"] != held["epochs.csv"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_run_after_the_epoch_with_all_that_was_played(sandbox, tmp_path, playing, number, code):
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert sandbox(*SMALL, "--out", whole)[0] == 0
    playing(lambda: os.kill(os.getpid(), number), 2)
    ended, printed, complaint = sandbox(*SMALL, "--out", out)
    assert (ended, printed) == (code, "")
    assert complaint == (
        f"sandbox: stopped; the 2 epochs played are written to {out}, go on with: sandbox run --out {out} --resume\n"
    )
    facts = json.loads((out / "manifest.json").read_text())
    assert (facts["epochs"], facts["status"]) == (2, "stopped")
    # The change in a later epoch was not played yet.
    assert set(content(out)) == {*content(whole), "checkpoint"} - {"interventions.toml"}
    ended, _, complaint = sandbox("run", "--out", out, "--set", "epochs=9", "--resume")
    assert (ended, complaint) == (2, "sandbox: --set must go with a SCENARIO.\n")
    ended, _, complaint = sandbox(*SMALL, "--seed", 8, "--out", out, "--resume")
    assert (ended, "holds one with seed 1, not 8" in complaint) == (2, True)
    assert json.loads((out / "manifest.json").read_text()) == facts
    ended, printed, _ = sandbox("run", "--out", out, "--resume")
    assert (ended, "after epoch 4" in printed) == (0, True)
    assert tables(out) == tables(whole)


@pytest.mark.parametrize("epoch", [1, 3])
def test_two_signals_in_one_epoch_leave_what_was_written_before(sandbox, tmp_path, playing, monkeypatch, epoch):
    out = tmp_path / "out"
    monkeypatch.setattr(RunFolder, "every_seconds", 0.0 if epoch > 1 else 60.0)
    playing(lambda: [os.kill(os.getpid(), signal.SIGTERM) for _ in range(2)], epoch)
    ended, _, complaint = sandbox(*SMALL, "--out", out)
    assert ended == 143
    if epoch == 1:
        assert complaint == "sandbox: stopped; nothing was written\n"
        assert not list(tmp_path.iterdir())
        return
    assert complaint.startswith(f"sandbox: stopped; what {out} holds is safe, go on with: sandbox run --out")
    assert sandbox(*SMALL, "--out", tmp_path / "whole")[0] == 0
    assert sandbox(*SMALL, "--out", out, "--resume")[0] == 0
    assert tables(out) == tables(tmp_path / "whole")


def test_resume_begins_a_run_where_there_is_none(sandbox, tmp_path):
    assert sandbox(*SMALL, "--out", tmp_path / "whole")[0] == 0
    assert sandbox(*SMALL, "--out", tmp_path / "out", "--resume")[0] == 0
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert sandbox("run", "--out", tmp_path / "none", "--resume")[::2] == (
        2,
        f"sandbox: --resume must name a run that was stopped or killed, {tmp_path / 'none'} holds none\n",
    )


def test_resume_of_a_finished_run_says_so_and_leaves_it(sandbox, tmp_path):
    out = tmp_path / "out"
    change = ("--at", "2:owners.burn_share=0.2")
    assert sandbox(*SMALL, *change, "--out", out)[0] == 0
    before = content(out)
    for asked in (("run",), (*SMALL, *change)):
        code, printed, complaint = sandbox(*asked, "--out", out, "--resume")
        n_epochs = json.loads(before["manifest.json"])["epochs"]
        assert (code, complaint) == (0, "")
        assert printed == f"{out} holds a finished run of {n_epochs} epochs; nothing to do\n"
    for other in (SMALL, (*SMALL, *change, "--seed", 8)):
        assert sandbox(*other, "--out", out, "--resume")[::2] == (
            2,
            f"sandbox: --out must name a new or empty folder, is {out}, which holds {len(before)} entries\n",
        )
    assert content(out) == before


@pytest.mark.parametrize("resume", [(), ("--resume",)])
@pytest.mark.parametrize("name", ["n" * 300, os.fsdecode(b"na\xefve")])
def test_a_folder_that_cannot_be_named_is_refused_before_play(sandbox, tmp_path, monkeypatch, name, resume):
    monkeypatch.setattr(run, "play", None)
    code, _, complaint = sandbox(*SMALL, "--out", tmp_path / name, *resume)
    assert (code, complaint.count("\n")) == (2, 1)
    assert complaint.startswith("sandbox: --out must be a name ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_files_are_written_says_that_they_are(sandbox, tmp_path, monkeypatch, number):
    monkeypatch.setattr(run, "_print_results", lambda _: os.kill(os.getpid(), number))
    out = tmp_path / "out"
    assert sandbox(*SMALL, "--out", out)[::2] == (128 + number, f"sandbox: stopped; {out} is written\n")
    assert (out / "manifest.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_a_run_goes_on_says_that_what_there_is_is_safe(sandbox, tmp_path, playing, monkeypatch, number):
    out = tmp_path / "out"
    playing(lambda: os.kill(os.getpid(), signal.SIGINT), 2)
    assert sandbox(*SMALL, "--out", out)[0] == 130
    with monkeypatch.context() as at_once:
        at_once.setattr(checkpoint, "restore", lambda *_: os.kill(os.getpid(), number))
        code, _, complaint = sandbox("run", "--out", out, "--resume")
    go_on = f"sandbox run --out {out} --resume"
    said = f"sandbox: stopped; what {out} holds is safe, go on with: {go_on}\n"
    assert (code, complaint) == (128 + number, said)
    assert sandbox("run", "--out", out, "--resume")[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_a_new_run_plays_says_that_nothing_was_written(sandbox, tmp_path, monkeypatch, number):
    monkeypatch.setattr(run, "remarks", lambda _: os.kill(os.getpid(), number))
    said = sandbox(*SMALL, "--out", tmp_path / "out")[::2]
    assert said == (128 + number, "sandbox: stopped; nothing was written\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("full", [True, False], ids=["disk", "memory"])
def test_a_run_without_room_ends_with_code_1_and_goes_on(sandbox, tmp_path, playing, monkeypatch, full):
    out, fsync = tmp_path / "out", os.fsync

    def no_room(*_):
        raise OSError(errno.ENOSPC, "No space left on device") if full else MemoryError

    monkeypatch.setattr(RunFolder, "every_seconds", 0.0)
    playing(lambda: monkeypatch.setattr(files.os, "fsync", no_room) if full else no_room(), 2)
    ended, _, complaint = sandbox(*SMALL, "--out", out)
    assert (ended, complaint.count("\n")) == (1, 1)
    assert ("No space left on device; the first 2 epochs" if full else "out of memory; the first 2 epochs") in complaint
    monkeypatch.setattr(files.os, "fsync", fsync)
    assert sandbox("run", "--out", out, "--resume")[0] == 0
    assert sandbox(*SMALL, "--out", tmp_path / "whole")[0] == 0
    assert tables(out) == tables(tmp_path / "whole")


def begun(folder, *arguments):
    """The command in a process of its own, that writes to a folder `out` in this one."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", OFTEN, "run", *map(str, arguments), "--out", "out", "--resume"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def written_at(folder):
    try:
        return (folder / "out" / "checkpoint").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("churn", ("--at", "40:owners.burn_share=0.3", "--at", "90:registration.newcomers=2.0")),
        ("owned-hardware", ()),
        ("inspection", ("--at", "60:reward.fine_tao=3.0")),
    ],
)
def test_a_run_signalled_at_random_moments_ends_as_the_one_that_never_was(sandbox, tmp_path, name, options):
    rng, heard = random.Random(name), 0
    asked = (name, "--epochs", 200, *options)
    assert sandbox("run", *asked, "--out", tmp_path / "whole")[0] == 0
    folder, out = tmp_path / "stopped", tmp_path / "stopped" / "out"
    for number in rng.sample(SIGNALS, len(SIGNALS)):
        before, process = written_at(folder), begun(folder, *asked)
        while written_at(folder) == before and process.poll() is None:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.1)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        if not process.returncode:  # on a machine so fast that it was over
            break
        assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number), complaint.decode()
        assert (out / "manifest.json").exists() == (number != signal.SIGKILL)
        heard += 1
    assert heard
    if process.returncode:
        last = begun(folder, *asked)
        _, complaint = last.communicate(timeout=120)
        assert last.returncode == 0, complaint.decode()
    assert tables(out) == tables(tmp_path / "whole")
    assert json.loads((out / "manifest.json").read_text())["status"] == "finished"


def test_what_a_scenario_says_in_vain_is_told_once_and_the_run_goes_on(sandbox, tmp_path):
    vain = ("--set", "nominators.count=0", "--set", "nominators.mix={loyal=0.5,follow_yield=0.5}")
    code, _, told = sandbox(*SMALL, *vain, "--out", tmp_path / "out")
    assert code == 0
    sentence = "nominators.mix and nominators.parameters have no effect while nominators.count is 0"
    assert told.splitlines() == [f"note: {sentence}"]
