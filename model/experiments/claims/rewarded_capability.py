"""Claim (c): reward speed and you get speed, reward another capability and resources go there."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.economy import Economy
from model.experiments.battery.outcomes import measure
from model.experiments.claims import owned_hardware
from model.experiments.claims.claim import Claim
from model.experiments.claims.facts import Facts
from model.experiments.claims.owned_hardware import KINDS, Kind
from model.experiments.claims.study import TEXTBOOK, Case, Measure, outcome, reckoned
from model.records.data_dictionary import Column
from model.units import FloatArray
from model.yardsticks.theory.allocation import contest_spending, elasticity
from model.yardsticks.theory.scoring import scored_value_share

CAPABILITIES = ("speed", "quality", "storage")
VALUED = (0.4, 0.4, 0.2)
SPEED_WEIGHTS = (0.1, 0.25, 0.4, 0.6, 0.8, 0.98)
NEAR = 0.02  # as far as a share of spending may lie from the share of the reward
WORTH_HAVING = 0.9  # of the best value

POTS_TAO = (50.0, 30.0, 15.0, 5.0)
DECISIVENESS = (1.0, 0.5, 1.0, 0.25)
SUBNET_COST_TAO = (1.0, 1.0, 2.0, 1.0)
PAYS = ("proportional", "rank", "winner_take_all")
N_COPIES = 16  # of the four subnets under each shape of pay: many contests, so that few seeds tell
SETTLED = 0.2  # of the mean: imitators who err by 5 % move a subnet's spending by less
LAST = 100  # epochs over which it is watched
GRID = np.linspace(0.02, 0.98, 49)

CURVE_COLUMNS = (
    Column(name="speed_weight_share", unit="share", meaning="of the score, on speed"),
    Column(name="value_share", unit="share", meaning="of the best value, left to users; closed form"),
    *owned_hardware.CURVE_COLUMNS,
)


def cases(
    speed_weights: Sequence[float] = SPEED_WEIGHTS,
    pots_tao: Sequence[float] = POTS_TAO,
    pays: Sequence[str] = PAYS,
    kinds: Sequence[Kind] = KINDS,
) -> list[Case]:
    """Rewards for speed of every weight, pots of different size, hardware of different cost, other pay shapes, and
    hardware rented or owned while the reward moves.
    """
    return [
        *map(_weight, speed_weights),
        _linear(),
        *_pots(pots_tao),
        _costs(),
        *(_pay(pay) for pay in pays),
        *owned_hardware.cases(kinds),
    ]


def _weight(speed: float) -> Case:
    """The rest of the reward goes to quality and storage as users value them, so that 0.4 is just right."""
    rule = _rule(speed)
    return Case(
        claim="c",
        study="reward for speed",
        setting=f"speed is {speed:.0%} of the score",
        position=speed,
        settings=_one_subnet(rule),
        measures=(
            Measure(
                quantity="spent on speed", unit="share", of=_speed_share, theory=speed,
                claimed=(speed - NEAR, speed + NEAR),
            ),
            Measure(
                quantity="users' value over the best mix", unit="share", of=outcome("mix_efficiency_share"),
                theory=scored_value_share(VALUED, rule), claimed=(WORTH_HAVING, math.inf),
            ),
        ),
    )  # fmt: skip


def _rule(speed: float) -> tuple[float, ...]:
    return speed, (1 - speed) * 2 / 3, (1 - speed) / 3


def _linear() -> Case:
    """Points are added up: all money goes where a point is cheapest, whatever else is rewarded."""
    return Case(
        claim="c",
        study="points are added up",
        setting="speed is 40% of the score",
        settings=_one_subnet((0.4, 0.35, 0.25)) | {
            "reward.score": "linear", "miners.unit_cost_tao": dict.fromkeys(CAPABILITIES, 1.0),
        },
        measures=(
            Measure(
                quantity="spent on speed", unit="share", of=_speed_share, theory=1.0, claimed=(0.4 - NEAR, 0.4 + NEAR)
            ),
        ),
    )  # fmt: skip


def _one_subnet(rule: Sequence[float]) -> dict[str, Any]:
    return TEXTBOOK | {
        "epochs": 40,
        "pots_tao": 1000.0,
        "capabilities": list(CAPABILITIES),
        "subnets.n_miners": 10,
        "reward.capability_weight": dict(zip(CAPABILITIES, rule, strict=True)),
        "value.capability_weight": dict(zip(CAPABILITIES, VALUED, strict=True)),
        "miners.unit_cost_tao": {"speed": 1.0, "quality": 2.0, "storage": 0.5},
        "miners.productivity": dict.fromkeys(CAPABILITIES, 1.0),
        "miners.parameters": {"best_response": {"damping": 1.5}},
    }


def _speed_share(economy: Economy) -> float:
    spend = np.array(measure(economy, "capability_spend_tao", 1))
    return float(spend[CAPABILITIES.index("speed")] / spend.sum())


def _pots(pots_tao: Sequence[float]) -> list[Case]:
    share = np.array(pots_tao) / np.sum(pots_tao)
    measures = tuple(
        Measure(
            quantity=f"spent in subnet {subnet}", unit="share", of=outcome("subnet_spend_share", subnet),
            theory=float(part), claimed=(float(part) - NEAR / 2, float(part) + NEAR / 2),
        )
        for subnet, part in enumerate(share)
    )  # fmt: skip
    setting = "pots of " + ", ".join(f"{pot:g}" for pot in pots_tao) + " TAO"
    return [Case(claim="c", study="many subnets", setting=setting, settings=_subnets(pots_tao), measures=measures)]


def _costs() -> Case:
    """Each subnet scores a capability of its own; hardware goes with r p / c, money with r p, the reward is p."""
    names = ("a", "b", "c", "d")
    capacity = contest_spending(POTS_TAO, DECISIVENESS, SUBNET_COST_TAO, 8).capacity_share
    scored = {name: [float(name == other) for other in names] for name in names}
    reward = np.array(POTS_TAO) / sum(POTS_TAO)
    return Case(
        claim="c",
        study="hardware of different cost, contests of different sharpness",
        setting="unit costs 1, 1, 2, 1; decisiveness 1, 0.5, 1, 0.25",
        settings=_subnets(POTS_TAO) | {
            "capabilities": list(names),
            "reward.capability_weight": scored,
            "value.capability_weight": dict.fromkeys(names, 1.0),
            "reward.pay_parameters": {"decisiveness": list(DECISIVENESS)},
            "miners.unit_cost_tao": dict(zip(names, SUBNET_COST_TAO, strict=True)),
            "miners.productivity": dict.fromkeys(names, 1.0),
        },
        measures=tuple(
            Measure(
                quantity=f"hardware in subnet {subnet}", unit="share", of=outcome("subnet_resource_share", subnet),
                theory=float(capacity[subnet]), claimed=(float(part) - NEAR / 2, float(part) + NEAR / 2),
            )
            for subnet, part in enumerate(reward)
        ),
    )  # fmt: skip


def _pay(pay: str) -> Case:
    """Imitators, who need no idea of the pay shape, watch each other."""
    return Case(
        claim="c",
        study="shape of pay",
        setting=pay.replace("_", " "),
        settings=_subnets(POTS_TAO * N_COPIES) | {
            "epochs": 200, "reward.pay": pay, "reward.measurement_noise": 0.05, "miners.mix": {"imitate": 1.0},
        },
        measures=(
            Measure(
                quantity="how far spending in the largest subnets swings", unit="of its mean", of=_swing,
                theory=math.nan, claimed=(0.0, SETTLED),
            ),
            Measure(
                quantity="spent in the largest subnet", unit="share",
                of=_largest_share, theory=0.5, claimed=(0.5 - 0.05, 0.5 + 0.05),
            ),
        ),
    )  # fmt: skip


def _swing(economy: Economy) -> float:
    """Standard deviation over time of spending in a subnet of the largest pot, mean over its copies."""
    largest = _spend_tao(economy)[:, :, 0]
    return float((largest.std(axis=0) / largest.mean(axis=0)).mean())


def _largest_share(economy: Economy) -> float:
    spend_tao = _spend_tao(economy)
    return float(spend_tao[:, :, 0].sum() / spend_tao.sum())


def _spend_tao(economy: Economy) -> FloatArray:
    """Spending in the last epochs, (epoch, copy, subnet)."""
    spend_tao = economy.records.subnets.frame(last=LAST)["spend_tao"].to_numpy(dtype=float)
    return spend_tao.reshape(LAST, N_COPIES, len(POTS_TAO))


def _subnets(pots_tao: Sequence[float]) -> dict[str, Any]:
    return TEXTBOOK | {
        "epochs": 40,
        "pots_tao": list(pots_tao),
        "subnets.count": len(pots_tao),
        "subnets.n_miners": 8,
    }


def from_facts(facts: Facts) -> list[dict[str, Any]]:
    """How little hash rate moved when its reward halved: hardware that is bought stays."""
    before, after = facts["bitcoin_hash_rate_before_halving"], facts["bitcoin_hash_rate_after_halving"]
    moved = elasticity(before, after, 1.0, 0.5)
    what = ("elasticity of hash rate in its reward, within a month", "ratio", moved)
    return [reckoned("c", "hardware that is owned", "Bitcoin's halving of April 2024", what, (0.9, 1.1))]


def curves(facts: Facts) -> dict[str, pd.DataFrame]:
    """Users' value over the best by the weight of speed in the score, and hardware after its reward has moved."""
    kept = [scored_value_share(VALUED, _rule(speed)) for speed in GRID.tolist()]
    return {
        "value_by_weight": pd.DataFrame({"speed_weight_share": GRID, "value_share": kept}),
        "hardware_by_epoch": owned_hardware.curve(),
    }


CLAIM = Claim(
    letter="c",
    question="Reward speed, get speed?",
    claimed="Participants optimise whatever is rewarded: pay for speed and they build for speed, pay for storage or "
    "another capability and resources gather there.",
    source="the same talk and the article about it, June 2026",
    setup="Ten miners who learn compete under scores in which speed weighs from 10 to 98 %; others choose among four "
    "subnets; others meet pay by rank and winner-take-all. Last, storage's part of the reward falls from a half to a "
    "fifth while hardware is rented or owned, and what became of its part of the hardware is taken 1 to 40 weeks "
    "later. Ten miners spend nine tenths of the pot, as ten equals do in equilibrium; in two cases they learn to.",
    holds="Under proportional pay the share of spending is the share of the reward, exactly, over capabilities and "
    "over subnets, whatever anything costs. Hardware that is rented follows within an epoch, and so does hardware that "
    "is owned if something else wants the same: in June 2026 sites that turned to AI took 12 % of Bitcoin's hash rate "
    "along.",
    fails="Users lose what is not scored: at 98 % speed there is plenty of it and little else. Money follows rewards, "
    "hardware need not where costs differ. Points that are added up send all money to the cheapest point. Under "
    "winner-take-all spending does not settle. Hardware that is owned and of use for one thing alone stays when the "
    "reward goes, as long as the reward still pays for running it, and goes as it wears out: if it lasts three years, "
    "a third of the way in forty weeks. What is missing elsewhere is bought only as fast as profits allow.",
    facts=("bitcoin_hash_rate_before_halving", "bitcoin_hash_rate_after_halving", "bitcoin_hash_rate_june_loss"),
    cases=cases,
    reckoned=from_facts,
    curves=curves,
    columns=CURVE_COLUMNS,
)
