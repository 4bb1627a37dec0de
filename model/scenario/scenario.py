"""A scenario: everything a run needs besides its seed, frozen and self-checking."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from model.bounds import within
from model.chain.consensus.mechanism import Consensus
from model.scenario.design import (
    CAPABILITIES,
    Chain,
    Emission,
    Market,
    Parameters,
    PerSubnet,
    Registration,
    Reward,
    Subnets,
    Value,
)
from model.scenario.people import Cartel, Miners, Nominators, Owners, Validators
from model.units import SUPPLY_CAP

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
        if not self.capabilities or len(set(self.capabilities)) < len(self.capabilities):
            raise ValueError(f"capabilities must be one or more different names, are {self.capabilities!r}")
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

    def _check_lengths(self) -> None:
        n_subnets, n_miners = self.subnets.count, self.subnets.n_miners
        per_subnet: list[tuple[str, object]] = [
            (f"market.{name}", getattr(self.market, name))
            for name in ("price_tao_per_alpha", "tao_reserve_tao", "outstanding_alpha", "demand_tao")
        ]
        per_subnet += [
            ("value.subnet_weight", self.value.subnet_weight),
            ("value.exponent", self.value.exponent),
        ]
        for section, weight in (("reward", self.reward), ("value", self.value)):
            per_subnet += [(f"{section}.capability_weight.{n}", w) for n, w in weight.capability_weight.items()]
        for section in ("score_parameters", "pay_parameters"):
            given: Parameters = getattr(self.reward, section)
            per_subnet += [(f"reward.{section}.{name}", value) for name, value in given.items()]
        per_subnet += [(f"emission.parameters.{n}", v) for n, v in self.emission.parameters.items()]
        per_subnet += [
            ("emission.eligible", self.emission.eligible),
            ("emission.enabled", self.emission.enabled),
        ]
        per_subnet += [("owners.burn_share", self.owners.burn_share)]
        n_validators = self.subnets.n_validators
        for entry in self.validators.childkeys:
            if not all(number in range(n_validators) for number in entry[:2]):
                raise ValueError(f"validators.childkeys must name validators 0 to {n_validators - 1}, is {entry}")
        per_miner = [
            ("miners.cost_factor", self.miners.cost_factor),
            ("miners.budget_tao", self.miners.budget_tao),
        ]
        for path, value, want, of in [(*entry, n_subnets, "subnet") for entry in per_subnet] + [
            (*entry, n_miners, "miner of a subnet") for entry in per_miner
        ]:
            if isinstance(value, tuple) and len(value) != want:
                raise ValueError(f"{path} must be one number or one per {of} ({want}), has {len(value)}")

    def _check_start(self) -> None:
        """Pass if every subnet scores something, fits its alpha under the cap, and all of them fit into memory."""
        subnets, market, n_subnets = self.subnets, self.market, self.subnets.count
        for path, weight in (("reward", self.reward.capability_weight), ("value", self.value.capability_weight)):
            for subnet, of_subnet in enumerate(zip(*(each(one, n_subnets) for one in weight.values()), strict=True)):
                if not any(of_subnet):
                    raise ValueError(f"{path}.capability_weight must be > 0 for a capability, is 0 in subnet {subnet}")
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
            if alpha > SUPPLY_CAP:
                raise ValueError(
                    f"subnet {subnet} must start with <= {SUPPLY_CAP:,} alpha, has {alpha:,.0f}: what validators "
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
