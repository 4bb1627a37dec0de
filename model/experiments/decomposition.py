"""Why rewards are concentrated: the change of a measure between two worlds, split into causes that add up exactly.

Each cause is a switch: on, the scenario's fields hold there; off, those of its reference, which is an equal world
(equal stakes and budgets, equal skill, no cartel, pay in proportion to score) or any other scenario. All combinations
of switches are run on the same seeds, and each cause gets its Shapley value: its effect averaged over all orders in
which the causes could have come. The parts add up to the difference between the two, whatever the interactions.

Source: Shapley (1953); Shorrocks, Journal of Economic Inequality 11 (2013), for decompositions of inequality.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from model.bounds import no_such
from model.economy import Economy
from model.experiments.intervals import ROUNDING_SHARE, mean_interval, settled
from model.experiments.many import HERE, How, play_jobs
from model.experiments.runs.run import last_epoch_of, run
from model.experiments.sweeps.store.endings import OK
from model.experiments.watch import Watch
from model.records.data_dictionary import Column, DataDictionary
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, to_tree, with_values
from model.world.population import of_strategy, seats_by_mix

CAUSE_FIELDS = {
    "initial_stake": (
        "validators.stake_alpha",
        "validators.stake_sd",
        "validators.root_stake_tao",
        "nominators",
        "validators.purse_tao",
        "cartel.stake_share",
        "miners.purse_tao",
        "miners.budget_tao",
    ),
    "skill": ("miners.skill_sd", "miners.cost_factor", "miners.productivity", "miners.unit_cost_tao"),
    "collusion": (
        "miners.mix",
        "miners.parameters",
        "validators.mix",
        "validators.parameters",
        "cartel.strategies",
        "cartel.self_weight",
        "cartel.merit_share",
        "cartel.vote_rule",
        "cartel.side_payment_share",
        "cartel.side_payment_rule",
    ),
    "rule": ("reward", "consensus", "emission", "owners", "chain"),
}
CAUSES = tuple(CAUSE_FIELDS)
NOT_COMPARED = ("name", "story", "seed")

DECOMPOSITION_DICTIONARY = DataDictionary(
    Column(name="measure", unit="name", meaning="column of the epochs table, in the last epoch"),
    Column(name="part", unit="name", meaning="reference, a cause's Shapley value, or the scenario: the sum of them"),
    Column(name="seeds", unit="count", meaning="seeds behind the row"),
    Column(name="mean", unit="as the measure", meaning="mean over seeds"),
    Column(name="low", unit="as the measure", meaning="lower end of the 95 % interval of the mean; empty for one seed"),
    Column(name="high", unit="as the measure", meaning="upper end of it"),
    keys={"summary": ("measure", "part"), "parts": ("measure", "part", "seed"), "runs": ("causes", "seed")},
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
        """Mean of each part over seeds; `DECOMPOSITION_DICTIONARY` explains the columns.

        The 95 % intervals hold for all causes and measures together.
        """
        n_judged = len(CAUSES) * self.parts["measure"].nunique()
        rows = []
        for (measure, part), of_part in self.parts.groupby(["measure", "part"], sort=False):
            mean, low, high = mean_interval(settled(of_part["value"].to_numpy()), n_judged)
            rows.append(
                {"measure": measure, "part": part, "seeds": len(of_part), "mean": mean, "low": low, "high": high}
            )
        return pd.DataFrame(rows)


def egalitarian(scenario: Scenario) -> Scenario:
    """The same world without a cause of concentration.

    Stakes are equal, a cartel's among them, and miners' budgets at their mean; skill and costs are equal; colluding
    miners and validators play honest; pay is in proportion to score.
    """
    values = _equal_start(scenario) | _equal_skill(scenario) | _without_cartel(scenario) | _reference_rule(scenario)
    return with_values(scenario, values)


def switched(scenario: Scenario, reference: Scenario, causes: Sequence[str]) -> Scenario:
    """Scenario with the fields of these causes as they are in the reference; `CAUSE_FIELDS` names them.

    Raises
    ------
    ValueError
        If a cause is not one of `CAUSES`, or the mixture breaks a rule of scenarios.
    """
    tree, values = to_tree(reference), {}
    for cause in causes:
        if cause not in CAUSE_FIELDS:
            raise ValueError(no_such("cause", cause, CAUSES))
        for path in CAUSE_FIELDS[cause]:
            value = tree
            for name in path.split("."):
                value = value[name]
            values[path] = value
    return with_values(scenario, values)


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
    measures: Sequence[str] = ("reward_gini_participant", "reward_hhi_participant"),
    reference: Scenario | None = None,
    how: How = HERE,
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
    reference : Scenario, optional
        The world to compare it with, which may differ in the fields of the causes only; `egalitarian` when not given.
    how : How
        In which way the runs are played; the result does not depend on it.

    Raises
    ------
    ValueError
        If there is no seed, the reference differs elsewhere, a measure is not recorded, or no seed was played whole.
    """
    if not seeds:
        raise ValueError("seeds must name at least one seed, is empty")
    check_measures(scenario, measures)
    other = egalitarian(scenario) if reference is None else reference
    _check_reference(scenario, other)
    subsets = [frozenset(chosen) for size in range(len(CAUSES) + 1) for chosen in combinations(CAUSES, size)]
    world = {at_work: switched(scenario, other, [c for c in CAUSES if c not in at_work]) for at_work in subsets}
    outcome = _outcomes(list(dict.fromkeys(world.values())), seeds, how)
    rows = [
        {"causes": "+".join(c for c in CAUSES if c in at_work), "seed": seed, **outcome[world[at_work], seed]}
        for seed in seeds
        for at_work in subsets
    ]
    runs = pd.DataFrame(rows)
    whole = [seed for seed in seeds if all(outcome[one, seed]["status"] == OK for one in world.values())]
    if not whole:
        first = runs[runs["status"] != OK].iloc[0]
        where = f"{first['causes'] or 'reference'}, seed {first['seed']}"
        raise ValueError(f"every seed has a run that failed; the first: {where}: {first['error']}")
    return Decomposition(runs=runs, parts=_parts(runs[runs["seed"].isin(whole)], subsets, whole, measures))


def check_measures(scenario: Scenario, measures: Sequence[str]) -> None:
    """Pass if all measures are columns of the epochs table of `scenario`; one epoch shows what is recorded.

    Raises
    ------
    ValueError
        If one is not; asked before the runs, not after them.
    """
    economy = Economy(scenario)
    economy.step()
    recorded = [str(name) for name in economy.records.epochs.frame().columns[1:]]
    for measure in measures:
        if measure not in recorded:
            raise ValueError(no_such("measure", measure, recorded, " in the epochs table"))


def _check_reference(scenario: Scenario, reference: Scenario) -> None:
    left, right = to_tree(switched(scenario, reference, CAUSES)), to_tree(reference)
    for section, value in left.items():
        if value == right[section] or section in NOT_COMPARED:
            continue
        names = [name for name in value if value[name] != right[section][name]] if isinstance(value, dict) else []
        where = f"{section}.{names[0]}" if names else section
        raise ValueError(f"the reference may differ in {', '.join(CAUSES)} only, differs in {where}")


def _outcomes(worlds: Sequence[Scenario], seeds: Sequence[int], how: How) -> dict[tuple[Scenario, int], dict[str, Any]]:
    """Row of every world under every seed: how the run ended, and the last row of its epochs table."""
    jobs = [(world, seed) for seed, world in product(seeds, worlds)]
    asked = repr([(digest(world), seed) for world, seed in jobs])
    found = play_jobs("decompose", _last_row, jobs, asked, how)
    return {
        job: {"status": done.status, "error": done.error} | (done.answer or {})
        for job, done in zip(jobs, found, strict=True)
    }


def _last_row(job: tuple[Scenario, int], watch: Watch) -> dict[str, Any]:
    world, seed = job
    row = last_epoch_of(run(world, seed, watch=watch))
    return {name: number for name, number in row.items() if name != "epoch"}


def _parts(
    runs: pd.DataFrame, subsets: Sequence[frozenset[str]], seeds: Sequence[int], measures: Sequence[str]
) -> pd.DataFrame:
    rows = []
    for measure in measures:
        for number, seed in enumerate(seeds):
            block = runs[measure].to_numpy()[number * len(subsets) : (number + 1) * len(subsets)]
            worth = dict(zip(subsets, block.tolist(), strict=True))
            rounding = ROUNDING_SHARE * float(np.abs(block).max())
            parts = {
                "reference": worth[frozenset()],
                **{cause: 0.0 if abs(part) <= rounding else part for cause, part in shapley(worth, CAUSES).items()},
                "scenario": worth[frozenset(CAUSES)],
            }
            rows += [
                {"measure": measure, "seed": seed, "part": part, "value": number_of}
                for part, number_of in parts.items()
            ]
    return pd.DataFrame(rows)


def _equal_start(scenario: Scenario) -> dict[str, Any]:
    budget, n_validators = scenario.miners.budget_tao, scenario.subnets.n_validators
    plays = seats_by_mix(scenario.validators.mix, n_validators)
    n_inside = np.count_nonzero(of_strategy(plays, *scenario.cartel.strategies))
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
        inside = of_strategy(mix, *scenario.cartel.strategies)
        if inside.any():
            members = {name for name, member in zip(mix, inside, strict=True) if member}
            honest = math.fsum(mix.pop(name) for name in {*members, "honest"} & mix.keys())
            values |= {f"{section}.mix": mix | {"honest": honest}, "cartel.strategies": ()}
    return values


def _reference_rule(scenario: Scenario) -> dict[str, Any]:
    pay, parameters = scenario.reward.pay, scenario.reward.pay_parameters
    if pay == "proportional" and parameters.get("decisiveness", 1.0) == 1.0:
        return {}
    return {"reward.pay": "proportional", "reward.pay_parameters": {}}
