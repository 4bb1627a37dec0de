"""A scenario: everything a run needs besides its seed, frozen and self-checking.

Each class is one section of a scenario file; a field's comment gives its unit, and the source of a default that the
chain set. `PerSubnet` fields take one number for all subnets or a list with one number for each.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from agents.registry import Registry
from agents.strategies import MINERS, NOMINATORS, VALIDATORS
from model.bounds import one_of, shares, within
from model.consensus.mechanism import MECHANISMS
from model.emission.shares import EMISSION_RULES
from model.frozen_map import FrozenMap
from model.reward_rules import PAYS, SCORES

PerSubnet = float | tuple[float, ...]
FlagPerSubnet = bool | tuple[bool, ...]
Parameters = FrozenMap[float | str | tuple[float, ...]]
ByStrategy = FrozenMap[Parameters]

CAPABILITIES = ("speed", "quality", "storage")


def table(**items: float) -> FrozenMap[PerSubnet]:
    """Frozen table of numbers by name."""
    return FrozenMap(items)


def check_population(section: str, registry: Registry, mix: FrozenMap[float], parameters: ByStrategy) -> None:
    """Pass if the mix names known strategies and sums to 1, and the parameters fit the strategies."""
    for name in mix:
        registry.get(name)
    shares(f"{section}.mix", mix.values())
    for name, given in parameters.items():
        registry.build(name, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Time, issuance and the chain's fixed splits. Defaults: subtensor 14bc6f9, runtime/src/lib.rs."""

    tempo_blocks: int = 360
    initial_issuance_tao: float = 11_200_000.0  # 10.5M at the halving of 15 Dec 2025 + 197 days of 3,600 to 30 Jun 2026
    owner_cut_share: float = 11_796 / 65_535
    tao_weight: float = 971_718_665_099_567_868 / (2**64 - 1)  # of a root TAO against an alpha in a validator's stake

    def __post_init__(self) -> None:
        within("chain.tempo_blocks", self.tempo_blocks, 1, 50_400)
        within("chain.initial_issuance_tao", self.initial_issuance_tao, 0, 21_000_000)
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
        within("subnets.age_blocks", self.age_blocks, 0)
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
    score_parameters: Parameters = FrozenMap()
    capability_weight: FrozenMap[PerSubnet] = field(
        default_factory=lambda: table(speed=0.4, quality=0.4, storage=0.2)
    )
    pay: str = "proportional"
    pay_parameters: Parameters = FrozenMap()
    measurement_noise: float = 0.0  # standard deviation of one measurement, as a share of what is measured
    audit_rate: float = 0.0  # probability that a miner is audited in an epoch
    detection_share: float = 0.8  # probability that an audit finds a lie; THEORY 2.1
    fine_tao: float = 0.0
    exclusion_epochs: int = 0  # further epochs without score after a lie was found

    def __post_init__(self) -> None:
        SCORES.build(self.score, self.score_parameters)
        PAYS.build(self.pay, self.pay_parameters)
        within("reward.capability_weight", self.capability_weight, 0)
        within("reward.measurement_noise", self.measurement_noise, 0, 10)
        within("reward.audit_rate", self.audit_rate, 0, 1)
        within("reward.detection_share", self.detection_share, 0, 1)
        within("reward.fine_tao", self.fine_tao, 0)
        within("reward.exclusion_epochs", self.exclusion_epochs, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """How weights become incentive and dividend. Defaults: subtensor 14bc6f9, subnets/subnet.rs and lib.rs."""

    mechanism: str = "yuma3"
    kappa: float = 32_767 / 65_535  # stake share that must support a weight
    bonds_penalty: float = 1.0  # 0: bonds on raw weights, 1: on clipped ones
    bonds_moving_average: float = 0.9  # per epoch, weight of the old bond
    alpha_low: float = 45_875 / 65_535  # liquid alpha only
    alpha_high: float = 58_982 / 65_535
    alpha_sigmoid_steepness: float = 10.0
    quantise_bonds: bool = False  # carry bonds as the chain stores them, in 65,535ths

    def __post_init__(self) -> None:
        MECHANISMS.get(self.mechanism)
        within("consensus.kappa", self.kappa, 0, 1, above=True)
        for name in ("bonds_penalty", "bonds_moving_average", "alpha_low", "alpha_high"):
            within(f"consensus.{name}", getattr(self, name), 0, 1)
        within("consensus.alpha_sigmoid_steepness", self.alpha_sigmoid_steepness, -1000, 1000)
        if self.alpha_low > self.alpha_high:
            raise ValueError(
                f"consensus.alpha_low must be <= alpha_high = {self.alpha_high:g}, is {self.alpha_low!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """Which rule shares the TAO emission among subnets."""

    rule: str = "price_burn"
    parameters: Parameters = FrozenMap()
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
    demand_elasticity: float = 0.0  # eta: demand goes with (emission share / equal share) ** eta; THEORY 3.4

    def __post_init__(self) -> None:
        one_of("market.kind", self.kind, self.KINDS)
        within("market.price_tao_per_alpha", self.price_tao_per_alpha, 0, 1e6, above=True)
        within("market.tao_reserve_tao", self.tao_reserve_tao, 0, 21_000_000)
        if self.kind == "pool":
            within("market.tao_reserve_tao", self.tao_reserve_tao, 0.001)
        within("market.outstanding_alpha", self.outstanding_alpha, 0, 21_000_000)
        within("market.fee_share", self.fee_share, 0, 10_000 / 65_535)
        within("market.demand_tao", self.demand_tao, 0)
        within("market.demand_elasticity", self.demand_elasticity, 0, 10)
        if self.kind == "fixed_price" and self.demand_tao != 0:
            raise ValueError(f"market.demand_tao needs market.kind 'pool', is {self.demand_tao!r} at a fixed price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Miners:
    """Who mines: strategies, skills, costs and money."""

    PRESENCE: ClassVar[tuple[str, ...]] = ("one_subnet", "every_subnet")

    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"best_response": 1.0}))
    parameters: ByStrategy = FrozenMap()
    presence: str = "one_subnet"  # one uid in one subnet, or one uid in each
    unit_cost_tao: FrozenMap[float] = field(
        default_factory=lambda: FrozenMap(dict.fromkeys(CAPABILITIES, 0.01))
    )  # per unit of hardware and epoch
    productivity: FrozenMap[float] = field(
        default_factory=lambda: FrozenMap(dict.fromkeys(CAPABILITIES, 1.0))
    )  # output per unit of hardware
    skill_sd: float = 0.0  # standard deviation of log productivity between miners
    cost_factor: PerSubnet = 1.0  # multiplies the unit costs; a list gives one for each miner of a subnet
    purse_tao: float = 100.0  # at the start
    budget_tao: PerSubnet = 1e9  # most that a miner spends per epoch; a list gives one for each miner
    sell_share: float = 1.0  # of the alpha earned in an epoch

    def __post_init__(self) -> None:
        check_population("miners", MINERS, self.mix, self.parameters)
        one_of("miners.presence", self.presence, self.PRESENCE)
        within("miners.unit_cost_tao", self.unit_cost_tao, 0, 1e9, above=True)
        within("miners.productivity", self.productivity, 0, 1e9, above=True)
        within("miners.skill_sd", self.skill_sd, 0, 5)
        within("miners.cost_factor", self.cost_factor, 0, 1e9, above=True)
        within("miners.purse_tao", self.purse_tao, 0, 21_000_000)
        within("miners.budget_tao", self.budget_tao, 0, 1e9)
        within("miners.sell_share", self.sell_share, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Who validates: the same owners in every subnet, each with its own stake there and with stake on root."""

    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"honest": 1.0}))
    parameters: ByStrategy = FrozenMap()
    stake_alpha: float = 10_000.0  # mean per validator and subnet, at the start
    stake_sd: float = 0.0  # standard deviation of log stake between validators
    root_stake_tao: float = 0.0  # mean per validator, at the start
    take_share: float = 11_796 / 65_535  # of what nominators' stake earns; subtensor 14bc6f9, default take
    reinvest_share: float = 1.0  # of own dividends kept as stake; the rest is sold
    root_claim: str = "swap"  # root dividends are sold for TAO and staked on root, or kept as alpha stake
    childkeys: tuple[tuple[float, ...], ...] = ()  # [parent, child, share of the parent's stake], in every subnet
    childkey_take_share: float = 0.0  # of what a child earns for its parents; subtensor 14bc6f9

    ROOT_CLAIMS: ClassVar[tuple[str, ...]] = ("swap", "keep")

    def __post_init__(self) -> None:
        one_of("validators.root_claim", self.root_claim, self.ROOT_CLAIMS)
        within("validators.childkey_take_share", self.childkey_take_share, 0, 0.18)
        for entry in self.childkeys:
            if len(entry) != 3 or not 0 <= entry[2] <= 1 or entry[0] == entry[1]:
                raise ValueError(
                    f"validators.childkeys must be [parent, child, share in [0, 1]] with two validators, is {entry}"
                )
        check_population("validators", VALIDATORS, self.mix, self.parameters)
        within("validators.stake_alpha", self.stake_alpha, 0, 21_000_000)
        within("validators.stake_sd", self.stake_sd, 0, 5)
        within("validators.root_stake_tao", self.root_stake_tao, 0, 21_000_000)
        within("validators.take_share", self.take_share, 0, 1)
        within("validators.reinvest_share", self.reinvest_share, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """What subnet owners do with miners' pay. Default: subtensor 14bc6f9, RecycleOrBurn = Burn."""

    burn_share: PerSubnet = 0.0  # of incentive that validators direct to the owner's key, where it is withheld
    recycle: bool = False  # withheld incentive leaves issuance; otherwise it is burned and still counts

    def __post_init__(self) -> None:
        within("owners.burn_share", self.burn_share, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominators:
    """Who stakes without validating: each has stake on every subnet, with one validator there."""

    count: int = 0
    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"loyal": 1.0}))
    parameters: ByStrategy = FrozenMap()
    stake_alpha: float = 1_000.0  # per nominator and subnet, at the start

    def __post_init__(self) -> None:
        check_population("nominators", NOMINATORS, self.mix, self.parameters)
        within("nominators.count", self.count, 0, 100_000)
        within("nominators.stake_alpha", self.stake_alpha, 0, 21_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cartel:
    """Colluding owners across roles: every miner and validator whose strategy is `colluding`. THEORY 2.2."""

    stake_share: float = 0.4  # s: of all validators' stake in a subnet, at the start
    self_weight: float = 1.0  # w: what its validators give its own miners
    merit_share: float = 0.3  # u: what honest validators would give its miners

    def __post_init__(self) -> None:
        within("cartel.stake_share", self.stake_share, 0, 1)
        within("cartel.self_weight", self.self_weight, 0, 1)
        within("cartel.merit_share", self.merit_share, 0, 0.999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What the work is really worth to its users: sum_k v_k (sum_i prod_l q^b_l)^e. DESIGN section 3."""

    capability_weight: FrozenMap[PerSubnet] = field(
        default_factory=lambda: table(speed=0.4, quality=0.4, storage=0.2)
    )
    subnet_weight: PerSubnet = 1.0
    exponent: PerSubnet = 1.0

    def __post_init__(self) -> None:
        within("value.capability_weight", self.capability_weight, 0)
        within("value.subnet_weight", self.subnet_weight, 0)
        within("value.exponent", self.exponent, 0, 1, above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One experiment: the world, its rules and its people.

    Raises
    ------
    ValueError
        If a field breaks its rule, alone or together with another; the sentence names the field, rule and value.
    """

    name: str = "unnamed"
    story: str = ""
    epochs: int = 200
    seed: int = 1
    capabilities: tuple[str, ...] = CAPABILITIES
    chain: Chain = Chain()
    subnets: Subnets = Subnets()
    reward: Reward = field(default_factory=Reward)
    consensus: Consensus = field(default_factory=Consensus)
    emission: Emission = field(default_factory=Emission)
    market: Market = Market()
    miners: Miners = field(default_factory=Miners)
    validators: Validators = field(default_factory=Validators)
    nominators: Nominators = field(default_factory=Nominators)
    owners: Owners = Owners()
    cartel: Cartel = Cartel()
    value: Value = field(default_factory=Value)

    def __post_init__(self) -> None:
        within("epochs", self.epochs, 1, 10_000_000)
        within("seed", self.seed, 0, 2**63 - 1)
        if not self.capabilities or len(set(self.capabilities)) < len(self.capabilities):
            raise ValueError(f"capabilities must be one or more different names, are {self.capabilities!r}")
        for path, given in (
            ("reward.capability_weight", self.reward.capability_weight),
            ("value.capability_weight", self.value.capability_weight),
            ("miners.unit_cost_tao", self.miners.unit_cost_tao),
            ("miners.productivity", self.miners.productivity),
        ):
            if set(given) != set(self.capabilities):
                raise ValueError(
                    f"{path} must name each capability ({', '.join(self.capabilities)}), names {', '.join(given)}"
                )
        self._check_lengths()
        if sum(self.money_at_start_tao()) > self.chain.initial_issuance_tao + 1e-6:
            purses, pools, root = self.money_at_start_tao()
            raise ValueError(
                f"chain.initial_issuance_tao must cover purses ({purses:g}), pools ({pools:g}) and root stake "
                f"({root:g}) at the start, is {self.chain.initial_issuance_tao:g}"
            )

    def _check_lengths(self) -> None:
        n_subnets, n_miners = self.subnets.count, self.subnets.n_miners
        per_subnet: list[tuple[str, object]] = [
            (f"market.{name}", getattr(self.market, name))
            for name in ("price_tao_per_alpha", "tao_reserve_tao", "outstanding_alpha", "demand_tao")
        ]
        per_subnet += [("value.subnet_weight", self.value.subnet_weight), ("value.exponent", self.value.exponent)]
        for section, weight in (("reward", self.reward), ("value", self.value)):
            per_subnet += [(f"{section}.capability_weight.{n}", w) for n, w in weight.capability_weight.items()]
        for section, names in (("reward.pay_parameters", self.reward.pay_parameters),):
            per_subnet += [(f"{section}.{name}", value) for name, value in names.items()]
        per_subnet += [(f"emission.parameters.{n}", v) for n, v in self.emission.parameters.items()]
        per_subnet += [("emission.eligible", self.emission.eligible), ("emission.enabled", self.emission.enabled)]
        per_subnet += [("owners.burn_share", self.owners.burn_share)]
        n_validators = self.subnets.n_validators
        for entry in self.validators.childkeys:
            if not all(number in range(n_validators) for number in entry[:2]):
                raise ValueError(f"validators.childkeys must name validators 0 to {n_validators - 1}, is {entry}")
        per_miner = [("miners.cost_factor", self.miners.cost_factor), ("miners.budget_tao", self.miners.budget_tao)]
        for path, value, want, of in [(*entry, n_subnets, "subnet") for entry in per_subnet] + [
            (*entry, n_miners, "miner of a subnet") for entry in per_miner
        ]:
            if isinstance(value, tuple) and len(value) != want:
                raise ValueError(f"{path} must be one number or one per {of} ({want}), has {len(value)}")

    def money_at_start_tao(self) -> tuple[float, float, float]:
        """TAO in miners' purses, in pools and on root when the run starts."""
        subnets, reserve = self.subnets, self.market.tao_reserve_tao
        n_miners = subnets.n_miners * (1 if self.miners.presence == "every_subnet" else subnets.count)
        pools = sum(reserve) if isinstance(reserve, tuple) else reserve * subnets.count
        return n_miners * self.miners.purse_tao, pools, subnets.n_validators * self.validators.root_stake_tao
