"""The rules in force, as arrays: what a scenario's numbers mean for each subnet. Made anew when one is changed."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from model.chain.consensus.mechanism import MECHANISMS, Mechanism
from model.chain.emission.inheritance import Relations
from model.chain.emission.shares import EMISSION_RULES, EmissionRule
from model.reward_rules import PAYS, SCORES, Pay, Score
from model.scenario.design import PerSubnet
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario import Scenario
from model.units import BoolArray, FloatArray
from model.world.population import per_entry

SET_BY_OWNERS = ("reward_weight", "burn_share", "audit_rate")  # fields that may be other than the scenario says


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a designer turns, ready for use; see the sections of `model.scenario.scenario` for meaning and units.

    reward_weight, value_weight, measurement_noise (subnet, capability)
    decisiveness, substitution_exponent (subnet,) : of the pay shape and the score; 1 where they have none
    value_subnet_weight, value_exponent, fixed_price, demand_tao, burn_share, audit_rate (subnet,)
    eligible, enabled (subnet,) : whether the subnet takes part in emission, and gets TAO
    childkeys : who lends stake to whom, over flattened (subnet, uid)
    """

    scenario: Scenario
    score: Score
    pay: Pay
    mechanism: Mechanism
    emission: EmissionRule
    reward_weight: FloatArray
    value_weight: FloatArray
    measurement_noise: FloatArray
    decisiveness: FloatArray
    substitution_exponent: FloatArray
    value_subnet_weight: FloatArray
    value_exponent: FloatArray
    fixed_price: FloatArray
    demand_tao: FloatArray
    burn_share: FloatArray
    audit_rate: FloatArray
    eligible: BoolArray
    enabled: BoolArray
    childkeys: Relations

    def under(self, scenario: Scenario, named: Collection[str]) -> "Rules":
        """Rules that `scenario` sets; what owners have made of them stays wherever `named` holds no path to it.

        Parameters
        ----------
        named : collection of str
            Dotted paths of the fields that somebody has just set, whether to another value or not.
        """
        given = Rules.of(scenario)
        weighed = [f"reward.capability_weight.{name}" in named for name in scenario.capabilities]
        return replace(
            given,
            reward_weight=np.where(weighed, given.reward_weight, self.reward_weight),
            burn_share=given.burn_share if "owners.burn_share" in named else self.burn_share,
            audit_rate=given.audit_rate if "reward.audit_rate" in named else self.audit_rate,
        )

    def same_as(self, other: "Rules") -> bool:
        """Whether these rules and the others set the same numbers, whatever the scenario is called."""
        told = replace(other.scenario, name=self.scenario.name, story=self.scenario.story)
        return self.scenario == told and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in SET_BY_OWNERS
        )

    @classmethod
    def of(cls, scenario: Scenario) -> "Rules":
        """Rules that `scenario` sets."""
        n_subnets, names = scenario.subnets.count, scenario.capabilities
        reward, value, market = scenario.reward, scenario.value, scenario.market
        pay = PAYS.build(reward.pay, reward.pay_parameters)
        score = SCORES.build(reward.score, reward.score_parameters)
        reward_weight = by_capability(reward.capability_weight, names, n_subnets)
        return cls(
            scenario=scenario,
            score=score,
            pay=pay,
            mechanism=MECHANISMS.build(scenario.consensus.mechanism),
            emission=EMISSION_RULES.build(scenario.emission.rule, scenario.emission.parameters),
            reward_weight=reward_weight,
            value_weight=by_capability(value.capability_weight, names, n_subnets),
            measurement_noise=np.tile([reward.noise_of(name) for name in names], (n_subnets, 1)),
            decisiveness=per_entry(getattr(pay, "decisiveness", 1.0), n_subnets),
            substitution_exponent=per_entry(getattr(score, "substitution_exponent", 1.0), n_subnets),
            value_subnet_weight=per_entry(value.subnet_weight, n_subnets),
            value_exponent=per_entry(value.exponent, n_subnets),
            fixed_price=per_entry(market.price_tao_per_alpha, n_subnets),
            demand_tao=per_entry(market.demand_tao, n_subnets),
            burn_share=per_entry(scenario.owners.burn_share, n_subnets),
            audit_rate=per_entry(reward.audit_rate, n_subnets),
            eligible=per_entry(scenario.emission.eligible, n_subnets).astype(bool),
            enabled=per_entry(scenario.emission.enabled, n_subnets).astype(bool),
            childkeys=_childkeys(scenario),
        )


def by_capability(weight: FrozenMap[PerSubnet], names: tuple[str, ...], n_subnets: int) -> FloatArray:
    """Table of numbers by capability as an array, (subnet, capability)."""
    return np.stack([per_entry(weight[name], n_subnets) for name in names], axis=1)


def _childkeys(scenario: Scenario) -> Relations:
    """The scenario's childkeys, repeated in every subnet."""
    n_subnets, n_uids = scenario.subnets.count, scenario.subnets.n_uids
    entry = np.array(scenario.validators.childkeys, dtype=float).reshape(-1, 3)
    first_uid = np.arange(n_subnets)[:, np.newaxis] * n_uids
    n_relations = n_subnets * len(entry)
    return Relations(
        parent=(first_uid + entry[:, 0].astype(np.int64)).ravel(),
        child=(first_uid + entry[:, 1].astype(np.int64)).ravel(),
        proportion_share=np.tile(entry[:, 2], n_subnets),
        same_owner=np.zeros(n_relations, dtype=bool),
    )
