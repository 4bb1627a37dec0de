import numpy as np
from numpy.typing import NDArray

def normals_of_bits(
    bits: NDArray[np.uint64],
    layer: NDArray[np.float64],
    outside: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None: ...
def uniform_rows(
    key: NDArray[np.uint64],
    counter: NDArray[np.int64],
    bits: NDArray[np.uint64],
    out: NDArray[np.float64],
) -> None: ...
def normal_rows(
    key: NDArray[np.uint64],
    counter: NDArray[np.int64],
    layer: NDArray[np.float64],
    bits: NDArray[np.uint64],
    outside: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None: ...
