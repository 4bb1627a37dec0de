"""A scenario: everything a run needs besides its seed, frozen and self-checking."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.parameters import NAMES_A_CAPABILITY, ONE_PER_SUBNET
from agents.registry import Registry
from model.bounds import one_of, shown, text, within
from model.chain.consensus.mechanism import Consensus
from model.chain.emission.shares import EMISSION_RULES
from model.reward_rules import PAYS, SCORES
from model.scenario.design import (
    CAPABILITIES,
    Chain,
    Emission,
    FlagPerSubnet,
    Market,
    Parameters,
    PerSubnet,
    Registration,
    Reward,
    Subnets,
    Value,
)
from model.scenario.people import STRATEGIES, Cartel, Miners, Nominators, Owners, Validators

LARGEST_ALPHA = 21_000_000  # of one subnet: the cap of its curve
LARGEST_DEGREE = 5  # of a product of powers: all TAO's worth of hardware to that power is still a number
LONGEST_NAME = 100  # characters
LONGEST_STORY = 10_000
MOST_CAPABILITIES = 100
LARGEST_NETWORK = 50_000_000  # weights: 24 times the chain's 128 x 64 x 256, 400 MB for each table of them


def each(value: PerSubnet, n_entries: int) -> tuple[float, ...]:
    """The list given, or the one number repeated."""
    return value if isinstance(value, tuple) else (value,) * n_entries


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
    chain: Chain = field(default_factory=Chain)
    subnets: Subnets = field(default_factory=Subnets)
    reward: Reward = field(default_factory=Reward)
    consensus: Consensus = field(default_factory=Consensus)
    emission: Emission = field(default_factory=Emission)
    market: Market = field(default_factory=Market)
    registration: Registration = field(default_factory=Registration)
    miners: Miners = field(default_factory=Miners)
    validators: Validators = field(default_factory=Validators)
    nominators: Nominators = field(default_factory=Nominators)
    owners: Owners = field(default_factory=Owners)
    cartel: Cartel = field(default_factory=Cartel)
    value: Value = field(default_factory=Value)

    def __post_init__(self) -> None:
        within("epochs", self.epochs, 1, 10_000_000)
        within("seed", self.seed, 0, 2**63 - 1)
        text("name", self.name, LONGEST_NAME, empty=True)
        text("story", self.story, LONGEST_STORY, empty=True)
        if not self.capabilities or len(set(self.capabilities)) < len(self.capabilities):
            raise ValueError(f"capabilities must be one or more different names, are {shown(self.capabilities)}")
        for name in self.capabilities:
            text("capabilities", name, LONGEST_NAME)
            if not name.isprintable():
                raise ValueError(f"capabilities must be printable, one is {shown(name)}")
        if len(self.capabilities) > MOST_CAPABILITIES:
            raise ValueError(f"capabilities must be at most {MOST_CAPABILITIES}, are {len(self.capabilities)}")
        for path, given in (
            ("reward.capability_weight", self.reward.capability_weight),
            ("reward.measurement_noise", self.reward.measurement_noise),
            ("value.capability_weight", self.value.capability_weight),
            ("miners.unit_cost_tao", self.miners.unit_cost_tao),
            ("miners.productivity", self.miners.productivity),
            ("miners.hardware_price_tao", self.miners.hardware_price_tao),
        ):
            if isinstance(given, Mapping) and set(given) != set(self.capabilities):
                raise ValueError(
                    f"{path} must name each capability ({', '.join(self.capabilities)}), names {', '.join(given)}"
                )
        self._check_capabilities()
        self._check_lengths()
        self._check_start()
        if self.registration.newcomer_subnets_per_year > 0 and self.market.kind != "pool":
            raise ValueError(
                "registration.newcomer_subnets_per_year needs market.kind 'pool', "
                f"is {self.registration.newcomer_subnets_per_year!r} at a fixed price"
            )
        if sum(self.money_at_start_tao()) > self.chain.initial_issuance_tao + 1e-6:
            purses, pools, root = self.money_at_start_tao()
            raise ValueError(
                f"chain.initial_issuance_tao must cover purses ({purses:g}), pools ({pools:g}) and root stake "
                f"({root:g}) at the start, is {self.chain.initial_issuance_tao:g}"
            )

    def built(self) -> Iterator[tuple[str, Registry[Any], str, Parameters]]:
        """Path of the parameters, registry, name and parameters of each rule and strategy that has any."""
        yield "reward.score_parameters", SCORES, self.reward.score, self.reward.score_parameters
        yield "reward.pay_parameters", PAYS, self.reward.pay, self.reward.pay_parameters
        yield "emission.parameters", EMISSION_RULES, self.emission.rule, self.emission.parameters
        for section, registry in STRATEGIES.items():
            for name, given in getattr(self, section).parameters.items():
                yield f"{section}.parameters.{name}", registry, name, given

    def per_subnet(self) -> dict[str, PerSubnet | FlagPerSubnet]:
        """Fields that take one number for all subnets or a list with one for each, by dotted path."""
        found: dict[str, Any] = {
            f"market.{name}": getattr(self.market, name)
            for name in ("price_tao_per_alpha", "tao_reserve_tao", "outstanding_alpha", "demand_tao")
        }
        found |= {f"value.{name}": getattr(self.value, name) for name in ("subnet_weight", "exponent")}
        for section, weight in (("reward", self.reward), ("value", self.value)):
            found |= {f"{section}.capability_weight.{n}": w for n, w in weight.capability_weight.items()}
        for path, registry, name, given in self.built():
            found |= {f"{path}.{one}": given[one] for one in registry.marked(name, ONE_PER_SUBNET) if one in given}
        found |= {f"emission.{name}": getattr(self.emission, name) for name in ("eligible", "enabled")}
        return found | {"owners.burn_share": self.owners.burn_share}

    def _check_capabilities(self) -> None:
        """Pass if what names a capability names one of the scenario's."""
        for path, registry, name, given in self.built():
            for parameter in registry.marked(name, NAMES_A_CAPABILITY):
                if parameter in given:
                    one_of(f"{path}.{parameter}", str(given[parameter]), self.capabilities)

    def _check_lengths(self) -> None:
        n_subnets, n_miners = self.subnets.count, self.subnets.n_miners
        n_validators = self.subnets.n_validators
        for entry in self.validators.childkeys:
            if not all(number in range(n_validators) for number in entry[:2]):
                raise ValueError(f"validators.childkeys must name validators 0 to {n_validators - 1}, is {entry}")
        per_miner = [
            ("miners.cost_factor", self.miners.cost_factor),
            ("miners.budget_tao", self.miners.budget_tao),
        ]
        for path, value, want, of in [(*entry, n_subnets, "subnet") for entry in self.per_subnet().items()] + [
            (*entry, n_miners, "miner of a subnet") for entry in per_miner
        ]:
            if isinstance(value, tuple) and len(value) != want:
                raise ValueError(f"{path} must be one number or one per {of} ({want}), has {len(value)}")

    def _check_start(self) -> None:
        """Pass if every subnet scores something, fits its alpha under the cap, and all of them fit into memory."""
        subnets, market, n_subnets = self.subnets, self.market, self.subnets.count
        multiplies = {"reward": self.reward.score == "cobb_douglas", "value": True}
        for path, weight in (("reward", self.reward.capability_weight), ("value", self.value.capability_weight)):
            for subnet, of_subnet in enumerate(zip(*(each(one, n_subnets) for one in weight.values()), strict=True)):
                if not any(of_subnet):
                    raise ValueError(f"{path}.capability_weight must be > 0 for a capability, is 0 in subnet {subnet}")
                if multiplies[path] and sum(of_subnet) > LARGEST_DEGREE:
                    raise ValueError(
                        f"{path}.capability_weight must sum to <= {LARGEST_DEGREE} where capabilities are multiplied, "
                        f"sums to {sum(of_subnet):g} in subnet {subnet}"
                    )
        if self.registration.open_uids > subnets.n_miners:
            raise ValueError(
                f"registration.open_uids must be <= subnets.n_miners ({subnets.n_miners}), "
                f"is {self.registration.open_uids}"
            )
        staked_alpha = subnets.n_validators * self.validators.stake_alpha
        staked_alpha += self.nominators.count * self.nominators.stake_alpha
        pooled = market.kind == "pool"
        reserve, price = each(market.tao_reserve_tao, n_subnets), each(market.price_tao_per_alpha, n_subnets)
        for subnet, outside_alpha in enumerate(each(market.outstanding_alpha, n_subnets)):
            alpha = staked_alpha + outside_alpha + (reserve[subnet] / price[subnet] if pooled else 0.0)
            if alpha > LARGEST_ALPHA:
                raise ValueError(
                    f"subnet {subnet} must start with <= {LARGEST_ALPHA:,} alpha, has {alpha:,.0f}: what validators "
                    "and nominators stake, market.outstanding_alpha and market.tao_reserve_tao over the price"
                )
        size = n_subnets * subnets.n_validators * subnets.n_uids
        if size > LARGEST_NETWORK:
            raise ValueError(f"subnets x validators x uids must be <= {LARGEST_NETWORK:,}, is {size:,}")

    def money_at_start_tao(self) -> tuple[float, float, float]:
        """TAO in purses, in pools and on root when the run starts."""
        subnets, reserve = self.subnets, self.market.tao_reserve_tao
        n_miners = subnets.n_miners * (1 if self.miners.presence == "every_subnet" else subnets.count)
        n_miners += self.registration.n_waiting
        pools = sum(reserve) if isinstance(reserve, tuple) else reserve * subnets.count
        purses = n_miners * self.miners.purse_tao + subnets.n_validators * self.validators.purse_tao
        return purses, pools, subnets.n_validators * self.validators.root_stake_tao
