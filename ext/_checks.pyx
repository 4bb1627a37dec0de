"""One pass over an array that finds the first value out of range. `ext.checks` words the error.

A kernel because NumPy needs four passes and a temporary array for the same answer.
"""

cdef extern from "_epoch_loops.h" nogil:
    Py_ssize_t first_outside_loop "first_outside"(const double* value, Py_ssize_t n, double low, double high)


def first_outside(const double[::1] value, double low, double high):
    """Index of the first value that is not in [low, high] (NaN never is), or -1."""
    cdef Py_ssize_t n = value.shape[0], found = -1
    if n:
        with nogil:
            found = first_outside_loop(&value[0], n, low, high)
    return found
