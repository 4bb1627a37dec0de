"""What a claim is tested by: cases that run the economy with many seeds, and findings that say whether it holds there.

A claim says in which interval a quantity should lie. It holds in a case if the 95 % interval of the mean over seeds
lies inside, fails if it lies outside, and is undecided if it lies across the border. The closed form stands beside.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.experiments.battery.battery import scenario_with
from model.experiments.battery.outcomes import measure
from model.experiments.intervals import ROUNDING_SHARE, mean_interval, settled
from model.experiments.many import HERE, How, play_jobs
from model.experiments.runs.run import run
from model.experiments.watch import Watch
from model.records.data_dictionary import Column
from model.scenario import scenario_file
from model.scenario.interventions import Intervention

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"
DEFAULT_SEEDS = range(1, 6)

# One contest for a pot of stated worth in which nothing but the miners' play moves the outcome.
TEXTBOOK: dict[str, Any] = {
    "capabilities": ["speed"],
    "subnets.count": 1,
    "subnets.n_validators": 1,
    "market.tao_reserve_tao": 0.0,
    "reward.measurement_noise": 0.0,
    "reward.capability_weight": {"speed": 1.0},
    "value.capability_weight": {"speed": 1.0},
    "miners.unit_cost_tao": {"speed": 1.0},
    "miners.productivity": {"speed": 1.0},
    "miners.skill_sd": 0.0,
    "miners.purse_tao": 2000.0,
    "miners.mix": {"best_response": 1.0},
    "validators.mix": {"honest": 1.0},
}

Of = Callable[[Economy], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity that a case measures.

    of : number of an economy that has been played; a module's own function, so that other processes find it
    theory : answer of the closed form; NaN where there is none
    claimed : interval in which the quantity lies if the claim is right
    position : place of the quantity on the study's axis; NaN where the case has the place, or none
    """

    quantity: str
    unit: str
    of: Of
    theory: float
    claimed: tuple[float, float]
    position: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One setting of a study, run with every seed.

    claim : its letter
    study, setting : what the study varies, and what stands here
    position : place of the setting on the study's axis; NaN where it has none
    settings : fields of the scenario `base` by dotted path; `pots_tao` sets what the miners' pots are worth
    """

    claim: str
    study: str
    setting: str
    settings: Mapping[str, Any]
    measures: tuple[Measure, ...]
    position: float = math.nan
    base: str = "speed-or-quality"
    interventions: tuple[Intervention, ...] = ()


def outcome(name: str, entry: int = 0, last: int = 1) -> Of:
    """One number of an outcome of the battery, averaged over the last epochs."""
    return partial(_outcome, name=name, entry=entry, last=last)


def _outcome(economy: Economy, name: str, entry: int, last: int) -> float:
    return measure(economy, name, last)[entry]


def play(cases: Sequence[Case], seeds: Iterable[int], how: How = HERE) -> pd.DataFrame:
    """Findings of the cases, one row for each case and quantity; `FINDING_COLUMNS` explains the columns.

    Runs that fail are left out; a case without two others is undecided.

    Parameters
    ----------
    seeds : iterable of int
        Two or more, for an interval.
    how : How
        In which way the runs are played.

    Raises
    ------
    ValueError
        If there are fewer than two seeds, or all runs of a case fail; the sentence names it.
    """
    chosen = tuple(seeds)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds must be two or more different numbers, are {list(chosen)}")
    tasks = [(case, seed) for case in cases for seed in chosen]
    asked = repr([(one.claim, one.study, one.setting, one.base, one.settings, one.interventions) for one in cases])
    values: dict[int, list[tuple[float, ...]]] = {id(case): [] for case in cases}
    errors: dict[int, str] = {}
    for (case, _), done in zip(tasks, play_jobs("claims", _measure, tasks, f"{asked} {chosen}", how), strict=True):
        if done.ok:
            values[id(case)].append(done.answer)
        else:
            errors.setdefault(id(case), done.error)
    for case in cases:
        if not values[id(case)]:
            raise ValueError(errors[id(case)])
    rows = [
        finding(case.claim, case.study, case.setting, one, np.array(values[id(case)])[:, entry], case.position)
        for case in cases
        for entry, one in enumerate(case.measures)
    ]
    return pd.DataFrame(rows, columns=[column.name for column in FINDING_COLUMNS])


def _measure(task: tuple[Case, int], watch: Watch) -> tuple[float, ...]:
    case, seed = task
    try:
        scenario = scenario_with(scenario_file.find(case.base), case.settings)
        economy = run(scenario, seed, case.interventions, watch=watch)
        return tuple(float(one.of(economy)) for one in case.measures)
    except ValueError as error:
        raise ValueError(f"claim {case.claim}, {case.study}, {case.setting}: {error}") from error


def finding(
    claim: str, study: str, setting: str, what: Measure, value: np.ndarray, position: float = math.nan
) -> dict[str, Any]:
    """Row of a quantity measured once for each seed; where all agree, or facts alone decide, it has no error."""
    value = settled(value)
    mean, low, high = mean_interval(value)
    if np.ptp(value) == 0:
        low = high = mean
    return {
        "claim": claim,
        "study": study,
        "setting": setting,
        "position": position if math.isnan(what.position) else what.position,
        "quantity": what.quantity,
        "unit": what.unit,
        "theory": what.theory,
        "mean": mean,
        "sd": float(np.std(value, ddof=1)) if len(value) > 1 else math.nan,
        "seeds": len(value),
        "low": low,
        "high": high,
        "claimed_low": _bound(what.claimed[0]),
        "claimed_high": _bound(what.claimed[1]),
        "verdict": verdict(low, high, what.claimed),
    }


def reckoned(claim: str, study: str, setting: str, what: tuple[str, str, float], claimed: tuple[float, float]
             ) -> dict[str, Any]:  # fmt: skip
    """Row of a quantity (name, unit, value) that follows from facts without any run; it has no seeds."""
    quantity, unit, value = what
    known = Measure(quantity=quantity, unit=unit, of=_nothing, theory=value, claimed=claimed)
    return finding(claim, study, setting, known, np.array([value])) | {"seeds": 0}


def _nothing(economy: Economy) -> float:
    return math.nan


def verdict(low: float, high: float, claimed: tuple[float, float]) -> str:
    """Whether a claim holds where the quantity lies between `low` and `high`."""
    # A number this near to a border lies on it.
    slack = ROUNDING_SHARE * max(1.0, abs(low), abs(high))
    if claimed[0] - slack <= low and high <= claimed[1] + slack:
        return HOLDS
    return FAILS if high < claimed[0] or low > claimed[1] else UNDECIDED


def _bound(value: float) -> float:
    return value if math.isfinite(value) else math.nan


_MEANING = {
    "claim": ("name", "letter of the claim"),
    "study": ("name", "what is varied"),
    "setting": ("name", "what stands here"),
    "position": ("as the study", "place of the setting on the study's axis; empty if none"),
    "quantity": ("name", "what is measured"),
    "unit": ("name", "unit of the row's numbers"),
    "theory": ("as said in the row", "answer of the closed form; empty where there is none"),
    "mean": ("as said in the row", "mean over seeds"),
    "sd": ("as said in the row", "sample standard deviation over seeds; empty for one value"),
    "seeds": ("count", "runs behind the mean; 0 for facts alone"),
    "low": ("as said in the row", "lower end of the mean's 95 % interval by Student's t"),
    "high": ("as said in the row", "upper end of the interval"),
    "claimed_low": ("as said in the row", "least value if the claim is right; empty: none"),
    "claimed_high": ("as said in the row", "largest value if the claim is right; empty: none"),
    "verdict": ("name", "holds, fails, or undecided where the interval lies across a border"),
}
FINDING_COLUMNS = tuple(
    Column(table="findings", name=name, unit=unit, meaning=meaning) for name, (unit, meaning) in _MEANING.items()
)
