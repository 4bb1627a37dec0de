"""How often intervals hold what they say, simulated: worlds of known truth take the place of the economy.

    python tests/model/experiments/interval_coverage.py 2000

prints the table of `model/experiments/sweeps/INTERVALS.md` from so many simulations a line; the suite plays a few of
each (`test_coverage.py`).
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from model.experiments.comparison.paired import SIDES, differences, seeds_until_clear
from model.experiments.intervals import mean_interval
from model.experiments.sweeps.analysis import discovery, effects, sensitivity
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.outcomes import Outcome
from model.experiments.sweeps.spec.spec import SOBOL, Spec

Rng = np.random.Generator
OF_TRUTH, OF_NOTHING, AT_LEAST = "holds the truth", "calls nothing something", "finds what there is"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what is asked, how often the answer should be yes, and one simulation of it."""

    what: str
    setting: str
    kind: str
    play: Callable[[Rng], bool]

    def share(self, n: int, seed: int = 1) -> float:
        """Share of `n` simulations in which it was so."""
        rng = np.random.default_rng([seed, *f"{self.what} {self.setting}".encode()])
        return float(np.mean([self.play(rng) for _ in range(n)]))

    def as_said(self, share: float, n: int, sigmas: float = 3.0) -> bool:
        """Whether such a share of `n` simulations agrees with what is promised, but for what chance explains."""
        promised = {OF_TRUTH: 0.95, OF_NOTHING: 0.05, AT_LEAST: 0.8}[self.kind]
        slack = sigmas * float(np.sqrt(promised * (1 - promised) / n))
        return share <= promised + slack if self.kind == OF_NOTHING else share >= promised - slack


def runs_of(spec: Spec, value: np.ndarray) -> pd.DataFrame:
    """Table of runs whose outcomes are `value`, (replicate, combination)."""
    points = pd.DataFrame([dict(one) for one in combinations(spec)])
    n = len(points)
    table = pd.concat([points] * len(value), ignore_index=True)
    return table.assign(
        run=np.arange(len(table)), combination=np.tile(np.arange(n), len(value)),
        replicate=np.repeat(np.arange(len(value)), n), status="ok", y=value.ravel(),
    )  # fmt: skip


def spec_of(design: str, n_points: int, replicates: int, rng: Rng, **changes: object) -> Spec:
    """A sweep over two numbers and a choice of two, with another sample each time."""
    factors = (
        Factor(path="a", low=0, high=1),
        Factor(path="b", low=0, high=1),
        Factor(path="c", low=0, high=1, whole=True),
    )
    given = {"factors": factors, "outcomes": (Outcome(measure="y"),), "seed": int(rng.integers(2**31))}
    drawn = {"n_points": n_points} if n_points else {}
    return Spec(**given | {"design": design, "replicates": replicates} | drawn | changes)  # type: ignore[arg-type]


def mean_of_a_level(rng: Rng, *, design: str, replicates: int) -> bool:
    """Whether the mean where c is 0, over a, b and seeds, lies in its interval; where there is none nothing is said."""
    spec = spec_of(design, 16, replicates, rng)
    points = pd.DataFrame([dict(one) for one in combinations(spec)])
    seed_moves, seed_tilts = rng.normal(size=(2, replicates, 1))
    plane = 4 * points["a"].to_numpy() + 2 * points["b"].to_numpy() ** 2
    value = (
        plane + seed_moves + seed_tilts * (points["a"].to_numpy() - 0.5) + rng.normal(size=(replicates, len(points)))
    )
    found = effects.main_effects(runs_of(spec, value), spec, "y").set_index(["factor", "level"]).loc[("c", "0")]
    # The walks of Morris stand on thirds, where the mean of b squared is 7/18 and not 1/3.
    truth = 2 + 2 * (7 / 18 if design == "morris" else 1 / 3)
    return bool(np.isnan(found["low"]) or found["low"] <= truth <= found["high"])


def effects_of_noise(rng: Rng, *, design: str, n_points: int, replicates: int) -> bool:
    """Whether any effect is clear where nothing moves the outcome but the seeds."""
    levels = {
        "factors": (
            Factor(path="a", values=tuple(range(5))),
            Factor(path="b", values=(0.0, 0.5, 1.0)),
            Factor(path="c", values=("x", "y")),
        )
    }
    spec = spec_of(design, n_points, replicates, rng, **levels)
    value = rng.normal(size=(replicates, 1)) + rng.normal(size=(replicates, spec.n_combinations))
    found = effects.main_effects(runs_of(spec, value), spec, "y")
    return bool(((found["effect_low"] > 0) | (found["effect_high"] < 0)).any())


def regression_of_noise(rng: Rng, *, replicates: int) -> bool:
    """Whether any coefficient is clear where nothing moves the outcome but the seeds."""
    spec = spec_of("random", 40, replicates, rng)
    value = rng.normal(size=(replicates, 1)) + rng.normal(size=(replicates, 40))
    found = effects.regression(runs_of(spec, value), spec, "y")
    return bool(((found["low"] > 0) | (found["high"] < 0)).any())


def mean_of_counts(rng: Rng, *, n: int) -> bool:
    """Whether the mean of a difference that is 1 nine times in ten lies in its interval."""
    _, low, high = mean_interval((rng.random(n) < 0.9).astype(float), counts=True)
    return bool(low <= 0.9 <= high)


SIX = (
    "reward_gini_participant",
    "reward_hhi_participant",
    "honest_share",
    "users_value",
    "spend_tao",
    "reward_nakamoto_participant",
)


def comparison_of_equals(rng: Rng, *, n_seeds: int, until_clear: bool) -> bool:
    """Whether anything of six measures is called clear where the sides are alike, at the last seed or at any."""
    value = rng.normal(size=(n_seeds, 2, 6))
    value[:, :, 5] = rng.poisson(2.0, size=(n_seeds, 2))
    value[:, :, 4] = np.exp(2 * value[:, :, 4])  # spread over decades
    gained = value[:, 1] - value[:, 0]
    for n in range(2, n_seeds + 1) if until_clear else (n_seeds,):
        for number in range(6):
            _, low, high = mean_interval(gained[:n, number], 6, counts=number == 5, always_valid=True)
            if low > 0 or high < 0:
                return True
    return False


def table_of_equals(rng: Rng, *, n_seeds: int) -> bool:
    """The same, asked of the table that `compare` prints."""
    value = rng.normal(size=(2, n_seeds, 6))
    value[:, :, 5] = rng.poisson(2.0, size=(2, n_seeds))
    rows = pd.concat(
        [pd.DataFrame(value[side], columns=list(SIX)).assign(side=SIDES[side], seed=range(n_seeds)) for side in (0, 1)]
    )
    return bool(differences(rows, SIX)["clear"].any())


def advised_seeds(rng: Rng, *, effect: float) -> bool:
    """Whether a difference of so many standard deviations is clear at the number of seeds advised for it."""
    n = int(seeds_until_clear(effect, 1.0, 6))
    _, low, high = mean_interval(rng.normal(effect, 1.0, n), 6, always_valid=True)
    return bool(low > 0 or high < 0)


def ishigami(x: np.ndarray) -> np.ndarray:
    """Source: Ishigami and Homma (1990), with a = 7 and b = 0.1; x in [0, 1]."""
    x = (2 * x - 1) * np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def additive(x: np.ndarray) -> np.ndarray:
    """x1 + 2 x2, with x3 for nothing."""
    return x[:, 0] + 2 * x[:, 1]


CUBE = tuple(Factor(path=path, low=0, high=1) for path in ("x1", "x2", "x3"))
TOTALS = {ishigami: (0.5576, 0.4424, 0.2437), additive: (0.2, 0.8, 0.0)}


def total_indices(rng: Rng, *, function: Callable[[np.ndarray], np.ndarray], n_points: int) -> bool:
    """Whether a total Sobol index, drawn from the three, lies in its interval."""
    spec = spec_of(SOBOL, n_points, 1, rng, factors=CUBE)
    x = np.array([list(one.values()) for one in combinations(spec)])
    found = sensitivity.sobol(runs_of(spec, function(x)[np.newaxis]), spec, "y").table
    number = int(rng.integers(3))
    off = abs(found["total"][number] - TOTALS[function][number])
    return bool(off <= found["total_half_width"][number] + 1e-9)


def size_of_elementary_effects(rng: Rng, *, n_points: int) -> bool:
    """Whether the mean size of elementary effects of x2 x3, with whole x2, lies in its interval for x3."""
    factors = (CUBE[0], Factor(path="x2", low=0, high=3, whole=True), CUBE[2])
    spec = spec_of("morris", n_points, 1, rng, factors=factors)
    x = np.array([list(one.values()) for one in combinations(spec)])
    found = sensitivity.morris(runs_of(spec, (x[:, 1] * x[:, 2])[np.newaxis]), spec, "y").table.set_index("factor")
    row = found.loc["x3"]
    return not abs(row["mu_star"] - 1.5) > row["mu_star_half_width"] + 1e-9


def box_of_an_inert_factor(rng: Rng, *, design: str) -> bool:
    """Whether scenario discovery limits a factor that does nothing."""
    spec = spec_of(design, 200 if design == "random" else 64, 1, rng, factors=CUBE)
    x = np.array([list(one.values()) for one in combinations(spec)])
    value = (x[:, 0] > 0.7).astype(float) + 0.3 * rng.normal(size=len(x))
    found = discovery.discover(runs_of(spec, value[np.newaxis]), spec, "y", 0.5, above=True)
    return "x2" in found.box.limits or "x3" in found.box.limits


def lines() -> Iterator[Line]:
    """All lines of the table."""
    for design in ("random", "latin_hypercube", "sobol", "morris"):
        for n in (1, 2, 5, 10):
            play = partial(mean_of_a_level, design=design, replicates=n)
            setting = f"{design}, {n} replicates" if n > 1 else f"{design}, 1 replicate, which has no interval"
            yield Line("mean of a level", setting, OF_TRUTH, play)
    for design, n_points in (("grid", 0), ("random", 40), ("latin_hypercube", 40)):
        for n in (2, 5, 10):
            play = partial(effects_of_noise, design=design, n_points=n_points, replicates=n)
            yield Line("any effect of noise", f"{design}, {n} replicates", OF_NOTHING, play)
    for n in (2, 5):
        yield Line(
            "any coefficient of noise", f"{n} replicates", OF_NOTHING, partial(regression_of_noise, replicates=n)
        )
    for n in (2, 4, 8, 20, 40):
        yield Line("mean of counts", f"1 nine times in ten, {n} seeds", OF_TRUTH, partial(mean_of_counts, n=n))
    for n in (4, 8, 20):
        play = partial(comparison_of_equals, n_seeds=n, until_clear=False)
        yield Line("comparison of equals", f"6 measures, {n} seeds", OF_NOTHING, play)
    for n in (8, 32):
        play = partial(comparison_of_equals, n_seeds=n, until_clear=True)
        yield Line("comparison of equals", f"6 measures, looking from 2 to {n} seeds", OF_NOTHING, play)
    yield Line("table of compare", "equal sides, 6 measures, 8 seeds", OF_NOTHING, partial(table_of_equals, n_seeds=8))
    for effect in (0.3, 1.0, 3.0):
        play = partial(advised_seeds, effect=effect)
        yield Line("advised seeds", f"6 measures, difference of {effect:g} sd", AT_LEAST, play)
    for function in TOTALS:
        for n in (64, 256):
            play = partial(total_indices, function=function, n_points=n)
            yield Line("total Sobol index", f"{function.__name__}, {n} points", OF_TRUTH, play)
    for n in (4, 10, 30):
        setting = f"morris, {n} walks" if n > 4 else f"morris, {n} walks, which have no interval"
        yield Line("size of effects", setting, OF_TRUTH, partial(size_of_elementary_effects, n_points=n))
    for design in ("random", "sobol"):
        yield Line("limit of an inert factor", design, OF_NOTHING, partial(box_of_an_inert_factor, design=design))


def main(n: int) -> None:
    """Print the table."""
    print("| what | setting | says | simulated |")
    print("|---|---|---|---:|")
    said = {OF_TRUTH: "95 % or more", OF_NOTHING: "5 % or less", AT_LEAST: "80 % or more"}
    for line in lines():
        share = line.share(n)
        mark = "" if line.as_said(share, n) else " **no**"
        print(f"| {line.what} | {line.setting} | {said[line.kind]} | {100 * share:.1f} %{mark} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
