"""One validator's packed row and the loops over it that all scoring kernels share."""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset


cdef extern from "_draws.h" nogil:
    void fill_bits(uint64_t key, const int64_t* counter, int64_t n, uint64_t* bits)
    void fill_normals(const uint64_t* bits, int64_t n, const double* layer, int64_t* outside, double* out)


cdef extern from "_lanes.h" nogil:
    void add_log_reading(const double* z, double sigma, double exponent, double* log_score, int64_t n)


cdef struct Row:  # the uids with something to score, side by side
    int64_t n
    int64_t* uid
    int64_t* outside
    uint64_t* bits
    const double* layer
    double* z
    double* score


cdef inline Row packed_row(
    const uint8_t[::1] present, const double[:, ::1] layer, int64_t[:, ::1] whole, double[:, ::1] packed
) noexcept nogil:
    cdef Row row
    cdef int64_t uid
    row.n = 0
    row.uid = &whole[0, 0]
    row.outside = &whole[1, 0]
    row.bits = <uint64_t*>&whole[2, 0]
    row.layer = &layer[0, 0]
    row.z = &packed[0, 0]
    row.score = &packed[1, 0]
    for uid in range(present.shape[0]):
        row.uid[row.n] = uid
        row.n += present[uid]
    return row


cdef inline void pack(const double[::1] value, Row row, double* out) noexcept nogil:
    cdef int64_t place
    for place in range(row.n):
        out[place] = value[row.uid[place]]


cdef inline void draw(Row row, uint64_t key, double sigma) noexcept nogil:
    if sigma == 0.0:
        memset(row.z, 0, row.n * sizeof(double))
    else:
        fill_bits(key, row.uid, row.n, row.bits)
        fill_normals(row.bits, row.n, row.layer, row.outside, row.z)


cdef inline void spread(Row row, double[::1] out) noexcept nogil:
    cdef int64_t place
    memset(&out[0], 0, out.shape[0] * sizeof(double))
    for place in range(row.n):
        out[row.uid[place]] = row.score[place]


cdef inline int64_t n_different_rows(const double[::1] sigma, int64_t n_rows) noexcept nogil:
    # Without noise all validators read the same: one row stands for all.
    cdef int64_t capability
    for capability in range(sigma.shape[0]):
        if sigma[capability] > 0.0:
            return n_rows
    return min(n_rows, 1)


cdef inline void repeat_first(double[:, ::1] row, int64_t n_done) noexcept nogil:
    cdef int64_t one
    for one in range(n_done, row.shape[0]):
        memcpy(&row[one, 0], &row[0, 0], row.shape[1] * sizeof(double))


cdef inline void add_log_readings(
    const double[::1] exponent, const double[::1] sigma, const uint64_t[::1] key, Row row
) noexcept nogil:
    cdef int64_t capability
    for capability in range(exponent.shape[0]):
        if sigma[capability] > 0.0:
            draw(row, key[capability], sigma[capability])
            add_log_reading(row.z, sigma[capability], exponent[capability], row.score, row.n)
