import numpy as np
from numpy.typing import NDArray

def work_size(n_rows: int, n_uids: int) -> tuple[int, int, int]: ...
def epoch(
    weight: NDArray[np.float64],
    present: NDArray[np.uint8],
    stake: NDArray[np.float64],
    bond: NDArray[np.float64],
    validator_uid: NDArray[np.int64],
    parameter: NDArray[np.float64],
    permit: NDArray[np.uint8],
    active: NDArray[np.uint8],
    registered_block: NDArray[np.int64],
    newest_target_block: NDArray[np.int64],
    last_tempo_block: NDArray[np.int64],
    owner_uid: NDArray[np.int64],
    vector: NDArray[np.float64],
    permit_out: NDArray[np.uint8],
    bond_out: NDArray[np.float64],
    number: NDArray[np.float64],
    pointer: NDArray[np.intp],
    byte: NDArray[np.uint8],
) -> None: ...
