"""Bonds and dividends of the exact epoch: Yuma 2, Yuma 3 and liquid alpha in the chain's own arithmetic.

Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs (CHAIN 3.9 and 3.10).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import le

from ext import fixed_vectors as fv
from ext.chain_state import PARTS_PER_MILLION, EpochRule, SubnetSnapshot
from ext.fixed_point import I32F32, exp_clamped, proportion_from_u16, proportion_to_u16
from ext.fixed_vectors import Rows

__all__ = ["bonds_alpha", "known_bonds", "liquid_alpha", "new_bonds", "stored_bonds", "yuma2", "yuma3"]


def known_bonds(subnet: SubnetSnapshot, rule: EpochRule) -> Rows:
    """Return the stored bonds as whole numbers, without those on uids registered since the last epoch."""
    last_tempo = subnet.last_step_block + 1 if subnet.last_step_block else max(0, subnet.block - rule.tempo_blocks)
    bond = [[(uid, I32F32.from_int(value)) for uid, value in row] for row in subnet.bond_u16]
    return fv.mask_pairs(bond, [last_tempo] * len(bond), subnet.registered_block, le)


def yuma2(
    stored: Rows, weight: Rows, stake: Sequence[int], outcome: tuple[list[int], list[int]], rule: EpochRule
) -> tuple[Rows, list[int]]:
    """Return bonds (the largest of a column at 1) and dividends of Yuma 2, where stake buys bonds."""
    n_uids = len(stake)
    _, incentive = outcome
    old = fv.normalise_columns(stored, n_uids)
    bought = fv.normalise_columns(fv.scale_rows(weight, stake), n_uids)
    bond = fv.normalise_columns(fv.ema(bought, old, bonds_alpha(rule), n_uids), n_uids)
    return fv.max_upscale_columns(bond, n_uids), fv.normalise(fv.dot_rows(bond, incentive))


def yuma3(
    stored: Rows, weight: Rows, stake: Sequence[int], outcome: tuple[list[int], list[int]], rule: EpochRule
) -> tuple[Rows, list[int]]:
    """Return bonds (fractions of 1) and dividends of Yuma 3, where stake counts when it is paid."""
    consensus, incentive = outcome
    full = I32F32.from_int(65_535)
    old = [[(uid, I32F32.divide(value, full)) for uid, value in row] for row in stored]
    bond = new_bonds(weight, old, consensus, rule)
    share = fv.normalise_columns(bond, len(stake))
    return bond, fv.normalise(fv.multiply(fv.dot_rows(share, incentive), stake))


def bonds_alpha(rule: EpochRule) -> int:
    """Return the share of the new bond in the moving average, raw 32.32."""
    memory = I32F32.divide(I32F32.from_int(rule.bonds_moving_average_ppm), I32F32.from_int(PARTS_PER_MILLION))
    return I32F32.one - memory


def new_bonds(weight: Rows, bond: Rows, consensus: Sequence[int], rule: EpochRule) -> Rows:
    """Return the moving average of weights as bonds; with liquid alpha each pair at its own speed."""
    if rule.liquid_alpha and any(consensus):
        return fv.ema_each(weight, bond, liquid_alpha(weight, bond, consensus, rule))
    return fv.ema(weight, bond, bonds_alpha(rule), len(consensus))


def liquid_alpha(weight: Rows, bond: Rows, consensus: Sequence[int], rule: EpochRule) -> list[list[int]]:
    """Return the speed at which each bond follows its weight, raw 32.32 in [alpha low, alpha high].

    Buying (weight >= bond) is fast when the weight leads the consensus, selling when the bond is above it.
    """
    low, high = proportion_from_u16(rule.alpha_low_u16), proportion_from_u16(rule.alpha_high_u16)
    steepness = I32F32.divide(I32F32.from_int(rule.alpha_sigmoid_steepness_hundredths), I32F32.from_int(100))
    half = I32F32.one // 2
    known: dict[int, int] = {}  # the power series is long, and many gaps are alike
    result: list[list[int]] = []
    for weight_row, bond_row in zip(weight, bond, strict=True):
        given, held = dict(weight_row), dict(bond_row)
        row = []
        for uid, level in enumerate(consensus):
            wanted, has = given.get(uid, 0), held.get(uid, 0)
            gap = max(0, min(I32F32.one, wanted - level if wanted >= has else has - wanted))
            if gap not in known:
                grown = exp_clamped(-I32F32.multiply(steepness, gap - half))
                rise = I32F32.multiply(I32F32.divide(I32F32.one, I32F32.one + grown), high - low)
                known[gap] = max(low, min(high, low + rise))
            row.append(known[gap])
        result.append(row)
    return result


def stored_bonds(bond: Rows, permit: Sequence[bool]) -> Rows:
    """Return the bonds as stored in u16: rows without the new permit are cleared, zeros not listed."""
    return [
        [(uid, cut) for uid, value in row if (cut := proportion_to_u16(value)) > 0] if permitted else []
        for row, permitted in zip(bond, permit, strict=True)
    ]
