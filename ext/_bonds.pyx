"""The three ways a bond moves in one epoch: Yuma 2, Yuma 3, and Yuma 3 with liquid alpha.

Each writes the new bonds and every row's dividend before normalisation. A bond is read and written at the same
place, so `bond_out` may be `bond`. Source: PROTOCOL 3.9 and 3.10.
"""

from libc.string cimport memset

cdef extern from "_epoch_loops.h" nogil:
    void row_add(const double* value, Py_ssize_t n, double* total)
    double row_dot(const double* left, const double* right, Py_ssize_t n)
    double ema_row(
        const double* weight, const double* ceiling, const double* bond, Py_ssize_t n, double stake, double penalty,
        const double* fresh, const double* carried, const double* pay, double* highest, double* out,
    )
    void liquid_row(
        const double* weight, const double* ceiling, const double* consensus, const double* carried,
        const double* bond, const unsigned char* alive, Py_ssize_t n, double penalty, double low, double high,
        double steepness, double* total, double* out,
    )
    void store_u16_row(double* bond, const double* scale, Py_ssize_t n)
    void scale_row(double* bond, const double* scale, Py_ssize_t n)

cdef double U16_MAX = 65535.0
cdef double JUST_OVER = 1.0 + 2.0 ** -50  # so that the largest bond of a column comes out as 65535 and not a hair less


cdef void yuma2(const Rows* rows, double penalty, double alpha) noexcept nogil:
    # A column of new bonds before its last normalisation sums to alpha (if anybody bonds now) plus 1 - alpha (if
    # anybody did before): the three normalisations of the chain fold into one factor for each part.
    cdef Py_ssize_t n = rows.n_uids, r, j
    cdef double* carried_total = rows.scratch
    cdef double* fresh = rows.scratch + n
    cdef double* carried = rows.scratch + 2 * n
    cdef double* highest = rows.scratch + 3 * n
    cdef double column
    for j in range(n):
        carried_total[j] = 0.0
        highest[j] = 0.0
    for r in range(rows.n_rows):
        if rows.validator_uid[r] >= 0:
            row_add(rows.bond + r * n, n, carried_total)
    for j in range(n):
        carried_total[j] *= rows.column_kept[j]
        column = 0.0
        if rows.fresh_total[j] > 0.0:
            column += alpha
        if carried_total[j] > 0.0:
            column += 1.0 - alpha
        fresh[j] = alpha / (rows.fresh_total[j] * column) if rows.fresh_total[j] * column > 0.0 else 0.0
        carried[j] = (1.0 - alpha) / (carried_total[j] * column) if carried_total[j] * column > 0.0 else 0.0
    for r in range(rows.n_rows):
        if rows.validator_uid[r] < 0:
            continue
        rows.row_dividend[r] = ema_row(
            rows.weight + r * n, rows.ceiling, rows.bond + r * n, n, rows.row_stake[r], penalty,
            fresh, carried, rows.incentive, highest, rows.bond_out + r * n,
        )
    for j in range(n):
        if highest[j] > 0.0:
            highest[j] = (JUST_OVER if rows.quantise else 1.0) / highest[j]
    store(rows, highest)


cdef void yuma3(const Rows* rows, double penalty, double alpha) noexcept nogil:
    cdef Py_ssize_t n = rows.n_uids, r, j
    cdef double* pay = rows.scratch
    cdef double* fresh = rows.scratch + n
    cdef double* carried = rows.scratch + 2 * n
    cdef double* unit = rows.scratch + 3 * n
    cdef double column
    for j in range(n):
        carried[j] = 0.0
        unit[j] = 0.0
    for r in range(rows.n_rows):
        if rows.validator_uid[r] >= 0:
            row_add(rows.bond + r * n, n, carried)
    for j in range(n):
        column = alpha * rows.fresh_total[j] + (1.0 - alpha) * carried[j] * rows.column_kept[j]
        pay[j] = rows.incentive[j] / column if column > 0.0 else 0.0
        fresh[j] = alpha
        carried[j] = (1.0 - alpha) * rows.column_kept[j]
    for r in range(rows.n_rows):
        if rows.validator_uid[r] < 0:
            continue
        rows.row_dividend[r] = rows.row_stake[r] * ema_row(
            rows.weight + r * n, rows.ceiling, rows.bond + r * n, n, 1.0, penalty,
            fresh, carried, pay, unit, rows.bond_out + r * n,
        )
    for j in range(n):
        unit[j] = 1.0
    store(rows, unit)


cdef void yuma3_liquid(
    const Rows* rows, double penalty, double low, double high, double steepness, const unsigned char* alive
) noexcept nogil:
    cdef Py_ssize_t n = rows.n_uids, r, j
    cdef double* pay = rows.scratch
    cdef double* unit = rows.scratch + n
    for j in range(n):
        pay[j] = 0.0
        unit[j] = 1.0
    for r in range(rows.n_rows):
        if rows.validator_uid[r] < 0:
            continue
        liquid_row(
            rows.weight + r * n, rows.ceiling, rows.consensus, rows.column_kept, rows.bond + r * n, alive + r * n, n,
            penalty, low, high, steepness, pay, rows.bond_out + r * n,
        )
    for j in range(n):
        pay[j] = rows.incentive[j] / pay[j] if pay[j] > 0.0 else 0.0
    for r in range(rows.n_rows):
        if rows.validator_uid[r] >= 0:
            rows.row_dividend[r] = rows.row_stake[r] * row_dot(rows.bond_out + r * n, pay, n)
    store(rows, unit)


cdef void store(const Rows* rows, double* scale) noexcept nogil:
    # Bonds as they are carried: times `scale`, cut to u16 if asked; whoever has no permit any more loses them.
    cdef Py_ssize_t n = rows.n_uids, r, j
    if rows.quantise:
        for j in range(n):
            scale[j] *= U16_MAX
    for r in range(rows.n_rows):
        if not rows.kept[r]:
            memset(rows.bond_out + r * n, 0, n * sizeof(double))
        elif rows.quantise:
            store_u16_row(rows.bond_out + r * n, scale, n)
        else:
            scale_row(rows.bond_out + r * n, scale, n)
