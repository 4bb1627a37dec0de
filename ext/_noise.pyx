"""Loops that fill rows with counter-based draws. `ext.noise` checks and allocates.

Written in C because the draws are most of the time of an evaluation: the NumPy twin takes 120 ns for
a normal, this loop 3.
"""

from libc.stdint cimport int64_t, uint64_t


cdef extern from "_draws.h" nogil:
    void fill_bits(uint64_t key, const int64_t* counter, int64_t n, uint64_t* bits)
    void fill_uniforms(const uint64_t* bits, int64_t n, double* out)
    void fill_normals(const uint64_t* bits, int64_t n, const double* layer, int64_t* outside, double* out)


def normals_of_bits(
    const uint64_t[::1] bits,  # (draw,)
    const double[:, ::1] layer,  # (256, 4) table of the ziggurat
    int64_t[::1] outside,  # (draw + 1,) scratch
    double[::1] out,  # (draw,) result, mean 0 and standard deviation 1
):
    with nogil:
        fill_normals(&bits[0], out.shape[0], &layer[0, 0], &outside[0], &out[0])


def uniform_rows(
    const uint64_t[::1] key,  # (row,)
    const int64_t[::1] counter,  # (index,)
    uint64_t[::1] bits,  # (index,) scratch
    double[:, ::1] out,  # (row, index) result, in (0, 1)
):
    cdef int64_t row
    with nogil:
        for row in range(out.shape[0]):
            fill_bits(key[row], &counter[0], out.shape[1], &bits[0])
            fill_uniforms(&bits[0], out.shape[1], &out[row, 0])


def normal_rows(
    const uint64_t[::1] key,  # (row,)
    const int64_t[::1] counter,  # (index,)
    const double[:, ::1] layer,  # (256, 4) table of the ziggurat
    uint64_t[::1] bits,  # (index,) scratch
    int64_t[::1] outside,  # (index + 1,) scratch
    double[:, ::1] out,  # (row, index) result, mean 0 and standard deviation 1
):
    cdef int64_t row
    with nogil:
        for row in range(out.shape[0]):
            fill_bits(key[row], &counter[0], out.shape[1], &bits[0])
            fill_normals(&bits[0], out.shape[1], &layer[0, 0], &outside[0], &out[row, 0])
