"""Means with confidence intervals that know which runs belong together.

Every mean here is a weighted sum of the means of combinations. Its interval is Student's t over clusters: replicates,
where the combinations were chosen (each replicate has one seed for all of them, so that their differences are paired),
or sampled points, where chance chose the combinations themselves.

Source: Cameron and Miller, Journal of Human Resources 50 (2015), section II, for variances by cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.experiments.intervals import t_quantile
from model.experiments.sweeps.store.endings import OK
from model.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One outcome of the runs that ended well.

    combination : number of each combination, (combination,)
    factors : its factor values, one row for each combination
    value : the outcome, (replicate, combination); NaN where a run has not ended well
    n_left_out : runs that ended badly, or without a number for this outcome
    """

    combination: NDArray[np.int64]
    factors: pd.DataFrame
    value: FloatArray
    n_left_out: int

    @property
    def n_runs(self) -> NDArray[np.int64]:
        """Runs behind each combination, (combination,)."""
        return np.isfinite(self.value).sum(axis=0)

    @property
    def mean(self) -> FloatArray:
        """Mean over the replicates of each combination, (combination,)."""
        return np.nansum(self.value, axis=0) / self.n_runs

    @property
    def sd(self) -> FloatArray:
        """Sample standard deviation over the replicates, (combination,); NaN below two runs."""
        n = self.n_runs
        squares = np.nansum(np.square(self.value - self.mean), axis=0)
        return np.sqrt(np.where(n > 1, squares, np.nan) / np.maximum(n - 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Means and what each cluster of runs adds to them.

    mean : (mean,)
    influence : (cluster, mean); how much the cluster moves each mean; sums to 0 over clusters
    member : (cluster, mean); whether the cluster has runs behind the mean
    """

    mean: FloatArray
    influence: FloatArray
    member: BoolArray

    @property
    def half_width(self) -> FloatArray:
        """Half of the 95 % interval, (mean,); NaN below two clusters."""
        n = self.member.sum(axis=0)
        several = np.maximum(n, 2)
        variance = several / (several - 1) * np.square(self.influence).sum(axis=0)
        return np.where(n > 1, t_quantile(several - 1) * np.sqrt(variance), np.nan)

    def contrast(self, weight: FloatArray) -> "Means":
        """Means of `weight @ mean`, (contrast, mean) by (mean,): differences keep what is common to both sides."""
        return Means(
            mean=matrix_product(weight, self.mean),
            influence=matrix_product(self.influence, weight.T),
            member=matrix_product(self.member.astype(float), np.abs(weight).T) > 0,
        )


def matrix_product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """left @ right of a matrix and a matrix or vector, summed in the same order on every processor; BLAS is not."""
    return np.einsum("ij,j...->i...", left, right)


def sample_of(runs: pd.DataFrame, factors: Sequence[str], outcome: str) -> Sample:
    """Sample of one outcome from the table of runs; runs that did not end well are left out and counted.

    Parameters
    ----------
    runs : frame
        Columns combination, replicate, status, the factors and the outcome.

    Raises
    ------
    ValueError
        If there is no such outcome, or no run has a number for it.
    """
    if outcome not in runs.columns:
        raise ValueError(f"no outcome {outcome!r} in the table of runs")
    number = pd.to_numeric(runs[outcome], errors="coerce").to_numpy(dtype=np.float64)
    good = (runs["status"] == OK).to_numpy() & np.isfinite(number)
    if not good.any():
        raise ValueError(f"outcome {outcome} must be a number in at least one run, is in none of {len(runs)}")
    kept = runs[good]
    combination, first, column = np.unique(kept["combination"], return_index=True, return_inverse=True)
    _, row = np.unique(kept["replicate"], return_inverse=True)
    value = np.full((row.max() + 1, len(combination)), np.nan)
    value[row, column] = number[good]
    return Sample(
        combination=combination.astype(np.int64),
        factors=kept[list(factors)].iloc[first].reset_index(drop=True),
        value=value,
        n_left_out=len(runs) - len(kept),
    )


def means_by_replicate(sample: Sample, weight: FloatArray) -> Means:
    """Means of `weight @ sample.mean`, (mean, combination), that vary with the seed only.

    Where a combination has a single run, its noise is taken to be that of the other combinations of the mean.
    """
    n_runs = sample.n_runs
    several = n_runs > 1
    left = np.where(np.isfinite(sample.value) & several, (sample.value - sample.mean) / n_runs, 0.0)
    known = weight * several
    total, of_known = np.abs(weight).sum(axis=1), np.abs(known).sum(axis=1)
    scale = np.divide(total, of_known, out=np.zeros_like(total), where=of_known > 0)
    present = (np.isfinite(sample.value) & several).astype(float)
    return Means(
        mean=matrix_product(weight, sample.mean),
        influence=matrix_product(left, known.T) * scale,
        member=matrix_product(present, np.abs(known).T) > 0,
    )


def means_by_point(sample: Sample, weight: FloatArray, cluster: NDArray[np.integer]) -> Means:
    """Means of `weight @ sample.mean`, (mean, combination), that vary with the points that chance chose.

    Parameters
    ----------
    cluster : (combination,)
        Points with the same number were not chosen independently, such as those of one trajectory.
    """
    _, code = np.unique(cluster, return_inverse=True)
    mean = matrix_product(weight, sample.mean)
    influence, member = np.zeros((2, code.max() + 1, len(mean)))
    np.add.at(influence, code, (weight * (sample.mean - mean[:, None])).T)
    np.add.at(member, code, np.abs(weight).T)
    return Means(mean=mean, influence=influence, member=member > 0)
