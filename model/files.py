"""Reading a file whose name came from outside: of limited size, and nothing but a file."""

import stat
from pathlib import Path


def read_file(path: Path, what: str, largest: int) -> bytes:
    """Content of the file at `path`, links followed.

    Parameters
    ----------
    what : str
        As the sentence should call it: "scenario file mine.toml".
    largest : int
        Most bytes that are read.

    Raises
    ------
    ValueError
        If it can't be read, is a pipe or a device, which may never end, or is larger.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ValueError(f"{what} must be a file, is a pipe or a device")
        with path.open("rb") as file:
            data = file.read(largest + 1)
            size = max(len(data), path.stat().st_size)
    except OSError as error:
        raise ValueError(f"{what} cannot be read: {error.strerror}") from error
    if len(data) > largest:
        raise ValueError(f"{what} must be <= {largest} bytes, has {size}")
    return data
