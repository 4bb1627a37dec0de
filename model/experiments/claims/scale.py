"""Claim (a): open networks that rewards coordinate out-scale central systems."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ext import elementary
from model.economy import Economy
from model.experiments.claims.claim import Claim
from model.experiments.claims.facts import Facts
from model.experiments.claims.study import TEXTBOOK, Case, Measure, outcome, reckoned
from model.records.data_dictionary import Column
from model.scenario.interventions import Intervention
from model.yardsticks.theory.allocation import break_even_prize, compute_ratio, hash_rate, open_capacity

PRIZES_TAO = (40.0, 50.0, 70.0, 100.0, 160.0)
OPEN_COSTS_TAO = (1.0, 2.0, 3.0)
PRIZE_TAO, BUDGET_TAO, OPEN_COST_TAO, CENTRAL_COST_TAO, N_MINERS = 100.0, 40.0, 2.0, 1.0, 50
EPOCHS = 50  # after them total capacity is within 1e-5 of its rest
ROUNDED_CLAIM = 599_500.0  # the least that rounds to 600,000
FLOP_PER_HASH = elementary.power(10.0, np.linspace(0, 5, 101))

CURVE_COLUMNS = (
    Column(name="flop_per_hash", unit="operations per hash", meaning="what one hash is taken to be worth"),
    Column(name="computers", unit="text", meaning="sum of supercomputers that Bitcoin is compared with"),
    Column(name="ratio", unit="ratio", meaning="Bitcoin's hash rate, so converted, over the supercomputers' speed"),
)


def cases(
    prizes_tao: Sequence[float] = PRIZES_TAO,
    open_costs_tao: Sequence[float] = OPEN_COSTS_TAO,
    budget_tao: float = BUDGET_TAO,
    n_miners: int = N_MINERS,
) -> list[Case]:
    """Open networks of learning miners beside a firm, by reward and by cost, and one whose reward is cut in half."""
    firm_units = budget_tao / CENTRAL_COST_TAO
    budgets, costs = "reward over the firm's budget", "unit cost in the open over the firm's"
    found = [_case(budgets, one / budget_tao, one, OPEN_COST_TAO, n_miners, firm_units) for one in prizes_tao]
    found += [_case(costs, one / CENTRAL_COST_TAO, PRIZE_TAO, one, n_miners, firm_units) for one in open_costs_tao]
    return [*found, _cut(n_miners, firm_units)]


def _case(study: str, position: float, prize_tao: float, cost_tao: float, n_miners: int, firm_units: float) -> Case:
    return Case(
        claim="a",
        study=study,
        setting=f"reward {prize_tao:g} TAO, a unit in the open costs {cost_tao:g} TAO",
        position=position,
        settings=_settings(prize_tao, cost_tao, n_miners, EPOCHS),
        measures=(_open_units(open_capacity(prize_tao, n_miners, cost_tao), firm_units),),
    )


def _cut(n_miners: int, firm_units: float) -> Case:
    """The reward falls to half in the middle of the run: owners withhold half of what miners earn."""
    kept = Measure(
        quantity="capacity after the cut over capacity before", unit="ratio", of=_kept_ratio, theory=0.5,
        claimed=(1.0, math.inf),
    )  # fmt: skip
    return Case(
        claim="a",
        study="reward cut during the run",
        setting=f"reward from {PRIZE_TAO:g} to {PRIZE_TAO / 2:g} TAO",
        settings=_settings(PRIZE_TAO, OPEN_COST_TAO, n_miners, 2 * EPOCHS),
        interventions=(Intervention(epoch=EPOCHS, values={"owners.burn_share": 0.5}),),
        measures=(kept, _open_units(open_capacity(PRIZE_TAO / 2, n_miners, OPEN_COST_TAO), firm_units)),
    )


def _settings(prize_tao: float, cost_tao: float, n_miners: int, epochs: int) -> dict[str, Any]:
    return TEXTBOOK | {
        "epochs": epochs,
        "pots_tao": prize_tao,
        "subnets.n_miners": n_miners,
        "miners.unit_cost_tao": {"speed": cost_tao},
    }


def _open_units(theory_units: float, firm_units: float) -> Measure:
    return Measure(
        quantity=f"open capacity; the firm builds {firm_units:g}", unit="units", of=outcome("total_resource"),
        theory=theory_units, claimed=(firm_units, math.inf),
    )  # fmt: skip


def _kept_ratio(economy: Economy) -> float:
    spend_tao = economy.records.epochs.frame()["spend_tao"].to_numpy()
    return float(spend_tao[-1] / spend_tao[EPOCHS - 1])


def from_facts(facts: Facts) -> list[dict[str, Any]]:
    """The ratio of Bitcoin to supercomputers under the conversions that somebody has used, and what a halving did."""
    hashes, worth, nine = hash_rate(facts["bitcoin_difficulty"]), facts["flop_per_hash"], facts["top_nine_flops"]
    claimed = (ROUNDED_CLAIM, math.inf)
    needed = claim_flops(facts)
    watts = needed / facts["supercomputer_efficiency"]
    joules = [facts[f"bitcoin_fleet_efficiency_{end}"] for end in ("low", "high")]
    ratios = {
        f"a hash is worth {worth:,.0f} operations; nine known machines": compute_ratio(hashes, worth, nine),
        f"a hash is worth {worth:,.0f} operations; {needed / 1e18:.2f} EF": compute_ratio(hashes, worth, needed),
        f"a hash is worth one operation; {needed / 1e18:.2f} EF": compute_ratio(hashes, 1.0, needed),
        "floating-point operations that hashing machines execute": compute_ratio(hashes, 0.0, needed),
        **{f"electric power, {one:g} joules per 10^12 hashes": hashes * one / 1e12 / watts for one in joules},
        "November 2013, as stated then": facts["bitcoin_hash_rate_2013"] / facts["supercomputers_2013_flops"],
        "December 2015, as stated then": facts["bitcoin_hash_rate_2015"] / facts["supercomputers_2015_flops"],
    }
    what = "Bitcoin over the largest supercomputers"
    return [reckoned("a", "600,000 times", name, (what, "ratio", ratio), claimed) for name, ratio in ratios.items()]


def claim_flops(facts: Facts) -> float:
    """Speed of the hundred largest supercomputers at which the claimed ratio is exact; the sum itself is not known."""
    hashes = hash_rate(facts["bitcoin_difficulty"])
    return hashes * facts["flop_per_hash"] / facts["claimed_ratio"]


def curves(facts: Facts) -> dict[str, pd.DataFrame]:
    """The ratio as a function of what a hash is taken to be worth, for two sums of supercomputers."""
    hashes = hash_rate(facts["bitcoin_difficulty"])
    computers = {"nine known machines, 9.29 EF": facts["top_nine_flops"], "21.05 EF": claim_flops(facts)}
    return {
        "conversion": pd.concat(
            [
                pd.DataFrame(
                    {
                        "flop_per_hash": FLOP_PER_HASH,
                        "computers": name,
                        "ratio": [compute_ratio(hashes, one, flops) for one in FLOP_PER_HASH.tolist()],
                    }
                )
                for name, flops in computers.items()
            ],
            ignore_index=True,
        )
    }


CLAIM = Claim(
    letter="a",
    question="Do open networks out-scale central ones?",
    claimed="Networks that anybody may join, held together by rewards alone, grow larger than anything built under one "
    "roof; Bitcoin is put at over 600,000 times the hundred largest supercomputers together.",
    source="Ala Shaabana, Proof of Talk, Paris, 2-3 June 2026, as reported on 3 June 2026",
    setup=f"{N_MINERS} miners who learn by best response rent hardware for a reward V; a firm spends a budget of "
    f"{BUDGET_TAO:g} TAO on hardware at {CENTRAL_COST_TAO:g} TAO a unit. The closed form is V (n-1) / (n c). The ratio "
    "to supercomputers is reckoned from facts, for every worth of a hash.",
    holds="Where the reward exceeds the firm's budget by more than an open unit costs more, times n / (n-1): here from "
    f"{break_even_prize(N_MINERS, OPEN_COST_TAO, CENTRAL_COST_TAO):.4f} budgets on. It says how much must be paid.",
    fails="Where the reward is cut (half the reward is half the network), and where the open unit costs more. The "
    "600,000 needs 12,697 operations for a hash; in floating-point operations that are executed it is nothing, in "
    "electric power sixty to eighty.",
    facts=(
        "claimed_ratio", "bitcoin_difficulty", "bitcoin_difficulty_later", "bitcoin_hash_rate_reported",
        "flop_per_hash", "top_five_flops", "top_nine_flops", "bitcoin_fleet_efficiency_low",
        "bitcoin_fleet_efficiency_high", "supercomputer_efficiency", "bitcoin_hash_rate_2013",
        "supercomputers_2013_flops", "bitcoin_hash_rate_2015", "supercomputers_2015_flops",
    ),
    cases=cases,
    reckoned=from_facts,
    curves=curves,
    columns=CURVE_COLUMNS,
)  # fmt: skip
