"""Which factor makes an outcome vary: Sobol indices and Morris effects with intervals, by SALib.

Replicates are averaged first. A design's block (one drawn point and its neighbours) counts only if all its
combinations ended well; the others are dropped as a whole, and how many is said.

Source: Saltelli et al., Computer Physics Communications 181 (2010), for Sobol indices; Morris, Technometrics 33 (1991)
and Campolongo et al., Environmental Modelling & Software 22 (2007), for effects. Intervals are bootstraps over blocks.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from model.experiments.intervals import CONFIDENCE_SHARE
from model.experiments.sweeps.analysis.analysis import factor_names, sample
from model.experiments.sweeps.spec.designs import salib_problem, unit_sample
from model.experiments.sweeps.spec.spec import MORRIS, SOBOL, Spec
from model.units import FloatArray, IntArray
from model.world.randomness import stream_key

N_RESAMPLES = 1000
LEAST_BLOCKS = 4
SEED_BITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Indices by factor, and what they rest on.

    table : one row a factor, see `sobol` and `morris`
    pairs : columns first, second, index, half_width; second-order Sobol indices where the design allows them
    n_blocks, n_dropped : blocks used, and those dropped because a run of theirs is missing or ended badly
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    n_blocks: int
    n_dropped: int


def sobol(runs: pd.DataFrame, spec: Spec, outcome: str) -> Sensitivity:
    """Shares of the outcome's variance by factor: columns factor, first, first_half_width, total, total_half_width.

    `first` is what the factor explains alone, `total` what it explains with all others; a small negative index is
    sampling noise around 0.

    Raises
    ------
    ValueError
        If the design is another, too few blocks are whole, or the outcome does not vary.
    """
    from SALib.analyze import sobol as salib_sobol  # takes a second to import

    value, _, n_dropped = _whole_blocks(runs, spec, outcome, SOBOL)
    found = salib_sobol.analyze(
        salib_problem(spec),
        value.ravel(),
        calc_second_order=spec.second_order,
        num_resamples=N_RESAMPLES,
        conf_level=CONFIDENCE_SHARE,
        seed=_seed(spec, outcome),
    )
    names = factor_names(spec)
    table = pd.DataFrame(
        {
            "factor": names,
            "first": found["S1"],
            "first_half_width": found["S1_conf"],
            "total": found["ST"],
            "total_half_width": found["ST_conf"],
        }
    )
    pairs = [
        {"first": names[a], "second": names[b], "index": found["S2"][a, b], "half_width": found["S2_conf"][a, b]}
        for a, b in combinations(range(len(names)), 2)
        if spec.second_order
    ]
    columns = ["first", "second", "index", "half_width"]
    return Sensitivity(
        table=table, pairs=pd.DataFrame(pairs, columns=columns), n_blocks=len(value), n_dropped=n_dropped
    )


def morris(runs: pd.DataFrame, spec: Spec, outcome: str) -> Sensitivity:
    """Elementary effects by factor: columns factor, mu, mu_star, mu_star_half_width, sigma.

    An effect is the outcome's change per whole range of the factor; `mu` is its mean, `mu_star` the mean of its size,
    `sigma` its standard deviation from place to place, large where the factor acts otherwise or with others.

    Raises
    ------
    ValueError
        If the design is another, too few walks are whole, or the outcome does not vary.
    """
    from SALib.analyze import morris as salib_morris  # takes a second to import

    value, block, n_dropped = _whole_blocks(runs, spec, outcome, MORRIS)
    place = unit_sample(spec).reshape(-1, spec.block, len(spec.factors))[block]
    found = salib_morris.analyze(
        salib_problem(spec),
        place.reshape(-1, len(spec.factors)),
        value.ravel(),
        num_resamples=N_RESAMPLES,
        conf_level=CONFIDENCE_SHARE,
        num_levels=spec.levels,
        seed=_seed(spec, outcome),
    )
    table = pd.DataFrame(
        {
            "factor": factor_names(spec),
            "mu": np.asarray(found["mu"], dtype=np.float64),
            "mu_star": np.asarray(found["mu_star"], dtype=np.float64),
            "mu_star_half_width": np.asarray(found["mu_star_conf"], dtype=np.float64),
            "sigma": np.asarray(found["sigma"], dtype=np.float64),
        }
    )
    return Sensitivity(table=table, pairs=pd.DataFrame(), n_blocks=len(value), n_dropped=n_dropped)


def _whole_blocks(runs: pd.DataFrame, spec: Spec, outcome: str, design: str) -> tuple[FloatArray, IntArray, int]:
    """Means over replicates by block, (block, combination of the block); numbers of the blocks; how many are not whole.

    Raises
    ------
    ValueError
        If the sweep has another design, too few blocks are whole, or nothing varies.
    """
    if spec.design != design:
        raise ValueError(f"{design} indices need design {design!r}, this sweep has {spec.design!r}")
    good = sample(runs, spec, outcome)
    value = np.full(spec.n_combinations, np.nan)
    value[good.combination] = good.mean
    blocks = value.reshape(-1, spec.block)
    whole = np.flatnonzero(np.isfinite(blocks).all(axis=1))
    if len(whole) < LEAST_BLOCKS:
        raise ValueError(
            f"{design} indices of {outcome} need at least {LEAST_BLOCKS} whole blocks of {spec.block} combinations, "
            f"of which every run ended well; there are {len(whole)} of {len(blocks)}"
        )
    kept = blocks[whole]
    if np.ptp(kept) == 0:
        raise ValueError(f"{outcome} is {kept[0, 0]:g} in all runs, so no factor makes it vary")
    return kept, whole, len(blocks) - len(whole)


def _seed(spec: Spec, outcome: str) -> int:
    """Seed of the bootstrap; never 0, which SALib takes for none."""
    return 1 + stream_key(spec.seed, "bootstrap", outcome) % 2**SEED_BITS
