"""Loops over numbers that take an elementary function of each. `ext.elementary` checks and allocates.

Written in C because no library gives the same bits on every processor, and to be about as fast as NumPy.
"""

from libc.stdint cimport int64_t


cdef extern from "_elementary.h" nogil:
    double elementary_exp(double x)
    double elementary_expm1(double x)
    double elementary_log(double x)
    double elementary_log1p(double x)
    double elementary_tanh(double x)
    double elementary_power(double x, double y)
    void each_exp(const double* x, double* out, int64_t n)
    void each_expm1(const double* x, double* out, int64_t n)
    void each_log(const double* x, double* out, int64_t n)
    void each_log1p(const double* x, double* out, int64_t n)
    void each_tanh(const double* x, double* out, int64_t n)
    void each_power(const double* x, const double* y, double* out, int64_t n)


def exp(const double[::1] x, double[::1] out):  # all (number,)
    with nogil:
        each_exp(&x[0], &out[0], x.shape[0])


def expm1(const double[::1] x, double[::1] out):
    with nogil:
        each_expm1(&x[0], &out[0], x.shape[0])


def log(const double[::1] x, double[::1] out):
    with nogil:
        each_log(&x[0], &out[0], x.shape[0])


def log1p(const double[::1] x, double[::1] out):
    with nogil:
        each_log1p(&x[0], &out[0], x.shape[0])


def tanh(const double[::1] x, double[::1] out):
    with nogil:
        each_tanh(&x[0], &out[0], x.shape[0])


def power(const double[::1] x, const double[::1] exponent, double[::1] out):
    with nogil:
        each_power(&x[0], &exponent[0], &out[0], x.shape[0])


def exp_of(double x):
    return elementary_exp(x)


def expm1_of(double x):
    return elementary_expm1(x)


def log_of(double x):
    return elementary_log(x)


def log1p_of(double x):
    return elementary_log1p(x)


def tanh_of(double x):
    return elementary_tanh(x)


def power_of(double x, double exponent):
    return elementary_power(x, exponent)
