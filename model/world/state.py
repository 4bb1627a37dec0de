"""All that changes from epoch to epoch, as arrays: money in rao, hardware, bonds, prices. And how it starts."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ext import elementary
from ext.noise import standard_normal
from model.chain.market.pool import EQUAL_WEIGHT
from model.scenario.scenario import Scenario
from model.units import BoolArray, FloatArray, IntArray, to_rao
from model.world.population import Population, per_entry
from model.world.randomness import stream_key


@dataclass(slots=True)
class State:
    """The world between two epochs. Every rao of TAO and of each alpha is in exactly one of these accounts.

    rules_epoch : the first one under the rules in force, but for what owners change by themselves
    TAO (rao): purse (participant,), root_stake (validator,), tao_reserve (subnet,), burned_tao, outside_tao
    alpha (rao): alpha_reserve, owner_alpha, protocol_alpha, burned_alpha, outside_alpha (subnet,),
        miner_alpha (subnet, uid), validator_alpha (subnet, validator), nominated_alpha (nominator, subnet)
    quote_weight (subnet,) : the pool's weight of TAO; at 1/2 the pool is a constant product
    price_ema (subnet,) : moving price, TAO per alpha
    founded_block (subnet,) : of the subnet's first emission, from the start of the run; negative for those of the start
    registered_block (subnet, uid) : block in which the uid was last handed out, as above
    burn_price_rao (subnet,) : TAO that a uid costs now
    last_lock_rao, last_lock_block : what the last new subnet paid, and when
    emission_rao (subnet, uid) : alpha that the last epoch paid the uid; the lowest is replaced first
    miner_burned_share (subnet,) : of the last epoch's incentive
    user_flow, protocol_flow (subnet,) : net TAO that users and the protocol put into the pool since the last epoch
    user_flow_ema_tao, protocol_flow_ema_tao (subnet,) : their moving averages, per block
    gate_share : threshold that a gated emission rule holds; NaN before there is one
    delegate (nominator, subnet) : validator that holds the stake
    bond (subnet, validator, uid), permit (subnet, uid), consensus, incentive_share, dividend_share (subnet, uid)
    resource, spend_rao (subnet, uid, capability) : hardware used in the last epoch, and TAO spent on it
    score, earned_tao (subnet, uid)
    promised_pot_share, paid_pot_share (subnet, uid) : of the miners' pot, what the rule promised for the uid's scores
        and what it was paid: moving averages over the epochs in which either was more than nothing
    excluded_until (subnet, uid) : first epoch in which the uid is scored again
    audited, caught (subnet, uid) : whether the uid was audited in the last epoch, and found to have lied
    claimed (subnet, uid, capability) : output claimed in the last epoch
    weight (subnet, validator, uid) : weights submitted in the last epoch
    users_value, lied_share (subnet,) : worth of the last epoch's work to users, and the share of its miners who claimed
        more than they had done, as they were at its end
    hardware (participant, capability) : units that miners own; 0 where hardware is rented
    worked (participant, capability) : units that they owned in the last epoch, before its wear and purchases
    below_epochs (participant,) : epochs in a row that a miner has earned less than its outside option
    crowd_profit_share (subnet, n_miners + 1) : what the average miner was left with when the subnet last had so many,
        of the pot; NaN before. It is kept where entry must be profitable
    yield_share (subnet, validator) : nominators' dividend of the last epoch per stake
    memory : what each cohort remembers, by the cohort's name and the array's
    tenure : by the name of a cohort of miners, whose each row of its memory is, (slot, 3): participant, flat seat and
        block of the registration
    """

    block: int
    rules_epoch: int
    issuance_rao: int
    purse_rao: IntArray
    root_stake_rao: IntArray
    tao_reserve_rao: IntArray
    burned_tao_rao: int
    outside_tao_rao: int
    alpha_issuance_rao: IntArray
    alpha_reserve_rao: IntArray
    owner_alpha_rao: IntArray
    protocol_alpha_rao: IntArray
    burned_alpha_rao: IntArray
    outside_alpha_rao: IntArray
    miner_alpha_rao: IntArray
    validator_alpha_rao: IntArray
    nominated_alpha_rao: IntArray
    quote_weight: FloatArray
    price_ema: FloatArray
    founded_block: IntArray
    registered_block: IntArray
    burn_price_rao: IntArray
    last_lock_rao: int
    last_lock_block: int
    emission_rao: IntArray
    miner_burned_share: FloatArray
    user_flow_rao: IntArray
    protocol_flow_rao: IntArray
    user_flow_ema_tao: FloatArray
    protocol_flow_ema_tao: FloatArray
    gate_share: float
    delegate: IntArray
    bond: FloatArray
    permit: np.ndarray
    consensus: FloatArray
    incentive_share: FloatArray
    dividend_share: FloatArray
    resource: FloatArray
    spend_rao: IntArray
    score: FloatArray
    earned_tao: FloatArray
    promised_pot_share: FloatArray
    paid_pot_share: FloatArray
    excluded_until: IntArray
    audited: BoolArray
    caught: BoolArray
    claimed: FloatArray
    weight: FloatArray
    users_value: FloatArray
    lied_share: FloatArray
    hardware: FloatArray
    worked: FloatArray
    below_epochs: IntArray
    crowd_profit_share: FloatArray
    yield_share: FloatArray
    memory: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    tenure: dict[str, IntArray] = field(default_factory=dict)

    def copied(self) -> "State":
        """The state as it is, whatever happens to this one.

        Bonds and weights are the large arrays that nobody writes into: they are replaced as a whole.
        """
        kept: dict[str, Any] = {
            name: value.copy() if isinstance(value, np.ndarray) and name not in ("bond", "weight") else value
            for name, value in ((one.name, getattr(self, one.name)) for one in fields(self))
        }
        return State(**kept | {"memory": dict(self.memory), "tenure": dict(self.tenure)})

    def tao_held_rao(self) -> int:
        """TAO in all accounts; equals issuance."""
        return int(
            self.purse_rao.sum()
            + self.root_stake_rao.sum()
            + self.tao_reserve_rao.sum()
            + self.burned_tao_rao
            + self.outside_tao_rao
        )

    def alpha_held_rao(self) -> IntArray:
        """Alpha of each subnet in all accounts, (subnet,); equals its issuance."""
        single = (
            self.alpha_reserve_rao
            + self.owner_alpha_rao
            + self.protocol_alpha_rao
            + self.burned_alpha_rao
            + self.outside_alpha_rao
        )
        return (
            single
            + self.miner_alpha_rao.sum(axis=1)
            + self.validator_alpha_rao.sum(axis=1)
            + self.nominated_alpha_rao.sum(axis=0)
        )

    def staked_alpha_rao(self) -> IntArray:
        """Own and nominated alpha behind each validator, (subnet, validator)."""
        staked = self.validator_alpha_rao.copy()
        n_nominators, n_subnets = self.delegate.shape
        if n_nominators:
            subnet = np.broadcast_to(np.arange(n_subnets), self.delegate.shape)
            np.add.at(staked, (subnet, self.delegate), self.nominated_alpha_rao)
        return staked


def begin(scenario: Scenario, population: Population, seed: int) -> State:
    """State of the world before the first epoch."""
    subnets, market = scenario.subnets, scenario.market
    n_subnets, n_uids = subnets.count, subnets.n_uids
    shape, n_capabilities = (n_subnets, n_uids), len(scenario.capabilities)
    n_nominators = scenario.nominators.count
    delegate = _delegates(scenario, population)
    validator_alpha_rao = _rao(_validator_stakes(scenario, population, seed, delegate))
    nominated_alpha_rao = np.full((n_nominators, n_subnets), to_rao(scenario.nominators.stake_alpha))
    tao_reserve_rao = _rao(per_entry(market.tao_reserve_tao, n_subnets))
    price = per_entry(market.price_tao_per_alpha, n_subnets)
    pooled = market.kind == "pool"
    alpha_reserve_rao = _rao(tao_reserve_rao / price / 1e9) if pooled else np.zeros(n_subnets, dtype=np.int64)
    outside_alpha_rao = _rao(per_entry(market.outstanding_alpha, n_subnets))
    purse_rao = np.zeros(population.n_participants, dtype=np.int64)
    for role, purse_tao in (("miner", scenario.miners.purse_tao), ("validator", scenario.validators.purse_tao)):
        purse_rao[population.numbers(role)] = to_rao(purse_tao)
    root_stake_rao = _rao(_root_stakes(scenario, population))
    issuance_rao = to_rao(scenario.chain.initial_issuance_tao)
    state = State(
        block=0,
        rules_epoch=0,
        issuance_rao=issuance_rao,
        purse_rao=purse_rao,
        root_stake_rao=root_stake_rao,
        tao_reserve_rao=tao_reserve_rao,
        burned_tao_rao=0,
        outside_tao_rao=0,
        alpha_issuance_rao=np.zeros(n_subnets, dtype=np.int64),
        alpha_reserve_rao=alpha_reserve_rao,
        owner_alpha_rao=np.zeros(n_subnets, dtype=np.int64),
        protocol_alpha_rao=np.zeros(n_subnets, dtype=np.int64),
        burned_alpha_rao=np.zeros(n_subnets, dtype=np.int64),
        outside_alpha_rao=outside_alpha_rao,
        miner_alpha_rao=np.zeros(shape, dtype=np.int64),
        validator_alpha_rao=validator_alpha_rao,
        nominated_alpha_rao=nominated_alpha_rao,
        quote_weight=np.full(n_subnets, EQUAL_WEIGHT),
        price_ema=np.minimum(price, 1.0),
        founded_block=np.full(n_subnets, -subnets.age_blocks),
        registered_block=np.full(shape, -subnets.age_blocks),
        burn_price_rao=np.full(n_subnets, to_rao(scenario.registration.price_tao)),
        last_lock_rao=to_rao(scenario.registration.min_lock_tao),
        last_lock_block=-subnets.age_blocks,
        emission_rao=np.zeros(shape, dtype=np.int64),
        miner_burned_share=np.zeros(n_subnets),
        user_flow_rao=np.zeros(n_subnets, dtype=np.int64),
        protocol_flow_rao=np.zeros(n_subnets, dtype=np.int64),
        user_flow_ema_tao=np.zeros(n_subnets),
        protocol_flow_ema_tao=np.zeros(n_subnets),
        gate_share=np.nan,
        delegate=np.tile(delegate[:, np.newaxis], n_subnets),
        bond=np.zeros((n_subnets, subnets.n_validators, n_uids)),
        permit=np.broadcast_to(np.arange(n_uids) < subnets.n_validators, shape).copy(),
        consensus=np.zeros(shape),
        incentive_share=np.zeros(shape),
        dividend_share=np.zeros(shape),
        resource=np.zeros((*shape, n_capabilities)),
        spend_rao=np.zeros((*shape, n_capabilities), dtype=np.int64),
        score=np.zeros(shape),
        earned_tao=np.zeros(shape),
        promised_pot_share=np.zeros(shape),
        paid_pot_share=np.zeros(shape),
        excluded_until=np.zeros(shape, dtype=np.int64),
        audited=np.zeros(shape, dtype=bool),
        caught=np.zeros(shape, dtype=bool),
        claimed=np.zeros((*shape, n_capabilities)),
        weight=np.zeros((n_subnets, subnets.n_validators, n_uids)),
        users_value=np.zeros(n_subnets),
        lied_share=np.zeros(n_subnets),
        hardware=np.zeros((population.n_participants, n_capabilities)),
        worked=np.zeros((population.n_participants, n_capabilities)),
        below_epochs=np.zeros(population.n_participants, dtype=np.int64),
        crowd_profit_share=np.full((n_subnets, subnets.n_miners + 1), np.nan),
        yield_share=np.zeros((n_subnets, subnets.n_validators)),
    )
    state.alpha_issuance_rao = state.alpha_held_rao()
    state.outside_tao_rao = issuance_rao - state.tao_held_rao()
    return state


def _delegates(scenario: Scenario, population: Population) -> IntArray:
    """Validator with which each nominator starts in every subnet, (nominator,): one after the other.

    Where some validators are in the cartel, those take their share of the nominators, evenly among all.
    """
    nominator = np.arange(scenario.nominators.count)
    cartel = population.cartel[population.numbers("validator")]
    if cartel.all() or not cartel.any():
        return nominator % len(cartel)
    upto = np.floor(np.arange(len(nominator) + 1) * scenario.cartel.stake_share + 0.5)
    with_cartel = upto[1:] > upto[:-1]
    delegate = np.empty_like(nominator)
    for chosen, group in ((with_cartel, np.flatnonzero(cartel)), (~with_cartel, np.flatnonzero(~cartel))):
        delegate[chosen] = group[np.arange(chosen.sum()) % len(group)]
    return delegate


def _root_stakes(scenario: Scenario, population: Population) -> FloatArray:
    """TAO of each validator on root, (validator,): alike, but that the cartel holds its share."""
    cartel = population.cartel[population.numbers("validator")]
    mean_tao, n_inside = scenario.validators.root_stake_tao, int(cartel.sum())
    if n_inside in (0, len(cartel)):
        return np.full(len(cartel), mean_tao)
    inside = scenario.cartel.stake_share
    return mean_tao * len(cartel) * np.where(cartel, inside / n_inside, (1 - inside) / (len(cartel) - n_inside))


def _validator_stakes(scenario: Scenario, population: Population, seed: int, delegate: IntArray) -> FloatArray:
    """Alpha of each validator in each subnet, (subnet, validator), such that the cartel has its share of the votes.

    What nominators have with it is part of that; where validators' own stake is too small to make up for the last
    nominator, as near to the share as it can. The spread is between validators, the same in every subnet: a large
    validator is large everywhere.
    """
    validators = scenario.validators
    n_subnets, n_validators = scenario.subnets.count, scenario.subnets.n_validators
    size = elementary.exp(validators.stake_sd * standard_normal(stream_key(seed, "genesis", "stake"), (n_validators,)))
    cartel = population.cartel[population.role == "validator"]
    if cartel.any() and not cartel.all() and validators.stake_alpha:
        own_alpha = validators.stake_alpha * n_validators
        delegated_alpha = scenario.nominators.stake_alpha * np.array([len(delegate), cartel[delegate].sum()])
        votes_alpha = scenario.cartel.stake_share * (own_alpha + delegated_alpha[0])
        inside = min(max((votes_alpha - delegated_alpha[1]) / own_alpha, 0.0), 1.0)
        size = np.where(cartel, inside * size / size[cartel].sum(), (1 - inside) * size / size[~cartel].sum())
    stake = validators.stake_alpha * n_validators * size / size.sum()
    return np.tile(stake, (n_subnets, 1))


def _rao(amount_tao: FloatArray) -> IntArray:
    return np.rint(amount_tao * 1e9).astype(np.int64)
