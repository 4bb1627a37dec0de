from ext._subnet cimport Subnet

cdef void normalise(double* value, Py_ssize_t n) noexcept nogil
cdef void share_stake(const Subnet* subnet) noexcept nogil
cdef void load_row(const Subnet* subnet, Py_ssize_t row) noexcept nogil
cdef void form_consensus(const Subnet* subnet) noexcept nogil
