"""What strategies see and what they answer: frozen views of read-only arrays, and actions.

A strategy acts for its whole cohort, all the agents that play it, in one call. It never sees the world.
Shapes: `slot` counts the cohort's uids, `miner` its miners, `row` its validators; a slot is one uid in one subnet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Memory = Mapping[str, np.ndarray]  # of numbers or texts, which can be written to a file
# Shares of the pot (chosen, level) that scores (chosen, level) of chosen slots (chosen,) would have taken.
PaidShare = Callable[[IntArray, FloatArray], FloatArray]


class Draws(Protocol):
    """Chance: numbers that belong to a person, a subnet and a name, whoever else is there.

    The default is one set of numbers for each slot of the view: for each miner and subnet, or for each row where the
    view has rows. `per="member"` gives one for each miner. `name` keeps two draws of one decision apart: the same name
    in the same epoch gives the same numbers again.
    """

    def uniform(self, name: str, size: tuple[int, ...] = (), *, per: str = "slot") -> FloatArray:
        """Uniform draws in (0, 1), (slot, *size)."""

    def normal(self, name: str, size: tuple[int, ...] = (), *, per: str = "slot") -> FloatArray:
        """Normal draws of mean 0 and standard deviation 1, (slot, *size)."""

    def integers(self, name: str, high: int, size: tuple[int, ...] = (), *, per: str = "slot") -> IntArray:
        """Whole numbers in [0, high), all as likely, (slot, *size)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maths:
    """Elementary functions with the same bits on every processor; NumPy's and the C library's have not.

    What a strategy answers ends up in tables, so it takes these. Each is of a number or of an array of any shape, with
    NumPy's edge cases; the operands of `power` broadcast. exp(x) is e^x, expm1(x) e^x - 1, log1p(x) ln(1 + x).
    """

    exp: Callable[[Any], Any]
    expm1: Callable[[Any], Any]
    log: Callable[[Any], Any]
    log1p: Callable[[Any], Any]
    power: Callable[[Any, Any], Any]


def pays_nothing(slot: IntArray, score: FloatArray) -> FloatArray:
    """The `PaidShare` of a subnet without pay: no share for any score."""
    return np.zeros_like(score)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicView:
    """What everybody can read on chain or in a subnet's rules, as of the start of the epoch.

    What anybody truly did, what it costs, and who it is, is not in it. What is of the last epoch is 0 for a uid that
    has changed hands since; only the weights stay as they were submitted, whoever sits there now.

    maths : exponentials, logarithms and powers, instead of NumPy's
    block, tempo_blocks : number of the block, and blocks in an epoch
    score, pay : names of the score function and the pay shape, such as "cobb_douglas" and "proportional"
    score_parameters, pay_parameters : their parameters by name, each one number or one for each subnet
    audit_rate (subnet,) : probability that a miner is audited in an epoch
    fine_tao, detection_share : what whoever is caught lying pays, and the probability that an audit finds a lie
    confiscates : whether whoever is caught loses the epoch's pay as well
    exclusion_epochs, reentry_fee_tao : for how many further epochs it is not scored, and what ends that at once
    burn_share (subnet,) : of miners' incentive that is withheld
    registration_price_tao (subnet,) : of a uid
    identity_cost_tao : of keeping a miner's uid for an epoch
    decisiveness (subnet,) : exponent of the pay shape on scores; 1 where the shape has none
    substitution_exponent (subnet,) : rho of a `ces` score; 1 where the score has none
    reward_weight, value_weight (subnet, capability) : what the rule scores, and what users value; >= 0
    pot_tao (subnet,) : what this epoch's miners' pot is worth
    paid_ratio (subnet,) : part of what the rule promised the subnet's miners that they were paid lately, in (0, 1]
    price_tao_per_alpha (subnet,)
    cost_exponent : g of the cost c x^g / g of hardware; 1 where every unit costs the same
    hardware : "rented", or "owned": bought, and worn out with time
    n_miners (subnet,) : miners' uids that somebody holds
    registered_block (subnet, uid) : since when its holder has it: negative for those of the start, and for those who
        have just come `block` + 1
    caught (subnet, uid), excluded_until (subnet, uid) : whether it was caught lying in the last epoch, and the first
        epoch in which it is scored again
    validator_stake_alpha (subnet, validator), validator_root_tao (validator,) : stake behind each validator
    weight (subnet, validator, uid), consensus, incentive_share (subnet, uid) : of the last epoch; rows of consensus
        sum to at most 1
    miner_claimed (subnet, seat, capability), miner_score, miner_earned_tao (subnet, seat) : what each miner says that
        its output was in the last epoch, what that scores without noise, and its pay, as on a leaderboard; seats are
        the uids after the validators'
    """

    maths: Maths
    epoch: int
    capability: tuple[str, ...]
    cost_exponent: float
    hardware: str
    score: str
    pay: str
    block: int
    tempo_blocks: int
    score_parameters: Mapping[str, float | tuple[float, ...]]
    pay_parameters: Mapping[str, float | tuple[float, ...]]
    audit_rate: FloatArray
    fine_tao: float
    detection_share: float
    confiscates: bool
    exclusion_epochs: int
    reentry_fee_tao: float
    burn_share: FloatArray
    registration_price_tao: FloatArray
    identity_cost_tao: float
    decisiveness: FloatArray
    substitution_exponent: FloatArray
    reward_weight: FloatArray
    value_weight: FloatArray
    pot_tao: FloatArray
    paid_ratio: FloatArray
    price_tao_per_alpha: FloatArray
    n_miners: IntArray
    registered_block: IntArray
    caught: BoolArray
    excluded_until: IntArray
    validator_stake_alpha: FloatArray
    validator_root_tao: FloatArray
    weight: FloatArray
    consensus: FloatArray
    incentive_share: FloatArray
    miner_claimed: FloatArray
    miner_score: FloatArray
    miner_earned_tao: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MinerView:
    """What a cohort of miners sees when it decides.

    slot_subnet, slot_miner (slot,) : the slot's subnet, and which of the cohort's miners holds it
    unit_cost_tao, productivity (slot, capability) : cost and output of a unit of hardware for an epoch; > 0. Whoever
        owns its hardware is asked twice: at what running it costs, for how much of it to use, and with its wear added
        at the price of a new one, for how much to own; only the memory of the second answer is kept
    resource (slot, capability) : hardware used in the last epoch, in units
    stock (miner, capability) : hardware that the miner owns, in units; 0 where hardware is rented
    score (slot,) : of the last epoch, without noise
    rival_power, rival_score (slot,) : sum of score ** decisiveness, and the best score, of the subnet's other miners
        in the last epoch
    incentive_share, earned_tao (slot,) : of the last epoch
    paid_ratio (slot,) : part of what the rule promised for its scores that it was paid lately, in (0, 1]; as in the
        subnet where it was promised nothing yet
    audited (slot,) : whether it was audited in the last epoch
    barred (slot,) : whether it is not scored in this epoch, since it was caught: what it does earns nothing
    budget_tao (miner,) : most that the miner can spend in this epoch, over all its slots
    merit_share : what honest validators shall give the cartel, as its members have agreed; 0 for outsiders
    paid_share : what the subnet's pay would have given for other scores, read without noise, had all others scored as
        they did in the last epoch
    memory : what the cohort handed back last time, empty at first: arrays by name, whose rows are the slots of now; a
        slot that is new to the cohort, or has changed hands since, has zeros
    known (slot,) : whether the slot was there and in the same hands when the cohort was asked last
    """

    public: PublicView
    slot_subnet: IntArray
    slot_miner: IntArray
    unit_cost_tao: FloatArray
    productivity: FloatArray
    resource: FloatArray
    stock: FloatArray
    score: FloatArray
    rival_power: FloatArray
    rival_score: FloatArray
    incentive_share: FloatArray
    earned_tao: FloatArray
    paid_ratio: FloatArray
    audited: BoolArray
    barred: BoolArray
    budget_tao: FloatArray
    merit_share: float
    known: BoolArray
    paid_share: PaidShare = pays_nothing
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinerAction:
    """What a cohort of miners does.

    resource (slot, capability) : hardware to use, in units, >= 0; cut pro rata where a miner's budget or stock is too
        small
    claim_factor (slot,) or number : claimed over true output, >= 0; 1 is the truth
    memory : what to see again next time, arrays of numbers or texts by name, (slot, ...)
    """

    resource: FloatArray
    claim_factor: FloatArray | float = 1.0
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorView:
    """What a cohort of validators sees when it votes.

    A row is a validator. Each is asked alone, in a view of one row: its vote may depend on what it has measured and on
    what everybody can read, never on what others have measured.

    row_validator (row,) : the validator's number, which is also its uid in every subnet
    measured_weight (subnet, row, uid) : what an honest validator in this seat would submit, from its own noisy
        measurements under the subnet's rule (or by weights of its own, see `OwnScale`); no rows if the strategy does
        not measure
    earned_tao (subnet, row) : worth of what its own stake earned in the last epoch, without dividends on root stake
    miner (subnet, uid) : whether a miner holds the uid
    cartel_miner (subnet, uid) : whether a miner of the validators' cartel holds it; all False for outsiders
    cartel_self_weight, cartel_vote_rule : what the cartel has agreed to give its own miners, and how: `self_weight`
        by what each has done, `even_split` in equal parts, `within_consensus` no more than the last consensus; 0 and
        an empty text for outsiders
    """

    public: PublicView
    row_validator: IntArray
    measured_weight: FloatArray
    earned_tao: FloatArray
    miner: BoolArray
    cartel_miner: BoolArray
    cartel_self_weight: float
    cartel_vote_rule: str
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a cohort of validators submits.

    weight (subnet, row, uid) : >= 0; the scale of a row does not matter, and a row of zeros abstains
    """

    weight: FloatArray
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NominatorView:
    """What a cohort of nominators sees.

    row_nominator (row,) : the nominator's number
    delegate (row, subnet) : validator that holds its stake
    stake_alpha (row, subnet)
    yield_share (subnet, validator) : nominators' dividend of the last epoch per stake, after take
    """

    public: PublicView
    row_nominator: IntArray
    delegate: IntArray
    stake_alpha: FloatArray
    yield_share: FloatArray
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Where a cohort of nominators wants its stake: delegate (row, subnet), a validator's number."""

    delegate: IntArray
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerView:
    """What a cohort of subnet owners sees.

    row_subnet (row,) : the owner's subnet
    burn_share (row,) : of miners' incentive that is withheld now
    audit_rate (row,) : probability that a miner is audited in an epoch, as it is now
    audit_cost_tao : what validators pay for one audit
    users_value (row,) : what the subnet's work of the last epoch was worth to its users; no rows if the strategy does
        not measure
    lied_share (row,) : of the subnet's miners, those who claimed more than they did in the last epoch: what audits
        have not found, users have noticed by now; no rows if the strategy does not measure
    """

    public: PublicView
    row_subnet: IntArray
    burn_share: FloatArray
    audit_rate: FloatArray
    audit_cost_tao: float
    users_value: FloatArray
    lied_share: FloatArray
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAction:
    """Rules that a cohort of owners sets for its subnets.

    reward_weight (row, capability) : what the rule scores from now on; >= 0, one of them positive
    burn_share (row,) : of miners' incentive to withhold, in [0, 1]
    audit_rate (row,) : probability of each miner to be audited in the coming epoch, in [0, 1]
    """

    reward_weight: FloatArray
    burn_share: FloatArray
    audit_rate: FloatArray
    memory: Memory = field(default_factory=dict)


class MinerStrategy(Protocol):
    """Decides effort for a cohort of miners."""

    def decide(self, view: MinerView, draws: Draws) -> MinerAction: ...


class ValidatorStrategy(Protocol):
    """Submits weights for a cohort of validators.

    `MEASURES` says whether it needs `measured_weight`, `AUDITS` whether it makes audits and pays for them if it must.
    """

    MEASURES: ClassVar[bool]
    AUDITS: ClassVar[bool]

    def vote(self, view: ValidatorView, draws: Draws) -> Vote: ...


@runtime_checkable
class OwnScale(Protocol):
    """A validator strategy that measures but scores by weights of its own, (subnet, capability), not by the rule's."""

    def score_weight(self, public: PublicView) -> FloatArray: ...


class NominatorStrategy(Protocol):
    """Delegates stake for a cohort of nominators."""

    def delegate(self, view: NominatorView, draws: Draws) -> Delegation: ...


class OwnerStrategy(Protocol):
    """Sets the rules of its subnets for a cohort of owners.

    `MEASURES` says whether it needs `users_value` and `lied_share`.
    """

    MEASURES: ClassVar[bool]

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction: ...
