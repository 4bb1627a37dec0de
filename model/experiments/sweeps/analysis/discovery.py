"""Scenario discovery: the box of factor values in which a rule fails, by PRIM.

Box by box the search peels off the thin slice whose loss raises the share of failures most per point lost. Coverage
is the share of all failures that lie in the box, density the share of its points that fail, mass its share of all
points. A limit's quasi-p-value is the chance to see as many failures in the box as there are, had the limit been put
without looking at the outcome.

Source: Friedman and Fisher, Statistics and Computing 9 (1999), for peeling; Bryant and Lempert, Technological
Forecasting and Social Change 77 (2010), for coverage, density and quasi-p-values; Kwakkel and Jaxa-Rozen,
Environmental Modelling & Software 79 (2016), for the gain per point lost, which treats whole numbers and names fairly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from model.experiments.sweeps.analysis.analysis import sample
from model.experiments.sweeps.spec.spec import SOBOL, Spec
from model.units import BoolArray, FloatArray
from model.wording import number

PEEL_SHARE = 0.05
LEAST_MASS_SHARE = 0.05
LEAST_POINTS = 5
SIGNIFICANCE = 0.05

Limit = tuple[float, float] | frozenset[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box of the peeling trajectory.

    limits : by factor, smallest and largest value, or the values of a factor that is not a number; what is not named
        is not limited
    mass_share, coverage_share, density_share : see the module
    n_points : combinations inside
    """

    limits: dict[str, Limit]
    mass_share: float
    coverage_share: float
    density_share: float
    n_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Where an outcome lies on the wrong side of a threshold.

    trajectory : boxes from everything to the smallest
    chosen : number of the box with the best balance of coverage and density
    box : that box without the limits that chance explains
    quasi_p : of each of its limits
    base_share : share of all points that fail
    """

    question: str
    trajectory: tuple[Box, ...]
    chosen: int
    box: Box
    quasi_p: dict[str, float]
    base_share: float
    n_points: int
    n_left_out: int

    def trade_off(self) -> pd.DataFrame:
        """One row for each box of the trajectory: step, mass, coverage, density, number of limits, the limits."""
        return pd.DataFrame(
            {
                "step": step,
                "points": box.n_points,
                "mass_share": box.mass_share,
                "coverage_share": box.coverage_share,
                "density_share": box.density_share,
                "limited_factors": len(box.limits),
                "limits": "; ".join(limit_text(name, limit) for name, limit in box.limits.items()),
                "chosen": step == self.chosen,
            }
            for step, box in enumerate(self.trajectory)
        )

    def limits(self) -> pd.DataFrame:
        """One row for each limit of the box: factor, limit as a text, quasi-p-value."""
        return pd.DataFrame(
            [
                {"factor": name, "limit": limit_text(name, limit), "quasi_p": self.quasi_p[name]}
                for name, limit in self.box.limits.items()
            ],
            columns=["factor", "limit", "quasi_p"],
        )


def discover(runs: pd.DataFrame, spec: Spec, outcome: str, threshold: float, *, above: bool) -> Discovery:
    """Box of factor values in which `outcome` lies above (or below) the threshold.

    Each combination is one point, whose failure is the share of its replicates beyond the threshold. Of a design whose
    points repeat each other's coordinates only those count that were drawn on their own: the two ends of a Sobol block,
    the start of a walk. Runs that did not end well are left out.

    Raises
    ------
    ValueError
        If the outcome is unknown, or no run or every run lies beyond the threshold.
    """
    good = sample(runs, spec, outcome)
    beyond = (good.value > threshold) if above else (good.value < threshold)
    alone = _drawn_alone(good.combination, spec)
    failure = (np.where(np.isfinite(good.value), beyond, False).sum(axis=0) / good.n_runs)[alone]
    side = "above" if above else "below"
    question = f"{outcome} {side} {number(threshold, digits=15)}"
    if not failure.any() or (failure.all() and failure.min() == 1):
        how = "no" if not failure.any() else "every"
        ends = (number(end, digits=15) for end in (np.nanmin(good.value), np.nanmax(good.value)))
        span = " to ".join(ends)
        raise ValueError(f"the threshold must part the runs; {how} run has {question}: they go from {span}")
    columns = {str(name): _column(good.factors[name])[alone] for name in good.factors}
    trajectory = tuple(_peel(columns, failure))
    balance = [_balance(box) for box in trajectory]
    chosen = int(np.argmax(balance))
    box, quasi_p = _without_chance(columns, failure, trajectory[chosen])
    return Discovery(
        question=question,
        trajectory=trajectory,
        chosen=chosen,
        box=box,
        quasi_p=quasi_p,
        base_share=float(failure.mean()),
        n_points=len(failure),
        n_left_out=good.n_left_out,
    )


def _drawn_alone(combination: NDArray[np.int64], spec: Spec) -> BoolArray:
    """Which combinations share no coordinate with another but by chance, (combination,)."""
    place = combination % spec.block
    return (place == 0) | ((spec.design == SOBOL) & (place == spec.block - 1))


def inside(factors: pd.DataFrame, limits: dict[str, Limit]) -> BoolArray:
    """Which rows of a table of factor values lie in the box."""
    return _within({name: _column(factors[name]) for name in limits}, limits, len(factors))


def limit_text(name: str, limit: Limit) -> str:
    """Limit as a reader says it."""
    if isinstance(limit, frozenset):
        return f"{name} is {' or '.join(sorted(map(str, limit)))}"
    low, high = limit
    if low == -np.inf:
        return f"{name} <= {number(high)}"
    if high == np.inf:
        return f"{name} >= {number(low)}"
    return f"{number(low)} <= {name} <= {number(high)}"


def _column(values: pd.Series) -> np.ndarray:
    """Factor values as floats, or as objects if they are not numbers; a truth value is a name."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.to_numpy(dtype=np.float64)
    return values.to_numpy(dtype=object)


def _peel(columns: dict[str, np.ndarray], failure: FloatArray) -> Iterator[Box]:
    """Boxes from everything to the smallest, each the last one less the slice with the best gain per point lost."""
    least = max(LEAST_POINTS, int(np.ceil(LEAST_MASS_SHARE * len(failure))))
    box = _box({}, np.ones(len(failure), dtype=bool), failure)
    yield box
    kept = np.ones(len(failure), dtype=bool)
    while box.density_share < 1:
        best_gain, best = 0.0, None
        for name, limit in _slices(columns, box.limits, kept):
            limits = box.limits | {name: limit}
            smaller = kept & _within({name: columns[name]}, {name: limit}, len(kept))
            n_lost = int(kept.sum() - smaller.sum())
            if smaller.sum() < least or not n_lost:
                continue
            gain = (failure[smaller].mean() - box.density_share) / n_lost
            if gain > best_gain:
                best_gain, best = float(gain), (limits, smaller)
        if best is None:
            return
        kept = best[1]
        box = _box(best[0], kept, failure)
        yield box


def _slices(columns: dict[str, np.ndarray], limits: dict[str, Limit], kept: BoolArray) -> Iterator[tuple[str, Limit]]:
    """Limits that would cut a thin slice off the box: an end of a number's range, or one of a factor's names."""
    for name, column in columns.items():
        held = column[kept]
        if held.dtype == object:
            names = set(held.tolist())
            if len(names) > 1:
                yield from ((name, frozenset(names - {one})) for one in sorted(names, key=str))
            continue
        old = limits.get(name, (-np.inf, np.inf))
        assert isinstance(old, tuple)
        low, high = np.quantile(held, [PEEL_SHARE, 1 - PEEL_SHARE])
        # Ties: where the slice would take nothing, or everything equal to the quantile, it takes the whole end value.
        above = held[held > low] if low == held.min() else held[held >= low]
        below = held[held < high] if high == held.max() else held[held <= high]
        if len(above):
            yield name, (float(above.min()), old[1])
        if len(below):
            yield name, (old[0], float(below.max()))


def _within(columns: dict[str, np.ndarray], limits: dict[str, Limit], n_points: int) -> BoolArray:
    kept = np.ones(n_points, dtype=bool)
    for name, limit in limits.items():
        column = columns[name]
        if isinstance(limit, frozenset):
            kept &= np.array([value in limit for value in column.tolist()], dtype=bool)
        else:
            kept &= (column >= limit[0]) & (column <= limit[1])
    return kept


def _box(limits: dict[str, Limit], kept: BoolArray, failure: FloatArray) -> Box:
    n_points = int(kept.sum())
    return Box(
        limits=limits,
        mass_share=n_points / len(failure),
        coverage_share=float(failure[kept].sum() / failure.sum()),
        density_share=float(failure[kept].mean()),
        n_points=n_points,
    )


def _balance(box: Box) -> float:
    """Harmonic mean of coverage and density."""
    return 2 * box.coverage_share * box.density_share / max(box.coverage_share + box.density_share, 1e-300)


def _without_chance(columns: dict[str, np.ndarray], failure: FloatArray, box: Box) -> tuple[Box, dict[str, float]]:
    """Box less the limits that chance explains, worst first, and the quasi-p-values of those that stay."""
    while True:
        quasi_p = {name: _quasi_p(columns, failure, box, name) for name in box.limits}
        worst = max(quasi_p, key=lambda name: quasi_p[name], default=None)
        if worst is None or quasi_p[worst] <= SIGNIFICANCE:
            return box, quasi_p
        limits = {name: limit for name, limit in box.limits.items() if name != worst}
        box = _box(limits, _within(columns, limits, len(failure)), failure)


def _quasi_p(columns: dict[str, np.ndarray], failure: FloatArray, box: Box, name: str) -> float:
    """Chance of at least the box's failures among its points at the density it has without this limit."""
    others = {other: limit for other, limit in box.limits.items() if other != name}
    density = failure[_within(columns, others, len(failure))].mean()
    n_failed = np.floor(box.density_share * box.n_points + 1e-9)
    # To 12 digits, which are the same on every processor; the last ones hang on the C library's logarithm.
    return float(f"{binom.sf(n_failed - 1, box.n_points, density):.12g}")
