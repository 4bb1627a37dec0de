import numpy as np
from numpy.typing import NDArray

def cobb_douglas_weight(
    log_worth: NDArray[np.float64],
    present: NDArray[np.uint8],
    exponent: NDArray[np.float64],
    sigma: NDArray[np.float64],
    key: NDArray[np.uint64],
    layer: NDArray[np.float64],
    whole: NDArray[np.int64],
    packed: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> None: ...
def proportional_weight(
    score: NDArray[np.float64], decisiveness: NDArray[np.float64], weight: NDArray[np.float64]
) -> None: ...
