"""A sweep: one base scenario, every combination of the factors' values, every seed; one row for each run."""

import itertools
import tomllib
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.bounds import within
from model.columns import DICTIONARY
from model.data_dictionary import Column, DataDictionary
from model.experiments.run import run
from model.experiments.workers import in_order
from model.frozen_map import FrozenMap
from model.scenario import Scenario
from model.scenario_file import LARGEST_FILE_BYTES, find, flat, from_tree, with_values

LARGEST_SWEEP = 100_000
OK, FAILED = "ok", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What to run.

    scenario : name or path of the base scenario
    factors : values to try, by dotted path of the field
    seeds : each combination is run with each of them, so that combinations are compared on the same noise
    epochs : of each run; 0 keeps the scenario's own
    """

    name: str = "sweep"
    scenario: str = "speed-or-quality"
    factors: FrozenMap[Any] = field(default_factory=FrozenMap)
    seeds: tuple[int, ...] = (1,)
    epochs: int = 0

    def __post_init__(self) -> None:
        within("epochs", self.epochs, 0, 10_000_000)
        if not self.seeds:
            raise ValueError("seeds must name at least one seed, is empty")
        within("seeds", self.seeds, 0, 2**63 - 1)
        if "seed" in self.factors:
            raise ValueError("factors must not name seed: every combination is run with each of the seeds")
        for path, values in self.factors.items():
            if not isinstance(values, list | tuple) or not values:
                raise ValueError(f"factors.{path!r} must be a list of values to try, is {values!r}")
        if self.n_runs > LARGEST_SWEEP:
            raise ValueError(f"a sweep must have <= {LARGEST_SWEEP} runs, has {self.n_runs}")

    @property
    def n_runs(self) -> int:
        return len(self.seeds) * int(np.prod([len(values) for values in self.factors.values()], dtype=object))


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run of a sweep: its number, its place in the grid, its factor values and its seed."""

    number: int
    combination: int
    seed: int
    values: Mapping[str, Any]
    base: Scenario


def read_sweep(path: Path) -> Sweep:
    """Sweep in the TOML file at `path`.

    Raises
    ------
    ValueError
        If it can't be read or a field breaks its rule; the sentence names the file.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ValueError(f"must be <= {LARGEST_FILE_BYTES} bytes, has {path.stat().st_size}")
        tree = tomllib.loads(path.read_text("utf-8"))
        factors = tree.pop("factors", {})
        if not isinstance(factors, dict):
            raise ValueError(f"factors must be a table of lists, is {factors!r}")
        plain = from_tree(Sweep, tree)
        return Sweep(
            name=plain.name,
            scenario=plain.scenario,
            factors=FrozenMap(flat(factors)),
            seeds=plain.seeds,
            epochs=plain.epochs,
        )
    except OSError as error:
        raise ValueError(f"sweep file {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"sweep file {path}: {str(error).splitlines()[0]}") from error


def points(sweep: Sweep) -> list[Point]:
    """All runs of a sweep, every combination once before the next seed begins.

    An interrupted sweep is then still a balanced sample.

    Raises
    ------
    ValueError
        If the base scenario does not exist, or a factor's path leads nowhere.
    """
    base = find(sweep.scenario)
    if sweep.epochs:
        base = with_values(base, {"epochs": sweep.epochs})
    for path in sweep.factors:
        _check_path(base, path)
    grid = [dict(zip(sweep.factors, values, strict=True)) for values in itertools.product(*sweep.factors.values())]
    return [
        Point(number=n, combination=n % len(grid), seed=seed, values=values, base=base)
        for n, (seed, values) in enumerate(itertools.product(sweep.seeds, grid))
    ]


def run_point(point: Point) -> dict[str, Any]:
    """Row of one run: its factors, and the last epoch's measures, or the error that stopped it."""
    row: dict[str, Any] = {
        "run": point.number,
        "combination": point.combination,
        "seed": point.seed,
        **{path: _cell(value) for path, value in point.values.items()},
    }
    try:
        economy = run(with_values(point.base, point.values), point.seed)
    except Exception as error:  # a run that fails is a row with its error; the others go on
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return row | {"status": FAILED, "error": f"{type(error).__name__}: {error} ({where})"}
    outcome = economy.records.epochs.frame(last=1).drop(columns="epoch")
    return row | {"status": OK, "error": ""} | {str(name): held.iloc[0].item() for name, held in outcome.items()}


def run_all(runs: list[Point], n_workers: int) -> Iterator[dict[str, Any]]:
    """Rows of all runs as they finish, in the order of the runs whatever the number of workers."""
    return in_order(run_point, runs, n_workers)


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as one table; the columns of failed runs' measures are empty."""
    return pd.DataFrame(rows)


def dictionary(sweep: Sweep) -> DataDictionary:
    """Data dictionary of the sweep's table."""
    lead = (
        Column(name="run", unit="index", meaning="number of the run, from 0"),
        Column(name="combination", unit="index", meaning="number of the combination of factor values, from 0"),
        Column(name="seed", unit="index", meaning="seed of the run"),
        Column(name="status", unit="name", meaning="ok or failed"),
        Column(name="error", unit="text", meaning="why a failed run stopped; empty for the others"),
    )
    factors = (
        Column(name=path, unit="as the field", meaning=f"factor: the scenario's field {path}") for path in sweep.factors
    )
    return DataDictionary(*lead, *factors, *DICTIONARY.columns)


def _check_path(base: Scenario, path: str) -> None:
    try:
        with_values(base, {path: ""})
    except ValueError as error:
        if str(error).startswith("no field"):
            raise


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else str(value)
