"""Loops over (subnet, validator, uid) that end in weight rows. `ext.pay` checks and allocates.

`cobb_douglas_weight` joins score and pay because both live in logarithms: one exponential a weight instead of
two and a logarithm, and no array of scores between them.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

from ext._scoring cimport Row, add_log_readings, n_different_rows, pack, packed_row, repeat_first, spread


cdef extern from "_lanes.h" nogil:
    void log_power(double* value, double exponent, double offset, int64_t n)
    void shares_of_logs(double* value, int64_t n)


def cobb_douglas_weight(
    const double[:, ::1] log_worth,  # (subnet, uid) ln of the noise-free score, times decisiveness
    const uint8_t[:, ::1] present,  # (subnet, uid) 1 where the score is above zero
    const double[:, ::1] exponent,  # (subnet, capability) capability weight times decisiveness
    const double[:, ::1] sigma,  # (subnet, capability) noise, 0 where the capability is not scored
    const uint64_t[:, :, ::1] key,  # (subnet, validator, capability) of the rows of draws
    const double[:, ::1] layer,  # (256, 4) table of the ziggurat
    int64_t[:, ::1] whole,  # (3, uid + 1) scratch
    double[:, ::1] packed,  # (2 or more, uid) scratch
    double[:, :, ::1] weight,  # (subnet, validator, uid) result; rows sum to 1 or 0
):
    cdef int64_t subnet, validator, n_rows
    cdef Row row
    with nogil:
        for subnet in range(weight.shape[0]):
            row = packed_row(present[subnet], layer, whole, packed)
            n_rows = n_different_rows(sigma[subnet], weight.shape[1])
            for validator in range(n_rows):
                pack(log_worth[subnet], row, row.score)
                add_log_readings(exponent[subnet], sigma[subnet], key[subnet, validator], row)
                shares_of_logs(row.score, row.n)
                spread(row, weight[subnet, validator])
            repeat_first(weight[subnet], n_rows)


def proportional_weight(
    const double[:, ::1] score,  # (row, uid)
    const double[::1] decisiveness,  # (row,)
    double[:, ::1] weight,  # (row, uid) result; rows sum to 1 or 0
):
    cdef int64_t row
    with nogil:
        for row in range(weight.shape[0]):
            memcpy(&weight[row, 0], &score[row, 0], weight.shape[1] * sizeof(double))
            log_power(&weight[row, 0], decisiveness[row], 0.0, weight.shape[1])
            shares_of_logs(&weight[row, 0], weight.shape[1])
