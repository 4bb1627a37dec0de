"""Golden maths that the float64 engine has a part for: normalisation by its oracle, medians by its kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ext.consensus import yuma_epoch
from ext.reference import norm
from model.fidelity.report import Verdict

FLOAT64 = "maths: float64 engine"
COMPONENTS = (FLOAT64,)

FloatArray = NDArray[np.float64]


def judge(name: str, arguments: list[Any], expected: Any, stated: Any, entry: tuple[str, str]) -> Verdict:
    """Return the verdict on a function in TWINS, its arguments plain numbers; [[]] is as empty as []."""
    file, vector = entry
    verdict = Verdict(component=FLOAT64, file=file, vector=vector, tolerance="as stated")
    got = TWINS[name](*arguments)
    if got in ([], [[]]) and expected in ([], [[]]):
        verdict.fact("expected", (), [], [])
    else:
        verdict.sequence("expected", expected, got, stated)
    return verdict


def _normalised(vector: list[float]) -> list[float]:
    result: list[float] = norm(np.array(vector, np.float64)).tolist()
    return result


def _normalised_rows(matrix: list[list[float]]) -> list[list[float]]:
    if not any(matrix):
        return matrix
    result: list[list[float]] = norm(np.array(matrix, np.float64)).tolist()
    return result


def _normalised_columns(matrix: list[list[float]]) -> list[list[float]]:
    if not any(matrix):
        return matrix
    result: list[list[float]] = norm(np.array(matrix, np.float64), axis=0).tolist()
    return result


def _median(
    stake: list[float], score: list[float], chosen: list[int], minority: float, _low: float, _high: Any
) -> float:
    """Return the median of one column; the engine is asked for the majority that leaves this minority."""
    picked = [stake[index] for index in chosen]
    column = [[score[index]] for index in chosen]
    if not picked:
        return 0.0
    return _medians(picked, column, (sum(picked) - minority) / sum(picked))[0]


def _medians(stake: list[float], matrix: list[list[float]], majority: float) -> list[float]:
    """Return what the engine finds as consensus on each column.

    The engine normalises rows, so one more uid takes what a row leaves of the largest row's sum.
    """
    if not stake or not any(matrix):
        return [0.0] * max(map(len, matrix), default=0)
    score = np.array(matrix, np.float64)
    largest = max(1.0, float(score.sum(axis=1).max()))
    n_voters, n_columns = score.shape
    filler = largest - score.sum(axis=1, keepdims=True)
    weight = np.hstack([np.zeros((n_voters, n_voters)), score, filler])
    epoch = yuma_epoch(
        weight[None],
        np.pad(np.array(stake, np.float64), (0, n_columns + 1))[None],
        np.zeros((1, *weight.shape)),
        np.arange(n_voters)[None],
        kappa=majority,
    )
    found: FloatArray = epoch.consensus[0, n_voters : n_voters + n_columns] * largest
    return found.tolist()


def _medians_sparse(
    stake: list[float], rows: list[list[tuple[int, float]]], n_columns: int, majority: float
) -> list[float]:
    dense = np.zeros((max(1, len(rows)), n_columns))
    for voter, row in enumerate(rows):
        for column, value in row:
            dense[voter, column] = value
    return _medians(stake, dense.tolist(), majority)


TWINS: dict[str, Callable[..., Any]] = {
    "normalize": _normalised,
    "inplace_normalize": _normalised,
    "inplace_normalize_64": _normalised,
    "inplace_row_normalize": _normalised_rows,
    "inplace_col_normalize": _normalised_columns,
    "weighted_median": _median,
    "weighted_median_col": _medians,
    "weighted_median_col_sparse": _medians_sparse,
}
