"""The closed form of a whole scenario, where it has one: theory to stand next to the measured number."""

from collections.abc import Mapping

import numpy as np

from ext import elementary
from model.records.measures import gini, hhi
from model.scenario.scenario import Scenario
from model.units import FloatArray
from model.world.population import found, per_entry, seats_by_mix
from model.yardsticks.theory.collusion import two_blocs
from model.yardsticks.theory.contests import oligopoly, symmetric_contest

EXACT = 1e-9


def expected(scenario: Scenario, seed: int | None = None) -> dict[str, float]:
    """Where a run of the scenario comes to rest, by the name of what is recorded; empty where no closed form applies.

    Two cases are known. Best-responding miners under honest validators, a Cobb-Douglas score and proportional pay are
    a Tullock contest in each subnet (CLOSED_FORMS 1.1, 1.2, 1.7, 1.11). Honest and colluding blocs under Yuma 2 without
    noise are the two blocs of CLOSED_FORMS 2.2. Neither knows budgets: money must not bind.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    seed : int, optional
        Seed of the run, which draws the miners' skill; the scenario's own when not given.

    Returns
    -------
    dict
        `rent_dissipation_share`, `incentive_hhi` and `incentive_gini` of a single subnet; `spend_share.NAME` of each
        capability within its subnet; `subnet_spend_share.NUMBER` of each subnet; `cartel_incentive_share`,
        `cartel_dividend_share` and `cartel_emission_share`.
    """
    if not _quiet(scenario):
        return {}
    return _contest(scenario, scenario.seed if seed is None else seed) | _cartel(scenario)


def _quiet(scenario: Scenario) -> bool:
    """Whether nothing but the miners' and validators' play moves the outcome."""
    registration = scenario.registration
    return (
        not any(map(scenario.reward.noise_of, scenario.capabilities))
        and scenario.reward.pay == "proportional"
        and registration.newcomers == registration.open_uids == scenario.miners.exit_window_epochs == 0
        and scenario.miners.broke_below_tao == 0
        and scenario.miners.hardware == "rented"
        and scenario.miners.cost_exponent == 1
        and registration.newcomer_subnets_per_year == 0
        and _played(scenario.owners.mix) == {"fixed"}
        and not np.any(scenario.owners.burn_share)
    )


def _contest(scenario: Scenario, seed: int) -> dict[str, float]:
    if scenario.reward.score != "cobb_douglas":
        return {}
    if _played(scenario.miners.mix) != {"best_response"} or _played(scenario.validators.mix) != {"honest"}:
        return {}
    exponent = _power_exponent(scenario)
    n_subnets, n_miners = scenario.subnets.count, scenario.subnets.n_miners
    total = exponent.sum(axis=1)
    if n_miners < 2 or (total > n_miners / (n_miners - 1)).any():
        return {}
    answer = _spend_shares(scenario, exponent / total[:, np.newaxis])
    equals = scenario.miners.skill_sd == 0 and np.ptp(per_entry(scenario.miners.cost_factor, n_miners)) == 0
    if equals and n_subnets > 1:
        answer |= _subnet_spend_shares(scenario, total)
    elif equals:
        rest = symmetric_contest(1.0, n_miners, decisiveness=float(total[0]))
        answer |= _concentration(np.full(n_miners, 1 / n_miners), rest.dissipation_share)
    elif n_subnets == 1 and abs(total[0] - 1) < EXACT:
        share = oligopoly(1.0, _cost_of_power(scenario, seed, exponent[0])).share
        answer |= _concentration(share, 1 - float(hhi(share)))
    return answer


def _concentration(share: FloatArray, dissipation: float) -> dict[str, float]:
    return {
        "rent_dissipation_share": dissipation,
        "incentive_hhi": float(hhi(share)),
        "incentive_gini": float(gini(share)),
    }


def _power_exponent(scenario: Scenario) -> FloatArray:
    """Exponent of each capability in score ** decisiveness, (subnet, capability)."""
    n_subnets, weight = scenario.subnets.count, scenario.reward.capability_weight
    decisiveness = per_entry(scenario.reward.pay_parameters.get("decisiveness", 1.0), n_subnets)  # type: ignore[arg-type]
    scored = np.stack([per_entry(weight[name], n_subnets) for name in scenario.capabilities], axis=1)
    return scored * decisiveness[:, np.newaxis]


def _spend_shares(scenario: Scenario, share: FloatArray) -> dict[str, float]:
    """Each capability's share of spending, where it is the same in all subnets."""
    if np.ptp(share, axis=0).max() > EXACT:
        return {}
    return {f"spend_share.{name}": float(part) for name, part in zip(scenario.capabilities, share[0], strict=True)}


def _subnet_spend_shares(scenario: Scenario, pull: FloatArray) -> dict[str, float]:
    """Each subnet's share of spending, where alpha has a stated price and every subnet mints as much of it."""
    market, n_subnets = scenario.market, scenario.subnets.count
    alike = np.ptp(per_entry(market.outstanding_alpha, n_subnets)) == 0 and np.all(scenario.emission.eligible)
    if market.kind != "fixed_price" or not alike:
        return {}
    prize = pull * per_entry(market.price_tao_per_alpha, n_subnets)
    return {f"subnet_spend_share.{subnet}": float(part) for subnet, part in enumerate(prize / prize.sum())}


def _cost_of_power(scenario: Scenario, seed: int, exponent: FloatArray) -> FloatArray:
    """Cost of a unit of score ** decisiveness up to a common factor, for each miner of the only subnet."""
    people = found(scenario, seed)
    seat = slice(scenario.subnets.n_validators, None)
    cost = people.unit_cost_tao[0, seat] / people.productivity[0, seat]
    return elementary.exp((elementary.log(cost) * exponent).sum(axis=1))


def _cartel(scenario: Scenario) -> dict[str, float]:
    cartel, validators = scenario.cartel, scenario.validators
    blocs = {"honest", "colluding"}
    seats = (scenario.subnets.n_miners, scenario.subnets.n_validators)
    for mix, n_seats in zip((scenario.miners.mix, validators.mix), seats, strict=True):
        if set(seats_by_mix(mix, n_seats)) != blocs:
            return {}
    stakes_stay = validators.reinvest_share == 0 and scenario.nominators.count == 0
    stakes_stay = stakes_stay and validators.root_stake_tao == 0 and not validators.childkeys
    if scenario.consensus.mechanism != "yuma2" or not stakes_stay or scenario.reward.score == "ces":
        return {}
    if cartel.strategies != ("colluding",) or cartel.vote_rule != "self_weight":
        return {}
    if cartel.merit_share > cartel.self_weight or not 0 < cartel.stake_share < 1:
        return {}
    taken = two_blocs(
        cartel.stake_share,
        cartel.merit_share,
        cartel.self_weight,
        scenario.consensus.bonds_penalty,
        scenario.consensus.kappa,
    )
    return {f"cartel_{name}": part for name, part in taken._asdict().items()}


def _played(mix: Mapping[str, float]) -> set[str]:
    return {name for name, part in mix.items() if part > 0}
