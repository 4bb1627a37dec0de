"""Which factor makes an outcome vary: Sobol indices, by SALib, and Morris effects, with intervals.

Replicates are averaged first. A design's block (one drawn point and its neighbours) counts only if all its
combinations ended well; the others are dropped as a whole, and how many is said.

Source: Saltelli et al., Computer Physics Communications 181 (2010), for Sobol indices, whose intervals are bootstraps
over blocks; Morris, Technometrics 33 (1991) and Campolongo et al., Environmental Modelling & Software 22 (2007), for
effects, whose intervals are Student's t over walks.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from model.experiments.intervals import CONFIDENCE_SHARE, mean_interval
from model.experiments.sweeps.analysis.analysis import factor_names, sample
from model.experiments.sweeps.spec.designs import salib_problem, unit_sample
from model.experiments.sweeps.spec.spec import MORRIS, SOBOL, Spec
from model.units import FloatArray, IntArray
from model.world.randomness import stream_key

N_RESAMPLES = 1000
LEAST_BLOCKS = 4
LEAST_WALKS_OF_INTERVAL = 10  # the interval of so few bounded values covers 91 % with 4 of them
LEAST_BLOCKS_OF_INTERVAL = 64  # below, bootstraps of total indices cover 68 to 92 %
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
    sampling noise around 0. Below `LEAST_BLOCKS_OF_INTERVAL` blocks there are no half-widths.

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
    enough = 1.0 if len(value) >= LEAST_BLOCKS_OF_INTERVAL else np.nan
    table = pd.DataFrame(
        {
            "factor": names,
            "first": found["S1"],
            "first_half_width": enough * found["S1_conf"],
            "total": found["ST"],
            "total_half_width": enough * found["ST_conf"],
        }
    )
    pairs = [
        {
            "first": names[a],
            "second": names[b],
            "index": found["S2"][a, b],
            "half_width": enough * found["S2_conf"][a, b],
        }
        for a, b in combinations(range(len(names)), 2)
        if spec.second_order
    ]
    columns = ["first", "second", "index", "half_width"]
    return Sensitivity(
        table=table, pairs=pd.DataFrame(pairs, columns=columns), n_blocks=len(value), n_dropped=n_dropped
    )


def morris(runs: pd.DataFrame, spec: Spec, outcome: str) -> Sensitivity:
    """Elementary effects by factor: columns factor, mu, mu_star, mu_star_half_width, sigma.

    An effect is the outcome's change over a step, per step as it was played, in whole ranges of the factor: whole
    numbers and names move by what is between them. `mu` is its mean, `mu_star` the mean of its size, `sigma` its
    standard deviation from place to place, large where the factor acts otherwise or with others. A walk whose step
    ended at the same value says nothing of the factor. Below `LEAST_WALKS_OF_INTERVAL` walks there are no half-widths.

    Raises
    ------
    ValueError
        If the design is another, too few walks are whole, or the outcome does not vary.
    """
    value, block, n_dropped = _whole_blocks(runs, spec, outcome, MORRIS)
    drawn = unit_sample(spec).reshape(-1, spec.block, len(spec.factors))[block]
    rows = []
    for number, factor in enumerate(spec.factors):
        place = np.array([[factor.place(factor.at(share)) for share in walk] for walk in drawn[:, :, number].tolist()])
        # Each walk moves each factor once.
        moved = np.argmax(np.abs(np.diff(drawn[:, :, number], axis=1)), axis=1)
        walk = np.arange(len(value))
        step = place[walk, moved + 1] - place[walk, moved]
        stepped = step != 0
        effect = (value[walk, moved + 1] - value[walk, moved])[stepped] / step[stepped]
        rows.append({"factor": factor.path} | _summed_up(effect))
    table = pd.DataFrame(rows)
    return Sensitivity(table=table, pairs=pd.DataFrame(), n_blocks=len(value), n_dropped=n_dropped)


def _summed_up(effect: FloatArray) -> dict[str, float]:
    """Mean of elementary effects, (walk,), the mean of their size with its interval, and their standard deviation."""
    if not len(effect):
        return dict.fromkeys(("mu", "mu_star", "mu_star_half_width", "sigma"), np.nan)
    mu_star, low, _ = mean_interval(np.abs(effect))
    low = low if len(effect) >= LEAST_WALKS_OF_INTERVAL else np.nan
    return {
        "mu": float(effect.mean()),
        "mu_star": mu_star,
        "mu_star_half_width": mu_star - low,
        "sigma": float(np.std(effect, ddof=1)) if len(effect) > 1 else np.nan,
    }


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
