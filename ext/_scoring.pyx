"""Loops over (subnet, validator, uid) that read noisy output. `ext.scoring` checks and allocates.

Written in C because a full network reads 4.7 million noisy numbers per epoch: the NumPy twin takes 0.8 s
for what these do in 15 to 40 ms, and holds the whole (subnet, validator, uid, capability) array.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset


cdef extern from "_lanes.h" nogil:
    void add_reading(const double* z, double sigma, const double* worth, double* score, int64_t n)
    void add_power_reading(const double* z, double sigma, double exponent, const double* worth, double* sum,
                           int64_t n)
    void exponentials(double* score, int64_t n)
    void log_power(double* value, double exponent, double offset, int64_t n)


def cobb_douglas_score(
    const double[:, ::1] log_worth,  # (subnet, uid) ln of the noise-free score
    const uint8_t[:, ::1] present,  # (subnet, uid) 1 where the score is above zero
    const double[:, ::1] exponent,  # (subnet, capability) capability weight
    const double[:, ::1] sigma,  # (subnet, capability) noise, 0 where the capability is not scored
    const uint64_t[:, :, ::1] key,  # (subnet, validator, capability) of the rows of draws
    const double[:, ::1] layer,  # (256, 4) table of the ziggurat
    int64_t[:, ::1] whole,  # (3, uid + 1) scratch
    double[:, ::1] packed,  # (2 or more, uid) scratch
    double[:, :, ::1] score,  # (subnet, validator, uid) result
):
    cdef int64_t subnet, validator, n_rows
    cdef Row row
    with nogil:
        for subnet in range(score.shape[0]):
            row = packed_row(present[subnet], layer, whole, packed)
            n_rows = n_different_rows(sigma[subnet], score.shape[1])
            for validator in range(n_rows):
                pack(log_worth[subnet], row, row.score)
                add_log_readings(exponent[subnet], sigma[subnet], key[subnet, validator], row)
                exponentials(row.score, row.n)
                spread(row, score[subnet, validator])
            repeat_first(score[subnet], n_rows)


def linear_score(
    const double[:, :, ::1] worth,  # (subnet, capability, uid) capability weight times claimed output
    const uint8_t[:, ::1] present,  # (subnet, uid) 1 where any worth is above zero
    const double[:, ::1] sigma,  # from here on as in cobb_douglas_score
    const uint64_t[:, :, ::1] key,
    const double[:, ::1] layer,
    int64_t[:, ::1] whole,
    double[:, ::1] packed,  # (2 + capability, uid) scratch
    double[:, :, ::1] score,
):
    cdef int64_t subnet, validator, capability, n_rows
    cdef Row row
    with nogil:
        for subnet in range(score.shape[0]):
            row = packed_row(present[subnet], layer, whole, packed)
            n_rows = n_different_rows(sigma[subnet], score.shape[1])
            for capability in range(sigma.shape[1]):
                pack(worth[subnet, capability], row, &packed[2 + capability, 0])
            for validator in range(n_rows):
                memset(row.score, 0, row.n * sizeof(double))
                for capability in range(sigma.shape[1]):
                    draw(row, key[subnet, validator, capability], sigma[subnet, capability])
                    add_reading(row.z, sigma[subnet, capability], &packed[2 + capability, 0], row.score,
                                row.n)
                spread(row, score[subnet, validator])
            repeat_first(score[subnet], n_rows)


def ces_score(
    const double[:, :, ::1] worth,  # (subnet, capability, uid) weight times (claimed / unit)^exponent
    const uint8_t[:, ::1] present,  # (subnet, uid) 1 where the score is above zero
    const double[::1] exponent,  # (subnet,) rho
    const double[::1] log_unit,  # (subnet,) ln of the unit of output
    const double[:, ::1] sigma,  # from here on as in linear_score
    const uint64_t[:, :, ::1] key,
    const double[:, ::1] layer,
    int64_t[:, ::1] whole,
    double[:, ::1] packed,
    double[:, :, ::1] score,
):
    cdef int64_t subnet, validator, capability, n_rows
    cdef Row row
    with nogil:
        for subnet in range(score.shape[0]):
            row = packed_row(present[subnet], layer, whole, packed)
            n_rows = n_different_rows(sigma[subnet], score.shape[1])
            for capability in range(sigma.shape[1]):
                pack(worth[subnet, capability], row, &packed[2 + capability, 0])
            for validator in range(n_rows):
                memset(row.score, 0, row.n * sizeof(double))
                for capability in range(sigma.shape[1]):
                    draw(row, key[subnet, validator, capability], sigma[subnet, capability])
                    add_power_reading(row.z, sigma[subnet, capability], exponent[subnet],
                                      &packed[2 + capability, 0], row.score, row.n)
                log_power(row.score, 1.0 / exponent[subnet], log_unit[subnet], row.n)
                exponentials(row.score, row.n)
                spread(row, score[subnet, validator])
            repeat_first(score[subnet], n_rows)
