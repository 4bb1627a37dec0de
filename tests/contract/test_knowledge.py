"""What strategies know: claims and not deeds, their own plan and nobody else's, and what was recorded of the past."""

import pickle
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pytest

from agents.observation import Draws, MinerView, OwnerAction, OwnerView, ValidatorView, Vote
from agents.strategies import MINERS
from model.economy import Economy
from model.epoch.asking import draws_for
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import find, with_values

SMALL = {"subnets.count": 2, "subnets.n_validators": 4, "subnets.n_miners": 10, "nominators.count": 2}


@dataclass(frozen=True)
class Witness:
    """Acts as another strategy does, and keeps what it sees."""

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = True
    plays: Any
    seen: list[Any] = field(default_factory=list)

    def decide(self, view: MinerView, draws: Draws) -> Any:
        self.seen.append(view)
        return self.plays.decide(view, draws)

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        self.seen.append(view)
        return self.plays.vote(view, draws)

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction:
        self.seen.append(view)
        return self.plays.govern(view, draws)


def witnessed(name, epochs, scenario="gamed", **values):
    """The economy after some epochs, and what the cohort `name` saw in each; of validators the first of them."""
    economy = Economy(with_values(find(scenario), SMALL | {"reward.audit_rate": 0.0} | values), rng=3)
    cohort = next(one for one in economy.population.cohorts if one.name == name)
    witness = Witness(plays=cohort.strategy)
    cohorts = (replace(one, strategy=witness) if one is cohort else one for one in economy.population.cohorts)
    economy.population = replace(economy.population, cohorts=tuple(cohorts))
    for _ in range(epochs):
        economy.step()
    alone = [view for view in witness.seen if getattr(view, "row_validator", cohort.seat)[0] == cohort.seat[0]]
    return economy, alone


def plain(value):
    """All that can be reached from a view, as something that can be compared."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else str(value)


# Honest work and a quarter of it under four times the claim: the same claims, to the last bit.
LOOKS_HONEST = {
    "miners.parameters": {"cheater": {"spend_share": 0.225, "claim_factor": 4.0}, "honest": {"spend_share": 0.9}}
}
BOTH = LOOKS_HONEST | {"miners.mix": {"cheater": 0.5, "honest": 0.5}}


@pytest.mark.parametrize("name", ["validator/honest", "owner/fixed"])
def test_without_audits_who_claims_what_honest_work_gives_looks_honest(name):
    _, with_cheaters = witnessed(name, 4, **BOTH)
    _, all_honest = witnessed(name, 4, **LOOKS_HONEST | {"miners.mix": {"honest": 1.0}})
    hidden = {"users_value", "lied_share"}  # what owners who measure hear from users, who notice in the end
    for one, other in zip(with_cheaters, all_honest, strict=True):
        seen, looks = plain(one), plain(other)
        assert seen["public"]["miner_score"] != plain(np.zeros((2, 10))) or one.public.epoch == 0
        assert {key: value for key, value in seen.items() if key not in hidden} == {
            key: value for key, value in looks.items() if key not in hidden
        }


def test_who_is_caught_is_on_the_record_until_it_is_scored_again():
    rule = {"reward.audit_rate": 0.5, "reward.exclusion_epochs": 3}
    economy, seen = witnessed("validator/honest", 6, **BOTH | rule)
    caught = sum(view.public.caught.sum() for view in seen[1:])
    assert caught == economy.records.epochs.history("caught")[:-1].sum() > 0
    for before, view in pairwise(seen):
        public = view.public
        assert (public.excluded_until[public.caught] == before.public.epoch + 4).all()
        assert not public.miner_score[(public.excluded_until > before.public.epoch)[:, 4:]].any()


def test_the_record_says_what_the_rules_and_the_chain_say():
    rule = {"reward.exclusion_epochs": 3, "reward.reentry_fee_tao": 7.0, "owners.burn_share": 0.25}
    rule |= {"registration.identity_cost_tao": 0.125, "reward.audit_rate": 0.5, "reward.pay": "softmax"}
    rule |= {"reward.pay_parameters": {"temperature": 2.0}}
    economy, seen = witnessed("validator/honest", 2, **rule)
    public = seen[1].public
    assert (public.exclusion_epochs, public.reentry_fee_tao, public.identity_cost_tao) == (3, 7.0, 0.125)
    assert (public.burn_share.tolist(), public.audit_rate.tolist()) == ([0.25] * 2, [0.5] * 2)
    assert (public.pay, dict(public.pay_parameters)) == ("softmax", {"temperature": 2.0})
    assert (public.block, public.tempo_blocks) == (360, 360)
    assert public.registration_price_tao == pytest.approx(economy.turnover.price_tao)
    assert public.validator_stake_alpha.shape == (2, 4)
    assert public.weight[:, seen[0].row_validator] == pytest.approx(seen[0].measured_weight)


def test_newcomers_are_told_from_those_who_have_been_there():
    values = {
        "subnets.n_miners": 14,
        "registration.newcomers": 1.0,
        "registration.n_waiting": 5,
        "registration.immunity_blocks": 300,
    }
    values |= {"registration.price_tao": 0.001, "market.kind": "fixed_price", "market.demand_tao": 0.0}
    economy, seen = witnessed("validator/honest", 6, **values)
    fresh = sum((view.public.registered_block == view.public.block + 1).sum() for view in seen[1:])
    assert fresh == economy.records.epochs.history("registrations")[1:].sum() > 5
    for view in seen:
        public = view.public
        came = (public.registered_block == public.block + 1)[:, 4:]
        for what in (public.miner_earned_tao, public.miner_score, public.miner_claimed.sum(axis=2)):
            assert not what[came].any()


def test_the_cartels_plan_is_for_its_members():
    plan = {"cartel.merit_share": 0.4, "cartel.self_weight": 0.9, "cartel.vote_rule": "within_consensus"}
    plan |= {"miners.mix": {"colluding": 0.5, "honest": 0.5}, "validators.mix": {"colluding": 0.5, "honest": 0.5}}
    assert witnessed("miner/honest", 1, **plan)[1][0].merit_share == 0
    assert witnessed("miner/colluding", 1, **plan)[1][0].merit_share == 0.4
    outside, inside = (witnessed(f"validator/{name}", 1, **plan)[1][0] for name in ("honest", "colluding"))
    assert (outside.cartel_self_weight, outside.cartel_vote_rule, outside.cartel_miner.any()) == (0, "", False)
    assert (inside.cartel_self_weight, inside.cartel_vote_rule) == (0.9, "within_consensus")
    assert inside.cartel_miner.sum() == 10


def test_an_owner_hears_what_was_recorded_whoever_has_come_and_gone_since():
    values = {
        "subnets.n_miners": 14,
        "registration.newcomers": 2.0,
        "registration.n_waiting": 5,
        "registration.immunity_blocks": 0,
    }
    values |= {
        "registration.price_tao": 0.001,
        "market.kind": "fixed_price",
        "market.demand_tao": 0.0,
        "owners.mix": {"tuner": 1.0},
    }
    economy, seen = witnessed("owner/tuner", 6, **values)
    worth = economy.records.subnets.history("users_value").reshape(6, 2)
    lied = economy.records.subnets.history("lied").reshape(6, 2)
    assert economy.records.epochs.history("registrations").sum() > 5
    for epoch, view in enumerate(seen[1:]):
        assert view.users_value.tolist() == worth[epoch].tolist()
        assert view.lied_share == pytest.approx(lied[epoch] / 14)


def test_what_others_would_have_been_paid_rests_on_the_public_scores_alone():
    _, seen = witnessed("miner/best_response", 3, **{"miners.mix": {"best_response": 1.0}, "reward.pay": "top_k"})
    view = seen[-1]
    kept = pickle.loads(pickle.dumps(view.paid_share))
    assert {one.name for one in fields(kept)} == {"score", "pay", "slot_subnet", "slot_seat"}
    assert kept.score.tolist() == view.public.miner_score.tolist()


@pytest.mark.parametrize("name", MINERS.names())
def test_who_is_barred_spends_nothing_and_whoever_is_not_goes_on(name):
    _, seen = witnessed(f"miner/{name}", 3, **{"miners.mix": {name: 1.0}})
    view, n_slots = seen[-1], len(seen[-1].score)
    barred = np.arange(n_slots) % 3 == 0
    economy = Economy(with_values(Scenario(), SMALL | {"miners.mix": {name: 1.0}}), rng=3)
    cohort = economy.population.of_role("miner")[0]
    draws = draws_for(view, cohort.person_key, 5)
    free, less = (cohort.strategy.decide(one, draws).resource for one in (view, replace(view, barred=barred)))
    assert not less[barred].any()
    if name not in ("colluding", "hopper", "exp3", "hedge"):  # who work together, or elsewhere
        assert (less[~barred] == free[~barred]).all()


@dataclass(frozen=True)
class Bookkeeper:
    """Votes as it measures, and keeps what it was told of its earnings."""

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = False

    def vote(self, view: Any, draws: Any) -> Vote:
        return Vote(weight=view.measured_weight, memory={"earned_tao": view.earned_tao.copy()})


def test_a_validator_sees_what_it_earned_and_not_what_others_did():
    economy = Economy("cartel", subnets__count=2, validators__mix={"honest": 1.0})
    cohorts = (
        replace(one, strategy=Bookkeeper()) if one.role == "validator" else one for one in economy.population.cohorts
    )
    economy.population = replace(economy.population, cohorts=tuple(cohorts))
    economy.step()
    earned_tao = economy.state.earned_tao[:, : economy.first_scenario.subnets.n_validators].copy()
    assert (earned_tao > 0).any()
    economy.step()
    for validator in range(earned_tao.shape[1]):
        told = economy.state.memory[f"validator/honest {validator}"]["earned_tao"]
        assert (told == earned_tao[:, [validator]]).all()
