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
    """Least audit rate at which a single lie does not pay; above 1 no audit deters.

    Parameters
    ----------
    gain : float
        g, from an undetected lie.
    detection_share : float
        d in (0, 1]: probability that an audit finds the lie.
    fine : float
        P, paid by those found.
    confiscated : bool
        Whether those found lose the gain as well.
    """
    return gain / (detection_share * (fine + (gain if confiscated else 0.0)))


def deterring_audit_rate_repeated(gain: float, honest_profit: float, discount: float) -> float:
    """Least audit rate when those found are removed for good: g (1-D) / (D pi), with profit pi per period if honest."""
    return gain * (1 - discount) / (discount * honest_profit)


def deterring_audit_rate_reentry(gain: float, reentry_price: float) -> float:
    """Least audit rate when those found come back at a price: g / R. Cheap identities multiply the audit bill."""
    return gain / reentry_price


def spot_checks(cheating_share: float, confidence_share: float) -> int:
    """Least number of independent checks that find at least one lie with this confidence."""
    within("cheating_share", cheating_share, 0, 1, above=True)
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

    A higher fine lowers audits and leaves cheating as it is.

    Parameters
    ----------
    gain, fine : float
        g and P of the one who may cheat.
    audit_cost, damage : float
        k of an audit and b of an undetected lie, to the inspector.
    """
    return InspectionGame(audit_rate=gain / (fine + gain), cheat_rate=audit_cost / damage)
