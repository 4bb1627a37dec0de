from ext._subnet cimport Subnet

cdef void vote_and_rank(const Subnet* subnet) noexcept nogil
cdef void pay_dividends(const Subnet* subnet) noexcept nogil
cdef void share_emission(const Subnet* subnet) noexcept nogil
