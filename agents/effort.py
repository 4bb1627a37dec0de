"""What money does: hardware that it pays for, score that the hardware earns, share of the pot that the score takes."""

import numpy as np

from agents.observation import FloatArray, Maths, MinerView

WINNER_TAKE_ALL = "winner_take_all"
LARGEST_POWER = 1e290  # of a score ** decisiveness; a subnet's sum of them is still finite
TRACE_SHARE = 1e-3  # of an equal split of the pot: work that costs next to nothing, and hears what it would be paid
TIE = 1e-9  # relative difference of scores that is rounding and no lead
KNOWN_SCORES = ("cobb_douglas", "ces", "linear")  # of which the mix that scores most is known


def equal_share_tao(view: MinerView) -> FloatArray:
    """Equal share for each slot of what its subnet's miners can expect: paid pot over their number, (slot,), TAO."""
    public = view.public
    share = public.pot_tao * public.paid_ratio / np.maximum(public.n_miners, 1)
    return share[view.slot_subnet]


def expected_pot_tao(view: MinerView) -> FloatArray:
    """Pot of which each slot can expect its share of the scores: as promised, or less if it was paid less, (slot,)."""
    return view.public.pot_tao[view.slot_subnet] * view.paid_ratio


def spent_tao(view: MinerView) -> FloatArray:
    """What each slot spent in the last epoch, (slot,), TAO."""
    return cost_tao(view.resource, view.unit_cost_tao, view.public.cost_exponent, view.public.maths).sum(axis=1)


def cost_tao(resource: FloatArray, unit_cost_tao: FloatArray, cost_exponent: float, maths: Maths) -> FloatArray:
    """What hardware costs in an epoch, c x^g / g, in TAO; the shape of `resource`.

    Parameters
    ----------
    resource : (..., capability), >= 0, in units
    unit_cost_tao : the same shape, > 0
        c; at g = 1 it is the cost of a unit, above it that of the first unit at the margin, times x^(g - 1).
    cost_exponent : float
        g, >= 1.
    maths : Maths
        The view's.

    Source: CLOSED_FORMS 1.3.
    """
    if cost_exponent == 1:
        return resource * unit_cost_tao
    return unit_cost_tao * maths.power(resource, cost_exponent) / cost_exponent


def spend_to_resource(
    spend_tao: FloatArray, mix: FloatArray, unit_cost_tao: FloatArray, cost_exponent: float, maths: Maths
) -> FloatArray:
    """Hardware that `spend_tao` pays when it is split as `mix`, (slot, capability), in units.

    Parameters
    ----------
    spend_tao : (slot,), >= 0
    mix : (slot, capability), >= 0
        Weights of the split; rows of zeros get nothing.
    unit_cost_tao : (slot, capability), > 0
    cost_exponent, maths
        As in `cost_tao`, whose inverse this is.
    """
    total = mix.sum(axis=1, keepdims=True)
    share = np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)
    linear = spend_tao[:, np.newaxis] * share / unit_cost_tao
    return linear if cost_exponent == 1 else maths.power(cost_exponent * linear, 1 / cost_exponent)


def hardware_for(view: MinerView, spend_tao: FloatArray, mix: FloatArray) -> FloatArray:
    """Hardware that each slot gets for `spend_tao` (slot,), split as `mix`, at its own costs; (slot, capability).

    A slot that is barred gets none: it would work for nothing.
    """
    return _hardware(view, np.where(view.barred, 0.0, spend_tao), mix)


def _hardware(view: MinerView, spend_tao: FloatArray, mix: FloatArray) -> FloatArray:
    return spend_to_resource(spend_tao, mix, view.unit_cost_tao, view.public.cost_exponent, view.public.maths)


def score_mix(view: MinerView) -> tuple[FloatArray, FloatArray]:
    """Split of spending that scores most, (slot, capability), and the power's exponent in spending, (slot,).

    With cost c x^g / g, spending S on one capability gives k S^(1/g), k = productivity (g / c)^(1/g). A Cobb-Douglas
    score is maximised at spend shares a_l / sum a and grows as spending ** (sum a / g) (CLOSED_FORMS 1.11); one with
    substitution exponent rho < g at shares proportional to (a_l k_l ** rho) ** (1 / (1 - rho / g)), and grows as
    spending ** (1 / g); a linear one at linear cost, rho = g = 1, at the corner of largest a_l k_l, or
    between corners that tie.

    Raises
    ------
    ValueError
        If the score is another, of somebody's own.
    """
    if view.public.score not in KNOWN_SCORES:
        known = ", ".join(KNOWN_SCORES)
        raise ValueError(f"the mix that scores most is known for the scores {known}, the rule has {view.public.score}")
    weight, maths = view.public.reward_weight[view.slot_subnet], view.public.maths
    cost_exponent = view.public.cost_exponent
    decisiveness = view.public.decisiveness[view.slot_subnet] / cost_exponent
    if view.public.score == "cobb_douglas":
        return weight, decisiveness * weight.sum(axis=1)
    output_per_tao = view.productivity / maths.power(view.unit_cost_tao / cost_exponent, 1 / cost_exponent)
    rho = view.public.substitution_exponent[view.slot_subnet][:, np.newaxis]
    worth = weight * output_per_tao
    # Capabilities that are worth the same share: none is preferred for its place.
    corner = (worth >= (1 - TIE) * worth.max(axis=1, keepdims=True)).astype(float)
    returns = rho / cost_exponent
    curved = returns < 1
    log_worth = (maths.log(weight) + rho * maths.log(output_per_tao)) / np.where(curved, 1 - returns, 1.0)
    inner = maths.exp(log_worth - log_worth.max(axis=1, keepdims=True))
    return np.where(curved, inner, corner), decisiveness


def power_per_spend(view: MinerView, mix: FloatArray) -> FloatArray:
    """Power, score ** decisiveness, of one TAO spent in this mix, (slot,)."""
    subnet, maths = view.slot_subnet, view.public.maths
    decisiveness = view.public.decisiveness[subnet]
    weight = view.public.reward_weight[subnet]
    output = _hardware(view, np.ones(len(subnet)), mix) * view.productivity
    if view.public.score == "cobb_douglas":
        log_output = maths.log(np.where(output > 0, output, 1.0))
        return maths.exp(decisiveness * (weight * log_output).sum(axis=1))
    rho = view.public.substitution_exponent[subnet]
    scored, there = weight > 0, output > 0
    whole = np.where(rho < 0, (there | ~scored).all(axis=1), (there & scored).any(axis=1))
    with np.errstate(over="ignore"):
        term = weight * maths.power(np.where(there, output, 1.0), rho[:, np.newaxis])
        worth = np.where(there & scored, term, 0.0).sum(axis=1)
        return np.where(whole, maths.power(np.where(whole, worth, 1.0), decisiveness / rho), 0.0)


def pot_share(view: MinerView, spend_tao: FloatArray) -> FloatArray:
    """Share of the pot that this spending, in the mix that scores most, would have taken from last epoch's rivals.

    Under winner-take-all it is everything or nothing, and a tie takes nothing; under any other pay it is
    power / (power + rivals' power), exact for proportional pay and a stand-in for shapes without a decisiveness.

    Parameters
    ----------
    spend_tao : (slot,) or (slot, level), >= 0
    """
    mix, exponent = score_mix(view)
    by_slot = (slice(None),) + (np.newaxis,) * (spend_tao.ndim - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        power = power_per_spend(view, mix)[by_slot] * view.public.maths.power(spend_tao, exponent[by_slot])
        if view.public.pay == WINNER_TAKE_ALL:
            return (power > (1 + TIE) * view.rival_score[by_slot]).astype(float)
        taken = power / (power + view.rival_power[by_slot])
    return np.where(power > 0, np.where(np.isfinite(power), taken, 1.0), 0.0)
