"""How much checking deters how much cheating.

Source: Becker, JPE 76 (1968), for fines; Avenhaus, von Stengel & Zamir, Handbook of Game Theory 3 (2002), for the
inspection game.
"""

import math
from typing import NamedTuple

from ext import elementary
from model.bounds import within


class InspectionGame(NamedTuple):
    """Mixed equilibrium: how often the inspector audits and how often the other cheats."""

    audit_rate: float
    cheat_rate: float


def deterring_audit_rate(gain: float, detection_share: float, fine: float, *, confiscated: bool) -> float:
    """Least audit rate at which a single lie does not pay; above 1 no audit deters, inf where a lie costs nothing.

    Parameters
    ----------
    gain : float
        g >= 0, from an undetected lie.
    detection_share : float
        d in [0, 1]: probability that an audit finds the lie.
    fine : float
        P >= 0, paid by those found.
    confiscated : bool
        Whether those found lose the gain as well.

    Raises
    ------
    ValueError
        If one lies outside its range.
    """
    within("gain", gain, 0)
    within("detection_share", detection_share, 0, 1)
    within("fine", fine, 0)
    return _least_rate(gain, detection_share * (fine + (gain if confiscated else 0.0)))


def deterring_audit_rate_repeated(gain: float, honest_profit: float, discount: float) -> float:
    """Least audit rate when those found are removed for good: g (1-D) / (D pi), with profit pi per period if honest.

    g and pi >= 0, D in [0, 1]; inf where there is nothing to lose. Raises ValueError outside.
    """
    within("gain", gain, 0)
    within("honest_profit", honest_profit, 0)
    within("discount", discount, 0, 1)
    return _least_rate(gain * (1 - discount), discount * honest_profit)


def deterring_audit_rate_reentry(gain: float, reentry_price: float) -> float:
    """Least audit rate when those found come back at a price: g / R. Cheap identities multiply the audit bill.

    g and R >= 0; inf where coming back is free. Raises ValueError outside.
    """
    within("gain", gain, 0)
    within("reentry_price", reentry_price, 0)
    return _least_rate(gain, reentry_price)


def _least_rate(gain: float, loss: float) -> float:
    """Rate at which the loss of who is caught makes up for the gain; 0 where there is none."""
    return gain / loss if gain and loss else math.inf if gain else 0.0


def spot_checks(cheating_share: float, confidence_share: float) -> int:
    """Least number of independent checks that find at least one lie with this confidence.

    cheating_share in (0, 1], confidence_share in [0, 1); raises ValueError outside.
    """
    within("cheating_share", cheating_share, 0, 1, above=True)
    within("confidence_share", confidence_share, 0, 1, below=True)
    if cheating_share == 1:
        return 1
    return math.ceil(elementary.log1p(-confidence_share) / elementary.log1p(-cheating_share))


def found_share(n_checks: int, cheating_share: float) -> float:
    """Probability that independent checks find at least one lie: 1 - (1-f)^k."""
    return 1 - elementary.power(1 - cheating_share, n_checks)


def found_share_without_replacement(n_checks: int, n_cheating: int, n_items: int) -> float:
    """The same when no item is checked twice: 1 - C(honest, k) / C(all, k)."""
    return 1 - math.comb(n_items - n_cheating, n_checks) / math.comb(n_items, n_checks)


def inspection_game(gain: float, fine: float, audit_cost: float, damage: float) -> InspectionGame:
    """Each makes the other indifferent: audit rate g / (P + g), cheat rate k / b.

    A higher fine lowers audits and leaves cheating as it is. Where an audit costs more than the lie that it finds,
    nobody audits and everybody cheats.

    Parameters
    ----------
    gain, fine : float
        g > 0 and P >= 0 of the one who may cheat.
    audit_cost, damage : float
        k >= 0 of an audit and b > 0 of an undetected lie, to the inspector.

    Raises
    ------
    ValueError
        If one lies outside its range.
    """
    within("gain", gain, 0, above=True)
    within("fine", fine, 0)
    within("audit_cost", audit_cost, 0)
    within("damage", damage, 0, above=True)
    if audit_cost > damage:
        return InspectionGame(audit_rate=0.0, cheat_rate=1.0)
    return InspectionGame(audit_rate=gain / (fine + gain), cheat_rate=audit_cost / damage)
