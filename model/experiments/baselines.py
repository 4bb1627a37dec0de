"""What stands next to a run: planners, the all-honest run, and the closed form where there is one."""

from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.experiments.runs.run import Progress
from model.records.data_dictionary import Column, DataDictionary
from model.records.measures import hhi, total_by
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.units import FloatArray
from model.yardsticks import best_spending, planner, value
from model.yardsticks.best_spending import Plan
from model.yardsticks.theory.expected import expected

MISREADING = (0.25, 0.5, 1.0)  # standard deviation of log value as the planner reads it; CLOSED_FORMS 1.9
N_PLANNERS = 200
ALL_MONEY = "planner of all money"
MONEY_STAYS = "planner, money stays with its miner"
IN_PLACE = "planner, money stays at its seat"
HARDWARE_STAYS = "planner, hardware stays with its miner"

BASELINE_DICTIONARY = DataDictionary(
    Column(name="baseline", unit="name", meaning="who allocates: the run itself, its all-honest twin, or a planner"),
    Column(name="users_value", unit="value", meaning="what users get in the last epoch"),
    Column(name="bound_value", unit="value", meaning="what no allocation of those means exceeds; empty for runs"),
    Column(name="spend_tao", unit="TAO", meaning="spent on hardware in the last epoch"),
    Column(
        name="spend_hhi_participant",
        unit="share",
        meaning="Herfindahl-Hirschman index of spending over miners: who works; empty for planners of hardware, and "
        "for those who misread",
    ),
    Column(
        name="mix_efficiency_share",
        unit="share",
        meaning="users' value over the most for the same spending of every seat; of runs only",
    ),
    Column(
        name="selection_efficiency_share",
        unit="share",
        meaning="the most for the same spending of every seat over the planner's; of runs only",
    ),
    Column(
        name="efficiency_share",
        unit="share",
        meaning="users' value over the planner's of all money, or of all hardware where miners own it",
    ),
    Column(name="price_of_anarchy_ratio", unit="ratio", meaning="1 over efficiency"),
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
    return {"baseline": name, "users_value": float(last("users_value")[0]), "bound_value": np.nan} | {
        column: float(last(column)[0])
        for column in (
            "spend_tao",
            "spend_hhi_participant",
            "mix_efficiency_share",
            "selection_efficiency_share",
            "efficiency_share",
            "price_of_anarchy_ratio",
            "rent_dissipation_share",
        )
    }


def _planner_rows(economy: Economy) -> list[dict[str, Any]]:
    """Rows of the planners, the freest first; where hardware is owned there is only one, which leaves it there."""
    rules, people, resource = economy.rules, economy.population, economy.state.resource
    spend_tao = planner.cost_of(resource, rules, people)
    stock = planner.hardware_of(resource, economy.state.worked, rules, people)
    hardware = planner.plan_of_hardware(stock, rules, people)
    values, concentrated = {HARDWARE_STAYS: (hardware.value, hardware.bound)}, dict[str, float]()
    if rules.scenario.miners.hardware == "rented":
        values, concentrated = _planners_of_money(economy, spend_tao, hardware)
    best = next(iter(values.values()))[0]
    return [
        {
            "baseline": name,
            "users_value": worth,
            "bound_value": bound,
            "spend_tao": float(spend_tao.sum()),
            "spend_hhi_participant": concentrated.get(name, np.nan),
            "mix_efficiency_share": np.nan,
            "selection_efficiency_share": np.nan,
            "efficiency_share": value.efficiency_share(worth, best),
            "price_of_anarchy_ratio": value.efficiency_share(best, worth),
            "rent_dissipation_share": np.nan,
        }
        for name, (worth, bound) in values.items()
    ]


def _planners_of_money(
    economy: Economy, spend_tao: FloatArray, hardware: Plan
) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """Value and bound of each planner of what was spent, and the Herfindahl-Hirschman index of its miners' spending."""
    rules, people = economy.rules, economy.population
    at_seat_tao = planner.at_seats(spend_tao, rules).sum(axis=2)
    total_tao = float(at_seat_tao.sum())
    best = best_spending.best_spending(total_tao, economy.yields)
    stays = planner.plan_of_miners_money(spend_tao, rules, people)
    in_place = best_spending.worth_in_place(at_seat_tao, economy.yields, planner.wants(rules))
    values = {
        ALL_MONEY: (best.value, best.bound),
        MONEY_STAYS: (stays.value, min(stays.bound, best.bound)),
        IN_PLACE: (in_place, in_place),
        HARDWARE_STAYS: (hardware.value, min(hardware.bound, best.bound)),
    }
    for sigma in MISREADING:
        key = economy.run_seed
        read = best_spending.misreading_efficiency(total_tao, economy.yields, sigma, key, N_PLANNERS)
        values[f"planner who misreads values by {sigma:g}"] = (float(read.mean()) * best.value, best.bound)
    holder = planner.at_seats(people.holder, rules)
    spent = {
        ALL_MONEY: total_by(best_spending.spending_by_seat(best, economy.yields), holder, people.n_participants),
        MONEY_STAYS: stays.allocation.sum(axis=(0, 2)),
        IN_PLACE: total_by(at_seat_tao, holder, people.n_participants),
    }
    return values, {name: float(hhi(of_miner)) for name, of_miner in spent.items()}


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
