"""Speed, measured: the benchmarks of tests/benchmarks run in one go, and read as figures with limits and ratios.

A benchmark tells its meaning through pytest-benchmark's `extra_info`:
`figure` names it, `limit_ms` or `limit_mib` is what to reach, `baseline_of` names the figure that it is the slow twin
of (with `least_ratio`), and `line` with `size` make it a point of a line whose slope in logarithms is fitted.
"""

import json
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model import CHECKOUT

BENCHMARKS = CHECKOUT / "tests" / "benchmarks"
# Cost that is linear rises a little faster where small sizes fit into a cache and large ones don't.
LARGEST_LINEAR_EXPONENT = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure: its name, value and unit, what is to be reached, and whether it was."""

    name: str
    value: float
    unit: str
    target: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a run of the benchmarks gave, and the machine it ran on."""

    machine: str
    figures: tuple[Figure, ...]

    def to_json(self) -> str:
        """Text of the figures for machines."""
        return json.dumps({"machine": self.machine, "figures": [asdict(figure) for figure in self.figures]}, indent=2)


def bench() -> Bench:
    """Figures of all benchmarks, measured now, one after the other, in one process.

    Raises
    ------
    ValueError
        If this is not a checkout with tests, or a benchmark fails.
    """
    if not BENCHMARKS.is_dir():
        raise ValueError(f"bench needs a checkout with {BENCHMARKS.relative_to(CHECKOUT)}, {CHECKOUT} has none")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "bench.json"
        command = [sys.executable, "-m", "pytest", str(BENCHMARKS), "--benchmark-only", "-q", "-p", "no:cacheprovider"]
        answer = subprocess.run([*command, f"--benchmark-json={report}"], cwd=CHECKOUT, capture_output=True, text=True)
        if answer.returncode != 0 or not report.exists():
            raise ValueError(f"the benchmarks failed: {answer.stdout.strip().splitlines()[-1:]}")
        measured = json.loads(report.read_text())
    return Bench(machine=_machine(measured), figures=tuple(read_figures(measured["benchmarks"])))


def read_figures(benchmarks: list[dict[str, Any]]) -> list[Figure]:
    """Figures, ratios and slopes in pytest-benchmark's results."""
    median_ms = {
        entry["extra_info"]["figure"]: entry["stats"]["median"] * 1e3
        for entry in benchmarks
        if "figure" in entry["extra_info"]
    }
    figures: list[Figure] = []
    lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry in benchmarks:
        info, median = entry["extra_info"], entry["stats"]["median"] * 1e3
        if "limit_ms" in info:
            figures.append(_at_most(info["figure"], median, "ms", info["limit_ms"]))
        if "limit_mib" in info:
            figures.append(_at_most(info["figure"], info["peak_mib"], "MiB", info["limit_mib"]))
        if "baseline_of" in info:
            ratio = median / median_ms[info["baseline_of"]]
            least = info["least_ratio"]
            name = f"{info['baseline_of']}, times faster than {info['figure']}"
            figures.append(Figure(name=name, value=ratio, unit="x", target=f">= {least:g}", met=ratio >= least))
        if "line" in info:
            lines[info["line"]].append((info["size"], median))
    return figures + [_slope(name, points) for name, points in lines.items()]


def _at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    return Figure(name=name, value=value, unit=unit, target=f"<= {limit:g}", met=value <= limit)


def _slope(name: str, points: list[tuple[float, float]]) -> Figure:
    """Exponent of cost on size: 1 is linear, below 1 a fixed part dominates."""
    size, cost = np.log(np.array(sorted(points))).T
    slope = float(np.polyfit(size, cost, 1)[0])
    return Figure(
        name=f"{name}, exponent",
        value=slope,
        unit="",
        target=f"<= {LARGEST_LINEAR_EXPONENT}",
        met=slope <= LARGEST_LINEAR_EXPONENT,
    )


def _machine(measured: dict[str, Any]) -> str:
    cpu = measured["machine_info"].get("cpu", {})
    return (
        f"{cpu.get('brand_raw', platform.machine())}, {cpu.get('count', '?')} cores, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )
