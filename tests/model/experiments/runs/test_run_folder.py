"""The folder of a run: whatever stops it, it goes on to the bytes of the run that nothing stopped."""

import errno
import hashlib
import json
import random
import shutil

import numpy as np
import pytest

from model.economy import Economy
from model.experiments.runs import checkpoint, run_folder
from model.experiments.runs.run import play
from model.experiments.runs.run_folder import RunFolder, WritingError, is_unfinished
from model.records import export as files
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import find, shipped, with_values

COMMAND = "sandbox run"
EPOCHS = 6
CHANGES = (Intervention(epoch=3, values={"owners.burn_share": 0.2}),)


@pytest.fixture(autouse=True)
def _write_after_every_epoch(monkeypatch):
    monkeypatch.setattr(RunFolder, "every_seconds", 0.0)


def scenario(name="gamed", **values):
    smaller = {"subnets.count": 4} if name == "full-network" else {}
    return with_values(find(name), {"epochs": EPOCHS, **smaller, **values})


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole(out, given, changes=CHANGES):
    """Files of the run that is written at its end alone."""
    economy = Economy(given, interventions=changes)
    play(economy)
    with RunFolder.begin(out, COMMAND) as folder:
        folder.finish(economy)
    return content(out)


class KilledError(Exception):
    """Stands for a process that is gone."""


def played_until(folder, economy, epoch):
    """Play with every epoch written, up to and without this one's."""

    def after(done, _):
        if done == epoch:
            raise KilledError
        folder.keep_up(economy)

    with pytest.raises(KilledError):
        play(economy, after)


def killed(out, given, epoch=4):
    """A folder as a process leaves it that was killed in this epoch."""
    economy = Economy(given, interventions=CHANGES)
    with RunFolder.begin(out, COMMAND) as folder:
        played_until(folder, economy, epoch)
    return out


def to_the_end(folder, economy):
    play(economy, lambda *_: folder.keep_up(economy))
    folder.finish(economy)


def resumed(out):
    folder, economy = RunFolder.resume(out)
    with folder:
        to_the_end(folder, economy)
    return content(out)


@pytest.mark.parametrize("name", shipped())
def test_a_run_killed_in_any_epoch_goes_on_to_the_same_bytes(tmp_path, name):
    given = scenario(name)
    expected = whole(tmp_path / "whole", given)
    for epoch in (2, EPOCHS - 1):
        out = killed(tmp_path / str(epoch), given, epoch)
        held = content(out)
        assert set(held) == {"epochs.csv", "subnets.csv", "capabilities.csv", "strategies.csv", "checkpoint"}
        assert held["epochs.csv"].count(b"\n") == epoch  # a header, and what was written before the kill
        assert resumed(out) == expected


def test_a_run_stopped_after_every_epoch_is_marked_so_and_goes_on_to_the_same_bytes(tmp_path):
    given, out = scenario("churn"), tmp_path / "stopped"
    expected = whole(tmp_path / "whole", given)
    economy, folder = Economy(given, interventions=CHANGES), RunFolder.begin(out, COMMAND)
    for epoch in range(1, EPOCHS):
        with folder:
            play(economy, stop=lambda: economy.epoch == epoch)  # noqa: B023 it is asked at once
            folder.finish(economy)
        facts = json.loads((out / "manifest.json").read_text())
        assert (facts["epochs"], facts["status"]) == (epoch, "stopped")
        assert is_unfinished(out)
        short = whole(tmp_path / str(epoch), with_values(given, {"epochs": epoch}), CHANGES if epoch > 3 else ())
        assert {name: held for name, held in content(out).items() if name not in ("manifest.json", "checkpoint")} == {
            name: held for name, held in short.items() if name != "manifest.json"
        }
        folder, economy = RunFolder.resume(out)
        assert not (out / "manifest.json").exists()
    with folder:
        play(economy)
        folder.finish(economy)
    assert content(out) == expected
    assert json.loads(expected["manifest.json"])["status"] == "finished"


def test_what_was_written_after_the_checkpoint_is_cut_off(tmp_path):
    given = scenario()
    out = killed(tmp_path / "killed", given)
    with (out / "subnets.csv").open("ab") as table:
        table.write(b"3,0,half a li")
    for name in ("checkpoint.tmp", "uids.csv.tmp", "uids.csv", "lock"):
        (out / name).write_bytes(b"cut")
    assert resumed(out) == whole(tmp_path / "whole", given)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("checkpoint", lambda held: held[:-1]),
        ("checkpoint", lambda _: b""),
        ("checkpoint", lambda held: held[:5000] + bytes([held[5000] ^ 1]) + held[5001:]),
        ("epochs.csv", lambda held: held[:-1]),
        ("strategies.csv", lambda held: held.replace(b"0.", b"1.", 1)),
        ("capabilities.csv", None),
    ],
    ids=["cut", "empty", "flipped", "short", "changed", "missing"],
)
def test_a_damaged_folder_is_refused_and_left_as_it_is(tmp_path, name, damage):
    out = killed(tmp_path / "killed", scenario())
    path = out / name
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    before = content(out)
    with pytest.raises(ValueError, match=f"^{name} of .*killed is missing or was changed, so the run can't go on"):
        RunFolder.resume(out)
    assert content(out) == before


def forge(out, change):
    """Change what the checkpoint says of the tables, as somebody may who knows how it is made."""
    arrays = checkpoint.unpacked((out / "checkpoint").read_bytes())
    facts = json.loads(arrays[run_folder.FOLDER].item())
    change(facts)
    arrays[run_folder.FOLDER] = np.array(json.dumps(facts))
    (out / "checkpoint").write_bytes(b"".join(checkpoint.packed(arrays)))


EMPTY = {"n_bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}


@pytest.mark.parametrize("name", ["../mine.txt", "{}/mine.txt", "notes.txt", "lock"])
def test_a_checkpoint_that_names_other_files_than_the_tables_touches_nothing(tmp_path, name):
    out, mine = killed(tmp_path / "killed", scenario()), tmp_path / "mine.txt"
    mine.write_text("precious")
    (out / "notes.txt").write_text("mine too")
    forge(out, lambda facts: facts["files"].update({name.format(tmp_path): EMPTY}))
    before = content(out)
    with pytest.raises(ValueError, match=r"^checkpoint of .*killed is missing or was changed"):
        RunFolder.resume(out)
    assert mine.read_text() == "precious"
    assert content(out) == before


@pytest.mark.parametrize("length", [-1, True, 1.5, "1", None])
def test_a_checkpoint_with_a_length_that_is_none_touches_nothing(tmp_path, length):
    out = killed(tmp_path / "killed", scenario())
    forge(out, lambda facts: facts["files"]["epochs.csv"].update(n_bytes=length))
    before = content(out)
    with pytest.raises(ValueError, match=r"^checkpoint of .*killed is missing or was changed"):
        RunFolder.resume(out)
    assert content(out) == before


@pytest.mark.parametrize("fact", ["command", "code", "files"])
def test_a_checkpoint_that_lacks_a_fact_is_damaged(tmp_path, fact):
    out = killed(tmp_path / "killed", scenario())
    forge(out, lambda facts: facts.pop(fact))
    with pytest.raises(ValueError, match=r"^checkpoint of .*killed is missing or was changed"):
        RunFolder.resume(out)


@pytest.mark.parametrize("name", ["epochs.csv", "lock"])
def test_a_link_out_of_the_folder_is_refused_and_what_it_leads_to_is_left(tmp_path, name):
    out, mine = killed(tmp_path / "killed", scenario()), tmp_path / "mine.txt"
    mine.write_text("precious")
    forge(out, lambda facts: facts["files"].update({"epochs.csv": EMPTY}))
    (out / name).unlink(missing_ok=True)
    (out / name).symlink_to(mine)
    with pytest.raises(ValueError, match="killed"):
        RunFolder.resume(out)
    assert mine.read_text() == "precious"
    assert (out / name).is_symlink()


def test_a_folder_of_other_code_or_another_run_is_refused_and_left_as_it_is(tmp_path, monkeypatch):
    given = scenario()
    out = killed(tmp_path / "killed", given)
    before = content(out)
    for asked, sentence in (
        ((with_values(given, {"seed": 9}), CHANGES), "holds one with seed 1, not 9"),
        ((with_values(given, {"reward.audit_rate": 0.5}), CHANGES), "holds one with reward.audit_rate 0.0, not 0.5"),
        ((given, ()), "holds one with other interventions"),
    ):
        with pytest.raises(ValueError, match=sentence):
            RunFolder.resume(out, asked=asked)
    with pytest.raises(ValueError, match=r"begun with other code, plugins \[\] there and \[\{'file': 'mine.py'"):
        RunFolder.resume(out, [{"file": "mine.py", "sha256": "0"}])
    monkeypatch.setattr("model.experiments.code.sources_sha256", lambda: "f00")
    with pytest.raises(ValueError, match=r"begun with other code, sources_sha256 .* and 'f00' here"):
        RunFolder.resume(out)
    assert content(out) == before


@pytest.mark.parametrize("there", [None, "abc", "abc-dirty"])
@pytest.mark.parametrize("here", [None, "def", "def-dirty"])
def test_another_commit_of_the_same_code_goes_on(tmp_path, monkeypatch, there, here):
    monkeypatch.setattr("model.experiments.code.git_commit", lambda: there)
    out = killed(tmp_path / "killed", scenario())
    monkeypatch.setattr("model.experiments.code.git_commit", lambda: here)
    RunFolder.resume(out)[0].close()


def test_a_plug_in_of_another_name_goes_on_and_of_other_bytes_does_not(tmp_path):
    economy, out, mine = Economy(scenario()), tmp_path / "out", {"file": "mine.py", "sha256": "0"}
    with RunFolder.begin(out, COMMAND, [mine]) as folder:
        played_until(folder, economy, 4)
    with pytest.raises(ValueError, match="begun with other code, plugins"):
        RunFolder.resume(out, [mine | {"sha256": "1"}])
    folder, economy = RunFolder.resume(out, [mine | {"file": "moved.py"}])
    with folder:
        to_the_end(folder, economy)
    assert json.loads((out / "manifest.json").read_text())["plugins"] == [mine]


def test_a_folder_in_use_is_refused(tmp_path):
    out = killed(tmp_path / "killed", scenario())
    folder, _ = RunFolder.resume(out)
    with folder, pytest.raises(ValueError, match="is being written by process"):
        RunFolder.resume(out)


def test_a_folder_that_holds_no_unfinished_run_is_refused(tmp_path):
    whole(tmp_path / "whole", scenario())
    for out in (tmp_path / "whole", tmp_path / "absent"):
        with pytest.raises(ValueError, match="--resume must name a run that was stopped or killed"):
            RunFolder.resume(out)
    with pytest.raises(ValueError, match="holds an unfinished run: go on with it by --resume"):
        RunFolder.begin(killed(tmp_path / "killed", scenario()), COMMAND)


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("seed", range(12))
def test_a_disk_that_fills_up_at_any_time_leaves_whole_epochs_that_go_on(tmp_path, monkeypatch, seed):
    given, out = scenario(), tmp_path / "full"
    expected = whole(tmp_path / "whole", given)
    economy, fails_at, calls = Economy(given, interventions=CHANGES), random.Random(seed).randrange(48), 0
    fsync = files.os.fsync

    def sometimes(file):
        nonlocal calls
        calls += 1
        return full_disk() if calls > fails_at else fsync(file)

    monkeypatch.setattr(files.os, "fsync", sometimes)
    with RunFolder.begin(out, COMMAND) as folder, pytest.raises(WritingError) as failed:
        to_the_end(folder, economy)
    monkeypatch.setattr(files.os, "fsync", fsync)
    assert "No space left on device" in str(failed.value)
    if not folder.n_safe:
        assert str(failed.value).endswith("nothing was written")
        shutil.rmtree(out, ignore_errors=True)
        assert whole(out, given) == expected
        return
    assert f"the first {folder.n_safe:,} epochs are safe" in str(failed.value)
    for name in ("epochs", "subnets"):
        rows = (out / f"{name}.csv").read_text().splitlines()
        assert rows[-1].count(",") == rows[0].count(",")
    assert resumed(out) == expected


def test_a_write_that_takes_long_makes_the_next_ones_rarer(tmp_path, monkeypatch):
    now, slow = [0.0], 3.0
    monkeypatch.setattr(run_folder.time, "monotonic", lambda: now[0])
    economy = Economy(scenario(epochs=1000, **{"subnets.count": 1, "subnets.n_miners": 4}))
    written = []
    monkeypatch.setattr(RunFolder, "every_seconds", 2.0)
    with RunFolder.begin(tmp_path / "slow", COMMAND) as folder:
        save = folder._write_checkpoint

        def slowly(economy):
            now[0] += slow
            written.append(now[0])
            save(economy)

        monkeypatch.setattr(folder, "_write_checkpoint", slowly)
        for _ in range(150):
            economy.step()
            now[0] += 1.0
            folder.keep_up(economy)
    assert np.diff(written).min() >= 2 * slow / run_folder.QUICK_SECONDS
