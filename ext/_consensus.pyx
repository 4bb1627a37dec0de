"""The Yuma epoch of many subnets: stake, permits, consensus, trust, incentive, dividends and shares of emission.

`ext.consensus` checks and allocates. Bonds are in `_bonds`, the loops over uids in `_epoch_loops.h`.
A kernel because NumPy takes about half a second for the epoch of a full network.
"""

from libc.math cimport HUGE_VAL, floor
from libc.string cimport memcpy, memset

from ext._bonds cimport Rows, yuma2, yuma3, yuma3_liquid

cdef extern from "_epoch_loops.h" nogil:
    enum: TILE
    enum: ROWS_AT_ONCE
    double row_sum(const double* value, Py_ssize_t n)
    void row_divide(const double* value, Py_ssize_t n, double divisor, double* out)
    Py_ssize_t count_above(const double* key, Py_ssize_t n, double floor_key)
    void quantile_tile(const double* score, const double* vote, Py_ssize_t n_rows, double limit, double total, double* out)
    double clip_row(
        const double* weight, const double* ceiling, Py_ssize_t n, double vote, double bond_stake, double penalty,
        double* rank, double* bond_total,
    )

cdef double KEY = 4294967296.0         # 2^32: the chain ranks stake shares cut to this resolution
cdef double VOTE = 1125899906842624.0  # 2^50: votes are multiples of 1/VOTE, so that sums are exact in any order
cdef double SLACK = 2.0 ** -40         # sums of votes this close are a tie: .1 added five times reaches .5
cdef long long NEVER = 1LL << 62

# Rows of the parameter table that `epoch` takes, one column per subnet.
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
    N_PARAMETERS

cdef struct Mask:
    # What the chain knows of the uids; a step of 0 means that one value holds for all of them.
    const unsigned char* permit
    Py_ssize_t permit_step
    const unsigned char* active
    Py_ssize_t active_step
    const long long* registered_block
    Py_ssize_t registered_step
    const long long* newest_target_block
    Py_ssize_t newest_step
    long long last_tempo_block
    Py_ssize_t owner_uid

cdef struct Result:
    double* stake_share         # (n_uids), as all below where nothing else is said
    double* active_share
    unsigned char* permit
    double* consensus
    double* trust
    double* incentive
    double* dividend
    double* server_share
    double* validator_share
    double* combined_share
    double* bond                # (n_rows, n_uids)

cdef struct Work:
    double* weight              # (n_rows, n_uids) normalised
    unsigned char* alive        # (n_rows, n_uids) which entries exist
    double* score               # (n_rows + ROWS_AT_ONCE, TILE)
    double* tile_vote           # (n_rows + ROWS_AT_ONCE)
    double* vote                # (n_rows)
    double* row_stake           # (n_rows)
    double* row_dividend        # (n_rows)
    unsigned char* kept         # (n_rows)
    double* ceiling             # (n_uids)
    double* fresh_total         # (n_uids)
    double* column_kept         # (n_uids)
    double* scratch             # (4, n_uids)


cdef void normalise(double* value, Py_ssize_t n) noexcept nogil:
    cdef double total = row_sum(value, n)
    if total > 0.0:
        row_divide(value, n, total, value)


cdef void top_permits(
    const double* stake_share, Py_ssize_t n, Py_ssize_t n_permits, double* key, unsigned char* permit
) noexcept nogil:
    # Bisects for the smallest key that at most n_permits uids lie above; among equals the higher uids go first.
    cdef Py_ssize_t j, left
    cdef double low = 0.0, high = KEY, middle
    for j in range(n):
        key[j] = floor(stake_share[j] * KEY)
    if count_above(key, n, 0.0) <= n_permits:
        high = 0.0
    while high - low > 1.0:
        middle = floor(0.5 * (low + high))
        if count_above(key, n, middle) <= n_permits:
            high = middle
        else:
            low = middle
    left = n_permits - count_above(key, n, high)
    for j in range(n - 1, -1, -1):
        permit[j] = key[j] > high
        if key[j] == high and high > 0.0 and left > 0:
            permit[j] = 1
            left -= 1


cdef void weighted_quantiles(
    const double* weight, Py_ssize_t n_rows, Py_ssize_t n, const double* vote, double kappa,
    double* score, double* tile_vote, double* consensus
) noexcept nogil:
    # Per column the largest weight that at least kappa of the vote supports; rows without a vote do not count.
    cdef Py_ssize_t r, voter, start, width, n_voters = 0
    cdef double total, limit
    cdef double[16] column
    for r in range(n_rows):
        if vote[r] > 0.0:
            tile_vote[n_voters] = vote[r]
            n_voters += 1
    memset(consensus, 0, n * sizeof(double))
    if n_voters == 0:
        return
    normalise(tile_vote, n_voters)
    for r in range(n_voters):
        tile_vote[r] = floor(tile_vote[r] * VOTE) / VOTE
    total = row_sum(tile_vote, n_voters)
    limit = max(total - kappa + SLACK, 0.0)
    start = 0
    while start < n:
        width = min(TILE, n - start)
        voter = 0
        for r in range(n_rows):
            if vote[r] > 0.0:
                memcpy(score + voter * TILE, weight + r * n + start, width * sizeof(double))
                memset(score + voter * TILE + width, 0, (TILE - width) * sizeof(double))
                voter += 1
        while voter % ROWS_AT_ONCE:  # copies of the first row without a vote change nothing
            memcpy(score + voter * TILE, score, TILE * sizeof(double))
            tile_vote[voter] = 0.0
            voter += 1
        quantile_tile(score, tile_vote, voter, limit, total, column)
        memcpy(consensus + start, column, width * sizeof(double))
        start += TILE


cdef void masked_row(
    const double* given, const unsigned char* present, Py_ssize_t n, Py_ssize_t uid, const Mask* mask,
    double* weight, unsigned char* alive
) noexcept nogil:
    # A permitted row without its masked entries, normalised; `alive`, if asked for, says which entries exist.
    cdef Py_ssize_t j
    cdef long long newest = mask.newest_target_block[uid * mask.newest_step]
    memcpy(weight, given, n * sizeof(double))
    if newest < NEVER:
        for j in range(n):
            if mask.registered_block[j * mask.registered_step] > newest:
                weight[j] = 0.0
    if uid != mask.owner_uid:
        weight[uid] = 0.0
    normalise(weight, n)
    if alive == NULL:
        return
    for j in range(n):
        alive[j] = present[j] if present != NULL else weight[j] > 0.0
        if mask.registered_block[j * mask.registered_step] > newest:
            alive[j] = 0
    if uid != mask.owner_uid:
        alive[uid] = 0


cdef void share_stake(
    const double* stake, Py_ssize_t n_rows, Py_ssize_t n, const long long* validator_uid, double threshold,
    Py_ssize_t max_validators, const Mask* mask, const Result* result, double* key
) noexcept nogil:
    # Stake shares, the permits of the next epoch, and the active stake: permitted, active, and with a row.
    cdef Py_ssize_t j, r
    for j in range(n):
        result.stake_share[j] = 0.0 if stake[j] < threshold and j != mask.owner_uid else stake[j]
        result.active_share[j] = 0.0
    normalise(result.stake_share, n)
    top_permits(result.stake_share, n, max_validators, key, result.permit)
    if mask.owner_uid >= 0:
        result.permit[mask.owner_uid] = 1
    for r in range(n_rows):
        j = validator_uid[r]
        if j >= 0 and mask.active[j * mask.active_step] and (
            mask.permit[j * mask.permit_step] or j == mask.owner_uid
        ):
            result.active_share[j] = result.stake_share[j]
    normalise(result.active_share, n)


cdef void form_consensus(
    const double* weight, const unsigned char* present, Py_ssize_t n_rows, Py_ssize_t n,
    const long long* validator_uid, const double* parameter, Py_ssize_t step, const Mask* mask,
    const Result* result, const Work* work
) noexcept nogil:
    # Weights, votes, consensus, trust, rank; the incentive is the normalised rank.
    cdef Py_ssize_t r, j, uid
    cdef double penalty = parameter[PENALTY * step], bond_stake
    cdef bint sparse = parameter[YUMA3 * step] != 0.0 and parameter[LIQUID_ALPHA * step] != 0.0
    for j in range(n):
        result.incentive[j] = 0.0
        result.trust[j] = 0.0
        work.fresh_total[j] = 0.0
    for r in range(n_rows):
        uid = validator_uid[r]
        work.row_stake[r] = 0.0
        work.kept[r] = 0
        if uid >= 0:
            work.row_stake[r] = result.active_share[uid]
            work.kept[r] = result.permit[uid]
        if uid >= 0 and (mask.permit[uid * mask.permit_step] or uid == mask.owner_uid):
            masked_row(
                weight + r * n, present + r * n if present != NULL else NULL, n, uid, mask,
                work.weight + r * n, work.alive + r * n if sparse else NULL,
            )
        else:
            memset(work.weight + r * n, 0, n * sizeof(double))
            if sparse:
                memset(work.alive + r * n, 0, n)
        work.vote[r] = work.row_stake[r]
        if parameter[COUNT_HEADS * step] != 0.0 and work.row_stake[r] > 0.0:
            work.vote[r] = 1.0
    if parameter[COUNT_HEADS * step] != 0.0:
        normalise(work.vote, n_rows)
    if parameter[CLIP * step] != 0.0:
        weighted_quantiles(
            work.weight, n_rows, n, work.vote, parameter[KAPPA * step], work.score, work.tile_vote, result.consensus
        )
    for j in range(n):
        work.ceiling[j] = result.consensus[j] if parameter[CLIP * step] != 0.0 else HUGE_VAL
    for r in range(n_rows):
        uid = validator_uid[r]
        if uid >= 0:
            bond_stake = 1.0 if parameter[YUMA3 * step] != 0.0 else work.row_stake[r]
            result.trust[uid] = clip_row(
                work.weight + r * n, work.ceiling, n, work.vote[r], bond_stake, penalty,
                result.incentive, work.fresh_total,
            )
    if parameter[CLIP * step] == 0.0:
        for j in range(n):
            result.consensus[j] = result.incentive[j]
    normalise(result.incentive, n)


cdef void pay_bonds(
    const double* bond, Py_ssize_t n_rows, Py_ssize_t n, const long long* validator_uid, const double* parameter,
    Py_ssize_t step, const Mask* mask, const Result* result, const Work* work
) noexcept nogil:
    # New bonds and dividends; without bonds the dividend is the active stake.
    cdef Py_ssize_t r, j, uid
    cdef double penalty = parameter[PENALTY * step], alpha = 1.0 - parameter[MOVING_AVERAGE * step]
    cdef bint agreed = False
    cdef Rows rows
    for j in range(n):
        work.column_kept[j] = mask.last_tempo_block > mask.registered_block[j * mask.registered_step]
        agreed = agreed or result.consensus[j] > 0.0
        result.dividend[j] = 0.0 if parameter[BONDED * step] != 0.0 else result.active_share[j]
    if parameter[BONDED * step] == 0.0:
        memset(result.bond, 0, n_rows * n * sizeof(double))
        return
    rows.n_rows = n_rows
    rows.n_uids = n
    rows.weight = work.weight
    rows.consensus = result.consensus
    rows.ceiling = work.ceiling
    rows.incentive = result.incentive
    rows.validator_uid = validator_uid
    rows.row_stake = work.row_stake
    rows.fresh_total = work.fresh_total
    rows.kept = work.kept
    rows.bond = bond
    rows.column_kept = work.column_kept
    rows.bond_out = result.bond
    rows.row_dividend = work.row_dividend
    rows.scratch = work.scratch
    rows.quantise = parameter[QUANTISE * step] != 0.0
    if parameter[YUMA3 * step] == 0.0:
        yuma2(&rows, penalty, alpha)
    elif parameter[LIQUID_ALPHA * step] == 0.0 or not agreed:
        yuma3(&rows, penalty, alpha)
    else:
        bury_clipped(n_rows, n, penalty, result.consensus, work)
        yuma3_liquid(
            &rows, penalty, parameter[ALPHA_LOW * step], parameter[ALPHA_HIGH * step], parameter[STEEPNESS * step],
            work.alive,
        )
    for r in range(n_rows):
        uid = validator_uid[r]
        if uid >= 0:
            result.dividend[uid] = work.row_dividend[r]
    normalise(result.dividend, n)


cdef void bury_clipped(
    Py_ssize_t n_rows, Py_ssize_t n, double penalty, const double* ceiling, const Work* work
) noexcept nogil:
    # Which entries the chain's sparse rows still hold after the penalty: all at 0, the positive ones between 0 and
    # 1; at 1 a positive weight without support is gone while an explicit zero stays.
    cdef Py_ssize_t r, j
    cdef const double* weight
    cdef unsigned char* alive
    if penalty == 0.0:
        return
    for r in range(n_rows):
        weight = work.weight + r * n
        alive = work.alive + r * n
        for j in range(n):
            if penalty < 1.0:
                alive[j] = alive[j] and weight[j] > 0.0
            else:
                alive[j] = alive[j] and (weight[j] <= 0.0 or ceiling[j] > 0.0)


cdef void share_emission(Py_ssize_t n, const Result* result) noexcept nogil:
    # Shares of the epoch's emission; without any incentive or dividend it follows active stake, then all stake.
    cdef Py_ssize_t j
    cdef double total = row_sum(result.incentive, n) + row_sum(result.dividend, n)
    cdef const double* fallback = result.active_share if row_sum(result.active_share, n) > 0.0 else result.stake_share
    for j in range(n):
        if total > 0.0:
            result.server_share[j] = result.incentive[j] / total
            result.validator_share[j] = result.dividend[j] / total
            result.combined_share[j] = (result.incentive[j] + result.dividend[j]) / total
        else:
            result.server_share[j] = 0.0
            result.validator_share[j] = fallback[j]
            result.combined_share[j] = fallback[j]


def work_size(Py_ssize_t n_rows, Py_ssize_t n_uids):
    """How many float64 and how many bytes `epoch` needs to work in."""
    n_numbers = n_rows * n_uids + (n_rows + ROWS_AT_ONCE) * (TILE + 1) + 3 * n_rows + 7 * n_uids
    return n_numbers, n_rows * (n_uids + 1)


def epoch(
    const double[:, :, ::1] weight,            # (subnet, row, uid)
    const unsigned char[:, :, ::1] present,     # (subnet, row, uid) or (0, 0, 0): present where the weight is positive
    const double[:, ::1] stake,                # (subnet, uid)
    const double[:, :, ::1] bond,              # (subnet, row, uid) in [0, 1]
    const long long[:, ::1] validator_uid,     # (subnet, row), -1 where a row stands for nobody
    const double[:, ::1] parameter,            # (N_PARAMETERS, subnet)
    const unsigned char[:, ::1] permit,        # (subnet or 1, uid or 1), as the next three
    const unsigned char[:, ::1] active,
    const long long[:, ::1] registered_block,
    const long long[:, ::1] newest_target_block,
    const long long[::1] last_tempo_block,     # (subnet or 1), as the next
    const long long[::1] owner_uid,            # -1 where there is none
    double[:, :, ::1] vector,                  # (9, subnet, uid): the float fields of Result, in its order
    unsigned char[:, ::1] permit_out,          # (subnet, uid)
    double[:, :, ::1] bond_out,                # (subnet, row, uid), may be `bond`
    double[::1] number,                        # work_size() of them
    unsigned char[::1] byte,                   # n_rows * (n_uids + 1)
):
    """One epoch of every subnet; fills vector, permit_out and bond_out."""
    cdef Py_ssize_t n_subnets = weight.shape[0], n_rows = weight.shape[1], n = weight.shape[2]
    cdef Py_ssize_t k, step = parameter.shape[1]
    cdef Mask mask
    cdef Result result
    cdef Work work
    cdef const unsigned char* row_present
    work.weight = &number[0]
    work.score = work.weight + n_rows * n
    work.tile_vote = work.score + (n_rows + ROWS_AT_ONCE) * TILE
    work.vote = work.tile_vote + n_rows + ROWS_AT_ONCE
    work.row_stake = work.vote + n_rows
    work.row_dividend = work.row_stake + n_rows
    work.ceiling = work.row_dividend + n_rows
    work.fresh_total = work.ceiling + n
    work.column_kept = work.fresh_total + n
    work.scratch = work.column_kept + n
    work.alive = &byte[0]
    work.kept = work.alive + n_rows * n
    mask.permit_step = permit.shape[1] == n
    mask.active_step = active.shape[1] == n
    mask.registered_step = registered_block.shape[1] == n
    mask.newest_step = newest_target_block.shape[1] == n
    with nogil:
        for k in range(n_subnets):
            mask.permit = &permit[k if permit.shape[0] == n_subnets else 0, 0]
            mask.active = &active[k if active.shape[0] == n_subnets else 0, 0]
            mask.registered_block = &registered_block[k if registered_block.shape[0] == n_subnets else 0, 0]
            mask.newest_target_block = &newest_target_block[
                k if newest_target_block.shape[0] == n_subnets else 0, 0
            ]
            mask.last_tempo_block = last_tempo_block[k if last_tempo_block.shape[0] == n_subnets else 0]
            mask.owner_uid = owner_uid[k if owner_uid.shape[0] == n_subnets else 0]
            result.stake_share = &vector[0, k, 0]
            result.active_share = &vector[1, k, 0]
            result.consensus = &vector[2, k, 0]
            result.trust = &vector[3, k, 0]
            result.incentive = &vector[4, k, 0]
            result.dividend = &vector[5, k, 0]
            result.server_share = &vector[6, k, 0]
            result.validator_share = &vector[7, k, 0]
            result.combined_share = &vector[8, k, 0]
            result.permit = &permit_out[k, 0]
            result.bond = &bond_out[k, 0, 0]
            row_present = &present[k, 0, 0] if present.shape[0] else NULL
            share_stake(
                &stake[k, 0], n_rows, n, &validator_uid[k, 0], parameter[STAKE_THRESHOLD, k],
                <Py_ssize_t>parameter[MAX_VALIDATORS, k], &mask, &result, work.scratch,
            )
            form_consensus(
                &weight[k, 0, 0], row_present, n_rows, n, &validator_uid[k, 0], &parameter[0, k], step,
                &mask, &result, &work,
            )
            pay_bonds(
                &bond[k, 0, 0], n_rows, n, &validator_uid[k, 0], &parameter[0, k], step, &mask, &result, &work
            )
            share_emission(n, &result)
