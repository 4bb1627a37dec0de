"""The miner that maximises its profit against what the others did last."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from agents.effort import (
    TIE,
    TRACE_SHARE,
    equal_share_tao,
    expected_pot_tao,
    hardware_for,
    power_per_spend,
    score_mix,
    spent_tao,
)
from agents.observation import BoolArray, Draws, FloatArray, IntArray, Maths, MinerAction, MinerView
from agents.parameters import Bounds
from agents.strategies import MINERS

BISECTIONS = 50  # halvings of an interval of about the pot: to 1e-15 of it
LEVELS = 32  # spendings tried at a time
LEAST_SHARE = 1e-4  # of the pot, the least spending tried


@MINERS.register("best_response")
@dataclass(frozen=True, slots=True, kw_only=True)
class BestResponse:
    """Goes for the effort that would have been most profitable against last epoch's rivals.

    The pot V is what it can expect: as the rule promises, or less by as much as it was paid less. It never spends more.

    Within its spending the split follows the score (`score_mix`). Under `proportional` pay the level solves
    max over S of V * power(S) / (power(S) + rivals) - S, which is exact, and all move part of the way there. With
    returns that increase, power rising faster than spending, it jumps between nothing and much: those for whom it does
    leave, or come, by lot, as many in an epoch as the step says. Equal miners end in an equilibrium of k of them who
    spend r (k - 1) / k of the pot together, r the exponent of their spending: all of them up to r = 1, and above it no
    more than r / (r - 1), often fewer, since where few work a great deal nobody gains who joins them (of 12, from
    ten random starts: 12 at 1.05, 6 to 10 at 1.09, 5 to 7 at 1.15, 3 or 4 at 1.25, 2 at 1.5). At 2 those who are left
    earn nothing and go as they come, and above it there is no equilibrium in pure strategies: it goes up and down.

    Under any other pay the level is the best of those tried in the subnet's own pay function, to 2 % of the spending,
    read without noise; a few miners in each epoch, drawn at random, go all the way, as half a step past a rival earns
    nothing. With `softmax` that ends in the equilibrium at a high temperature only, at which a small lead is worth
    little: of 6 miners with a pot of 100 TAO at a temperature of 5 where cost is x^2 / 2, and of 20 where it is linear.
    At lower ones (2, and 5) it goes up and down for ever. `winner_take_all`, `top_k`, `rank` and `threshold` have no
    equilibrium in pure strategies without noise: miners outbid one another a little at a time until it does not pay,
    the outbid leave or fall back, and it begins again: an Edgeworth cycle and not the mixed equilibrium. Under `equal`
    a trace of effort is best.

    Parameters
    ----------
    damping : float
        Step towards the best response, or share of the miners who move, as a multiple of 2 / n_miners, in
        (0, n_miners / 2]. All miners move at once, and a simultaneous full step overshoots: the symmetric contest is
        stable below 4 / n_miners.
    first_spend_spread : float
        Standard deviation of log spending in the first epoch, so that learning starts from different places.

    Source: CLOSED_FORMS 1.1 (best response), CLOSED_FORMS 1.4 (why there is none in an all-pay auction),
    CLOSED_FORMS 1.6 (softmax), CLOSED_FORMS 1.11 (split), CLOSED_FORMS 5.1 (damped best
    response reaches the Nash equilibrium); Maskin, Tirole 1988, "A theory of dynamic oligopoly II" (Edgeworth cycles).
    """

    damping: Annotated[float, Bounds(0, 1e3, above=True)] = 1.0
    first_spend_spread: Annotated[float, Bounds(0, 5)] = 0.5

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        mix, exponent = score_mix(view)
        spend_tao = spent_tao(view)
        n_miners = np.maximum(view.public.n_miners[view.slot_subnet], 2)
        step = np.minimum(2 * self.damping / n_miners, 1.0)
        if view.public.pay == "proportional":
            # A newcomer among others goes all the way at once: it is not part of the crowd that would overshoot.
            best_tao = best_spend(view, mix, exponent)
            part = np.where(spend_tao > 0, step, 1.0)
            next_spend_tao = spend_tao + part * (best_tao - spend_tao)
            # With increasing returns the best response jumps between nothing and much. If all followed at once, they
            # would leave and come back together for ever; by lot, who leaves makes it pay for those who stay.
            jumps = (exponent > 1) & ((best_tao > 0) != (spend_tao > 0))
            if jumps.any():
                moves = draws.uniform("moves") < step
                next_spend_tao = np.where(jumps, np.where(moves, best_tao, spend_tao), next_spend_tao)
        else:
            next_spend_tao = np.where(earns_nothing(view), 0.0, spend_tao)
            mover = np.flatnonzero(draws.uniform("moves") < step)
            next_spend_tao[mover] = best_spend_tried(view, mover, mix, exponent)
        # More than all that can be earned is a sure loss, from which nobody waits for a turn to step back.
        next_spend_tao = np.minimum(next_spend_tao, expected_pot_tao(view))
        # Who was paid less than promised and leaves goes on with a trace, or it would never hear that this has ended.
        trace_tao = np.where(view.paid_ratio < 1, TRACE_SHARE * equal_share_tao(view), 0.0)
        next_spend_tao = np.maximum(next_spend_tao, trace_tao)
        first = (spend_tao == 0) & (view.rival_power == 0)
        if first.any():
            spread = view.public.maths.exp(self.first_spend_spread * draws.normal("first"))
            next_spend_tao = np.where(first, 0.5 * equal_share_tao(view) * spread, next_spend_tao)
        return MinerAction(resource=hardware_for(view, next_spend_tao, mix))


def earns_nothing(view: MinerView) -> BoolArray:
    """Whether the rule gives a slot nothing for its score where it has paid less than it promised as well, (slot,).

    Where promises are kept, who was outbid may bid again when its turn comes; here it does not wait for it at a loss.
    """
    doubtful = np.flatnonzero(view.paid_ratio < 1)
    idle = np.zeros(len(view.score), dtype=bool)
    idle[doubtful] = view.paid_share(doubtful, view.score[doubtful, np.newaxis])[:, 0] <= 0
    return idle


def best_spend_tried(view: MinerView, slot: IntArray, mix: FloatArray, exponent: FloatArray) -> FloatArray:
    """Spending with the highest profit of those tried against last epoch's rivals, (chosen,), TAO; 0 if none pays.

    First from a ten-thousandth of the pot to all of it in equal ratios, then between the neighbours of the best one.
    What just passes a rival or a bar is found from above, the cheaper of equals is taken, and a tie counts as lost.

    Parameters
    ----------
    slot : (chosen,)
        Slots that choose.
    mix, exponent
        Of all slots, from `score_mix`.
    """
    subnet = view.slot_subnet[slot]
    pot_tao, decisiveness = expected_pot_tao(view)[slot, np.newaxis], view.public.decisiveness[subnet]
    power = view.public.maths.power
    unit_score = (1 - TIE) * power(power_per_spend(view, mix)[slot], 1 / decisiveness)[:, np.newaxis]
    returns = (exponent[slot] / decisiveness)[:, np.newaxis]
    row, low, high = np.arange(len(slot)), np.full(len(slot), LEAST_SHARE), np.ones(len(slot))
    for _ in range(2):
        share = low[:, np.newaxis] * power((high / low)[:, np.newaxis], np.linspace(0, 1, LEVELS))
        spend_tao = share * pot_tao
        profit_tao = pot_tao * view.paid_share(slot, unit_score * power(spend_tao, returns)) - spend_tao
        best = np.argmax(profit_tao, axis=1)
        low, high = share[row, np.maximum(best - 1, 0)], share[row, np.minimum(best + 1, LEVELS - 1)]
    return np.where(profit_tao[row, best] > 0, spend_tao[row, best], 0.0)


def best_spend(view: MinerView, mix: FloatArray, exponent: FloatArray) -> FloatArray:
    """Spending with the highest profit against last epoch's rivals, (slot,), TAO; 0 where none is profitable.

    With z = rivals / power of one TAO, profit is V S**e / (S**e + z) - S. For e = 1 the best spending is
    sqrt(V z) - z; otherwise the root of the slope is found by bisection.
    """
    pot_tao = expected_pot_tao(view)
    unit_power = power_per_spend(view, mix)
    with np.errstate(divide="ignore", invalid="ignore"):
        rival = np.where(unit_power > 0, view.rival_power / unit_power, np.inf)
        if np.abs(exponent - 1).max(initial=0.0) < 1e-9:
            best = np.where(np.isfinite(rival), np.maximum(np.sqrt(pot_tao * rival) - rival, 0.0), 0.0)
        else:
            best = _profit_peak(pot_tao, rival, exponent, view.public.maths)
            powered = view.public.maths.power(best, exponent)
            best = np.where(pot_tao * powered / (powered + rival) > best, best, 0.0)
    # A monopolist needs only a trace of effort: with nobody to beat it spends a thousandth of the pot.
    best = np.where(view.rival_power > 0, best, pot_tao * 1e-3)
    return np.where(unit_power > 0, best, 0.0)


def _profit_peak(pot_tao: FloatArray, rival: FloatArray, exponent: FloatArray, maths: Maths) -> FloatArray:
    """Spending at the local maximum of profit, (slot,), by bisection of its slope.

    The slope of revenue, V e s (1 - s) / S with share s, is at most V e / (4 S), so the peak lies below V e / 4. For
    e > 1 the slope itself first rises, until s = (e - 1) / (2 e); profit only falls left of that point.
    """
    tiny = np.maximum(pot_tao, 1e-300) * 1e-12
    high = np.maximum(pot_tao * exponent / 4, tiny)
    turning_share = np.where(exponent > 1, (exponent - 1) / (2 * exponent), 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        turning = maths.power(rival * turning_share / (1 - turning_share), 1 / np.maximum(exponent, 1e-9))
        low = np.clip(np.where(exponent > 1, turning, tiny), tiny, high)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            powered = maths.power(middle, exponent)
            share = powered / (powered + rival)
            rising = pot_tao * exponent * share * (1 - share) > middle
            low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return (low + high) / 2
