"""Plays the shipped scenarios as if on other processors and compares their tables: python same_bytes.py [SCENARIO ...].

Each setting of `settings` stands for a processor that the libraries would take other code on. All must write the same
bytes; where they do not, the first column that differs is named, with its row and the largest relative difference.
`--beside FOLDER` also plays the code in that folder, such as a copy whose kernels were built for the oldest processor.
"""

import argparse
import csv
import os
import platform
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SCENARIOS = sorted(path.stem for path in (CHECKOUT / "data" / "scenarios").glob("*.toml"))
EPOCHS = 12
FEW_EPOCHS = {"full-network": 3}
# Manifests say on what they were made, so they alone may differ.
NOT_COMPARED = "manifest.json"


def settings() -> dict[str, dict[str, str]]:
    """Environment variables of each setting, by what it stands for; the first is what all others are compared to."""
    beyond_avx2, all_dispatched = _numpy_features()
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    found = {
        "this processor": {},
        "BLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
        "BLAS for Prescott, one thread": {"OPENBLAS_CORETYPE": "Prescott", **one_thread},
        "BLAS for SkylakeX, two threads": {
            "OPENBLAS_CORETYPE": "SkylakeX",
            "OPENBLAS_NUM_THREADS": "2",
            "OMP_NUM_THREADS": "2",
        },
    }
    if beyond_avx2:
        found["NumPy without AVX-512"] = {"NPY_DISABLE_CPU_FEATURES": " ".join(beyond_avx2)}
    if all_dispatched:
        found["NumPy without AVX2"] = {"NPY_DISABLE_CPU_FEATURES": " ".join(all_dispatched)}
    if platform.libc_ver()[0] == "glibc":
        found["C library without AVX2 and FMA"] = {
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-AVX2_Usable,-FMA_Usable,-FMA4_Usable"
        }
    return found


def _numpy_features() -> tuple[list[str], list[str]]:
    """Features that NumPy has code for and this processor has: those beyond AVX2, and all of them."""
    from numpy._core import _multiarray_umath as numpy_core

    dispatched = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]
    return [name for name in dispatched if "AVX512" in name or name == "X86_V4"], dispatched


def play(names: list[str], out: Path, epochs: int) -> None:
    """Write the tables of each scenario to a folder of its name in `out`, in this process."""
    from model.cli import main as sandbox

    for name in names:
        arguments = ["run", name, "--epochs", str(min(epochs, FEW_EPOCHS.get(name, epochs))), "--seed", "1"]
        sandbox([*arguments, "--out", str(out / name)])


def differences(first: Path, second: Path) -> Iterator[str]:
    """What differs between two folders of exports, file by file, in words."""
    names = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != NOT_COMPARED}
        for folder in (first, second)
    ]
    for name in sorted(names[0] ^ names[1]):
        yield f"{name}: written in one of the two only"
    for name in sorted(names[0] & names[1]):
        if (first / name).read_bytes() != (second / name).read_bytes():
            yield f"{name}: {_csv_difference(first / name, second / name) if name.endswith('.csv') else 'other bytes'}"


def _csv_difference(first: Path, second: Path) -> str:
    """Where two CSV files of other bytes first differ, in how many columns, and by how much at most."""
    where, columns, largest = "", set(), 0.0
    with first.open(newline="") as one, second.open(newline="") as two:
        readers = csv.reader(one), csv.reader(two)
        heading = next(readers[0], [])
        if heading != next(readers[1], []):
            return "other columns"
        for number, rows in enumerate(zip_longest(*readers)):
            if rows[0] is None or rows[1] is None:
                return f"row {number} is in one of the two only"
            for column, a, b in zip(heading, *rows, strict=True):
                if a != b:
                    where = where or f"column {column}, row {number}: {a} and {b}"
                    columns.add(column)
                    largest = max(largest, _relative(a, b))
    return f"{where}; {len(columns)} columns, largest relative difference {largest:.1e}"


def _relative(a: str, b: str) -> float:
    try:
        one, two = float(a), float(b)
    except ValueError:
        return float("inf")
    return abs(one - two) / max(abs(one), abs(two))


def _played(arguments: list[str], folder: Path, variables: dict[str, str], out: Path) -> str:
    """What went wrong in a process of its own; empty if nothing."""
    command = [sys.executable, str(folder / "tests" / Path(__file__).name), *arguments, "--play", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(folder), **variables}
    ended = subprocess.run(command, cwd=out.parent, env=environment, capture_output=True, text=True)
    return "" if ended.returncode == 0 else f"ended with code {ended.returncode}\n{ended.stderr.strip()}"


def main(arguments: list[str]) -> int:
    """Exit code: 0 when all settings wrote the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--beside", type=Path, action="append", default=[])
    parser.add_argument("--play", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    names = asked.scenario or SCENARIOS
    if asked.play:
        play(names, asked.play, asked.epochs)
        return 0
    runs = [(name, CHECKOUT, variables) for name, variables in settings().items()]
    runs += [(f"code in {folder}", folder.resolve(), {}) for folder in asked.beside]
    differ = False
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        out = [Path(scratch) / str(number) for number in range(len(runs))]
        tasks = [
            pool.submit(_played, [*names, "--epochs", str(asked.epochs)], folder, variables, target)
            for (_, folder, variables), target in zip(runs, out, strict=True)
        ]
        for (name, _, _), task, target in zip(runs, tasks, out, strict=True):
            found = [task.result()] if task.result() else list(differences(out[0], target))
            differ |= bool(found)
            print(f"{name}: {'same bytes' if not found else 'DIFFERS'}", *found, sep="\n    ", flush=True)
    return int(differ)


if __name__ == "__main__":
    warnings.simplefilter("ignore", ImportWarning)
    sys.exit(main(sys.argv[1:]))
