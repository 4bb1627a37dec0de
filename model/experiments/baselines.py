"""What stands next to a run: planners, the all-honest run, and the closed form where there is one."""

from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.experiments.runs.run import Progress
from model.records.data_dictionary import Column, DataDictionary
from model.records.measures import hhi
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.units import FloatArray
from model.yardsticks import best_spending, planner, value
from model.yardsticks.best_spending import Plan
from model.yardsticks.theory.expected import expected

MISREADING = (0.25, 0.5, 1.0)  # standard deviation of log value as the planner reads it; THEORY 1.9
N_PLANNERS = 200
ALL_MONEY = "planner of all money"
MONEY_STAYS = "planner, money stays with its miner"

BASELINE_DICTIONARY = DataDictionary(
    Column(name="baseline", unit="name", meaning="who allocates: the run itself, its all-honest twin, or a planner"),
    Column(name="users_value", unit="value", meaning="what users get in the last epoch"),
    Column(name="bound_value", unit="value", meaning="what no allocation of those means exceeds; empty for runs"),
    Column(name="spend_tao", unit="TAO", meaning="spent on hardware in the last epoch"),
    Column(
        name="spend_hhi_owner",
        unit="share",
        meaning="Herfindahl-Hirschman index of spending over miners: who works; empty for planners of hardware, and "
        "for those who misread",
    ),
    Column(name="efficiency_share", unit="share", meaning="users' value over the planner's best for the same spending"),
    Column(name="price_of_anarchy_ratio", unit="ratio", meaning="the planner's best over users' value"),
    Column(name="rent_dissipation_share", unit="share", meaning="spending over miners' pay; empty for planners"),
)

THEORY_DICTIONARY = DataDictionary(
    Column(name="quantity", unit="name", meaning="what a closed form answers for; a column of the run's tables"),
    Column(name="theory", unit="as the quantity", meaning="the closed form's answer"),
    Column(name="measured", unit="as the quantity", meaning="what the last epoch of the run says"),
)


def all_honest(scenario: Scenario) -> Scenario:
    """The same scenario with every miner and every validator honest."""
    return with_values(scenario, {"miners.mix": {"honest": 1.0}, "validators.mix": {"honest": 1.0}})


def honest_twin(economy: Economy, progress: Progress | None = None) -> Economy:
    """Economy of the same seed, interventions and number of epochs in which everybody is honest.

    Parameters
    ----------
    progress : callable, optional
        Called after each epoch with epochs done and epochs in all.
    """
    twin = Economy(all_honest(economy.first_scenario), rng=economy.run_seed, interventions=tuple(economy.interventions))
    while twin.epoch < economy.epoch:
        twin.step()
        if progress:
            progress(twin.epoch, economy.epoch)
    return twin


def baseline_table(economy: Economy, progress: Progress | None = None) -> pd.DataFrame:
    """The last epoch of a run next to its baselines, one row each; `BASELINE_DICTIONARY` explains the columns.

    Parameters
    ----------
    economy : Economy
        Played for at least one epoch.
    progress : callable, optional
        As in `honest_twin`.

    Raises
    ------
    ValueError
        If no epoch has been played.
    """
    if not economy.epoch:
        raise ValueError("baselines need an economy that has played at least one epoch")
    rows = [_run_row("this run", economy), _run_row("all honest", honest_twin(economy, progress))]
    return pd.DataFrame([*rows, *_planner_rows(economy)])


def theory_table(economy: Economy) -> pd.DataFrame:
    """Closed-form answers of the run's scenario next to what its last epoch measured; no rows where there is none."""
    answers = expected(economy.coming_scenario, economy.run_seed)
    measured = _measured(economy)
    return pd.DataFrame(
        [{"quantity": name, "theory": answer, "measured": measured[name]} for name, answer in answers.items()],
        columns=["quantity", "theory", "measured"],
    )


def _run_row(name: str, economy: Economy) -> dict[str, Any]:
    last = economy.records.epochs.last
    worth, best = float(last("users_value")[0]), _best_spending(economy).value
    return {
        "baseline": name,
        "users_value": worth,
        "bound_value": np.nan,
        "spend_tao": float(last("spend_tao")[0]),
        "spend_hhi_owner": float(last("spend_hhi_owner")[0]),
        "efficiency_share": value.efficiency_share(worth, best),
        "price_of_anarchy_ratio": value.efficiency_share(best, worth),
        "rent_dissipation_share": float(last("rent_dissipation_share")[0]),
    }


def _best_spending(economy: Economy) -> Plan:
    """Plan of all that the last epoch's hardware cost."""
    total_tao = float(planner.cost_of(economy.state.resource, economy.rules, economy.population).sum())
    return best_spending.best_spending(total_tao, economy.yields)


def _planner_rows(economy: Economy) -> list[dict[str, Any]]:
    rules, people, resource = economy.rules, economy.population, economy.state.resource
    spend_tao = planner.cost_of(resource, rules, people)
    hardware = planner.hardware_of(resource, economy.state.worked, rules, people)
    total_tao = float(spend_tao.sum())
    best = _best_spending(economy)
    plans = {
        ALL_MONEY: best,
        MONEY_STAYS: planner.plan_of_miners_money(spend_tao, rules, people),
        "planner, hardware stays with its miner": planner.plan_of_hardware(hardware, rules, people),
    }
    concentrated = {name: float(hhi(spent)) for name, spent in _by_miner(economy, best, plans).items()}
    values = {name: (plan.value, min(plan.bound, best.bound)) for name, plan in plans.items()}
    for sigma in MISREADING:
        key = economy.run_seed
        read = best_spending.misreading_efficiency(total_tao, economy.yields, sigma, key, N_PLANNERS)
        values[f"planner who misreads values by {sigma:g}"] = (float(read.mean()) * best.value, best.bound)
    return [
        {
            "baseline": name,
            "users_value": worth,
            "bound_value": bound,
            "spend_tao": total_tao,
            "spend_hhi_owner": concentrated.get(name, np.nan),
            "efficiency_share": value.efficiency_share(worth, best.value),
            "price_of_anarchy_ratio": value.efficiency_share(best.value, worth),
            "rent_dissipation_share": np.nan,
        }
        for name, (worth, bound) in values.items()
    ]


def _by_miner(economy: Economy, best: Plan, plans: dict[str, Plan]) -> dict[str, FloatArray]:
    """What each miner spends under the planners of money, (miner,)."""
    rules, people = economy.rules, economy.population
    by_slot = best_spending.spending_by_slot(best, planner.money_yields(rules, people)).sum(axis=0)
    anybody = np.bincount(planner.planned_slots(rules, people), by_slot)
    everyone = plans[MONEY_STAYS].allocation
    return {ALL_MONEY: anybody, MONEY_STAYS: everyone.sum(axis=(0, 2))}


def _measured(economy: Economy) -> dict[str, float]:
    """What the last epoch says about every quantity that `expected` can name."""
    last = economy.records
    names = economy.first_scenario.capabilities
    by_capability = last.capabilities.last("spend_tao").reshape(-1, len(names)).sum(axis=0)
    by_subnet = last.subnets.last("spend_tao")
    measured = {name: float(last.subnets.last(name)[0]) for name in ("incentive_hhi", "incentive_gini")}
    cartel = ("cartel_incentive_share", "cartel_dividend_share", "cartel_emission_share")
    measured |= {name: float(last.epochs.last(name)[0]) for name in ("rent_dissipation_share", *cartel)}
    total = by_subnet.sum() or np.nan
    measured |= {f"spend_share.{name}": by_capability[index] / total for index, name in enumerate(names)}
    return measured | {f"subnet_spend_share.{subnet}": spent / total for subnet, spent in enumerate(by_subnet)}
