"""The central planner of an economy: what its means could have been worth to users, and how far the run fell short.

A planner commands what the people have: their money, their skills and the seats of the epoch, where a seat is a
miner's uid in a subnet; who waits for one has none. Each planner has less freedom than the one before: all spending may
go to any seat; each miner's spending stays with its miner; each seat's spending stays at its seat, and only its split
over capabilities is free. Hardware that is owned stays with its owner, on whichever of its owner's seats is best.
`best_spending` and `best_stock` beside this file say when each is exact.
"""

import math

import numpy as np

from agents.effort import cost_tao
from ext import elementary
from model.records.measures import total_by
from model.units import BoolArray, FloatArray, IntArray
from model.world import hardware
from model.world.maths import MATHS
from model.world.population import Population
from model.world.rules import Rules
from model.yardsticks import best_spending, best_stock, value
from model.yardsticks.best_spending import Plan, Wants, Yields

LARGEST_STOCK = 200_000  # entries (subnet, owner, capability) up to which every epoch is held against its hardware
EPOCH_WORK = 10 * LARGEST_STOCK
EXACT = 1e-3  # by which a bound may exceed the best that was found


def wants(rules: Rules) -> Wants:
    """What users value under these rules."""
    return Wants(
        capability_weight=rules.value_weight,
        subnet_weight=rules.value_subnet_weight,
        exponent=rules.value_exponent,
    )


def seat_yields(rules: Rules, population: Population) -> Yields:
    """What money is worth in each subnet on the miners' uids that somebody holds; seats are `at_seats`.

    It changes with users' value, with costs, and when uids change hands.
    """
    productivity = at_seats(population.productivity, rules)
    held = ~at_seats(population.vacant, rules)
    return best_spending.yields(
        _full_cost(at_seats(population.unit_cost_tao, rules), rules),
        np.where(held[:, :, np.newaxis], productivity, 0.0),
        wants(rules),
        rules.scenario.miners.cost_exponent,
    )


def at_seats(by_uid: np.ndarray, rules: Rules) -> np.ndarray:
    """Entries of the uids that miners can hold, (subnet, seat, ...), of an array (subnet, uid, ...)."""
    return by_uid[:, rules.scenario.subnets.n_validators :]


def _full_cost(unit_cost_tao: FloatArray, rules: Rules) -> FloatArray:
    """Cost of a unit per epoch, with its wear where hardware is owned."""
    return unit_cost_tao + hardware.wear_tao(rules) if rules.scenario.miners.hardware == "owned" else unit_cost_tao


def cost_of(resource: FloatArray, rules: Rules, population: Population) -> FloatArray:
    """What the hardware at work in an epoch costs, (subnet, uid, capability), TAO, before rounding to rao.

    It is rent, or the running and the wear of what one owns.
    """
    return cost_tao(resource, _full_cost(population.unit_cost_tao, rules), rules.scenario.miners.cost_exponent, MATHS)


def spent_by_seat(resource: FloatArray, rules: Rules, population: Population) -> FloatArray:
    """What the hardware at work in an epoch costs at each of `at_seats`, (subnet, seat), TAO, unrounded."""
    cost = at_seats(cost_of(resource, rules, population), rules)
    spent = cost[:, :, 0].copy()
    for capability in range(1, cost.shape[2]):
        spent += cost[:, :, capability]
    return spent


def plan_of_miners_money(spend_tao: FloatArray, rules: Rules, population: Population) -> Plan:
    """Best use of what each miner spent, on any of its seats and any capabilities; allocation (subnet, miner, 1), TAO.

    Parameters
    ----------
    spend_tao : float array (subnet, uid, capability)
        Spending of an epoch. Miners who spent nothing are left out of the plan.
    """
    stock = total_by(spend_tao.sum(axis=2), population.holder, population.n_participants)[:, np.newaxis]
    working = np.flatnonzero(stock[:, 0] > 0)
    want, cost_exponent = wants(rules), rules.scenario.miners.cost_exponent
    log_yield = best_spending.log_seat_yield(
        _full_cost(population.own_unit_cost_tao[working], rules),
        population.own_productivity[working],
        want,
        cost_exponent,
    )
    work = want.capability_weight.sum(axis=1, keepdims=True) / cost_exponent
    log_yield += _log_gain_of_seats(population, working, work)
    return best_stock.best_for_stock(stock[working], log_yield, work, want)


def _log_gain_of_seats(population: Population, owner: IntArray, work: FloatArray) -> FloatArray:
    """Logarithm of what owners' seats in a subnet make of a stock, over what one of them does, (subnet, owner).

    Seats of one owner are alike. Where returns fall, m of them share the stock evenly, to m^(1 - work) times the
    aggregate; where they do not, one takes it all. Where an owner has no seat it is minus infinity.
    """
    n_subnets, n_people = len(population.holder), population.n_participants
    subnet, uid = np.nonzero(_held_by_miners(population))
    seats = np.bincount(subnet * n_people + population.holder[subnet, uid], minlength=n_subnets * n_people)
    seats = seats.reshape(n_subnets, n_people)[:, owner]
    falls = np.maximum(1 - work, 0.0)
    return np.where(seats > 0, falls * elementary.log(np.maximum(seats, 1.0)), -np.inf)


def _held_by_miners(population: Population) -> BoolArray:
    """Whether a miner holds the uid, (subnet, uid)."""
    return ~population.vacant & (population.role == "miner")[population.holder]


def hardware_of(resource: FloatArray, owned: FloatArray, rules: Rules, population: Population) -> FloatArray:
    """What a planner of hardware finds with each participant, (participant, capability), in units.

    Parameters
    ----------
    resource : float array (subnet, uid, capability)
        Hardware at work in an epoch: all that there is where it is rented.
    owned : float array (participant, capability)
        What participants own, idle or not: all that there is where it is owned.
    """
    if rules.scenario.miners.hardware == "owned":
        return owned
    n_people = population.n_participants
    return np.stack([total_by(of_one, population.holder, n_people) for of_one in np.moveaxis(resource, 2, 0)], axis=1)


def plan_of_hardware(
    stock: FloatArray, rules: Rules, population: Population, largest_work: int = best_stock.LARGEST_WORK
) -> Plan:
    """Best of its own seats for each miner's hardware as it is; allocation (subnet, miner, capability) in units.

    Parameters
    ----------
    stock : float array (participant, capability)
        Hardware of each participant. Those without any are left out of the plan.
    largest_work : int
        As in `model.yardsticks.best_stock.best_for_stock`.
    """
    working = np.flatnonzero(stock.sum(axis=1) > 0)
    want = wants(rules)
    log_productivity = elementary.log(population.own_productivity[working])
    log_yield = _log_gain_of_seats(population, working, want.capability_weight.sum(axis=1, keepdims=True))
    for capability, weight in enumerate(want.capability_weight.T):
        log_yield[weight > 0] += weight[weight > 0, np.newaxis] * log_productivity[:, capability]
    return best_stock.best_for_stock(stock[working], log_yield, want.capability_weight, want, largest_work=largest_work)


def best_of_money(spend_tao: FloatArray, yields: Yields, rules: Rules) -> tuple[float, float]:
    """Most that users could get for this spending: with each seat's left at its seat, and on the epoch's seats at will.

    The second is NaN where no planner of all money is known to be exact.

    Parameters
    ----------
    spend_tao : float array (subnet, seat)
        Spending of each seat.
    yields : Yields
        `seat_yields` of the epoch.
    """
    in_place = best_spending.worth_in_place(spend_tao, yields, wants(rules))
    if not best_spending.is_exact(yields):
        return in_place, math.nan
    # What the seats spend is one of the planner's choices: rounding puts nobody ahead of it.
    return in_place, max(best_spending.best_spending(float(spend_tao.sum()), yields).value, in_place)


def best_of_hardware(stock: FloatArray, delivered: float, rules: Rules, population: Population) -> float:
    """Most that users could get from what miners own, (participant, capability), each part on seats of its owner.

    NaN where the answer takes longer than an epoch should, or is not known to be exact.

    Parameters
    ----------
    delivered : float
        What users got from these stocks: one of the planner's choices, who is never behind it.
    """
    if _have_one_subnet_each(population):
        return max(_worth_at_home(stock, rules, population), delivered)
    n_entries = int((stock.sum(axis=1) > 0).sum()) * stock.shape[1] * len(rules.value_exponent)
    if not 0 < n_entries <= LARGEST_STOCK:
        return math.nan
    plan = plan_of_hardware(stock, rules, population, EPOCH_WORK)
    return max(plan.value, delivered) if plan.bound - plan.value <= EXACT * plan.value else math.nan


def _have_one_subnet_each(population: Population) -> bool:
    """Whether all uids of each miner are in one subnet."""
    subnet, uid = np.nonzero(_held_by_miners(population))
    holder = population.holder[subnet, uid]
    home = np.zeros(population.n_participants, dtype=np.int64)
    home[holder] = subnet
    return bool((home[holder] == subnet).all())


def _worth_at_home(stock: FloatArray, rules: Rules, population: Population) -> float:
    """What users get if everything is at work, where each owner's uids are all in one subnet.

    With work b in all, a stock in m uids is worth m^(1 - b) of it in one if b < 1, and no more than in one else.
    """
    n_uids = np.maximum(population.n_miner_uids(), 1)[population.holder]
    work = np.maximum(rules.value_weight.sum(axis=1), 1.0)[:, np.newaxis]
    part = np.where(_held_by_miners(population), elementary.power(n_uids, -1 / work), 0.0)
    return value.users_value(
        part[:, :, np.newaxis] * stock[population.holder] * population.productivity,
        rules.value_weight,
        rules.value_subnet_weight,
        rules.value_exponent,
    )


def yardsticks(spend_tao: float, pot_tao: float, delivered: float, in_place: float, best: float) -> dict[str, float]:
    """Yardsticks of an epoch by column name, against planners' best; NaN where there is nothing to compare.

    Price of anarchy, the planner's value over the one delivered, is of interest once the miners have settled.

    Parameters
    ----------
    spend_tao, pot_tao : float
        What all miners spent, and what they were paid.
    delivered : float
        Users' value of the epoch.
    in_place, best : float
        The two of `best_of_money`, or twice `best_of_hardware`, which has nothing to move among owners.
    """
    return {
        "planner_value": best,
        "mix_efficiency_share": value.efficiency_share(delivered, in_place),
        "selection_efficiency_share": value.efficiency_share(in_place, best),
        "efficiency_share": value.efficiency_share(delivered, best),
        "price_of_anarchy_ratio": value.efficiency_share(best, delivered),
        "rent_dissipation_share": value.rent_dissipation(spend_tao, pot_tao),
    }
