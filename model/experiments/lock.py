"""One process at a time writes to a folder; the lock goes with the process that holds it."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

# Somebody who asks for the status holds the lock for an instant.
PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 0.02


class Lock:
    """The lock in the file at `path`.

    Raises
    ------
    BlockingIOError
        If another process holds it.
    OSError
        If the file can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(self._file)
                    raise
                time.sleep(PAUSE_SECONDS)
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let others have it; once is enough."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def holder(path: Path) -> int:
    """Process that holds the lock at `path`; 0 if it is free."""
    with suppress(FileNotFoundError):
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            written = os.read(file, 32).split()
            return int(written[0]) if written and written[0].isdigit() else -1
        finally:
            os.close(file)
    return 0
