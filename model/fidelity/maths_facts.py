"""Facts about the chain's maths that its tests state as relations rather than as a function's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Any

from ext import fixed_vectors as fv
from ext.chain_state import EpochRule, alpha_refusal
from ext.exact import stake_share
from ext.exact_bonds import bonds_alpha, new_bonds
from ext.fixed_point import I32F32, exp, exp_clamped
from model.fidelity.entries import flag, whole_number, whole_numbers
from model.fidelity.maths_values import Raw, compare, encoded
from model.fidelity.report import Verdict
from model.world.randomness import stream

_SHUFFLES = 20  # orders in which the median of each case is sought


def _exp_safe(vector: dict[str, Any], verdict: Verdict) -> None:
    """An exponent out of range counts as the end of the range."""
    (argument,) = vector["args"]
    answer, expected = Raw(exp_clamped(_raw(argument)), I32F32), vector["expected"]
    if isinstance(expected, dict) and "exp_of" in expected:
        expected = Raw(exp(_raw(expected["exp_of"])), I32F32).value()
    compare(verdict, (), expected, answer, vector["tol"])


def _stake_fraction(vector: dict[str, Any], verdict: Verdict) -> None:
    """A stake's share of the total, through 64.64 to 32.32."""
    stake, total = whole_numbers("args", vector["args"])
    share, _ = stake_share([stake, total - stake])
    compare(verdict, (), vector["expected"], Raw(share, I32F32), vector["tol"])


def _ema_alpha(vector: dict[str, Any], verdict: Verdict) -> None:
    """The weight of the new bond, from the moving average in parts per million."""
    (memory,) = whole_numbers("args", vector["args"])
    alpha = bonds_alpha(EpochRule(bonds_moving_average_ppm=memory))
    verdict.sequence("alpha", vector["expected"], I32F32.to_float(alpha), vector["tol"])


def _liquid_equals_off(vector: dict[str, Any], verdict: Verdict) -> None:
    """Liquid alpha between two equal limits is a plain moving average."""
    given = vector["args"]
    consensus = [_raw(value) for value in given["consensus"]]
    weight, bond = (
        [list(enumerate(_raw(value) for value in row)) for row in given[name]] for name in ("weights", "bonds")
    )
    rule = EpochRule(
        liquid_alpha=True,
        alpha_low_u16=whole_number("alpha_low_u16", given["alpha_low_u16"]),
        alpha_high_u16=whole_number("alpha_high_u16", given["alpha_high_u16"]),
        bonds_moving_average_ppm=whole_number("bonds_moving_average", given["bonds_moving_average"]),
    )
    moved, plain = (new_bonds(weight, bond, consensus, replace(rule, liquid_alpha=on)) for on in (True, False))
    for uid, (row, other) in enumerate(zip(moved, plain, strict=True)):
        held, wanted = dict(row), dict(other)
        for column in sorted(held.keys() | wanted.keys()):
            was, now = (I32F32.to_float(pairs.get(column, 0)) for pairs in (wanted, held))
            verdict.number("bond", (uid, column), was, now, vector["tol"])


def _alpha_values(vector: dict[str, Any], verdict: Verdict) -> None:
    """Which limits of liquid alpha an owner may set."""
    given = vector["args"]
    low, high = (whole_number(name, given[name]) for name in ("alpha_low_u16", "alpha_high_u16"))
    refusal = alpha_refusal(low, high, liquid_alpha=flag("liquid_alpha_enabled", given["liquid_alpha_enabled"]))
    verdict.fact("error", (), vector["expected"]["error"], refusal)


def _median_property(vector: dict[str, Any], verdict: Verdict) -> None:
    """The median is the score where ascending stake passes total - majority, in whatever order it is sought."""
    n_scores = whole_number("n", vector["args"]["n"])
    if not 1 <= n_scores <= 1_000:
        raise ValueError(f"n must lie in 1..1000, is {n_scores}")
    draw = stream(0, "fidelity", "weighted median")
    for scores in (list(range(n_scores)), sorted(draw.integers(n_scores, size=n_scores).tolist())):
        for weights in ([1] * n_scores, [1, *draw.integers(2, size=n_scores - 1).tolist()]):
            share = fv.normalise([I32F32.from_int(weight) for weight in weights])
            for majority in vector["args"]["majority"]:
                minority = max(0, sum(share) - _raw(majority))
                reached = [total > minority for total in accumulate(share)]
                wanted = scores[reached.index(True)] if True in reached else scores[-1]
                for _ in range(_SHUFFLES):
                    order = draw.permutation(n_scores).tolist()
                    found = fv.weighted_median(
                        [share[place] for place in order], [scores[place] for place in order], minority
                    )
                    verdict.number("median", (f"majority {majority}",), wanted, found, 0)


def _raw(value: Any) -> int:
    return encoded(value, I32F32)


FACTS: dict[str, Callable[[dict[str, Any], Verdict], None]] = {
    "stake_fraction_32_32": _stake_fraction,
    "ema_alpha_from_ppm": _ema_alpha,
    "compute_bonds_on_equals_off": _liquid_equals_off,
    "validate_alpha_values": _alpha_values,
    "weighted_median_property": _median_property,
    "exp_safe": _exp_safe,
}
