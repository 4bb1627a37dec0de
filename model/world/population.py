"""Who takes part: strategies handed out by the mix, uids handed out to holders, and the cohorts that act together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from agents.registry import entry_name
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from ext import elementary
from ext.noise import KeyArray, split_key, standard_normal
from model.scenario.design import PerSubnet
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario import Scenario
from model.units import BoolArray, FloatArray, IntArray
from model.world.randomness import capability_order, stream_key, uniform_by_person

CARTEL_ROLES = ("miner", "validator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """All participants of one role that play one strategy with the same parameters.

    name : "miner/honest", or "miner/honest-word" of a variant
    strategy : the strategy with its parameters
    member (member,) : numbers of its participants
    seat (seat,) : flat index subnet * n_uids + uid of its miners' slots, the validators' or nominators' own number, or
        the owners' subnet
    seat_member (seat,) : which member holds the seat
    person_key (member,) : who they are, as in `Population`
    """

    name: str
    role: str
    strategy: object
    member: IntArray
    seat: IntArray
    seat_member: IntArray
    person_key: KeyArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Participants, numbered owners first, then validators, nominators and miners.

    role, strategy (participant,) : text
    person_key (participant,) : who somebody is, by its role and the place that it started from; it keeps it wherever it
        goes, and whoever else takes part
    cartel (participant,) : whether it belongs to the cartel
    holder (subnet, uid) : number of the participant that holds the uid, or held it last where it is vacant
    vacant (subnet, uid) : whether nobody holds it
    own_unit_cost_tao, own_productivity (participant, capability) : those who don't mine have cost 1 and output 0
    unit_cost_tao, productivity (subnet, uid, capability) : of the participant there
    budget_tao (participant,) : most that it spends in an epoch
    """

    role: np.ndarray
    strategy: np.ndarray
    person_key: KeyArray
    cartel: BoolArray
    holder: IntArray
    vacant: BoolArray
    own_unit_cost_tao: FloatArray
    own_productivity: FloatArray
    unit_cost_tao: FloatArray
    productivity: FloatArray
    budget_tao: FloatArray
    cohorts: tuple[Cohort, ...]

    @property
    def n_participants(self) -> int:
        return len(self.role)

    def of_role(self, role: str) -> tuple[Cohort, ...]:
        """Cohorts of one role, in the order of their names."""
        return tuple(cohort for cohort in self.cohorts if cohort.role == role)

    def numbers(self, role: str) -> IntArray:
        """Numbers of the participants of one role, ascending."""
        return np.flatnonzero(self.role == role)

    def n_seated(self, n_miners: int) -> IntArray:
        """How many of a subnet's `n_miners` uids for miners somebody holds, (subnet,)."""
        return n_miners - self.vacant.sum(axis=1)

    def n_miner_uids(self) -> IntArray:
        """Number of miners' uids that each participant holds, (participant,)."""
        held = self.holder[~self.vacant & (self.role[self.holder] == "miner")]
        return np.bincount(held, minlength=self.n_participants)


def seats_by_mix(mix: FrozenMap[float], n_seats: int) -> np.ndarray:
    """Name of the strategy in each of `n_seats`, in the order of names; largest remainders fill what is left.

    Ties of remainders go to the first name, so that a mix says the same in whatever order it is written.
    """
    names = sorted(mix)
    share = np.array([mix[name] for name in names])
    exact = share * n_seats
    count = np.floor(exact + 1e-9).astype(np.int64)
    for index in np.argsort(-(exact - count), kind="stable")[: n_seats - int(count.sum())]:
        count[index] += 1
    return np.repeat(np.array(names, dtype=object), count)


def of_strategy(strategy: Iterable[str], *names: str) -> BoolArray:
    """Whether each strategy, (participant,), is one of `names` or a variant of one."""
    return np.array([one in names or entry_name(one) in names for one in strategy], dtype=bool)


def per_entry(value: PerSubnet, n_entries: int) -> FloatArray:
    """One number for each of `n_entries`: the list given, or the one number repeated."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), (n_entries,)))


def found(scenario: Scenario, seed: int) -> Population:
    """Population with which a run of `scenario` starts; miners who wait for a uid come last."""
    n_subnets, n_validators, n_miners = (
        scenario.subnets.count,
        scenario.subnets.n_validators,
        scenario.subnets.n_miners,
    )
    everywhere = scenario.miners.presence == "every_subnet"
    n_waiting = scenario.registration.n_waiting
    opens = owner_seats(scenario)
    by_seat = seats_by_mix(scenario.miners.mix, n_miners)
    seated = np.tile(by_seat[opens], 1 if everywhere else n_subnets)
    person_key = _person_keys(scenario)
    # By lot: subnets are often listed by size, and strategies by name.
    owner_lot = uniform_by_person(person_key[:n_subnets], stream_key(seed, "genesis", "owner"))
    owner_rank = np.argsort(np.argsort(owner_lot, kind="stable"), kind="stable")
    plays = {
        "owner": seats_by_mix(scenario.owners.mix, n_subnets)[owner_rank],
        "validator": seats_by_mix(scenario.validators.mix, n_validators),
        "nominator": seats_by_mix(scenario.nominators.mix, scenario.nominators.count),
        "miner": np.concatenate([seated, seats_by_mix(scenario.miners.mix, n_waiting)]),
    }
    role = np.repeat(np.array(list(plays), dtype=object), [len(names) for names in plays.values()])
    strategy = np.concatenate(list(plays.values()))
    holder = _hand_out_uids(n_subnets, n_validators, opens, int(np.argmax(role == "miner")), everywhere)
    own_unit_cost_tao, own_productivity = _abilities(scenario, role == "miner", seed)
    budget_tao = np.full(len(role), np.inf)
    budget_tao[role == "miner"] = _by_miner(scenario, scenario.miners.budget_tao)
    unseated = Population(
        role=role,
        strategy=strategy,
        person_key=person_key,
        cartel=of_strategy(strategy, *scenario.cartel.strategies) & np.isin(role.astype(str), CARTEL_ROLES),
        holder=holder,
        vacant=np.zeros(holder.shape, dtype=bool),
        own_unit_cost_tao=own_unit_cost_tao,
        own_productivity=own_productivity,
        unit_cost_tao=own_unit_cost_tao[holder],
        productivity=own_productivity[holder],
        budget_tao=budget_tao,
        cohorts=_cohorts(scenario, role, strategy, person_key),
    )
    vacant = np.zeros(holder.shape, dtype=bool)
    vacant[:, n_validators:] = _open_seats(scenario.miners.mix, by_seat, scenario.registration.open_uids)
    return seat(unseated, holder, vacant)


def seat(population: Population, holder: IntArray, vacant: BoolArray) -> Population:
    """Population with the uids in the hands of `holder` (subnet, uid) but where they are `vacant`; seats follow.

    Validators, nominators and owners keep theirs: their number is their seat.
    """
    miners = [index for index, cohort in enumerate(population.cohorts) if cohort.role == "miner"]
    cohort_of = np.full(population.n_participants, -1)
    for index in miners:
        cohort_of[population.cohorts[index].member] = index
    by_seat = holder.ravel()
    seat_cohort = np.where(vacant.ravel(), -1, cohort_of[by_seat])
    cohorts = list(population.cohorts)
    for index in miners:
        seats = np.flatnonzero(seat_cohort == index)
        seat_member = np.searchsorted(cohorts[index].member, by_seat[seats])
        cohorts[index] = replace(cohorts[index], seat=seats, seat_member=seat_member)
    return replace(
        population,
        holder=holder,
        vacant=vacant,
        unit_cost_tao=population.own_unit_cost_tao[holder],
        productivity=population.own_productivity[holder],
        cohorts=tuple(cohorts),
    )


def _open_seats(mix: FrozenMap[float], by_seat: np.ndarray, n_open: int) -> BoolArray:
    """Which of a subnet's miners' seats are free at the start, (seat,): the last ones of each strategy.

    Those who sit have the mix as well, to rounding.
    """
    left = {name: np.flatnonzero(by_seat == name).tolist() for name in mix}
    stay = [left[name].pop(0) for name in seats_by_mix(mix, len(by_seat) - n_open) if left[name]]
    rest = sorted(seat for seats in left.values() for seat in seats)
    stay += rest[: len(by_seat) - n_open - len(stay)]
    return ~np.isin(np.arange(len(by_seat)), stay)


def owner_seats(scenario: Scenario) -> BoolArray:
    """Whether a miner's seat in a subnet is the first of its holder, (seat,); a sybil has `identities` in a row."""
    strategy = seats_by_mix(scenario.miners.mix, scenario.subnets.n_miners)
    sybil = of_strategy(strategy, "sybil")
    return ~sybil | ((np.cumsum(sybil) - 1) % scenario.miners.identities == 0)


def _hand_out_uids(n_subnets: int, n_validators: int, opens: BoolArray, first_miner: int, everywhere: bool) -> IntArray:
    holder = np.empty((n_subnets, n_validators + len(opens)), dtype=np.int64)
    holder[:, :n_validators] = n_subnets + np.arange(n_validators)
    subnet = np.zeros(n_subnets, dtype=np.int64) if everywhere else np.arange(n_subnets)
    holder[:, n_validators:] = first_miner + subnet[:, np.newaxis] * opens.sum() + np.cumsum(opens) - 1
    return holder


def _abilities(scenario: Scenario, mines: BoolArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Unit cost and productivity of every participant; skill is a draw per miner and capability.

    Those who wait draw from a stream of their own, so that their number leaves everybody else's skill alone.
    """
    miners, names = scenario.miners, scenario.capabilities
    n_waiting, n_names = scenario.registration.n_waiting, len(names)
    unit_cost_tao, productivity = np.ones((len(mines), n_names)), np.zeros((len(mines), n_names))
    factor = _by_miner(scenario, miners.cost_factor)[:, np.newaxis]
    unit_cost_tao[mines] = factor * np.array([miners.unit_cost_tao[name] for name in names])
    n_lists = 1 if miners.presence == "every_subnet" else scenario.subnets.count
    seated_talent = standard_normal(stream_key(seed, "genesis", "skill"), (n_lists, scenario.subnets.n_miners, n_names))
    talent = np.concatenate(
        [
            seated_talent[:, owner_seats(scenario)].reshape(-1, n_names),
            standard_normal(stream_key(seed, "genesis", "skill", "waiting"), (n_waiting, n_names)),
        ]
    )
    base = np.array([miners.productivity[name] for name in names])
    productivity[mines] = base * elementary.exp(
        miners.skill_sd * talent[:, np.argsort(capability_order(names), kind="stable")]
    )
    return unit_cost_tao, productivity


def _person_keys(scenario: Scenario) -> KeyArray:
    """Who each participant is, (participant,): its role and where it starts, and never how many others there are.

    Owners go by subnet, validators and nominators by number, those who wait by their place on the bench, seated miners
    by subnet and first seat, or by seat alone where each is in every subnet.
    """
    n_subnets = scenario.subnets.count
    opens = np.flatnonzero(owner_seats(scenario))

    def keys(kind: str, place: IntArray) -> KeyArray:
        return split_key(stream_key(0, "person", kind), place)

    if scenario.miners.presence == "every_subnet":
        seated = keys("miner", opens)
    else:
        seated = split_key(keys("miner", np.arange(n_subnets))[:, np.newaxis], opens)
    return np.concatenate(
        [
            keys("owner", np.arange(n_subnets)),
            keys("validator", np.arange(scenario.subnets.n_validators)),
            keys("nominator", np.arange(scenario.nominators.count)),
            seated.ravel(),
            keys("waiting", np.arange(scenario.registration.n_waiting)),
        ]
    )


def _by_miner(scenario: Scenario, value: PerSubnet) -> FloatArray:
    """One number for each miner: a list runs over a subnet's miners and starts anew with each subnet, and the bench.

    A list has an entry for each uid; who holds several takes that of its first.
    """
    n_miners = scenario.subnets.n_miners
    n_lists = 1 if scenario.miners.presence == "every_subnet" else scenario.subnets.count
    listed = per_entry(value, n_miners)
    seated = np.tile(listed[owner_seats(scenario)], n_lists)
    return np.concatenate([seated, np.resize(listed, scenario.registration.n_waiting)])


def _cohorts(scenario: Scenario, role: np.ndarray, strategy: np.ndarray, person_key: KeyArray) -> tuple[Cohort, ...]:
    """Cohorts by role and strategy; miners' seats are still to be given out by `seat`."""
    registries = {
        "miner": (MINERS, scenario.miners),
        "validator": (VALIDATORS, scenario.validators),
        "nominator": (NOMINATORS, scenario.nominators),
        "owner": (OWNERS, scenario.owners),
    }
    cohorts = []
    for part, (registry, section) in registries.items():
        numbers = np.flatnonzero(role == part)
        for name in dict.fromkeys(strategy[numbers]):
            member = numbers[strategy[numbers] == name]
            built = registry.build(name, section.parameters.get(name))  # type: ignore[attr-defined]
            cohorts.append(
                Cohort(
                    name=f"{part}/{name}",
                    role=part,
                    strategy=built,
                    member=member,
                    seat=member - numbers[0],
                    seat_member=np.arange(len(member)),
                    person_key=person_key[member],
                )
            )
    return tuple(cohorts)
