import numpy as np
from numpy.typing import NDArray

def first_outside(value: NDArray[np.float64], low: float, high: float) -> int: ...
