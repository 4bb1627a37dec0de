"""Means with confidence intervals that know which runs belong together.

Every mean here is a weighted sum of the means of combinations. Its interval is Student's t over clusters: replicates,
where the combinations were chosen (each replicate has one seed for all of them, so that their differences are paired),
and sampled points as well, where chance chose the combinations themselves.

Source: Cameron and Miller, Journal of Human Resources 50 (2015), section II, for variances by cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.experiments.intervals import ROUNDING_SHARE, known_sd, settled, t_quantile
from model.experiments.sweeps.store.endings import OK
from model.units import BoolArray, FloatArray

COUNT = "count"
LEAST_COMPARISONS = 30  # with which a chance of 10 % to differ is seen in 95 of 100 cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One outcome of the runs that ended well.

    combination : number of each combination, (combination,)
    factors : its factor values, one row for each combination
    value : the outcome, (replicate, combination), rounding settled; NaN where a run has not ended well
    n_left_out : runs that ended badly, or without a number for this outcome
    counts : whether the outcome is a count
    """

    combination: NDArray[np.int64]
    factors: pd.DataFrame
    value: FloatArray
    n_left_out: int
    counts: bool = False

    @property
    def n_runs(self) -> NDArray[np.int64]:
        """Runs behind each combination, (combination,)."""
        return np.isfinite(self.value).sum(axis=0)

    @property
    def rounding(self) -> float:
        """Largest difference that is none."""
        return ROUNDING_SHARE * float(np.nanmax(np.abs(self.value)))

    @property
    def alike(self) -> bool:
        """Whether no combination differs between the seeds that were played, one or more."""
        return bool((np.nanmax(self.value, axis=0) == np.nanmin(self.value, axis=0)).all())

    @property
    def exact(self) -> bool:
        """Whether no chance seems to play a part: seeds are alike, over enough comparisons."""
        return self.alike and int(np.sum(self.n_runs - 1)) >= LEAST_COMPARISONS

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

    @property
    def known_sd(self) -> FloatArray:
        """The same as far as the runs tell it, (combination,); see `intervals.known_sd`."""
        return self.sd if self.exact else known_sd(self.sd, self.n_runs, counts=self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """What each group of runs that belong together adds to means.

    influence : (cluster, mean); how much the cluster moves each mean; sums to 0 over clusters
    member : (cluster, mean); whether the cluster has runs behind the mean
    """

    influence: FloatArray
    member: BoolArray

    @property
    def n(self) -> NDArray[np.int64]:
        """Clusters behind each mean, (mean,)."""
        return self.member.sum(axis=0)

    @property
    def variance(self) -> FloatArray:
        """Variance of each mean between clusters, (mean,)."""
        several = np.maximum(self.n, 2)
        return np.asarray(several / (several - 1) * np.square(self.influence).sum(axis=0))

    def contrast(self, weight: FloatArray) -> "Clusters":
        """What each cluster adds to `weight @ mean`, (contrast, mean) by (mean,)."""
        return Clusters(
            influence=matrix_product(self.influence, weight.T),
            member=matrix_product(self.member.astype(float), np.abs(weight).T) > 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Means and what chance adds to them.

    mean : (mean,)
    ways : by which runs belong together: replicates, or points and replicates
    cells : what belongs together in both ways, and would count twice
    unseen_variance : (mean,); of counts, of which the next may differ from all so far; see `intervals.known_sd`
    rounding : standard deviation that is none, but the last digits of the outcome
    exact : whether no chance plays a part, so that equal values are no accident
    """

    mean: FloatArray
    ways: tuple[Clusters, ...]
    cells: Clusters | None
    unseen_variance: FloatArray
    rounding: float
    exact: bool

    def half_width(self, n_judged: int = 1) -> FloatArray:
        """Half of the 95 % interval, (mean,), of `n_judged` that are judged together; NaN where the runs don't tell."""
        found = [way.variance for way in self.ways]
        twice = [self.cells.variance] if self.cells else []
        once = np.sum(found, axis=0) - np.sum(twice, axis=0)
        variance = np.max([once, *found], axis=0) + self.unseen_variance
        n = np.minimum.reduce([way.n for way in self.ways])
        half = t_quantile(np.maximum(n - 1, 1), n_judged) * np.sqrt(variance)
        half = np.where(variance > self.rounding * self.rounding, half, 0.0 if self.exact else np.nan)
        return np.where(n > 1, half, np.nan)

    def contrast(self, weight: FloatArray) -> "Means":
        """Means of `weight @ mean`, (contrast, mean) by (mean,): differences keep what is common to both sides.

        A difference that is nothing but rounding is 0.
        """
        size = np.abs(weight)
        mean = matrix_product(weight, self.mean)
        return Means(
            mean=np.where(np.abs(mean) <= self.rounding, 0.0, mean),
            ways=tuple(way.contrast(weight) for way in self.ways),
            cells=self.cells.contrast(weight) if self.cells else None,
            unseen_variance=np.square(matrix_product(size, np.sqrt(self.unseen_variance))),
            rounding=self.rounding,
            exact=self.exact,
        )


def matrix_product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """left @ right of a matrix and a matrix or vector, summed in the same order on every processor; BLAS is not."""
    return np.einsum("ij,j...->i...", left, right)


def sample_of(runs: pd.DataFrame, factors: Sequence[str], outcome: str, unit: str = "") -> Sample:
    """Sample of one outcome from the table of runs; runs that did not end well are left out and counted.

    Parameters
    ----------
    runs : frame
        Columns combination, replicate, status, the factors and the outcome.
    unit : str
        Of the outcome; a "count" of which all values are whole is one.

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
    value[row, column] = settled(number[good])
    return Sample(
        combination=combination.astype(np.int64),
        factors=kept[list(factors)].iloc[first].reset_index(drop=True),
        value=value,
        n_left_out=len(runs) - len(kept),
        counts=unit == COUNT and bool((number[good] == np.floor(number[good])).all()),
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
    replicates = Clusters(
        influence=matrix_product(left, known.T) * scale, member=matrix_product(present, np.abs(known).T) > 0
    )
    return Means(
        mean=matrix_product(weight, sample.mean),
        ways=(replicates,),
        cells=None,
        unseen_variance=_unseen_variance(sample, weight),
        rounding=sample.rounding,
        exact=sample.exact,
    )


def means_by_point(
    sample: Sample, weight: FloatArray, cluster: NDArray[np.integer], centre: FloatArray | None = None
) -> Means:
    """Means of `weight @ sample.mean`, (mean, combination), that vary with the points that chance chose and the seeds.

    All points share the seed of a replicate: one replicate says nothing about other seeds, and gives no interval.

    Parameters
    ----------
    cluster : (combination,)
        Points with the same number were not chosen independently, such as those of one trajectory.
    centre : (mean, combination), optional
        From where influence counts; the means themselves when not given.

    Source: Cameron, Gelbach and Miller, Journal of Business & Economic Statistics 29 (2011), for two ways at once.
    """
    _, code = np.unique(cluster, return_inverse=True)
    n_points, n_replicates = int(code.max()) + 1, len(sample.value)
    mean = matrix_product(weight, sample.mean)
    centre = np.repeat(mean[:, np.newaxis], weight.shape[1], axis=1) if centre is None else centre
    present = np.isfinite(sample.value)
    part = np.where(present, 1.0, 0.0) / sample.n_runs
    # (replicate, mean, combination): what each run adds.
    added = part[:, np.newaxis] * weight * (np.where(present, sample.value, 0.0)[:, np.newaxis] - centre)
    behind = part[:, np.newaxis] * np.abs(weight)
    influence, member = np.zeros((2, n_points, n_replicates, len(mean)))
    np.add.at(influence, code, np.moveaxis(added, 2, 0))
    np.add.at(member, code, np.moveaxis(behind, 2, 0))
    return Means(
        mean=mean,
        ways=(
            Clusters(influence=influence.sum(axis=1), member=member.sum(axis=1) > 0),
            Clusters(influence=influence.sum(axis=0), member=member.sum(axis=0) > 0),
        ),
        cells=Clusters(influence=influence.reshape(-1, len(mean)), member=member.reshape(-1, len(mean)) > 0),
        unseen_variance=_unseen_variance(sample, weight),
        rounding=sample.rounding,
        exact=sample.exact,
    )


def _unseen_variance(sample: Sample, weight: FloatArray) -> FloatArray:
    """Variance of means of counts, (mean,), that so many seeds may not have seen, were all moved by the same ones."""
    unseen_sd = np.zeros(weight.shape[1]) if sample.exact or not sample.counts else np.sqrt(2.0) / sample.n_runs
    return np.square(matrix_product(np.abs(weight), unseen_sd))
