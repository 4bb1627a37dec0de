"""Who takes part: the sections of a scenario that are people, what they play and what they start with."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from agents.registry import Registry, entry_name
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.bounds import one_of, shares, within
from model.scenario.design import CAPABILITIES, Parameters, PerSubnet
from model.scenario.frozen_map import FrozenMap
from model.units import SUPPLY_CAP

ByStrategy = FrozenMap[Parameters]

NO_PARAMETERS: ByStrategy = FrozenMap()
LEAST_FACTOR = 1e-6  # of costs, productivity and prices: what all TAO buys of all of them stays far from overflow
# The strategies of each section. A name such as `lazy-weekly` plays `lazy` with parameters of its own.
STRATEGIES: dict[str, Registry[Any]] = {
    "miners": MINERS,
    "validators": VALIDATORS,
    "nominators": NOMINATORS,
    "owners": OWNERS,
}


def check_population(section: str, mix: FrozenMap[float], parameters: ByStrategy) -> None:
    """Pass if the mix names known strategies and sums to 1, and the parameters fit the strategies."""
    registry = STRATEGIES[section]
    for name in mix:
        registry.get(name)
    shares(f"{section}.mix", mix.values())
    for name, given in parameters.items():
        registry.build(name, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miners:
    """Who mines: strategies, skills, costs and money.

    Hardware is `rented`, at its unit cost, or `owned`: bought at its price, run at its unit cost and worn out with
    time. Who owns it buys what its strategy asks for and it lacks, out of the epoch's `profit` (the first out of its
    purse) or out of its `purse` at any time.
    """

    PRESENCE: ClassVar[tuple[str, ...]] = ("one_subnet", "every_subnet")
    HARDWARE: ClassVar[tuple[str, ...]] = ("rented", "owned")
    REINVEST: ClassVar[tuple[str, ...]] = ("profit", "purse")

    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"best_response": 1.0}))
    parameters: ByStrategy = NO_PARAMETERS
    presence: str = "one_subnet"  # one uid in one subnet, or one uid in each
    identities: int = 5  # uids in a subnet of each who plays `sybil`; the mix counts uids
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
    sell_share: float = 1.0  # of the alpha earned in an epoch; more where the purse would not last for another epoch
    cost_exponent: float = 1.0  # g: x units cost unit cost times x^g / g, in each uid and capability; CLOSED_FORMS 1.3
    hardware: str = "rented"
    hardware_price_tao: float | FrozenMap[float] = 100.0  # of a unit to own; ours: its wear costs half of running it
    depreciation_share: float = 1 / 21_900  # of owned hardware per epoch; ours: it lasts three years of 72 minutes
    hardware_start_share: float = 1.0  # of what it first asks for, owned by a miner with a uid at the start
    hardware_resale_share: float = 0.0  # of its price, got back for the hardware of who leaves; 0 is sunk
    reinvest: str = "profit"
    reinvest_share: float = 1.0  # of an epoch's profit, put into hardware at most
    outside_option_tao: float = 0.0  # what a miner earns elsewhere per epoch, after costs
    exit_window_epochs: int = 0  # in a row that a miner earns less than that before it leaves; 0 keeps all
    exit_share: float = 0.1  # of those whose window is over, who leave in an epoch; ours: one after the other
    broke_below_tao: float = 0.0  # a miner with less in purse and alpha leaves; 0 keeps all

    def __post_init__(self) -> None:
        check_population("miners", self.mix, self.parameters)
        one_of("miners.presence", self.presence, self.PRESENCE)
        within("miners.identities", self.identities, 1, 4096)
        within("miners.unit_cost_tao", self.unit_cost_tao, LEAST_FACTOR, 1e9)
        within("miners.productivity", self.productivity, LEAST_FACTOR, 1e6)
        within("miners.skill_sd", self.skill_sd, 0, 5)
        within("miners.cost_factor", self.cost_factor, LEAST_FACTOR, 1e9)
        within("miners.purse_tao", self.purse_tao, 0, SUPPLY_CAP)
        within("miners.budget_tao", self.budget_tao, 0, 1e9)
        within("miners.sell_share", self.sell_share, 0, 1)
        within("miners.cost_exponent", self.cost_exponent, 1, 10)
        one_of("miners.hardware", self.hardware, self.HARDWARE)
        within("miners.hardware_price_tao", self.hardware_price_tao, LEAST_FACTOR, 1e9)
        within("miners.depreciation_share", self.depreciation_share, 0, 1)
        within("miners.hardware_start_share", self.hardware_start_share, 0, 1000)
        within("miners.hardware_resale_share", self.hardware_resale_share, 0, 1)
        one_of("miners.reinvest", self.reinvest, self.REINVEST)
        within("miners.reinvest_share", self.reinvest_share, 0, 1)
        within("miners.outside_option_tao", self.outside_option_tao, -1e9, 1e9)
        within("miners.exit_window_epochs", self.exit_window_epochs, 0, 10_000_000)
        within("miners.exit_share", self.exit_share, 0, 1)
        within("miners.broke_below_tao", self.broke_below_tao, 0, SUPPLY_CAP)
        if self.hardware == "owned" and self.cost_exponent != 1:
            raise ValueError(f"miners.cost_exponent must be 1 where hardware is owned, is {self.cost_exponent!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Who validates: the same people in every subnet, each with its own stake there and with stake on root."""

    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"honest": 1.0}))
    parameters: ByStrategy = NO_PARAMETERS
    stake_alpha: float = 10_000.0  # mean per validator and subnet, at the start
    stake_sd: float = 0.0  # standard deviation of log stake between validators
    root_stake_tao: float = 0.0  # mean per validator, at the start
    take_share: float = 11_796 / 65_535  # of what nominators' stake earns; subtensor 14bc6f9, default take
    reinvest_share: float = 1.0  # of own dividends kept as stake, after the coming audits' cost; the rest is sold
    root_claim: str = "swap"  # root dividends are sold for TAO and staked on root, or kept as alpha stake
    childkeys: tuple[tuple[float, ...], ...] = ()  # [parent, child, share of the parent's stake], in every subnet
    childkey_take_share: float = 0.0  # of what a child earns for its parents; subtensor 14bc6f9
    purse_tao: float = 0.0  # at the start
    audit_cost_tao: float = 0.0  # of one audit, paid from the purses of validators who audit
    audit_budget_tao: float = 1e9  # most that a validator spends on audits per epoch

    ROOT_CLAIMS: ClassVar[tuple[str, ...]] = ("swap", "keep")

    def __post_init__(self) -> None:
        one_of("validators.root_claim", self.root_claim, self.ROOT_CLAIMS)
        within("validators.childkey_take_share", self.childkey_take_share, 0, 0.18)
        for entry in self.childkeys:
            if len(entry) != 3 or not 0 <= entry[2] <= 1 or entry[0] == entry[1]:
                raise ValueError(
                    f"validators.childkeys must be [parent, child, share in [0, 1]] with two validators, is {entry}"
                )
        check_population("validators", self.mix, self.parameters)
        within("validators.stake_alpha", self.stake_alpha, 0, SUPPLY_CAP)
        within("validators.stake_sd", self.stake_sd, 0, 5)
        within("validators.root_stake_tao", self.root_stake_tao, 0, SUPPLY_CAP)
        within("validators.take_share", self.take_share, 0, 1)
        within("validators.reinvest_share", self.reinvest_share, 0, 1)
        within("validators.purse_tao", self.purse_tao, 0, SUPPLY_CAP)
        within("validators.audit_cost_tao", self.audit_cost_tao, 0, 1e6)
        within("validators.audit_budget_tao", self.audit_budget_tao, 0, 1e9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who owns the subnets, and what they do with miners' pay. Default: subtensor 14bc6f9, RecycleOrBurn = Burn."""

    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"fixed": 1.0}))
    parameters: ByStrategy = NO_PARAMETERS
    burn_share: PerSubnet = 0.0  # of incentive that validators direct to the owner's key, where it is withheld
    recycle: bool = False  # withheld incentive leaves issuance; otherwise it is burned and still counts

    def __post_init__(self) -> None:
        check_population("owners", self.mix, self.parameters)
        within("owners.burn_share", self.burn_share, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominators:
    """Who stakes without validating: each has stake on every subnet, with one validator there."""

    count: int = 0
    mix: FrozenMap[float] = field(default_factory=lambda: FrozenMap({"loyal": 1.0}))
    parameters: ByStrategy = NO_PARAMETERS
    stake_alpha: float = 1_000.0  # per nominator and subnet, at the start

    def __post_init__(self) -> None:
        check_population("nominators", self.mix, self.parameters)
        within("nominators.count", self.count, 0, 100_000)
        within("nominators.stake_alpha", self.stake_alpha, 0, SUPPLY_CAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cartel:
    """Owners who stand together across roles: every miner and validator who plays one of the `strategies`.

    Source: CLOSED_FORMS 2.2.

    Its validators hear the plan, and vote by it if their strategy does, as `colluding` does; its miners get those votes
    whatever they play.

    How its validators vote: `self_weight` gives its miners that weight by what each has done, `even_split` the same
    weight in equal parts whatever they have done, and `within_consensus` no more than the last consensus let through.
    Side payments pool a share of what members earn, as far as they have the TAO, and share it out among all members
    alike (`equal`) or among the validators by stake (`stake`).
    """

    VOTE_RULES: ClassVar[tuple[str, ...]] = ("self_weight", "even_split", "within_consensus")
    SIDE_PAYMENT_RULES: ClassVar[tuple[str, ...]] = ("equal", "stake")

    strategies: tuple[str, ...] = ("colluding",)  # of miners and validators that are in it
    stake_share: float = 0.4  # s: of all stake that votes in a subnet at the start, nominators' with it and root
    self_weight: float = 1.0  # w: what its validators give its own miners
    merit_share: float = 0.3  # u: what honest validators would give its miners
    vote_rule: str = "self_weight"
    side_payment_share: float = 0.0  # of what members earn in an epoch
    side_payment_rule: str = "stake"

    def __post_init__(self) -> None:
        known = sorted({*MINERS.names(), *VALIDATORS.names()})
        for name in self.strategies:
            one_of("cartel.strategies", entry_name(name), known)
        one_of("cartel.vote_rule", self.vote_rule, self.VOTE_RULES)
        one_of("cartel.side_payment_rule", self.side_payment_rule, self.SIDE_PAYMENT_RULES)
        within("cartel.side_payment_share", self.side_payment_share, 0, 1)
        within("cartel.stake_share", self.stake_share, 0, 1)
        within("cartel.self_weight", self.self_weight, 0, 1)
        within("cartel.merit_share", self.merit_share, 0, 0.999)
