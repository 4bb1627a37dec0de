"""What the designer turns: the sections of a scenario that are rules, not people.

A field's comment gives its unit, and the source of a default that the chain set. `PerSubnet` fields take one number
for all subnets or a list with one number for each.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from model.bounds import one_of, within
from model.chain.emission.shares import EMISSION_RULES
from model.reward_rules import PAYS, SCORES
from model.scenario.frozen_map import FrozenMap
from model.units import SUPPLY_CAP

PerSubnet = float | tuple[float, ...]
FlagPerSubnet = bool | tuple[bool, ...]
Parameters = FrozenMap[bool | int | float | str | tuple[float, ...]]

LEAST_WEIGHT = 1e-6
CAPABILITIES = ("speed", "quality", "storage")
NO_PARAMETERS: Parameters = FrozenMap()


def _check_weights(field: str, weight: FrozenMap[PerSubnet]) -> None:
    """Pass if each weight is 0 or lies in [1e-6, 1000]: powers of smaller ones leave the range of numbers."""
    within(field, weight, 0, 1000)
    for name, given in weight.items():
        for one in given if isinstance(given, tuple) else (given,):
            if 0 < one < LEAST_WEIGHT:
                raise ValueError(f"{field}.{name} must be 0 or >= {LEAST_WEIGHT:g}, is {one!r}")


def table(**items: float) -> FrozenMap[PerSubnet]:
    """Frozen table of numbers by name."""
    return FrozenMap(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Time, issuance and the chain's fixed splits. Defaults: subtensor 14bc6f9, runtime/src/lib.rs."""

    tempo_blocks: int = 360
    initial_issuance_tao: float = 11_200_000.0  # 10.5M at the halving of 15 Dec 2025 + 197 days of 3,600 to 30 Jun 2026
    owner_cut_share: float = 11_796 / 65_535
    tao_weight: float = 971_718_665_099_567_868 / (2**64 - 1)  # of a root TAO against an alpha in a validator's stake

    def __post_init__(self) -> None:
        within("chain.tempo_blocks", self.tempo_blocks, 1, 50_400)
        within("chain.initial_issuance_tao", self.initial_issuance_tao, 0, SUPPLY_CAP)
        within("chain.owner_cut_share", self.owner_cut_share, 0, 1)
        within("chain.tao_weight", self.tao_weight, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnets:
    """How many subnets there are and how many uids each has: validators first, then miners."""

    count: int = 16
    n_validators: int = 16
    n_miners: int = 48
    age_blocks: int = 2_628_000  # since their first emission, at the start: a year; old prices move slowly

    def __post_init__(self) -> None:
        within("subnets.age_blocks", self.age_blocks, 0, 10**9)
        within("subnets.count", self.count, 1, 1024)
        within("subnets.n_validators", self.n_validators, 1, 256)
        within("subnets.n_miners", self.n_miners, 1, 4096)

    @property
    def n_uids(self) -> int:
        return self.n_validators + self.n_miners


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What a subnet scores, which share of the pay a score earns, and how claims are verified."""

    score: str = "cobb_douglas"
    score_parameters: Parameters = NO_PARAMETERS
    capability_weight: FrozenMap[PerSubnet] = field(default_factory=lambda: table(speed=0.4, quality=0.4, storage=0.2))
    pay: str = "proportional"
    pay_parameters: Parameters = NO_PARAMETERS
    # Standard deviation of one measurement, as a share of what is measured; a table gives one for each capability.
    measurement_noise: float | FrozenMap[float] = 0.0
    audit_rate: float = 0.0  # probability that a miner is audited in an epoch
    detection_share: float = 0.8  # probability that an audit finds a lie; CLOSED_FORMS 2.1
    fine_tao: float = 0.0
    confiscate: bool = True  # whoever is found lying is not scored in that epoch either
    exclusion_epochs: int = 0  # further epochs without score after a lie was found
    reentry_fee_tao: float = float(SUPPLY_CAP)  # ends an exclusion at once for whoever has it; by default nobody has

    def __post_init__(self) -> None:
        SCORES.build(self.score, self.score_parameters)
        PAYS.build(self.pay, self.pay_parameters)
        _check_weights("reward.capability_weight", self.capability_weight)
        within("reward.measurement_noise", self.measurement_noise, 0, 10)
        within("reward.audit_rate", self.audit_rate, 0, 1)
        within("reward.detection_share", self.detection_share, 0, 1)
        within("reward.fine_tao", self.fine_tao, 0, SUPPLY_CAP)
        within("reward.exclusion_epochs", self.exclusion_epochs, 0, 10_000_000)
        within("reward.reentry_fee_tao", self.reentry_fee_tao, 0, SUPPLY_CAP)

    def noise_of(self, capability: str) -> float:
        """Standard deviation of one measurement of this capability, as a share of what is measured."""
        noise = self.measurement_noise
        return float(noise if isinstance(noise, int | float) else noise[capability])


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """Which rule shares the TAO emission among subnets."""

    rule: str = "price_burn"
    parameters: Parameters = NO_PARAMETERS
    eligible: FlagPerSubnet = True  # started and open for registration; without it neither TAO nor alpha is minted
    enabled: FlagPerSubnet = True  # TAO emission switched on; without it the subnet's share goes to the others

    def __post_init__(self) -> None:
        EMISSION_RULES.build(self.rule, self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What alpha is worth: a stated price (the textbook setting) or a pool of TAO and alpha."""

    KINDS: ClassVar[tuple[str, ...]] = ("fixed_price", "pool")

    kind: str = "pool"
    price_tao_per_alpha: PerSubnet = 0.02  # fixed price, or the pool's price at the start
    tao_reserve_tao: PerSubnet = 20_000.0  # in the pool at the start
    outstanding_alpha: PerSubnet = 1_000_000.0  # held outside the modelled population at the start
    fee_share: float = 33 / 65_535  # subtensor 14bc6f9, pallets/swap
    demand_tao: PerSubnet = 0.0  # bought per epoch by the world outside
    demand_elasticity: float = 0.0  # eta: demand goes with (emission share / equal share) ** eta; CLOSED_FORMS 3.4

    def __post_init__(self) -> None:
        one_of("market.kind", self.kind, self.KINDS)
        within("market.price_tao_per_alpha", self.price_tao_per_alpha, 0, 1e6, above=True)
        within("market.tao_reserve_tao", self.tao_reserve_tao, 0, SUPPLY_CAP)
        if self.kind == "pool":
            within("market.tao_reserve_tao", self.tao_reserve_tao, 0.001)
        within("market.outstanding_alpha", self.outstanding_alpha, 0, SUPPLY_CAP)
        within("market.fee_share", self.fee_share, 0, 10_000 / 65_535)
        within("market.demand_tao", self.demand_tao, 0, SUPPLY_CAP)
        within("market.demand_elasticity", self.demand_elasticity, 0, 10)
        if self.kind == "fixed_price" and self.demand_tao != 0:
            raise ValueError(f"market.demand_tao needs market.kind 'pool', is {self.demand_tao!r} at a fixed price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Who may come in, and what a place costs: uids for miners, and netuids for subnets once all are taken.

    Newcomers come `always`, or only where entry is `profitable`: where a miner is left with more than the cost of its
    identity, its outside option and the uid's price over its payback. What a miner is left with among so many is what
    the subnet's miners had on average when they last were so many, or have now if they never were.

    Defaults that the chain set: subtensor 14bc6f9, values of a new subnet and after its migrations (CHAIN 8).
    """

    newcomers: float = 0.0  # miners per subnet and epoch on average who try to register; 0 closes the population
    n_waiting: int = 0  # miners without a uid at the start, in the whole network
    open_uids: int = 0  # of each subnet's miners' uids, free at the start; who would hold them waits
    entry: str = "always"
    payback_epochs: float = 100.0  # in which the price of a uid must come back where entry is profitable; ours
    identity_cost_tao: float = 0.0  # of every miner's uid per epoch, burned; F of CLOSED_FORMS 1.8 and 1.14
    price_tao: float = 1.0  # of a uid at the start, and in a new subnet
    min_price_tao: float = 0.0005
    max_price_tao: float = 100.0
    price_half_life_blocks: int = 360
    price_growth: float = 1.26  # factor on the price at each registration
    immunity_blocks: int = 5_000  # of a new uid
    newcomer_subnets_per_year: float = 0.0  # on average; each takes the place of the weakest subnet
    subnet_immunity_blocks: int = 864_000
    min_lock_tao: float = 1_000.0  # least that a new subnet pays into its pool
    lock_interval_blocks: int = 57_600  # in which the last lock is taken off the price, at 1 TAO a block
    subnet_rate_limit_blocks: int = 28_800  # between two subnets' registrations
    new_subnet_enabled: bool = True  # TAO emission of new subnets; the chain starts without, until root enables it
    restake_share: float = 0.1  # ours: of their payout, staked by a dissolved subnet's stakers in its successor

    ENTRY: ClassVar[tuple[str, ...]] = ("always", "profitable")

    def __post_init__(self) -> None:
        within("registration.newcomers", self.newcomers, 0, 1_000)
        within("registration.n_waiting", self.n_waiting, 0, 1_000_000)
        within("registration.open_uids", self.open_uids, 0, 4096)
        one_of("registration.entry", self.entry, self.ENTRY)
        within("registration.payback_epochs", self.payback_epochs, 1e-3, 1e9)
        within("registration.identity_cost_tao", self.identity_cost_tao, 0, 1e6)
        within("registration.min_price_tao", self.min_price_tao, 0, 1e5)
        within("registration.max_price_tao", self.max_price_tao, self.min_price_tao, 1e5)
        within("registration.price_tao", self.price_tao, self.min_price_tao, self.max_price_tao)
        within("registration.price_half_life_blocks", self.price_half_life_blocks, 1, 36_100)
        within("registration.price_growth", self.price_growth, 1, 3)
        within("registration.immunity_blocks", self.immunity_blocks, 0, 65_535)
        within("registration.newcomer_subnets_per_year", self.newcomer_subnets_per_year, 0, 10_000)
        within("registration.subnet_immunity_blocks", self.subnet_immunity_blocks, 0, 1e9)
        within("registration.min_lock_tao", self.min_lock_tao, 0.001, SUPPLY_CAP)
        within("registration.lock_interval_blocks", self.lock_interval_blocks, 1, 1e9)
        within("registration.subnet_rate_limit_blocks", self.subnet_rate_limit_blocks, 0, 1e9)
        within("registration.restake_share", self.restake_share, 0, 1)
        if self.newcomers > 0 and self.n_waiting == 0 and self.open_uids == 0:
            raise ValueError(f"registration.newcomers needs registration.n_waiting >= 1, is {self.newcomers!r} without")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What the work is really worth to its users: sum_k v_k (sum_i prod_l q^b_l)^e. CLOSED_FORMS 4.1."""

    capability_weight: FrozenMap[PerSubnet] = field(default_factory=lambda: table(speed=0.4, quality=0.4, storage=0.2))
    subnet_weight: PerSubnet = 1.0
    exponent: PerSubnet = 1.0

    def __post_init__(self) -> None:
        _check_weights("value.capability_weight", self.capability_weight)
        within("value.subnet_weight", self.subnet_weight, 0, 1e9)
        within("value.exponent", self.exponent, 1e-3, 1)
