from ext._subnet cimport Subnet

cdef void yuma2(const Subnet* subnet) noexcept nogil
cdef void yuma3(const Subnet* subnet) noexcept nogil
cdef void yuma3_liquid(const Subnet* subnet) noexcept nogil
