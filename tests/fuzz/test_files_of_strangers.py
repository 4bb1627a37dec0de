"""Golden vectors and folders of runs that somebody changed: judged or gone on with, or refused in a sentence."""

import gzip
import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd import NUMBERS, TEXTS, fuzz, refused_or
from scenarios import scenario_of

from model import DATA_FOLDER
from model.economy import Economy
from model.experiments.runs.run_folder import RunFolder
from model.fidelity import run as judged

LARGEST_FILE = 8_000
VECTORS = sorted(path for path in (DATA_FOLDER / "golden").rglob("*.json*") if path.stat().st_size < LARGEST_FILE)
JSON = st.recursive(
    NUMBERS | TEXTS.filter(str.isprintable) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "n", "uids"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def document(path: Path) -> Any:
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything inside a document; of a list its first two."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree[:2]) if isinstance(tree, list) else ()
    for name, part in entries:
        yield (*path, name)
        yield from places(part, (*path, name))


HELD = {path: document(path) for path in VECTORS}
PLACES = {path: list(places(held)) for path, held in HELD.items()}


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """A document of vectors in which one to three values are others, or are missing."""
    path = draw(st.sampled_from(VECTORS))
    tree = deepcopy(HELD[path])
    for *parents, last in draw(st.lists(st.sampled_from(PLACES[path]), min_size=1, max_size=3)):
        holder = tree
        try:
            for name in parents:
                holder = holder[name]
            if draw(st.sampled_from([False, False, True])):
                del holder[last]
            else:
                holder[last] = draw(JSON)
        except (KeyError, IndexError, TypeError):
            continue  # what held it has been changed before
    return tree


@fuzz(40)
@given(changed(), st.booleans())
def test_vectors_are_judged_or_refused(tree: Any, exact: bool) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "vectors.json").write_text(json.dumps(tree))
        report = judged(Path(folder), exact=exact)
    for finding in (*report.misses, *report.broken):
        assert "\n" not in str(finding)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run with epochs left to play."""
    out = tmp_path_factory.mktemp("runs") / "run"
    economy = Economy(scenario_of({"epochs": 6}))
    with RunFolder.begin(out, "sandbox run") as folder:
        folder.every_seconds = 0.0
        folder._due = 0.0
        for _ in range(2):
            economy.step()
            folder.keep_up(economy)
    return out


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, str, float, bytes]:
    kind = draw(st.sampled_from(["flip", "cut", "append", "remove", "empty", "folder", "pipe"]))
    names = ["checkpoint", "epochs.csv", "subnets.csv", "strategies.csv", "capabilities.csv", "manifest.json"]
    return kind, draw(st.sampled_from(names)), draw(st.floats(0, 1)), draw(st.binary(min_size=1, max_size=8))


@fuzz(40)
@given(what=damage())
def test_a_run_goes_on_or_is_refused(begun: Path, what: tuple[str, str, float, bytes]) -> None:
    with TemporaryDirectory() as there:
        out = Path(there, "run")
        shutil.copytree(begun, out)
        harm(out / what[1], what[0], what[2], what[3])

        def resumed() -> int:
            folder, economy = RunFolder.resume(out)
            with folder:
                economy.step()
                folder.finish(economy)
            return economy.epoch

        assert refused_or(resumed, ["run", "checkpoint"]) in (None, 3)


def harm(path: Path, kind: str, place: float, new: bytes) -> None:
    """Change a file in one of the ways."""
    content = bytearray(path.read_bytes()) if path.exists() else bytearray()
    position = int(place * len(content))
    path.unlink(missing_ok=True)
    if kind == "remove":
        return
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        path.symlink_to("/dev/zero")
    else:
        content = {
            "flip": content[:position] + new + content[position + len(new) :],
            "cut": content[:position],
            "append": content + new,
            "empty": bytearray(),
        }[kind]
        path.write_bytes(content)
