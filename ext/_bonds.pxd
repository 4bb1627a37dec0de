cdef struct Rows:
    # One subnet as the bond rules see it. n rows of uids, `stride` apart; every pointer has at least n_uids entries.
    Py_ssize_t n_rows
    Py_ssize_t n_uids
    const double* weight         # (n_rows, n_uids) normalised, zero where masked
    const double* consensus      # (n_uids)
    const double* ceiling        # (n_uids) the consensus, or infinity where nothing is clipped
    const double* incentive      # (n_uids)
    const long long* validator_uid  # (n_rows) -1 where a row stands for nobody
    const double* row_stake      # (n_rows) active stake share of the row's uid
    const double* fresh_total    # (n_uids) column sums of what this epoch bonds with
    const unsigned char* kept    # (n_rows) whether the uid keeps its bonds after this epoch
    const double* bond           # (n_rows, n_uids) in [0, 1]
    const double* column_kept    # (n_uids) 0 where the target registered after the last tempo, else 1
    double* bond_out             # (n_rows, n_uids), may be `bond`
    double* row_dividend         # (n_rows) not yet normalised
    double* scratch              # (4, n_uids)
    bint quantise


cdef void yuma2(const Rows* rows, double penalty, double alpha) noexcept nogil
cdef void yuma3(const Rows* rows, double penalty, double alpha) noexcept nogil
cdef void yuma3_liquid(
    const Rows* rows, double penalty, double low, double high, double steepness, const unsigned char* alive
) noexcept nogil
