"""The Yuma epoch of many subnets, one after the other: hands each to `_votes`, `_bonds` and `_rewards`.

`ext.consensus` checks and allocates; the loops over uids are in `_epoch_loops.h`. A kernel because NumPy sorts every
column for the consensus and takes ten times as long.
"""

from ext._rewards cimport pay_dividends, share_emission, vote_and_rank
from ext._subnet cimport Subnet
from ext._votes cimport share_stake

cdef extern from "_epoch_loops.h" nogil:
    enum: TILE
    enum: ROWS_AT_ONCE

# Rows of the parameter table, in the order of ext.consensus.PARAMETERS.
cdef enum:
    KAPPA
    PENALTY
    MOVING_AVERAGE
    ALPHA_LOW
    ALPHA_HIGH
    STEEPNESS
    STAKE_THRESHOLD
    MAX_VALIDATORS
    YUMA3
    LIQUID_ALPHA
    COUNT_HEADS
    CLIP
    BONDED
    QUANTISE


cdef Py_ssize_t padded(Py_ssize_t n_uids) noexcept nogil:
    # Room for whole tiles, and half a tile more so that the rows of a tile fall into different sets of the cache.
    return (n_uids + TILE - 1) // TILE * TILE + TILE // 2


def work_size(Py_ssize_t n_rows, Py_ssize_t n_uids):
    """How many float64, pointers and bytes `epoch` needs to work in."""
    n_numbers = (n_rows + 1) * padded(n_uids) + (n_rows + ROWS_AT_ONCE) * (TILE + 1) + n_rows + 5 * n_uids
    return n_numbers, n_rows + ROWS_AT_ONCE, n_rows * n_uids


def epoch(
    const double[:, :, ::1] weight,            # (subnet, row, uid)
    const unsigned char[:, :, ::1] present,    # (subnet, row, uid); (0, 0, 0): present where the weight is positive
    const double[:, ::1] stake,                # (subnet, uid)
    const double[:, :, ::1] bond,              # (subnet, row, uid) in [0, 1]
    const long long[:, ::1] validator_uid,     # (subnet, row), -1 where a row stands for nobody
    const double[:, ::1] parameter,            # (parameter, subnet)
    const unsigned char[:, ::1] permit,        # (subnet or 1, uid or 1), as the next three
    const unsigned char[:, ::1] active,
    const long long[:, ::1] registered_block,
    const long long[:, ::1] newest_target_block,
    const long long[::1] last_tempo_block,     # (subnet or 1), as the next
    const long long[::1] owner_uid,            # -1 where there is none
    double[:, :, ::1] vector,                  # (9, subnet, uid): the float results in the order of Subnet
    unsigned char[:, ::1] permit_out,          # (subnet, uid)
    double[:, :, ::1] bond_out,                # (subnet, row, uid), may be `bond`
    double[::1] number,                        # work_size()
    Py_ssize_t[::1] pointer,
    unsigned char[::1] byte,
):
    """One epoch of every subnet; fills vector, permit_out and bond_out."""
    cdef Py_ssize_t n_subnets = weight.shape[0], n_rows = weight.shape[1], n = weight.shape[2], k
    cdef Subnet subnet
    subnet.n_rows = n_rows
    subnet.n_uids = n
    subnet.stride = padded(n)
    subnet.target = &number[0]
    subnet.row = subnet.target + n_rows * subnet.stride
    subnet.tile = subnet.row + subnet.stride
    subnet.scratch = subnet.tile + (n_rows + ROWS_AT_ONCE) * TILE
    subnet.fresh_total = subnet.scratch + 4 * n
    subnet.row_stake = subnet.fresh_total + n
    subnet.vote = subnet.row_stake + n_rows
    subnet.voter = <const double**>&pointer[0]
    subnet.alive = &byte[0]
    subnet.present = NULL
    subnet.mask.permit_step = permit.shape[1] == n
    subnet.mask.active_step = active.shape[1] == n
    subnet.mask.registered_step = registered_block.shape[1] == n
    subnet.mask.newest_step = newest_target_block.shape[1] == n
    with nogil:
        for k in range(n_subnets):
            subnet.weight = &weight[k, 0, 0]
            if present.shape[0]:
                subnet.present = &present[k, 0, 0]
            subnet.stake = &stake[k, 0]
            subnet.bond = &bond[k, 0, 0]
            subnet.validator_uid = &validator_uid[k, 0]
            subnet.mask.permit = &permit[k % permit.shape[0], 0]
            subnet.mask.active = &active[k % active.shape[0], 0]
            subnet.mask.registered_block = &registered_block[k % registered_block.shape[0], 0]
            subnet.mask.newest_target_block = &newest_target_block[k % newest_target_block.shape[0], 0]
            subnet.mask.last_tempo_block = last_tempo_block[k % last_tempo_block.shape[0]]
            subnet.mask.owner_uid = owner_uid[k % owner_uid.shape[0]]
            subnet.kappa = parameter[KAPPA, k]
            subnet.penalty = parameter[PENALTY, k]
            subnet.alpha = 1.0 - parameter[MOVING_AVERAGE, k]
            subnet.alpha_low = parameter[ALPHA_LOW, k]
            subnet.alpha_high = parameter[ALPHA_HIGH, k]
            subnet.steepness = parameter[STEEPNESS, k]
            subnet.stake_threshold = parameter[STAKE_THRESHOLD, k]
            subnet.max_validators = <Py_ssize_t>parameter[MAX_VALIDATORS, k]
            subnet.yuma3 = parameter[YUMA3, k] != 0.0
            subnet.liquid_alpha = parameter[LIQUID_ALPHA, k] != 0.0
            subnet.count_heads = parameter[COUNT_HEADS, k] != 0.0
            subnet.clip = parameter[CLIP, k] != 0.0
            subnet.bonded = parameter[BONDED, k] != 0.0
            subnet.quantise = parameter[QUANTISE, k] != 0.0
            subnet.stake_share = &vector[0, k, 0]
            subnet.active_share = &vector[1, k, 0]
            subnet.consensus = &vector[2, k, 0]
            subnet.trust = &vector[3, k, 0]
            subnet.incentive = &vector[4, k, 0]
            subnet.dividend = &vector[5, k, 0]
            subnet.server_share = &vector[6, k, 0]
            subnet.validator_share = &vector[7, k, 0]
            subnet.emission_share = &vector[8, k, 0]
            subnet.permit = &permit_out[k, 0]
            subnet.bond_out = &bond_out[k, 0, 0]
            share_stake(&subnet)
            vote_and_rank(&subnet)
            pay_dividends(&subnet)
            share_emission(&subnet)
