"""Cases that a reader of the claims asks for, and what follows for them from a formula or from facts alone.

A reader's own case is a case of the claim's own module, asked for by its parameters, or such a case with other
values by dotted path; its closed form comes from `model.yardsticks.theory`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from model.experiments.claims import (
    frame,
    market_or_scheduler,
    owned_hardware,
    rewarded_capability,
    scale,
    verified_rewards,
)
from model.experiments.claims.facts import read_facts
from model.experiments.claims.study import Case, reckoned
from model.units import FloatArray
from model.yardsticks.theory.allocation import (
    break_even_prize,
    compute_ratio,
    hash_rate,
    misreading_share,
    open_capacity,
)
from model.yardsticks.theory.scoring import scored_value_share
from model.yardsticks.theory.verification import deterring_audit_rate

Values = Mapping[str, Any]  # of a study's knobs, by name
Cases = tuple[list[Case], list[Case]]  # the reader's own, and the others of the figure
FACTS = read_facts()
YOURS = "your rewards"
POWERS = tuple(round(0.1 * tenth, 1) for tenth in range(31))  # of the rank, by which prices fall
BY_PRICE = ("price_ema", "price_burn", "hill_gate", "rank_gate", "rank_tiers")  # rules that need nothing but prices
PER_DECADE, DECADES = 4, 5
OWN_HARDWARE = owned_hardware.Kind(name="your hardware")
NOTHING = 1e-12  # a reward so small that nobody follows it


def _split(cases: list[Case], own: Callable[[Case], bool]) -> Cases:
    return [case for case in cases if own(case)], [case for case in cases if not own(case)]


def _at(cases: list[Case], position: float) -> Cases:
    return _split(cases, lambda case: case.position == position)


def _sorted(numbers: tuple[float, ...], own: float) -> list[float]:
    return sorted({*numbers, own})


# (a)


def network(values: Values) -> Cases:
    """An open network at the reader's reward and cost, and at other rewards, beside a firm with the reader's budget."""
    reward, cost, budget = float(values["reward"]), float(values["cost"]), float(values["budget"])
    prizes = _sorted(scale.PRIZES_TAO, reward)
    cases = scale.cases(prizes_tao=prizes, open_costs_tao=(), budget_tao=budget)
    return _at([_at_cost(case, prize, cost) for case, prize in zip(cases, prizes, strict=False)], reward / budget)


def _at_cost(case: Case, prize_tao: float, cost_tao: float) -> Case:
    (units,) = case.measures
    return replace(
        case,
        setting=f"reward {prize_tao:g} TAO, a unit in the open costs {cost_tao:g} TAO",
        settings=dict(case.settings) | {"miners.unit_cost_tao": {"speed": cost_tao}},
        measures=(replace(units, theory=open_capacity(prize_tao, scale.N_MINERS, cost_tao)),),
    )


def break_even(values: Values) -> str:
    """Reward from which the open network is the larger one."""
    ratio = break_even_prize(scale.N_MINERS, values["cost"], scale.CENTRAL_COST_TAO)
    return f"The open network is the larger one from a reward of {ratio * values['budget']:,.1f} TAO on."


def worth_of_hash() -> tuple[float, ...]:
    """Operations that a hash may be taken to be worth: four a decade, and the one behind the claim."""
    grid = 10.0 ** np.arange(0, DECADES + 1 / PER_DECADE, 1 / PER_DECADE)
    return tuple(sorted({*(float(f"{one:.2g}") for one in grid), FACTS["flop_per_hash"]}))


def ratios(worth: float) -> dict[str, float]:
    """Bitcoin over the sum at which the claim is exact, and over the nine machines known, by their names."""
    hashes, needed = hash_rate(FACTS["bitcoin_difficulty"]), scale.claim_flops(FACTS)
    machines = {f"{needed / 1e18:.2f} EF, the sum at which the claim is exact": needed,
                "nine known machines": FACTS["top_nine_flops"]}  # fmt: skip
    return {name: compute_ratio(hashes, worth, flops) for name, flops in machines.items()}


def ratios_reckoned(values: Values) -> list[dict[str, Any]]:
    """Findings at the reader's worth of a hash."""
    what, claimed = "Bitcoin over supercomputers", (scale.ROUNDED_CLAIM, math.inf)
    found = ratios(float(values["worth"]))
    return [reckoned("a", "600,000 times", name, (what, "ratio", ratio), claimed) for name, ratio in found.items()]


# (b)


def rewarded(values: Values) -> Cases:
    """The reader's rule, the same with better hardware, and the claim's rules."""
    rule = _rule(values)
    rules = dict.fromkeys([*verified_rewards.RULES, rule])
    found = verified_rewards.cases(rules=tuple(rules), audit_rates=(), stake_shares=())
    cases = [case for case in found if case.study == "what is rewarded"]
    hardware = next(case for case in found if case.study == "rule against hardware")
    own, factor = cases[list(rules).index(rule)], float(values["factor"])
    (worth,) = hardware.measures
    better = replace(
        hardware,
        setting=f"your rule, hardware {factor:g} times as productive",
        settings=dict(own.settings) | {"miners.productivity": dict.fromkeys(verified_rewards.CAPABILITIES, factor)},
        measures=(replace(worth, theory=scored_value_share(verified_rewards.VALUED, rule) * factor),),
    )
    return [own, better], [case for case in cases if case is not own]


def _rule(values: Values) -> tuple[float, ...]:
    """Scored weights as shares of four digits that sum to 1."""
    weight = np.array([values[name] for name in verified_rewards.CAPABILITIES], dtype=float)
    *first, _ = (round(share, 4) for share in (weight / weight.sum()).tolist())
    return (*first, round(1 - sum(first), 4))


def rule_said(values: Values) -> str:
    """What the rule keeps, in the closed form."""
    rule = _rule(values)
    kept = scored_value_share(verified_rewards.VALUED, rule)
    words = ", ".join(f"{share:.1%} {name}" for share, name in zip(rule, verified_rewards.CAPABILITIES, strict=True))
    return f"Your rule scores {words}; it keeps {kept:.1%} of the value that users could have."


def _deterring(fine_tao: float) -> float:
    gain, found = verified_rewards.GAIN_TAO, verified_rewards.DETECTION_SHARE
    return deterring_audit_rate(gain, found, fine_tao, confiscated=True)


def audits(values: Values) -> Cases:
    """Liars at the reader's audit rate and at others, under the reader's fine."""
    rates = _sorted(verified_rewards.AUDIT_RATES, float(values["rate"]))
    found = verified_rewards.cases(rules=(), audit_rates=rates, stake_shares=())
    fine = float(values["fine"])
    return _at([_fined(case, fine) for case in found if case.study == "audits"], float(values["rate"]))


def _fined(case: Case, fine_tao: float) -> Case:
    """The closed form is a straight line from the gain, where nobody looks, through 0 at the deterring rate."""
    profit, honest = case.measures
    theory = verified_rewards.GAIN_TAO * (1 - case.position / _deterring(fine_tao))
    settings = dict(case.settings) | {"reward.fine_tao": fine_tao}
    setting = f"audit rate {case.position:g}, fine {fine_tao:g} TAO"
    return replace(case, setting=setting, settings=settings, measures=(replace(profit, theory=theory), honest))


def threshold(values: Values) -> str:
    """Audit rate from which lying pays nothing."""
    rate = _deterring(float(values["fine"]))
    return (
        f"Lying pays nothing from an audit rate of {rate:.1%} on."
        if rate <= 1
        else "No audit rate makes lying a loss at this fine."
    )


def cartel(values: Values) -> Cases:
    """A cartel of the reader's stake, and of others."""
    stakes = _sorted(verified_rewards.STAKE_SHARES, float(values["stake"]))
    found = verified_rewards.cases(rules=(), audit_rates=(), stake_shares=stakes)
    return _at([case for case in found if case.study == "a cartel's stake"], float(values["stake"]))


# (c)


def speed(values: Values) -> Cases:
    """The reader's weight of speed, and others."""
    weights = _sorted(rewarded_capability.SPEED_WEIGHTS, float(values["weight"]))
    found = rewarded_capability.cases(speed_weights=weights, pays=(), kinds=())
    return _at([case for case in found if case.study == "reward for speed"], float(values["weight"]))


def pay(values: Values) -> Cases:
    """The reader's shape of pay, and others."""
    pays = list(dict.fromkeys([*rewarded_capability.PAYS, values["pay"]]))
    found = rewarded_capability.cases(speed_weights=(), pays=pays, kinds=())
    cases = [case for case in found if case.study == "shape of pay"]
    return _split(cases, lambda case: case.settings["reward.pay"] == values["pay"])


def hardware(values: Values) -> Cases:
    """Hardware that lasts and costs as the reader says after its reward has moved, and kinds without chance."""
    kinds = [kind for kind in owned_hardware.KINDS if kind.strategy == OWN_HARDWARE.strategy]
    own = _kind(values)
    return _split(owned_hardware.cases([own, *kinds]), lambda case: case.setting == own.name)


def _kind(values: Values) -> owned_hardware.Kind:
    return replace(OWN_HARDWARE, lasts_years=int(values["years"]), running_share=float(values["running"]))


def law_of_motion(values: Values) -> pd.DataFrame:
    """How far the reader's hardware follows in each epoch, in the columns of the claim's own curve."""
    kind, epochs = _kind(values), range(1, max(owned_hardware.AFTER_EPOCHS) + 1)
    share = [kind.theory(one) for one in epochs]
    return pd.DataFrame({"epochs_after": epochs, "hardware": kind.name, "elasticity": share})


# (d)


def market(values: Values) -> Cases:
    """The reader's rewards and a scheduler of the reader's error, and others."""
    pots = tuple(float(values[f"pot {subnet}"]) for subnet in range(len(market_or_scheduler.VALUES)))
    if not any(pots):
        raise ValueError("rewards must not all be 0")
    sigma = float(values["sigma"])
    rewards = {YOURS: tuple(max(pot, NOTHING) for pot in pots)} | dict(market_or_scheduler.REWARDS)
    sigmas = _sorted(market_or_scheduler.SIGMAS, sigma)
    cases = market_or_scheduler.cases(rewards, sigmas, elasticities=(), rival_sigma=sigma)
    return _split(cases, lambda case: case.setting == YOURS or case.position == sigma)


def scheduler_said(values: Values) -> str:
    """Efficiency of the scheduler that the market is held against."""
    return f"A scheduler with this error has {misreading_share(float(values['sigma'])):.1%} of the best value."


def pools(values: Values) -> Cases:
    """Pools whose demand follows emission with the reader's elasticity, and with others."""
    elasticities = _sorted(market_or_scheduler.ELASTICITIES, float(values["elasticity"]))
    return _at(market_or_scheduler.cases({}, (), elasticities), float(values["elasticity"]))


# (e)


def prices_told(power: float | None) -> str:
    """Prices in words."""
    return "as published" if power is None else f"power {power:g}"


def price_share(values: Values) -> FloatArray:
    """Each subnet's share of all prices, the largest first, (subnet,)."""
    if values["power"] is None:
        return frame.fitted_price_share(FACTS)
    price = np.arange(1.0, frame.N_SUBNETS + 1) ** -float(values["power"])
    return np.asarray(price / price.sum())


def subnets(values: Values) -> Cases:
    """128 subnets with the reader's prices, under each emission rule that goes by prices, and under equal shares."""
    found = frame.cases(rules=("equal", *BY_PRICE), recycled_every=(), price_share=price_share(values).tolist())
    return _split([case for case in found if case.study == "128 subnets"], lambda case: "equal" not in case.setting)


def concentration(values: Values) -> str:
    """How many equal subnets the prices count for."""
    share = price_share(values)
    return (
        f"By price, 128 subnets count for {frame.effective_number(share):.0f} equal ones; "
        f"the ten largest have {share[:10].sum():.0%}."
    )


def halvings(values: Values) -> Cases:
    """Issuance from nothing while the reader's share is recycled, and while others are."""
    every = {*frame.RECYCLED_EVERY, values["every"]}
    cases = [case for case in frame.cases((), sorted(every)) if case.study == "halving by date"]
    return _at(cases, recycled_share(values["every"]))


def recycled_share(every: int) -> float:
    """Share of what is minted that leaves again when every so many epochs nobody may receive it; 0 for never."""
    return 1 / every if every else 0.0
