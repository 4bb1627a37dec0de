"""The verification battery: experiments of known outcome on the running economy, each with a placebo that must fail."""

import hashlib
import json
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.epoch import pay
from model.experiments.battery.outcomes import measure
from model.experiments.battery.spec import ECONOMY, Arm, Experiment, Root
from model.experiments.guarantee.contours import contour, lines
from model.experiments.guarantee.guarantee import Conditions
from model.experiments.many import HERE, How, play_jobs
from model.experiments.runs.run import run
from model.experiments.watch import UNWATCHED, Watch
from model.records.data_dictionary import Column, DataDictionary
from model.records.provenance import Manifest
from model.scenario import scenario_file
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario import Scenario, each

POTS = "pots_tao"  # the setting that sets prices by what the miners' pots are worth
LARGEST_Z = 3.5
FAILS, PASSES, NOT_RUN = "fails", "PASSES", "not run"  # what a placebo did
PLACEBO_SEEDS = 3  # a broken variant misses by far more than its spread
Measured = dict[str, tuple[float, ...]]
ByArm = dict[tuple[str, str, bool], list[Measured]]  # of all seeds, by experiment, arm and whether it is a placebo's


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run, or one search, of an arm of an experiment with one seed."""

    experiment: Experiment
    arm: Arm
    seed: int
    placebo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a task measured, by outcome, and what it took; nothing if it failed, for the reason in `error`."""

    measured: Measured
    seconds: float
    error: str = ""


def tasks(experiments: Iterable[Experiment], n_seeds: int = 0) -> list[Task]:
    """All runs of the experiments; `n_seeds` of each arm, or as many as the experiment says when 0."""
    found = []
    for one in experiments:
        n_runs = n_seeds or one.seeds
        found += [
            Task(experiment=one, arm=arm, seed=seed, placebo=False) for arm in one.arms for seed in range(1, n_runs + 1)
        ]
        found += [
            Task(experiment=one, arm=arm, seed=seed, placebo=True)
            for arm in one.placebo_arms()
            for seed in range(1, min(n_runs, PLACEBO_SEEDS) + 1)
        ]
    return found


def run_all(wanted: list[Task], how: How = HERE) -> list[Result]:
    """Result of every task, in their order; the same in whatever way they are played."""
    asked = json.dumps(
        [[asdict(one.experiment), one.arm.name, one.seed, one.placebo] for one in wanted], default=_for_json
    )
    return [
        Result(measured={name: tuple(held) for name, held in done.answer[0].items()}, seconds=done.answer[1])
        if done.ok
        else Result(measured={}, seconds=0.0, error=done.error)
        for done in play_jobs("battery", _answer, wanted, asked, how)
    ]


def _answer(task: Task, watch: Watch) -> tuple[Measured, float]:
    found = run_task(task, watch)
    return found.measured, found.seconds


def run_task(task: Task, watch: Watch = UNWATCHED) -> Result:
    """What the task measures.

    Raises
    ------
    ValueError
        If a setting breaks a rule; the sentence names experiment and arm.
    """
    start = time.process_time()
    settings = task.experiment.settings_of(task.arm, placebo=task.placebo)
    try:
        if task.experiment.measured_on == ECONOMY:
            measured = _on_economy(task, settings, watch)
        else:
            measured = _on_guarantee(task, settings)
    except ValueError as error:
        raise ValueError(f"experiment {task.experiment.name}, arm {task.arm.name!r}: {error}") from error
    return Result(measured=measured, seconds=time.process_time() - start)


def _on_economy(task: Task, settings: Mapping[str, Any], watch: Watch) -> Measured:
    base, last = scenario_file.find(task.experiment.scenario), task.experiment.average_epochs
    if task.arm.root:
        root = task.arm.root[0]
        return {"root": (_crossing(base, settings, root, task.seed, last, watch),)}
    economy = run(scenario_with(base, settings), task.seed, watch=watch)
    return {outcome: measure(economy, outcome, last) for outcome in task.arm.expected}


def scenario_with(base: Scenario, settings: Mapping[str, Any]) -> Scenario:
    """Scenario with these settings; `pots_tao` becomes the prices at which the miners' pots have that worth."""
    rest = {path: value for path, value in settings.items() if path != POTS}
    if POTS not in settings:
        return scenario_file.with_values(base, rest)
    wanted = settings[POTS]
    pots = [wanted] if isinstance(wanted, int | float) else wanted
    at_one = scenario_file.with_values(base, rest | {"market.price_tao_per_alpha": 1.0})
    economy = Economy(at_one)
    pot_alpha = pay.expected_miner_pot_alpha(economy.state, economy.rules)
    pot_tao = each(tuple(float(pot) for pot in pots) if len(pots) > 1 else float(pots[0]), at_one.subnets.count)
    if len(pot_tao) != len(pot_alpha):
        raise ValueError(f"{POTS} must be one number or one per subnet ({len(pot_alpha)}), has {len(pot_tao)}")
    price = [pot / alpha for pot, alpha in zip(pot_tao, pot_alpha.tolist(), strict=True)]
    return scenario_file.with_values(base, rest | {"market.price_tao_per_alpha": price})


def _crossing(base: Scenario, settings: Mapping[str, Any], root: Root, seed: int, last: int, watch: Watch) -> float:
    """Setting at which the outcome crosses its target, by bisection over whole runs; NaN if it never does."""

    def above(value: float) -> bool:
        economy = run(scenario_with(base, {**settings, root.path: value}), seed, watch=watch)
        return measure(economy, root.outcome, last)[0] > root.target

    low, high = root.low, root.high
    low_above = above(low)
    if low_above == above(high):
        return math.nan
    while high - low > root.precision:
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) == low_above else (low, middle)
    return (low + high) / 2


def _on_guarantee(task: Task, settings: Mapping[str, Any]) -> Measured:
    """Honest utility that the consensus kernel asks for, and the cabal's vote that asks for most."""
    given = dict(settings)
    stake_share = given.pop("honest_stake_share", 0.6)
    conditions = scenario_file.with_values(Conditions(), given)
    line = replace(lines(conditions, 1, (stake_share,))[0], seed=task.seed)
    found = contour(line)
    measured = {
        "required_honest_weight_share": (found.worst,),
        "worst_cabal_weight_share": (found.worst_cabal_weight_share,),
    }
    return {outcome: measured[outcome] for outcome in task.arm.expected}


def table(wanted: Sequence[Task], found: Sequence[Result]) -> pd.DataFrame:
    """One row for each known answer: theory, what was measured, and the verdict on it and on its placebo."""
    measured: ByArm = {}
    for task, result in zip(wanted, found, strict=True):
        measured.setdefault((task.experiment.name, task.arm.name, task.placebo), []).append(result.measured)
    experiments = {task.experiment.name: task.experiment for task in wanted}
    return pd.DataFrame(
        [row for one in experiments.values() for arm in one.arms for row in _arm_rows(one, arm, measured)]
    )


def _arm_rows(experiment: Experiment, arm: Arm, measured: ByArm) -> list[dict[str, Any]]:
    real = _judged(experiment, arm, measured[experiment.name, arm.name, False])
    broken = measured.get((experiment.name, arm.name, True))
    if broken is None:
        verdict = NOT_RUN
    else:
        verdict = PASSES if all(row["met"] for row in _judged(experiment, arm, broken)) else FAILS
    lead = {"experiment": experiment.name, "arm": arm.name}
    return [lead | row | {"placebo": verdict} for row in real]


def _judged(experiment: Experiment, arm: Arm, runs: list[Measured]) -> list[dict[str, Any]]:
    rows = []
    for outcome, answer in arm.expected.items():
        theory = answer if isinstance(answer, tuple) else (answer,)
        # Runs that failed, or whose outcome has another number of entries than the answer, can't meet it.
        fits = all(len(one.get(outcome, ())) == len(theory) for one in runs)
        for entry, known in enumerate(theory):
            value = np.array([one[outcome][entry] if fits else np.nan for one in runs])
            name = outcome if len(theory) == 1 else f"{outcome}[{entry}]"
            rows.append({"outcome": name, "theory": known} | _judge(experiment, arm, known, value))
    return rows


def _judge(experiment: Experiment, arm: Arm, theory: float, value: np.ndarray) -> dict[str, Any]:
    mean = float(value.mean())
    sd = float(value.std(ddof=1)) if len(value) > 1 else math.nan
    spread = sd / math.sqrt(len(value))
    z = (mean - theory) / spread if experiment.noisy and spread > 0 else math.nan
    tolerance = experiment.tolerance_of(arm, theory)
    near = bool(abs(mean - theory) < tolerance)
    unbiased = math.isnan(z) or abs(z) < LARGEST_Z
    return {
        "mean": mean,
        "sd": sd,
        "seeds": len(value),
        "z": z,
        "tolerance": tolerance,
        "met": near and unbiased,
    }


def passed(verdicts: pd.DataFrame) -> bool:
    """Whether every answer is met and every placebo fails."""
    return bool(verdicts["met"].all() and (verdicts["placebo"] != PASSES).all())


def seconds_table(wanted: Sequence[Task], found: Sequence[Result]) -> pd.DataFrame:
    """One row for each experiment: its runs, placebos included, and the processor time that they took."""
    rows = [
        {"experiment": task.experiment.name, "runs": 1, "seconds": one.seconds}
        for task, one in zip(wanted, found, strict=True)
    ]
    return pd.DataFrame(rows).groupby("experiment", sort=False, as_index=False).sum()


def manifest_of(experiments: Iterable[Experiment], n_seeds: int, command: str) -> Manifest:
    """What it takes to compute the tables again."""
    specs = [asdict(one) for one in experiments]
    text = json.dumps({"experiments": specs, "seeds": n_seeds}, sort_keys=True, default=_for_json)
    return Manifest(
        scenario_name="battery",
        scenario_digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        seed=1,
        epochs=1,
        command=command,
    )


def _for_json(value: object) -> Any:
    return dict(value) if isinstance(value, FrozenMap) else repr(value)


def default_workers() -> int:
    """Processes to use: one for each core, up to two."""
    return min(os.cpu_count() or 1, 2)


DICTIONARY = DataDictionary(
    Column(name="experiment", unit="name", meaning="experiment of the battery, a file in data/battery"),
    Column(name="arm", unit="name", meaning="setting of the experiment"),
    Column(name="outcome", unit="name", meaning="what is measured, with the number of the entry where there are more"),
    Column(name="theory", unit="as the outcome", meaning="answer known beforehand"),
    Column(name="mean", unit="as the outcome", meaning="mean over seeds of what was measured; empty if never defined"),
    Column(name="sd", unit="as the outcome", meaning="sample standard deviation over seeds; empty for one seed"),
    Column(name="seeds", unit="count", meaning="runs behind the mean"),
    Column(name="z", unit="standard errors", meaning="mean minus theory; empty where chance plays no part"),
    Column(name="tolerance", unit="as the outcome", meaning="largest error of the mean that counts as met"),
    Column(name="met", unit="true or false", meaning="whether the mean is near enough, and where asked within 3.5 z"),
    Column(
        name="placebo",
        unit="name",
        meaning="whether the deliberately broken variant of the arm fails, as it must: fails, PASSES or not run",
    ),
    keys={"battery": ("experiment", "arm", "outcome")},
)
