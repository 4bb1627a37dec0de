"""Why rewards are concentrated: a measure's distance from an equal world, split into causes that add up exactly.

Each cause is a switch. Off, the scenario has its egalitarian reference there: equal stakes and budgets, equal skill,
no cartel, a reference rule of pay. All combinations of switches are run on the same seeds, and each cause gets its
Shapley value: its effect averaged over all orders in which the causes could have come. The parts add up to the
difference between the scenario and its reference, whatever the interactions.

Source: Shapley (1953); Shorrocks, Journal of Economic Inequality 11 (2013), for decompositions of inequality.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from model.data_dictionary import Column, DataDictionary
from model.experiments.sweep import OK, Point, run_all
from model.population import seats_by_mix
from model.scenario import Scenario
from model.scenario_file import with_values

CAUSES = ("initial_stake", "skill", "collusion", "rule")
REFERENCE_RULE = {"reward.pay": "proportional", "reward.pay_parameters": {"decisiveness": 1.0}}
CONFIDENCE_SHARE = 0.95

DECOMPOSITION_DICTIONARY = DataDictionary(
    Column(name="measure", unit="name", meaning="column of the epochs table, in the last epoch"),
    Column(name="part", unit="name", meaning="reference, a cause's Shapley value, or the scenario: the sum of them"),
    Column(name="seeds", unit="count", meaning="seeds behind the row"),
    Column(name="mean", unit="as the measure", meaning="mean over seeds"),
    Column(name="low", unit="as the measure", meaning="lower end of the 95 % interval of the mean; empty for one seed"),
    Column(name="high", unit="as the measure", meaning="upper end of it"),
)


@dataclass(frozen=True, slots=True)
class Decomposition:
    """What the switched runs measured, and each cause's part by seed.

    runs : one row per combination of causes and seed, with the epochs table's last row
    parts : measure, seed, part, value; for each measure and seed the causes and `reference` sum to `scenario`
    """

    runs: pd.DataFrame
    parts: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """Mean and 95 % interval of each part over seeds; `DECOMPOSITION_DICTIONARY` explains the columns."""
        rows = []
        for (measure, part), of_part in self.parts.groupby(["measure", "part"], sort=False):
            mean, low, high = mean_interval(of_part["value"].to_numpy())
            rows.append(
                {"measure": measure, "part": part, "seeds": len(of_part), "mean": mean, "low": low, "high": high}
            )
        return pd.DataFrame(rows)


def switched_off(scenario: Scenario, causes: Sequence[str]) -> Scenario:
    """Scenario with these causes at their egalitarian reference.

    initial_stake : validators' stakes equal, a cartel's among them, and miners' budgets at their mean
    skill : productivities and costs equal
    collusion : colluding miners and validators play honest
    rule : pay in proportion to score

    Raises
    ------
    ValueError
        If a cause is not one of `CAUSES`.
    """
    values: dict[str, Any] = {}
    for cause in causes:
        if cause not in _REFERENCE:
            raise ValueError(f"no cause {cause!r}; there are {', '.join(CAUSES)}")
        values |= _REFERENCE[cause](scenario)
    return with_values(scenario, values) if values else scenario


def shapley(worth: Mapping[frozenset[str], float], causes: Sequence[str]) -> dict[str, float]:
    """Shapley value of each cause; they sum to the worth of all causes less that of none.

    Parameters
    ----------
    worth : mapping from sets of causes to numbers
        The measure when exactly these causes are at work, for every subset.
    """
    n = len(causes)
    value = {}
    for cause in causes:
        others = [other for other in causes if other != cause]
        terms = []
        for size in range(n):
            orders = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                terms.append(orders * (worth[before | {cause}] - worth[before]))
        value[cause] = math.fsum(terms)
    return value


def decompose(
    scenario: Scenario,
    seeds: Sequence[int],
    measures: Sequence[str] = ("reward_gini_owner", "reward_hhi_owner"),
    n_workers: int = 1,
) -> Decomposition:
    """Decomposition of measures of the last epoch, over the given seeds.

    Sixteen runs a seed, fewer where a cause is absent from the scenario.

    Parameters
    ----------
    scenario : Scenario
        The world to explain.
    seeds : sequence of int
        At least one; two or more for an interval.
    measures : sequence of str
        Columns of the epochs table.
    n_workers : int
        Processes that share the runs; the result does not depend on it.

    Raises
    ------
    ValueError
        If there is no seed, a run failed, or a measure is not recorded.
    """
    if not seeds:
        raise ValueError("seeds must name at least one seed, is empty")
    subsets = [frozenset(chosen) for size in range(len(CAUSES) + 1) for chosen in combinations(CAUSES, size)]
    world = {at_work: switched_off(scenario, [c for c in CAUSES if c not in at_work]) for at_work in subsets}
    distinct = list(dict.fromkeys(world.values()))
    points = [
        Point(number=seed_number * len(distinct) + place, combination=place, seed=seed, values={}, base=base)
        for seed_number, seed in enumerate(seeds)
        for place, base in enumerate(distinct)
    ]
    outcome = {(row["combination"], row["seed"]): row for row in run_all(points, n_workers)}
    for row in outcome.values():
        if row["status"] != OK:
            raise ValueError(f"a run of the decomposition failed: {row['error']}")
    place_of = {base: place for place, base in enumerate(distinct)}
    rows = [
        {"causes": "+".join(c for c in CAUSES if c in at_work), **outcome[place_of[world[at_work]], seed]}
        for seed in seeds
        for at_work in subsets
    ]
    runs = pd.DataFrame(rows).drop(columns=["run", "combination", "status", "error"])
    return Decomposition(runs=runs, parts=_parts(runs, subsets, seeds, measures))


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of values and the ends of its 95 % interval by Student's t; NaN for those of a single value."""
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return mean, math.nan, math.nan
    half = float(stdtrit(n - 1, (1 + CONFIDENCE_SHARE) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return mean, mean - half, mean + half


def _parts(
    runs: pd.DataFrame, subsets: Sequence[frozenset[str]], seeds: Sequence[int], measures: Sequence[str]
) -> pd.DataFrame:
    rows = []
    for measure in measures:
        if measure not in runs:
            raise ValueError(f"no measure {measure!r} in the epochs table; there are {', '.join(runs.columns[2:])}")
        for number, seed in enumerate(seeds):
            block = runs[measure].to_numpy()[number * len(subsets) : (number + 1) * len(subsets)]
            worth = dict(zip(subsets, block.tolist(), strict=True))
            parts = {"reference": worth[frozenset()], **shapley(worth, CAUSES), "scenario": worth[frozenset(CAUSES)]}
            rows += [
                {"measure": measure, "seed": seed, "part": part, "value": number_of}
                for part, number_of in parts.items()
            ]
    return pd.DataFrame(rows)


def _equal_start(scenario: Scenario) -> dict[str, Any]:
    budget, n_validators = scenario.miners.budget_tao, scenario.subnets.n_validators
    n_inside = np.count_nonzero(seats_by_mix(scenario.validators.mix, n_validators) == "colluding")
    values: dict[str, Any] = {"validators.stake_sd": 0.0}
    if n_inside:
        values["cartel.stake_share"] = n_inside / n_validators
    if isinstance(budget, tuple):
        values["miners.budget_tao"] = math.fsum(budget) / len(budget)
    return values


def _equal_skill(scenario: Scenario) -> dict[str, Any]:
    factor = scenario.miners.cost_factor
    mean = math.fsum(factor) / len(factor) if isinstance(factor, tuple) else factor
    return {"miners.skill_sd": 0.0, "miners.cost_factor": mean}


def _without_cartel(scenario: Scenario) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for section in ("miners", "validators"):
        mix = dict(getattr(scenario, section).mix)
        if "colluding" in mix:
            honest = {"honest": mix.get("honest", 0.0) + mix.pop("colluding")}
            values[f"{section}.mix"] = mix | honest
    return values


def _reference_rule(scenario: Scenario) -> dict[str, Any]:
    pay, parameters = scenario.reward.pay, dict(scenario.reward.pay_parameters)
    return {} if pay == "proportional" and parameters.get("decisiveness", 1.0) == 1.0 else dict(REFERENCE_RULE)


_REFERENCE = {
    "initial_stake": _equal_start,
    "skill": _equal_skill,
    "collusion": _without_cartel,
    "rule": _reference_rule,
}
