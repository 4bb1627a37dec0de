"""Claim (b): what is rewarded, and how results are verified, counts for more than the hardware."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ext import elementary
from model.economy import Economy
from model.experiments.battery.outcomes import measure
from model.experiments.claims import agreement
from model.experiments.claims.claim import Claim
from model.experiments.claims.facts import Facts
from model.experiments.claims.study import TEXTBOOK, Case, Measure, outcome
from model.records.data_dictionary import Column
from model.yardsticks.theory.collusion import two_blocs
from model.yardsticks.theory.scoring import scored_contest, scored_value_share

CAPABILITIES = ("speed", "quality", "storage")
VALUED = (0.4, 0.4, 0.2)
RULES = ((0.4, 0.4, 0.2), (0.6, 0.3, 0.1), (0.9, 0.05, 0.05), (0.98, 0.01, 0.01))
BETTER_HARDWARE = ((RULES[1], 1.25), (RULES[3], 2.0))  # rule, factor on productivity
UNIT_COST_TAO = (1.0, 2.0, 0.5)
POT_TAO, N_MINERS = 1000.0, 10
WORTH_HAVING = 0.95  # of the best value: a rule that keeps this much makes no difference to speak of

AUDIT_RATES = (0.1, 0.2, 0.3, 0.4, 0.5)
GAIN_TAO, DETECTION_SHARE, FINE_TAO = 4.0, 0.8, 11.0

STAKE_SHARES = (0.2, 0.4, 0.45, 0.5, 0.55, 0.6)
MERIT_SHARE = 0.2
BELOW_HALF, ABOVE_HALF = (0.1, 0.499), (0.501, 0.65)

CURVE_COLUMNS = (
    Column(name="stake_share", unit="share", meaning="of all stake, held by the cartel"),
    Column(name="side", unit="text", meaning="whether that is more than half of all stake"),
    Column(name="gain_share", unit="share", meaning="of emission, taken beyond merit and stake, closed form"),
)


def cases(
    rules: Sequence[Sequence[float]] = RULES,
    audit_rates: Sequence[float] = AUDIT_RATES,
    stake_shares: Sequence[float] = STAKE_SHARES,
) -> list[Case]:
    """Rules that score more or less what users value, audits around their threshold, and checks by agreement alone."""
    return [
        *(_rule(tuple(rule)) for rule in rules),
        *(_hardware(rule, factor) for rule, factor in BETTER_HARDWARE),
        *map(_audit, audit_rates),
        *agreement.cases(),
        *map(_clip, stake_shares),
    ]


def _rule(rule: tuple[float, ...]) -> Case:
    """The claim says that the rule decides: the best one keeps nearly all value, another one loses of it."""
    theory = scored_value_share(VALUED, rule)
    claimed = (WORTH_HAVING, math.inf) if rule == VALUED else (0.0, WORTH_HAVING)
    kept = Measure(
        quantity="users' value over the best mix", unit="share", of=outcome("mix_efficiency_share"),
        theory=theory, claimed=claimed,
    )  # fmt: skip
    spend = scored_contest(POT_TAO, N_MINERS, rule, UNIT_COST_TAO).spend
    return Case(
        claim="b",
        study="what is rewarded",
        setting=f"scored {_list(rule)}, valued {_list(VALUED)}",
        position=rule[0],
        settings=_settings(rule),
        measures=(
            kept,
            Measure(
                quantity="spent on quality", unit="share", of=_quality_share, theory=float(spend[1] / spend.sum()),
                claimed=(rule[1] - 0.01, rule[1] + 0.01),
            ),
        ),
    )  # fmt: skip


def _hardware(rule: tuple[float, ...], factor: float) -> Case:
    """Better hardware under a worse rule: the claim says that the rule weighs more."""
    theory = scored_value_share(VALUED, rule) * factor
    return Case(
        claim="b",
        study="rule against hardware",
        setting=f"scored {_list(rule)}, hardware {factor:g} times as productive",
        settings=_settings(rule) | {"miners.productivity": dict.fromkeys(CAPABILITIES, factor)},
        measures=(
            Measure(
                quantity="users' value over the best with plain hardware", unit="ratio", of=_over_plain_hardware,
                theory=theory, claimed=(0.0, 1.0),
            ),
        ),
    )  # fmt: skip


def _settings(rule: Sequence[float]) -> dict[str, Any]:
    return TEXTBOOK | {
        "epochs": 40,
        "pots_tao": POT_TAO,
        "capabilities": list(CAPABILITIES),
        "subnets.n_miners": N_MINERS,
        "reward.capability_weight": dict(zip(CAPABILITIES, rule, strict=True)),
        "value.capability_weight": dict(zip(CAPABILITIES, VALUED, strict=True)),
        "miners.unit_cost_tao": dict(zip(CAPABILITIES, UNIT_COST_TAO, strict=True)),
        "miners.productivity": dict.fromkeys(CAPABILITIES, 1.0),
        "miners.parameters": {"best_response": {"damping": 1.5}},
    }


def _quality_share(economy: Economy) -> float:
    spend = np.array(measure(economy, "capability_spend_tao", 1))
    return float(spend[CAPABILITIES.index("quality")] / spend.sum())


def _over_plain_hardware(economy: Economy) -> float:
    """Users' value over what the same spending buys at best when a unit of hardware puts out one unit."""
    resource = scored_contest(POT_TAO, N_MINERS, VALUED, UNIT_COST_TAO).resource
    best = N_MINERS * float(np.prod(elementary.power(resource, np.array(VALUED))))
    return float(economy.records.epochs.last("users_value")[0]) / best


def _audit(rate: float) -> Case:
    """One in eight miners does nothing and claims as much as the others do, who spend all that they earn.

    Verification as claimed leaves all pay to those who do all the work, and makes lying a loss.
    """
    found = rate * DETECTION_SHARE
    return Case(
        claim="b",
        study="audits",
        setting=f"audit rate {rate:g}",
        position=rate,
        settings=TEXTBOOK | {
            "epochs": 100, "pots_tao": 8 * GAIN_TAO, "subnets.count": 32, "subnets.n_miners": 8,
            "reward.audit_rate": rate, "reward.detection_share": DETECTION_SHARE, "reward.fine_tao": FINE_TAO,
            "miners.purse_tao": 10_000.0, "miners.mix": {"honest": 0.875, "cheater": 0.125},
            "miners.parameters": {
                "honest": {"spend_share": 1.0}, "cheater": {"spend_share": 1e-6, "claim_factor": 1e6},
            },
        },
        measures=(
            Measure(
                quantity="profit of a liar", unit="TAO per epoch", of=outcome("strategy_profit_tao@cheater", last=100),
                theory=GAIN_TAO - found * (FINE_TAO + GAIN_TAO), claimed=(-math.inf, 0.0),
            ),
            Measure(
                quantity="pay of honest miners", unit="share", of=_honest_pay_share, theory=0.875 + found / 8,
                claimed=(0.99, 1.0),
            ),
        ),
    )  # fmt: skip


def _honest_pay_share(economy: Economy) -> float:
    frame = economy.records.strategies.frame()
    earned_tao = frame[frame["role"] == "miner"].groupby("strategy")["earned_tao"].sum()
    return float(earned_tao["honest"] / earned_tao.sum())


def _clip(stake_share: float) -> Case:
    """A cartel that votes for its own miners only; Yuma clips what no majority supports."""
    return Case(
        claim="b",
        study="a cartel's stake",
        setting=f"stake {stake_share:g}, merit {MERIT_SHARE:g}",
        position=stake_share,
        base="cartel",
        settings={
            "epochs": 16, "consensus.bonds_moving_average": 0.2, "consensus.kappa": 0.5, "validators.stake_sd": 0.5,
            "miners.purse_tao": 100_000.0, "cartel.stake_share": stake_share, "cartel.merit_share": MERIT_SHARE,
        },
        measures=(
            Measure(
                quantity="taken beyond merit and stake", unit="share", of=outcome("cartel_gain_share"),
                theory=_gain_share(stake_share), claimed=(-math.inf, 0.0),
            ),
        ),
    )  # fmt: skip


def curves(facts: Facts) -> dict[str, pd.DataFrame]:
    """What a cartel takes beyond its merit and stake, in two pieces: it jumps at half of the stake, and above."""
    pieces = {"below half": np.linspace(*BELOW_HALF, 41), "above half": np.linspace(*ABOVE_HALF, 16)}
    rows = [
        {"stake_share": stake, "side": side, "gain_share": _gain_share(stake)}
        for side, stakes in pieces.items()
        for stake in stakes.tolist()
    ]
    return {"cartel": pd.DataFrame(rows)}


def _gain_share(stake_share: float) -> float:
    return two_blocs(stake_share, MERIT_SHARE, 1.0).emission_share - (MERIT_SHARE + stake_share) / 2


def _list(numbers: Sequence[float]) -> str:
    return " / ".join(f"{number:g}" for number in numbers)


def from_facts(facts: Facts) -> list[dict[str, Any]]:
    """Nothing: this claim is about rules, which the runs have."""
    return []


CLAIM = Claim(
    letter="b",
    question="Do rewards and their verification decide?",
    claimed="How well such a network works depends less on its hardware than on what is rewarded and on how results "
    "are verified.",
    source="the same talk and the article about it, June 2026",
    setup="Ten miners compete under four rules whose weights stray from what users value; liars meet audits; imitators "
    "meet validators who have stopped measuring; a cartel of growing stake votes for itself.",
    holds="The further a rule's weights are from what users value, the less of that value is left: exp(-KL) of it, "
    "KL being the divergence of the two. Lying is a loss where audits are frequent enough, here one epoch in three: "
    "g / (d (P + g)), with the liar's gain g, detection d and fine P. Below half of the stake, clipping and the bond "
    "penalty make a cartel lose.",
    fails="A small error of the rule weighs less than hardware a quarter better. What counts as verified is what "
    "validators agree on: perfect agreement on stale weights pays them in full while work dies out, and who copies "
    "earns more than who measures. Where audits make lying a loss, those who lie all the same still take pay from the "
    "honest until they are found. From half of the stake on clipping protects the cartel.",
    facts=(),
    cases=cases,
    reckoned=from_facts,
    curves=curves,
    columns=CURVE_COLUMNS,
)
