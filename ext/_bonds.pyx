"""The three ways a bond moves in one epoch: Yuma 2, Yuma 3, and Yuma 3 with liquid alpha.

Each writes the new bonds and every row's dividend before normalisation. A bond is read and written at the same
place, so `bond_out` may be `bond`. Source: PROTOCOL 3.9 and 3.10.
"""

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
    void store_u16_row(double* bond, const double* unit, Py_ssize_t n)
    void store_row(double* bond, const double* unit, Py_ssize_t n)


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
        rows.row_dividend[r] = ema_row(
            rows.weight + r * n, rows.ceiling, rows.bond + r * n, n, rows.row_stake[r], penalty,
            fresh, carried, rows.incentive, highest, rows.bond_out + r * n,
        )
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
    for r in range(rows.n_rows):
        row_add(rows.bond + r * n, n, carried)
    for j in range(n):
        column = alpha * rows.fresh_total[j] + (1.0 - alpha) * carried[j] * rows.column_kept[j]
        pay[j] = rows.incentive[j] / column if column > 0.0 else 0.0
        fresh[j] = alpha
        carried[j] = (1.0 - alpha) * rows.column_kept[j]
    for r in range(rows.n_rows):
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
        liquid_row(
            rows.weight + r * n, rows.ceiling, rows.consensus, rows.column_kept, rows.bond + r * n, alive + r * n, n,
            penalty, low, high, steepness, pay, rows.bond_out + r * n,
        )
    for j in range(n):
        pay[j] = rows.incentive[j] / pay[j] if pay[j] > 0.0 else 0.0
    for r in range(rows.n_rows):
        rows.row_dividend[r] = rows.row_stake[r] * row_dot(rows.bond_out + r * n, pay, n)
    store(rows, unit)


cdef void store(const Rows* rows, double* unit) noexcept nogil:
    # Bonds in units of the column's largest (Yuma 2) or of 1 (Yuma 3); whoever lost the permit loses its bonds.
    cdef Py_ssize_t n = rows.n_uids, r, j
    cdef double* bond
    for j in range(n):
        if unit[j] <= 0.0:
            unit[j] = 1.0
    for r in range(rows.n_rows):
        bond = rows.bond_out + r * n
        if not rows.kept[r]:
            for j in range(n):
                bond[j] = 0.0
        elif rows.quantise:
            store_u16_row(bond, unit, n)
        else:
            store_row(bond, unit, n)
