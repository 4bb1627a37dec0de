"""The Yuma epoch in plain NumPy, one subnet after the other: the oracle that the kernels are held against.

Written for the eye: every line is a line of the protocol, in its letters (S, A, W, C, R, I, B, D; rows are
validators, columns uids). Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs and math.rs.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ext.consensus import WHERE_POSITIVE, YumaEpoch
from ext.masks import NOTHING_MASKED, EpochMasks

__all__ = ["epoch", "norm", "top_permits", "weighted_quantile"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

KEY = 2.0**32  # stake shares are ranked as multiples of 1/KEY
VOTE = 2.0**50  # votes are multiples of 1/VOTE: their sums are exact
SLACK = 2.0**-40  # sums of votes closer than this are equal
LEAST = 2.0**-900  # a column of bonds that sums to less counts as 0
EXPONENT_LIMIT = 20.0


def norm(x: FloatArray, axis: int = -1) -> FloatArray:
    """`x` divided by its sum along `axis`; unchanged where the sum is 0."""
    total = x.sum(axis=axis, keepdims=True)
    return x / np.where(total > 0.0, total, 1.0)


def column_shares(B: FloatArray) -> FloatArray:
    """Each column divided by its sum; 0 where that is below `LEAST`."""
    total = B.sum(axis=0)
    return np.divide(B, total, out=np.zeros_like(B), where=total >= LEAST)


def top_permits(S: FloatArray, max_validators: int) -> BoolArray:
    """Which uids are among the `max_validators` largest stake shares; among equals the higher uid wins."""
    key = np.floor(S * KEY)
    permit = np.zeros(S.shape, np.bool_)
    permit[np.argsort(key, kind="stable")[max(0, len(S) - max_validators) :]] = True
    return permit & (key > 0)


def weighted_quantile(W: FloatArray, vote: FloatArray, kappa: float) -> FloatArray:
    """Largest weight of each column that at least `kappa` of the vote supports; 0 if nobody votes."""
    voter = vote > 0.0
    if not voter.any():
        return np.zeros(W.shape[1])
    a = np.floor(norm(vote[voter]) * VOTE) / VOTE
    order = np.argsort(W[voter], axis=0)
    score = np.take_along_axis(W[voter], order, axis=0)
    below = np.cumsum(a[order], axis=0)
    reached = below > max(a.sum() - kappa + SLACK, 0.0)
    first = np.where(reached.any(axis=0), reached.argmax(axis=0), len(a) - 1)
    return score[first, np.arange(W.shape[1])]


def epoch(
    weight: FloatArray,
    stake: FloatArray,
    bond: FloatArray,
    validator_uid: NDArray[np.int64],
    *,
    masks: EpochMasks = NOTHING_MASKED,
    present: BoolArray = WHERE_POSITIVE,
    **parameters: ArrayLike,
) -> YumaEpoch:
    """The result of `ext.consensus.yuma_epoch` or of a mechanism of `ext.comparison`.

    `parameters` are all of `ext.consensus.PARAMETERS`, one number or one per subnet each.
    """
    n_subnets, _, n_uids = weight.shape
    present = weight > 0.0 if present is WHERE_POSITIVE else present | (weight > 0.0)
    uid_mask = [np.broadcast_to(mask, (n_subnets, n_uids)) for mask in masks[:4]]
    subnet_mask = [np.broadcast_to(mask, n_subnets) for mask in masks[4:]]
    parameter = {name: np.broadcast_to(value, n_subnets) for name, value in parameters.items()}
    results = [
        _subnet_epoch(
            weight[k], stake[k], bond[k], validator_uid[k], present[k],
            EpochMasks(*(mask[k] for mask in uid_mask), *(mask[k] for mask in subnet_mask)),
            **{name: value[k] for name, value in parameter.items()},
        )
        for k in range(n_subnets)
    ]  # fmt: skip
    return YumaEpoch(*(np.stack(field) for field in zip(*results, strict=True)))


def _subnet_epoch(
    weight: FloatArray,
    stake: FloatArray,
    bond: FloatArray,
    validator_uid: NDArray[np.int64],
    present: BoolArray,
    mask: EpochMasks,
    *,
    kappa: float,
    bonds_penalty: float,
    bonds_moving_average: float,
    alpha_low: float,
    alpha_high: float,
    alpha_sigmoid_steepness: float,
    stake_threshold: float,
    max_validators: float,
    yuma3: bool,
    liquid_alpha: bool,
    count_heads: bool,
    clip: bool,
    bonded: bool,
    quantise_bonds: bool,
) -> YumaEpoch:
    uids = np.arange(len(stake))
    owner = uids == mask.owner_uid
    rows = np.flatnonzero(validator_uid >= 0)
    uid = validator_uid[rows]

    # Stake, permits, active stake
    S = norm(np.where((stake < stake_threshold) & ~owner, 0.0, stake))
    new_permit = top_permits(S, int(max_validators)) | owner
    old_permit = mask.permit | owner
    A = norm(np.where(mask.active & old_permit & np.isin(uids, uid), S, 0.0))
    a = A[uid]

    # Weights
    drop = ~old_permit[uid][:, None] | (mask.registered_block > mask.newest_target_block[uid][:, None])
    drop = drop | ((uids == uid[:, None]) & ~owner)
    W = norm(np.where(drop, 0.0, weight[rows]))
    present = present[rows] & ~drop

    # Consensus, trust, incentive
    vote = norm((a > 0.0).astype(float)) if count_heads else a
    C = weighted_quantile(W, vote, kappa) if clip else vote @ W
    Wc = np.minimum(W, C) if clip else W
    trust = np.zeros(len(stake))
    trust[uid] = Wc.sum(axis=1)
    incentive = norm(vote @ Wc)

    # Bonds and dividends
    B = np.where(mask.last_tempo_block <= mask.registered_block, 0.0, bond[rows])
    Wb = (1.0 - bonds_penalty) * W + bonds_penalty * Wc
    alpha = 1.0 - bonds_moving_average
    dividend = np.zeros(len(stake))
    new_bond = np.zeros_like(bond)
    if not bonded:
        dividend, Bn = A, np.zeros_like(B)
    elif not yuma3:
        Bn = column_shares(alpha * column_shares(a[:, None] * Wb) + (1.0 - alpha) * column_shares(B))
        dividend[uid] = Bn @ incentive
        highest = Bn.max(axis=0, initial=0.0)
        Bn = Bn / np.where(highest > 0.0, highest, 1.0)
    else:
        if liquid_alpha and C.any():
            gap = np.clip(np.where(Wb >= B, Wb - C, B - Wb), 0.0, 1.0)
            exponent = np.clip(-alpha_sigmoid_steepness * (gap - 0.5), -EXPONENT_LIMIT, EXPONENT_LIMIT)
            rate = np.clip(alpha_low + (alpha_high - alpha_low) / (1.0 + np.exp(exponent)), alpha_low, alpha_high)
            # Pairs that the chain's sparse rows no longer hold lose their bond at once.
            if bonds_penalty == 1.0:
                present = present & ((W == 0.0) | (Wc > 0.0))
            elif bonds_penalty > 0.0:
                present = present & (W > 0.0)
            Bn = np.where(present, np.minimum((1.0 - rate) * B + rate * Wb, 1.0), 0.0)
        else:
            Bn = (1.0 - alpha) * B + alpha * Wb
        dividend[uid] = a * (column_shares(Bn) @ incentive)
    dividend = norm(dividend)
    new_bond[rows] = np.where(new_permit[uid][:, None], np.floor(65535.0 * Bn) / 65535.0 if quantise_bonds else Bn, 0.0)

    # Shares of emission
    x = incentive.sum() + dividend.sum()
    if x > 0.0:
        server, validator, combined = incentive / x, dividend / x, (incentive + dividend) / x
    else:
        server, validator = np.zeros(len(stake)), A if A.any() else S
        combined = validator
    return YumaEpoch(
        stake_share=S,
        active_share=A,
        active=mask.active,
        permit=new_permit,
        consensus=C,
        validator_trust=trust,
        incentive=incentive,
        dividend=dividend,
        server_share=server,
        validator_share=validator,
        emission_share=combined,
        bond=new_bond,
    )
