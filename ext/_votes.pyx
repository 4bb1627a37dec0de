"""Who votes with how much stake, what they say, and the consensus of it. Source: CHAIN 3.2 to 3.6."""

from libc.math cimport floor
from libc.string cimport memcpy, memset

from ext._subnet cimport Subnet, permitted, registered_after

cdef extern from "_epoch_loops.h" nogil:
    enum: TILE
    enum: ROWS_AT_ONCE
    double row_sum(const double* value, Py_ssize_t n)
    void row_divide(double* value, Py_ssize_t n, double divisor)
    Py_ssize_t count_above(const double* value, Py_ssize_t n, double bound)
    void quantile_tile(
        const double** row, const double* vote, Py_ssize_t n_rows, double limit, double total, double* score,
        double* out,
    )

cdef double KEY = 2.0 ** 32     # the chain ranks stake shares cut to this resolution
cdef double VOTE = 2.0 ** 50    # votes are multiples of 1/VOTE, so that their sums are exact in any order
cdef double SLACK = 2.0 ** -40  # sums of votes this close are a tie: .1 added five times reaches .5
cdef long long NEVER = 1LL << 62


cdef void normalise(double* value, Py_ssize_t n) noexcept nogil:
    cdef double total = row_sum(value, n)
    if total > 0.0:
        row_divide(value, n, total)


cdef void share_stake(const Subnet* subnet) noexcept nogil:
    # Stake shares, the permits of the next epoch, and the active share: with a row, permitted and active.
    cdef Py_ssize_t n = subnet.n_uids, j, r
    cdef Py_ssize_t owner = subnet.mask.owner_uid
    memcpy(subnet.stake_share, subnet.stake, n * sizeof(double))
    memset(subnet.active_share, 0, n * sizeof(double))
    if subnet.stake_threshold > 0.0:
        for j in range(n):
            if subnet.stake[j] < subnet.stake_threshold and j != owner:
                subnet.stake_share[j] = 0.0
    normalise(subnet.stake_share, n)
    give_permits(subnet)
    for r in range(subnet.n_rows):
        j = subnet.validator_uid[r]
        if permitted(subnet, j) and subnet.mask.active[j * subnet.mask.active_step]:
            subnet.active_share[j] = subnet.stake_share[j]
    normalise(subnet.active_share, n)


cdef void give_permits(const Subnet* subnet) noexcept nogil:
    # The largest stake shares; bisects for the smallest key that no more than max_validators uids lie above. Among
    # equals the higher uids go first. The owner always has one.
    cdef Py_ssize_t n = subnet.n_uids, j, left
    cdef double* key = subnet.scratch
    cdef double low = 0.0, high = KEY, middle
    for j in range(n):
        key[j] = floor(subnet.stake_share[j] * KEY)
    if count_above(key, n, 0.0) <= subnet.max_validators:
        high = 0.0
    while high - low > 1.0:
        middle = floor(0.5 * (low + high))
        if count_above(key, n, middle) <= subnet.max_validators:
            high = middle
        else:
            low = middle
    left = subnet.max_validators - count_above(key, n, high)
    for j in range(n):
        subnet.permit[j] = key[j] > high
    if high > 0.0:
        for j in range(n - 1, -1, -1):
            if key[j] == high and left > 0:
                subnet.permit[j] = 1
                left -= 1
    if subnet.mask.owner_uid >= 0:
        subnet.permit[subnet.mask.owner_uid] = 1


cdef void load_row(const Subnet* subnet, Py_ssize_t row) noexcept nogil:
    # The row's weights without its masked entries, normalised; nothing without a permit.
    cdef Py_ssize_t n = subnet.n_uids, j
    cdef Py_ssize_t uid = subnet.validator_uid[row]
    cdef const double* given = subnet.weight + row * n
    cdef double* weight = subnet.target + row * subnet.stride
    cdef unsigned char* alive = subnet.alive + row * n
    cdef bint sparse = subnet.yuma3 and subnet.liquid_alpha
    cdef long long newest
    if not permitted(subnet, uid):
        memset(weight, 0, subnet.stride * sizeof(double))
        memset(alive, 0, n)
        return
    memcpy(weight, given, n * sizeof(double))
    memset(weight + n, 0, (subnet.stride - n) * sizeof(double))
    if sparse:
        for j in range(n):
            alive[j] = given[j] > 0.0
        if subnet.present != NULL:
            for j in range(n):
                alive[j] |= subnet.present[row * n + j]
    newest = subnet.mask.newest_target_block[uid * subnet.mask.newest_step]
    if newest < NEVER:
        for j in range(n):
            if registered_after(subnet, j, newest):
                weight[j] = 0.0
                alive[j] = 0
    if uid != subnet.mask.owner_uid:
        weight[uid] = 0.0
        alive[uid] = 0
    normalise(weight, n)


cdef void form_consensus(const Subnet* subnet) noexcept nogil:
    # Per column the largest weight that at least kappa of the vote supports. Votes go by active share or by head.
    cdef Py_ssize_t n = subnet.n_uids, r, start, n_voters = 0
    cdef double* vote = subnet.vote
    cdef double total, limit
    cdef double[TILE] column
    for r in range(subnet.n_rows):
        if subnet.row_stake[r] > 0.0:
            vote[n_voters] = 1.0 if subnet.count_heads else subnet.row_stake[r]
            subnet.voter[n_voters] = subnet.target + r * subnet.stride
            n_voters += 1
    memset(subnet.consensus, 0, n * sizeof(double))
    if n_voters == 0:
        return
    normalise(vote, n_voters)
    for r in range(n_voters):
        vote[r] = floor(vote[r] * VOTE) / VOTE
    total = row_sum(vote, n_voters)
    limit = max(total - subnet.kappa + SLACK, 0.0)
    while n_voters % ROWS_AT_ONCE:  # the first row again, without a vote, changes nothing
        subnet.voter[n_voters] = subnet.voter[0]
        vote[n_voters] = 0.0
        n_voters += 1
    start = 0
    while start < n:
        quantile_tile(subnet.voter, vote, n_voters, limit, total, subnet.tile, column)
        memcpy(subnet.consensus + start, column, min(TILE, n - start) * sizeof(double))
        start += TILE
        for r in range(n_voters):
            subnet.voter[r] += TILE
