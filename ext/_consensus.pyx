"""The Yuma epoch of many subnets, one after the other.

`ext.consensus` checks and allocates; `_votes` and `_bonds` hold the two halves, `_epoch_loops.h` the loops over uids.
A kernel because sorting every column takes NumPy most of the hundred and more milliseconds of a full network.
"""

from libc.math cimport HUGE_VAL
from libc.string cimport memset

from ext._bonds cimport yuma2, yuma3, yuma3_liquid
from ext._subnet cimport Mask, Subnet
from ext._votes cimport form_consensus, load_row, normalise, share_stake

cdef extern from "_epoch_loops.h" nogil:
    enum: TILE
    enum: ROWS_AT_ONCE
    double row_sum(const double* value, Py_ssize_t n)
    void clip_row(
        double* weight, const double* ceiling, Py_ssize_t n, double vote, double bond_stake, double penalty,
        double* clipped, double* rank, double* bond_total,
    )

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


cdef void vote_and_rank(const Subnet* subnet) noexcept nogil:
    # Weights, consensus, validator trust and incentive; leaves in `target` what every row bonds with.
    cdef Py_ssize_t n = subnet.n_uids, r, j, uid
    cdef double* ceiling = subnet.scratch
    cdef double vote, head = 0.0
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        subnet.row_stake[r] = subnet.active_share[uid] if uid >= 0 else 0.0
        head += subnet.row_stake[r] > 0.0
        load_row(subnet, r)
    if subnet.clip:
        form_consensus(subnet)
    for j in range(n):
        ceiling[j] = subnet.consensus[j] if subnet.clip else HUGE_VAL
    memset(subnet.incentive, 0, n * sizeof(double))
    memset(subnet.fresh_total, 0, n * sizeof(double))
    memset(subnet.trust, 0, n * sizeof(double))
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        if uid < 0:
            continue
        vote = subnet.row_stake[r]
        if subnet.count_heads and vote > 0.0:
            vote = 1.0 / head
        if subnet.yuma3 and subnet.liquid_alpha and subnet.penalty > 0.0:
            bury(subnet, r)
        clip_row(
            subnet.target + r * subnet.stride, ceiling, n, vote, 1.0 if subnet.yuma3 else subnet.row_stake[r],
            subnet.penalty, subnet.row, subnet.incentive, subnet.fresh_total,
        )
        subnet.trust[uid] = row_sum(subnet.row, n)
    if not subnet.clip:
        for j in range(n):
            subnet.consensus[j] = subnet.incentive[j]
    normalise(subnet.incentive, n)


cdef void bury(const Subnet* subnet, Py_ssize_t row) noexcept nogil:
    # Entries that the penalty takes out of the chain's sparse rows: explicit zeros below 1, and at 1 positive weights
    # that nobody supports (explicit zeros stay).
    cdef Py_ssize_t n = subnet.n_uids, j
    cdef const double* weight = subnet.target + row * subnet.stride
    cdef const double* ceiling = subnet.scratch
    cdef unsigned char* alive = subnet.alive + row * n
    for j in range(n):
        if subnet.penalty < 1.0:
            alive[j] = alive[j] and weight[j] > 0.0
        else:
            alive[j] = alive[j] and (weight[j] <= 0.0 or ceiling[j] > 0.0)


cdef void pay_dividends(const Subnet* subnet) noexcept nogil:
    # New bonds and dividends; without bonds the dividend is the active share.
    cdef Py_ssize_t n = subnet.n_uids, j
    if not subnet.bonded:
        memset(subnet.bond_out, 0, subnet.n_rows * n * sizeof(double))
        for j in range(n):
            subnet.dividend[j] = subnet.active_share[j]
        return
    memset(subnet.dividend, 0, n * sizeof(double))
    if not subnet.yuma3:
        yuma2(subnet)
    elif subnet.liquid_alpha and row_sum(subnet.consensus, n) > 0.0:
        yuma3_liquid(subnet)
    else:
        yuma3(subnet)
    normalise(subnet.dividend, n)


cdef void share_emission(const Subnet* subnet) noexcept nogil:
    # Without any incentive or dividend the emission follows active stake, and if there is none, all stake.
    cdef Py_ssize_t n = subnet.n_uids, j
    cdef double total = row_sum(subnet.incentive, n) + row_sum(subnet.dividend, n)
    cdef const double* fallback = subnet.active_share
    if row_sum(subnet.active_share, n) <= 0.0:
        fallback = subnet.stake_share
    if total > 0.0:
        for j in range(n):
            subnet.server_share[j] = subnet.incentive[j] / total
            subnet.validator_share[j] = subnet.dividend[j] / total
            subnet.emission_share[j] = (subnet.incentive[j] + subnet.dividend[j]) / total
    else:
        for j in range(n):
            subnet.server_share[j] = 0.0
            subnet.validator_share[j] = fallback[j]
            subnet.emission_share[j] = fallback[j]


cdef Py_ssize_t padded(Py_ssize_t n_uids) noexcept nogil:
    # Room for whole tiles, and half a tile more so that the rows of a tile fall into different sets of the cache.
    return (n_uids + TILE - 1) // TILE * TILE + TILE // 2


def work_size(Py_ssize_t n_rows, Py_ssize_t n_uids):
    """How many float64, pointers and bytes `epoch` needs to work in."""
    n_numbers = (n_rows + 1) * padded(n_uids) + 2 * n_rows + ROWS_AT_ONCE + 5 * n_uids
    n_numbers += (n_rows + ROWS_AT_ONCE) * TILE
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
    subnet.row_stake = subnet.row + subnet.stride
    subnet.vote = subnet.row_stake + n_rows
    subnet.fresh_total = subnet.vote + n_rows + ROWS_AT_ONCE
    subnet.scratch = subnet.fresh_total + n
    subnet.tile = subnet.scratch + 4 * n
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
