"""What votes and bonds earn: trust, incentive, dividends and the shares of emission. Source: CHAIN 3.7 to 3.11."""

from libc.math cimport HUGE_VAL
from libc.string cimport memset

from ext._bonds cimport yuma2, yuma3, yuma3_liquid
from ext._subnet cimport Subnet
from ext._votes cimport form_consensus, load_row, normalise

cdef extern from "_epoch_loops.h" nogil:
    double row_sum(const double* value, Py_ssize_t n)
    void clip_row(
        double* weight, const double* ceiling, Py_ssize_t n, double vote, double bond_stake, double penalty,
        double* clipped, double* rank, double* bond_total,
    )


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
            alive[j] &= weight[j] > 0.0
        else:
            alive[j] &= (weight[j] <= 0.0) | (ceiling[j] > 0.0)


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
