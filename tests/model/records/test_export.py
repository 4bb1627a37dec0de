"""Exports: same bits back, nothing half-written, nothing undocumented, nothing a spreadsheet would run."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model import CHECKOUT
from model.records import export
from model.records.data_dictionary import Column, DataDictionary
from model.records.provenance import Manifest

MANIFEST = Manifest(
    scenario_name="two subnets",
    scenario_digest="ab12",
    seed=7,
    epochs=3,
    command="sandbox run two.toml",
    interventions=({"epoch": 2, "set": "kappa", "to": 0.6},),
)
DICTIONARY = DataDictionary(
    Column(name="epoch", unit="count", meaning="epoch, from 0"),
    Column(name="stake_tao", unit="TAO", meaning="stake", table="uid"),
    Column(name="stake_tao", unit="TAO", meaning="stake of the whole subnet", table="subnet"),
    Column(name="owner", unit="name", meaning="who holds the hotkey", table="uid"),
    keys={"subnet": ("epoch",)},
)
TABLES = {
    "subnet": pd.DataFrame({"stake_tao": [1.5, 2.0], "epoch": [0, 1]}),
    "uid": pd.DataFrame({"owner": ["ann", "=cmd()"], "stake_tao": [0.1, np.nan], "epoch": [0, 0]}),
}
EXPORTED = ["data_dictionary.csv", "manifest.json", "subnet.csv", "uid.csv"]


def rows_of(frame):
    """Cells of the CSV below its header, as an independent reader sees them."""
    return list(csv.reader(io.StringIO(export.csv_bytes(frame).decode(), newline=""), strict=True))[1:]


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


# Theorems


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=40))
def test_floats_come_back_to_the_same_bits(numbers):
    value = np.array(numbers)
    back = np.array([[float(cell) for cell in row] for row in rows_of(pd.DataFrame({"x": value, "y": -value}))])
    assert back[:, 0].tobytes() == value.tobytes()
    assert back[:, 1].tobytes() == (-value).tobytes()


# As the README says for this pandas and for every one; older readers lose the last bit of a third of these numbers.
NEWER = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
READERS = {"arrow": {"engine": "pyarrow"}, "own": {} if NEWER else {"float_precision": "round_trip"}}


@pytest.mark.parametrize("options", READERS.values(), ids=READERS)
def test_pandas_reads_floats_back_to_the_same_bits_and_warns_of_nothing(options):
    rng = np.random.default_rng(1)
    patterns = rng.integers(0, 2**64, 5_000, dtype=np.uint64).view(np.float64)
    value = np.concatenate([patterns[np.isfinite(patterns)], rng.random(5_000), rng.lognormal(0, 10, 5_000)])
    text = export.csv_bytes(pd.DataFrame({"x": value}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = pd.read_csv(io.BytesIO(text), **options)["x"].to_numpy()
    assert back.tobytes() == value.tobytes()


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_come_back_as_integers(numbers):
    frame = pd.DataFrame({"n": np.array(numbers, np.int64)})
    assert [int(row[0]) for row in rows_of(frame)] == numbers
    assert pd.read_csv(io.BytesIO(export.csv_bytes(frame)))["n"].dtype == np.int64


def formula_begins(text):
    """Whether the first letter that a spreadsheet sees begins a formula."""
    seen = [
        letter for letter in text if not letter.isspace() and letter > "\x1f" and letter not in "\u200b\u2060\ufeff"
    ]
    return bool(seen) and seen[0] in "=+-@＝＋－＠"


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_texts_come_back_whatever_marks_they_hold(texts):
    frame = pd.DataFrame({"text": texts, "n": range(len(texts))})
    escaped = ["'" + text if text[0] in "\t\r" or formula_begins(text) else text for text in texts]
    assert [row[0] for row in rows_of(frame)] == escaped


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("=+-@＝＋－＠\t\r\n \x00\x0b\xa0\u200b\ufeff\"',x1", max_size=4), min_size=1, max_size=9))
@example(["\n=1+1", " =1+1", "\ufeff@a", "\xa0-1"])
def test_no_text_reads_as_a_formula(texts):
    for row in rows_of(pd.DataFrame({"n": 0, "text": texts})):
        assert row[1][:1] not in ("\t", "\r")
        assert not formula_begins(row[1])


def test_pieces_of_a_long_table_join_without_a_seam():
    n_rows = 2 * export.CHUNK_ROWS + 1
    lines = export.csv_bytes(pd.DataFrame({"n": np.arange(n_rows)})).decode().split("\n")
    assert lines == ["n", *map(str, range(n_rows)), ""]


# Hand-made cases


def test_each_kind_of_cell_has_one_way_of_writing():
    frame = pd.DataFrame(
        {
            "share": [0.1, -0.0, np.nan, np.inf],
            "rao": np.array([2**62, -1, 0, 5]),
            "paid": [True, False, True, True],
            "note": ["a,b", 'say "x"', None, "-5"],
            "kind": pd.Categorical(["x", "y", None, "x"]),
            "seen": pd.array([1, None, 3, 4], dtype="Int64"),
            "mixed": [1, 2.5, "t", pd.NA],
        }
    )
    assert export.csv_bytes(frame).decode() == (
        "share,rao,paid,note,kind,seen,mixed\n"
        '0.1,4611686018427387904,True,"a,b",x,1,1\n'
        '-0.0,-1,False,"say ""x""",y,,2.5\n'
        ",0,True,,,3,t\n"
        "inf,5,True,'-5,x,4,\n"
    )


def test_negative_numbers_are_not_escaped():
    assert export.csv_bytes(pd.DataFrame({"a": [-1.5], "b": [-2]})) == b"a,b\n-1.5,-2\n"


def test_a_table_without_rows_is_its_header():
    assert export.csv_bytes(pd.DataFrame({"a": [], "b": []})) == b"a,b\n"


def test_a_missing_value_in_the_only_column_keeps_its_row():
    back = pd.read_csv(io.BytesIO(export.csv_bytes(pd.DataFrame({"x": [1.0, np.nan, 2.0]}))))
    assert len(back) == 3
    assert np.isnan(back["x"][1])


def test_the_line_of_the_readme_takes_empty_cells_for_missing_and_no_name_for_one():
    options = {"engine": "pyarrow", "keep_default_na": False, "na_values": [""]}
    line = 'pandas.read_csv(path, engine="pyarrow", keep_default_na=False, na_values=[""])'
    assert line in (CHECKOUT / "README.md").read_text("utf-8")
    names = ["NA", "None", "null", "nan", "speed"]
    frame = pd.DataFrame({"capability": names, "caught": pd.array([1, None, 2, None, 3], "Int64")})
    back = pd.read_csv(io.BytesIO(export.csv_bytes(frame)), **options)
    assert back["capability"].tolist() == names
    assert back["caught"].isna().tolist() == [False, True, False, True, False]


def test_the_index_of_a_frame_changes_nothing():
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=[7, 7])
    assert export.csv_bytes(frame) == b"x\n1.0\n2.0\n"


def test_a_cell_that_is_neither_number_nor_text_is_refused():
    with pytest.raises(ValueError, match=r"cells of column 'x' must be numbers, texts or missing"):
        export.csv_bytes(pd.DataFrame({"x": [(1, 2)]}))
    with pytest.raises(ValueError, match=r"cells of column 'when' must be numbers"):
        export.csv_bytes(pd.DataFrame({"when": pd.to_datetime(["2026-06-02"])}))


def test_a_folder_holds_the_tables_their_dictionary_and_a_manifest_of_their_digests(tmp_path):
    out = export.write_tables(tmp_path / "deep" / "run", TABLES, DICTIONARY, MANIFEST)
    assert names_in(out) == EXPORTED
    assert names_in(out.parent) == ["run"]
    assert (out / "uid.csv").read_bytes() == b"epoch,stake_tao,owner\n0,0.1,ann\n0,,'=cmd()\n"
    assert (out / "data_dictionary.csv").read_text() == (
        "table,column,unit,type,key,meaning\n"
        'subnet,epoch,count,whole number,yes,"epoch, from 0"\n'
        "subnet,stake_tao,TAO,number,,stake of the whole subnet\n"
        'uid,epoch,count,whole number,,"epoch, from 0"\n'
        "uid,stake_tao,TAO,number,,stake\n"
        "uid,owner,name,text,,who holds the hotkey\n"
    )
    manifest = json.loads((out / "manifest.json").read_text())
    assert {"numpy", "scipy", "mesa", "pandas", "python", "subnet-sandbox"} == set(manifest["versions"])
    assert (manifest["scenario_digest"], manifest["seed"], manifest["epochs"]) == ("ab12", 7, 3)
    assert manifest["interventions"] == [{"epoch": 2, "set": "kappa", "to": 0.6}]
    assert sorted(manifest["files"]) == ["data_dictionary.csv", "subnet.csv", "uid.csv"]
    for name, fact in manifest["files"].items():
        assert fact["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()


def test_the_same_export_gives_the_same_bytes_as_a_folder_and_as_a_zip(tmp_path):
    first = export.write_tables(tmp_path / "a", TABLES, DICTIONARY, MANIFEST)
    second = export.write_tables(tmp_path / "b", TABLES, DICTIONARY, MANIFEST)
    archive = export.zip_bytes(TABLES, DICTIONARY, MANIFEST)
    assert archive == export.zip_bytes(TABLES, DICTIONARY, MANIFEST)
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        assert bundle.testzip() is None
        assert sorted(bundle.namelist()) == EXPORTED
        for name in EXPORTED:
            assert (first / name).read_bytes() == (second / name).read_bytes() == bundle.read(name)


def test_inputs_go_with_the_tables_and_are_digested_like_them(tmp_path):
    inputs = {"scenario.toml": b'name = "two"\n'}
    out = export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST, inputs=inputs)
    assert (out / "scenario.toml").read_bytes() == inputs["scenario.toml"]
    files = json.loads((out / "manifest.json").read_text())["files"]
    assert files["scenario.toml"]["sha256"] == hashlib.sha256(inputs["scenario.toml"]).hexdigest()
    with zipfile.ZipFile(io.BytesIO(export.zip_bytes(TABLES, DICTIONARY, MANIFEST, inputs))) as bundle:
        assert bundle.read("scenario.toml") == inputs["scenario.toml"]
    # What it wrote itself, it may replace.
    assert names_in(export.write_tables(out, TABLES, DICTIONARY, MANIFEST, overwrite=True)) == EXPORTED


def test_columns_are_written_in_the_order_of_the_dictionary_whatever_the_order_of_the_frame():
    turned = {"uid": TABLES["uid"][["epoch", "stake_tao", "owner"]], "subnet": TABLES["subnet"]}
    straight = {"uid": TABLES["uid"], "subnet": TABLES["subnet"]}
    assert export.zip_bytes(turned, DICTIONARY, MANIFEST) == export.zip_bytes(straight, DICTIONARY, MANIFEST)


def test_an_undocumented_column_writes_nothing(tmp_path):
    tables = {"subnet": pd.DataFrame({"epoch": [0], "fee_share": [0.1]})}
    with pytest.raises(ValueError, match="column 'fee_share' of table 'subnet' has no line"):
        export.write_tables(tmp_path / "run", tables, DICTIONARY, MANIFEST)
    with pytest.raises(ValueError, match="no line in the data dictionary"):
        export.zip_bytes({"subnet": TABLES["uid"]}, DICTIONARY, MANIFEST)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("table", ["Uid", "../uid", "data_dictionary", "", "a b"])
def test_a_table_name_that_is_no_plain_file_name_is_refused(table):
    with pytest.raises(ValueError, match="lower-case words joined by underscores"):
        export.zip_bytes({table: TABLES["subnet"]}, DICTIONARY, MANIFEST)


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"--out must name a new or empty folder, .* holds 1 entries"):
        export.write_tables(tmp_path, TABLES, DICTIONARY, MANIFEST)
    with pytest.raises(ValueError, match="nothing but an earlier export to be overwritten"):
        export.write_tables(tmp_path, TABLES, DICTIONARY, MANIFEST, overwrite=True)
    assert names_in(tmp_path) == ["thesis.txt"]


def test_overwriting_replaces_an_earlier_export_whole(tmp_path):
    out = export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST)
    with pytest.raises(ValueError, match="which holds 4 entries"):
        export.write_tables(out, TABLES, DICTIONARY, MANIFEST)
    export.write_tables(out, {"subnet": TABLES["subnet"]}, DICTIONARY, MANIFEST, overwrite=True)
    assert names_in(out) == ["data_dictionary.csv", "manifest.json", "subnet.csv"]
    assert names_in(tmp_path) == ["run"]


def test_a_note_added_to_an_earlier_export_is_not_overwritten(tmp_path):
    out = export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST)
    (out / "note.txt").write_text("mine")
    with pytest.raises(ValueError, match="nothing but an earlier export"):
        export.write_tables(out, TABLES, DICTIONARY, MANIFEST, overwrite=True)
    assert (out / "note.txt").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "run").mkdir()
    assert names_in(export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST)) == EXPORTED


def test_places_that_cannot_be_written_are_named_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"--out must name a folder, is the file .*file$"):
        export.write_tables(tmp_path / "file", TABLES, DICTIONARY, MANIFEST)
    with pytest.raises(ValueError, match=r"--out must name a folder that can be written, is .*below"):
        export.write_tables(tmp_path / "file" / "run", TABLES, DICTIONARY, MANIFEST)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("n" * 240, "^--out must be a name that its file system can hold, is too long: /"),  # not with what is added
        ("n" * 300, "^--out must be a name that its file system can hold, is too long: /"),
        ("n" * 300 + "/out", "^--out must be a name that its file system can hold, is too long: /"),
        ("absent/" + "n" * 300 + "/out", "^--out must be a name that its file system can hold, is too long: /"),
        ("n/" * 2100 + "out", "^--out must be a name that its file system can hold, is too long: /"),
        (os.fsdecode(b"na\xefve"), r"^--out must be a name in UTF-8, is /.*na\\udcefve$"),
    ],
    ids=["part", "name", "above", "absent", "path", "bytes"],
)
def test_a_name_that_cannot_be_written_is_refused_before_the_work(tmp_path, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        export.check_out(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_root_is_refused_as_a_folder_that_holds_something():
    with pytest.raises(ValueError, match=r"^--out must name a new or empty folder, is /, which holds"):
        export.check_out(export.Path("/"))


def test_the_longest_names_that_fit_are_written(tmp_path):
    for out in (tmp_path / ("n" * 236), tmp_path / "absent" / ("é" * 118)):
        export.write_tables(out, TABLES, DICTIONARY, MANIFEST)
        assert names_in(out) == EXPORTED


LOCKING = """
import sys
from pathlib import Path
from model.records.part_folder import part_folder
with part_folder(Path(sys.argv[1])) as part:
    (part / "half.csv").write_text("1,")
    print(part, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_writer_left_is_removed_and_what_a_writer_holds_is_not(tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", LOCKING, str(tmp_path / "out")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for _ in range(2)
    ]
    left, held = (writer.stdout.readline().strip() for writer in writers)
    writers[0].kill()
    writers[0].wait()
    others = [tmp_path / name for name in (".out2.0123456789ab.part", ".out.mine.part", ".out.0123456789ab.old")]
    for other in others:
        other.mkdir()
    (tmp_path / ".out.0123456789ab.part").symlink_to(others[0])
    assert os.path.isdir(left)
    export.write_tables(tmp_path / "out", TABLES, DICTIONARY, MANIFEST)
    assert names_in(tmp_path) == sorted(
        ["out", os.path.basename(held), ".out.0123456789ab.part", *(other.name for other in others)]
    )
    writers[1].communicate()
    assert not os.path.exists(held)


def test_a_full_disk_leaves_neither_the_new_export_nor_a_trace_of_it(tmp_path, monkeypatch):
    out = export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST)
    before = {name: (out / name).read_bytes() for name in EXPORTED}

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ValueError, match=r"--out must name a folder that can be written, .*No space left"):
        export.write_tables(out, {"subnet": TABLES["subnet"]}, DICTIONARY, MANIFEST, overwrite=True)
    assert {name: (out / name).read_bytes() for name in names_in(out)} == before
    assert names_in(tmp_path) == ["run"]


def test_a_failed_renaming_brings_the_earlier_export_back(tmp_path, monkeypatch):
    out = export.write_tables(tmp_path / "run", TABLES, DICTIONARY, MANIFEST)
    before = (out / "manifest.json").read_bytes()
    rename = type(out).rename

    def refuse_the_new_one(path, target):
        if path.suffix == ".part":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(type(out), "rename", refuse_the_new_one)
    with pytest.raises(ValueError, match="Permission denied"):
        export.write_tables(out, TABLES, DICTIONARY, MANIFEST, overwrite=True)
    assert (out / "manifest.json").read_bytes() == before
    assert names_in(tmp_path) == ["run"]
