"""Claim (d): market incentives can take the place of a central scheduler."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.experiments.claims.claim import Claim
from model.experiments.claims.facts import Facts
from model.experiments.claims.study import TEXTBOOK, Case, Measure, outcome
from model.records.data_dictionary import Column
from model.yardsticks.theory.allocation import alignment_share, misreading_share
from model.yardsticks.theory.tokens import locked_in_share

VALUES = (4.0, 3.0, 2.0, 1.0)
REWARDS: Mapping[str, tuple[float, ...]] = {
    "rewards as squared values": (16.0, 9.0, 4.0, 1.0),
    "rewards as values": (4.0, 3.0, 2.0, 1.0),
    "equal rewards": (1.0, 1.0, 1.0, 1.0),
    "rewards reversed": (1.0, 2.0, 3.0, 4.0),
    "all on the most valued": (1.0, 1e-12, 1e-12, 1e-12),
}
SIGMAS = (0.1, 0.25, 0.5, 1.0)
RIVAL_SIGMA = 0.5  # error of log value of the scheduler that the market is held against
N_COPIES = 16  # of the four subnets in the market
N_PLANNED = 1024  # subnets of the planner: with few of them there is less to confuse
APPEAL = (4.0, 2.0, 1.0, 1.0)
ELASTICITIES = (0.0, 0.5, 1.5)
GRID = np.linspace(0, 1.2, 61)

CURVE_COLUMNS = (
    Column(name="sigma", unit="of log value", meaning="standard deviation of the planner's error"),
    Column(name="efficiency_share", unit="share", meaning="value over the best, closed form"),
)


def cases(
    rewards: Mapping[str, Sequence[float]] = REWARDS,
    sigmas: Sequence[float] = SIGMAS,
    elasticities: Sequence[float] = ELASTICITIES,
    rival_sigma: float = RIVAL_SIGMA,
) -> list[Case]:
    """Markets whose rewards fit values well or badly, schedulers who misread values, and demand that follows emission.

    Parameters
    ----------
    rewards : mapping of str to sequence of float
        Pots of four subnets that users value as 4, 3, 2, 1, in any unit.
    """
    return [
        *(_market(name, pots, rival_sigma) for name, pots in rewards.items()),
        *map(_planner, sigmas),
        *(_feedback(eta, rival_sigma) for eta in elasticities),
    ]


def _market(name: str, pots: Sequence[float], rival_sigma: float) -> Case:
    return Case(
        claim="d",
        study="market",
        setting=name,
        settings=_network(4 * N_COPIES) | {
            "epochs": 30,
            "pots_tao": [100.0 * pot / sum(pots) for pot in pots] * N_COPIES,
            "value.subnet_weight": list(VALUES) * N_COPIES,
        },
        measures=(
            Measure(
                quantity=f"efficiency; a scheduler of error {rival_sigma:g} has {misreading_share(rival_sigma):.3f}",
                unit="share", of=outcome("selection_efficiency_share"),
                theory=alignment_share(VALUES, np.array(pots) / sum(pots)),
                claimed=(misreading_share(rival_sigma), math.inf),
            ),
        ),
    )  # fmt: skip


def _planner(sigma: float) -> Case:
    """The claim says that a market with rewards as values does better."""
    market = alignment_share(VALUES, np.array(VALUES) / sum(VALUES))
    return Case(
        claim="d",
        study="scheduler",
        setting=f"error of log value {sigma:g}",
        position=sigma,
        settings=_network(N_PLANNED) | {"epochs": 1, "market.price_tao_per_alpha": 0.02, "subnets.n_miners": 1},
        measures=(
            Measure(
                quantity=f"efficiency; a market with rewards as values has {market:.3f}", unit="share",
                of=outcome(f"misreading_efficiency_share@{sigma!r}"), theory=misreading_share(sigma),
                claimed=(0.0, market),
            ),
        ),
    )  # fmt: skip


def _network(n_subnets: int) -> dict[str, Any]:
    return TEXTBOOK | {"subnets.count": n_subnets, "subnets.n_miners": 4, "value.exponent": 0.5}


def _feedback(elasticity: float, rival_sigma: float) -> Case:
    """Demand follows emission and emission follows the price: the market sets the rewards itself."""
    share = locked_in_share(APPEAL, elasticity)
    return Case(
        claim="d",
        study="rewards that follow the market",
        setting=f"elasticity of demand {elasticity:g}",
        position=elasticity,
        settings=_pools(elasticity),
        measures=(
            Measure(
                quantity="emission of the most valued subnet", unit="share", of=outcome("emission_share"),
                theory=float(share[0]), claimed=(0.0, 0.9),
            ),
            Measure(
                quantity="efficiency of the emission shares", unit="share", of=outcome("selection_efficiency_share"),
                theory=alignment_share(APPEAL, share), claimed=(misreading_share(rival_sigma), math.inf),
            ),
        ),
    )  # fmt: skip


def _pools(elasticity: float) -> dict[str, Any]:
    """Pools near the supply cap, where the chain's own buying hardly counts; miners sell what they are paid."""
    return {
        "epochs": 450,
        "chain.tempo_blocks": 14_400,
        "chain.initial_issuance_tao": 20_990_000.0,
        "subnets.count": 4,
        "subnets.n_validators": 1,
        "subnets.n_miners": 1,
        "emission.rule": "price_ema",
        "reward.measurement_noise": 0.0,
        "market.kind": "pool",
        "market.price_tao_per_alpha": 0.04,
        "market.outstanding_alpha": 0.0,
        "market.fee_share": 0.0,
        "market.tao_reserve_tao": 20_000.0,
        "market.demand_tao": [236.16 * one for one in APPEAL],
        "market.demand_elasticity": elasticity,
        "miners.mix": {"honest": 1.0},
        "miners.skill_sd": 0.0,
        "miners.purse_tao": 1000.0,
        "validators.mix": {"honest": 1.0},
        "validators.reinvest_share": 0.0,
        "value.subnet_weight": list(APPEAL),
        "value.exponent": 0.5,
    }


def nothing_from_facts(facts: Facts) -> list[dict[str, Any]]:
    """Nothing: nobody has published how a scheduler of compute misreads values."""
    return []


def curves(facts: Facts) -> dict[str, pd.DataFrame]:
    """Efficiency of a scheduler by the error with which it reads values."""
    share = [misreading_share(sigma) for sigma in GRID.tolist()]
    return {"scheduler": pd.DataFrame({"sigma": GRID, "efficiency_share": share})}


CLAIM = Claim(
    letter="d",
    question="Can a market take the scheduler's place?",
    claimed="Incentives of a market can do what a central scheduler does: bring work to where it is wanted.",
    source="the same talk and the article about it, June 2026",
    setup="Users value subnets as 4, 3, 2, 1 times the root of the work there; miners follow the rewards. Beside it a "
    "scheduler who puts the same money where it reads value, with a log-normal error. Then pools set the rewards, "
    "and demand follows emission. Efficiency here is of money among subnets (selection efficiency): miners are alike.",
    holds="Where rewards are shared out as users value subnets, nothing is lost. Else efficiency is the cosine of the "
    "angle between values v and the roots of the reward shares s, cos(v, root s), and the market is ahead of a "
    "scheduler who misreads values by sigma where that exceeds exp(-sigma^2 / 2).",
    fails="Where rewards are misaligned, reversed or all on one subnet; against a scheduler who reads values well; and "
    "where demand follows emission with an elasticity of 1 or more: one subnet takes all, whatever it is worth.",
    facts=(),
    cases=cases,
    reckoned=nothing_from_facts,
    curves=curves,
    columns=CURVE_COLUMNS,
)
