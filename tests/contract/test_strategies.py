"""What every registered strategy must do, whoever wrote it; and what is said about one that does not."""

import pickle
from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np
import pytest
from numpy.random import default_rng

from agents.observation import (
    Delegation,
    Draws,
    MinerAction,
    MinerView,
    NominatorView,
    OwnerAction,
    OwnerView,
    PublicView,
    ValidatorView,
    Vote,
)
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.economy import Economy
from model.epoch.asking import StrategyError, draws_for
from model.scenario.people import Cartel
from model.world.maths import MATHS

ENTRIES = [(registry, name) for registry in (MINERS, VALIDATORS, NOMINATORS, OWNERS) for name in registry.names()]
IDS = [f"{registry.kind.split()[0]}/{name}" for registry, name in ENTRIES]
SIZES = [(1, 1, 1), (1, 2, 1), (3, 1, 2), (4, 3, 7)]
SCORES = ("cobb_douglas", "linear", "ces")


def frozen(array):
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


def public_view(draw, size, score="cobb_douglas", epoch=5, cost_exponent=1.0):
    n_subnets, n_validators, n_miners = size
    n_uids = n_validators + n_miners
    values = {
        "maths": MATHS,
        "epoch": epoch,
        "capability": ("speed", "quality", "storage"),
        "cost_exponent": cost_exponent,
        "hardware": "rented",
        "score": score,
        "pay": "proportional",
        "fine_tao": 1.0,
        "detection_share": 0.8,
        "confiscates": True,
        "substitution_exponent": frozen(np.where(score == "ces", draw.choice([-1.0, 0.5], n_subnets), 1.0)),
        "decisiveness": frozen(draw.choice([0.5, 1.0, 2.0], n_subnets)),
        "reward_weight": frozen(draw.dirichlet(np.ones(3), n_subnets)),
        "value_weight": frozen(draw.dirichlet(np.ones(3), n_subnets)),
        "pot_tao": frozen(draw.uniform(0, 100, n_subnets)),
        "paid_ratio": frozen(draw.uniform(0.001, 1, n_subnets)),
        "price_tao_per_alpha": frozen(draw.uniform(0, 1, n_subnets)),
        "n_miners": frozen(np.full(n_subnets, n_miners)),
        "consensus": frozen(draw.dirichlet(np.ones(n_validators + n_miners), n_subnets)),
        "block": 360 * epoch,
        "tempo_blocks": 360,
        "score_parameters": {},
        "pay_parameters": {},
        "audit_rate": frozen(draw.uniform(0, 1, n_subnets)),
        "exclusion_epochs": 2,
        "reentry_fee_tao": 5.0,
        "burn_share": frozen(draw.uniform(0, 1, n_subnets)),
        "registration_price_tao": frozen(draw.uniform(0, 1, n_subnets)),
        "identity_cost_tao": 0.1,
        "registered_block": frozen(draw.integers(0, 360 * epoch, (n_subnets, n_uids))),
        "caught": frozen(draw.uniform(0, 1, (n_subnets, n_uids)) < 0.1),
        "excluded_until": frozen(draw.integers(0, epoch + 2, (n_subnets, n_uids))),
        "validator_stake_alpha": frozen(draw.uniform(0, 10, (n_subnets, n_validators))),
        "validator_root_tao": frozen(draw.uniform(0, 10, n_validators)),
        "weight": frozen(draw.uniform(0, 1, (n_subnets, n_validators, n_uids))),
        "incentive_share": frozen(draw.dirichlet(np.ones(n_uids), n_subnets)),
        "miner_claimed": frozen(draw.uniform(0, 10, (n_subnets, n_miners, 3))),
        "miner_score": frozen(draw.uniform(0, 10, (n_subnets, n_miners))),
        "miner_earned_tao": frozen(draw.uniform(0, 5, (n_subnets, n_miners))),
    }
    return PublicView(**values)


def miner_view(draw, size, score="cobb_douglas", idle=False, everywhere=False, cost_exponent=1.0):
    """View of miners with one uid each, or one in each subnet; idle ones did nothing last epoch."""
    n_subnets, _, n_miners = size
    n_slots = n_subnets * n_miners
    active = 0.0 if idle else 1.0
    miner = np.tile(np.arange(n_miners), n_subnets) if everywhere else np.arange(n_slots)
    return MinerView(
        public=public_view(draw, size, score, cost_exponent=cost_exponent),
        slot_subnet=frozen(np.repeat(np.arange(n_subnets), n_miners)),
        slot_miner=frozen(miner),
        unit_cost_tao=frozen(draw.uniform(0.01, 2, (n_slots, 3))),
        productivity=frozen(draw.uniform(0.1, 3, (n_slots, 3))),
        resource=frozen(active * draw.uniform(0, 10, (n_slots, 3))),
        stock=frozen(np.zeros((miner.max() + 1, 3))),
        score=frozen(active * draw.uniform(0, 10, n_slots)),
        rival_power=frozen(active * draw.uniform(0, 50, n_slots)),
        rival_score=frozen(active * draw.uniform(0, 10, n_slots)),
        incentive_share=frozen(active * draw.uniform(0, 1, n_slots)),
        earned_tao=frozen(active * draw.uniform(0, 5, n_slots)),
        paid_ratio=frozen(draw.uniform(0.001, 1, n_slots)),
        audited=frozen(active * draw.uniform(0, 1, n_slots) > 0.5),
        budget_tao=frozen(draw.uniform(0, 100, miner.max() + 1)),
        merit_share=0.3,
        barred=frozen(np.zeros(n_slots, dtype=bool)),
        known=frozen(np.zeros(n_slots, dtype=bool)),
    )


def validator_view(draw, size, measures, silent=False, vote_rule="self_weight"):
    n_subnets, n_validators, n_miners = size
    n_uids = n_validators + n_miners
    miner = np.arange(n_uids) >= n_validators
    weight = np.where(miner, draw.uniform(0, 1, (n_subnets, n_validators, n_uids)), 0.0)
    weight = weight * (not silent)
    return ValidatorView(
        public=public_view(draw, size),
        row_validator=frozen(np.arange(n_validators)),
        measured_weight=frozen(weight[:, : n_validators if measures else 0]),
        earned_tao=frozen(draw.uniform(0, 1, (n_subnets, n_validators))),
        miner=frozen(np.tile(miner, (n_subnets, 1))),
        cartel_miner=frozen(miner & (draw.uniform(size=(n_subnets, n_uids)) < 0.4)),
        cartel_self_weight=0.8,
        cartel_vote_rule=vote_rule,
    )


def nominator_view(draw, size):
    n_subnets, n_validators, n_nominators = size
    return NominatorView(
        public=public_view(draw, size),
        row_nominator=frozen(np.arange(n_nominators)),
        delegate=frozen(draw.integers(0, n_validators, (n_nominators, n_subnets))),
        stake_alpha=frozen(draw.uniform(0, 100, (n_nominators, n_subnets))),
        yield_share=frozen(draw.uniform(0, 0.01, (n_subnets, n_validators))),
    )


def owner_view(draw, size, measures):
    n_subnets = size[0]
    return OwnerView(
        public=public_view(draw, size, epoch=10),
        row_subnet=frozen(np.arange(n_subnets)),
        burn_share=frozen(draw.uniform(0, 1, n_subnets)),
        audit_rate=frozen(draw.uniform(0, 1, n_subnets)),
        audit_cost_tao=0.3,
        users_value=frozen(draw.uniform(0, 100, n_subnets if measures else 0)),
        lied_share=frozen(draw.uniform(0, 1, n_subnets if measures else 0)),
    )


def views(registry, entry):
    """Views of all sizes, ordinary and empty, for a strategy of the registry."""
    for number, size in enumerate(SIZES):
        draw = default_rng(number)
        if registry is MINERS:
            for score in SCORES:
                yield miner_view(draw, size, score)
                yield miner_view(draw, size, score, cost_exponent=2.0)
            yield miner_view(draw, size, idle=True)
            yield miner_view(draw, size, everywhere=True)
        elif registry is VALIDATORS:
            for vote_rule in Cartel.VOTE_RULES:
                yield validator_view(draw, size, entry.MEASURES, vote_rule=vote_rule)
            yield validator_view(draw, size, entry.MEASURES, silent=True)
        elif registry is NOMINATORS:
            yield nominator_view(draw, size)
        else:
            yield owner_view(draw, size, entry.MEASURES)


def chance(view, seed=1, person=None):
    """Draws for those who see the view: persons 0, 1, ... or those given."""
    if person is None:
        rows = {MinerView: "budget_tao", ValidatorView: "row_validator", NominatorView: "row_nominator"}
        person = np.arange(len(getattr(view, rows.get(type(view), "row_subnet"))))
    return draws_for(view, np.asarray(person, np.uint64), seed)


def act(strategy, view, seed=7):
    """Answer to a view, and to the view that follows it with what was remembered."""
    method = next(
        getattr(strategy, name) for name in ("decide", "vote", "delegate", "govern") if hasattr(strategy, name)
    )
    first = method(view, chance(view, seed))
    memory = {name: frozen(array) for name, array in first.memory.items()}
    return first, method(after(view, memory), chance(view, seed + 1))


def after(view, memory):
    """The view in the next epoch, in which the same people remember."""
    held = {"known": frozen(np.ones(len(view.score), dtype=bool))} if isinstance(view, MinerView) else {}
    return replace(view, memory=memory, **held)


def arrays(answer):
    """Arrays of an answer, by name."""
    given = {field.name: getattr(answer, field.name) for field in fields(answer)}
    memory = given.pop("memory")
    return {name: np.asarray(value) for name, value in given.items()} | dict(memory)


@pytest.mark.parametrize(("registry", "name"), ENTRIES, ids=IDS)
class TestEveryStrategy:
    def test_answers_with_finite_numbers_of_the_right_shape(self, registry, name):
        strategy = registry.build(name)
        for view in views(registry, registry.get(name)):
            for answer in act(strategy, view):
                if isinstance(answer, MinerAction):
                    assert answer.resource.shape == view.resource.shape
                    assert np.isfinite(answer.resource).all()
                    assert (answer.resource >= 0).all()
                    assert np.shape(answer.claim_factor) in ((), view.score.shape)
                    assert (np.asarray(answer.claim_factor) >= 0).all()
                elif isinstance(answer, Vote):
                    n_subnets, n_uids = view.miner.shape
                    assert answer.weight.shape == (n_subnets, len(view.row_validator), n_uids)
                    assert np.isfinite(answer.weight).all()
                    assert (answer.weight >= 0).all()
                elif isinstance(answer, OwnerAction):
                    weight, burn_share, audit_rate = answer.reward_weight, answer.burn_share, answer.audit_rate
                    assert weight.shape == view.public.reward_weight.shape
                    assert np.isfinite(weight).all()
                    assert (weight >= 0).all()
                    assert weight.any(axis=1).all()
                    assert burn_share.shape == view.row_subnet.shape
                    assert ((burn_share >= 0) & (burn_share <= 1)).all()
                    assert audit_rate.shape == view.row_subnet.shape
                    assert ((audit_rate >= 0) & (audit_rate <= 1)).all()
                else:
                    assert isinstance(answer, Delegation)
                    assert answer.delegate.shape == view.delegate.shape
                    assert answer.delegate.dtype.kind in "iu"
                    assert ((answer.delegate >= 0) & (answer.delegate < view.yield_share.shape[1])).all()

    def test_gives_the_same_answer_to_the_same_view_and_draws(self, registry, name):
        strategy = registry.build(name)
        for view in views(registry, registry.get(name)):
            for one, other in zip(act(strategy, view), act(strategy, view), strict=True):
                assert arrays(one).keys() == arrays(other).keys()
                assert all(np.array_equal(array, arrays(other)[key]) for key, array in arrays(one).items())

    def test_leaves_its_view_as_it_was(self, registry, name):
        strategy = registry.build(name)
        for view in views(registry, registry.get(name)):
            before = pickle.dumps(view)
            act(strategy, view)
            assert pickle.dumps(view) == before

    def test_is_hashable_and_comes_back_from_a_pickle(self, registry, name):
        strategy = registry.build(name)
        assert pickle.loads(pickle.dumps(strategy)) == strategy
        assert hash(strategy) == hash(registry.build(name))

    def test_refuses_numbers_outside_the_range_of_a_parameter(self, registry, name):
        numbers = [key for key, value in registry.defaults(name).items() if isinstance(value, int | float)]
        for parameter in numbers:
            for value in (float("nan"), -1e9, 1e12):
                with pytest.raises(ValueError, match=rf"{parameter}.*(must|is)"):
                    registry.build(name, {parameter: value})

    def test_says_where_it_comes_from(self, registry, name):
        assert "Source:" in registry.get(name).__doc__


def relabelled(view, order):
    """The same view with its slots, each held by a miner of its own, in another order."""
    by_slot = ("slot_subnet", "unit_cost_tao", "productivity", "resource", "score", "rival_power", "rival_score")
    by_slot += ("incentive_share", "earned_tao", "paid_ratio", "budget_tao")
    return replace(view, **{name: frozen(getattr(view, name)[order]) for name in by_slot})


def after_the_first_epoch(strategy, view):
    """The view with what the strategy remembers of it."""
    memory = strategy.decide(view, chance(view)).memory
    return after(view, {key: frozen(array) for key, array in memory.items()})


def draws_nothing(strategy):
    """Whether the answer to a view owes nothing to chance, nor to what each slot remembers."""
    view = after_the_first_epoch(strategy, miner_view(default_rng(3), (4, 3, 7)))
    one, other = (strategy.decide(view, chance(view, seed)).resource for seed in (1, 2))
    return np.array_equal(one, other) and not view.memory


# Memories belong to slots by their order, so only strategies without them can be asked this.
BY_VIEW_ALONE = [name for name in MINERS.names() if draws_nothing(MINERS.build(name))]


@pytest.mark.parametrize("name", sorted({"best_response", "cheater", "colluding", "honest", "speed", *BY_VIEW_ALONE}))
@pytest.mark.parametrize("score", SCORES)
def test_miners_do_the_same_under_other_numbers(name, score):
    strategy = MINERS.build(name)
    view = after_the_first_epoch(strategy, miner_view(default_rng(3), (4, 3, 7), score))
    order = default_rng(4).permutation(len(view.score))
    one = strategy.decide(view, chance(view)).resource
    moved = relabelled(view, order)
    other = strategy.decide(moved, chance(moved, person=order)).resource
    assert other == pytest.approx(one[order], rel=1e-9)


@pytest.mark.parametrize("name", VALIDATORS.names())
def test_votes_move_with_the_uids_that_they_are_for(name):
    strategy = VALIDATORS.build(name)
    view = validator_view(default_rng(3), (3, 2, 6), strategy.MEASURES)
    order = np.concatenate([[0, 1], 2 + default_rng(4).permutation(6)])
    moved = replace(
        view,
        public=replace(view.public, consensus=frozen(view.public.consensus[:, order])),
        measured_weight=frozen(view.measured_weight[:, :, order]),
        cartel_miner=frozen(view.cartel_miner[:, order]),
    )
    one, other = (strategy.vote(seen, chance(seen)).weight for seen in (view, moved))
    assert other == pytest.approx(one[:, :, order], rel=1e-12)


@pytest.mark.parametrize("name", VALIDATORS.names())
def test_a_vote_owes_nothing_to_what_others_have_measured(name):
    strategy = VALIDATORS.build(name)
    view = validator_view(default_rng(3), (3, 4, 6), strategy.MEASURES)
    one = strategy.vote(view, chance(view))
    other_weight = np.array(view.measured_weight)
    other_weight[:, 1:] = default_rng(9).uniform(0, 1, other_weight[:, 1:].shape)
    changed = replace(view, measured_weight=frozen(other_weight))
    other = strategy.vote(changed, chance(changed))
    assert (other.weight[:, 0] == one.weight[:, 0]).all()
    again, moved = (
        strategy.vote(after(seen, {key: frozen(array) for key, array in vote.memory.items()}), chance(seen, 2))
        for seen, vote in ((view, one), (changed, other))
    )
    assert (again.weight[:, 0] == moved.weight[:, 0]).all()


def slots_of(view, some):
    """The view of a part of a cohort in which each slot has a miner of its own."""
    by_slot = ("slot_subnet", "unit_cost_tao", "productivity", "resource", "score", "rival_power", "rival_score")
    by_slot += ("incentive_share", "earned_tao", "paid_ratio", "budget_tao", "stock", "audited", "barred", "known")
    fewer = {name: frozen(getattr(view, name)[some]) for name in by_slot}
    memory = {name: frozen(array[some]) for name, array in view.memory.items()}
    return replace(view, **fewer, slot_miner=frozen(np.arange(len(some))), memory=memory)


# The cartel's miners act together, and aim at what all of them are to score.
@pytest.mark.parametrize("name", sorted(set(MINERS.names()) - {"colluding"}))
@pytest.mark.parametrize("idle", [True, False])
def test_what_a_miner_does_owes_nothing_to_who_else_plays_its_strategy(name, idle):
    strategy = MINERS.build(name)
    view = after_the_first_epoch(strategy, miner_view(default_rng(3), (4, 3, 7), idle=idle))
    some = default_rng(5).permutation(len(view.score))[:9]
    whole = strategy.decide(view, chance(view)).resource
    part = slots_of(view, some)
    assert (strategy.decide(part, chance(part, person=some)).resource == whole[some]).all()


@pytest.mark.parametrize("name", NOMINATORS.names())
def test_what_a_nominator_does_owes_nothing_to_the_others(name):
    strategy, view = NOMINATORS.build(name), nominator_view(default_rng(3), (4, 3, 7))
    some = np.array([5, 1, 2])
    rows = {key: frozen(getattr(view, key)[some]) for key in ("row_nominator", "delegate", "stake_alpha")}
    part = replace(view, **rows)
    whole = strategy.delegate(view, chance(view)).delegate
    assert (strategy.delegate(part, chance(part, person=some)).delegate == whole[some]).all()


# Broken strategies, planted: the sentence names the cohort, the epoch and the rule.


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Plays what it is told, in epoch 1; before that it does nothing."""

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = True
    answer: object

    def _play(self, view: object, idle: object) -> object:
        return self.answer(view) if view.public.epoch == 1 else idle  # type: ignore[operator]

    def decide(self, view: MinerView, draws: Draws) -> object:
        return self._play(view, MinerAction(resource=np.zeros(view.resource.shape)))

    def vote(self, view: ValidatorView, draws: Draws) -> object:
        return self._play(view, Vote(weight=view.measured_weight))

    def delegate(self, view: NominatorView, draws: Draws) -> object:
        return self._play(view, Delegation(delegate=view.delegate))

    def govern(self, view: OwnerView, draws: Draws) -> object:
        return self._play(view, owned(view))


def with_broken(role, answer):
    """Economy one epoch before the planted strategy of a role breaks a rule."""
    economy = Economy("gamed", subnets__count=2, subnets__n_validators=3, subnets__n_miners=4, nominators__count=2)
    plant = {cohort.name: cohort for cohort in economy.population.of_role(role)}
    cohorts = tuple(
        replace(cohort, strategy=Broken(answer=answer)) if cohort.name in plant else cohort
        for cohort in economy.population.cohorts
    )
    economy.population = replace(economy.population, cohorts=cohorts)
    economy.step()
    return economy


def owned(view, **changed):
    same = {"reward_weight": view.public.reward_weight, "burn_share": view.burn_share, "audit_rate": view.audit_rate}
    return OwnerAction(**same | changed)


def filled(view, value):
    return np.full(view.resource.shape, value)


MISTAKES = [
    ("miner", lambda view: MinerAction(resource=filled(view, np.nan)), "resource must be finite and >= 0, has nan"),
    ("miner", lambda view: MinerAction(resource=filled(view, -1.0)), "resource must be finite and >= 0, has -1.0"),
    ("miner", lambda view: MinerAction(resource=filled(view, np.inf)), "resource must be finite and >= 0, has inf"),
    ("miner", lambda view: MinerAction(resource=np.ones(3)), "resource must have shape"),
    ("miner", lambda view: MinerAction(resource=filled(view, "much")), "resource must hold numbers, holds <U4"),
    (
        "miner",
        lambda view: MinerAction(resource=view.resource, claim_factor=np.ones(99)),
        "claim_factor must have shape ({n_seats},), has (99,)",
    ),
    ("miner", lambda view: MinerAction(resource=view.resource, claim_factor=-2.0), "claim_factor must be finite"),
    ("miner", lambda view: None, "the answer must be of type MinerAction, is None"),
    ("validator", lambda view: Vote(weight=-view.measured_weight), "weight must be finite and >= 0, has -"),
    ("validator", lambda view: Vote(weight=view.measured_weight * np.nan), "weight must be finite and >= 0, has nan"),
    ("validator", lambda view: Vote(weight=view.measured_weight[0]), "weight must have shape (2, 1, 7), has (1, 7)"),
    ("validator", lambda view: view.measured_weight, "the answer must be of type Vote, is array("),
    (
        "nominator",
        lambda view: Delegation(delegate=view.delegate + 3),
        "delegate must be a validator's number in [0, 3)",
    ),
    (
        "nominator",
        lambda view: Delegation(delegate=view.delegate - 5),
        "delegate must be a validator's number in [0, 3)",
    ),
    ("nominator", lambda view: Delegation(delegate=view.delegate * 0.5), "delegate must be a validator's number"),
    ("nominator", lambda view: Delegation(delegate=view.delegate[0]), "delegate must be a validator's number"),
    ("owner", lambda view: owned(view, burn_share=view.burn_share + 2), "burn_share must be <= 1, has 2"),
    ("owner", lambda view: owned(view, burn_share=view.burn_share - 1), "burn_share must be finite and >= 0, has -1"),
    ("owner", lambda view: owned(view, reward_weight=np.zeros((2, 3))), "reward_weight must be"),
    ("owner", lambda view: owned(view, reward_weight=np.full((2, 3), np.nan)), "reward_weight must be finite and >= 0"),
    ("owner", lambda view: owned(view, reward_weight=np.ones(3)), "reward_weight must have shape (2, 3), has (3,)"),
    ("owner", lambda view: owned(view, audit_rate=view.audit_rate + 2), "audit_rate must be <= 1, has 2"),
    ("owner", lambda view: owned(view, audit_rate=np.ones(9)), "audit_rate must have shape (2,), has (9,)"),
    ("owner", lambda view: 7, "the answer must be of type OwnerAction, is 7"),
]


@pytest.mark.parametrize(("role", "answer", "rule"), MISTAKES)
def test_a_broken_strategy_is_named_with_its_epoch_and_the_rule(role, answer, rule):
    economy = with_broken(role, answer)
    with pytest.raises(StrategyError) as caught:
        economy.step()
    first = economy.population.of_role(role)[0]
    told = rule.format(n_seats=len(first.seat))
    assert str(caught.value).startswith(f"{first.name} in epoch 1: {told}")


class SpeechlessError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class OwnInterrupt(KeyboardInterrupt):
    """Of a plug-in: nobody has pressed Ctrl-C."""


@pytest.mark.parametrize(
    "error", [SystemExit(0), BaseException("odd"), GeneratorExit(), OwnInterrupt(), SpeechlessError()], ids=type
)
def test_whatever_a_strategy_raises_is_told_and_undoes_no_epoch(error):
    def broken(view):
        raise error

    economy = with_broken("miner", broken)
    with pytest.raises(StrategyError, match=rf"^miner/.* in epoch 1: {type(error).__name__}"):
        economy.step()
    assert economy.epoch == 1


def test_a_persons_interrupt_passes():
    def interrupted(view):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        with_broken("miner", interrupted).step()


WRITES = [
    ("miner", lambda view: view.resource.fill(1.0)),
    ("miner", lambda view: view.public.pot_tao.fill(1.0)),
    ("miner", lambda view: view.public.consensus.fill(1.0)),
    ("miner", lambda view: view.budget_tao.fill(1.0)),
    ("miner", lambda view: view.unit_cost_tao.fill(1e-9)),
    ("validator", lambda view: view.measured_weight.fill(1.0)),
    ("validator", lambda view: view.miner.fill(True)),
    ("nominator", lambda view: view.delegate.fill(0)),
    ("nominator", lambda view: view.stake_alpha.fill(1e9)),
    ("nominator", lambda view: view.yield_share.fill(1e9)),
    ("miner", lambda view: view.audited.fill(True)),
    ("owner", lambda view: view.audit_rate.fill(1.0)),
    ("owner", lambda view: view.lied_share.fill(1.0)),
]


@pytest.mark.parametrize(("role", "write"), WRITES)
def test_nobody_can_write_into_a_view(role, write):
    economy = with_broken(role, write)
    with pytest.raises(StrategyError, match=rf"^{role}/.* in epoch 1: ValueError: .*read-only"):
        economy.step()
