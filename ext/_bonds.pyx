"""The three ways bonds move in one epoch: Yuma 2, Yuma 3, and Yuma 3 with liquid alpha.

Each writes the new bonds and the dividends before normalisation. A bond is read and written at the same place, so
`bond_out` may be `bond`. Source: CHAIN 3.9, 3.10 and 3.12.
"""

from libc.string cimport memset

from ext._subnet cimport Subnet, registered_after

cdef extern from "_epoch_loops.h" nogil:
    void row_add(const double* value, Py_ssize_t n, double* total)
    double row_dot(const double* left, const double* right, Py_ssize_t n)
    void ema_row(
        const double* target, const double* bond, Py_ssize_t n, double stake, const double* fresh,
        const double* carried, double* highest, double* out,
    )
    void liquid_row(
        const double* target, const double* consensus, const double* carried, const double* bond,
        const double* alive, Py_ssize_t n, double low, double high, double steepness, double* total, double* out,
    )
    void store_u16_row(double* bond, const double* scale, Py_ssize_t n)
    void scale_row(double* bond, const double* scale, Py_ssize_t n)

cdef double U16_MAX = 65535.0
cdef double LEAST = 2.0 ** -900  # a column that sums to less counts as 0: what is divided by it might not be finite
cdef double JUST_OVER = 1.0 + 2.0 ** -50  # so that the largest bond on a uid is stored as 65535, not a hair less


cdef void sum_bonds(const Subnet* subnet, double* total, double* kept) noexcept nogil:
    # Column sums of the old bonds, and which columns count at all: not those registered since the last tempo.
    cdef Py_ssize_t n = subnet.n_uids, r, j
    memset(total, 0, n * sizeof(double))
    for r in range(subnet.n_rows):
        if subnet.validator_uid[r] >= 0:
            row_add(subnet.bond + r * n, n, total)
    for j in range(n):
        kept[j] = not registered_after(subnet, j, subnet.mask.last_tempo_block - 1)
        total[j] *= kept[j]


cdef void yuma2(const Subnet* subnet) noexcept nogil:
    # A column of new bonds before its last normalisation sums to alpha (if anybody bonds now) plus 1 - alpha (if
    # anybody did before): the three normalisations of the chain fold into one factor for each part.
    cdef Py_ssize_t n = subnet.n_uids, r, j, uid
    cdef double* total = subnet.scratch
    cdef double* carried = subnet.scratch + n
    cdef double* fresh = subnet.scratch + 2 * n
    cdef double* highest = subnet.scratch + 3 * n
    cdef double column, alpha = subnet.alpha
    sum_bonds(subnet, total, carried)
    for j in range(n):
        column = (alpha if subnet.fresh_total[j] >= LEAST else 0.0) + (1.0 - alpha if total[j] >= LEAST else 0.0)
        fresh[j] = alpha / (subnet.fresh_total[j] * column) if subnet.fresh_total[j] >= LEAST and column > 0.0 else 0.0
        carried[j] *= (1.0 - alpha) / (total[j] * column) if total[j] >= LEAST and column > 0.0 else 0.0
    memset(highest, 0, n * sizeof(double))
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        if uid >= 0:
            ema_row(
                subnet.target + r * subnet.stride, subnet.bond + r * n, n, subnet.row_stake[r], fresh, carried,
                highest, subnet.bond_out + r * n,
            )
            subnet.dividend[uid] = row_dot(subnet.bond_out + r * n, subnet.incentive, n)
    for j in range(n):
        highest[j] = (JUST_OVER if subnet.quantise else 1.0) / highest[j] if highest[j] > 0.0 else 0.0
    store(subnet, highest)


cdef void yuma3(const Subnet* subnet) noexcept nogil:
    cdef Py_ssize_t n = subnet.n_uids, r, j, uid
    cdef double* pay = subnet.scratch
    cdef double* carried = subnet.scratch + n
    cdef double* fresh = subnet.scratch + 2 * n
    cdef double* scale = subnet.scratch + 3 * n
    cdef double column
    sum_bonds(subnet, pay, carried)
    for j in range(n):
        column = subnet.alpha * subnet.fresh_total[j] + (1.0 - subnet.alpha) * pay[j]
        pay[j] = subnet.incentive[j] / column if column >= LEAST else 0.0
        fresh[j] = subnet.alpha
        carried[j] *= 1.0 - subnet.alpha
    memset(scale, 0, n * sizeof(double))
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        if uid >= 0:
            ema_row(
                subnet.target + r * subnet.stride, subnet.bond + r * n, n, 1.0, fresh, carried, scale,
                subnet.bond_out + r * n,
            )
            subnet.dividend[uid] = subnet.row_stake[r] * row_dot(subnet.bond_out + r * n, pay, n)
    for j in range(n):
        scale[j] = 1.0
    store(subnet, scale)


cdef void yuma3_liquid(const Subnet* subnet) noexcept nogil:
    cdef Py_ssize_t n = subnet.n_uids, r, j, uid
    cdef double* pay = subnet.scratch
    cdef double* carried = subnet.scratch + n
    cdef double* alive = subnet.scratch + 2 * n
    cdef double* scale = subnet.scratch + 3 * n
    for j in range(n):
        pay[j] = 0.0
        scale[j] = 1.0
        carried[j] = not registered_after(subnet, j, subnet.mask.last_tempo_block - 1)
    for r in range(subnet.n_rows):
        if subnet.validator_uid[r] >= 0:
            for j in range(n):
                alive[j] = subnet.alive[r * n + j]
            liquid_row(
                subnet.target + r * subnet.stride, subnet.consensus, carried, subnet.bond + r * n, alive, n,
                subnet.alpha_low, subnet.alpha_high, subnet.steepness, pay, subnet.bond_out + r * n,
            )
    for j in range(n):
        pay[j] = subnet.incentive[j] / pay[j] if pay[j] >= LEAST else 0.0
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        if uid >= 0:
            subnet.dividend[uid] = subnet.row_stake[r] * row_dot(subnet.bond_out + r * n, pay, n)
    store(subnet, scale)


cdef void store(const Subnet* subnet, double* scale) noexcept nogil:
    # Bonds as they are carried: times `scale`, cut to u16 if asked; whoever has no permit any more loses them.
    cdef Py_ssize_t n = subnet.n_uids, r, j
    cdef Py_ssize_t uid
    if subnet.quantise:
        for j in range(n):
            scale[j] *= U16_MAX
    for r in range(subnet.n_rows):
        uid = subnet.validator_uid[r]
        if uid < 0 or not subnet.permit[uid]:
            memset(subnet.bond_out + r * n, 0, n * sizeof(double))
        elif subnet.quantise:
            store_u16_row(subnet.bond_out + r * n, scale, n)
        else:
            scale_row(subnet.bond_out + r * n, scale, n)
