"""Runs the shipped scenarios with two installations and compares their tables: python smoke_versions.py A B.

A and B are the `sandbox` commands of two environments, with other versions of Python and the libraries. Texts
and integers must be equal, floats equal to 1e-9: each library rounds a logarithm in its own way.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

SCENARIOS = Path(__file__).resolve().parent.parent / "data" / "scenarios"
EPOCHS = 10
SEED = 1
RELATIVE = 1e-9
# A difference of large numbers keeps their rounding: none counts as less than this part of the largest.
OF_LARGEST = 1e-6


def largest_difference(first: Path, second: Path) -> float:
    """Largest relative difference between the floats of two exports.

    Raises
    ------
    ValueError
        If their tables, columns, rows, texts or integers differ, or a float by more than `RELATIVE`.
    """
    names = [sorted(file.name for file in folder.glob("*.csv")) for folder in (first, second)]
    if names[0] != names[1]:
        raise ValueError(f"tables differ: {names[0]} and {names[1]}")
    return max((_table_difference(name, first / name, second / name) for name in names[0]), default=0.0)


def _table_difference(name: str, first: Path, second: Path) -> float:
    one, two = (pd.read_csv(path, keep_default_na=True) for path in (first, second))
    if list(one.columns) != list(two.columns) or len(one) != len(two):
        raise ValueError(f"{name}: {one.shape} {list(one.columns)} and {two.shape} {list(two.columns)}")
    largest = 0.0
    for column in one.columns:
        if not (is_float_dtype(one[column]) and is_float_dtype(two[column])):
            if not one[column].equals(two[column]):
                raise ValueError(f"{name}: column {column} differs")
            continue
        difference = _float_difference(one[column].to_numpy(float), two[column].to_numpy(float))
        if not difference <= RELATIVE:
            raise ValueError(f"{name}: column {column} differs by {difference:.1e}, more than {RELATIVE:.0e}")
        largest = max(largest, difference)
    return largest


def _float_difference(one: np.ndarray, two: np.ndarray) -> float:
    """Largest relative difference; infinite where one is missing or infinite and the other is not."""
    least = OF_LARGEST * np.max(np.abs(one), where=np.isfinite(one), initial=0.0)
    same = (one == two) | (np.isnan(one) & np.isnan(two))
    one, two = one[~same], two[~same]
    if not one.size:
        return 0.0
    if not (np.isfinite(one).all() and np.isfinite(two).all()):
        return float("inf")
    size = np.maximum(np.maximum(np.abs(one), np.abs(two)), least)
    return float((np.abs(one - two) / size).max())


def _run(sandbox: str, scenario: Path, out: Path) -> None:
    arguments = [str(scenario), "--epochs", str(EPOCHS), "--seed", str(SEED), "--out", str(out)]
    # Outside the checkout: each command must find its own installation, not the folder it stands in.
    command = [str(Path(sandbox).absolute()), "run", *arguments]
    ended = subprocess.run(command, cwd=out.parent, capture_output=True, text=True)
    if ended.returncode:
        raise ValueError(f"{sandbox} ended with code {ended.returncode}\n{ended.stderr.strip()}")


def main(commands: list[str]) -> int:
    """Exit code: 0 when all scenarios agree."""
    if len(commands) != 2:
        print(__doc__)
        return 2
    scenarios = sorted(SCENARIOS.glob("*.toml"))
    if not scenarios:
        print("there are no scenarios to compare")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        for scenario in scenarios:
            out = [Path(folder) / f"{scenario.stem}_{which}" for which in ("first", "second")]
            try:
                for command, target in zip(commands, out, strict=True):
                    _run(command, scenario, target)
                difference = largest_difference(*out)
            except ValueError as error:
                print(f"{scenario.stem}: {error}")
                return 1
            print(f"{scenario.stem}: equal, largest relative difference {difference:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
