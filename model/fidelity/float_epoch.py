"""The float64 engine on a golden epoch: the snapshot in the engine's arrays, its shares in the chain's integers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ext.chain_state import PARTS_PER_MILLION, EpochRule, SubnetSnapshot
from ext.consensus import SMALLEST_KAPPA, YumaEpoch, yuma_epoch
from ext.fixed_point import U16_MAX, U64_MAX
from ext.fixed_vectors import Rows
from ext.masks import NEVER, EpochMasks, chain_masks
from model.fidelity.outcome import U16_NAME, Outcome


def float_epoch(snapshot: SubnetSnapshot, rule: EpochRule) -> Outcome:
    """Return what the float64 engine makes of an epoch, every uid having a row."""
    epoch = _engine(snapshot, rule)
    share = {
        "consensus": epoch.consensus[0],
        "validator_trust": epoch.validator_trust[0],
        "incentive": epoch.incentive[0],
        "dividends": epoch.dividend[0],
        "stake": epoch.stake_share[0],
    }
    paid = {
        "server_emission": epoch.server_share[0],
        "validator_emission": epoch.validator_share[0],
        "emission": epoch.emission_share[0],
    }
    return Outcome(
        u16={U16_NAME[name]: _floors(U16_MAX, value, U16_MAX) for name, value in share.items()},
        rao={name: _floors(snapshot.emission_rao, value, U64_MAX) for name, value in paid.items()},
        fraction={name: value.tolist() for name, value in share.items()}
        | {"normalised_emission": epoch.emission_share[0].tolist()},
        bond={(row, column): float(epoch.bond[0, row, column]) for row, column in np.argwhere(epoch.bond[0] > 0)},
        bond_u16=_rows(np.rint(epoch.bond[0] * U16_MAX)),
        permit=epoch.permit[0].tolist(),
        active=epoch.active[0].tolist(),
    )


def _engine(snapshot: SubnetSnapshot, rule: EpochRule) -> YumaEpoch:
    n_uids = len(snapshot.stake_rao)
    weight, present = _matrix(snapshot.weight_u16, n_uids)
    bond, _ = _matrix(snapshot.bond_u16, n_uids)
    return yuma_epoch(
        weight,
        np.array([snapshot.stake_rao], np.float64),
        bond / U16_MAX,
        np.arange(n_uids)[None],
        masks=_masks(snapshot, rule),
        present=present,
        kappa=max(rule.kappa_u16 / U16_MAX, SMALLEST_KAPPA),
        bonds_penalty=rule.bonds_penalty_u16 / U16_MAX,
        bonds_moving_average=rule.bonds_moving_average_ppm / PARTS_PER_MILLION,
        yuma3=rule.yuma3,
        liquid_alpha=rule.liquid_alpha,
        alpha_low=rule.alpha_low_u16 / U16_MAX,
        alpha_high=rule.alpha_high_u16 / U16_MAX,
        alpha_sigmoid_steepness=rule.alpha_sigmoid_steepness_hundredths / 100,
        max_validators=rule.max_allowed_validators,
        stake_threshold=float(rule.stake_threshold_rao),
    )


def _masks(snapshot: SubnetSnapshot, rule: EpochRule) -> EpochMasks:
    """Return the masks of this epoch, from the blocks at which things happened."""
    step = snapshot.last_step_block
    commits = snapshot.commit_block if rule.commit_reveal and snapshot.commit_block else NEVER
    return chain_masks(
        block=snapshot.block,
        permit=[snapshot.permit],
        last_update_block=[snapshot.last_update_block],
        registered_block=[snapshot.registered_block],
        last_tempo_block=step + 1 if step else max(0, snapshot.block - rule.tempo_blocks),
        activity_cutoff_blocks=max(1, rule.activity_cutoff_factor_milli * rule.tempo_blocks // 1000),
        commit_block=commits,
        owner_uid=-1 if snapshot.owner_uid is None else snapshot.owner_uid,
    )


def _matrix(rows: Rows, n_uids: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return sparse rows as a (1, uid, uid) array, and which entries they list."""
    value = np.zeros((1, n_uids, n_uids))
    present = np.zeros(value.shape, np.bool_)
    for uid, row in enumerate(rows):
        for column, entry in row:
            value[0, uid, column] = entry
            present[0, uid, column] = True
    return value, present


def _rows(matrix: NDArray[np.float64]) -> Rows:
    rows: Rows = [[] for _ in range(len(matrix))]
    for uid, column in np.argwhere(matrix > 0).tolist():
        rows[uid].append((column, int(matrix[uid, column])))
    return rows


def _floors(factor: int, share: Sequence[float] | NDArray[np.float64], highest: int) -> list[int]:
    return [min(highest, int(factor * float(value))) for value in share]
