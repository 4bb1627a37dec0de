"""Claim (e): the frame of 128 subnets, a supply cap and halvings."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from ext import elementary
from model.economy import Economy
from model.experiments.claims.claim import Claim
from model.experiments.claims.facts import Facts, read_facts
from model.experiments.claims.study import TEXTBOOK, Case, Measure, outcome, reckoned
from model.records import measures
from model.records.data_dictionary import Column
from model.scenario.interventions import Intervention
from model.units import FloatArray, IntArray
from model.yardsticks.theory.tokens import SUPPLY_CAP_TAO, halving_interval_days, issuance_tao

N_SUBNETS = 128
RULES = ("equal", "price_ema", "price_burn", "hill_gate")
RECYCLED_EVERY = (0, 10)  # every so many epochs; 0: never
TEMPO_BLOCKS = 18_000  # two and a half days
EPOCHS = 660
STATED_DAYS = halving_interval_days()
DAY = 1.0
NEARLY_ALL = 0.9  # of 128: a network of about so many subnets

CURVE_COLUMNS = (
    Column(name="rank", unit="count", meaning="subnets counted, the largest first"),
    Column(name="subnets", unit="text", meaning="128 equal ones, those fitted to what is published, or the facts"),
    Column(name="cumulative_share", unit="share", meaning="of all emission, to these subnets together"),
)


def cases(
    rules: Sequence[str] = RULES,
    recycled_every: Sequence[int] = RECYCLED_EVERY,
    price_share: Sequence[float] | None = None,
) -> list[Case]:
    """Halvings with and without recycling, the cap, and 128 subnets under several emission rules.

    Parameters
    ----------
    recycled_every : sequence of int
        Every so many epochs nobody may receive TAO, which leaves issuance again; 0 for never.
    price_share : sequence of float, optional
        Each of 128 subnets' share of all prices; fitted to what is published when not given.
    """
    share = fitted_price_share(read_facts()) if price_share is None else np.asarray(price_share, dtype=float)
    return [*map(_halvings, recycled_every), *_cap(), *(_subnets(rule, share) for rule in rules)]


def _halvings(every: int) -> Case:
    """Claimed is a date: the same interval whatever else happens."""
    recycled = 1 / every if every else 0.0
    closed = range(every // 2, EPOCHS, every) if every else range(0)
    changes = [(epoch, False) for epoch in closed] + [(epoch + 1, True) for epoch in closed]
    return Case(
        claim="e",
        study="halving by date",
        setting=f"{recycled:.0%} of what is minted is recycled",
        position=recycled,
        base="halving",
        settings={"epochs": EPOCHS, "chain.tempo_blocks": TEMPO_BLOCKS},
        interventions=tuple(
            Intervention(epoch=epoch, values={"emission.eligible": open_to}) for epoch, open_to in changes
        ),
        measures=(
            Measure(
                quantity="from nothing to the first halving", unit="days", of=outcome("halving_days"),
                theory=halving_interval_days(recycled), claimed=(STATED_DAYS - DAY, STATED_DAYS + DAY),
            ),
            Measure(
                quantity="issuance at the first halving", unit="TAO", of=_issuance_at_halving,
                theory=SUPPLY_CAP_TAO / 2, claimed=(SUPPLY_CAP_TAO / 2 * 0.999, SUPPLY_CAP_TAO / 2 * 1.001),
            ),
        ),
    )  # fmt: skip


def _issuance_at_halving(economy: Economy) -> float:
    """Issuance in the block of the first halving, by a straight line from the epoch before."""
    frame = economy.records.epochs.frame()
    halving = frame.index[frame["halving_block"].notna()][0]
    before, after = frame.loc[halving - 1], frame.loc[halving]
    # Until there a block mints one TAO.
    return float(before["issuance_tao"] + after["halving_block"] - before["block"])


def _cap() -> list[Case]:
    return [
        Case(
            claim="e",
            study="supply cap",
            setting=f"five years from {start:,.1f} TAO on",
            base="halving",
            settings={"epochs": 261, "chain.tempo_blocks": 50_400, "chain.initial_issuance_tao": start},
            measures=(
                Measure(
                    quantity="largest issuance over the cap", unit="ratio", of=_largest_issuance, theory=theory,
                    claimed=(0.0, 1.0),
                ),
            ),
        )
        for start, theory in ((0.0, issuance_tao(261 * 7) / SUPPLY_CAP_TAO), (SUPPLY_CAP_TAO - 0.1, 1.0))
    ]  # fmt: skip


def _largest_issuance(economy: Economy) -> float:
    return float(economy.records.epochs.frame()["issuance_tao"].max() / SUPPLY_CAP_TAO)


def _subnets(rule: str, price_share: FloatArray) -> Case:
    theory = {"equal": float(N_SUBNETS), "price_ema": effective_number(price_share)}
    return Case(
        claim="e",
        study="128 subnets",
        setting=f"emission by the rule {rule}",
        settings=TEXTBOOK | {
            "epochs": 3, "subnets.count": N_SUBNETS, "subnets.n_miners": 2, "emission.rule": rule,
            "market.price_tao_per_alpha": (price_share * 3.0).tolist(),
        },
        measures=(
            Measure(
                quantity="effective number of subnets, by emission", unit="count", of=_effective_subnets,
                theory=theory.get(rule, math.nan), claimed=(NEARLY_ALL * N_SUBNETS, N_SUBNETS),
            ),
        ),
    )  # fmt: skip


def _effective_subnets(economy: Economy) -> float:
    return effective_number(economy.records.subnets.last("emission_share"))


def effective_number(share: FloatArray) -> float:
    """Number of equals that would be as concentrated: 1 / HHI."""
    return 1 / float(measures.hhi(share))


def fitted_price_share(facts: Facts, n_subnets: int = N_SUBNETS) -> FloatArray:
    """Shares of all subnets by rank that meet the four published points of the Lorenz curve, (subnet,).

    Power laws of the rank in three parts: 1 to 30 and 65 to the last are as steep as the published sums ask for,
    through the published shares at ranks 30 and 64; the part between them is scaled to its sum by 1.5 %.
    """
    at_30, at_64 = facts["price_share_at_rank_30"], facts["price_share_at_rank_64"]
    to_30, to_64 = facts["price_share_of_top_30"], facts["price_share_of_top_64"]
    head = _power_law(np.arange(1, 31), 30, at_30, to_30)
    tail = _power_law(np.arange(65, n_subnets + 1), 64, at_64, 1 - to_64)
    rank = np.arange(31, 65)
    middle = at_30 * elementary.power(at_64 / at_30, elementary.log(rank / 30) / elementary.log(64 / 30))
    return np.concatenate([head, middle * (to_64 - to_30) / middle.sum(), tail])


def _power_law(rank: IntArray, known_rank: int, known_share: float, total: float) -> FloatArray:
    """Shares in proportion to a power of the rank, through the known one, with this sum."""

    def shares(power: float) -> FloatArray:
        return np.asarray(known_share * elementary.power(known_rank / rank, power))

    return shares(brentq(lambda power: shares(power).sum() - total, -5, 10))


def from_facts(facts: Facts) -> list[dict[str, Any]]:
    """How many subnets are paid, and what the largest ten get."""
    near = (NEARLY_ALL * N_SUBNETS, float(N_SUBNETS))
    paid = ("subnets enabled and paid", "count", facts["subnets_paid"])
    top = ("emission of the ten largest subnets", "share", facts["top_ten_emission_share"])
    equal = 10 / N_SUBNETS
    return [
        reckoned("e", "128 subnets", "30 July 2026", paid, near),
        reckoned("e", "128 subnets", "March 2026", top, (equal, equal / NEARLY_ALL)),
    ]


def curves(facts: Facts) -> dict[str, pd.DataFrame]:
    """What the largest subnets get together: 128 equals, the fit, and the published points."""
    rank = np.arange(1, N_SUBNETS + 1)
    lines: Mapping[str, tuple[Any, Any]] = {
        "128 equals": (rank, rank / N_SUBNETS),
        "fitted": (rank, np.cumsum(fitted_price_share(facts))),
        "published": ([30, 64], [facts["price_share_of_top_30"], facts["price_share_of_top_64"]]),
    }
    parts = [pd.DataFrame({"rank": x, "subnets": name, "cumulative_share": y}) for name, (x, y) in lines.items()]
    return {"subnets_by_rank": pd.concat(parts, ignore_index=True)}


CLAIM = Claim(
    letter="e",
    question="128 subnets, a cap and halvings?",
    claimed="The frame is 128 subnets, rewards in TAO, a cap on supply, and halvings.",
    source="the article about the talk, June 2026; press reports of the first halving speak of predetermined blocks",
    setup="Issuance is run from nothing, with and without a tenth of it leaving again because nobody may receive it; "
    "128 subnets whose prices are fitted to four published numbers are paid by several emission rules.",
    holds="Issuance never passes the cap, and halves at half of it.",
    fails="Halving goes by issuance and not by date: recycle a tenth and it comes 162 days later. 128 is a cap on "
    "registrations: paid by price, they are as concentrated as about 39 equal ones.",
    facts=(
        "supply_cap_tao", "first_halving_issuance_tao", "subnet_limit", "subnets_paid", "subnets_disabled",
        "subnets_withholding", "top_ten_emission_share", "price_share_of_top_30", "price_share_at_rank_30",
        "price_share_of_top_64", "price_share_at_rank_64",
    ),
    cases=cases,
    reckoned=from_facts,
    curves=curves,
    columns=CURVE_COLUMNS,
)  # fmt: skip
