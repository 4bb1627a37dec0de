# What the parts of the epoch kernel hand to each other: one subnet, n_rows rows of validators by n_uids uids.

cdef struct Mask:
    # What the chain knows of the uids; a step of 0 means that one value holds for all of them.
    const unsigned char* permit
    Py_ssize_t permit_step
    const unsigned char* active
    Py_ssize_t active_step
    const long long* registered_block
    Py_ssize_t registered_step
    const long long* newest_target_block
    Py_ssize_t newest_step
    long long last_tempo_block
    Py_ssize_t owner_uid

cdef struct Subnet:
    Py_ssize_t n_rows
    Py_ssize_t n_uids
    Py_ssize_t stride             # from one row of `target` to the next: at least n_uids
    const double* weight          # (n_rows, n_uids)
    const unsigned char* present  # (n_rows, n_uids) or NULL: where the weight is positive
    const double* stake           # (n_uids)
    const double* bond            # (n_rows, n_uids) in [0, 1]
    const long long* validator_uid  # (n_rows), -1 where a row stands for nobody
    Mask mask
    # parameters
    double kappa
    double penalty
    double alpha                  # weight of the new bond
    double alpha_low
    double alpha_high
    double steepness
    double stake_threshold
    Py_ssize_t max_validators
    bint yuma3
    bint liquid_alpha
    bint count_heads              # every voter has one vote instead of its stake
    bint clip                     # consensus is the weighted quantile and clips, not the weighted mean
    bint bonded                   # dividends follow bonds, not active stake
    bint quantise                 # bonds are stored as u16
    # results, (n_uids) but for the last
    double* stake_share
    double* active_share
    double* consensus
    double* trust
    double* incentive
    double* dividend
    double* server_share
    double* validator_share
    double* emission_share
    unsigned char* permit
    double* bond_out              # (n_rows, n_uids), may be `bond`
    # work
    double* target                # (n_rows, stride) normalised weights, after clipping what a row bonds with
    double* row                   # (stride) one row at a time
    double* row_stake             # (n_rows) active share of the row's uid
    double* vote                  # (n_rows + 8)
    const double** voter          # (n_rows + 8) where in `target` the rows that vote begin
    double* tile                  # (n_rows + 8, TILE)
    double* fresh_total           # (n_uids) column sums of what is bonded with
    double* scratch               # (4, n_uids)
    unsigned char* alive          # (n_rows, n_uids) entries that the chain's sparse rows hold


cdef inline bint permitted(const Subnet* subnet, Py_ssize_t uid) noexcept nogil:
    return uid >= 0 and (subnet.mask.permit[uid * subnet.mask.permit_step] or uid == subnet.mask.owner_uid)


cdef inline bint registered_after(const Subnet* subnet, Py_ssize_t uid, long long block) noexcept nogil:
    return subnet.mask.registered_block[uid * subnet.mask.registered_step] > block
