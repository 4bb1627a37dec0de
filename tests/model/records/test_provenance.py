"""Provenance: the commit of this checkout and of no other; the same manifest for the same run."""

import json
import subprocess

import numpy as np
import pytest

from model.records.provenance import Manifest, git_commit, machine, sources_sha256, versions

RUN = {"scenario_name": "s", "scenario_digest": "d", "seed": 1, "epochs": 2, "command": "sandbox run s"}
GIT = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository with one commit, whatever repository the tests themselves run in."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "file").write_text("one")
    for command in (["init", "--quiet"], ["add", "file"], ["commit", "--quiet", "-m", "first"]):
        subprocess.run([*GIT, *command], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_commit_is_that_of_the_checkout(checkout):
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True)
    assert git_commit(checkout) == head.stdout.strip()
    assert len(head.stdout.strip()) == 40


def test_a_changed_file_shows_in_the_commit(checkout):
    clean = git_commit(checkout)
    (checkout / "file").write_text("two")
    assert git_commit(checkout) == f"{clean}-dirty"


def test_a_folder_inside_somebody_elses_repository_has_no_commit(checkout):
    (checkout / "inside").mkdir()
    assert git_commit(checkout / "inside") is None


def test_a_repository_without_commits_has_no_commit(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert git_commit(tmp_path) is None


def test_without_git_on_the_machine_there_is_no_commit(checkout, monkeypatch):
    monkeypatch.setenv("PATH", str(checkout))
    assert git_commit(checkout) is None


def test_a_hooks_environment_does_not_point_to_another_repository(checkout, monkeypatch):
    commit = git_commit(checkout)
    monkeypatch.setenv("GIT_DIR", str(checkout / "elsewhere"))
    assert git_commit(checkout) == commit


def test_git_is_asked_in_a_session_of_its_own_that_ctrl_c_does_not_reach(checkout, monkeypatch):
    asked, ask = [], subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: asked.append(options) or ask(*args, **options))
    assert git_commit(checkout)
    assert asked[0]["start_new_session"]


def test_source_files_of_the_packages_alone_change_their_digest(tmp_path):
    for name in ("agents/a.py", "ext/_k.pyx", "ext/_k.h", "model/deep/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    found = {sources_sha256(tmp_path)}
    for name in ("README.md", "tests.py", "model/NOTES.md", "ext/_k.so", "ext/_k.c"):
        (tmp_path / name).write_text("two")
        assert sources_sha256(tmp_path) in found
    for n_changes, name in enumerate(("agents/a.py", "ext/_k.pyx", "ext/_k.h", "model/deep/b.py", "model/c.py"), 2):
        (tmp_path / name).write_text("two")
        found.add(sources_sha256(tmp_path))
        assert len(found) == n_changes


def test_manifest_says_the_same_for_the_same_run():
    first, second = (Manifest(**RUN).to_json({"b.csv": "2", "a.csv": "1"}) for _ in range(2))
    assert first == second
    facts = json.loads(first)
    assert facts["versions"] == versions()
    assert facts["machine"] == machine()
    assert all(machine().values())
    assert facts["versions"]["numpy"] == np.__version__
    assert facts["files"] == {"a.csv": {"sha256": "1"}, "b.csv": {"sha256": "2"}}
    assert not {key for key in facts if "time" in key or "utc" in key or "date" in key}


@pytest.mark.parametrize("value", [float("inf"), {1, 2}])
def test_an_intervention_that_json_cannot_say_is_refused(value):
    with pytest.raises(ValueError, match=r"^interventions in the manifest must be finite numbers and texts"):
        Manifest(**RUN, interventions=({"to": value},)).to_json({})
