"""The decide phase: what miners do with their hardware and what they will claim."""

from dataclasses import dataclass, replace

import numpy as np

from agents.effort import LARGEST_POWER, cost_tao
from agents.observation import MinerAction, MinerView, PublicView
from ext import elementary
from model.epoch.asking import ask, check_action, read_only, recall_slots, remember_slots, tenure_of
from model.epoch.promises import paid_ratio
from model.reward_rules.pay_shape import Pay, at_rows
from model.units import FloatArray, IntArray, to_tao
from model.world import hardware
from model.world.population import Cohort, Population
from model.world.rules import Rules
from model.world.state import State

ROUNDING = 1e-14  # taken off a cut by a power, so that what is left never costs a hair more than the money


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What all miners do in an epoch.

    resource, claim_factor : (subnet, uid, capability) units of hardware, and (subnet, uid) claimed over true output
    wanted (participant, capability) : units that each would own; none where hardware is rented
    """

    resource: FloatArray
    claim_factor: FloatArray
    wanted: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The `PaidShare` of a cohort's slots: what everybody can work out from the public scores of the last epoch.

    score (subnet, seat) : without noise
    slot_subnet, slot_seat (slot,) : which of them is the slot's own
    """

    score: FloatArray
    pay: Pay
    slot_subnet: IntArray
    slot_seat: IntArray

    def __call__(self, slot: IntArray, own_score: FloatArray) -> FloatArray:
        """Shares of the pot, (chosen, level), for scores (chosen, level) of the chosen slots (chosen,)."""
        row, subnet, seat = np.arange(len(slot)), self.slot_subnet[slot], self.slot_seat[slot]
        tried = np.repeat(self.score[subnet, np.newaxis], own_score.shape[1], axis=1)
        tried[row, :, seat] = own_score
        return at_rows(self.pay, subnet).weight(tried)[row, :, seat]


def decide(public: PublicView, state: State, rules: Rules, population: Population, seed: int) -> Effort:
    """Hardware that every miner uses and what it will claim, cut to its stock, its budget and its purse."""
    resource, wanted = np.zeros_like(state.resource), np.zeros_like(state.hardware)
    claim_factor = np.ones(state.score.shape)
    n_uids = state.score.shape[1]
    power = np.minimum(elementary.power(state.score, rules.decisiveness[:, np.newaxis]), LARGEST_POWER)
    rival_power = np.maximum(power.sum(axis=1, keepdims=True) - power, 0.0)
    rival_score = _best_of_others(state.score)
    paid_part = paid_ratio(state)[1]
    budget_tao = np.minimum(population.budget_tao, to_tao(state.purse_rao))
    for cohort in population.of_role("miner"):
        if not len(cohort.seat):
            continue
        subnet, uid = np.divmod(cohort.seat, n_uids)
        tenure = tenure_of(state, cohort)
        memory, known = recall_slots(state, cohort, tenure)
        view = MinerView(
            public=public,
            slot_subnet=read_only(subnet),
            slot_miner=read_only(cohort.seat_member),
            unit_cost_tao=read_only(population.unit_cost_tao[subnet, uid]),
            productivity=read_only(population.productivity[subnet, uid]),
            resource=read_only(state.resource[subnet, uid]),
            stock=read_only(state.hardware[cohort.member]),
            score=read_only(state.score[subnet, uid]),
            rival_power=read_only(rival_power[subnet, uid]),
            rival_score=read_only(rival_score[subnet, uid]),
            incentive_share=read_only(state.incentive_share[subnet, uid]),
            earned_tao=read_only(state.earned_tao[subnet, uid]),
            paid_ratio=read_only(paid_part[subnet, uid]),
            audited=read_only(state.audited[subnet, uid]),
            budget_tao=read_only(budget_tao[cohort.member]),
            barred=read_only(public.excluded_until[subnet, uid] > public.epoch),
            merit_share=rules.scenario.cartel.merit_share if population.cartel[cohort.member].all() else 0.0,
            paid_share=Leaderboard(
                score=public.miner_score,
                pay=rules.pay,
                slot_subnet=read_only(subnet),
                slot_seat=read_only(uid - rules.scenario.subnets.n_validators),
            ),
            known=read_only(known),
            memory=memory,
        )
        if public.hardware == "owned":
            action, wanted[cohort.member] = _decide_as_owner(cohort, view, state, rules, seed)
        else:
            action = _decided(cohort, view, seed)
        resource[subnet, uid] = affordable(action.resource, view)
        claim_factor[subnet, uid] = action.claim_factor
        remember_slots(state, cohort, action.memory, public.epoch, tenure)
    return Effort(resource=resource, claim_factor=claim_factor, wanted=wanted)


def _decided(cohort: Cohort, view: MinerView, seed: int) -> MinerAction:
    action: MinerAction = ask(cohort, "decide", view, seed)
    check_action(action, cohort, view.public.epoch, view.resource.shape)
    return action


def _decide_as_owner(
    cohort: Cohort, view: MinerView, state: State, rules: Rules, seed: int
) -> tuple[MinerAction, FloatArray]:
    """Action of those who own their hardware, within their stocks, and what they would own, (member, capability).

    At the start they own a share of what they would own.
    """
    n_members = len(cohort.member)
    full_cost_tao = view.unit_cost_tao + hardware.wear_tao(rules)
    running = _decided(cohort, view, seed)
    action = _decided(cohort, replace(view, unit_cost_tao=read_only(full_cost_tao)), seed)
    wanted = hardware.by_miner(action.resource, view.slot_miner, n_members)
    if view.public.epoch == 0:
        state.hardware[cohort.member] = rules.scenario.miners.hardware_start_share * wanted
    stock = state.hardware[cohort.member]
    used = between(running.resource, action.resource, stock, view.slot_miner)
    return replace(action, resource=within_stock(used, stock, view.slot_miner)), wanted


def _best_of_others(score: FloatArray) -> FloatArray:
    """Best score of a subnet's other uids, for each uid, (subnet, uid)."""
    leader = np.arange(score.shape[1]) == np.argmax(score, axis=1)[:, np.newaxis]
    second = np.where(leader, 0.0, score).max(axis=1, keepdims=True)
    return np.where(leader, second, score.max(axis=1, keepdims=True))


def affordable(resource: FloatArray, view: MinerView) -> FloatArray:
    """The hardware asked for, each miner's cut pro rata to what its budget pays; (slot, capability).

    With cost exponent g, cost goes with the cut to the power g.
    """
    exponent = view.public.cost_exponent
    with np.errstate(over="ignore"):
        cost = cost_tao(resource, view.unit_cost_tao, exponent, view.public.maths).sum(axis=1)
        asked_tao = np.bincount(view.slot_miner, cost, len(view.budget_tao))
    over = asked_tao > view.budget_tao
    cut = np.divide(view.budget_tao, asked_tao, out=np.ones_like(asked_tao), where=over)
    if exponent != 1:
        cut = np.where(over, view.public.maths.power(cut, 1 / exponent) * (1 - ROUNDING), 1.0)
    return resource * cut[view.slot_miner][:, np.newaxis]


def between(running: FloatArray, full: FloatArray, stock: FloatArray, slot_miner: IntArray) -> FloatArray:
    """What miners use in view of what they own, (slot, capability), if they have it.

    It is what they would use at running cost where they own as much, what they would buy at full cost where they own
    no more than that, and all that they own in between.

    Parameters
    ----------
    running, full : (slot, capability)
        What they ask for at running cost and at full cost.
    stock : (miner, capability)
    slot_miner : (slot,)
    """
    least, most = hardware.by_miner(full, slot_miner, len(stock)), hardware.by_miner(running, slot_miner, len(stock))
    part = np.divide(stock - least, most - least, out=np.zeros_like(stock), where=most > least)
    return full + np.clip(part, 0.0, 1.0)[slot_miner] * (running - full)


def within_stock(asked: FloatArray, stock: FloatArray, slot_miner: IntArray) -> FloatArray:
    """The hardware asked for, each miner's cut pro rata to what it owns of a capability; (slot, capability)."""
    total = hardware.by_miner(asked, slot_miner, len(stock))
    cut = np.divide(stock, total, out=np.ones_like(stock), where=total > stock)
    return asked * cut[slot_miner]
