"""Random small worlds, played in milliseconds, and what two plays are compared by.

A world is a table of values by dotted path over `TINY`, so that one that broke a relation fits into a line.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from hypothesis import assume, settings
from hypothesis import strategies as st

from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.chain.consensus.mechanism import MECHANISMS
from model.chain.emission.shares import EMISSION_RULES
from model.economy import Economy
from model.records.export import csv_bytes
from model.reward_rules import PAYS, SCORES
from model.scenario.people import Cartel
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values

Values = dict[str, Any]
Figures = dict[str, np.ndarray]

# Scenarios that each relation is held against. The slow tests ask for 200; thousands are played by hand.
EXAMPLES = int(os.environ.get("RELATIONS_EXAMPLES", "10"))
relation = settings(max_examples=EXAMPLES, deadline=None, derandomize=True)

ROUNDING = 1e-12  # of a sum over more people
TINY: Values = {
    "epochs": 3,
    "subnets.count": 2,
    "subnets.n_validators": 2,
    "subnets.n_miners": 3,
    "miners.skill_sd": 0.0,
}
CAPABILITIES = ("speed", "quality", "storage")

# Miners whose spending is a stated share of the pot whatever was paid, and who draw nothing.
FIXED_MINERS = ("cheater", "honest", "lazy", "metric_maximizer", "speed")
# Pay shapes in which a hair's difference of scores is a hair's difference of pay.
SMOOTH_PAYS = ("equal", "proportional", "softmax")
EXIT = {"miners.outside_option_tao": 1e6, "miners.exit_window_epochs": 1, "miners.exit_share": 0.5}


def scenario_of(values: Values) -> Scenario:
    """Scenario of a world."""
    return with_values(Scenario(), TINY | values)


def begun(values: Values, seed: int = 1, **given: Any) -> Economy:
    """Economy before its first epoch; worlds that the scenario's checks refuse are passed over."""
    try:
        scenario = scenario_of(values)
    except ValueError:
        assume(False)
    return Economy(scenario, rng=seed, **given)


def play(values: Values, seed: int = 1, epochs: int | None = None, **given: Any) -> Economy:
    """Economy after so many epochs, all of its scenario's if not said."""
    economy = begun(values, seed, **given)
    return go_on(economy, economy.first_scenario.epochs if epochs is None else epochs)


def go_on(economy: Economy, epochs: int) -> Economy:
    """The economy after so many more epochs."""
    for _ in range(epochs):
        economy.step()
    return economy


def written(economy: Economy) -> dict[str, bytes]:
    """CSV of every table, by name."""
    return {name: csv_bytes(frame) for name, frame in economy.tables().items()}


def tables(economy: Economy) -> Figures:
    """Every column of every table that a run keeps, (epoch, row); strategies by role and name."""
    records, found = economy.records, {}
    for table in ("epochs", "subnets", "capabilities"):
        series = getattr(records, table)
        found |= {f"{table}.{name}": series.history(name) for name in series.columns}
    label = records.strategies.label
    for name in records.strategies.columns:
        for row, who in enumerate(zip(label["role"], label["strategy"], strict=True)):
            found[f"strategies.{'/'.join(who)}.{name}"] = records.strategies.history(name)[:, row]
    return found


def seats(economy: Economy) -> Figures:
    """What is known of each uid after the last epoch, (subnet, uid, ...)."""
    state, people = economy.state, economy.population
    names = ("resource", "score", "incentive_share", "dividend_share", "consensus", "earned_tao", "bond", "permit")
    first = {role: int(people.numbers(role)[0]) for role in ("validator", "miner") if (people.role == role).any()}
    holder = people.holder - np.vectorize(first.get)(people.role[people.holder])
    return {f"seats.{name}": getattr(state, name) for name in names} | {
        "seats.holder": np.where(people.vacant, -1, holder)
    }


def persons(economy: Economy) -> Figures:
    """What each participant of a role has after the last epoch, (person,), by role."""
    found = dict(economy.records.participant_tao) | {"purse": economy.state.purse_rao / 1e9}
    role = economy.population.role
    return {f"{part}s.{name}": amount[role == part] for name, amount in found.items() for part in set(role)}


def figures(economy: Economy) -> Figures:
    """All that a run shows: tables, uids and persons."""
    return tables(economy) | seats(economy) | persons(economy)


def apart(one: Figures, other: Figures, rel: float = 0.0, but: Iterable[str] = (), last: int = 0) -> dict[str, float]:
    """Figures of both that differ by more than `rel`, of the larger or of 1, and by how much.

    Parameters
    ----------
    but : parts of names of figures that may differ
    last : so many entries at the end of a role's persons are the newcomers' own and are left out
    """
    skipped, found = tuple(but), {}
    for name in one.keys() & other.keys():
        if any(part in name for part in skipped):
            continue
        a, b = np.asarray(one[name], dtype=float), np.asarray(other[name], dtype=float)
        if last and a.shape != b.shape:
            b = b[: len(a)]
        if a.shape != b.shape:
            found[name] = np.inf
            continue
        size = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)
        with np.errstate(invalid="ignore"):
            gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b) / size)
        worst = np.nan_to_num(gap, nan=np.inf).max(initial=0.0)
        if worst > rel:
            found[name] = float(worst)
    return dict(sorted(found.items()))


def mixes(names: Iterable[str]) -> st.SearchStrategy[dict[str, float]]:
    """Mixes of up to three strategies."""

    def mix(chosen: list[tuple[str, int]]) -> dict[str, float]:
        total = sum(weight for _, weight in chosen)
        return {name: weight / total for name, weight in chosen}

    pairs = st.tuples(st.sampled_from(list(names)), st.integers(1, 4))
    return st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(mix)


def weights(names: Iterable[str]) -> st.SearchStrategy[dict[str, float]]:
    """Weights of capabilities, one of them at least positive."""
    weight = st.sampled_from([0.0, 0.2, 0.5, 1.0])
    return st.fixed_dictionaries(dict.fromkeys(names, weight)).filter(lambda table: any(table.values()))


PAY_PARAMETERS: Mapping[str, list[Values]] = {
    "proportional": [{}, {"decisiveness": 0.5}, {"decisiveness": 2.0}],
    "softmax": [{}, {"temperature": 0.3}],
    "rank": [{}, {"prize_ratio": 0.5}],
    "threshold": [{}, {"bar_share": 0.9}],
    "top_k": [{"n_winners": 1}, {"n_winners": 2}],
}
STRATEGY_PARAMETERS: Mapping[str, list[Values]] = {
    "miners": [
        {},
        {"best_response": {"damping": 0.5}},
        {"cheater": {"claim_factor": 10.0}},
        {"exp3": {"n_levels": 3}},
        {"hedge": {"n_levels": 2}},
        {"hopper": {"inertia_share": 0.2}},
    ],
    "validators": [{}, {"weight_copier": {"delay_epochs": 2}}, {"lazy": {"period_epochs": 2}}],
    "nominators": [{"follow_yield": {"inertia_share": 0.0}}],
    "owners": [{"tuner": {"period_epochs": 1}}],
}


@st.composite
def worlds(draw: st.DrawFn, n_epochs: int = 4, **fixed: Any) -> Values:
    """Values of a small world: every strategy, rule and mechanism, one uid of a kind to a few of everything.

    Parameters
    ----------
    fixed : value, or strategy of values, of a path with `__` for the dots; it goes before what is drawn
    """
    given = {path.replace("__", "."): value for path, value in fixed.items()}
    given = {path: draw(one) if isinstance(one, st.SearchStrategy) else one for path, one in given.items()}
    n_subnets = given.get("subnets.count", draw(st.integers(1, 4)))

    def one_of(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    def per_subnet(*values: float) -> Any:
        number = st.sampled_from(values)
        return draw(number | st.lists(number, min_size=n_subnets, max_size=n_subnets))

    pooled = given.get("market.kind", one_of("fixed_price", "pool")) == "pool"
    owned = given.get("miners.hardware", one_of("rented", "rented", "owned")) == "owned"
    pay, score = given.get("reward.pay", one_of(*PAYS.names())), given.get("reward.score", one_of(*SCORES.names()))
    crowd = one_of("closed", "closed", "open")
    values = {
        "epochs": draw(st.integers(1, n_epochs)),
        "subnets.count": n_subnets,
        "subnets.n_validators": draw(st.integers(1, 4)),
        # The chain replaces nobody where less than eleven could be.
        "subnets.n_miners": draw(st.integers(1, 8) | st.just(12)),
        "chain.tempo_blocks": one_of(360, 360, 7_200),
        "chain.owner_cut_share": one_of(0.0, 0.18, 0.18, 1.0),
        "reward.score": score,
        "reward.score_parameters": {"substitution_exponent": one_of(-1.0, 0.5)} if score == "ces" else {},
        "reward.capability_weight": draw(weights(CAPABILITIES)),
        "reward.pay": pay,
        "reward.pay_parameters": one_of(*PAY_PARAMETERS.get(pay, [{}])),
        "reward.measurement_noise": one_of(0.0, 0.3),
        "reward.audit_rate": one_of(0.0, 0.5, 1.0),
        "reward.detection_share": one_of(0.0, 0.8, 1.0),
        "reward.fine_tao": one_of(0.0, 0.5, 1e6),
        "reward.confiscate": draw(st.booleans()),
        "reward.exclusion_epochs": draw(st.integers(0, 2)),
        "reward.reentry_fee_tao": one_of(0.0, 0.3, 2.1e7),
        "consensus.mechanism": one_of(*MECHANISMS.names()),
        "emission.rule": one_of(*EMISSION_RULES.names()),
        "market.kind": "pool" if pooled else "fixed_price",
        "market.price_tao_per_alpha": per_subnet(0.01, 0.02, 0.1),
        "market.tao_reserve_tao": per_subnet(50.0, 20_000.0),
        "market.demand_tao": per_subnet(0.0, 7.0) if pooled else 0.0,
        "market.demand_elasticity": one_of(0.0, 2.0),
        "miners.mix": draw(mixes(MINERS.names())),
        "miners.parameters": one_of(*STRATEGY_PARAMETERS["miners"]),
        "miners.presence": one_of("one_subnet", "every_subnet"),
        "miners.identities": draw(st.integers(1, 3)),
        "miners.purse_tao": one_of(0.0, 0.01, 100.0),
        "miners.sell_share": one_of(0.0, 0.7, 1.0),
        "miners.skill_sd": one_of(0.0, 0.5),
        "miners.hardware": "owned" if owned else "rented",
        "miners.cost_exponent": 1.0 if owned else one_of(1.0, 1.0, 2.0),
        "miners.hardware_price_tao": one_of(0.01, 10.0),
        "miners.depreciation_share": one_of(0.0, 0.1),
        "miners.hardware_resale_share": one_of(0.0, 1.0),
        "miners.reinvest": one_of("profit", "purse"),
        "miners.outside_option_tao": one_of(-1.0, 0.0, 1.0),
        "miners.exit_window_epochs": draw(st.integers(0, 2)),
        "miners.exit_share": one_of(0.3, 1.0),
        "miners.broke_below_tao": one_of(0.0, 0.0, 0.1),
        "validators.mix": draw(mixes(VALIDATORS.names())),
        "validators.parameters": one_of(*STRATEGY_PARAMETERS["validators"]),
        "validators.stake_sd": one_of(0.0, 0.5),
        "validators.root_stake_tao": one_of(0.0, 5_000.0),
        "validators.root_claim": one_of("swap", "swap", "keep"),
        "validators.reinvest_share": one_of(0.0, 0.5, 1.0),
        "validators.take_share": one_of(0.0, 0.18, 1.0),
        "validators.purse_tao": one_of(0.0, 1.0),
        "validators.audit_cost_tao": one_of(0.0, 0.0, 0.3),
        "cartel.stake_share": one_of(0.2, 0.4, 0.7),
        "cartel.vote_rule": one_of(*Cartel.VOTE_RULES),
        "cartel.side_payment_share": one_of(0.0, 0.0, 0.5),
        "cartel.side_payment_rule": one_of(*Cartel.SIDE_PAYMENT_RULES),
        "nominators.count": draw(st.integers(0, 3)),
        "nominators.mix": draw(mixes(NOMINATORS.names())),
        "nominators.parameters": one_of(*STRATEGY_PARAMETERS["nominators"]),
        "owners.burn_share": per_subnet(0.0, 0.0, 0.3, 1.0),
        "owners.recycle": draw(st.booleans()),
        "owners.mix": draw(mixes(OWNERS.names())),
        "owners.parameters": one_of(*STRATEGY_PARAMETERS["owners"]),
        "registration.newcomers": 0.0 if crowd == "closed" else 1.5,
        "registration.n_waiting": 0 if crowd == "closed" else draw(st.integers(1, 3)),
        "registration.open_uids": 0 if crowd == "closed" else draw(st.integers(0, 1)),
        "registration.entry": one_of("always", "profitable"),
        "registration.price_tao": one_of(0.01, 1.0),
        "registration.immunity_blocks": one_of(0, 1_000),
        "registration.identity_cost_tao": one_of(0.0, 0.01),
        "value.capability_weight": draw(weights(CAPABILITIES)),
        "value.exponent": one_of(0.5, 1.0),
    }
    return values | given


seeds = st.integers(0, 99)
