"""The house is in order: names, layers, stubs and sizes are what the plan says."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from model import DATA_FOLDER
from model.commands.app import DOOR

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agents", "ext", "model")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
KERNELS = sorted((ROOT / "ext").glob("*.pyx"))
MODULE_LINES = 350
# What a checkout may show at its top; hidden files and build leftovers that git ignores come on top of it.
TOP_LEVEL = {
    *("agents", "ext", "model", "tests", "data", "app.py", "pyproject.toml"),
    *("README.md", "LICENSE", "Makefile", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md"),
}
LEFTOVERS = ("__pycache__", "build", "dist", "*.egg-info")


def parts(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", PACKAGES)
def test_import_name_belongs_to_this_project_alone(package):
    assert set(packages_distributions().get(package, [])) == {"subnet-sandbox"}


def test_kernels_are_the_ones_that_are_built():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["ext-modules"]
    listed = {module["name"]: module["sources"] for module in built}
    assert listed == {f"ext.{kernel.stem}": [parts(kernel)] for kernel in KERNELS}


@pytest.mark.parametrize("kernel", KERNELS, ids=parts)
def test_kernel_has_a_typed_stub_of_its_public_functions(kernel):
    public = set(re.findall(r"^(?:def|cpdef\b.*?) (\w+)\(", kernel.read_text(), re.MULTILINE))
    stub = kernel.with_suffix(".pyi")
    # What only other kernels call has a .pxd instead.
    assert stub.exists() == bool(public)
    assert stub.exists() or kernel.with_suffix(".pxd").exists()
    text = stub.read_text() if public else ""
    assert {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)} == public


def test_top_level_holds_only_what_the_house_has():
    shown = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".") and not any(path.match(pattern) for pattern in LEFTOVERS)
    }
    assert shown <= TOP_LEVEL


def test_imports_point_one_way():
    contracts = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert contracts.returncode == 0, contracts.stdout + contracts.stderr


def test_no_module_has_grown_too_long():
    lengths = {parts(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_tests_are_no_package():
    # With a package of tests, `import model` could mean tests/model.
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_package_folder_says_that_it_is_one():
    folders = {path.parent for path in SOURCES}
    assert [parts(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_module_is_named_after_nothing():
    empty_names = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "enhanced", "v2", "new"}
    assert [parts(path) for path in SOURCES if path.stem in empty_names] == []


def test_what_the_program_reads_from_data_travels_inside_the_package():
    assert (ROOT / "model" / "data").samefile(ROOT / "data")
    taken = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["model"]
    travels = {path for pattern in taken for path in (ROOT / "model").glob(pattern)}
    read = {
        *(path for folder in ("battery", "facts", "scenarios", "sweeps") for path in (DATA_FOLDER / folder).iterdir()),
        *(path for path in (DATA_FOLDER / "golden").rglob("*") if path.is_file()),
    }
    assert travels == read


def test_the_door_of_the_page_travels_with_its_settings():
    assert DOOR.samefile(ROOT / "app.py")
    assert (DOOR.parent / ".streamlit").samefile(ROOT / ".streamlit")


@pytest.fixture
def elsewhere(tmp_path):
    """Runs the command line with a folder in front of the import paths."""

    def run():
        paths = os.pathsep.join([str(tmp_path), str(ROOT)])
        command = [sys.executable, "-P", "-m", "model.cli", "scenarios"]
        environment = os.environ | {"PYTHONPATH": paths}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return run


@pytest.mark.parametrize("package", ["agents", "ext"])
def test_another_projects_package_of_the_same_name_is_named(tmp_path, elsewhere, package):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    ended = elsewhere()
    assert ended.returncode == 2
    place = tmp_path / package
    assert ended.stderr.startswith(f"sandbox: the package {package} at {place} is another project's")
    assert len(ended.stderr.splitlines()) == 1


def test_another_projects_model_put_over_this_one_is_named(tmp_path, elsewhere):
    shutil.copytree(ROOT / "model", tmp_path / "model", symlinks=True)
    (tmp_path / "model" / "__init__.py").write_text("")
    ended = elsewhere()
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert "the package model at" in ended.stderr
