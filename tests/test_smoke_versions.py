"""The comparison of two installations sees every kind of difference, and lets rounding pass."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

SCRIPT = Path(__file__).with_name("smoke_versions.py")
_spec = importlib.util.spec_from_file_location("smoke_versions", SCRIPT)
smoke_versions = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(smoke_versions)

TABLE = {"epoch": [0, 1], "name": ["ann", "bob"], "stake_tao": [1000.0, 0.25]}


@pytest.fixture
def compare(tmp_path):
    """Largest difference between the plain table and one with some columns changed."""

    def difference(**changed):
        for name, table in (("first", TABLE), ("second", TABLE | changed)):
            (tmp_path / name).mkdir()
            pd.DataFrame(table).to_csv(tmp_path / name / "subnet.csv", index=False)
        return smoke_versions.largest_difference(tmp_path / "first", tmp_path / "second")

    return difference


def test_equal_tables_do_not_differ(compare):
    assert compare() == 0


def test_rounding_passes_and_is_measured(compare):
    assert compare(stake_tao=[1000.0 * (1 + 1e-10), 0.25]) == pytest.approx(1e-10, rel=1e-3)


@pytest.mark.parametrize(
    "changed",
    [
        {"stake_tao": [1000.0, 0.25 * (1 + 1e-8)]},
        {"stake_tao": [1000.0, None]},
        {"stake_tao": [float("inf"), 0.25]},
        {"epoch": [0, 2]},
        {"name": ["ann", "cat"]},
        {"fee_share": [0.5, 0.5]},
        {"epoch": [0, 1, 2], "name": ["ann", "bob", "cat"], "stake_tao": [1000.0, 0.25, 1.5]},
    ],
)
def test_any_other_difference_fails(compare, changed):
    with pytest.raises(ValueError, match=r"subnet\.csv"):
        compare(**changed)


def test_a_table_that_one_side_lacks_fails(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    (tmp_path / "first" / "uid.csv").write_text("epoch\n0\n")
    with pytest.raises(ValueError, match="tables differ"):
        smoke_versions.largest_difference(tmp_path / "first", tmp_path / "second")


def test_an_installation_that_fails_is_named_with_what_it_said(tmp_path, capsys):
    broken = tmp_path / "sandbox"
    broken.write_text("#!/bin/sh\necho no such kernel >&2\nexit 3\n")
    broken.chmod(0o755)
    assert smoke_versions.main([str(broken), str(broken)]) == 1
    assert f"{broken} ended with code 3\nno such kernel" in capsys.readouterr().out
